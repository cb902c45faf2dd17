//! Which limits a rule is about: by partner, by path, by both, or by name, each with wildcards.

use std::fmt;

use crate::limit::LimitKey;
use crate::policy::Exclusions;

/// A text in which `*` stands for any letters, none included; all others, `?` included, for themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

/// The limits that a rule is about; what is not given does not matter, so the default selects all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// The value of the descriptor that names a partner.
    pub partner: Option<Glob>,
    /// The value of the descriptor that names a path.
    pub path: Option<Glob>,
    /// The limit's name as [`LimitKey::name`] writes it, `VALUE:VALUE`.
    pub limit: Option<Glob>,
}

impl Glob {
    /// A pattern.
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// Whether all of `text` is as the pattern says.
    pub fn matches(&self, text: &str) -> bool {
        matches(self.0.as_bytes(), text.as_bytes())
    }

    /// The pattern.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How much of a text the pattern fixes: one without wildcards fixes all of it.
    fn precision(&self) -> usize {
        let fixed = self.0.bytes().filter(|byte| *byte != b'*').count();
        if fixed == self.0.len() { EXACT } else { fixed.min(EXACT - 1) }
    }
}

/// More than any pattern with a wildcard can fix.
const EXACT: usize = 10_000;

impl Selector {
    /// Whether the rule is about this limit; the exclusions know which descriptors name partner and path.
    pub fn matches(&self, key: &LimitKey, roles: &Exclusions) -> bool {
        let fits = |glob: &Option<Glob>, value: Option<&str>| {
            glob.as_ref().is_none_or(|glob| value.is_some_and(|value| glob.matches(value)))
        };
        fits(&self.partner, key.value_of(&roles.partner_descriptor))
            && fits(&self.path, key.value_of(&roles.path_descriptor))
            && fits(&self.limit, self.limit.as_ref().map(|_| key.name()).as_deref())
    }

    /// The more precise of two rules wins: a pair before a partner, a name before a pattern.
    pub fn precision(&self) -> usize {
        let parts = [&self.partner, &self.path, &self.limit];
        parts.into_iter().flatten().map(|glob| 1 + glob.precision()).sum()
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("partner", &self.partner), ("path", &self.path), ("limit", &self.limit)];
        let given = parts.into_iter().filter_map(|(name, glob)| Some((name, glob.as_ref()?)));
        let given: Vec<String> = given.map(|(name, glob)| format!("{name} {glob}")).collect();
        if given.is_empty() { f.write_str("all limits") } else { f.write_str(&given.join(", ")) }
    }
}

/// Goes back to the last `*` where the rest does not fit: linear in practice, never exponential.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&letter) if letter == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_fits_the_whole_text() {
        let check = |pattern: &str, text: &str| Glob::new(pattern).matches(text);
        assert!(check("*", "") && check("/a*", "/a") && check("/a/*/c", "/a/b/b/c"));
        assert!(check("*b*d", "abcd") && check("/a?b=*", "/a?b=c") && check("/login", "/login"));
        assert!(!check("/a", "/ab") && !check("/a*c", "/ab") && !check("?", "a"));
    }

    #[test]
    fn a_selector_asks_for_everything_that_it_names() {
        let key = LimitKey::new("edge", [("PARTNER", Some("p1")), ("PATH", Some("/login"))]);
        let roles = Exclusions::default();
        let glob = |text: &str| Some(Glob::new(text));
        let check = |partner: &str, path: &str| {
            Selector { partner: glob(partner), path: glob(path), limit: None }.matches(&key, &roles)
        };
        assert!(check("p*", "/log*") && !check("p2", "*"));
        assert!(Selector::default().matches(&key, &roles));
        assert!(Selector { limit: glob("p1:*"), ..Selector::default() }.matches(&key, &roles));
        // A limit without a path is none of a path's.
        let partner_only = LimitKey::new("edge", [("PARTNER", Some("p1"))]);
        assert!(
            !Selector { path: glob("*"), ..Selector::default() }.matches(&partner_only, &roles)
        );
    }

    #[test]
    fn the_more_precise_selector_weighs_more() {
        let weight = |partner: Option<&str>, path: Option<&str>| {
            let glob = |text: Option<&str>| text.map(Glob::new);
            Selector { partner: glob(partner), path: glob(path), limit: None }.precision()
        };
        assert!(weight(Some("p1"), Some("/a")) > weight(Some("p1"), None));
        assert!(weight(Some("p1"), None) > weight(Some("p*"), Some("/a*")));
        assert!(weight(Some("p*"), None) > weight(None, None));
    }
}
