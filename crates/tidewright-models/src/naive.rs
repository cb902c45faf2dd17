//! Seasonal naive: what happened at the same time of the day or week, as a median over cycles.
//!
//! The fallback where history is too thin for a model with parameters, and the yardstick that a model must beat. Works
//! from a single day of data on. Where cycles are few, neighbours within half an hour join the median, so that the noise
//! of one minute is not taken for its season. There is no trend.

mod fitted;

use tidewright_core::{Axis, Grid, Timestamp};
use tidewright_numerics::quantile_in_place;

use crate::FitError;
use crate::noise::{Noise, Outlook};
use crate::onward::usual_step_ms;
use crate::prophet::Extrapolation;

pub(crate) use fitted::FittedNaive;

const DAY_MS: i64 = 86_400_000;
/// Two whole weeks tell a weekly season.
const WEEKLY_FROM_DAYS: i64 = 14;
/// So many values make a median that one burst does not own.
const MEDIAN_OF: usize = 7;
/// Neighbours at most this far away join a median.
const NEIGHBOUR_MS: i64 = 30 * 60_000;

/// A fitted seasonal naive model.
#[derive(Clone, Debug)]
pub struct NaiveFit {
    /// The length of a cycle; slots divide it evenly.
    period_ms: i64,
    /// The expected value of each slot of the cycle, counted from the epoch.
    slots: Vec<f64>,
    noise: Noise,
    /// Standard deviation of the level from day to day.
    drift: f64,
}

impl NaiveFit {
    /// Learns from values on any axis; NaN is a gap.
    ///
    /// # Errors
    /// [`FitError`] if lengths differ, fewer than two values are numbers, or one is infinite.
    pub fn new(axis: &Axis, values: &[f64]) -> Result<Self, FitError> {
        if axis.len() != values.len() {
            return Err(FitError::Length { points: axis.len(), values: values.len() });
        }
        let rows = values.iter().filter(|value| !value.is_nan()).count();
        if rows < 2 {
            return Err(FitError::TooFew { rows });
        }
        if values.iter().any(|value| value.is_infinite()) {
            return Err(FitError::NotFinite);
        }
        let cycle = Cycle::of(axis, values);
        let slots = cycle.medians();
        let expected: Vec<f64> =
            (0..values.len()).map(|i| slots[cycle.slot(axis.timestamp(i))]).collect();
        let noise = Noise::learn(&expected, values);
        let drift = drift(axis, values, &expected);
        Ok(Self { period_ms: cycle.period_ms, slots, noise, drift })
    }

    /// The value expected at a moment.
    pub fn value(&self, moment: Timestamp) -> f64 {
        self.slots[slot_of(moment, self.period_ms, self.slots.len())]
    }

    /// What is expected on a grid.
    pub fn outlook(&self, grid: &Grid) -> Outlook {
        let expected = (0..grid.len()).map(|i| self.value(grid.timestamp(i))).collect();
        Outlook { expected, drift: self.drift, extrapolation: Extrapolation::Free }
    }

    /// The noise around it.
    pub const fn noise(&self) -> &Noise {
        &self.noise
    }

    /// The standard deviation of the level from day to day; 0 where there is only one day.
    pub const fn drift(&self) -> f64 {
        self.drift
    }
}

/// Observed values sorted into the slots of a cycle.
struct Cycle {
    period_ms: i64,
    slots: Vec<Vec<f64>>,
}

impl Cycle {
    fn of(axis: &Axis, values: &[f64]) -> Self {
        let step = usual_step_ms(axis);
        let first = axis.timestamp(0).as_millis();
        // The last value stands for a whole step: two weeks of minutes are two weeks.
        let span = axis.timestamp(axis.len() - 1).as_millis() + step - first;
        let period_ms = if span >= WEEKLY_FROM_DAYS * DAY_MS { 7 * DAY_MS } else { DAY_MS };
        let count = (period_ms / step).max(1) as usize;
        let mut cycle = Self { period_ms, slots: vec![Vec::new(); count] };
        for (index, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            let slot = cycle.slot(axis.timestamp(index));
            cycle.slots[slot].push(*value);
        }
        cycle
    }

    fn slot(&self, moment: Timestamp) -> usize {
        slot_of(moment, self.period_ms, self.slots.len())
    }

    /// The median of each slot and of as many neighbours as it needs; an empty stretch takes its nearest neighbour.
    fn medians(&self) -> Vec<f64> {
        let count = self.slots.len();
        let width = self.period_ms / count as i64;
        let reach = ((NEIGHBOUR_MS / width) as usize).min(count.saturating_sub(1) / 2);
        (0..count).map(|slot| self.median(slot, reach)).collect()
    }

