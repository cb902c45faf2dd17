//! Changelog fragments: one file per change that a user can see, `changelog.d/NAME.KIND.md`.
//!
//! A release moves them into `CHANGELOG.md`; until then they do not conflict with one another.

use super::Finding;
use super::tree::{Page, Tree};

/// The kinds of change, as `CHANGELOG.md` heads them.
const KINDS: &[&str] = &["added", "changed", "fixed", "removed", "security"];

/// Every file in `changelog.d/` but its README.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let fragments = tree.pages().filter(|page| page.path.starts_with("changelog.d/"));
    let judged = fragments.filter(|page| page.path != "changelog.d/README.md").filter_map(fault);
    judged.map(|(path, advice)| Finding::new(&path, 1, "changelog", advice)).collect()
}

fn fault(page: Page<'_>) -> Option<(String, String)> {
    let path = page.path.to_owned();
    let name = page.path.trim_start_matches("changelog.d/");
    if !is_well_named(name) {
        let kinds = KINDS.join(", ");
        return Some((
            path,
            format!("name it `lower-case-words.KIND.md`, KIND being one of {kinds}"),
        ));
    }
    let text = page.text.trim();
    let is_sentence = text.ends_with('.') && !text.starts_with(['-', '*', '#']);
    (!is_sentence).then(|| (path, "write plain sentences that end with a stop".to_owned()))
}

fn is_well_named(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    let [words, kind, "md"] = parts.as_slice() else { return false };
    let is_plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    !words.is_empty() && words.chars().all(is_plain) && KINDS.contains(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_fragment_with_a_wrong_name_is_found() {
        for name in ["Limits.added.md", "limits.md", "limits.new.md", "limits.added.txt"] {
            assert_eq!(found(&format!("changelog.d/{name}"), "It works.\n"), 1, "{name}");
        }
    }

    #[test]
    fn a_fragment_without_a_sentence_is_found() {
        for text in ["", "- it works.\n", "it works\n"] {
            assert_eq!(found("changelog.d/limits.added.md", text), 1, "{text:?}");
        }
    }

    #[test]
    fn a_good_fragment_and_the_readme_pass() {
        assert_eq!(found("changelog.d/limits-12.added.md", "`limits plan` shows why.\n"), 0);
        assert_eq!(found("changelog.d/README.md", "# How\n"), 0);
    }
}
