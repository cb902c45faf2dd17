//! The plainest way to write a moment, read and written without a calendar library.
//!
//! `2026-11-20T08:00:00Z`, the same with a blank for the `T`, without the `Z`, or only the date: files hold millions
//! of these. Whatever is not exactly that is left to `jiff`, which knows offsets, fractions and leap seconds; both
//! agree where both read. The calendar arithmetic is Howard Hinnant's (`days_from_civil`, 2013): years begin in March,
//! so that the leap day is a year's last.

const SECS_PER_DAY: i64 = 86_400;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAY: i64 = 719_468;

/// Days of 400 years, after which the calendar repeats itself.
const CYCLE_DAYS: i64 = 146_097;

/// The first and the last second that four digits of a year can tell.
const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

/// Seconds since 1970 of a text in one of the plain forms.
pub(super) fn read(text: &[u8]) -> Option<i64> {
    let (date, clock) = text.split_at_checked(10)?;
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return None };
    let (year, month, day) = (100 * two(y1, y2)? + two(y3, y4)?, two(m1, m2)?, two(d1, d2)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    Some(days(year, month, day) * SECS_PER_DAY + secs(clock)?)
}

/// A moment in whole seconds as `2026-11-20T08:00:00Z`; `None` for years that do not have four digits.
pub(super) fn write(secs: i64) -> Option<[u8; 20]> {
    if !WRITABLE.contains(&secs) {
        return None;
    }
    let (year, month, day) = date(secs.div_euclid(SECS_PER_DAY));
    let of_day = secs.rem_euclid(SECS_PER_DAY);
    let mut text = *b"0000-00-00T00:00:00Z";
    let parts = [year / 100, year % 100, month, day, of_day / 3600, of_day / 60 % 60, of_day % 60];
    for (value, at) in parts.into_iter().zip([0, 2, 5, 8, 11, 14, 17]) {
        text[at] += (value / 10) as u8;
        text[at + 1] += (value % 10) as u8;
    }
    Some(text)
}

/// Seconds of the day after a date: none, or `T08:00:00` with or without a `Z`.
fn secs(clock: &[u8]) -> Option<i64> {
    if clock.is_empty() {
        return Some(0);
    }
    let clock = clock.strip_suffix(b"Z").unwrap_or(clock);
    let &[b'T' | b' ', h1, h2, b':', m1, m2, b':', s1, s2] = clock else { return None };
    let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    (hour < 24 && minute < 60 && second < 60).then_some(3600 * hour + 60 * minute + second)
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    digits.then(|| i64::from(10 * (tens - b'0') + (ones - b'0')))
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - (month <= 2) as i64;
    let (cycle, of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    cycle * CYCLE_DAYS + 365 * of_cycle + of_cycle / 4 - of_cycle / 100 + of_year - EPOCH_DAY
}

/// Year, month and day of days since 1970-01-01.
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_DAY;
    let (cycle, of_cycle) = (days.div_euclid(CYCLE_DAYS), days.rem_euclid(CYCLE_DAYS));
    let leaps = of_cycle / 1460 - of_cycle / 36_524 + of_cycle / 146_096;
    let year = (of_cycle - leaps) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = 400 * cycle + year + (month <= 2) as i64;
    (year, month, of_year - (153 * march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_with_the_calendar_library() {
        // A step of no round number, so that every month, leap year and hour is met.
        for secs in WRITABLE.step_by(86_400 * 17 + 4_711) {
            let library = jiff::Timestamp::from_second(secs).unwrap().to_string();
            assert_eq!(String::from_utf8_lossy(&write(secs).unwrap()), library);
            assert_eq!(read(library.as_bytes()), Some(secs));
        }
        assert_eq!(write(*WRITABLE.end() + 1), None);
        assert_eq!(write(*WRITABLE.start() - 1), None);
    }

    #[test]
    fn each_plain_form_is_read() {
        for text in ["2026-11-20T08:00:00Z", "2026-11-20 08:00:00Z", "2026-11-20T08:00:00"] {
            assert_eq!(read(text.as_bytes()), Some(1_795_161_600), "{text}");
        }
        assert_eq!(read(b"2026-11-20"), Some(1_795_132_800));
        assert_eq!(read(b"2024-02-29"), Some(1_709_164_800));
    }

    #[test]
    fn what_is_no_date_or_not_plain_is_left_alone() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-11-31",
            "2026-11-20T24:00:00Z",
            "2026-11-20T08:60:00Z",
            "2026-11-20T08:00:60Z",
            "2026-11-20T08:00",
            "2026-11-20T08:00:00.5Z",
            "2026-11-20T08:00:00+01:00",
            "20261120",
            "26-11-20",
            "",
            "2026-1-20T",
            "2026/11/20",
            "2026-11-20Z",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
