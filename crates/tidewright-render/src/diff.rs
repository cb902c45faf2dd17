//! What would change in a document, as a unified diff that `patch` understands.

use similar::TextDiff;

/// Lines around a change, as `diff -u` shows them.
const CONTEXT_LINES: usize = 3;

/// The unified diff from `old` to `new`; empty if they are equal.
pub fn unified_diff(old: &str, new: &str, name: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let (before, after) = (format!("a/{name}"), format!("b/{name}"));
    diff.unified_diff().context_radius(CONTEXT_LINES).header(&before, &after).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_documents_have_no_diff() {
        assert_eq!(unified_diff("a: 1\n", "a: 1\n", "x.yaml"), "");
    }

    #[test]
    fn only_the_changed_number_shows() {
        let diff = unified_diff("a: 1\nb: 2\n", "a: 1\nb: 3\n", "x.yaml");
        assert_eq!(diff, "--- a/x.yaml\n+++ b/x.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n");
    }
}
