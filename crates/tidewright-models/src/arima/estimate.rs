//! The most likely parameters of a model with given orders.
//!
//! First the conditional sum of squares, then the exact likelihood from where that ends, then, where values are missing,
//! the exact likelihood of those that are not. All three are sums of squares once each innovation is scaled by the mean
//! variance of them all (Ansley 1979), so one optimiser serves them. The variance follows from the sum (it is
//! concentrated out). It knows nothing of how orders are chosen.

use std::f64::consts::TAU;

use tidewright_numerics::simd::WIDTH;

use super::conditional::Conditional;
use super::filter::{Filter, Miss};
use super::ground::Ground;
use super::innovations::Innovations;
use super::optimum::{Misses, Reached, Until, best_of, descend};
use super::orders::Orders;
use super::polynomials::{Coefficients, Polynomials};

/// The conditional search only finds a start.
const CONDITIONAL: Until = Until { steps: 12, gain: 1e-4 };
/// Ends within about 1e-6 of the optimum's log likelihood.
const EXACT: Until = Until { steps: 60, gain: 1e-9 };
/// To tell valleys apart their bottoms need not be known exactly.
const VALLEY: Until = Until { steps: 12, gain: 1e-5 };
/// With gaps the work of a step grows with the square of the state: long ones, which start near the end, stop there.
const GAPPY_LONG: Until = Until { steps: 8, gain: 1e-6 };
/// Orders that were searched for have tens of rivals as good: one step from bridged gaps to none is enough.
const GAPPY_SEARCHED: Until = Until { steps: 1, gain: 1e-6 };
/// States up to this length are searched to the end with gaps too.
const SHORT_STATE: usize = 14;
/// The conditional search needs this many times the values that it skips.
const SKIPS_PER_VALUES: usize = 3;
/// Columns of the filter's factor below this share of an innovation's variance are dropped.
const PRUNED: f64 = 1e-15;
/// Steps between two looks for such columns.
const STEPS_PER_PRUNING: usize = 8;

/// First guesses of AR, MA, seasonal AR and seasonal MA, as free numbers: what differenced series are often like.
const GUESSES: [[f64; 4]; WIDTH] = [
    [0.0, 0.0, 0.0, 0.0],
    [1.0, 0.0, 0.5, 0.0],
    [0.0, 0.8, 0.0, 1.0],
    [0.0, -0.8, 0.0, 1.0],
    [1.0, 0.8, 0.0, 1.0],
    [-0.8, -0.4, 0.5, 0.2],
    [1.0, -0.4, 0.2, 1.0],
    [2.5, 0.5, 2.0, 1.0],
];

/// How well the optimum must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// To compare orders.
    Rough,
    /// To forecast with.
    Exact,
}

/// Parameters of a model and how likely they make a series.
#[derive(Clone, Debug)]
pub(super) struct Estimate {
    pub(super) orders: Orders,
    pub(super) free: Vec<f64>,
    /// The scaled sum of squares, in units of the ground.
    pub(super) squares: f64,
    /// How many innovations it sums.
    pub(super) count: f64,
}

/// Rooms for the misses of one series, used again from model to model.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    conditional: Conditional,
    innovations: Innovations,
}

