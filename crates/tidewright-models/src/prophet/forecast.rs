//! Values on a grid with their band: microseconds for a day of minutes.
//!
//! The band's law depends on two numbers that change slowly along a horizon: the bends expected until then, and how much
//! of the deviation is noise. So it is looked up at the ends of short pieces, where a season scales the trend at a few
//! factors, and in between the score runs straight along time and as a polynomial across factors. What it is multiplied with,
//! the deviation, is exact at each row. Only for what a grid's series share; any other model is asked row by row.

use std::array;
use std::f64::consts::PI;
use std::sync::Arc;

use tidewright_core::Grid;
use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use super::band::Band;
use super::fit::ProphetFit;
use super::reach::{Reach, Stray, share};
use super::waves::Waves;

/// Pieces of a horizon along which the score is straight.
const PIECES: usize = 24;
/// Factors at which it is looked up where a season scales the trend.
const NODES: usize = 6;

/// If more bends are expected within eight rows, straight pieces of scores would cut corners.
const BENDS_PER_VECTOR_MAX: f64 = 0.1;

/// A polynomial of factors, by Chebyshev's coefficients.
type Curve = [f64; NODES];

/// Chebyshev's places, and what makes coefficients of the values there.
#[derive(Clone, Debug)]
struct Nodes {
    places: Curve,
    waves: [Curve; NODES],
}

/// What all series share that are forecast on one grid at one width.
#[derive(Clone, Debug)]
pub struct ForecastPlan {
    grid: Grid,
    waves: Arc<Waves>,
    band: Band,
    nodes: Nodes,
}

/// A forecast with its band, one value per row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BandedValues {
    /// What is expected.
    pub point: Vec<f64>,
    /// The lower end of the band.
    pub lower: Vec<f64>,
    /// The upper end of the band.
    pub upper: Vec<f64>,
}

impl ForecastPlan {
    pub(super) fn new(grid: Grid, waves: Arc<Waves>, band: Band) -> Self {
        Self { grid, waves, band, nodes: Nodes::new() }
    }

    /// The rows that it forecasts.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The law of its bands.
    pub const fn band(&self) -> &Band {
        &self.band
    }

    /// Replaces `out` by what a fit of these settings expects.
    pub fn forecast_into(&self, fit: &ProphetFit, out: &mut BandedValues) {
        let rows = self.grid.len();
        if !fit.design.shares_a_grid() || self.waves.harmonics() != fit.design.harmonics {
            return fit.forecast_rows(&self.grid, &self.band, out);
        }
        fit.trend_into(&self.grid, None, &mut out.point);
        let padded = out.point.len();
        out.lower.resize(padded, 0.0);
        out.upper.resize(padded, 0.0);
        // The band's upper end comes last: until then factors stand in its place.
        let factors = fit.design.priors.scaled.contains(&1.0).then_some(&mut out.upper[..]);
        let scales = factors.is_some();
        fit.season_into(&self.waves, &self.grid, &mut out.point, factors);
        let ends = [&mut out.lower, &mut out.upper].map(|end| end.as_chunks_mut().0);
        let [lower, upper] = ends;
        let (least, most) = if scales { run(Extremes(upper)) } else { (1.0, 1.0) };
        let point = out.point.as_chunks().0;
        let horizon = Horizon::of(fit, self, scales, (least, most));
        if horizon.is_coarse(rows) {
            horizon.write_rows(&self.band, point, lower, upper);
        } else {
            run(Ends { pieces: horizon.pieces(self, point.len()), horizon, point, lower, upper });
        }
        for values in [&mut out.point, &mut out.lower, &mut out.upper] {
            values.truncate(rows);
        }
    }
}

impl ProphetFit {
    /// Row by row, at bare moments.
    fn forecast_rows(&self, grid: &Grid, band: &Band, out: &mut BandedValues) {
        let (limits, reach) = ((self.frame.floor, self.frame.cap), Reach::of(self, band));
        for values in [&mut out.point, &mut out.lower, &mut out.upper] {
            values.clear();
        }
        for row in 0..grid.len() {
            let moment = grid.timestamp(row);
            let effects = self.seasons(moment);
            let [lower, upper] = reach.value(moment, limits, effects);
            out.point.push(self.join(self.trend(moment), limits.0, effects));
            out.lower.push(lower);
            out.upper.push(upper);
        }
    }
}

