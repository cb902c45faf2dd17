//! Which series carry the traffic of which limit, as the limiter itself looks descriptors up.
//!
//! At each level an entry with the very value wins, else the first wildcard that fits, else the entry without a value. A
//! limit that does not name a label of the metric counts all its values together. A descriptor without a value, or a
//! wildcard that does not share its counter, counts each value by itself. A descriptor that no label is mapped to cannot
//! be told, so its limit is held.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tidewright_core::{Descriptor, Frame, Glob, LimitKey, Reason, SeriesKey, Unestimable};

/// The columns whose sum one counter of the limiter sees, in ascending order.
pub(crate) type Counter = Vec<usize>;

/// What a limit counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// One counter for all that it matches.
    One(Counter),
    /// A counter for each value, by name.
    Each(Vec<(String, Counter)>),
}

/// The columns of a frame by what their labels say, and the document that looks them up.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    keys: &'a [SeriesKey],
    by_key: HashMap<&'a SeriesKey, usize>,
    by_label: HashMap<(&'a str, &'a str), Vec<usize>>,
    labels: BTreeSet<&'a str>,
    siblings: HashMap<Place<'a>, Vec<Option<Arc<str>>>>,
}

/// Where descriptors stand beside one another: domain, the path above, and their key.
type Place<'a> = (&'a str, &'a [Descriptor], &'a str);

impl<'a> Columns<'a> {
    /// The columns of `frame`, looked up by these limits.
    pub(crate) fn new(frame: &'a Frame, limits: impl Iterator<Item = &'a LimitKey>) -> Self {
        let keys = frame.keys();
        let mut by_label: HashMap<_, Vec<usize>> = HashMap::new();
        for (column, key) in keys.iter().enumerate() {
            key.labels().for_each(|label| by_label.entry(label).or_default().push(column));
        }
        let mut siblings: HashMap<_, Vec<Option<Arc<str>>>> = HashMap::new();
        for limit in limits {
            for (depth, descriptor) in limit.path.iter().enumerate() {
                let place = (&*limit.domain, &limit.path[..depth], &*descriptor.key);
                let values = siblings.entry(place).or_default();
                if !values.contains(&descriptor.value) {
                    values.push(descriptor.value.clone());
                }
            }
        }
        Self {
            keys,
            by_key: keys.iter().enumerate().map(|(column, key)| (key, column)).collect(),
            labels: keys.iter().flat_map(|key| key.labels().map(|(name, _)| name)).collect(),
            by_label,
            siblings,
        }
    }

    /// What the limit counts, or why that cannot be told.
    pub(crate) fn of(&self, limit: &LimitKey, shares: bool) -> Result<Flow, Reason> {
        if self.keys.is_empty() {
            return Err(Reason::NoTraffic);
        }
        let known = |descriptor: &&Descriptor| !self.labels.contains(&*descriptor.key);
        if let Some(unknown) = limit.path.iter().find(known) {
            let why = Unestimable::UnmappedDescriptor(unknown.key.to_string());
            return Err(Reason::NotEstimable(why));
        }
        if let Some(column) = self.exactly(limit) {
            return Ok(Flow::One(vec![column]));
        }
        let matched: Vec<usize> =
            self.candidates(limit).filter(|&c| self.looks_up(limit, c)).collect();
        if matched.is_empty() {
            return Err(Reason::NoTraffic);
        }
        let open = |descriptor: &&Descriptor| !shares && is_open(descriptor);
        let open: Vec<&str> = limit.path.iter().filter(open).map(|d| &*d.key).collect();
        Ok(if open.is_empty() { Flow::One(matched) } else { self.each(&matched, &open) })
    }

    /// The one column with the very labels of the limit.
    fn exactly(&self, limit: &LimitKey) -> Option<usize> {
        if limit.path.iter().any(is_open) {
            return None;
        }
        let labels = limit.path.iter().filter_map(|d| Some((&*d.key, d.value.as_deref()?)));
        self.by_key.get(&SeriesKey::new(labels)).copied()
    }

    /// The columns with the rarest of the values that the limit names; all of them where it names none.
    fn candidates<'s>(&'s self, limit: &'s LimitKey) -> Box<dyn Iterator<Item = usize> + 's> {
        let named = limit.path.iter().filter(|descriptor| !is_open(descriptor));
        let columns = named.map(|descriptor| {
            let label = (&*descriptor.key, descriptor.value.as_deref().unwrap_or_default());
            self.by_label.get(&label).map_or(&[][..], Vec::as_slice)
        });
        match columns.min_by_key(|columns| columns.len()) {
            Some(columns) => Box::new(columns.iter().copied()),
            None => Box::new(0..self.keys.len()),
        }
    }