impl Estimate {
    /// The most likely parameters, found from a guess if there is one.
    pub(super) fn new(
        rooms: &mut Rooms,
        ground: &Ground,
        orders: &Orders,
        guess: Option<&[f64]>,
        care: Care,
    ) -> Self {
        let mut starts = starts(ground, orders);
        starts.splice(0..0, guess.map(<[f64]>::to_vec));
        let near = conditional(rooms, ground, orders, &starts);
        let was_near = near.is_some();
        starts.splice(0..0, near.map(|near| near.free));
        starts.truncate(WIDTH);
        let mut exact = ExactMisses { room: &mut rooms.innovations, ground, orders };
        let reached = match (care, guess) {
            // Where the conditional search ended is near enough to compare orders, and what it chooses forecasts better.
            (Care::Rough, _) if was_near => best_of(&mut exact, &starts[..2]),
            // A guess that was found on the way is in the right valley.
            (Care::Exact, None) => climb_down_all(&mut exact, &starts),
            (Care::Rough, _) => descend_from_best(&mut exact, &starts, VALLEY),
            (Care::Exact, Some(_)) => descend_from_best(&mut exact, &starts, EXACT),
        };
        if ground.has_gaps && care == Care::Exact {
            let mut gappy = GappyMisses::new(ground, orders);
            let until = match (guess, orders.state() > SHORT_STATE) {
                (None, true) => GAPPY_LONG,
                (None, false) => EXACT,
                (Some(_), _) => GAPPY_SEARCHED,
            };
            let reached = descend_from_best(&mut gappy, &[reached.free], until);
            let count = gappy.count;
            return Self::of(orders, reached, count);
        }
        Self::of(orders, reached, ground.changes.len() as f64)
    }

    fn of(orders: &Orders, reached: Reached, count: f64) -> Self {
        let Reached { free, squares } = reached;
        Self { orders: *orders, free, squares, count }
    }

    pub(super) fn coefficients(&self) -> Coefficients {
        Coefficients::from_free(&self.orders, &self.free)
    }

    /// The logarithm of the likelihood of the values in their own unit.
    pub(super) fn log_likelihood(&self, unit: f64) -> f64 {
        let n = self.count;
        -0.5 * n * ((TAU * self.squares / n).ln() + 1.0) - n * unit.ln()
    }

    /// Akaike's criterion, corrected for few values (Hurvich and Tsai 1989); infinite if there are too few.
    pub(super) fn aicc(&self, unit: f64) -> f64 {
        let k = (self.orders.parameters() + 1) as f64;
        let rest = self.count - k - 1.0;
        if rest <= 0.0 {
            return f64::INFINITY;
        }
        -2.0 * self.log_likelihood(unit) + 2.0 * k + 2.0 * k * (k + 1.0) / rest
    }
}

fn descend_from_best(misses: &mut dyn Misses, starts: &[Vec<f64>], until: Until) -> Reached {
    let from = best_of(misses, starts);
    descend(misses, from, until)
}

/// Goes down from several starts, for there are several valleys, and to the bottom of the deepest.
fn climb_down_all(misses: &mut dyn Misses, starts: &[Vec<f64>]) -> Reached {
    let bottoms: Vec<Vec<f64>> = starts
        .iter()
        .map(|start| descend_from_best(misses, std::slice::from_ref(start), VALLEY).free)
        .collect();
    descend_from_best(misses, &bottoms, EXACT)
}

/// Goes downhill on the conditional sum of squares, where there are values enough for one.
fn conditional(
    rooms: &mut Rooms,
    ground: &Ground,
    orders: &Orders,
    starts: &[Vec<f64>],
) -> Option<Reached> {
    if ground.changes.len() < SKIPS_PER_VALUES * orders.state() {
        return None;
    }
    let mut misses = ConditionalMisses { room: &mut rooms.conditional, ground, orders };
    Some(descend_from_best(&mut misses, &starts[..starts.len().min(WIDTH)], CONDITIONAL))
}

fn starts(ground: &Ground, orders: &Orders) -> Vec<Vec<f64>> {
    let (plain, seasonal) = (orders.plain(), orders.at_seasons());
    let counts = [plain.ar, plain.ma, seasonal.ar, seasonal.ma];
    let from = |guess: &[f64; 4]| {
        let mut free = Vec::with_capacity(orders.parameters());
        for (count, first) in counts.iter().zip(guess) {
            free.extend((0..*count).map(|k| if k == 0 { *first } else { 0.0 }));
        }
        free.extend(orders.has_constant().then(|| ground.drift()));
        free
    };
    GUESSES.iter().map(from).collect()
}