    fn median(&self, slot: usize, reach: usize) -> f64 {
        let count = self.slots.len();
        let mut pool = self.slots[slot].clone();
        for distance in 1..=count / 2 {
            let wanted = if distance <= reach { MEDIAN_OF } else { 1 };
            if pool.len() >= wanted {
                break;
            }
            pool.extend(&self.slots[(slot + distance) % count]);
            pool.extend(&self.slots[(slot + count - distance) % count]);
        }
        quantile_in_place(&mut pool, 0.5).unwrap_or(0.0)
    }
}

fn slot_of(moment: Timestamp, period_ms: i64, count: usize) -> usize {
    let within = moment.as_millis().rem_euclid(period_ms);
    ((within as i128 * count as i128 / i128::from(period_ms)) as usize).min(count - 1)
}

/// How much whole days differ from what was expected of them.
fn drift(axis: &Axis, values: &[f64], expected: &[f64]) -> f64 {
    let mut days: Vec<(i64, f64, f64)> = Vec::new();
    for (index, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        let day = axis.timestamp(index).as_millis().div_euclid(DAY_MS);
        if days.last().is_none_or(|(last, ..)| *last != day) {
            days.push((day, 0.0, 0.0));
        }
        if let Some((_, sum, count)) = days.last_mut() {
            *sum += value - expected[index];
            *count += 1.0;
        }
    }
    if days.len() < 2 {
        return 0.0;
    }
    let square: f64 = days.iter().map(|(_, sum, count)| (sum / count).powi(2)).sum();
    (square / (days.len() - 1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;

    fn minutes(days: usize, value: impl Fn(usize) -> f64) -> (Axis, Vec<f64>) {
        let len = days * 1440;
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, len).unwrap();
        (Axis::Grid(grid), (0..len).map(value).collect())
    }

    fn at(day: i64, minute: i64) -> Timestamp {
        Timestamp::from_secs(day * 86_400 + minute * 60)
    }

    #[test]
    fn one_day_is_enough() {
        let (axis, values) = minutes(1, |i| 100.0 + (i / 60) as f64);
        let fit = NaiveFit::new(&axis, &values).unwrap();
        assert!((fit.value(at(5, 90)) - 101.0).abs() < 0.6);
    }

    #[test]
    fn one_burst_does_not_own_its_minute() {
        let (axis, values) = minutes(7, |i| if i == 3 * 1440 + 600 { 9e9 } else { 50.0 });
        let fit = NaiveFit::new(&axis, &values).unwrap();
        assert_eq!(fit.value(at(9, 600)), 50.0);
    }

    #[test]
    fn two_weeks_tell_saturday_from_monday() {
        // 1970-01-01 was a Thursday: the third day is a Saturday.
        let (axis, values) = minutes(14, |i| if i / 1440 % 7 == 2 { 10.0 } else { 80.0 });
        let fit = NaiveFit::new(&axis, &values).unwrap();
        assert_eq!((fit.value(at(16, 700)), fit.value(at(18, 700))), (10.0, 80.0));
    }

    #[test]
    fn its_noise_is_the_noise_of_the_series() {
        let mut random = Random::new(4);
        let (axis, mut values) = minutes(7, |_| 100.0);
        values.iter_mut().for_each(|value| *value += 5.0 * random.normal());
        let fit = NaiveFit::new(&axis, &values).unwrap();
        assert!((fit.noise().scale().at(100.0) / 5.0 - 1.0).abs() < 0.15);
    }

    #[test]
    fn gaps_take_their_neighbours_and_nothing_is_refused_politely() {
        let (axis, values) = minutes(1, |i| if i < 720 { 7.0 } else { f64::NAN });
        let fit = NaiveFit::new(&axis, &values).unwrap();
        assert_eq!(fit.value(at(1, 1080)), 7.0);
        let (axis, values) = minutes(1, |_| f64::NAN);
        assert_eq!(NaiveFit::new(&axis, &values).unwrap_err(), FitError::TooFew { rows: 0 });
    }

    #[test]
    fn daily_data_have_weekly_cycles() {
        let grid = Grid::new(Timestamp::from_secs(0), DAY_MS, 28).unwrap();
        let values: Vec<f64> = (0..28).map(|day| f64::from(day % 7)).collect();
        let fit = NaiveFit::new(&Axis::Grid(grid), &values).unwrap();
        assert_eq!(fit.value(at(30, 0)), 2.0);
    }
}