/// The course of the deviation over the rows of a grid.
struct Horizon {
    scales: bool,
    /// The time after the history's end: of row 0, and per row.
    ahead: f64,
    step: f64,
    /// Bends expected per time, and the trend's variance per cube of time.
    rate: f64,
    spread: f64,
    noise: f64,
    /// The middle of the factors, and half their range.
    middle: f64,
    half: f64,
}

impl Horizon {
    fn of(fit: &ProphetFit, plan: &ForecastPlan, scales: bool, range: (f64, f64)) -> Self {
        let stray = Stray::of(fit);
        let size = fit.scale() * stray.size;
        let half = 0.5 * (range.1 - range.0);
        Self {
            scales,
            ahead: fit.time(plan.grid.start()) - 1.0,
            step: fit.time(plan.grid.timestamp(1)) - fit.time(plan.grid.start()),
            rate: stray.rate,
            spread: size * size * stray.rate / 1.5,
            noise: fit.sigma(),
            middle: range.0 + half,
            half,
        }
    }

    /// Whether so much happens from row to row, or there are so few, that each is looked up by itself.
    fn is_coarse(&self, rows: usize) -> bool {
        rows < WIDTH * PIECES || self.rate * self.step * WIDTH as f64 > BENDS_PER_VECTOR_MAX
    }

    /// The time after the history's end, and the trend's deviation then.
    fn at(&self, row: usize) -> (f64, f64) {
        let time = (self.ahead + self.step * row as f64).max(0.0);
        (time, (self.spread * time).sqrt() * time)
    }

    /// Row by row; `upper` holds the factors before.
    fn write_rows(
        &self,
        band: &Band,
        point: &[[f64; WIDTH]],
        lower: &mut [[f64; WIDTH]],
        upper: &mut [[f64; WIDTH]],
    ) {
        let ends = lower.as_flattened_mut().iter_mut().zip(upper.as_flattened_mut());
        for (row, (point, (lower, upper))) in point.as_flattened().iter().zip(ends).enumerate() {
            let (time, trend) = self.at(row);
            let trend = if self.scales { trend * upper.abs() } else { trend };
            let score = band.score(self.rate * time, share(self.noise, trend));
            let reach = score * (self.noise * self.noise + trend * trend).sqrt();
            (*lower, *upper) = (point - reach, point + reach);
        }
    }

    /// The vector at which each piece begins, and the scores across factors there.
    fn pieces(&self, plan: &ForecastPlan, vectors: usize) -> Vec<(usize, Curve)> {
        let past = (-self.ahead / self.step).ceil().max(0.0) as usize / WIDTH;
        let mut pieces = vec![(0, level(plan.band.normal()))];
        pieces.extend(ends(past.min(vectors), vectors).map(|vector| {
            let (time, trend) = self.at(vector * WIDTH);
            let share = |factor: f64| share(self.noise, trend * factor);
            if self.half == 0.0 {
                return (vector, level(plan.band.score(self.rate * time, share(self.middle))));
            }
            let scored = plan.band.at(self.rate * time);
            let score = |place| scored.score(share(self.middle + self.half * place));
            (vector, plan.nodes.curve(score))
        }));
        pieces
    }
}

/// The ends of pieces between two vectors, closer together at first: most happens while a first bend becomes likely.
fn ends(from: usize, to: usize) -> impl Iterator<Item = usize> {
    let count = to.saturating_sub(from);
    let mut last = None;
    let place = move |piece: usize| from + count * piece * piece / (PIECES * PIECES);
    let ends = (0..=PIECES).map(place).filter(move |_| count > 0);
    ends.filter(move |end| last.replace(*end) != Some(*end))
}

/// The same score at all factors.
fn level(score: f64) -> Curve {
    array::from_fn(|power| if power == 0 { score } else { 0.0 })
}

impl Nodes {
    fn new() -> Self {
        let angle = |node: usize| PI * (node as f64 + 0.5) / NODES as f64;
        let wave = |power: usize, node: usize| {
            let share = if power == 0 { 1.0 } else { 2.0 } / NODES as f64;
            share * (power as f64 * angle(node)).cos()
        };
        Self {
            places: array::from_fn(|node| angle(node).cos()),
            waves: array::from_fn(|power| array::from_fn(|node| wave(power, node))),
        }
    }