fn models(orders: &Orders, points: &[Vec<f64>]) -> Vec<Coefficients> {
    points.iter().map(|point| Coefficients::from_free(orders, point)).collect()
}

/// Only the constant is unbounded.
fn is_bounded(orders: &Orders, index: usize) -> bool {
    !orders.has_constant() || index + 1 < orders.parameters()
}

struct ConditionalMisses<'a> {
    room: &'a mut Conditional,
    ground: &'a Ground,
    orders: &'a Orders,
}

impl Misses for ConditionalMisses<'_> {
    fn compute(&mut self, points: &[Vec<f64>]) {
        self.room.compute(&self.ground.changes, self.orders, &models(self.orders, points));
    }

    fn rows(&self) -> &[[f64; WIDTH]] {
        // The first steps know too little.
        &self.room.rows()[self.orders.state()..]
    }

    fn scales(&self) -> [f64; WIDTH] {
        [1.0; WIDTH]
    }

    fn is_bounded(&self, index: usize) -> bool {
        is_bounded(self.orders, index)
    }
}

struct ExactMisses<'a> {
    room: &'a mut Innovations,
    ground: &'a Ground,
    orders: &'a Orders,
}

impl Misses for ExactMisses<'_> {
    fn compute(&mut self, points: &[Vec<f64>]) {
        self.room.compute(&self.ground.changes, self.orders, &models(self.orders, points));
    }

    fn rows(&self) -> &[[f64; WIDTH]] {
        self.room.rows.rows()
    }

    fn scales(&self) -> [f64; WIDTH] {
        let half = 0.5 / self.ground.changes.len() as f64;
        self.room.log_variances.map(|logs| (half * logs).exp())
    }

    fn is_bounded(&self, index: usize) -> bool {
        is_bounded(self.orders, index)
    }
}

/// The misses of the values that are there, one model after the other.
struct GappyMisses<'a> {
    ground: &'a Ground,
    orders: &'a Orders,
    rows: Vec<[f64; WIDTH]>,
    scales: [f64; WIDTH],
    count: f64,
}

impl<'a> GappyMisses<'a> {
    fn new(ground: &'a Ground, orders: &'a Orders) -> Self {
        let rows = vec![[0.0; WIDTH]; ground.changes.len()];
        Self { ground, orders, rows, scales: [1.0; WIDTH], count: 0.0 }
    }
}

impl Misses for GappyMisses<'_> {
    fn compute(&mut self, points: &[Vec<f64>]) {
        for (lane, model) in models(self.orders, points).iter().enumerate() {
            let Some(run) = Run::new(self.ground, self.orders, model) else {
                self.scales[lane] = f64::NAN;
                continue;
            };
            self.rows.iter_mut().zip(&run.misses).for_each(|(row, miss)| row[lane] = *miss);
            self.scales[lane] = (0.5 * run.log_variances / run.count).exp();
            self.count = run.count;
        }
    }

    fn rows(&self) -> &[[f64; WIDTH]] {
        &self.rows
    }

    fn scales(&self) -> [f64; WIDTH] {
        self.scales
    }

    fn is_bounded(&self, index: usize) -> bool {
        is_bounded(self.orders, index)
    }
}

/// The logarithm of the likelihood of values at these parameters, the constant and the variance in the values' unit.
pub(super) fn likelihood_at(
    values: &[f64],
    orders: &Orders,
    model: &Coefficients,
    variance: f64,
) -> f64 {
    let ground = Ground::new(values, orders);
    let unit = if ground.unit > 0.0 { ground.unit } else { 1.0 };
    let from = if orders.lost() == 0 { ground.offset } else { 0.0 };
    let scaled = Coefficients { constant: (model.constant - from) / unit, ..model.clone() };
    let (squares, log_variances, count) = if ground.has_gaps {
        let Some(run) = Run::new(&ground, orders, &scaled) else { return f64::NEG_INFINITY };
        (run.misses.iter().map(|miss| miss * miss).sum::<f64>(), run.log_variances, run.count)
    } else {
        let mut exact = Innovations::default();
        exact.compute(&ground.changes, orders, &[scaled]);
        let squares = exact.rows.rows().iter().map(|row| row[0] * row[0]).sum();
        (squares, exact.log_variances[0], ground.changes.len() as f64)
    };
    let squares = squares * unit * unit;
    -0.5 * (count * (TAU * variance).ln() + log_variances + squares / variance)
}

