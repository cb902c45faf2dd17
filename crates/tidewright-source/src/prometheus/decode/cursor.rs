//! Reads single pieces of JSON out of a slice of bytes: white space, strings, and the two numbers of a sample.
//!
//! The rule: a piece is read whole or not at all. Where the slice ends inside a piece the answer is
//! [`Stop::Incomplete`], and the caller comes again when more bytes are there. It knows nothing of Prometheus' answer
//! beyond one sample, and keeps nothing.

use std::borrow::Cow;

/// The powers of ten that `f64` holds exactly: a mantissa below 2^53 divided by one of these is rounded once, thus
/// exact (Clinger 1990).
const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];

/// 2^53: up to here every integer is an `f64`.
const MANTISSA_MAX: u64 = 1 << 53;

/// Digits that surely fit a `u64`.
const DIGITS_MAX: usize = 18;

/// The longest number that makes sense; a longer one is no number.
const NUMBER_BYTES_MAX: usize = 400;

/// Why a piece could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The slice ends inside it.
    Incomplete,
    /// It is not what must stand here.
    Unexpected,
}

/// A place in a slice of bytes.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    // Everything before this was read whole.
    mark: usize,
}

/// One point as it is written: `[1700000000.123,"42"]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) millis: i64,
    pub(super) value: f64,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, mark: 0 }
    }

    /// Everything so far is read whole and will not be asked for again.
    pub(super) const fn set_mark(&mut self) {
        self.mark = self.at;
    }

    /// How many bytes were read whole.
    pub(super) const fn mark(&self) -> usize {
        self.mark
    }

    /// The next byte that is not white space, not taken.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, Stop> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Stop::Incomplete),
            }
        }
    }

    /// Takes `wanted`, after any white space.
    #[inline]
    pub(super) fn expect(&mut self, wanted: u8) -> Result<(), Stop> {
        if self.peek()? != wanted {
            return Err(Stop::Unexpected);
        }
        self.at += 1;
        Ok(())
    }

    /// Takes the next byte that is not white space.
    pub(super) fn take(&mut self) -> Result<u8, Stop> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    /// The string that stands here.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Stop> {
        let raw = self.raw_string()?;
        let text = std::str::from_utf8(raw).map_err(|_| Stop::Unexpected)?;
        if !raw.contains(&b'\\') {
            return Ok(Cow::Borrowed(text));
        }
        // Escapes are rare in labels, so the general decoder may take its time.
        let quoted = format!("\"{text}\"");
        serde_json::from_str(&quoted).map(Cow::Owned).map_err(|_| Stop::Unexpected)
    }

    /// The bytes between the quotes, escapes untouched.
    #[inline]
    pub(super) fn raw_string(&mut self) -> Result<&'a [u8], Stop> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => return Err(Stop::Incomplete),
            }
        }
        self.at += 1;
        Ok(&self.bytes[start..self.at - 1])
    }

    /// Passes over a number, `true`, `false` or `null`.
    pub(super) fn skip_scalar(&mut self) -> Result<(), Stop> {
        let first = self.peek()?;
        if !first.is_ascii_alphanumeric() && first != b'-' {
            return Err(Stop::Unexpected);
        }
        self.word().map(drop)
    }

    /// One point.
    #[inline]
    pub(super) fn sample(&mut self) -> Result<Sample, Stop> {
        self.expect(b'[')?;
        self.peek()?;
        let millis = self.millis()?;
        self.expect(b',')?;
        let value = self.quoted_number()?;
        self.expect(b']')?;
        Ok(Sample { millis, value })
    }

    /// Seconds with up to three decimals, as milliseconds.
    #[inline]
    fn millis(&mut self) -> Result<i64, Stop> {
        let start = self.at;
        let (whole, digits) = self.digits();
        match self.bytes.get(self.at) {
            None => return Err(Stop::Incomplete),
            Some(b',') if (1..=12).contains(&digits) => return Ok(whole as i64 * 1000),
            Some(_) => self.at = start,
        }
        let seconds = parse(self.word()?)?;
        if seconds.is_finite() {
            Ok((seconds * 1000.0).round() as i64)
        } else {
            Err(Stop::Unexpected)
        }
    }

    /// A number in quotes; `NaN` and `+Inf` are numbers.
    #[inline]
    fn quoted_number(&mut self) -> Result<f64, Stop> {
        self.expect(b'"')?;
        let start = self.at;
        if let Some(value) = self.decimal() {
            return Ok(value);
        }
        self.at = start - 1;
        parse(self.raw_string()?)
    }

    /// The plain decimal up to the closing quote, if it is one that can be read exactly with one division.
    #[inline]
    fn decimal(&mut self) -> Option<f64> {
        let negative = self.bytes.get(self.at) == Some(&b'-');
        self.at += usize::from(negative);
        let (whole, digits) = self.digits();
        let mut mantissa = whole;
        let mut decimals = 0;
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            let (fraction, count) = self.digits();
            if digits + count > DIGITS_MAX || count == 0 {
                return None;
            }
            mantissa = whole * 10_u64.pow(count as u32) + fraction;
            decimals = count;
        }
        let readable = (1..=DIGITS_MAX).contains(&digits) && mantissa <= MANTISSA_MAX;
        if !readable || self.bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        self.at += 1;
        let value = mantissa as f64 / POWERS[decimals];
        Some(if negative { -value } else { value })
    }

    /// Digits as a number (which wraps where there are too many) and how many there were.
    #[inline]
    fn digits(&mut self) -> (u64, usize) {
        let start = self.at;
        let mut number = 0_u64;
        while let Some(byte @ b'0'..=b'9') = self.bytes.get(self.at) {
            number = number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
            self.at += 1;
        }
        (number, self.at - start)
    }

    /// Bytes up to the next delimiter, which must be in sight.
    fn word(&mut self) -> Result<&'a [u8], Stop> {
        let start = self.at;
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
        let length = self.bytes[start..].iter().position(ends).ok_or(Stop::Incomplete)?;
        self.at += length;
        Ok(&self.bytes[start..self.at])
    }
}

