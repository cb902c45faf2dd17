//! Sentences as HTML: escaped, what stands between back-ticks as code, and no line break before a percent sign.

use std::fmt;

use askama::filters::{Escaper, Html, HtmlSafe};

/// A sentence whose markup is ours; everything that was in the text is escaped.
// Invariant: made by `Prose::new` and `Prose::name` only, which escape.
pub(super) struct Prose(String);

impl Prose {
    pub(super) fn new(text: &str) -> Self {
        let parts: Vec<String> = text.split('`').map(escaped).collect();
        // An even number of parts means an odd number of back-ticks: one of them is not a mark.
        if parts.len().is_multiple_of(2) {
            return Self(escaped(text));
        }
        let pieces = parts.into_iter().enumerate();
        let piece = |(i, part): (usize, String)| match i % 2 {
            0 => part,
            _ => format!("<code>{part}</code>"),
        };
        Self(pieces.map(piece).collect())
    }
}

impl Prose {
    /// A name that may break after each of its parts, rather than anywhere.
    pub(super) fn name(text: &str) -> Self {
        let parts = text.split_inclusive(['/', ':']).map(escaped);
        Self(parts.collect::<Vec<_>>().join("<wbr>"))
    }
}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Prose {}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    Html.write_escaped_str(&mut out, text).expect("a string takes everything");
    out.replace(" %", "\u{a0}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, html: &str) {
        assert_eq!(Prose::new(text).to_string(), html);
    }

    #[test]
    fn what_stands_between_back_ticks_is_code() {
        check("no `a` and `b`", "no <code>a</code> and <code>b</code>");
    }

    #[test]
    fn a_name_breaks_after_its_parts() {
        assert_eq!(Prose::name("a:/b<").to_string(), "a:<wbr>/<wbr>b&#60;");
    }

    #[test]
    fn a_lonely_back_tick_stays() {
        check("no `a", "no `a");
    }

    #[test]
    fn markup_from_outside_is_text() {
        check("`<b>` & <i>", "<code>&#60;b&#62;</code> &#38; &#60;i&#62;");
    }

    #[test]
    fn a_percent_sign_stays_with_its_number() {
        check("12 % of it", "12\u{a0}% of it");
    }
}
