//! What is measured of a series before anything is decided: how much there is, how old, how high.

use tidewright_core::{DemandStatistics, Peak, PrimeTime, Quantile, TimeSpan, Unit};
use tidewright_numerics::quantile_in_place;

use crate::windows::Windows;

/// A day of minutes: less says nothing about the hours that were not seen.
pub const WINDOWS_NEEDED_MINUTE: usize = 1440;
/// Three days of hours: the 99 % quantile of fewer is a single number.
pub const WINDOWS_NEEDED_HOUR: usize = 72;
/// Two weeks of days: each weekday twice.
pub const WINDOWS_NEEDED_DAY: usize = 14;

/// Requests per window of one limit, as measured and cleaned; NaN is a gap or, in `clean`, masked.
// Both slices are as long as the grid.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// The limiter's windows.
    pub windows: &'a Windows,
    /// As measured.
    pub raw: &'a [f64],
    /// Without incidents.
    pub clean: &'a [f64],
}

/// Measures clean demand; the peak is read within `inspected`, in prime time. `None` if nothing was measured there.
pub fn statistics(
    demand: &Demand<'_>,
    inspected: TimeSpan,
    prime: &PrimeTime,
    quantile: Quantile,
) -> Option<DemandStatistics> {
    let grid = demand.windows.grid();
    let first = demand.raw.iter().position(|count| !count.is_nan())?;
    let last = demand.raw.iter().rposition(|count| !count.is_nan())?;
    let gaps = demand.raw.iter().filter(|count| count.is_nan()).count();
    let unclean = demand.clean.iter().filter(|count| count.is_nan()).count();
    let seen = TimeSpan { start: grid.timestamp(first), end: grid.timestamp(last + 1) };
    Some(DemandStatistics {
        windows: grid.len(),
        gaps,
        masked: unclean - gaps,
        history_days: seen.days(),
        last_seen: seen.end,
        peak: peak(demand, inspected, prime, quantile)?,
    })
}

/// How much a series needs at a first look: the quantile of what was measured of it, 0 where nothing was.
pub fn need(values: &[f64], quantile: Quantile) -> f64 {
    let mut measured: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    quantile_in_place(&mut measured, quantile.get()).unwrap_or(0.0)
}

/// How many clean windows a limit of this unit needs; `None` where no history at hand holds enough of them.
pub(crate) const fn windows_needed(unit: Unit) -> Option<usize> {
    match unit {
        Unit::Minute => Some(WINDOWS_NEEDED_MINUTE),
        Unit::Hour => Some(WINDOWS_NEEDED_HOUR),
        Unit::Day => Some(WINDOWS_NEEDED_DAY),
        Unit::Second | Unit::Week | Unit::Month | Unit::Year => None,
    }
}

fn peak(
    demand: &Demand<'_>,
    inspected: TimeSpan,
    prime: &PrimeTime,
    quantile: Quantile,
) -> Option<Peak> {
    let range = demand.windows.range(inspected);
    let grid = demand.windows.grid();
    let mut maximum = (f64::NEG_INFINITY, 0);
    let mut in_prime = Vec::with_capacity(range.len() / 2);
    // A window longer than an hour has no time of day.
    let has_time_of_day = grid.step_ms() <= 3_600_000;
    for index in range.clone() {
        let count = demand.clean[index];
        if count > maximum.0 {
            maximum = (count, index);
        }
        if !count.is_nan() && (!has_time_of_day || prime.contains(demand.windows.local()[index])) {
            in_prime.push(count);
        }
    }
    if in_prime.is_empty() {
        // Prime time was a gap all along: the whole day has to serve.
        in_prime.extend(demand.clean[range].iter().copied().filter(|count| !count.is_nan()));
    }
    let windows = in_prime.len();
    let value = quantile_in_place(&mut in_prime, quantile.get())?;
    Some(Peak {
        quantile,
        value,
        windows,
        maximum: maximum.0,
        maximum_at: grid.timestamp(maximum.1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{Grid, PrimeWindow, Timestamp, Zone};

    fn windows(len: usize) -> Windows {
        Windows::new(Grid::new(Timestamp::from_secs(0), 60_000, len).unwrap(), &Zone::utc())
    }

    fn everything() -> TimeSpan {
        TimeSpan { start: Timestamp::from_secs(0), end: Timestamp::from_secs(i64::from(u32::MAX)) }
    }

    #[test]
    fn gaps_and_masked_windows_are_told_apart() {
        let windows = windows(4);
        let raw = [1.0, f64::NAN, 9.0, 2.0];
        let clean = [1.0, f64::NAN, f64::NAN, 2.0];
        let demand = Demand { windows: &windows, raw: &raw, clean: &clean };
        let found =
            statistics(&demand, everything(), &PrimeTime::always(Zone::utc()), Quantile::MEDIAN)
                .unwrap();
        assert_eq!((found.windows, found.gaps, found.masked), (4, 1, 1));
        assert_eq!((found.peak.value, found.peak.maximum, found.peak.windows), (1.5, 2.0, 2));
        assert_eq!(found.last_seen, Timestamp::from_secs(240));
    }

    #[test]
    fn the_peak_is_read_in_prime_time_but_the_maximum_anywhere() {
        let windows = windows(120);
        let counts: Vec<f64> =
            (0..120).map(|minute| if minute < 60 { 5.0 } else { 50.0 }).collect();
        let first_hour = vec![PrimeWindow { start: 0, end: 60 }];
        let prime =
            PrimeTime { zone: Zone::utc(), weekday: first_hour.clone(), weekend: first_hour };
        let demand = Demand { windows: &windows, raw: &counts, clean: &counts };
        let peak = statistics(&demand, everything(), &prime, Quantile::MEDIAN).unwrap().peak;
        assert_eq!((peak.value, peak.maximum, peak.windows), (5.0, 50.0, 60));
        assert_eq!(peak.maximum_at, Timestamp::from_secs(3600));
    }

    #[test]
    fn a_series_of_gaps_has_no_statistics() {
        let windows = windows(3);
        let gaps = [f64::NAN; 3];
        let demand = Demand { windows: &windows, raw: &gaps, clean: &gaps };
        assert!(
            statistics(&demand, everything(), &PrimeTime::always(Zone::utc()), Quantile::MEDIAN)
                .is_none()
        );
    }
}
