//! Spans of time as people write them: `30s`, `5m`, `1h30m`, `7d`.

use std::time::Duration;

/// Units with their length in milliseconds, from the longest.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Weeks are read, and written as days.
const WEEK: (&str, u64) = ("w", 604_800_000);

/// Reads numbers with units, one after the other, without spaces; `None` if the text is anything else.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut millis = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at(letters);
        let (_, length) = UNITS.into_iter().chain([WEEK]).find(|(name, _)| *name == unit)?;
        millis += number.parse::<f64>().ok()? * length as f64;
        rest = next;
    }
    Some(Duration::from_millis(millis.round() as u64)).filter(|_| !text.is_empty())
}

/// The shortest text that reads back as this span, down to the millisecond.
pub(crate) fn format(span: Duration) -> String {
    let mut millis = span.as_millis() as u64;
    let mut text = String::new();
    for (unit, length) in UNITS {
        if millis >= length {
            text.push_str(&format!("{}{unit}", millis / length));
            millis %= length;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(parse(text), expected.map(Duration::from_millis), "{text}");
    }

    #[test]
    fn numbers_with_units_read_as_a_span() {
        check("30s", Some(30_000));
        check("1h30m", Some(5_400_000));
        check("1.5d", Some(129_600_000));
        check("250ms", Some(250));
        check("2w", Some(1_209_600_000));
    }

    #[test]
    fn anything_else_is_no_span() {
        for text in ["", "30", "s", "5 m", "5x", "-5m", "1..5s", "5M"] {
            check(text, None);
        }
    }

    #[test]
    fn a_span_reads_back_as_it_was_written() {
        for text in ["0s", "30s", "1h30m", "7d", "1m1s", "250ms"] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
    }
}
