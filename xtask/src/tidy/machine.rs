//! Paths of one machine have no business in the tree: a reader elsewhere cannot follow them.

use super::Finding;
use super::tree::Tree;

/// How such paths begin. They are put together from two parts so that this file does not find itself.
const BEGINNINGS: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!("/ho", "me/"),
    concat!("/Use", "rs/"),
    concat!(".lib", "rary/"),
];

/// Every text file but the lock file, which cargo writes.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let pages = tree.pages().filter(|page| page.path != "Cargo.lock");
    let lines =
        pages.flat_map(|page| page.text.lines().enumerate().map(move |line| (page.path, line)));
    let found = lines.filter(|(_, (_, line))| BEGINNINGS.iter().any(|path| starts_in(line, path)));
    let advice = "name no path of a machine; make it relative to the tree";
    found.map(|(path, (index, _))| Finding::new(path, index + 1, "machine-path", advice)).collect()
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
    fn a_path_of_a_machine_is_found() {
        assert_eq!(found(concat!("see `/ho", "me/ann/x`\n/ro", "ot/y\n")), 2);
    }

    #[test]
    fn the_same_letters_inside_an_address_or_a_relative_path_are_none() {
        let text = concat!("https://example.org/ho", "me/ and docs/wo", "rk/ and ~/wo", "rk/x\n");
        assert_eq!(found(text), 0);
    }
}
