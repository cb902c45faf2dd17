//! Finds the letters of a scalar again in the bytes that it was read from.
//!
//! Styles differ in blanks only: indentation, folding, chomping, line ends. All other letters come in the same order,
//! in quoted styles perhaps as escapes. So the two texts are walked side by side, blanks skipped in both; if any
//! letter differs, there is no answer.

use granit_parser::ScalarStyle;

/// For each byte of `text`, the place in `raw` of the letter it belongs to; a blank has the place of the letter before.
pub(super) fn align(raw: &str, style: ScalarStyle, text: &str) -> Option<Vec<usize>> {
    let mut letters = Letters::new(raw, style).filter(|(_, letter)| !is_blank(*letter));
    let mut places = Vec::with_capacity(text.len());
    let mut last = 0;
    for letter in text.chars() {
        if !is_blank(letter) {
            let (place, found) = letters.next()?;
            last = (found == letter).then_some(place)?;
        }
        places.extend(std::iter::repeat_n(last, letter.len_utf8()));
    }
    letters.next().is_none().then_some(places)
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

/// The letters of a scalar as they stand in the source, escapes resolved, each with its place.
struct Letters<'a> {
    raw: &'a str,
    end: usize,
    at: usize,
    style: ScalarStyle,
}

impl<'a> Letters<'a> {
    fn new(raw: &'a str, style: ScalarStyle) -> Self {
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let margin = usize::from(quoted && raw.len() >= 2);
        Self { raw, end: raw.len() - margin, at: margin, style }
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.raw[self.at..self.end].chars().next()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// The letter after a backslash, as YAML 1.2 and JSON know them; line ends stay blanks.
    fn escaped(&mut self) -> Option<char> {
        Some(match self.take()? {
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            'e' => '\u{1b}',
            'N' => '\u{85}',
            '_' => '\u{a0}',
            'L' => '\u{2028}',
            'P' => '\u{2029}',
            'x' => char::from_u32(self.hex(2)?)?,
            'u' => self.utf16()?,
            'U' => char::from_u32(self.hex(8)?)?,
            letter => letter,
        })
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text = self.raw[..self.end].get(self.at..self.at + digits)?;
        self.at += digits;
        u32::from_str_radix(text, 16).ok()
    }

    /// JSON writes letters beyond 16 bits as two escapes.
    fn utf16(&mut self) -> Option<char> {
        let first = self.hex(4)?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.at += self.raw[self.at..self.end].starts_with("\\u").then_some(2)?;
        let second = self.hex(4)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)
    }
}

impl Iterator for Letters<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<Self::Item> {
        let place = self.at;
        let letter = match (self.take()?, self.style) {
            ('\\', ScalarStyle::DoubleQuoted) => self.escaped()?,
            ('\'', ScalarStyle::SingleQuoted) => self.take()?,
            (letter, _) => letter,
        };
        Some((place, letter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, style: ScalarStyle, text: &str, expected: &[usize]) {
        assert_eq!(align(raw, style, text).as_deref(), Some(expected), "{raw}");
    }

    #[test]
    fn a_block_scalar_loses_its_indentation_and_carriage_returns() {
        check("a:\r\n    1\r\n", ScalarStyle::Literal, "a:\n1\n", &[0, 1, 1, 8, 8]);
    }

    #[test]
    fn a_double_quoted_scalar_loses_its_escapes() {
        check(
            r#""\"7\n\x41\u00e98""#,
            ScalarStyle::DoubleQuoted,
            "\"7\nAé8",
            &[1, 3, 3, 6, 10, 10, 16],
        );
        check("\"a\\\n  8\"", ScalarStyle::DoubleQuoted, "a8", &[1, 6]);
        check(r#""\ud83d\ude001""#, ScalarStyle::DoubleQuoted, "😀1", &[1, 1, 1, 1, 13]);
    }

    #[test]
    fn a_single_quoted_scalar_loses_its_doubled_quotes() {
        check("'''7'' 8'", ScalarStyle::SingleQuoted, "'7' 8", &[1, 3, 4, 4, 7]);
    }

    #[test]
    fn other_text_has_no_place() {
        assert_eq!(align("abc", ScalarStyle::Plain, "abd"), None);
        assert_eq!(align("abc", ScalarStyle::Plain, "ab"), None);
        assert_eq!(align("ab", ScalarStyle::Plain, "abc"), None);
    }
}
