//! What a scalar means to the limiter, which reads YAML 1.1 with Go's `yaml.v2`.
//!
//! That library turns a plain scalar into a number, a boolean or nothing before the limiter sees it, and the limiter
//! refuses a whole file for one fraction. Two readings of one text would make an edit unsafe, so its rules are followed
//! to the letter. Quoted scalars and `!!str` are text.

use granit_parser::ScalarStyle;

use super::Scalar;

/// What a scalar means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number that fits 64 bits with a sign.
    Int(i64),
    /// The text itself; also dates, which the limiter takes as text.
    Text,
    /// A fraction, an exponent, a larger number, an explicit tag: the limiter refuses the whole file.
    Refused,
}

impl Scalar {
    /// What the limiter makes of it.
    pub(crate) fn value(&self) -> Value {
        match self.tag.as_deref() {
            Some("str") => Value::Text,
            Some(_) => Value::Refused,
            None if self.style != ScalarStyle::Plain => Value::Text,
            None => plain(&self.text),
        }
    }
}

/// Whether a text without quotes is that text to the limiter, and no number, boolean or nothing.
pub(crate) fn is_plain_text(text: &str) -> bool {
    plain(text) == Value::Text
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            Value::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => Value::Refused,
        _ if infinity(text) => Value::Refused,
        _ if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => number(text),
        _ => Value::Text,
    }
}

fn infinity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF")
}

/// Go's reading: `_` between digits, `0x`, `0b`, `0o`, and a leading `0` for octal.
fn number(text: &str) -> Value {
    let text = text.replace('_', "");
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text.as_str()),
    };
    match magnitude(digits) {
        Some(number) => match i64::try_from(if negative { -number } else { number }) {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Refused,
        },
        None if is_float(digits) => Value::Refused,
        None => Value::Text,
    }
}

fn magnitude(digits: &str) -> Option<i128> {
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    let signless = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let number = u64::from_str_radix(digits, radix).ok().filter(|_| signless)?;
    Some(i128::from(number))
}

/// Digits with at most one point, then perhaps an exponent; too large for a float is text again.
fn is_float(digits: &str) -> bool {
    let letters = |c: char| c.is_ascii_digit() || ".eE+-".contains(c);
    let starts = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let finite = digits.parse::<f64>().is_ok_and(f64::is_finite);
    starts && digits.chars().all(letters) && finite
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Value) {
        assert_eq!(plain(text), expected, "{text}");
    }

    #[test]
    fn whole_numbers_are_read_as_go_reads_them() {
        check("313", Value::Int(313));
        check("+5", Value::Int(5));
        check("-1", Value::Int(-1));
        check("0123", Value::Int(0o123));
        check("0x1F", Value::Int(31));
        check("0b11", Value::Int(3));
        check("1_000", Value::Int(1000));
        check("0", Value::Int(0));
        check("9223372036854775807", Value::Int(i64::MAX));
        check("-9223372036854775808", Value::Int(i64::MIN));
    }

    #[test]
    fn fractions_exponents_and_larger_numbers_are_refused() {
        for text in ["1e3", "1.5", "12e5", "5.0", "5.", ".5", "0899", "9223372036854775808"] {
            check(text, Value::Refused);
        }
        for text in ["99999999999999999999999", "-.inf", ".NaN", "1e+3", "-1.5e-3"] {
            check(text, Value::Refused);
        }
    }

    #[test]
    fn words_dates_and_odd_numbers_are_text() {
        for text in
            ["a", "2026-11-20", "5k", "1.2.3", "1e999", "0x", "-", ".", "0xfffffffffffffffff"]
        {
            check(text, Value::Text);
        }
        for text in ["++5", "infinity", "10.0.0.1", "12:30:00", "+e5", "-abc"] {
            check(text, Value::Text);
        }
    }

    #[test]
    fn booleans_and_nothing_follow_yaml_1_1() {
        check("yes", Value::Bool(true));
        check("OFF", Value::Bool(false));
        check("~", Value::Null);
        check("", Value::Null);
        check("yEs", Value::Text);
    }

    #[test]
    fn quotes_and_tags_make_text() {
        let scalar = |style, tag: Option<&str>| {
            let (text, tag) = ("1e3".to_owned(), tag.map(str::to_owned));
            Scalar { text, style, tag }.value()
        };
        assert_eq!(scalar(ScalarStyle::SingleQuoted, None), Value::Text);
        assert_eq!(scalar(ScalarStyle::Plain, Some("str")), Value::Text);
        assert_eq!(scalar(ScalarStyle::SingleQuoted, Some("int")), Value::Refused);
    }
}
