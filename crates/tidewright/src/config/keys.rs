//! The one table of keys.
//!
//! Reading, unknown names, checks, `config show` and the reference page all follow from it: a new key is a new row, and
//! nothing else. Where a later row depends on an earlier one, the order of rows is the order in which values are put.

mod calendar;
mod cluster;
mod demand;
mod pacing;
mod prometheus;
mod rates;
mod run;
mod scopes;
mod signals;

use super::key::Key;

/// Rows that belong together on the reference page.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) keys: &'static [Key],
}

/// The whole table.
pub(super) static GROUPS: [Group; 19] = [
    Group { title: "The run", keys: &run::DEPLOYMENT },
    Group { title: "Safety", keys: &run::SAFETY },
    Group { title: "Files and output", keys: &run::FILES },
    Group { title: "Prometheus", keys: &prometheus::PROMETHEUS },
    Group { title: "Kin of Prometheus", keys: &prometheus::FLAVOUR },
    Group { title: "Who we are to Prometheus", keys: &prometheus::AUTH },
    Group { title: "The way to Prometheus", keys: &prometheus::WAY },
    Group { title: "Traffic", keys: &demand::TRAFFIC },
    Group { title: "Beside traffic", keys: &signals::SIGNALS },
    Group { title: "The cache", keys: &signals::CACHE },
    Group { title: "Synthetic data", keys: &demand::MOCK },
    Group { title: "Learning", keys: &rates::LEARNING },
    Group { title: "The limit", keys: &rates::LIMIT },
    Group { title: "Bounds of some limits", keys: &scopes::BOUNDS },
    Group { title: "Exclusions and guards", keys: &rates::GUARDS },
    Group { title: "Pins", keys: &scopes::PINS },
    Group { title: "Pacing", keys: &pacing::PACING },
    Group { title: "Calendar", keys: &calendar::CALENDAR },
    Group { title: "The cluster", keys: &cluster::CLUSTER },
];

/// Where the section of the file that names the mode begins.
pub(super) const DEPLOYMENT: &str = "DEPLOYMENT";

/// The key that names the mode.
pub(super) const MODE: &str = "DEPLOYMENT.MODE";

/// All rows in their order.
pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    GROUPS.iter().flat_map(|group| group.keys)
}

/// All rows, and those of the fields of their entries.
#[cfg(test)]
fn all_with_fields() -> impl Iterator<Item = &'static Key> {
    all().flat_map(|key| std::iter::once(key).chain(key.rule.fields()))
}

/// The row of a path, in any case.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    all().find(|key| key.path.eq_ignore_ascii_case(path))
}

/// Whether keys stand below this path.
pub(super) fn is_group(path: &str) -> bool {
    let below = |key: &Key| {
        key.path.len() > path.len()
            && key.path.as_bytes()[path.len()] == b'.'
            && key.path[..path.len()].eq_ignore_ascii_case(path)
    };
    all().any(below)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tidewright_core::{Mode, Policy};

    use super::super::draft::Draft;
    use super::super::key::{Effect, Rule};
    use super::super::reader;
    use super::super::yaml;
    use super::*;

    #[test]
    fn no_path_flag_or_variable_stands_in_two_rows() {
        let paths: BTreeSet<_> = all().map(|key| key.path.to_lowercase()).collect();
        assert_eq!(paths.len(), all().count());
        for name in [|key: &Key| key.env, |key: &Key| key.flag] {
            let names: Vec<_> = all().filter_map(name).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        }
    }

    #[test]
    fn every_default_passes_its_own_rule() {
        for key in all_with_fields() {
            for text in [key.default, key.default_local, key.safest].into_iter().flatten() {
                let node = yaml::parse(text).unwrap().unwrap();
                assert!(reader::read(&key.rule, &node).is_ok(), "{}: {text}", key.path);
            }
        }
    }

    #[test]
    fn every_sentence_ends_and_every_secret_has_a_variable() {
        for key in all_with_fields() {
            assert!(key.doc.ends_with('.') && !key.doc.contains('|'), "{}", key.path);
            assert!(!key.doc.contains("  "), "{}", key.doc);
            assert!(!matches!(key.rule, Rule::Secret(_)) || key.env.is_some(), "{}", key.path);
        }
    }

    #[test]
    fn the_table_and_the_policy_have_the_same_defaults() {
        let mut draft = Draft::new();
        for key in all().filter(|key| key.effect == Effect::Now) {
            let Some(text) = key.default_in(Mode::Testing) else { continue };
            let node = yaml::parse(text).unwrap().unwrap();
            reader::read(&key.rule, &node).unwrap().put(&key.rule, &mut draft);
        }
        let (table, policy) = (draft.settings.policy, Policy::default());
        assert_eq!(format!("{table:?}"), format!("{policy:?}"));
    }

    #[test]
    fn what_only_the_top_of_the_file_has_is_not_promised_for_fields() {
        for field in all().flat_map(|key| key.rule.fields()) {
            let outside = (field.env, field.flag, field.safest, field.default_local);
            assert_eq!(outside, (None, None, None, None), "{}", field.path);
            assert_eq!(field.effect, Effect::Now, "{}", field.path);
        }
    }

    #[test]
    fn a_group_is_known_in_any_case() {
        assert!(is_group("rate_calculation") && is_group("EXCLUSIONS.conditional_exclusions"));
        assert!(!is_group("DRY_RUN") && !is_group("RATE"));
        assert!(find("rate_calculation.SAFETY_MARGIN").is_some());
    }
}