/// A model's way through all values, gaps and all.
pub(super) struct Run {
    /// Standardised innovations, 0 for a gap or where nothing could be expected.
    pub(super) misses: Vec<f64>,
    pub(super) log_variances: f64,
    pub(super) count: f64,
    pub(super) filter: Filter,
}

impl Run {
    /// Goes all the way; `None` if the model is not stationary.
    pub(super) fn new(ground: &Ground, orders: &Orders, model: &Coefficients) -> Option<Self> {
        let lost = orders.lost();
        let slope = slope(orders, model);
        let line = |t: usize| constant_at(orders, model, slope, t as f64);
        let known = |values: &[f64]| -> Vec<f64> {
            values[..lost].iter().enumerate().map(|(t, y)| y - line(t)).collect()
        };
        let polynomials = Polynomials::new(model, orders.season());
        let (first, guess) = (known(&ground.levels), known(&ground.bridged));
        let mut filter = Filter::new(&polynomials, orders, &first, &guess)?;
        let mut misses = Vec::with_capacity(ground.changes.len());
        let (mut log_variances, mut count) = (0.0, 0.0);
        for (t, level) in ground.levels.iter().enumerate().skip(lost) {
            let value = (!level.is_nan()).then(|| level - line(t));
            let miss = filter.step(value).filter(Miss::is_informative);
            if let Some(miss) = miss {
                log_variances += miss.variance.ln();
                count += 1.0;
            }
            misses.push(miss.map_or(0.0, |miss| miss.value / miss.variance.sqrt()));
            if t % STEPS_PER_PRUNING == 0 {
                filter.prune(PRUNED);
            }
        }
        Some(Self { misses, log_variances, count, filter })
    }
}

/// What the constant adds from step to step.
pub(super) fn slope(orders: &Orders, model: &Coefficients) -> f64 {
    let every = if orders.at_seasons().differences > 0 { orders.season() } else { 1 };
    if orders.lost() > 0 { model.constant / every as f64 } else { 0.0 }
}

/// What the constant makes of step `t`: a mean, or a line.
pub(super) fn constant_at(orders: &Orders, model: &Coefficients, slope: f64, t: f64) -> f64 {
    if orders.lost() == 0 { model.constant } else { slope * t }
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;
    use crate::arima::orders::Order;

    #[test]
    fn the_fast_way_and_the_way_through_gaps_agree() {
        let mut random = Random::new(2);
        let mut level = 0.0;
        let values: Vec<f64> = (0..200)
            .map(|_| {
                level += random.normal();
                level
            })
            .collect();
        let orders = Orders::seasonal(Order::new(2, 0, 1), Order::new(1, 1, 1), 12).unwrap();
        let orders = orders.with_constant();
        let ground = Ground::new(&values, &orders);
        let model = Coefficients::from_free(&orders, &[0.9, -0.3, 0.4, 0.5, 0.7, 0.1]);
        let run = Run::new(&ground, &orders, &model).unwrap();
        let mut exact = Innovations::default();
        exact.compute(&ground.changes, &orders, &[model]);
        assert!((run.log_variances / exact.log_variances[0] - 1.0).abs() < 1e-9);
        for (miss, row) in run.misses.iter().zip(exact.rows.rows()) {
            assert!((miss - row[0]).abs() < 1e-9);
        }
    }
}
