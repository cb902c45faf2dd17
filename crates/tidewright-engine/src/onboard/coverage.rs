//! Which limits have traffic, and which traffic has limits: the sums of a counter laid over a document.
//!
//! A limit counts here what it counts in a cycle: the same lookup decides, on one window that is a day long.

use std::collections::BTreeMap;

use tidewright_core::{
    Candidate, Coverage, Covered, Descriptor, Frame, Grid, LimitKey, Mismatch, Reason, Rewrite,
    SeriesKey, Sums, Timestamp, Unestimable,
};

use super::wanted::Wanted;
use crate::matching::{Columns, Flow};

/// Combinations without a limit that are listed; all are counted.
const STRANGERS_MAX: usize = 100;

const DAY_MS: i64 = 86_400_000;

/// Lays the sums of a candidate over the limits; `per_day` makes a day's requests of a sum.
pub(super) fn cover(candidate: &Candidate, sums: &Sums, per_day: f64, wanted: &Wanted) -> Coverage {
    let mut traffic: BTreeMap<SeriesKey, f64> = BTreeMap::new();
    for (series, rise) in sums.rises.iter().filter(|(_, rise)| *rise > 0.0) {
        *traffic.entry(described(candidate, series)).or_default() += rise * per_day;
    }
    let (keys, requests): (Vec<SeriesKey>, Vec<f64>) = traffic.into_iter().unzip();
    let day = Grid::new(Timestamp::default(), DAY_MS, 1).expect("a day is positive");
    let frame = Frame::new(day, keys, requests.clone()).expect("a number stands beside each key");
    let columns = Columns::new(&frame, wanted.limits.iter().map(|(key, _)| key));
    let mut matched = vec![false; requests.len()];
    let mut limits = Vec::with_capacity(wanted.limits.len());
    for (key, shares) in &wanted.limits {
        let flow = columns.of(key, *shares);
        flow.iter().flat_map(Flow::columns).for_each(|column| matched[column] = true);
        limits.push((key.clone(), covered(candidate, key, flow, &requests)));
    }
    let mut strangers: Vec<(LimitKey, f64)> = (0..requests.len())
        .filter(|column| !matched[*column])
        .map(|column| (stranger(wanted, &frame.keys()[column]), requests[column]))
        .collect();
    strangers.sort_by(|(one, a), (other, b)| b.total_cmp(a).then(one.cmp(other)));
    let all: f64 = requests.iter().sum();
    let strange: f64 = strangers.iter().map(|(_, requests)| requests).sum();
    let strangers_total = strangers.len();
    strangers.truncate(STRANGERS_MAX);
    Coverage { limits, strangers, strangers_total, requests: all, matched: all - strange }
}

/// The descriptors of a series of the counter.
fn described(candidate: &Candidate, series: &SeriesKey) -> SeriesKey {
    let mapped = candidate.labels.iter().map(|label| {
        let value = series.label(&label.label).unwrap_or_default();
        (label.descriptor.clone(), Rewrite::apply_all(&label.rewrites, value).into_owned())
    });
    SeriesKey::new(mapped.chain(candidate.constants.iter().cloned()))
}

fn covered(
    candidate: &Candidate,
    key: &LimitKey,
    flow: Result<Flow, Reason>,
    requests: &[f64],
) -> Covered {
    match flow {
        Ok(flow) => Covered::Traffic(flow.columns().map(|column| requests[column]).sum()),
        Err(Reason::NotEstimable(Unestimable::UnmappedDescriptor(key))) => Covered::Unmapped(key),
        Err(_) => {
            let mismatch = key.path.iter().find_map(|descriptor| mismatch(candidate, descriptor));
            mismatch.map_or(Covered::Nothing, Covered::Never)
        }
    }
}

fn mismatch(candidate: &Candidate, descriptor: &Descriptor) -> Option<Mismatch> {
    let value = descriptor.value.as_deref()?;
    let label = candidate.labels.iter().find(|label| *label.descriptor == *descriptor.key)?;
    label.mismatches.iter().find(|it| !it.joined && it.written == value).cloned()
}

/// The limit that a combination of values would have.
fn stranger(wanted: &Wanted, series: &SeriesKey) -> LimitKey {
    let path = wanted.descriptors.iter().filter_map(|descriptor| {
        let value = series.label(&descriptor.key)?;
        Some((descriptor.key.as_str(), Some(value)))
    });
    LimitKey::new(&wanted.domain, path)
}
