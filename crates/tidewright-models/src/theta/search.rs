//! The best `alpha`, first level and `theta` of each model: a grid over `alpha`, refined around its best.
//!
//! Given `alpha` the squared error is a quadratic in the first level and in `k = 1 - 1/theta`, so its least value is a
//! formula. What is left is one dimension, of which eight values cost one run.

use tidewright_numerics::simd::WIDTH;

use super::Variant;
use super::pass::{Line, Products, products};
use crate::origins::Origins;

/// The bounds of `alpha` in the paper's code and in statsforecast; who looks further ahead may forget more slowly.
const ALPHA_MIN: f64 = 0.1;
const ALPHA_MIN_AHEAD: f64 = 0.01;
const ALPHA_MAX: f64 = 0.99;
/// Runs for the first grid, and refinements of it, to a ten-thousandth in the end.
const GRID_RUNS: usize = 2;
const REFINEMENTS: usize = 4;
/// How much finer each refinement is: four places on each side reach to just before where it was looked last.
const REFINED: f64 = 4.5;
/// `1 - 1/theta` for the largest `theta` of statsforecast, which is the line without a level.
const SHARE_MAX: f64 = 1.0 - 1e-10;
/// The least square that the first level must still have in errors that are judged from far behind it on: once it has faded from
/// them, whatever number it is given fits them alike, and the wildest fits best.
const LEVEL_SEEN_MIN: f64 = 0.01;
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
    /// The sum of squared errors that are judged.
    pub(super) squares: f64,
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
        let search = Search { origins, lines, fixed };
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
}

impl Search<'_> {
    fn best(&self, variant: Variant) -> Found {
        let least = if self.origins.ahead() > 1 { ALPHA_MIN_AHEAD } else { ALPHA_MIN };
        let mut width = (ALPHA_MAX - least) / (GRID_RUNS * WIDTH - 1) as f64;
        let alpha = |place: usize| least + width * place as f64;
        let runs = (0..GRID_RUNS).map(|run| std::array::from_fn(|lane| alpha(run * WIDTH + lane)));
        let looks = runs.flat_map(|alphas| self.look(variant, &alphas));
        let mut best = looks.reduce(lower).expect("a grid has lines");
        for _ in 0..REFINEMENTS {
            width /= REFINED;
            let places = [-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0];
            let alphas =
                places.map(|place: f64| (best.alpha + place * width).clamp(least, ALPHA_MAX));
            best = self.look(variant, &alphas).into_iter().fold(best, lower);
        }
        best
    }

    fn look(&self, variant: Variant, alphas: &[f64; WIDTH]) -> [Found; WIDTH] {
        let products = products(self.origins, &self.lines, alphas);
        std::array::from_fn(|lane| self.found(variant, alphas[lane], &products, lane))
    }

    fn found(&self, variant: Variant, alpha: f64, products: &Products, lane: usize) -> Found {
        let Products { qq, qd, dd, qz, dz, zz } = products;
        let is_seen = dd[lane] > if self.origins.ahead() > 1 { LEVEL_SEEN_MIN } else { 0.0 };
        let of_level = |with: f64| if is_seen { with / dd[lane] } else { 0.0 };
        // What is left of each product once the first level has explained its part.
        let zz_left = zz[lane] - dz[lane] * of_level(dz[lane]);
        let qz_left = qz[lane] - qd[lane] * of_level(dz[lane]);
        let free = if zz_left > f64::EPSILON * zz[lane] { qz_left / zz_left } else { 0.0 };
        let share =
            if variant.is_optimised() { free.clamp(0.0, SHARE_MAX) } else { STANDARD_SHARE };
        let left = qq[lane] - qd[lane] * of_level(qd[lane]);
        let squares = left - 2.0 * share * qz_left + share * share * zz_left;
        let first = self.origins.values()[0];
        let first_level = if is_seen { of_level(qd[lane] - share * dz[lane]) } else { first };
        Found { variant, alpha, share, first_level, line: self.fixed, squares: squares.max(0.0) }
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