    /// The polynomial through scores at places from -1 to 1.
    fn curve(&self, score: impl Fn(f64) -> f64) -> Curve {
        let mut curve = [0.0; NODES];
        for (node, place) in self.places.iter().enumerate() {
            let score = score(*place);
            for (sum, waves) in curve.iter_mut().zip(&self.waves) {
                *sum += score * waves[node];
            }
        }
        curve
    }
}

/// The smallest and the largest absolute value.
struct Extremes<'a>(&'a [[f64; WIDTH]]);

impl Kernel for Extremes<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run<L: Lanes>(self) -> (f64, f64) {
        let (mut least, mut most) = (L::splat(f64::INFINITY), L::splat(0.0));
        for chunk in self.0 {
            let x = L::load(chunk);
            let size = x.max(L::splat(0.0).sub(x));
            (least, most) = (least.min(size), most.max(size));
        }
        let (mut low, mut high) = ([0.0; WIDTH], [0.0; WIDTH]);
        least.store(&mut low);
        most.store(&mut high);
        let low = low.into_iter().fold(f64::INFINITY, f64::min);
        (low, high.into_iter().fold(0.0, f64::max))
    }
}

/// Writes the ends of the band; `upper` holds the factors before.
struct Ends<'a> {
    pieces: Vec<(usize, Curve)>,
    horizon: Horizon,
    point: &'a [[f64; WIDTH]],
    lower: &'a mut [[f64; WIDTH]],
    upper: &'a mut [[f64; WIDTH]],
}

impl Kernel for Ends<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self) {
        let pieces = std::mem::take(&mut self.pieces);
        for pair in pieces.windows(2) {
            let [(from, start), (to, end)] = [pair[0], pair[1]];
            let per_row = ((to - from).max(1) * WIDTH) as f64;
            let slope = array::from_fn(|i| (end[i] - start[i]) / per_row);
            self.piece::<L>((from, to), start, slope);
        }
        let past = pieces.len() == 1;
        if past {
            self.piece::<L>((0, self.point.len()), pieces[0].1, [0.0; NODES]);
        }
    }
}

