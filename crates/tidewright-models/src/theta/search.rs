//! The best `alpha`, first level and `theta` of each model: a grid over `alpha`, refined around its best.
//!
//! Given `alpha` the squared error is a quadratic in the first level and in `k = 1 - 1/theta`, so its least value is a
//! formula; the product of several steps' errors (as in [`crate::ets`]) takes it a few times. What is left is one
//! dimension, of which eight values cost one run.

use tidewright_numerics::simd::WIDTH;

use super::Variant;
use super::pass::{Line, Products, products};
use crate::origins::Origins;

/// The bounds of `alpha` in the paper's code and in statsforecast; who looks further ahead may forget more slowly.
const ALPHA_MIN: f64 = 0.1;
const ALPHA_MIN_AHEAD: f64 = 0.01;
const ALPHA_MAX: f64 = 0.99;
/// Runs for the first grid, and refinements of it, to a ten-thousandth in the end; who looks further ahead sees no such
/// small differences.
const GRID_RUNS: usize = 2;
const REFINEMENTS: usize = 4;
const REFINEMENTS_AHEAD: usize = 2;
/// How much finer each refinement is: four places on each side reach to just before where it was looked last.
const REFINED: f64 = 4.5;
/// `1 - 1/theta` for the largest `theta` of statsforecast, which is the line without a level.
const SHARE_MAX: f64 = 1.0 - 1e-10;
/// The least square that the first level must still have in errors that are judged from far behind it on: once it has faded from
/// them, whatever number it is given fits them alike, and the wildest fits best.
const LEVEL_SEEN_MIN: f64 = 0.01;
/// Rounds of least squares that find the least product; more change the third digit at most.
const REWEIGHTINGS: usize = 2;
/// What the squares of a step count as at least, the largest value being about 1: below is round-off.
const PERFECT: f64 = 1e-24;
/// `1 - 1/2`.
const STANDARD_SHARE: f64 = 0.5;

/// The best of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) variant: Variant,
    pub(super) alpha: f64,
    /// `1 - 1/theta`.
    pub(super) share: f64,
    pub(super) first_level: f64,
    /// The line through all values; dynamic models start with the first value.
    pub(super) line: Line,
    /// The sum of squared errors one step ahead, or the geometric mean of such sums over the steps that are judged.
    pub(super) squares: f64,
}

/// The squared errors of one step ahead as a function of the first level and of `1 - 1/theta`, for one `alpha`.
#[derive(Clone, Copy, Debug, Default)]
struct Square {
    qq: f64,
    qd: f64,
    dd: f64,
    qz: f64,
    dz: f64,
    zz: f64,
}

/// The model of the least squared error to come; of equals the first.
pub(super) fn best(origins: &Origins<'_>, variants: &[Variant]) -> Found {
    let values = origins.values();
    let fixed = line_through(values);
    let priced = |found: &Found| found.squares * price(found.variant, origins);
    let mut best: Option<Found> = None;
    for dynamic in [false, true] {
        let of_sort = variants.iter().copied().filter(|variant| variant.is_dynamic() == dynamic);
        let lines = if dynamic { lines_so_far(values) } else { vec![fixed; values.len()] };
        let search = Search::over(origins, lines, fixed);
        for variant in of_sort {
            let found = search.best(variant);
            best = best.filter(|best| priced(best) <= priced(&found)).or(Some(found));
        }
    }
    best.expect("a model is searched for")
}

/// By how much Akaike's final prediction error (1969) exceeds the error within the past, if one looks ahead: a free `theta`
/// and the two numbers of a line that has seen all values are learned from errors that last as long as one looks.
pub(super) fn price(variant: Variant, origins: &Origins<'_>) -> f64 {
    if origins.ahead() == 1 {
        return 1.0;
    }
    let theta = if variant.is_optimised() { 1 } else { 0 };
    let line = if variant.is_dynamic() { 0 } else { 2 };
    let (n, k) = (origins.values().len() as f64, ((theta + line) * origins.alike()) as f64);
    if k < n { (n + k) / (n - k) } else { f64::INFINITY }
}

struct Search<'a> {
    origins: &'a Origins<'a>,
    /// The line that is known before each value.
    lines: Vec<Line>,
    fixed: Line,
    least: f64,
    /// Between the values of `alpha` in the grid.
    width: f64,
    /// What `theta` two and free both begin with.
    grid: Vec<([f64; WIDTH], Vec<Products>)>,
}

impl<'a> Search<'a> {
    fn over(origins: &'a Origins<'a>, lines: Vec<Line>, fixed: Line) -> Self {
        let least = if origins.ahead() > 1 { ALPHA_MIN_AHEAD } else { ALPHA_MIN };
        let width = (ALPHA_MAX - least) / (GRID_RUNS * WIDTH - 1) as f64;
        let alpha = |place: usize| least + width * place as f64;
        let runs = (0..GRID_RUNS).map(|run| std::array::from_fn(|lane| alpha(run * WIDTH + lane)));
        let grid = runs.map(|alphas| (alphas, products(origins, &lines, &alphas))).collect();
        Self { origins, lines, fixed, least, width, grid }
    }

    fn best(&self, variant: Variant) -> Found {
        let looks = self.grid.iter().flat_map(|(alphas, steps)| self.look(variant, alphas, steps));
        let mut best = looks.reduce(lower).expect("a grid has lines");
        let looks_ahead = self.origins.ahead() > 1;
        let refinements = if looks_ahead { REFINEMENTS_AHEAD } else { REFINEMENTS };
        let mut width = self.width;
        for _ in 0..refinements {
            width /= REFINED;
            let places = [-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0];
            let alphas =
                places.map(|place: f64| (best.alpha + place * width).clamp(self.least, ALPHA_MAX));
            let steps = products(self.origins, &self.lines, &alphas);
            best = self.look(variant, &alphas, &steps).into_iter().fold(best, lower);
        }
        best
    }

