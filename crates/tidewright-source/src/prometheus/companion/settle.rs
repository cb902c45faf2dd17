//! What a counter beside demand counted of each series of demand, once it is clear what its silence means.

use std::collections::{HashMap, HashSet};

use tidewright_core::{Frame, SeriesKey, Signal, Signals};

use super::super::edges::Targets;
use super::super::{Fetched, QueryError, unusable_window};

/// A witness may sleep in one window of so many. What is born while it does is still there when it wakes, unless it was
/// restarted in the same moment.
const WINDOWS_PER_SLEEP: usize = 100;

/// Counts beside demand, on its grid.
#[derive(Debug)]
pub(super) struct Settled {
    /// One column for each series of demand that the counter shows.
    frame: Frame,
    /// Series of demand that it does not show.
    absent: Vec<SeriesKey>,
    /// Series of demand whose counts may be among those of others, because a value was cut.
    mixed: Vec<SeriesKey>,
    /// Whether what it does not show did not happen.
    is_watched: bool,
    /// Series of it that are none of demand.
    strays: usize,
}

/// Demand with counts added.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) frame: Frame,
    pub(super) warning: Option<String>,
}

/// What reached a cache and what it answered.
#[derive(Debug)]
pub(super) struct Cache {
    pub(super) lookups: Settled,
    pub(super) hits: Settled,
}

impl Settled {
    pub(super) fn new(fetched: Fetched, demand: &Frame) -> Result<Self, QueryError> {
        let mut fetched = fetched;
        fetched.forget_partial();
        let witnessed = witnessed(&fetched, demand.grid().len());
        let Fetched { columns, left_out, .. } = fetched;
        let shown: HashMap<&SeriesKey, usize> = columns.keys().zip(0..).collect();
        let wanted: HashSet<&SeriesKey> = demand.keys().iter().collect();
        let strays = shown.keys().filter(|key| !wanted.contains(*key)).count();
        let (mut keys, mut values, mut absent) = (Vec::new(), Vec::new(), Vec::new());
        for (i, key) in demand.keys().iter().enumerate() {
            let Some(&column) = shown.get(key) else {
                absent.push(key.clone());
                continue;
            };
            let counts = columns.column(column).iter().zip(demand.column(i)).zip(&witnessed);
            values.extend(counts.map(|((count, demand), seen)| settle(*count, *demand, *seen)));
            keys.push(key.clone());
        }
        let is_watched = left_out == 0 && strays == 0 && watches(&witnessed, demand);
        let frame =
            Frame::new(*demand.grid(), keys, values).map_err(|error| unusable_window(&error))?;
        Ok(Self { mixed: mixed(&shown, demand), frame, absent, is_watched, strays })
    }

    /// What it says of itself, for people.
    pub(super) fn warning(&self, metric: &str) -> Option<String> {
        let Self { strays, mixed, .. } = self;
        (*strays + mixed.len() > 0).then(|| {
            format!(
                "`{metric}`: {strays} series match none of demand and were left out, and {} of demand are not known because a limiter cuts values at dots",
                mixed.len()
            )
        })
    }

    /// Whether it is known for every series of demand.
    pub(super) fn is_known_of_all(&self) -> bool {
        self.unknown().next().is_none()
    }

    /// Puts it beside what is known already.
    pub(super) fn beside(self, signals: Signals, signal: Signal) -> Signals {
        let unknown: Vec<SeriesKey> = self.unknown().cloned().collect();
        signals.with(signal, self.frame).unknown_for(signal, unknown)
    }

    fn unknown(&self) -> impl Iterator<Item = &SeriesKey> {
        let absent = self.absent.iter().filter(|_| !self.is_watched);
        self.mixed.iter().chain(absent)
    }

    /// The columns of those series that it can be told of.
    fn columns(&self) -> HashMap<&SeriesKey, &[f64]> {
        let keys = self.frame.keys().iter().enumerate();
        let known = keys.filter(|(_, key)| !self.mixed.contains(key));
        known.map(|(i, key)| (key, self.frame.column(i))).collect()
    }
}

