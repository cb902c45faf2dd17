//! Which limits have traffic, and which traffic has limits: the sums of a counter laid over a document.
//!
//! The rule is the limiter's: of the limits with the same descriptors the one that is written out counts before a
//! wildcard, and a wildcard before a descriptor without a value. Limits with different descriptors count the same
//! request side by side.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tidewright_core::{
    Candidate, Coverage, Covered, Descriptor, LimitKey, Mismatch, Rewrite, SeriesKey, Sums,
};

use super::labels::fits_wildcard;
use super::wanted::Wanted;

/// Combinations without a limit that are listed; all are counted.
const STRANGERS_MAX: usize = 100;

/// The traffic of one combination of descriptor values.
type Tuple = BTreeMap<String, String>;

/// Lays the sums of a candidate over the limits.
pub(super) fn cover(candidate: &Candidate, sums: &Sums, per_day: f64, wanted: &Wanted) -> Coverage {
    let mut traffic: BTreeMap<Tuple, f64> = BTreeMap::new();
    for (series, rise) in sums.rises.iter().filter(|(_, rise)| *rise > 0.0) {
        *traffic.entry(tuple(candidate, series)).or_default() += rise * per_day;
    }
    let finder = Finder::new(&wanted.limits);
    let mut behind = vec![0.0; wanted.limits.len()];
    let mut coverage = Coverage::default();
    for (tuple, requests) in &traffic {
        let limits = finder.limits_of(tuple);
        limits.iter().for_each(|&limit| behind[limit] += requests);
        coverage.requests += requests;
        if limits.is_empty() {
            coverage.strangers.push((stranger(wanted, tuple), *requests));
        } else {
            coverage.matched += requests;
        }
    }
    coverage.strangers.sort_by(|(one, a), (other, b)| b.total_cmp(a).then(one.cmp(other)));
    coverage.strangers_total = coverage.strangers.len();
    coverage.strangers.truncate(STRANGERS_MAX);
    let limits = wanted.limits.iter().zip(behind);
    coverage.limits =
        limits.map(|(key, requests)| (key.clone(), covered(candidate, key, requests))).collect();
    coverage
}

fn tuple(candidate: &Candidate, series: &SeriesKey) -> Tuple {
    let mapped = candidate.labels.iter().map(|label| {
        let value = series.label(&label.label).unwrap_or_default();
        (label.descriptor.clone(), Rewrite::apply_all(&label.rewrites, value).into_owned())
    });
    mapped.chain(candidate.constants.iter().cloned()).collect()
}

fn covered(candidate: &Candidate, key: &LimitKey, requests: f64) -> Covered {
    if requests > 0.0 {
        return Covered::Traffic(requests);
    }
    let is_known = |it: &&Descriptor| {
        candidate.labels.iter().any(|label| *label.descriptor == *it.key)
            || candidate.constants.iter().any(|(constant, _)| **constant == *it.key)
    };
    if let Some(unmapped) = key.path.iter().find(|it| !is_known(it)) {
        return Covered::Unmapped(unmapped.key.to_string());
    }
    match key.path.iter().find_map(|it| mismatch(candidate, it)) {
        Some(mismatch) => Covered::Never(mismatch),
        None => Covered::Nothing,
    }
}

fn mismatch(candidate: &Candidate, descriptor: &Descriptor) -> Option<Mismatch> {
    let value = descriptor.value.as_deref()?;
    let label = candidate.labels.iter().find(|label| *label.descriptor == *descriptor.key)?;
    label.mismatches.iter().find(|it| !it.joined && it.written == value).cloned()
}

/// The limit that a combination of values would have.
fn stranger(wanted: &Wanted, tuple: &Tuple) -> LimitKey {
    let path = wanted.descriptors.iter().filter_map(|descriptor| {
        let value = tuple.get(&descriptor.key)?;
        Some((descriptor.key.as_str(), Some(value.as_str())))
    });
    LimitKey::new(&wanted.domain, path)
}

/// Limits by their descriptors, so that thousands of them are found at once.
struct Finder<'a> {
    /// Limits without wildcards, by all their values.
    exact: HashMap<Vec<(&'a str, &'a str)>, usize>,
    /// The rest, by the keys of their descriptors.
    open: BTreeMap<Vec<&'a str>, Vec<(usize, &'a LimitKey)>>,
    /// The keys that limits have together.
    shapes: BTreeSet<(&'a str, Vec<&'a str>)>,
}

