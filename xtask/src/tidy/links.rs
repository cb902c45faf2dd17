//! Links between Markdown pages of the tree lead somewhere: to a file, and to a heading where they name one.
//!
//! Addresses on the web are not followed.

use super::Finding;
use super::tree::{Page, Tree};

/// Every Markdown page.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".md").flat_map(|page| check_page(tree, page)).collect()
}

fn check_page(tree: &Tree, page: Page<'_>) -> Vec<Finding> {
    let links =
        prose(page.text).flat_map(|(line, text)| targets(text).map(move |target| (line, target)));
    let broken = links.filter(|(_, target)| !leads_somewhere(tree, page, target));
    let found = broken.map(|(line, target)| {
        Finding::new(page.path, line, "link", format!("`{target}` leads nowhere"))
    });
    found.collect()
}

/// The lines, counted from 1, that stand in no code block.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_block = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        (!in_block && !is_fence).then_some((index + 1, line))
    })
}

/// What the links of a line point at: the part in `](...)`, outside code.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let outside_code = line.split('`').step_by(2);
    let parts = outside_code.flat_map(|part| part.split("](").skip(1));
    // A link whose text is code starts in the part before its code: then `](` opens the part after it, as above.
    parts.filter_map(|part| part.split([')', ' ']).next())
}

fn leads_somewhere(tree: &Tree, page: Page<'_>, target: &str) -> bool {
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() { page.path.to_owned() } else { resolve(page.path, file) };
    if heading.is_empty() {
        return tree.has(&path);
    }
    tree.page(&path).is_some_and(|page| anchors(page.text).any(|anchor| anchor == heading))
}

/// The path that `link` means on the page at `from`.
fn resolve(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The anchors of a page's headings, as web views of Markdown make them.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let headings = prose(text).filter(|(_, line)| line.starts_with('#'));
    headings.map(|(_, line)| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("docs/a.md", text),
            ("README.md", "# Two words: `x`\n"),
            ("docs/b/c.md", ""),
        ]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_link_to_a_missing_file_is_found() {
        assert_eq!(found("# A\nsee [it](b/d.md)\n"), ["docs/a.md:2: link: `b/d.md` leads nowhere"]);
        assert_eq!(found("![it](../img.png) and [`x`](gone.md)\n").len(), 2);
    }

    #[test]
    fn a_link_to_a_missing_heading_is_found() {
        assert_eq!(found("[it](../README.md#three)\n").len(), 1);
        assert_eq!(found("[it](#three)\n").len(), 1);
    }

    #[test]
    fn good_links_pass() {
        let text = "# Up here\n[a](../README.md#two-words-x) [b](b/) [c](#up-here) [d](https://example.org) \
                    [e](b/c.md)\n";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn code_holds_no_links() {
        assert_eq!(found("`[a](b)`\n```\n[a](b)\n```\n"), Vec::<String>::new());
    }
}
