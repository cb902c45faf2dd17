//! Ticks: a few round numbers beside a panel, a few round moments below it. Moments are in UTC.

use tidewright_core::{TimeSpan, Timestamp, Zone};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Steps that divide evenly, up to which moments are multiples of a step.
const STEPS: [i64; 19] = [
    1_000,
    5_000,
    15_000,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    7 * DAY,
    14 * DAY,
];

/// The same in months, which are not equally long.
const MONTHS: [i64; 10] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600];

const MONTH: i64 = 30 * DAY;

/// The most labels below a panel: words must not touch, on a phone either.
const TICKS_MAX: i64 = 8;

/// About how many lines cross a panel.
const LINES: f64 = 5.0;

/// The most decimals of a number beside a panel; smaller ones are written as powers of ten.
const DECIMALS_MAX: usize = 7;

/// What is written at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) at: Timestamp,
    pub(super) text: String,
}

/// Round moments inside the span.
pub(super) fn moments(span: TimeSpan) -> Vec<Tick> {
    let fits = |step: i64| span.millis() / step.max(1) < TICKS_MAX;
    if let Some(step) = STEPS.into_iter().find(|step| fits(*step)) {
        return by_step(span, step);
    }
    let months = MONTHS.into_iter().find(|months| fits(months * MONTH)).unwrap_or(1200);
    by_months(span, months)
}

fn by_step(span: TimeSpan, step: i64) -> Vec<Tick> {
    // Weeks are aligned to Mondays; 1970-01-05 was one.
    let origin = if step % (7 * DAY) == 0 { 4 * DAY } else { 0 };
    let first = (span.start.as_millis() - origin + step - 1).div_euclid(step) * step + origin;
    let moments = (first..=span.end.as_millis()).step_by(step as usize);
    let text = |millis: i64| {
        let pattern = match () {
            () if millis % DAY == 0 => "%b %-d",
            () if step < MINUTE => "%H:%M:%S",
            () => "%H:%M",
        };
        Zone::utc().strftime(Timestamp::from_millis(millis), pattern)
    };
    moments.map(|millis| Tick { at: Timestamp::from_millis(millis), text: text(millis) }).collect()
}

fn by_months(span: TimeSpan, step: i64) -> Vec<Tick> {
    let of = |at: Timestamp, pattern: &str| -> i64 {
        Zone::utc().strftime(at, pattern).parse().unwrap_or(1970)
    };
    let month_of = |at: Timestamp| 12 * of(at, "%Y") + of(at, "%m") - 1;
    let (first, last) = (month_of(span.start).div_euclid(step) * step, month_of(span.end));
    let months = (first..=last).step_by(step as usize);
    let tick = |month: i64| {
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let at = Timestamp::parse(&format!("{year:04}-{month:02}-01")).ok()?;
        let pattern = if step % 12 == 0 || month == 1 { "%Y" } else { "%b" };
        Some(Tick { at, text: Zone::utc().strftime(at, pattern) })
    };
    months.filter_map(tick).filter(|tick| span.start <= tick.at && tick.at <= span.end).collect()
}

/// Places of one turn of something that comes again: hours of a day, days of a week, months of a year.
pub(super) fn turn(span: TimeSpan, period_days: f64) -> Vec<Tick> {
    let (mut ticks, pattern) = match period_days {
        7.0 => (by_step(span, DAY), "%a"),
        days if days <= 1.0 => (moments(span), "%H:%M"),
        days if days > 300.0 && days < 400.0 => (by_months(span, 2), "%b"),
        _ => return moments(span),
    };
    ticks.iter_mut().for_each(|tick| tick.text = Zone::utc().strftime(tick.at, pattern));
    ticks
}

/// Round numbers from `low` to `high`, each with its text; `scale` is what they are multiplied by to be read.
pub(super) fn numbers(low: f64, high: f64, scale: f64, unit: &str) -> Vec<(f64, String)> {
    let (low, high) = (low * scale, high * scale);
    let rough = (high - low) / LINES;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|it| it * power).into_iter().find(|it| *it >= rough);
    let step = step.unwrap_or(rough);
    let is_whole = |value: f64| (value - value.round()).abs() < 1e-6;
    let decimals = (0..DECIMALS_MAX).find(|&n| is_whole(step * 10_f64.powi(n as i32)));
    let decimals = decimals.unwrap_or(DECIMALS_MAX);
    let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    let line = |i: i64| {
        let value = i as f64 * step;
        (value / scale, format!("{}{unit}", text(value, decimals)))
    };
    (first..=last).map(line).collect()
}

fn text(value: f64, decimals: usize) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        large if large >= 1e9 => format!("{value:.1e}"),
        small if small < 1e-6 => format!("{value:.0e}"),
        _ => crate::number::grouped(&format!("{value:.decimals$}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(start: &str, end: &str, expected: &[&str]) {
        let moment = |text: &str| Timestamp::parse(text).unwrap();
        let ticks = moments(TimeSpan { start: moment(start), end: moment(end) });
        let texts: Vec<&str> = ticks.iter().map(|tick| tick.text.as_str()).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn moments_are_round_and_few() {
        check(
            "2026-11-20T08:10:00Z",
            "2026-11-20T12:30:00Z",
            &["09:00", "10:00", "11:00", "12:00"],
        );
        check(
            "2026-11-20T20:00:00Z",
            "2026-11-21T04:00:00Z",
            &["20:00", "22:00", "Nov 21", "02:00", "04:00"],
        );
        check("2026-11-01", "2026-11-06", &["Nov 1", "Nov 2", "Nov 3", "Nov 4", "Nov 5", "Nov 6"]);
        check("2026-10-25", "2027-03-01", &["Nov", "Dec", "2027", "Feb", "Mar"]);
        check("2007-12-10", "2017-01-20", &["2008", "2010", "2012", "2014", "2016"]);
        check("1949-01-01", "1965-01-01", &["1950", "1955", "1960", "1965"]);
    }

    #[test]
    fn numbers_are_round_and_may_be_negative() {
        let texts =
            |low, high| numbers(low, high, 1.0, "").into_iter().map(|it| it.1).collect::<Vec<_>>();
        assert_eq!(texts(-3.0, 9.0), ["-2.5", "0", "2.5", "5.0", "7.5"]);
        assert_eq!(texts(4.8, 13.1), ["6", "8", "10", "12"]);
        assert_eq!(texts(0.0, 2000.0), ["0", "500", "1,000", "1,500", "2,000"]);
        assert_eq!(texts(-0.02, 0.021), ["-0.02", "-0.01", "0", "0.01", "0.02"]);
    }

    #[test]
    fn a_week_is_told_by_its_days_and_a_year_by_its_months() {
        let moment = |text: &str| Timestamp::parse(text).unwrap();
        let week =
            TimeSpan { start: moment("2026-11-18T05:00:00Z"), end: moment("2026-11-25T05:00:00Z") };
        let texts = |ticks: Vec<Tick>| ticks.into_iter().map(|tick| tick.text).collect::<Vec<_>>();
        assert_eq!(texts(turn(week, 7.0)), ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]);
        let year = TimeSpan { start: moment("2026-03-15"), end: moment("2027-03-15") };
        let day =
            TimeSpan { start: moment("2026-11-19T20:00:00Z"), end: moment("2026-11-20T20:00:00Z") };
        assert_eq!(texts(turn(day, 1.0)), ["00:00", "06:00", "12:00", "18:00"]);
        assert_eq!(texts(turn(year, 365.25)), ["May", "Jul", "Sep", "Nov", "Jan", "Mar"]);
    }
}
