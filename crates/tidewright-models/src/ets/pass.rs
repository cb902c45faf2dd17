//! One run over the values: the likelihood of a point, its gradient, and the curvature that Gauss and Newton give it.
//!
//! All that is learned, the first level, slope and season too, moves the errors smoothly, so the derivative of each state
//! by each parameter is carried along by the same recursions: up to 32 of them, eight per register, in the time that the
//! chain of additions takes anyway. The smoothing literature searches without derivatives instead (Nelder and Mead),
//! which in 28 dimensions takes hundreds of runs and still stops early. Slots that a model lacks hold zeros.

use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use super::kind::{Errors, Season};

/// `alpha`.
pub(super) const LEVEL_GAIN: usize = 0;
/// `beta / alpha`: below 1 in the usual region.
pub(super) const SLOPE_GAIN: usize = 1;
/// `gamma / (1 - alpha)`: below 1 in the usual region.
pub(super) const SEASON_GAIN: usize = 2;
/// `phi`.
pub(super) const DAMPING: usize = 3;
/// The level before the first value.
pub(super) const LEVEL: usize = 4;
/// The slope before the first value.
pub(super) const SLOPE: usize = 5;
/// The season's index at the first value; the other phases follow.
pub(super) const SEASONS: usize = 6;
/// Room for all parameters of a season of 24 steps.
pub(super) const SLOTS: usize = 32;
const BLOCKS_MAX: usize = SLOTS / WIDTH;
/// Rows of derivatives between two additions to the curvature: 16 kB, which the nearest cache holds.
const CHUNK: usize = 64;
/// What is expected, as a share of the largest value, must stay above this for errors to be shares of it.
const SHARE_MIN: f64 = 1e-15;
/// Logarithms are taken of products of so many shares: none of them underflows, and a logarithm costs as much as a step.
const LOGARITHM_EVERY: usize = 16;

/// A value for each slot.
pub(super) type Point = [f64; SLOTS];

/// What is fitted, and to what; the largest value is about 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem<'a> {
    pub(super) values: &'a [f64],
    pub(super) period: usize,
    pub(super) errors: Errors,
    pub(super) season: Season,
}

/// The sums of one run.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    /// `sum e^2`; infinite where an error would be a share of nothing.
    pub(super) squares: f64,
    /// `sum ln f` over observed steps; 0 for added errors.
    pub(super) logarithms: f64,
    /// `sum e de`.
    pub(super) gradient: Point,
    /// `sum d ln f`.
    pub(super) slant: Point,
    /// `sum de de'`; only the lower triangle's blocks are filled.
    pub(super) curvature: Vec<[f64; WIDTH]>,
}

/// Runs over the values once.
pub(super) fn sums(problem: &Problem<'_>, point: &Point) -> Sums {
    let slots = if problem.season == Season::None { SEASONS } else { SEASONS + problem.period };
    let scaled = problem.season == Season::Multiplicative;
    let pass = (problem, point);
    match (slots.div_ceil(WIDTH), scaled) {
        (1, false) => run(Pass::<1, false>(pass)),
        (2, false) => run(Pass::<2, false>(pass)),
        (3, false) => run(Pass::<3, false>(pass)),
        (_, false) => run(Pass::<BLOCKS_MAX, false>(pass)),
        (1, true) => run(Pass::<1, true>(pass)),
        (2, true) => run(Pass::<2, true>(pass)),
        (3, true) => run(Pass::<3, true>(pass)),
        (_, true) => run(Pass::<BLOCKS_MAX, true>(pass)),
    }
}

/// A run with room for so many blocks of derivatives, the season multiplied (`SCALED`) or added.
struct Pass<'a, const BLOCKS: usize, const SCALED: bool>((&'a Problem<'a>, &'a Point));

