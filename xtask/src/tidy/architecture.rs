//! `ARCHITECTURE.md` says what is so: every crate has its row with its true arrows, and every invariant names the tests
//! that guard it, or the step it arrives with.
//!
//! An invariant is a numbered item under `## Invariants`. Its tests stand as ``test: `crate: name` ``; what nobody can
//! test yet says `arrives with`. Whether a test proves what it is named for is for people to judge.

use super::Finding;
use super::arrows::{allowed, short};
use super::manifest::Manifest;
use super::tree::{Page, Tree};

const PAGE: &str = "ARCHITECTURE.md";

/// The page against the tree.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(page) = tree.page(PAGE) else {
        let has_crates = tree.packages().next().is_some();
        let missing = Finding::new(PAGE, 1, "architecture", "write the page");
        return if has_crates { vec![missing] } else { Vec::new() };
    };
    [crates(tree, page), invariants(tree, page)].concat()
}

fn crates(tree: &Tree, page: Page<'_>) -> Vec<Finding> {
    let names = tree.packages().map(|manifest| Manifest::parse(manifest.text).name);
    names.filter_map(|name| crate_fault(page, &name)).collect()
}

/// Whether the row of this crate is there and shows its arrows: `| name | job | may use | ...`.
fn crate_fault(page: Page<'_>, name: &str) -> Option<Finding> {
    let start = format!("| `{name}` |");
    let Some((index, row)) = page.text.lines().enumerate().find(|(_, l)| l.starts_with(&start))
    else {
        let advice = format!("add a row for `{name}` to the table of crates");
        return Some(Finding::new(page.path, 1, "architecture", advice));
    };
    let shown = names_in(row.split('|').nth(3).unwrap_or_default());
    let mut expected = allowed(name)?.to_vec();
    expected.sort_unstable();
    let advice = format!("`{name}` may use: {}", expected.join(", "));
    (shown != expected).then(|| Finding::new(page.path, index + 1, "architecture", advice))
}

/// The crates that a cell lists, sorted; `-` is none.
fn names_in(cell: &str) -> Vec<&str> {
    let parts = cell.split(',').map(|part| part.trim().trim_matches('`'));
    let mut names: Vec<&str> = parts.filter(|part| !matches!(*part, "-" | "")).map(short).collect();
    names.sort_unstable();
    names
}

fn invariants(tree: &Tree, page: Page<'_>) -> Vec<Finding> {
    let items = items(page.text);
    if items.is_empty() {
        return vec![Finding::new(
            page.path,
            1,
            "invariant",
            "list the invariants under `## Invariants`",
        )];
    }
    items.iter().flat_map(|(line, item)| item_faults(tree, page, *line, item)).collect()
}

/// The numbered items of the section, each with the line on which it starts.
fn items(text: &str) -> Vec<(usize, String)> {
    let section = text.lines().enumerate().skip_while(|(_, line)| *line != "## Invariants").skip(1);
    let mut items: Vec<(usize, String)> = Vec::new();
    for (index, line) in section.take_while(|(_, line)| !line.starts_with("## ")) {
        let digits = line.trim_start().split_once(". ").map_or("", |(number, _)| number);
        let is_item = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match items.last_mut() {
            _ if is_item => items.push((index + 1, line.to_owned())),
            Some((_, item)) => item.extend([" ", line.trim()]),
            None => {}
        }
    }
    items
}

fn item_faults(tree: &Tree, page: Page<'_>, line: usize, item: &str) -> Vec<Finding> {
    let finding = |advice: String| Finding::new(page.path, line, "invariant", advice);
    let tests = tests_in(item);
    if tests.is_empty() && !item.contains("arrives with") {
        return vec![finding(
            "name its test (``test: `crate: name` ``) or what it arrives with".to_owned(),
        )];
    }
    let missing = tests.iter().filter(|(home, name)| !has_test(tree, home, name));
    missing.map(|(home, name)| finding(format!("there is no test `{name}` in `{home}`"))).collect()
}

/// What stands as `` `crate: name` `` behind `test:`.
fn tests_in(item: &str) -> Vec<(&str, &str)> {
    let Some((_, named)) = item.split_once("test: ") else { return Vec::new() };
    let quoted = named.split('`').skip(1).step_by(2);
    quoted.filter_map(|text| text.split_once(": ")).collect()
}

fn has_test(tree: &Tree, home: &str, name: &str) -> bool {
    let folder = if home == "xtask" { "xtask/".to_owned() } else { format!("crates/{home}/") };
    let signature = format!("fn {name}(");
    let mut files = tree.ending(".rs").filter(|page| page.path.starts_with(&folder));
    files.any(|page| page.text.contains(&signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: (&str, &str) =
        ("crates/tidewright-plan/Cargo.toml", "[package]\nname = \"tidewright-plan\"\n");
    const TEST: (&str, &str) = ("crates/tidewright-plan/src/a.rs", "fn it_holds() {}\n");
    const ROW: &str = "| `tidewright-plan` | decide | `core`, `numerics` | |\n";

    fn found(page: &str) -> Vec<String> {
        let tree = Tree::of(&[MANIFEST, TEST, (PAGE, page)]);
        check(&tree)
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line, finding.advice))
            .collect()
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        let expected = ["1: add a row for `tidewright-plan` to the table of crates"];
        assert_eq!(found("## Invariants\n1. A. test: `tidewright-plan: it_holds`\n"), expected);
    }

    #[test]
    fn a_row_with_other_arrows_than_the_table_is_found() {
        let page = "| `tidewright-plan` | decide | `core`, `store` | |\n## Invariants\n1. A, arrives with b\n";
        assert_eq!(found(page), ["1: `tidewright-plan` may use: core, numerics"]);
    }

    #[test]
    fn an_invariant_that_names_neither_a_test_nor_a_step_is_found() {
        let page = format!("{ROW}## Invariants\n 1. It holds.\n    Always.\n");
        assert_eq!(
            found(&page),
            ["3: name its test (``test: `crate: name` ``) or what it arrives with"]
        );
    }

    #[test]
    fn an_invariant_whose_test_does_not_exist_is_found() {
        let page = format!(
            "{ROW}## Invariants\n1. It\n   test: `tidewright-plan: it_holds`, `xtask: gone`\n"
        );
        assert_eq!(found(&page), ["3: there is no test `gone` in `xtask`"]);
    }

    #[test]
    fn a_page_without_invariants_is_found() {
        assert_eq!(found(ROW), ["1: list the invariants under `## Invariants`"]);
    }

    #[test]
    fn a_true_page_passes() {
        let page = format!(
            "{ROW}## Invariants\n1. It holds.\n   test: `tidewright-plan: it_holds`\n\n## Next\n2. x\n"
        );
        assert_eq!(found(&page), Vec::<String>::new());
    }
}
