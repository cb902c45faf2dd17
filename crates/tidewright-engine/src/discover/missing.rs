//! The limits that traffic without one would have: with the descriptors that its neighbours have, in their order.

use std::collections::BTreeMap;

use tidewright_core::{Frame, LimitKey, SeriesKey};

use crate::case::Case;
use crate::matching::Counter;

/// The limits of `columns`, each with the columns that it would count; none where the document shows no shape that fits.
pub(crate) fn missing_keys(
    frame: &Frame,
    columns: &[usize],
    cases: &[Case],
) -> BTreeMap<LimitKey, Counter> {
    let mut missing: BTreeMap<LimitKey, Counter> = BTreeMap::new();
    let shapes = shapes(cases);
    for &column in columns {
        let key = &frame.keys()[column];
        let limit = shapes.iter().find_map(|(domain, shape)| limit(domain, shape, key));
        if let Some(limit) = limit {
            missing.entry(limit).or_default().push(column);
        }
    }
    missing
}

/// Domains and descriptor keys of limits with a number or without, the usual ones first.
fn shapes(cases: &[Case]) -> Vec<(String, Vec<String>)> {
    let mut counts: BTreeMap<(String, Vec<String>), usize> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.current.is_some()) {
        let shape = case.key.path.iter().map(|descriptor| descriptor.key.to_string()).collect();
        *counts.entry((case.key.domain.to_string(), shape)).or_default() += 1;
    }
    let mut shapes: Vec<_> = counts.into_iter().collect();
    shapes.sort_by(|((one, a), n), ((other, b), m)| {
        m.cmp(n).then(b.len().cmp(&a.len())).then_with(|| (one, a).cmp(&(other, b)))
    });
    shapes.into_iter().map(|(shape, _)| shape).collect()
}

fn limit(domain: &str, shape: &[String], key: &SeriesKey) -> Option<LimitKey> {
    let value = |name: &String| key.label(name).filter(|value| !value.is_empty());
    let path: Option<Vec<(&str, Option<&str>)>> =
        shape.iter().map(|name| Some((name.as_str(), Some(value(name)?)))).collect();
    Some(LimitKey::new(domain, path?))
}