impl<const BLOCKS: usize, const SCALED: bool> Kernel for Pass<'_, BLOCKS, SCALED> {
    type Output = Sums;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Sums {
        let (problem, point) = self.0;
        let mut walk = Walk::new(problem, point);
        let mut tangent = Tangent::<L, BLOCKS>::new(point);
        let mut seasons = first_seasons::<BLOCKS>(problem.period);
        let mut rows = [[0.0; WIDTH]; CHUNK * BLOCKS_MAX];
        let mut curvature = vec![[0.0; WIDTH]; SLOTS * BLOCKS_MAX];
        for values in problem.values.chunks(CHUNK) {
            for (row, value) in rows.chunks_exact_mut(BLOCKS).zip(values) {
                let step = walk.step::<SCALED>(*value);
                let season = &mut seasons[walk.phase * BLOCKS..][..BLOCKS];
                tangent.step::<SCALED>(&step, season, row);
                walk.close(&step);
            }
            if !walk.sound {
                break;
            }
            add_products::<L, BLOCKS>(&rows[..values.len() * BLOCKS], &mut curvature);
        }
        let (gradient, slant) = tangent.totals();
        let (squares, logarithms) = walk.totals();
        Sums { squares, logarithms, gradient, slant, curvature }
    }
}

/// The derivatives of the first season: each index by itself.
#[inline(always)]
fn first_seasons<const BLOCKS: usize>(period: usize) -> Vec<[f64; WIDTH]> {
    let mut seasons = vec![[0.0; WIDTH]; period * BLOCKS];
    for phase in 0..period {
        let slot = SEASONS + phase;
        if let Some(block) = seasons[phase * BLOCKS..][..BLOCKS].get_mut(slot / WIDTH) {
            block[slot % WIDTH] = 1.0;
        }
    }
    seasons
}

/// The states themselves.
struct Walk {
    relative: bool,
    sound: bool,
    gains: [f64; 4],
    level: f64,
    slope: f64,
    seasons: [f64; SLOTS - SEASONS],
    period: usize,
    phase: usize,
    squares: f64,
    logarithms: f64,
    product: f64,
    factors: usize,
}

/// One step of the states, as the derivatives need it.
struct Step {
    /// The slope before it.
    slope: f64,
    /// The level with its slope, before the season.
    carried: f64,
    season: f64,
    /// The error in the level's unit and in the season's.
    misses: [f64; 2],
    /// One over the season and over what is carried, if they multiply.
    inverses: [f64; 2],
    /// The error as the likelihood counts it.
    error: f64,
    /// How this error falls as what was expected rises.
    weight: f64,
    /// One over what was expected, if errors are shares of it.
    inverse: f64,
    /// All 0 at a gap but the damping.
    gains: [f64; 4],
}

impl Walk {
    #[inline(always)]
    fn new(problem: &Problem<'_>, point: &Point) -> Self {
        let mut seasons = [0.0; SLOTS - SEASONS];
        seasons.copy_from_slice(&point[SEASONS..]);
        let alpha = point[LEVEL_GAIN];
        let (beta, gamma) = (alpha * point[SLOPE_GAIN], (1.0 - alpha) * point[SEASON_GAIN]);
        Self {
            relative: problem.errors == Errors::Multiplicative,
            sound: true,
            gains: [alpha, beta, gamma, point[DAMPING]],
            level: point[LEVEL],
            slope: point[SLOPE],
            seasons,
            period: problem.period,
            phase: 0,
            squares: 0.0,
            logarithms: 0.0,
            product: 1.0,
            factors: 0,
        }
    }

    #[inline(always)]
    fn step<const SCALED: bool>(&mut self, value: f64) -> Step {
        let [alpha, beta, gamma, phi] = self.gains;
        let season = self.seasons[self.phase];
        let bend = phi * self.slope;
        let carried = self.level + bend;
        let expected = if SCALED { carried * season } else { carried + season };
        let observed = !value.is_nan();
        let seen = if observed { 1.0 } else { 0.0 };
        let miss = if observed { value - expected } else { 0.0 };
        let inverses = if SCALED { [1.0 / season, 1.0 / carried] } else { [1.0; 2] };
        let misses = [miss * inverses[0], miss * inverses[1]];
        let (mut error, mut weight, mut inverse) = (miss, seen, 0.0);
        if self.relative && observed {
            inverse = 1.0 / expected;
            (error, weight) = (miss * inverse, value * inverse * inverse);
            self.product *= expected;
            self.sound &= expected > SHARE_MIN;
        }
        self.sound &= !SCALED || (season > SHARE_MIN && carried > SHARE_MIN);
        self.squares += error * error;
        let gains = [alpha * seen, beta * seen, gamma * seen, phi];
        let slope = self.slope;
        self.level = carried + alpha * misses[0];
        self.slope = bend + beta * misses[0];
        Step { slope, carried, season, misses, inverses, error, weight, inverse, gains }
    }

