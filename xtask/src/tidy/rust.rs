//! A Rust file as the rules see it: its code without the words in comments and strings.
//!
//! Blanked text keeps its length and its lines, so a place in one is the same place in the other. It knows just enough
//! of the language for that: comments, strings of every kind, characters; it does not parse.

use super::tree::{Page, Tree};

/// One Rust file.
#[derive(Debug)]
pub(crate) struct RustFile<'a> {
    /// Its path from the root.
    pub(crate) path: &'a str,
    /// What it holds.
    pub(crate) text: &'a str,
    /// The same with comments and the insides of literals blanked.
    pub(crate) code: String,
    /// The same as `code`, with test items blanked too; empty for a file of tests.
    pub(crate) product: String,
}

/// Every Rust file of the tree.
pub(crate) fn files(tree: &Tree) -> impl Iterator<Item = RustFile<'_>> {
    tree.ending(".rs").map(RustFile::new)
}

/// The line, counted from 1, on which the byte `at` stands.
pub(crate) fn line_at(text: &str, at: usize) -> usize {
    1 + text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count()
}

impl<'a> RustFile<'a> {
    fn new(page: Page<'a>) -> Self {
        let code = blank_words(page.text);
        let product = if is_test_file(page.path) { String::new() } else { blank_tests(&code) };
        Self { path: page.path, text: page.text, code, product }
    }

    /// How many lines are not tests: lines of a test item are not counted, all others are.
    pub(crate) fn product_lines(&self) -> usize {
        if self.product.is_empty() {
            return 0;
        }
        let tests: usize = test_items(&self.code)
            .map(|(from, to)| {
                self.code.as_bytes()[from..to].iter().filter(|byte| **byte == b'\n').count() + 1
            })
            .sum();
        self.text.lines().count() - tests
    }
}

/// Whether the whole file is tests or benchmarks.
pub(crate) fn is_test_file(path: &str) -> bool {
    let folders = ["tests", "benches", "examples", "fuzz"];
    path.ends_with("/tests.rs") || path.split('/').any(|part| folders.contains(&part))
}

/// The byte ranges of items under `#[cfg(test)]`, from the attribute to the end of the item.
fn test_items(code: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + code[from..].find("#[cfg(test)]")?;
        from = item_end(code, start + "#[cfg(test)]".len());
        Some((start, from))
    })
}

/// Where the item that starts at `from` ends: behind its `;` or behind its closing brace.
fn item_end(code: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn blank_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for (from, to) in test_items(code) {
        blank(&mut bytes[from..to]);
    }
    text_of(bytes)
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .expect("whole literals and comments are blanked, so no character is cut")
}

/// Blanks comments whole, and literals but for their quotes.
fn blank_words(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let (skip, len) = match rest {
            [b'/', b'/', ..] => (0, line_comment(rest)),
            [b'/', b'*', ..] => (0, block_comment(rest)),
            [b'"', ..] => (1, string(rest)),
            [b'r', b'"' | b'#', ..] if !follows_a_name(text, at) => raw_string(rest),
            [b'\'', ..] => (1, character(rest)),
            _ => (0, 0),
        };
        if len > 0 {
            blank(&mut bytes[at + skip..at + len - skip]);
        }
        at += len.max(1);
    }
    text_of(bytes)
}

/// Whether the byte before `at` belongs to a name, so that what follows is no prefix of a literal.
fn follows_a_name(text: &str, at: usize) -> bool {
    let before = at.checked_sub(1).map(|index| text.as_bytes()[index]);
    before.is_some_and(|byte| byte != b'b' && (byte.is_ascii_alphanumeric() || byte == b'_'))
}

fn line_comment(rest: &[u8]) -> usize {
    rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string with both quotes.
fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// What to keep at both ends of a raw string, and its length; a raw identifier has none.
fn raw_string(rest: &[u8]) -> (usize, usize) {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return (0, 0);
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let body = &rest[hashes + 2..];
    let closed = body.windows(end.len()).position(|window| window == end);
    // Both ends keep one byte (`r` and the last quote or hash), which is all that a rule may look at.
    (1, hashes + 2 + closed.map_or(body.len(), |at| at + end.len()))
}

/// The length of a character with both quotes; a lifetime has none.
fn character(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        let closed = rest[3.min(rest.len())..].iter().position(|byte| *byte == b'\'');
        return closed.map_or(0, |at| at + 4);
    }
    // A character takes at most four bytes; what has no quote behind them is a lifetime.
    let closed = rest.iter().take(6).skip(2).position(|byte| *byte == b'\'');
    let is_one =
        |at: usize| std::str::from_utf8(&rest[1..at + 2]).is_ok_and(|s| s.chars().count() == 1);
    closed.filter(|at| is_one(*at)).map_or(0, |at| at + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = blank_words(text);
        assert_eq!(shown.len(), text.len());
        assert_eq!(shown.split_whitespace().collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn comments_are_blank() {
        check("a // b \"c\n/* d /* e */ f */ g", "a g");
    }

    #[test]
    fn the_insides_of_strings_are_blank() {
        check(r#"a("b // \" c") d"#, r#"a(" ") d"#);
    }

    #[test]
    fn raw_strings_are_blank_and_raw_names_are_not() {
        check("f(r#\"a \" b\"#) r#type for\"x\"", "f(r #) r#type for\" \"");
    }

    #[test]
    fn characters_are_blank_and_lifetimes_are_not() {
        check(r#"x('"', '\'', '\u{1F600}', 'é') y<'a, 'b>"#, "x(' ', ' ', ' ', ' ') y<'a, 'b>");
    }

    #[test]
    fn tests_are_no_product() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { if x {} }\n}\nfn c() {}\n";
        let file = RustFile::new(Page { path: "src/a.rs", text });
        assert!(file.product.contains("fn c()") && !file.product.contains("fn b()"));
        assert_eq!(file.product_lines(), 2);
    }

    #[test]
    fn a_test_module_in_its_own_file_takes_two_lines() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests;\nfn c() {}\n";
        assert_eq!(RustFile::new(Page { path: "src/a.rs", text }).product_lines(), 2);
    }
}
