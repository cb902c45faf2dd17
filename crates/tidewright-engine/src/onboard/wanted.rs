//! What a document asks of a counter: its descriptors, their values, and the shape that most of its limits have.
//!
//! A descriptor of another shape is mapped only where its label has few values and stands on every series: each further
//! label splits the traffic of all other limits.
//! Without a document partners and paths are looked for by name.

use std::collections::{BTreeMap, BTreeSet};

use tidewright_core::{Coverage, Covered, LimitKey, MappedLabel};
use tidewright_limiter::Entry;

/// The descriptors that are looked for where no document names any.
const USUAL: [&str; 2] = ["PARTNER", "PATH"];

/// What a document asks of a counter.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) domain: String,
    /// The descriptors of the usual shape, from the root down.
    pub(super) descriptors: Vec<WantedDescriptor>,
    /// Descriptors of other shapes, with values that are written out.
    pub(super) others: Vec<WantedDescriptor>,
    /// All limits, in the order of the document, and whether all values of their wildcards share a counter.
    pub(super) limits: Vec<(LimitKey, bool)>,
}

/// One descriptor, and the values that it has.
#[derive(Debug, Default)]
pub(super) struct WantedDescriptor {
    pub(super) key: String,
    /// Values that are matched as they are.
    pub(super) values: BTreeSet<String>,
    /// Whether some limit takes any value, or any that fits a wildcard.
    pub(super) open: bool,
}

impl Wanted {
    pub(super) fn of(entries: Option<&[Entry]>) -> Self {
        let entries = entries.unwrap_or_default().iter();
        let limits: Vec<(LimitKey, bool)> =
            entries.map(|entry| (entry.key.clone(), entry.share_threshold)).collect();
        let Some(shape) = usual_shape(&limits) else {
            let usual = |key: &str| WantedDescriptor { key: key.to_owned(), ..Default::default() };
            return Self { descriptors: USUAL.map(usual).into(), ..Self::default() };
        };
        let mut by_key: BTreeMap<&str, WantedDescriptor> = BTreeMap::new();
        for descriptor in limits.iter().flat_map(|(key, _)| key.path.iter()) {
            let wanted = by_key.entry(&descriptor.key).or_default();
            match &descriptor.value {
                Some(value) if !value.contains('*') => {
                    wanted.values.insert(value.to_string());
                }
                _ => wanted.open = true,
            }
        }
        let descriptor = |key: &String| WantedDescriptor {
            key: key.clone(),
            ..by_key.remove(key.as_str()).unwrap_or_default()
        };
        let descriptors = shape.iter().map(descriptor).collect();
        let other = |(key, wanted): (&str, WantedDescriptor)| {
            (!wanted.values.is_empty()).then(|| WantedDescriptor { key: key.to_owned(), ..wanted })
        };
        let others = by_key.into_iter().filter_map(other).collect();
        let domain = limits.first().map_or(String::new(), |(key, _)| key.domain.to_string());
        Self { domain, descriptors, others, limits }
    }

    /// Descriptors of the shape that no label carries but that have one value in the whole document: a constant that
    /// the proxy sends, such as a `generic_key`.
    pub(super) fn constants(&self, mapped: &[MappedLabel]) -> Vec<(String, String)> {
        let is_mapped =
            |wanted: &WantedDescriptor| mapped.iter().any(|label| label.descriptor == wanted.key);
        let single = |wanted: &WantedDescriptor| {
            let only =
                wanted.values.first().filter(|_| wanted.values.len() == 1 && !wanted.open)?;
            Some((wanted.key.clone(), only.clone()))
        };
        self.descriptors.iter().filter(|wanted| !is_mapped(wanted)).filter_map(single).collect()
    }

    /// The descriptor that names a partner and the one that names a path: paths begin with a slash, and a partner stands
    /// first of what is left.
    pub(super) fn roles(&self) -> (Option<String>, Option<String>) {
        let is_path = |wanted: &&WantedDescriptor| {
            let slashes = wanted.values.iter().filter(|value| value.starts_with('/')).count();
            2 * slashes > wanted.values.len() || wanted.key.eq_ignore_ascii_case(USUAL[1])
        };
        let path = self.descriptors.iter().find(is_path).map(|wanted| wanted.key.clone());
        let others = self.descriptors.iter().filter(|it| Some(&it.key) != path.as_ref());
        let partner = { others }.find(|it| it.values.len() != 1 || it.open);
        (partner.map(|wanted| wanted.key.clone()), path)
    }

    /// How many limits have only descriptors of the usual shape.
    pub(super) fn measurable(&self) -> usize {
        let known = |key: &str| self.descriptors.iter().any(|wanted| wanted.key == *key);
        let fits = |(limit, _): &&(LimitKey, bool)| {
            limit.path.iter().all(|descriptor| known(&descriptor.key))
        };
        self.limits.iter().filter(fits).count()
    }

    /// That no counter was found.
    pub(super) fn uncovered(&self) -> Coverage {
        let first =
            |limit: &LimitKey| limit.path.first().map_or(String::new(), |it| it.key.to_string());
        let limits = self.limits.iter();
        let limits =
            limits.map(|(limit, _)| (limit.clone(), Covered::Unmapped(first(limit)))).collect();
        Coverage { limits, ..Coverage::default() }
    }
}

/// The descriptor keys that most limits have; of two, the deeper ones, then those that come first.
fn usual_shape(limits: &[(LimitKey, bool)]) -> Option<Vec<String>> {
    let mut counts: Vec<(Vec<String>, usize)> = Vec::new();
    for (limit, _) in limits {
        let shape: Vec<String> = limit.path.iter().map(|it| it.key.to_string()).collect();
        match counts.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, count)) => *count += 1,
            None => counts.push((shape, 1)),
        }
    }
    counts.reverse();
    counts.into_iter().max_by_key(|(shape, count)| (*count, shape.len())).map(|(shape, _)| shape)
}
