//! Text as PromQL takes it: nothing that is configured or measured can end a string or become a pattern.

/// What stands between quotes.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

/// A pattern that matches this text and no other; it is not escaped yet.
pub(super) fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_quoted_stays_one_text() {
        assert_eq!(escaped("a\"b\\c\nd\u{e9}}"), "a\\\"b\\\\c\\nd\u{e9}}");
        assert_eq!(pattern("a.b|c"), r"a\.b\|c");
    }
}
