//! How measured values become those of a document: the steps that join them, and what stays apart.
//!
//! A step is taken if it brings measured values to the document that were not there before and takes none away. What
//! would give one limit the traffic of others is never a step; it is told as a mismatch.

use std::collections::{BTreeMap, BTreeSet};

use tidewright_core::{Difference, Mismatch, Rewrite};

use super::super::wanted::WantedDescriptor;

/// Values that are tried for a prefix: it stands in front of all of them.
const PREFIX_SAMPLES: usize = 50;

/// Mismatches of one label that are told.
const MISMATCHES_MAX: usize = 50;

/// Steps for one value each: more of them are a table, which is better kept where the metric is made.
const LITERALS_MAX: usize = 20;

/// What joins a label's values with a descriptor's.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub(super) rewrites: Vec<Rewrite>,
    pub(super) mismatches: Vec<Mismatch>,
    /// Values of the document that are measured, all steps taken.
    pub(super) matched: usize,
}

/// Joins the values of a document with measured ones.
pub(super) fn join(wanted: &WantedDescriptor, measured: &BTreeSet<String>) -> Joined {
    let document = &wanted.values;
    let mut joined = Joined::default();
    joined.rewrites.extend(prefix(&wanted.key, document, measured));
    for (step, difference) in [
        (Rewrite::StripQuery, Difference::QueryInMetric),
        (Rewrite::StripTrailingSlash, Difference::TrailingSlash),
        (Rewrite::LowerCase, Difference::Case),
    ] {
        joined.try_step(document, measured, step, difference);
    }
    joined.templates(document, measured);
    joined.literals(document, measured);
    joined.mismatches.truncate(MISMATCHES_MAX);
    let seen = rewritten(&joined.rewrites, measured);
    joined.matched = document.iter().filter(|value| seen.contains_key(*value)).count();
    joined
}

impl Joined {
    /// Takes a step that many values may need, if it joins some and parts none.
    fn try_step(
        &mut self,
        document: &BTreeSet<String>,
        measured: &BTreeSet<String>,
        step: Rewrite,
        difference: Difference,
    ) {
        let before = rewritten(&self.rewrites, measured);
        let steps: Vec<Rewrite> = self.rewrites.iter().cloned().chain([step.clone()]).collect();
        let after = rewritten(&steps, measured);
        let parts =
            document.iter().any(|value| before.contains_key(value) && !after.contains_key(value));
        let gained = document.iter().find_map(|value| {
            let sources = after.get(value)?;
            let known = before.get(value);
            let new =
                sources.iter().find(|source| known.is_none_or(|known| !known.contains(*source)));
            new.map(|new| (value, *new))
        });
        let Some((written, source)) = gained.filter(|_| !parts) else { return };
        let (written, measured, rewrite) = (written.clone(), source.clone(), Some(step.clone()));
        self.rewrites.push(step);
        self.mismatches.push(Mismatch { difference, written, measured, rewrite, joined: true });
    }

    /// Templates on one side, values on the other.
    fn templates(&mut self, document: &BTreeSet<String>, measured: &BTreeSet<String>) {
        let seen = rewritten(&self.rewrites, measured);
        for written in document.iter().filter(|value| !seen.contains_key(*value)) {
            let Some(pattern) = template(written) else { continue };
            let Some(source) = seen.keys().find(|value| pattern.apply(value).as_ref() == written)
            else {
                continue;
            };
            let (written, measured) = (written.clone(), source.clone());
            let difference = Difference::TemplateInDocument;
            self.rewrites.push(pattern.clone());
            let rewrite = Some(pattern);
            self.mismatches.push(Mismatch { difference, written, measured, rewrite, joined: true });
        }
        for measured in seen.keys() {
            let Some(pattern) = template(measured) else { continue };
            let hidden = document.iter().filter(|value| !seen.contains_key(*value));
            for written in hidden.filter(|value| pattern.apply(value) == *measured) {
                let (written, measured) = (written.clone(), measured.clone());
                let difference = Difference::TemplateInMetric;
                let mismatch =
                    Mismatch { difference, written, measured, rewrite: None, joined: false };
                self.mismatches.push(mismatch);
            }
        }
    }

    /// Single values that differ in case, by a slash or by a query.
    fn literals(&mut self, document: &BTreeSet<String>, measured: &BTreeSet<String>) {
        let seen = rewritten(&self.rewrites, measured);
        let by_plain: BTreeMap<String, &String> =
            seen.keys().map(|value| (plain(value), value)).collect();
        let missing: Vec<&String> =
            document.iter().filter(|value| !seen.contains_key(*value)).collect();
        for written in missing.into_iter().take(LITERALS_MAX) {
            let Some(source) = by_plain.get(&plain(written)) else { continue };
            // What another limit counts already cannot be given to this one as well.
            let is_taken = document.contains(*source);
            let difference = difference(written, source);
            let can_be_written =
                [*source, written].into_iter().all(|value| !value.contains(['*', ' ']));
            let is_free = !is_taken && can_be_written;
            let joined = is_free && difference != Difference::QueryInDocument;
            let rewrite = is_free.then(|| Rewrite::literal(source, written));
            self.rewrites.extend(rewrite.clone().filter(|_| joined));
            let (written, measured) = (written.clone(), (*source).clone());
            self.mismatches.push(Mismatch { difference, written, measured, rewrite, joined });
        }
    }
}

