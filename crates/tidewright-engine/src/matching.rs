//! Which series carries the traffic of which limit.
//!
//! A limit and a series match when their descriptors are the same: the same keys, each with a value. What else a
//! document can say (no value, a wildcard, a descriptor that no label is mapped to) is held with that reason.

use std::collections::{BTreeSet, HashMap};

use tidewright_core::{Frame, LimitKey, Reason, SeriesKey, Unestimable};

/// The columns of a frame by what their labels say.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    by_key: HashMap<&'a SeriesKey, usize>,
    descriptors: BTreeSet<&'a str>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(frame: &'a Frame) -> Self {
        let by_key = frame.keys().iter().enumerate().map(|(column, key)| (key, column)).collect();
        let names = frame.keys().iter().flat_map(|key| key.labels().map(|(name, _)| name));
        Self { by_key, descriptors: names.collect() }
    }

    /// The column with the traffic of `limit`, or why there is none.
    pub(crate) fn of(&self, limit: &LimitKey) -> Result<usize, Reason> {
        if self.by_key.is_empty() {
            return Err(Reason::NoTraffic);
        }
        let mut labels = Vec::with_capacity(limit.path.len());
        for descriptor in limit.path.iter() {
            let not_estimable = |why| Err(Reason::NotEstimable(why));
            if !self.descriptors.contains(&*descriptor.key) {
                return not_estimable(Unestimable::UnmappedDescriptor(descriptor.key.to_string()));
            }
            match &descriptor.value {
                None => return not_estimable(Unestimable::EachValue(descriptor.key.to_string())),
                Some(value) if value.contains('*') => {
                    return not_estimable(Unestimable::Wildcard(value.to_string()));
                }
                Some(value) => labels.push((&*descriptor.key, &**value)),
            }
        }
        let missing =
            self.descriptors.iter().find(|name| labels.iter().all(|(key, _)| key != *name));
        if let Some(name) = missing {
            return Err(Reason::NotEstimable(Unestimable::MissingDescriptor((*name).to_owned())));
        }
        self.by_key.get(&SeriesKey::new(labels)).copied().ok_or(Reason::NoTraffic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{Grid, Timestamp};

    fn check(path: &[(&'static str, Option<&'static str>)], expected: Result<usize, &str>) {
        let keys = ["a", "b"].map(|partner| SeriesKey::new([("PARTNER", partner), ("PATH", "/x")]));
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, 1).unwrap();
        let frame = Frame::gaps(grid, keys.to_vec());
        let found = Columns::new(&frame).of(&LimitKey::new("edge", path.iter().copied()));
        assert_eq!(
            found.as_ref().map_err(ToString::to_string),
            expected.as_ref().map_err(ToString::to_string)
        );
    }

    #[test]
    fn the_same_descriptors_match() {
        check(&[("PARTNER", Some("b")), ("PATH", Some("/x"))], Ok(1));
    }

    #[test]
    fn a_limit_without_a_series_has_no_traffic() {
        check(
            &[("PARTNER", Some("c")), ("PATH", Some("/x"))],
            Err("the metric has no series for this limit"),
        );
    }

    #[test]
    fn what_cannot_be_counted_is_said() {
        let path = ("PATH", Some("/x"));
        let check = |path: &[_], why: &str| check(path, Err(&format!("not estimable: {why}")));
        check(&[("PARTNER", None), path], "`PARTNER` without a value counts each value by itself");
        check(&[("PARTNER", Some("a*")), path], "`a*` is a wildcard");
        check(&[("TENANT", Some("a")), path], "no label is mapped to the descriptor `TENANT`");
        check(&[("PARTNER", Some("a"))], "the limit has no descriptor `PATH`");
    }
}