/// Demand with these counts added; a window in which they are not known is a gap.
pub(super) fn added(demand: Frame, counts: &Settled) -> Result<Added, QueryError> {
    let columns = counts.columns();
    let (grid, keys, mut values) = demand.into_parts();
    let mut gaps = 0_u64;
    for (key, column) in keys.iter().zip(values.chunks_exact_mut(grid.len().max(1))) {
        for (demand, count) in column.iter_mut().zip(columns.get(key).copied().unwrap_or_default())
        {
            gaps += u64::from(count.is_nan() && !demand.is_nan());
            *demand = if count.is_nan() { f64::NAN } else { *demand + count };
        }
    }
    let warning = (gaps > 0).then(|| {
        format!("{gaps} windows of demand are gaps, because what was rejected in them is not known")
    });
    let frame = Frame::new(grid, keys, values).map_err(|error| unusable_window(&error))?;
    Ok(Added { frame, warning })
}

/// What reached a cache, and what it answered: what did not go on. A window in which one of the two is not known tells of
/// neither, so that they stay comparable. The counters are read up to a scrape apart, so a window may seem to let more
/// through than it got; that is no hit below zero.
pub(super) fn cache(before: &Settled, after: &Settled) -> Result<Cache, QueryError> {
    let (reached, went_on) = (before.columns(), after.columns());
    let (mut keys, mut lookups, mut hits) = (Vec::new(), Vec::new(), Vec::new());
    let mut absent = before.absent.clone();
    for key in before.frame.keys() {
        let (Some(reached), Some(went_on)) = (reached.get(key), went_on.get(key)) else {
            absent.push(key.clone());
            continue;
        };
        keys.push(key.clone());
        for (&reached, &went_on) in reached.iter().zip(*went_on) {
            let is_known = !reached.is_nan() && !went_on.is_nan();
            lookups.push(if is_known { reached } else { f64::NAN });
            hits.push(if reached < went_on { 0.0 } else { reached - went_on });
        }
    }
    let settled = |values| -> Result<Settled, QueryError> {
        let frame = Frame::new(*before.frame.grid(), keys.clone(), values);
        let frame = frame.map_err(|error| unusable_window(&error))?;
        let (absent, mixed) = (absent.clone(), Vec::new());
        Ok(Settled { frame, absent, mixed, is_watched: false, strays: 0 })
    };
    Ok(Cache { lookups: settled(lookups)?, hits: settled(hits)? })
}

/// A count beside demand. NaN: no counter counted; minus infinity: one should have, and was not read.
fn settle(count: f64, demand: f64, is_witnessed: bool) -> f64 {
    match (count.is_finite(), demand.is_nan()) {
        (_, true) => f64::NAN,
        (true, _) => count,
        (false, _) if count.is_nan() && is_witnessed => 0.0,
        (false, _) => f64::NAN,
    }
}

/// In which windows somebody who exports the counter was there to show it, and was heard.
fn witnessed(fetched: &Fetched, windows: usize) -> Vec<bool> {
    let Fetched { columns, grid, told, targets, .. } = fetched;
    let mut witnessed = targets.as_ref().map(Targets::scraped_windows).unwrap_or_default();
    witnessed.resize(windows, false);
    for part in &told.partial {
        let from = grid.index_of(part.start()).unwrap_or(windows);
        witnessed.iter_mut().skip(from).take(part.len()).for_each(|seen| *seen = false);
    }
    for column in 0..columns.keys().count() {
        for (seen, value) in witnessed.iter_mut().zip(columns.column(column)) {
            *seen |= value.is_finite();
        }
    }
    witnessed
}

/// Whether there was a witness nearly wherever there is demand.
fn watches(witnessed: &[bool], demand: &Frame) -> bool {
    let is_asked = |window: &usize| {
        (0..demand.keys().len()).any(|column| !demand.column(column)[*window].is_nan())
    };
    let unseen = (0..witnessed.len()).filter(|&window| !witnessed[window]).filter(is_asked);
    unseen.count() * WINDOWS_PER_SLEEP <= witnessed.len()
}

/// Series of demand whose values a limiter cuts at their first dot, so that they count with those that are called so.
fn mixed(shown: &HashMap<&SeriesKey, usize>, demand: &Frame) -> Vec<SeriesKey> {
    let has_dot = |key: &&SeriesKey| key.labels().any(|(_, value)| value.contains('.'));
    let whole = demand.keys().iter().filter(has_dot).filter(|key| !shown.contains_key(*key));
    let cut = whole.map(|key| (key.clone(), cut(key)));
    cut.filter(|(_, cut)| shown.contains_key(cut)).flat_map(|(key, cut)| [key, cut]).collect()
}

fn cut(key: &SeriesKey) -> SeriesKey {
    let before_dot = |value: &str| value.split('.').next().unwrap_or_default().to_owned();
    SeriesKey::new(key.labels().map(|(name, value)| (name, before_dot(value))))
}

#[cfg(test)]
mod tests;