/// What stands in front of all measured values but not of the document's: `PARTNER_` at the limiter.
fn prefix(key: &str, document: &BTreeSet<String>, measured: &BTreeSet<String>) -> Option<Rewrite> {
    if document.iter().any(|value| measured.contains(value)) {
        return None;
    }
    let own = [format!("{key}_"), format!("{key}:"), format!("{key}-")].into_iter();
    let found = measured.iter().take(PREFIX_SAMPLES).flat_map(|value| {
        // A path ends with other paths, which are no prefixes.
        let ends = document.iter().filter(|end| !end.starts_with('/'));
        ends.filter_map(|end| value.strip_suffix(end.as_str()))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let joins = |prefix: &String| {
        let bare = measured.iter().filter_map(|value| value.strip_prefix(prefix.as_str()));
        bare.filter(|value| document.contains(*value)).count()
    };
    let prefixes: BTreeSet<String> = own.chain(found).filter(|prefix| !prefix.is_empty()).collect();
    let best = prefixes.into_iter().max_by_key(joins).filter(|prefix| joins(prefix) > 0)?;
    let is_text = best.chars().all(|letter| letter != '*' && !letter.is_whitespace());
    is_text.then(|| Rewrite::without_prefix(&best))
}

/// Measured values by what the steps make of them.
fn rewritten<'a>(
    steps: &[Rewrite],
    measured: &'a BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<&'a String>> {
    let mut all: BTreeMap<String, BTreeSet<&String>> = BTreeMap::new();
    for value in measured {
        all.entry(Rewrite::apply_all(steps, value).into_owned()).or_default().insert(value);
    }
    all
}

/// A template such as `/users/{id}` or `/users/:id` as the pattern of what it stands for.
fn template(value: &str) -> Option<Rewrite> {
    let is_open = |part: &str| {
        (part.starts_with('{') && part.ends_with('}')) || (part.starts_with(':') && part.len() > 1)
    };
    if !value.starts_with('/') || value.contains(['*', ' ']) || !value.split('/').any(is_open) {
        return None;
    }
    let parts: Vec<&str> =
        value.split('/').map(|part| if is_open(part) { "*" } else { part }).collect();
    Rewrite::parse(&format!("{} -> {value}", parts.join("/"))).ok()
}

/// A value without query, slash at the end and capitals.
fn plain(value: &str) -> String {
    let steps = [Rewrite::StripQuery, Rewrite::StripTrailingSlash, Rewrite::LowerCase];
    Rewrite::apply_all(&steps, value).into_owned()
}

fn difference(written: &str, measured: &str) -> Difference {
    if written.contains('?') {
        return Difference::QueryInDocument;
    }
    let bare = |value: &str| value.trim_end_matches('/').to_owned();
    if bare(written) == bare(measured) { Difference::TrailingSlash } else { Difference::Case }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(
        document: &[&str],
        measured: &[&str],
    ) -> (Vec<String>, usize, Vec<(Difference, bool)>) {
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let wanted =
            WantedDescriptor { key: "PATH".to_owned(), values: set(document), open: false };
        let Joined { rewrites, mismatches, matched } = join(&wanted, &set(measured));
        let kinds = mismatches.iter().map(|it| (it.difference, it.joined)).collect();
        (rewrites.iter().map(ToString::to_string).collect(), matched, kinds)
    }

    #[test]
    fn equal_values_need_no_step() {
        assert_eq!(joined(&["/a", "/b"], &["/a", "/c"]), (vec![], 1, vec![]));
    }

    #[test]
    fn the_limiters_prefix_is_found_whatever_it_is() {
        assert_eq!(joined(&["p1", "p2"], &["PATH_p1", "PATH_p2"]).0, ["PATH_** -> **"]);
        assert_eq!(joined(&["p1", "p2"], &["tenant-p1", "tenant-p2", "x"]).0, ["tenant-** -> **"]);
    }

    #[test]
    fn query_strings_slashes_and_case_of_the_metric_are_taken_away() {
        let (steps, matched, kinds) = joined(&["/a", "/b", "/c"], &["/a", "/a?x=1", "/b/", "/C"]);
        assert_eq!(steps, ["strip_query", "strip_trailing_slash", "lower_case"]);
        assert_eq!((matched, kinds.len()), (3, 3));
    }

    #[test]
    fn a_step_that_parts_what_was_joined_is_not_taken() {
        let (steps, matched, _) = joined(&["/List", "/get"], &["/List", "/Get"]);
        assert_eq!((steps, matched), (vec!["/Get -> /get".to_owned()], 2));
    }

    #[test]
    fn a_template_in_the_document_takes_what_it_stands_for() {
        let (steps, matched, kinds) =
            joined(&["/users/{id}", "/a"], &["/users/7", "/users/8", "/a"]);
        assert_eq!((steps, matched), (vec!["/users/* -> /users/{id}".to_owned()], 2));
        assert_eq!(kinds, [(Difference::TemplateInDocument, true)]);
    }

    #[test]
    fn what_would_count_the_traffic_of_others_is_only_told() {
        let (steps, matched, kinds) = joined(&["/users/7", "/a?x=1"], &["/users/{id}", "/a"]);
        assert_eq!((steps, matched), (vec![], 0));
        assert_eq!(
            kinds,
            [(Difference::TemplateInMetric, false), (Difference::QueryInDocument, false)]
        );
    }
}
