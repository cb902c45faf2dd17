//! The passes over all rows that a step of the solver makes.

use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, run};

use super::CURVATURE_MIN;

/// Bundles of which only the most is kept at first; where it stands is looked up in the best piece alone.
const PIECE: usize = 16;

/// Something to be made the most of, for eight rows at a time; slices are whole bundles.
pub(super) trait Measure: Copy {
    /// How many rows there are.
    fn len(self) -> usize;
    /// The measure of a bundle of rows.
    fn at<L: Lanes>(self, bundle: usize) -> L;
}

/// How steeply weights ascend that may grow.
#[derive(Clone, Copy)]
pub(super) struct Ascent<'a> {
    pub(super) gradient: &'a [f64],
    pub(super) full: &'a [f64],
}

/// The gradient of weights that may shrink.
#[derive(Clone, Copy)]
pub(super) struct Descent<'a> {
    pub(super) gradient: &'a [f64],
    pub(super) empty: &'a [f64],
}

/// What is gained if a weight shrinks while the owner of `column`, whose gradient is `lowest`, grows as much.
#[derive(Clone, Copy)]
pub(super) struct Gain<'a> {
    pub(super) gradient: &'a [f64],
    pub(super) empty: &'a [f64],
    pub(super) column: &'a [f64],
    pub(super) lowest: f64,
}

/// The first row with the most of a measure, and how much; `None` if nothing is above minus infinity.
pub(super) fn most<M: Measure>(measure: M) -> Option<(usize, f64)> {
    run(Search(measure))
}

/// Adds two columns, each times its factor, to the gradient.
pub(super) fn add_columns(gradient: &mut Lines, first: (&Lines, f64), second: (&Lines, f64)) {
    run(AddColumns { gradient: gradient.rows_mut(), first, second });
}

#[inline(always)]
fn load<L: Lanes>(numbers: &[f64], bundle: usize) -> L {
    L::load(&Lines::rows_of(numbers)[bundle])
}

impl Measure for Ascent<'_> {
    #[inline(always)]
    fn len(self) -> usize {
        self.gradient.len()
    }

    #[inline(always)]
    fn at<L: Lanes>(self, bundle: usize) -> L {
        let gradient: L = load(self.gradient, bundle);
        L::splat(0.0).sub(gradient.add(load(self.full, bundle)))
    }
}

impl Measure for Descent<'_> {
    #[inline(always)]
    fn len(self) -> usize {
        self.gradient.len()
    }

    #[inline(always)]
    fn at<L: Lanes>(self, bundle: usize) -> L {
        let gradient: L = load(self.gradient, bundle);
        gradient.add(load(self.empty, bundle))
    }
}

impl Measure for Gain<'_> {
    #[inline(always)]
    fn len(self) -> usize {
        self.gradient.len()
    }

    #[inline(always)]
    fn at<L: Lanes>(self, bundle: usize) -> L {
        let two = L::splat(2.0);
        let gradient: L = load(self.gradient, bundle);
        let gradient = gradient.add(load(self.empty, bundle));
        let apart = gradient.sub(L::splat(self.lowest)).max(L::splat(0.0));
        let column: L = load(self.column, bundle);
        let curvature = column.mul_sub_from(two, two).max(L::splat(CURVATURE_MIN));
        apart.mul(apart).div(curvature)
    }
}

struct Search<M>(M);

impl<M: Measure> Kernel for Search<M> {
    type Output = Option<(usize, f64)>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Self::Output {
        let bundles = self.0.len() / WIDTH;
        let (mut most, mut begin) = (f64::NEG_INFINITY, 0);
        for piece in (0..bundles).step_by(PIECE) {
            let mut lanes = L::splat(f64::NEG_INFINITY);
            for bundle in piece..bundles.min(piece + PIECE) {
                lanes = lanes.max(self.0.at(bundle));
            }
            let seen = stored(lanes).into_iter().fold(f64::NEG_INFINITY, f64::max);
            if seen > most {
                (most, begin) = (seen, piece);
            }
        }
        for bundle in begin..bundles.min(begin + PIECE) {
            let lane = stored(self.0.at::<L>(bundle)).iter().position(|value| *value == most);
            if let Some(lane) = lane.filter(|_| most > f64::NEG_INFINITY) {
                return Some((bundle * WIDTH + lane, most));
            }
        }
        None
    }
}

#[inline(always)]
fn stored<L: Lanes>(lanes: L) -> [f64; WIDTH] {
    let mut numbers = [0.0; WIDTH];
    lanes.store(&mut numbers);
    numbers
}

struct AddColumns<'a> {
    gradient: &'a mut [[f64; WIDTH]],
    first: (&'a Lines, f64),
    second: (&'a Lines, f64),
}

impl Kernel for AddColumns<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let factors = (L::splat(self.first.1), L::splat(self.second.1));
        let columns = self.first.0.rows().iter().zip(self.second.0.rows());
        for (gradient, (first, second)) in self.gradient.iter_mut().zip(columns) {
            let sum = L::load(first).mul_add(factors.0, L::load(gradient));
            L::load(second).mul_add(factors.1, sum).store(gradient);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_is_found_wherever_it_is() {
        let empty = Lines::zeros(8 * 40);
        for place in [0, 7, 8, 127, 128, 300, 319] {
            let mut gradient = Lines::zeros(8 * 40);
            gradient[place] = 2.0;
            gradient[319] = 2.0;
            let descent = Descent { gradient: &gradient, empty: &empty };
            assert_eq!(most(descent), Some((place, 2.0)));
        }
    }

    #[test]
    fn weights_that_may_not_move_are_not_found() {
        let gradient = Lines::from([3.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0].as_slice());
        let mut full = Lines::from([f64::INFINITY; 8].as_slice());
        assert_eq!(most(Ascent { gradient: &gradient, full: &full }), None);
        full[1] = 0.0;
        assert_eq!(most(Ascent { gradient: &gradient, full: &full }), Some((1, -2.0)));
    }

    #[test]
    fn the_gain_weighs_the_slope_by_the_curvature() {
        let gradient = Lines::from([0.0, 2.0, 3.0, 9.0, 0.0, 0.0, 0.0, 0.0].as_slice());
        let mut empty = Lines::zeros(8);
        empty[3] = f64::NEG_INFINITY;
        // 2^2 / (2 - 2 * 0.9) = 20 and 3^2 / (2 - 2 * 0.5) = 9.
        let column = Lines::from([1.0, 0.9, 0.5, 0.9, 0.0, 0.0, 0.0, 0.0].as_slice());
        let gain = Gain { gradient: &gradient, empty: &empty, column: &column, lowest: 0.0 };
        let (index, value) = most(gain).unwrap();
        assert!(index == 1 && (value - 20.0).abs() < 1e-9);
    }
}