impl Ends<'_> {
    #[inline(always)]
    fn piece<L: Lanes>(&mut self, (from, to): (usize, usize), start: Curve, slope: Curve) {
        let horizon = &self.horizon;
        let lanes = L::load(&array::from_fn(|lane| lane as f64));
        let per_half = if horizon.half > 0.0 { horizon.half.recip() } else { 0.0 };
        let (zero, noise) = (L::splat(0.0), L::splat(horizon.noise * horizon.noise));
        for vector in from..to {
            let row = lanes.add(L::splat((vector * WIDTH) as f64));
            let within = lanes.add(L::splat(((vector - from) * WIDTH) as f64));
            let time = row.mul_add(L::splat(horizon.step), L::splat(horizon.ahead)).max(zero);
            let trend = time.mul(time).mul(time.mul(L::splat(horizon.spread)));
            let level = within.mul_add(L::splat(slope[0]), L::splat(start[0]));
            let (score, trend) = if horizon.scales {
                let factor = L::load(&self.upper[vector]);
                let size = factor.max(zero.sub(factor));
                let place = size.sub(L::splat(horizon.middle)).mul(L::splat(per_half));
                // Clenshaw's sum.
                let twice = place.add(place);
                let (mut last, mut before) = (zero, zero);
                for i in (1..NODES).rev() {
                    let power = within.mul_add(L::splat(slope[i]), L::splat(start[i]));
                    (last, before) = (twice.mul_add(last, power.sub(before)), last);
                }
                (place.mul_add(last, level.sub(before)), trend.mul(factor.mul(factor)))
            } else {
                (level, trend)
            };
            let reach = score.mul(noise.add(trend).sqrt());
            let point = L::load(&self.point[vector]);
            point.sub(reach).store(&mut self.lower[vector]);
            point.add(reach).store(&mut self.upper[vector]);
        }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::{SeasonalityMode, Timestamp};
    use tidewright_numerics::Random;

    use super::*;
    use crate::prophet::{GridPlan, Settings};

    /// A week by ten minutes whose level jumps and swings, fitted; its noise is as large as told.
    fn fit(mode: SeasonalityMode, noise: f64) -> (GridPlan, ProphetFit) {
        let grid = Grid::new(Timestamp::from_secs(1_700_000_000), 600_000, 1008).unwrap();
        let mut random = Random::new(2);
        let value = |row: usize| {
            let wave = 1.0 + 0.8 * (row as f64 / 144.0 * std::f64::consts::TAU).sin();
            let level = 50.0 + 0.02 * row as f64 + if row > 500 { 25.0 } else { 0.0 };
            level * wave + noise * random.normal()
        };
        let values: Vec<f64> = (0..1008).map(value).collect();
        let plan = GridPlan::new(grid, &Settings::new(mode).daily());
        let fit = plan.fit(&values).unwrap();
        (plan, fit)
    }

    /// The largest distance between the fast and the exact forecast, as a share of the band's width.
    fn far(plan: &GridPlan, fit: &ProphetFit, grid: Grid, width: f64) -> f64 {
        let ahead = plan.ahead(grid, Band::new(width).unwrap());
        let (mut fast, mut exact) = (BandedValues::default(), BandedValues::default());
        ahead.forecast_into(fit, &mut fast);
        fit.forecast_rows(&grid, ahead.band(), &mut exact);
        assert_eq!(fast.point.len(), grid.len());
        let mut worst = 0.0f64;
        for row in 0..grid.len() {
            let width = exact.upper[row] - exact.lower[row];
            let gap = |a: &[f64], b: &[f64]| (a[row] - b[row]).abs() / width;
            worst = worst.max(gap(&fast.point, &exact.point));
            worst = worst.max(gap(&fast.lower, &exact.lower)).max(gap(&fast.upper, &exact.upper));
        }
        worst
    }

    fn check(mode: SeasonalityMode, noise: f64, tolerance: f64) {
        let (plan, fit) = fit(mode, noise);
        for (rows, width) in [(144, 0.8), (1003, 0.8), (3000, 0.5), (1003, 0.95)] {
            let far = far(&plan, &fit, plan.grid().following(rows), width);
            assert!(far < tolerance, "{far} at {rows} rows, {width}");
        }
    }

    #[test]
    fn where_seasons_add_the_fast_band_is_the_exact_one() {
        check(SeasonalityMode::Additive, 5.0, 1e-3);
    }

    #[test]
    fn where_seasons_scale_the_fast_band_is_nearly_the_exact_one() {
        check(SeasonalityMode::Multiplicative, 5.0, 3e-3);
    }

    #[test]
    fn a_band_that_the_trend_rules_has_a_sharp_edge_and_is_followed_even_there() {
        check(SeasonalityMode::Additive, 0.5, 1e-3);
        check(SeasonalityMode::Multiplicative, 0.5, 5e-2);
    }

    #[test]
    fn in_the_history_the_band_is_that_of_the_noise_and_opens_after_it() {
        let (plan, fit) = fit(SeasonalityMode::Multiplicative, 3.0);
        let grid = Grid::new(plan.grid().timestamp(900), 600_000, 300).unwrap();
        assert!(far(&plan, &fit, grid, 0.8) < 2e-3);
        let ahead = plan.ahead(grid, Band::new(0.8).unwrap());
        let mut out = BandedValues::default();
        ahead.forecast_into(&fit, &mut out);
        let noise = fit.sigma() * ahead.band().normal();
        assert!((0..96).all(|row| (out.upper[row] - out.point[row] - noise).abs() < 1e-9));
        assert!(out.upper[299] - out.point[299] > 1.01 * noise);
        let past = Grid::new(plan.grid().start(), 600_000, 100).unwrap();
        assert!(far(&plan, &fit, past, 0.8) < 1e-9);
    }

    #[test]
    fn any_step_and_any_length_is_served() {
        let (plan, fit) = fit(SeasonalityMode::Multiplicative, 3.0);
        for (step, rows) in [(600_000, 1), (3_600_000, 7), (86_400_000, 30), (1000, 129)] {
            let grid = Grid::new(fit.last().plus_millis(step), step, rows).unwrap();
            assert!(far(&plan, &fit, grid, 0.8) < 5e-3, "{rows} of {step}");
        }
        assert!(far(&plan, &fit, plan.grid().following(0), 0.8) == 0.0);
    }

    #[test]
    fn a_fit_of_other_seasons_is_forecast_all_the_same() {
        let (plan, _) = fit(SeasonalityMode::Additive, 3.0);
        let other = GridPlan::new(*plan.grid(), &Settings::new(SeasonalityMode::Additive));
        let fit = other.fit(&vec![1.0; 1007].into_iter().chain([2.0]).collect::<Vec<_>>()).unwrap();
        assert!(far(&plan, &fit, plan.grid().following(10), 0.8) == 0.0);
    }
}