    /// Keeps the season and turns to the next phase.
    #[inline(always)]
    fn close(&mut self, step: &Step) {
        self.seasons[self.phase] = step.season + step.gains[2] * step.misses[1];
        self.phase = if self.phase + 1 == self.period { 0 } else { self.phase + 1 };
        self.factors += 1;
        if self.factors == LOGARITHM_EVERY {
            self.logarithms += self.product.ln();
            (self.product, self.factors) = (1.0, 0);
        }
    }

    #[inline(always)]
    fn totals(&self) -> (f64, f64) {
        let logarithms = self.logarithms + self.product.ln();
        let sound = self.sound && self.squares.is_finite() && logarithms.is_finite();
        (if sound { self.squares } else { f64::INFINITY }, logarithms)
    }
}

/// The derivatives of level and slope by each parameter, and the sums over steps.
struct Tangent<L, const BLOCKS: usize> {
    level: [L; BLOCKS],
    slope: [L; BLOCKS],
    gradient: [L; BLOCKS],
    slant: [L; BLOCKS],
    /// The gains' own derivatives, all in the first block: of `alpha`, `beta`, `gamma` and `phi`.
    gains: [L; 4],
}

impl<L: Lanes, const BLOCKS: usize> Tangent<L, BLOCKS> {
    #[inline(always)]
    fn new(point: &Point) -> Self {
        let zero = [L::splat(0.0); BLOCKS];
        let unit = |slot: usize| {
            let mut block = [0.0; WIDTH];
            block[slot] = 1.0;
            block
        };
        let (mut beta, mut gamma) = ([0.0; WIDTH], [0.0; WIDTH]);
        (beta[LEVEL_GAIN], beta[SLOPE_GAIN]) = (point[SLOPE_GAIN], point[LEVEL_GAIN]);
        (gamma[LEVEL_GAIN], gamma[SEASON_GAIN]) = (-point[SEASON_GAIN], 1.0 - point[LEVEL_GAIN]);
        let (alpha, phi) = (L::load(&unit(LEVEL_GAIN)), L::load(&unit(DAMPING)));
        let gains = [alpha, L::load(&beta), L::load(&gamma), phi];
        let (mut level, mut slope) = (zero, zero);
        level[0] = L::load(&unit(LEVEL));
        slope[0] = L::load(&unit(SLOPE));
        Self { level, slope, gradient: zero, slant: zero, gains }
    }

    #[inline(always)]
    fn step<const SCALED: bool>(
        &mut self,
        step: &Step,
        seasons: &mut [[f64; WIDTH]],
        row: &mut [[f64; WIDTH]],
    ) {
        let phi = L::splat(step.gains[3]);
        let (carried, season) = (L::splat(step.carried), L::splat(step.season));
        let (error, weight) = (L::splat(step.error), L::splat(-step.weight));
        let inverse = L::splat(step.inverse);
        for block in 0..BLOCKS {
            let mut slope = phi.mul(self.slope[block]);
            if block == 0 {
                slope = self.gains[3].mul_add(L::splat(step.slope), slope);
            }
            let level = self.level[block].add(slope);
            let index = L::load(&seasons[block]);
            let expected =
                if SCALED { level.mul_add(season, index.mul(carried)) } else { level.add(index) };
            let (mut of_level, mut of_season) = (expected, expected);
            if SCALED {
                of_level = index.mul_add(L::splat(step.misses[0]), expected);
                of_level = of_level.mul(L::splat(step.inverses[0]));
                of_season = level.mul_add(L::splat(step.misses[1]), expected);
                of_season = of_season.mul(L::splat(step.inverses[1]));
            }
            let mut level = of_level.mul_sub_from(L::splat(step.gains[0]), level);
            let mut slope = of_level.mul_sub_from(L::splat(step.gains[1]), slope);
            let mut index = of_season.mul_sub_from(L::splat(step.gains[2]), index);
            if block == 0 {
                let [of_level, of_season] = step.misses;
                level = self.gains[0].mul_add(L::splat(of_level), level);
                slope = self.gains[1].mul_add(L::splat(of_level), slope);
                index = self.gains[2].mul_add(L::splat(of_season), index);
            }
            (self.level[block], self.slope[block]) = (level, slope);
            index.store(&mut seasons[block]);
            let change = expected.mul(weight);
            change.store(&mut row[block]);
            self.gradient[block] = change.mul_add(error, self.gradient[block]);
            self.slant[block] = expected.mul_add(inverse, self.slant[block]);
        }
    }