    /// Whether the limiter, asked with the labels of a column, finds this very limit.
    fn looks_up(&self, limit: &LimitKey, column: usize) -> bool {
        limit.path.iter().enumerate().all(|(depth, descriptor)| {
            let Some(value) = self.keys[column].label(&descriptor.key) else { return false };
            let place: Place<'_> = (&*limit.domain, &limit.path[..depth], &*descriptor.key);
            let values = self.siblings.get(&place).map_or(&[][..], Vec::as_slice);
            chosen(values, value).is_some_and(|chosen| *chosen == descriptor.value)
        })
    }

    fn each(&self, matched: &[usize], open: &[&str]) -> Flow {
        let mut counters: BTreeMap<String, Counter> = BTreeMap::new();
        for &column in matched {
            let values = open.iter().filter_map(|key| self.keys[column].label(key));
            counters.entry(values.collect::<Vec<_>>().join(":")).or_default().push(column);
        }
        Flow::Each(counters.into_iter().collect())
    }
}

impl Flow {
    /// All columns in it.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        let counters: Vec<&Counter> = match self {
            Self::One(counter) => vec![counter],
            Self::Each(counters) => counters.iter().map(|(_, counter)| counter).collect(),
        };
        counters.into_iter().flatten().copied()
    }
}

/// Whether a descriptor stands for more than one value.
fn is_open(descriptor: &Descriptor) -> bool {
    descriptor.value.as_ref().is_none_or(|value| value.contains('*'))
}

/// The entry that the limiter takes for a value: the same, else the first wildcard that fits, else the one without.
fn chosen<'v>(values: &'v [Option<Arc<str>>], value: &str) -> Option<&'v Option<Arc<str>>> {
    let same = |entry: &&Option<Arc<str>>| entry.as_deref() == Some(value);
    let fits = |entry: &&Option<Arc<str>>| {
        entry.as_deref().is_some_and(|text| text.contains('*') && Glob::new(text).matches(value))
    };
    let found = values.iter().find(same).or_else(|| values.iter().find(fits));
    found.or_else(|| values.iter().find(|entry| entry.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{Grid, Timestamp};

    const SERIES: [(&str, &str); 5] =
        [("a", "/x"), ("a", "/y"), ("b", "/x"), ("b1", "/x"), ("b2", "/x")];

    /// What the first of these limits, written `PARTNER=a PATH=*`, counts.
    fn check(limits: &[&'static str], shares: bool, expected: &str) {
        let keys =
            SERIES.map(|(partner, path)| SeriesKey::new([("PARTNER", partner), ("PATH", path)]));
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, 1).unwrap();
        let frame = Frame::gaps(grid, keys.to_vec());
        let descriptor =
            |text: &'static str| text.split_once('=').map_or((text, None), |(k, v)| (k, Some(v)));
        let key = |text: &&'static str| LimitKey::new("edge", text.split(' ').map(descriptor));
        let limits: Vec<LimitKey> = limits.iter().map(key).collect();
        let found = match Columns::new(&frame, limits.iter()).of(&limits[0], shares) {
            Ok(Flow::One(columns)) => format!("{columns:?}"),
            Ok(Flow::Each(counters)) => counters
                .iter()
                .map(|(value, columns)| format!("{value}{columns:?}"))
                .collect::<Vec<_>>()
                .join(" "),
            Err(reason) => reason.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_same_descriptors_match() {
        check(&["PARTNER=b PATH=/x"], false, "[2]");
        check(&["PATH=/x PARTNER=b"], false, "[2]");
    }

    #[test]
    fn a_limit_without_a_series_has_no_traffic() {
        check(&["PARTNER=c PATH=/x"], false, "the metric has no series for this limit");
    }

    #[test]
    fn what_a_limit_does_not_name_is_counted_together() {
        check(&["PARTNER=a"], false, "[0, 1]");
        check(&["PATH=/x"], false, "[0, 2, 3, 4]");
    }

    #[test]
    fn a_descriptor_without_a_value_counts_each_that_no_other_entry_takes() {
        check(&["PARTNER", "PARTNER=a"], false, "b[2] b1[3] b2[4]");
        check(&["PARTNER PATH=/x", "PARTNER=b PATH=/x"], false, "a[0] b1[3] b2[4]");
    }

    #[test]
    fn a_wildcard_counts_each_value_unless_it_shares_its_counter() {
        check(&["PARTNER=b*", "PARTNER=b1"], false, "b[2] b2[4]");
        check(&["PARTNER=b*"], true, "[2, 3, 4]");
        // The first wildcard that fits takes the value.
        check(&["PARTNER=*", "PARTNER=b*"], false, "a[0, 1] b[2] b1[3] b2[4]");
        check(&["PARTNER=b*", "PARTNER=*"], false, "b[2] b1[3] b2[4]");
    }

    #[test]
    fn what_no_label_is_mapped_to_is_said() {
        let why = "not estimable: no label is mapped to the descriptor `TENANT`";
        check(&["TENANT=a PATH=/x"], false, why);
    }
}
