//! When a series carries its weight, found from its own daily profile: weekdays and weekends apart, in local time,
//! across midnight.
//!
//! Slots of half an hour whose mean reaches the percentile of all slots are prime; short pauses are closed, short
//! windows dropped. A flat day has no prime time worth the name, so all of it counts.

use tidewright_core::{DayClass, PrimePolicy, PrimeTime, PrimeWindow, TimeSpan};
use tidewright_numerics::quantile_in_place;

use crate::demand::Demand;

/// Minutes per slot of the profile: finer slots follow noise, coarser ones miss the shoulder of a peak.
const SLOT_MINUTES: usize = 30;
const SLOTS: usize = 1440 / SLOT_MINUTES;
/// A day whose busiest slot is less than this above its quietest is flat.
const FLAT_RATIO: f64 = 1.2;

/// Prime time of clean demand within `inspected`; the whole day where the policy says so, where demand is flat, where a
/// window is longer than a slot, or where a class of day was not seen.
pub fn prime_time(demand: &Demand<'_>, inspected: TimeSpan, policy: &PrimePolicy) -> PrimeTime {
    let always = || PrimeTime::always(policy.zone.clone());
    let Some(percentile) = policy.percentile else { return always() };
    if demand.windows.grid().step_ms() > SLOT_MINUTES as i64 * 60_000 {
        return always();
    }
    let slots_min = (policy.min_duration.as_secs() as usize).div_ceil(SLOT_MINUTES * 60).max(1);
    let windows = |class| {
        let profile = profile(demand, inspected, class);
        profile
            .map_or_else(|| vec![PrimeWindow::ALL_DAY], |p| windows_of(&p, percentile, slots_min))
    };
    PrimeTime {
        zone: policy.zone.clone(),
        weekday: windows(DayClass::Weekday),
        weekend: windows(DayClass::Weekend),
    }
}

/// Mean demand per slot of the local day; `None` if a slot was never seen.
fn profile(demand: &Demand<'_>, inspected: TimeSpan, class: DayClass) -> Option<[f64; SLOTS]> {
    let mut sums = [0.0; SLOTS];
    let mut counts = [0_u32; SLOTS];
    for index in demand.windows.range(inspected) {
        let (local, count) = (demand.windows.local()[index], demand.clean[index]);
        if !count.is_nan() && DayClass::of(local) == class {
            let slot = usize::from(local.minute_of_day) / SLOT_MINUTES;
            sums[slot] += count;
            counts[slot] += 1;
        }
    }
    let seen = counts.iter().all(|&count| count > 0);
    seen.then(|| std::array::from_fn(|slot| sums[slot] / f64::from(counts[slot])))
}

fn windows_of(profile: &[f64; SLOTS], percentile: f64, slots_min: usize) -> Vec<PrimeWindow> {
    let quietest = profile.iter().copied().fold(f64::INFINITY, f64::min);
    let busiest = profile.iter().copied().fold(0.0, f64::max);
    if busiest <= FLAT_RATIO * quietest {
        return vec![PrimeWindow::ALL_DAY];
    }
    let threshold = quantile_in_place(&mut profile.to_vec(), percentile / 100.0).unwrap_or(busiest);
    // Where a short peak stands on a flat floor, the percentile is the floor itself.
    let busy = |slot: usize| profile[slot] >= threshold && profile[slot] > FLAT_RATIO * quietest;
    let mut prime: [bool; SLOTS] = std::array::from_fn(busy);
    // Pauses first, so that two halves of one busy evening are not dropped one by one.
    flip_short_runs(&mut prime, false, slots_min);
    flip_short_runs(&mut prime, true, slots_min);
    let windows =
        runs(&prime, true).into_iter().map(|(start, len)| window(start, len)).collect::<Vec<_>>();
    if windows.is_empty() { vec![PrimeWindow::ALL_DAY] } else { windows }
}

/// Turns runs of `kind` shorter than `slots_min` into the other kind.
fn flip_short_runs(slots: &mut [bool; SLOTS], kind: bool, slots_min: usize) {
    for (start, len) in runs(slots, kind) {
        if len < slots_min {
            (start..start + len).for_each(|slot| slots[slot % SLOTS] = !kind);
        }
    }
}

/// Start and length of each run of `kind` around the clock; none where all slots are alike.
fn runs(slots: &[bool; SLOTS], kind: bool) -> Vec<(usize, usize)> {
    let starts =
        (0..SLOTS).filter(|&slot| slots[slot] == kind && slots[(slot + SLOTS - 1) % SLOTS] != kind);
    let len = |start: usize| {
        (0..SLOTS).take_while(|offset| slots[(start + offset) % SLOTS] == kind).count()
    };
    starts.map(|start| (start, len(start))).collect()
}

fn window(start: usize, len: usize) -> PrimeWindow {
    let minute = |slot: usize| (slot * SLOT_MINUTES) as u16;
    let end = (start + len) % SLOTS;
    PrimeWindow { start: minute(start), end: if end == 0 { 1440 } else { minute(end) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::Windows;
    use tidewright_core::{Grid, Timestamp, Zone};

    /// A week of minutes from a Monday, with `busy` local hours at 100 and the others at 10.
    fn found(busy: impl Fn(u16, bool) -> bool, zone: &str) -> PrimeTime {
        let zone = Zone::named(zone).unwrap();
        let monday = Timestamp::parse("2026-11-02T00:00:00Z").unwrap();
        let windows = Windows::new(Grid::new(monday, 60_000, 7 * 1440).unwrap(), &zone);
        let count = |local: &tidewright_core::LocalTime| {
            if busy(local.minute_of_day / 60, local.is_weekend()) { 100.0 } else { 10.0 }
        };
        let counts: Vec<f64> = windows.local().iter().map(count).collect();
        let demand = Demand { windows: &windows, raw: &counts, clean: &counts };
        let policy = PrimePolicy { zone, ..PrimePolicy::default() };
        prime_time(&demand, windows.grid().span(), &policy)
    }

    fn shown(windows: &[PrimeWindow]) -> String {
        windows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_evening_is_found() {
        assert_eq!(shown(&found(|hour, _| (18..23).contains(&hour), "UTC").weekday), "18:00-23:00");
    }

    #[test]
    fn prime_time_runs_across_midnight() {
        assert_eq!(shown(&found(|hour, _| !(2..22).contains(&hour), "UTC").weekday), "22:00-02:00");
    }

    #[test]
    fn it_is_told_in_the_configured_zone() {
        assert_eq!(
            shown(&found(|hour, _| (9..12).contains(&hour), "America/New_York").weekday),
            "09:00-12:00"
        );
    }

    #[test]
    fn weekend_and_weekday_differ() {
        let prime =
            found(|hour, weekend| if weekend { hour < 4 } else { (12..16).contains(&hour) }, "UTC");
        assert_eq!(
            (shown(&prime.weekday), shown(&prime.weekend)),
            ("12:00-16:00".into(), "00:00-04:00".into())
        );
    }

    #[test]
    fn flat_demand_is_prime_all_day() {
        assert_eq!(found(|_, _| true, "UTC").weekday, vec![PrimeWindow::ALL_DAY]);
    }
}
