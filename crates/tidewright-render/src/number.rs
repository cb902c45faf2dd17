//! Numbers for people: `1,234`, `+12.3 %`, `–`. One way to write each kind of number, for every output.
//!
//! What cannot be known is a dash, never a zero. Nothing here rounds a number that is used afterwards.

use std::fmt::Write as _;

use tidewright_core::{Limit, Setting, Unit};

/// What stands where there is no number.
pub(crate) const NONE: &str = "–";

/// A whole number with a comma before each three digits: `1,234`.
pub(crate) fn count(value: f64) -> String {
    grouped(&format!("{value:.0}"))
}

/// A whole number of things.
pub(crate) fn whole(value: usize) -> String {
    grouped(&value.to_string())
}

/// A number for a pocket calculator: two decimals at the most, four below 1.
pub(crate) fn figure(value: f64) -> String {
    let text = if value.abs() < 1.0 { format!("{value:.4}") } else { format!("{value:.2}") };
    grouped(text.trim_end_matches('0').trim_end_matches('.'))
}

/// A number for a sentence: whole from 1,000 on.
pub(crate) fn about(value: f64) -> String {
    if value.abs() < 1000.0 { figure(value) } else { count(value) }
}

/// A finite number so that it reads back as the same number, with as few digits as that takes.
pub(crate) fn exact(out: &mut String, value: f64) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    match text.strip_suffix(".0") {
        Some(whole) => out.push_str(whole),
        // The exponent that few tools expect.
        None if text.contains('e') => {
            let _ = write!(out, "{value}");
        }
        None => out.push_str(text),
    }
}

/// A share in percent, with as many decimals as keep it apart from none at all.
pub(crate) fn share(ratio: f64) -> String {
    match ratio * 100.0 {
        0.0 => "0 %".to_owned(),
        percent if percent < 0.001 => "<0.001 %".to_owned(),
        percent if percent < 0.1 => format!("{percent:.3} %"),
        percent if percent < 10.0 => format!("{percent:.2} %"),
        percent => format!("{percent:.1} %"),
    }
}

/// A change in percent with its sign: `+12.3 %`.
pub(crate) fn change(ratio: Option<f64>) -> String {
    match ratio {
        Some(ratio) if (ratio * 1000.0).round() == 0.0 => "0 %".to_owned(),
        Some(ratio) => {
            format!("{}{} %", sign(ratio), grouped(&format!("{:.1}", ratio.abs() * 100.0)))
        }
        None => NONE.to_owned(),
    }
}

/// A probability in percent: `99 %`, `97.5 %`.
pub(crate) fn percent(quantile: f64) -> String {
    format!("{} %", figure(quantile * 100.0))
}

/// A number of days, in hours below two days: `7 days`, `36 hours`.
pub(crate) fn days(days: f64) -> String {
    let (value, word) = if days < 2.0 { (days * 24.0, "hour") } else { (days, "day") };
    let value = format!("{value:.1}");
    let value = value.strip_suffix(".0").unwrap_or(&value);
    format!("{value} {word}{}", if value == "1" { "" } else { "s" })
}

/// A limit: `1,200/min`.
pub(crate) fn limit(limit: Limit) -> String {
    format!("{}/{}", count(f64::from(limit.requests_per_unit)), unit_short(limit.unit))
}

/// A limit that may be missing.
pub(crate) fn limit_or_none(value: Option<Limit>) -> String {
    value.map_or_else(|| NONE.to_owned(), limit)
}

/// What a document says: a limit, `unlimited`, or nothing.
pub(crate) fn setting(value: Option<Setting>) -> String {
    match value {
        Some(Setting::Limited(value)) => limit(value),
        Some(Setting::Unlimited) => "unlimited".to_owned(),
        None => NONE.to_owned(),
    }
}

/// A number of things with its word: `1 limit`, `2 limits`.
pub(crate) fn plural(value: usize, word: &str) -> String {
    format!("{} {word}{}", whole(value), if value == 1 { "" } else { "s" })
}

fn sign(value: f64) -> char {
    if value < 0.0 { '-' } else { '+' }
}

const fn unit_short(unit: Unit) -> &'static str {
    match unit {
        Unit::Second => "s",
        Unit::Minute => "min",
        Unit::Hour => "h",
        Unit::Day => "day",
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Year => "year",
    }
}

/// Puts the commas into a plain decimal number.
pub(crate) fn grouped(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let digits = whole.trim_start_matches('-');
    let mut out = if digits.len() < whole.len() && text.contains(|c| ('1'..='9').contains(&c)) {
        "-".to_owned()
    } else {
        String::new()
    };
    for (i, digit) in digits.chars().enumerate() {
        let group_starts = i > 0 && (digits.len() - i).is_multiple_of(3);
        out.extend(group_starts.then_some(','));
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([count(0.0), count(999.0), count(1234.4)], ["0", "999", "1,234"]);
        assert_eq!([count(-1_234_567.0), count(-0.2)], ["-1,234,567", "0"]);
    }

    #[test]
    fn a_figure_keeps_what_a_calculator_needs() {
        assert_eq!([figure(1484.08), figure(951.3), figure(100.0)], ["1,484.08", "951.3", "100"]);
        assert_eq!([figure(0.0), figure(0.012_34)], ["0", "0.0123"]);
    }

    #[test]
    fn an_exact_number_is_written_as_ever_and_reads_back() {
        for value in [0.0, -0.0, 1.0, 0.1, -20.5, 1e15, 1e16, 1.5e300, 1e-7, 5e-324, 1.0 / 3.0] {
            let mut text = String::new();
            exact(&mut text, value);
            assert_eq!(text, value.to_string());
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }

    #[test]
    fn a_sentence_needs_no_decimals_of_large_numbers() {
        assert_eq!([about(10_859.19), about(18.56)], ["10,859", "18.56"]);
    }

    #[test]
    fn a_small_share_is_not_none() {
        assert_eq!([share(0.0), share(0.000_001)], ["0 %", "<0.001 %"]);
        assert_eq!([share(0.0005), share(0.0234), share(0.5)], ["0.050 %", "2.34 %", "50.0 %"]);
    }

    #[test]
    fn a_change_has_a_sign_and_nothing_is_a_dash() {
        assert_eq!([change(Some(0.123)), change(Some(-0.05))], ["+12.3 %", "-5.0 %"]);
        assert_eq!([change(Some(0.0001)), change(None)], ["0 %", "–"]);
        assert_eq!(change(Some(98.0)), "+9,800.0 %");
    }

    #[test]
    fn days_read_as_people_say_them() {
        assert_eq!([days(1.0 / 24.0), days(1.5), days(28.0)], ["1 hour", "36 hours", "28 days"]);
    }
}