/// A number by the standard library, which is exact and slow.
fn parse(raw: &[u8]) -> Result<f64, Stop> {
    if raw.len() > NUMBER_BYTES_MAX {
        return Err(Stop::Unexpected);
    }
    let text = std::str::from_utf8(raw).map_err(|_| Stop::Unexpected)?;
    text.parse().map_err(|_| Stop::Unexpected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, millis: i64, value: f64) {
        let sample = Cursor::new(text.as_bytes()).sample().unwrap();
        assert_eq!((sample.millis, sample.value.to_bits()), (millis, value.to_bits()), "{text}");
    }

    #[test]
    fn a_sample_is_read_in_every_notation_that_prometheus_uses() {
        check(r#"[1700000000,"123"]"#, 1_700_000_000_000, 123.0);
        check(r#"[1700000000.25,"0.1"]"#, 1_700_000_000_250, 0.1);
        check(r#"[1.7e9,"1.5e+21"]"#, 1_700_000_000_000, 1.5e21);
        check(" [ 1700000000 ,\n\"-7.25\" ] ", 1_700_000_000_000, -7.25);
        check(r#"[0,"-0"]"#, 0, -0.0);
        check(r#"[-1,"+Inf"]"#, -1000, f64::INFINITY);
        check(r#"[-0.5,"-Inf"]"#, -500, f64::NEG_INFINITY);
        check(r#"[5,"12345678901234567890123"]"#, 5000, 12_345_678_901_234_567_890_123.0);
        check(r#"[5,"9007199254740993"]"#, 5000, 9_007_199_254_740_992.0);
    }

    #[test]
    fn nonsense_is_no_sample() {
        for text in [r#"[1,2]"#, r#"[1,""]"#, r#"["1","2"]"#, r#"[1,"2",3]"#, r#"[,"2"]"#, "{}"] {
            assert_eq!(Cursor::new(text.as_bytes()).sample(), Err(Stop::Unexpected), "{text}");
        }
    }

    #[test]
    fn an_escaped_label_is_unescaped() {
        let text = br#""a\"b\\cA\n""#;
        assert_eq!(Cursor::new(text).string().unwrap(), "a\"b\\cA\n");
        assert_eq!(Cursor::new(br#""abc\""#).string(), Err(Stop::Incomplete));
        assert_eq!(Cursor::new(b"\"\xff\"").string(), Err(Stop::Unexpected));
    }

    proptest! {
        #[test]
        fn every_number_is_read_exactly(value in any::<f64>(), seconds in -1_000_000_000_i64..10_000_000_000) {
            prop_assume!(!value.is_nan());
            check(&format!("[{seconds},\"{value}\"]"), seconds * 1000, value);
        }

        #[test]
        fn decimals_are_read_exactly(whole in 0_u64..1_000_000_000_000, fraction in 0_u32..1_000_000) {
            let text = format!("{whole}.{fraction:06}");
            check(&format!("[1,\"{text}\"]"), 1000, text.parse().unwrap());
        }

        #[test]
        fn a_sample_that_is_cut_off_is_incomplete(cut in 0_usize..24) {
            let text = br#"[1700000000.25,"12.50"] "#;
            let cut = cut.min(21);
            prop_assert_eq!(Cursor::new(&text[..cut]).sample(), Err(Stop::Incomplete));
        }
    }
}
