//! `tidy`: the rules of the house that a compiler and clippy cannot see.
//!
//! Each rule is a pure function from the [`Tree`] to [`Finding`]s, in a file of its own, with a test that sees it fail.
//! A finding says where and what to do. Nothing is mended here.

mod architecture;
mod arrows;
mod changelog;
mod code;
mod links;
mod machine;
mod manifest;
mod messages;
mod rust;
mod shape;
mod tree;

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use tree::Tree;

/// Every rule, in the order in which findings are printed.
const RULES: &[fn(&Tree) -> Vec<Finding>] = &[
    arrows::check,
    shape::check,
    code::check,
    messages::check,
    machine::check,
    architecture::check,
    changelog::check,
    links::check,
];

/// One place where the tree breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// Counted from 1.
    line: usize,
    rule: &'static str,
    /// What to do about it.
    advice: String,
}

impl Finding {
    fn new(path: &str, line: usize, rule: &'static str, advice: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, advice: advice.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.advice)
    }
}

/// Checks this work tree and prints what it finds: findings to stdout, the sum to stderr.
pub(crate) fn run() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match Tree::load(&root) {
        Ok(tree) => report(&tree, &check(&tree)),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: cannot list the files of the tree: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check(tree: &Tree) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule(tree)).collect()
}

fn report(tree: &Tree, findings: &[Finding]) -> ExitCode {
    let mut out = io::stdout().lock();
    for finding in findings {
        let _ = writeln!(out, "{finding}");
    }
    let files = tree.pages().count();
    let _ = writeln!(io::stderr(), "tidy: {files} files read, findings: {}", findings.len());
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_as_file_line_rule_and_what_to_do() {
        let finding = Finding::new("src/lib.rs", 7, "header", "open the file with `//!`");
        assert_eq!(finding.to_string(), "src/lib.rs:7: header: open the file with `//!`");
    }

    #[test]
    fn every_rule_is_asked() {
        let tree = Tree::of(&[("crates/x/src/mod.rs", "fn main() {}\n")]);
        let rules: Vec<&str> = check(&tree).iter().map(|finding| finding.rule).collect();
        assert!(rules.contains(&"header") && rules.contains(&"file-name"), "{rules:?}");
    }
}
