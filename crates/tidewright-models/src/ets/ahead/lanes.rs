//! The squared errors of one to so many steps, of eight sets of gains in one run over the values.
//!
//! Steps count alike however far they are: their mean squared errors are multiplied (the GTMSE of Svetunkov et al. 2023), or
//! the furthest, whose errors are the largest, would decide alone.

use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use crate::ets::kind::Season;
use crate::ets::state::{Gains, State};
use crate::origins::Origins;

/// What a mean squared error counts as at least, the largest value being about 1: below is round-off.
const PERFECT: f64 = 1e-24;

/// Eight sets of gains, number by number.
pub(super) struct Candidates {
    gains: [[f64; WIDTH]; 4],
    /// How many slopes the level has moved by at each step that is judged.
    reach: Vec<[f64; WIDTH]>,
}

impl Candidates {
    pub(super) fn new(gains: [Gains; WIDTH], origins: &Origins<'_>) -> Self {
        let mut power = [1.0; WIDTH];
        let mut sum = [0.0; WIDTH];
        let mut reach = Vec::new();
        for step in 1..=origins.ahead() {
            for lane in 0..WIDTH {
                power[lane] *= gains[lane].damping;
                sum[lane] += power[lane];
            }
            if step.is_multiple_of(origins.pace()) {
                reach.push(sum);
            }
        }
        let gains = [
            gains.map(|gains| gains.level),
            gains.map(|gains| gains.slope),
            gains.map(|gains| gains.season),
            gains.map(|gains| gains.damping),
        ];
        Self { gains, reach }
    }

    /// The geometric mean over the steps ahead of each one's mean squared error.
    pub(super) fn losses(
        &self,
        origins: &Origins<'_>,
        start: &State,
        season: Season,
    ) -> [f64; WIDTH] {
        let candidates = self;
        let sums = match season {
            Season::Multiplicative => run(Judge::<true> { origins, candidates, start }),
            _ => run(Judge::<false> { origins, candidates, start }),
        };
        let mut logarithms = [0.0; WIDTH];
        let mut steps = 0.0;
        for (squares, count) in sums.into_iter().filter(|(_, count)| *count > 0.0) {
            for (logarithm, square) in logarithms.iter_mut().zip(squares) {
                // A perfect forecast is told from a nearly perfect one by its parameters alone.
                *logarithm += (square / count).max(PERFECT).ln();
            }
            steps += 1.0;
        }
        logarithms.map(|logarithm| logarithm / steps)
    }
}

struct Judge<'a, const SCALED: bool> {
    origins: &'a Origins<'a>,
    candidates: &'a Candidates,
    start: &'a State,
}

impl<const SCALED: bool> Kernel for Judge<'_, SCALED> {
    type Output = Vec<([f64; WIDTH], f64)>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Self::Output {
        let values = self.origins.values();
        let [alpha, beta, gamma, phi] = &self.candidates.gains;
        let (alpha, beta, gamma, phi) =
            (L::load(alpha), L::load(beta), L::load(gamma), L::load(phi));
        let mut seasons = spread(&self.start.seasons);
        let mut level = L::splat(self.start.level);
        let mut slope = L::splat(self.start.slope);
        let mut sums = vec![([0.0; WIDTH], 0.0); self.candidates.reach.len()];
        let (mut phase, mut next) = (0, self.origins.first());
        for (at, &value) in values.iter().enumerate() {
            if at == next {
                next += self.origins.stride();
                let misses = (level, slope, phase);
                self.look_ahead::<L>(at, misses, &seasons, &mut sums);
            }
            let bend = phi.mul(slope);
            let carried = level.add(bend);
            let index = L::load(&seasons[phase]);
            let expected = if SCALED { carried.mul(index) } else { carried.add(index) };
            (level, slope) = (carried, bend);
            if !value.is_nan() {
                let miss = L::splat(value).sub(expected);
                let of_level = if SCALED { miss.div(index) } else { miss };
                let of_season = if SCALED { miss.div(carried) } else { miss };
                level = alpha.mul_add(of_level, level);
                slope = beta.mul_add(of_level, slope);
                gamma.mul_add(of_season, index).store(&mut seasons[phase]);
            }
            phase = if phase + 1 == seasons.len() { 0 } else { phase + 1 };
        }
        sums
    }
}

impl<const SCALED: bool> Judge<'_, SCALED> {
    /// Adds the squared errors from one origin to those of each step, and counts them.
    #[inline(always)]
    fn look_ahead<L: Lanes>(
        &self,
        at: usize,
        (level, slope, mut phase): (L, L, usize),
        seasons: &[[f64; WIDTH]],
        sums: &mut [([f64; WIDTH], f64)],
    ) {
        let turn = self.origins.pace() % seasons.len();
        phase = (phase + self.origins.pace() - 1) % seasons.len();
        let steps = self.candidates.reach.iter().zip(sums);
        for (value, (reach, (squares, count))) in self.origins.judged(at).zip(steps) {
            let line = L::load(reach).mul_add(slope, level);
            let index = L::load(&seasons[phase]);
            let expected = if SCALED { line.mul(index) } else { line.add(index) };
            if !value.is_nan() {
                let miss = L::splat(*value).sub(expected);
                miss.mul_add(miss, L::load(squares)).store(squares);
                *count += 1.0;
            }
            phase += turn;
            if phase >= seasons.len() {
                phase -= seasons.len();
            }
        }
    }
}

/// Each index eight times.
#[inline(always)]
fn spread(indices: &[f64]) -> Vec<[f64; WIDTH]> {
    indices.iter().map(|index| [*index; WIDTH]).collect()
}
