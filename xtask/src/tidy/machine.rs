//! Paths of one machine have no business in the tree: a reader elsewhere cannot follow them.

use super::Finding;
use super::rust::is_test_file;
use super::tree::{Page, Tree};

/// How such paths begin. They are put together from two parts so that this file does not find itself.
const BEGINNINGS: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!(".lib", "rary/"),
];

/// How the folders of people begin; a test may make one up.
const HOMES: &[&str] = &[concat!("/ho", "me/"), concat!("/Use", "rs/")];

/// Every text file but the lock file, which cargo writes.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.pages().filter(|page| page.path != "Cargo.lock").flat_map(check_page).collect()
}

fn check_page(page: Page<'_>) -> Vec<Finding> {
    let homes = if is_test_file(page.path) { &[] } else { HOMES };
    let paths: Vec<&str> = BEGINNINGS.iter().chain(homes).copied().collect();
    let lines = page.text.lines().enumerate();
    let found = lines.filter(|(_, line)| paths.iter().any(|path| starts_in(line, path)));
    let advice = "name no path of a machine; make it relative to the tree";
    found.map(|(index, _)| Finding::new(page.path, index + 1, "machine-path", advice)).collect()
}

/// Whether `path` begins somewhere in `line`, not in the middle of a longer path or address.
fn starts_in(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_ascii_alphanumeric() || "._-}~".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&Tree::of(&[("docs/a.md", text)])).len()
    }

    #[test]
    fn a_test_may_make_up_a_home_and_no_other_place() {
        let text = concat!("/ho", "me/me/out\n/ro", "ot/out\n");
        assert_eq!(check(&Tree::of(&[("crates/a/src/b/tests.rs", text)])).len(), 1);
    }

    #[test]
    fn a_path_of_a_machine_is_found() {
        assert_eq!(found(concat!("see `/ho", "me/ann/x`\n/ro", "ot/y\n")), 2);
    }

    #[test]
    fn the_same_letters_inside_an_address_or_a_relative_path_are_none() {
        let text = concat!("https://example.org/ho", "me/ and docs/wo", "rk/ and ~/wo", "rk/x\n");
        assert_eq!(found(text), 0);
    }
}