    fn look(&self, variant: Variant, alphas: &[f64; WIDTH], steps: &[Products]) -> [Found; WIDTH] {
        std::array::from_fn(|lane| {
            let steps: Vec<Square> = steps.iter().map(|step| Square::of(step, lane)).collect();
            self.found(variant, alphas[lane], &steps)
        })
    }

    /// The least product of the steps' squares: least squares, in which a step weighs the less the more it missed before.
    fn found(&self, variant: Variant, alpha: f64, steps: &[Square]) -> Found {
        let mut found = self.weighted(variant, alpha, steps, |_| 1.0);
        if let [_] = steps {
            return found;
        }
        for _ in 0..REWEIGHTINGS {
            let last = found;
            found = self.weighted(variant, alpha, steps, |step| 1.0 / step.at(&last));
        }
        let logarithms: f64 = steps.iter().map(|step| step.at(&found).ln()).sum();
        Found { squares: (logarithms / steps.len() as f64).exp(), ..found }
    }

    /// The least sum of the steps' squares, weighted.
    fn weighted(
        &self,
        variant: Variant,
        alpha: f64,
        steps: &[Square],
        weight: impl Fn(&Square) -> f64,
    ) -> Found {
        let seen: f64 = steps.iter().map(|step| step.dd).sum();
        let is_seen = seen > if self.origins.ahead() > 1 { LEVEL_SEEN_MIN } else { 0.0 };
        let Square { qq, qd, dd, qz, dz, zz } =
            steps.iter().fold(Square::default(), |sum, step| sum.plus(step, weight(step)));
        let of_level = |with: f64| if is_seen { with / dd } else { 0.0 };
        // What is left of each product once the first level has explained its part.
        let zz_left = zz - dz * of_level(dz);
        let qz_left = qz - qd * of_level(dz);
        let free = if zz_left > f64::EPSILON * zz { qz_left / zz_left } else { 0.0 };
        let share =
            if variant.is_optimised() { free.clamp(0.0, SHARE_MAX) } else { STANDARD_SHARE };
        let left = qq - qd * of_level(qd);
        let squares = left - 2.0 * share * qz_left + share * share * zz_left;
        let first = self.origins.values()[0];
        let first_level = if is_seen { of_level(qd - share * dz) } else { first };
        Found { variant, alpha, share, first_level, line: self.fixed, squares: squares.max(0.0) }
    }
}

impl Square {
    fn of(products: &Products, lane: usize) -> Self {
        let Products { qq, qd, dd, qz, dz, zz } = products;
        Self { qq: qq[lane], qd: qd[lane], dd: dd[lane], qz: qz[lane], dz: dz[lane], zz: zz[lane] }
    }

    fn plus(self, other: &Self, weight: f64) -> Self {
        Self {
            qq: other.qq.mul_add(weight, self.qq),
            qd: other.qd.mul_add(weight, self.qd),
            dd: other.dd.mul_add(weight, self.dd),
            qz: other.qz.mul_add(weight, self.qz),
            dz: other.dz.mul_add(weight, self.dz),
            zz: other.zz.mul_add(weight, self.zz),
        }
    }

    /// Its value for this first level and this share, above 0.
    fn at(&self, found: &Found) -> f64 {
        let (level, share) = (found.first_level, found.share);
        let of_level = level * (level * self.dd - 2.0 * self.qd);
        let of_share = share * (share * self.zz - 2.0 * self.qz + 2.0 * level * self.dz);
        (self.qq + of_level + of_share).max(PERFECT)
    }
}

fn lower(a: Found, b: Found) -> Found {
    if b.squares < a.squares { b } else { a }
}

/// Least squares over the observed values.
pub(super) fn line_through(values: &[f64]) -> Line {
    let points = || values.iter().enumerate().filter(|(_, value)| !value.is_nan());
    let points = || points().map(|(i, value)| (i as f64 + 1.0, *value));
    let count = points().count() as f64;
    let (times, sum) = points().fold((0.0, 0.0), |(t, y), point| (t + point.0, y + point.1));
    let (time, mean) = (times / count, sum / count);
    let spread: f64 = points().map(|(t, _)| (t - time).powi(2)).sum();
    let slope = points().map(|(t, y)| (t - time) * (y - mean)).sum::<f64>() / spread;
    [mean - slope * time, slope]
}

/// The line through the values before each one, from the second on; a gap is taken to lie on it.
fn lines_so_far(values: &[f64]) -> Vec<Line> {
    let mut line = [values[0], 0.0];
    let mut mean = values[0];
    let mut lines = vec![line];
    for (i, value) in values.iter().enumerate().skip(1) {
        lines.push(line);
        let next = (i + 1) as f64;
        let value = if value.is_nan() { line[0] + line[1] * next } else { *value };
        (mean, line) = line_with(i as f64, mean, line, value);
    }
    lines
}

/// Mean and line of `count` values and one more (Fiorucci et al. 2016, equations 14 to 16).
pub(super) fn line_with(count: f64, mean: f64, [_, slope]: Line, value: f64) -> (f64, Line) {
    let slope = ((count - 1.0) * slope + 6.0 * (value - mean) / (count + 1.0)) / (count + 2.0);
    let mean = (count * mean + value) / (count + 1.0);
    (mean, [mean - slope * (count + 2.0) / 2.0, slope])
}
