//! Words that code must not hold: the wall clock, the outside world in pure crates, silenced lints, unsafe code,
//! unfinished work.
//!
//! Only code is read: a word in a comment or in a string does not count.

use super::Finding;
use super::rust::{self, RustFile, line_at};
use super::tree::Tree;

/// The one file that may read the wall clock.
const CLOCK_FILE: &str = "crates/tidewright/src/wall.rs";

/// The crates that do no I/O, read no clock and start no thread.
const PURE: &[&str] = &["core", "numerics", "models", "plan", "limiter", "render"];

/// A word, the rule it breaks and what to do instead.
type Word = (&'static str, &'static str, &'static str);

/// Nowhere, tests included. Some are put together from two parts, so that a plain search for them stays empty here too.
const BANNED: &[Word] = &[
    ("#[allow(", "no-allow", "write `#[expect(lint, reason = \"...\")]`"),
    ("#![allow(", "no-allow", "write `#![expect(lint, reason = \"...\")]`"),
    (
        concat!("#[ig", "nore"),
        "no-ignore",
        "a test that does not run proves nothing: mend it or take it out",
    ),
    (concat!("to", "do!("), "finished", "finish it or leave it out"),
    (concat!("unimple", "mented!("), "finished", "finish it or leave it out"),
    (concat!("d", "bg!("), "finished", "take it out"),
];

/// Nowhere but in [`CLOCK_FILE`].
const CLOCKS: &[Word] = &[("SystemTime::now", "clock", "time is a parameter: take a `&dyn Clock`")];

/// The files that may hold unsafe code: wide arithmetic, reviewed as one piece.
const WIDE_FILES: &[&str] =
    &["crates/tidewright-numerics/src/simd.rs", "crates/tidewright-numerics/src/simd/avx.rs"];

/// Nowhere but in [`WIDE_FILES`].
const UNSAFE: &[Word] =
    &[("unsafe ", "unsafe", "write a kernel for `tidewright_numerics::simd` instead")];

/// Not in the product of a pure crate.
const IMPURE: &[Word] = &[
    ("std::fs", "pure", "this crate does no I/O: read or write in an adapter"),
    ("std::net", "pure", "this crate does no I/O: talk in an adapter"),
    ("std::env", "pure", "settings are parameters: read the environment in the binary"),
    ("std::process", "pure", "this crate starts nothing: do it in an adapter"),
    ("std::thread", "pure", "the engine owns the one pool: take work, do not spread it"),
    ("Instant::now", "pure", "time is a parameter: take a `Timestamp`"),
];

/// Every Rust file.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    rust::files(tree).flat_map(|file| check_file(&file)).collect()
}

fn check_file(file: &RustFile<'_>) -> Vec<Finding> {
    let mut findings = search(file, &file.code, BANNED);
    if file.path != CLOCK_FILE {
        findings.extend(search(file, &file.code, CLOCKS));
    }
    if !WIDE_FILES.contains(&file.path) {
        findings.extend(search(file, &file.code, UNSAFE));
    }
    if is_pure(file.path) {
        findings.extend(search(file, &file.product, IMPURE));
    }
    findings
}

fn is_pure(path: &str) -> bool {
    let room = path.strip_prefix("crates/tidewright-").and_then(|rest| rest.split_once("/src/"));
    room.is_some_and(|(room, _)| PURE.contains(&room))
}

fn search(file: &RustFile<'_>, code: &str, words: &[Word]) -> Vec<Finding> {
    let hits = |(word, rule, advice): &Word| {
        let places: Vec<usize> =
            code.match_indices(word).map(|(at, _)| line_at(code, at)).collect();
        let found = |line| Finding::new(file.path, line, rule, *advice);
        places.into_iter().map(found).collect::<Vec<_>>()
    };
    words.iter().flat_map(hits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        check(&Tree::of(&[(path, text)])).into_iter().map(|f| (f.line, f.rule)).collect()
    }

    #[test]
    fn a_silenced_lint_is_found() {
        let text = "#![allow(dead_code)]\n#[allow(unused)]\nfn a() {}\n";
        assert_eq!(found("src/a.rs", text), [(2, "no-allow"), (1, "no-allow")]);
    }

    #[test]
    fn unfinished_work_is_found_also_in_tests() {
        let text =
            concat!("fn a() { to", "do!() }\n#[cfg(test)]\nmod tests { fn b() { d", "bg!(1) } }\n");
        assert_eq!(found("src/a.rs", text), [(1, "finished"), (3, "finished")]);
    }

    #[test]
    fn a_test_that_does_not_run_is_found() {
        assert_eq!(
            found("tests/a.rs", concat!("#[test]\n#[ig", "nore]\nfn a() {}\n")),
            [(2, "no-ignore")]
        );
    }

    #[test]
    fn words_in_comments_and_strings_do_not_count() {
        let text = "// SystemTime::now\nconst A: &str = \"#[allow(x)]\";\n";
        assert!(found("src/a.rs", text).is_empty());
    }

    #[test]
    fn the_wall_clock_is_read_in_one_file_only() {
        let text = "fn a() { SystemTime::now(); }\n";
        assert_eq!(found("crates/tidewright-plan/src/a.rs", text), [(1, "clock")]);
        assert!(found(CLOCK_FILE, text).is_empty());
    }

    #[test]
    fn unsafe_code_stands_in_the_files_for_wide_arithmetic_only() {
        let text = "fn a() { unsafe { b() } }\nfn unsafe_limits() {}\n";
        assert_eq!(found("crates/tidewright-models/src/a.rs", text), [(1, "unsafe")]);
        assert!(found(WIDE_FILES[0], text).is_empty());
    }

    #[test]
    fn the_pure_crates_do_no_io_and_read_no_clock() {
        let text = "use std::fs;\nfn a() { Instant::now(); std::thread::spawn(b); }\n";
        let expected = [(1, "pure"), (2, "pure"), (2, "pure")];
        assert_eq!(found("crates/tidewright-models/src/a.rs", text), expected);
        assert!(found("crates/tidewright-source/src/a.rs", text).is_empty());
        assert!(found("crates/tidewright-models/benches/a.rs", text).is_empty());
    }
}