    #[inline(always)]
    fn totals(&self) -> (Point, Point) {
        let (mut gradient, mut slant) = ([0.0; SLOTS], [0.0; SLOTS]);
        for block in 0..BLOCKS {
            let lines = (gradient.as_chunks_mut().0, slant.as_chunks_mut().0);
            self.gradient[block].store(&mut lines.0[block]);
            self.slant[block].store(&mut lines.1[block]);
        }
        (gradient, slant)
    }
}

/// Adds `row row'` for each row, in tiles of four by eight, which fit the registers of every width.
#[inline(always)]
fn add_products<L: Lanes, const BLOCKS: usize>(
    rows: &[[f64; WIDTH]],
    curvature: &mut [[f64; WIDTH]],
) {
    const HEIGHT: usize = 4;
    for top in (0..BLOCKS * WIDTH).step_by(HEIGHT) {
        for block in 0..=top / WIDTH {
            let mut tile = [L::splat(0.0); HEIGHT];
            for row in rows.chunks_exact(BLOCKS) {
                let right = L::load(&row[block]);
                for line in 0..HEIGHT {
                    let left = L::splat(row[top / WIDTH][top % WIDTH + line]);
                    tile[line] = left.mul_add(right, tile[line]);
                }
            }
            for line in 0..HEIGHT {
                let place = &mut curvature[(top + line) * BLOCKS_MAX + block];
                L::load(place).add(tile[line]).store(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;

    const STEP: f64 = 1e-6;

    /// `n ln g^2 sum e^2`, of which the search lowers the first part's squares, and its derivative by the sums of a run.
    fn check(errors: Errors, season: Season, period: usize) {
        let mut random = Random::new(17);
        let value = |i: usize| 1.0 + 0.2 * (i % period) as f64 + 0.05 * random.normal();
        let mut values: Vec<f64> = (0..150).map(value).collect();
        values[40..45].fill(f64::NAN);
        let problem = Problem { values: &values, period, errors, season };
        let mut point = [0.0; SLOTS];
        point[..SEASONS].copy_from_slice(&[0.3, 0.2, 0.25, 0.9, 1.1, 0.01]);
        let neutral = if season == Season::Multiplicative { 1.0 } else { 0.0 };
        if season == Season::None {
            point[SEASON_GAIN] = 0.0;
        } else {
            point[SEASONS..][..period].fill(neutral);
        }
        let here = sums(&problem, &point);
        let slots = if season == Season::None { SEASONS } else { SEASONS + period };
        for slot in (0..slots).filter(|slot| *slot != SEASON_GAIN || season != Season::None) {
            let at = |by: f64| {
                let mut moved = point;
                moved[slot] += by;
                sums(&problem, &moved)
            };
            let (up, down) = (at(STEP), at(-STEP));
            let squares = (up.squares - down.squares) / (4.0 * STEP);
            let logarithms = (up.logarithms - down.logarithms) / (2.0 * STEP);
            let (gradient, slant) = (here.gradient[slot], here.slant[slot]);
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-5 * (1.0 + a.abs());
            assert!(close(gradient, squares), "slot {slot}: {gradient}, not {squares}");
            let slant = if errors == Errors::Multiplicative { slant } else { 0.0 };
            assert!(close(slant, logarithms), "slot {slot}: {slant}, not {logarithms}");
        }
    }

    #[test]
    fn derivatives_are_those_of_small_steps() {
        for errors in [Errors::Additive, Errors::Multiplicative] {
            check(errors, Season::None, 1);
            check(errors, Season::Additive, 2);
            check(errors, Season::Additive, 7);
            check(errors, Season::Additive, 24);
        }
        for period in [2, 12, 16, 24] {
            check(Errors::Multiplicative, Season::Multiplicative, period);
        }
    }
}
