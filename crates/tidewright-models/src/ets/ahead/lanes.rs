//! The squared errors of one to so many steps, of eight sets of gains in one run over the values.

use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use crate::ets::kind::Season;
use crate::ets::state::{Gains, State};
use crate::origins::Origins;

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

    /// The mean squared error of each.
    pub(super) fn losses(
        &self,
        origins: &Origins<'_>,
        start: &State,
        season: Season,
    ) -> [f64; WIDTH] {
        let candidates = self;
        match season {
            Season::Multiplicative => run(Judge::<true> { origins, candidates, start }),
            _ => run(Judge::<false> { origins, candidates, start }),
        }
    }
}

struct Judge<'a, const SCALED: bool> {
    origins: &'a Origins<'a>,
    candidates: &'a Candidates,
    start: &'a State,
}

impl<const SCALED: bool> Kernel for Judge<'_, SCALED> {
    type Output = [f64; WIDTH];

    #[inline(always)]
    fn run<L: Lanes>(self) -> [f64; WIDTH] {
        let values = self.origins.values();
        let [alpha, beta, gamma, phi] = &self.candidates.gains;
        let (alpha, beta, gamma, phi) =
            (L::load(alpha), L::load(beta), L::load(gamma), L::load(phi));
        let mut seasons = spread(&self.start.seasons);
        let mut level = L::splat(self.start.level);
        let mut slope = L::splat(self.start.slope);
        let (mut sum, mut count) = (L::splat(0.0), 0.0);
        let (mut phase, mut next) = (0, self.origins.first());
        for (at, &value) in values.iter().enumerate() {
            if at == next {
                next += self.origins.stride();
                let misses = (level, slope, phase);
                count += self.look_ahead::<L>(at, misses, &seasons, &mut sum);
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
        let mut out = [0.0; WIDTH];
        sum.div(L::splat(count)).store(&mut out);
        out
    }
}

impl<const SCALED: bool> Judge<'_, SCALED> {
    /// Adds the squared errors from one origin; tells how many values there were.
    #[inline(always)]
    fn look_ahead<L: Lanes>(
        &self,
        at: usize,
        (level, slope, mut phase): (L, L, usize),
        seasons: &[[f64; WIDTH]],
        sum: &mut L,
    ) -> f64 {
        let mut count = 0.0;
        let mut squares = *sum;
        let turn = self.origins.pace() % seasons.len();
        phase = (phase + self.origins.pace() - 1) % seasons.len();
        for (value, reach) in self.origins.judged(at).zip(&self.candidates.reach) {
            let line = L::load(reach).mul_add(slope, level);
            let index = L::load(&seasons[phase]);
            let expected = if SCALED { line.mul(index) } else { line.add(index) };
            if !value.is_nan() {
                let miss = L::splat(*value).sub(expected);
                squares = miss.mul_add(miss, squares);
                count += 1.0;
            }
            phase += turn;
            if phase >= seasons.len() {
                phase -= seasons.len();
            }
        }
        *sum = squares;
        count
    }
}

/// Each index eight times.
#[inline(always)]
fn spread(indices: &[f64]) -> Vec<[f64; WIDTH]> {
    indices.iter().map(|index| [*index; WIDTH]).collect()
}