impl<'a> Finder<'a> {
    fn new(limits: &'a [LimitKey]) -> Self {
        let (mut exact, mut open) = (HashMap::new(), BTreeMap::<_, Vec<_>>::new());
        let mut shapes = BTreeSet::new();
        for (index, limit) in limits.iter().enumerate() {
            let keys: Vec<&str> = limit.path.iter().map(|it| &*it.key).collect();
            shapes.insert((&*limit.domain, keys.clone()));
            match written_out(limit) {
                Some(pairs) => drop(exact.insert(pairs, index)),
                None => open.entry(keys).or_default().push((index, limit)),
            }
        }
        Self { exact, open, shapes }
    }

    /// The limits that count a combination of values: one for each set of descriptors.
    fn limits_of(&self, tuple: &Tuple) -> BTreeSet<usize> {
        self.shapes.iter().filter_map(|(_, keys)| self.limit_of(keys, tuple)).collect()
    }

    fn limit_of(&self, keys: &[&str], tuple: &Tuple) -> Option<usize> {
        let pairs: Option<Vec<(&str, &str)>> = keys
            .iter()
            .map(|key| tuple.get_key_value(*key).map(|(key, value)| (key.as_str(), value.as_str())))
            .collect();
        let pairs = pairs?;
        if let Some(index) = self.exact.get(&pairs) {
            return Some(*index);
        }
        let open = self.open.get(keys).into_iter().flatten();
        let fitting = open.filter_map(|(index, limit)| Some((rank(limit, &pairs)?, *index)));
        fitting.min().map(|(_, index)| index)
    }
}

/// The values of a limit, if all are written out.
fn written_out(limit: &LimitKey) -> Option<Vec<(&str, &str)>> {
    let pair = |it: &'_ Descriptor| it.value.as_deref().is_some_and(|value| !value.contains('*'));
    let all = limit.path.iter().all(pair);
    all.then(|| limit.path.iter().map(|it| (&*it.key, it.value.as_deref().unwrap_or(""))).collect())
}

/// How early the limiter finds a limit for these values: level by level, exact before wildcard before none.
fn rank(limit: &LimitKey, pairs: &[(&str, &str)]) -> Option<Vec<u8>> {
    let level = |(it, (_, value)): (&Descriptor, &(&str, &str))| match it.value.as_deref() {
        None => Some(2),
        Some(own) if own == *value => Some(0),
        Some(own) if own.contains('*') && fits_wildcard(own, value) => Some(1),
        Some(_) => None,
    };
    limit.path.iter().zip(pairs).map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(limits: &[&[(&str, Option<&str>)]], tuple: &[(&str, &str)]) -> Vec<usize> {
        let limits: Vec<LimitKey> =
            limits.iter().map(|path| LimitKey::new("edge", path.iter().copied())).collect();
        let tuple = tuple.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Finder::new(&limits).limits_of(&tuple).into_iter().collect()
    }

    #[test]
    fn the_limit_that_is_written_out_counts_before_wildcards_and_open_ones() {
        let limits: [&[(&str, Option<&str>)]; 3] = [
            &[("P", None), ("PATH", Some("/a"))],
            &[("P", Some("p*")), ("PATH", Some("/a"))],
            &[("P", Some("p1")), ("PATH", Some("/a"))],
        ];
        assert_eq!(found(&limits, &[("P", "p1"), ("PATH", "/a")]), [2]);
        assert_eq!(found(&limits, &[("P", "p2"), ("PATH", "/a")]), [1]);
        assert_eq!(found(&limits, &[("P", "q"), ("PATH", "/a")]), [0]);
        assert_eq!(found(&limits, &[("P", "q"), ("PATH", "/b")]), Vec::<usize>::new());
    }

    #[test]
    fn limits_with_other_descriptors_count_side_by_side() {
        let limits: [&[(&str, Option<&str>)]; 2] =
            [&[("P", Some("p"))], &[("P", Some("p")), ("PATH", Some("/a"))]];
        assert_eq!(found(&limits, &[("P", "p"), ("PATH", "/a")]), [0, 1]);
        assert_eq!(found(&limits, &[("P", "p"), ("PATH", "/b")]), [0]);
    }
}
