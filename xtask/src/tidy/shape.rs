//! The shape of files: their size, their header, their name.
//!
//! Function length, parameters and nesting are clippy's (`clippy.toml`), not ours.

use super::Finding;
use super::rust::{self, RustFile};
use super::tree::Tree;

/// Lines of a file without its tests. A story longer than this has two heroes.
const FILE_LINES_MAX: usize = 500;

/// Names that say nothing about what is inside, so that everything ends up there.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "misc"];

/// Every Rust file.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let rules = [size, header, name];
    rust::files(tree)
        .flat_map(|file| rules.iter().filter_map(|rule| rule(&file)).collect::<Vec<_>>())
        .collect()
}

fn size(file: &RustFile<'_>) -> Option<Finding> {
    let lines = file.product_lines();
    let advice =
        format!("{lines} lines without tests, at most {FILE_LINES_MAX}: split it by story");
    (lines > FILE_LINES_MAX)
        .then(|| Finding::new(file.path, FILE_LINES_MAX + 1, "file-size", advice))
}

fn header(file: &RustFile<'_>) -> Option<Finding> {
    let advice = "open the file with `//!`: what it is for, its rule, what it does not do";
    (!file.text.starts_with("//!")).then(|| Finding::new(file.path, 1, "header", advice))
}

fn name(file: &RustFile<'_>) -> Option<Finding> {
    let stem = |part: &str| part.trim_end_matches(".rs").to_owned();
    if file.path.ends_with("/mod.rs") {
        let advice = "name it after its folder: `x.rs` beside `x/`";
        return Some(Finding::new(file.path, 1, "file-name", advice));
    }
    let empty = file.path.split('/').map(stem).find(|part| EMPTY_NAMES.contains(&part.as_str()))?;
    let advice = format!("`{empty}` says nothing: name it after what is inside");
    Some(Finding::new(file.path, 1, "file-name", advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<&'static str> {
        check(&Tree::of(&[(path, text)])).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn a_file_above_the_limit_is_found_and_tests_do_not_count() {
        let long = format!("//! a\n{}", "fn a() {}\n".repeat(FILE_LINES_MAX));
        assert_eq!(found("src/a.rs", &long), ["file-size"]);
        let tests = format!("//! a\n#[cfg(test)]\nmod tests {{\n{}}}\n", "fn a() {}\n".repeat(600));
        assert!(found("src/a.rs", &tests).is_empty());
        assert!(found("tests/a.rs", &long).is_empty());
    }

    #[test]
    fn a_file_without_a_header_is_found() {
        assert_eq!(found("src/a.rs", "fn a() {}\n"), ["header"]);
    }

    #[test]
    fn a_mod_file_is_found() {
        assert_eq!(found("src/a/mod.rs", "//! a\n"), ["file-name"]);
    }

    #[test]
    fn an_empty_name_is_found_for_files_and_folders() {
        assert_eq!(found("src/utils.rs", "//! a\n"), ["file-name"]);
        assert_eq!(found("src/common/a.rs", "//! a\n"), ["file-name"]);
    }
}
