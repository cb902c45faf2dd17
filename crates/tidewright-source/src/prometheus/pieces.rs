//! Reads a stretch of windows, in smaller pieces where the server finds it too large.
//!
//! The rule: halves of time first, down to an hour; then the values of the mapped labels, one label after the other. The
//! pieces together hold what the whole would have held, each series once, and how often this was needed is told. A
//! question that is wrong in itself is not asked twice.

mod group;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tidewright_core::{Grid, TimeSpan};

use self::group::Group;
use super::client::Client;
use super::decode::{DecodeError, Labels, MatrixSink, Notes};
use super::failure::QueryError;
use super::mapping::Mapping;
use super::remote::{self, Selection};

/// Below this the length of an answer is no longer what makes it large: the number of its series is.
const STRETCH_MS_MIN: i64 = 3_600_000;

/// Partial answers to more than this are asked for in halves, so that a store that lost a day does not cost a week.
const PARTIAL_MS_MIN: i64 = 86_400_000;

/// How often a stretch is halved because nobody answered in time: a server that is down answers no half either.
const TIMEOUT_HALVINGS_MAX: u32 = 2;

/// Queries for one hour by the values of its labels. A server that refuses all of them has no room for us.
const GROUPS_MAX: usize = 256;

/// How far a series may lie before the first moment that it counts for: look-backs are shorter.
const LABELS_BEFORE_MS: i64 = 3_600_000;

/// One fetch, read in pieces.
pub(super) struct Reader<'a, S> {
    pub(super) client: &'a Client,
    pub(super) query: &'a str,
    /// Whose selector the query holds; `None` for a query of one's own, which is split by time only.
    pub(super) mapping: Option<&'a Mapping>,
    /// What is read as raw chunks instead; where that fails there are no pieces at all.
    pub(super) remote: Option<&'a Selection>,
    /// The moments that are asked for, for these windows.
    pub(super) moments: &'a (dyn Fn(Grid) -> Grid + Sync),
    /// Who takes the answer for these windows.
    pub(super) fresh: &'a (dyn Fn(Grid) -> S + Sync),
    pub(super) tally: &'a Tally,
}

/// One piece as it was read.
pub(super) struct Piece<S> {
    /// The number of its first window.
    pub(super) from: usize,
    pub(super) windows: Grid,
    pub(super) sink: S,
    pub(super) notes: Notes,
}

/// What was too large in one fetch.
#[derive(Debug)]
pub(super) struct Tally {
    refused: AtomicU64,
    asked_instead: AtomicU64,
    message: OnceLock<String>,
    // The fewest windows that were refused: as many are not asked for again.
    too_many: AtomicUsize,
}

/// Windows that wait to be read.
#[derive(Clone, Copy)]
struct Stretch {
    from: usize,
    windows: Grid,
    /// How many of its ancestors ran into the time-out.
    timeouts: u32,
}

/// What has come of a stretch.
enum Step<S> {
    Read(Piece<S>),
    Divided([Stretch; 2]),
}

/// Series that wait until it is known that their answer is whole.
#[derive(Default)]
struct Rows(Vec<(Labels, Vec<f64>)>);

impl MatrixSink for Rows {
    fn take(&mut self, labels: &Labels, values: &[f64]) -> Result<(), DecodeError> {
        self.0.push((labels.clone(), values.to_vec()));
        Ok(())
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            refused: AtomicU64::new(0),
            asked_instead: AtomicU64::new(0),
            message: OnceLock::new(),
            too_many: AtomicUsize::new(usize::MAX),
        }
    }
}

impl Tally {
    /// What people should know of it.
    pub(super) fn warning(&self) -> Option<String> {
        let message = self.message.get()?;
        let (refused, instead) =
            (self.refused.load(Ordering::Relaxed), self.asked_instead.load(Ordering::Relaxed));
        Some(format!(
            "{refused} queries were too large for the server (`{message}`): {instead} smaller ones were asked instead"
        ))
    }

    fn refuse(&self, error: &QueryError, windows: Grid) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.message.get_or_init(|| error.to_string());
        if !error.is_timeout() {
            self.too_many.fetch_min(windows.len(), Ordering::Relaxed);
        }
    }

    fn instead(&self, count: usize) {
        self.asked_instead.fetch_add(count as u64, Ordering::Relaxed);
    }
}

impl Stretch {
    /// The later half and the earlier one, so that the earlier is taken first; `None` where it is short already.
    fn halves(self, timeouts: u32) -> Option<[Self; 2]> {
        let Self { from, windows, .. } = self;
        if windows.len() < 2 || windows.span().millis() <= STRETCH_MS_MIN {
            return None;
        }
        let (half, rest) = (windows.len() / 2, windows.len() - windows.len() / 2);
        let later = Self { from: from + half, windows: windows.slice(half, rest), timeouts };
        Some([later, Self { from, windows: windows.slice(0, half), timeouts }])
    }
}

impl<S: MatrixSink> Piece<S> {
    fn take(&mut self, rows: Rows, notes: Notes) -> Result<(), DecodeError> {
        self.notes.add(notes);
        rows.0.into_iter().try_for_each(|(labels, values)| self.sink.take(&labels, &values))
    }
}

impl<S: MatrixSink + Send> Reader<'_, S> {
    /// The pieces of these windows, the first of which has the number `from`, in the order of time.
    pub(super) async fn read(
        &self,
        from: usize,
        windows: Grid,
    ) -> Result<Vec<Piece<S>>, QueryError> {
        if let Some(selection) = self.remote {
            let (moments, sink) = ((self.moments)(windows), (self.fresh)(windows));
            let (sink, notes) = remote::read(self.client, selection, moments, sink).await?;
            return Ok(vec![Piece { from, windows, sink, notes }]);
        }
        let mut waiting = vec![Stretch { from, windows, timeouts: 0 }];
        let mut pieces = Vec::new();
        while let Some(stretch) = waiting.pop() {
            match self.read_or_divide(stretch).await? {
                Step::Read(piece) => pieces.push(piece),
                Step::Divided(halves) => waiting.extend(halves),
            }
        }
        Ok(pieces)
    }

    async fn read_or_divide(&self, stretch: Stretch) -> Result<Step<S>, QueryError> {
        let halves = stretch.halves(stretch.timeouts);
        let is_hopeless = stretch.windows.len() >= self.tally.too_many.load(Ordering::Relaxed);
        if let Some(halves) = halves.filter(|_| is_hopeless) {
            self.tally.instead(1);
            return Ok(Step::Divided(halves));
        }
        let piece = match self.ask(stretch).await {
            Ok(piece) => piece,
            Err(error) => return self.divide(stretch, error).await,
        };
        // What is missing may be missing in a part of the time only.
        let is_long = stretch.windows.span().millis() > PARTIAL_MS_MIN;
        match halves.filter(|_| is_long && piece.notes.partial.is_some()) {
            Some(halves) => Ok(Step::Divided(halves)),
            None => Ok(Step::Read(piece)),
        }
    }

    /// After a failure: into halves if that may help, else by the labels.
    async fn divide(&self, stretch: Stretch, error: QueryError) -> Result<Step<S>, QueryError> {
        let timeouts = stretch.timeouts + u32::from(error.is_timeout());
        if !error.is_too_large() || timeouts > TIMEOUT_HALVINGS_MAX {
            return Err(error);
        }
        let Some(halves) = stretch.halves(timeouts) else {
            return self.ask_by_labels(stretch, error).await.map(Step::Read);
        };
        self.tally.refuse(&error, stretch.windows);
        self.tally.instead(2);
        Ok(Step::Divided(halves))
    }

    async fn ask(&self, stretch: Stretch) -> Result<Piece<S>, QueryError> {
        let Stretch { from, windows, .. } = stretch;
        let fresh = || (self.fresh)(windows);
        let (sink, notes) = self.client.range(self.query, (self.moments)(windows), fresh).await?;
        Ok(Piece { from, windows, sink, notes })
    }

    /// The same answer, put together from queries for groups of series; `whole` is why.
    async fn ask_by_labels(
        &self,
        stretch: Stretch,
        whole: QueryError,
    ) -> Result<Piece<S>, QueryError> {
        let Some(mapping) = self.mapping.filter(|_| !whole.is_timeout()) else { return Err(whole) };
        let Stretch { from, windows, .. } = stretch;
        let moments = (self.moments)(windows);
        let mut piece =
            Piece { from, windows, sink: (self.fresh)(windows), notes: Notes::default() };
        let Ok(mut waiting) = self.finer(mapping, &Group::all(), moments).await else {
            return Err(whole);
        };
        self.tally.refuse(&whole, windows);
        for _ in 0..GROUPS_MAX {
            let Some(group) = waiting.pop() else { return Ok(piece) };
            self.tally.instead(1);
            let query = group.narrow(self.query, mapping);
            let error = match self.client.range(&query, moments, Rows::default).await {
                Ok((rows, notes)) => {
                    piece.take(rows, notes)?;
                    continue;
                }
                Err(error) => error,
            };
            let finer = match error.is_too_large() && !error.is_timeout() {
                true => self.finer(mapping, &group, moments).await?,
                false => Vec::new(),
            };
            if finer.is_empty() {
                return Err(error);
            }
            self.tally.refuse(&error, windows);
            waiting.extend(finer);
        }
        Err(whole)
    }

    /// Groups that together hold the series of this one; none where it cannot be divided any further.
    async fn finer(
        &self,
        mapping: &Mapping,
        group: &Group,
        moments: Grid,
    ) -> Result<Vec<Group>, QueryError> {
        if let Some(halves) = group.halves() {
            return Ok(halves.to_vec());
        }
        let Some(rule) = mapping.labels.get(group.depth()) else { return Ok(Vec::new()) };
        let start = moments.start().plus_millis(-LABELS_BEFORE_MS);
        let span = TimeSpan { start, end: moments.end() };
        let selector = group.narrow(&mapping.selector(), mapping);
        let values = self.client.label_values(&rule.label, &selector, span).await?;
        Ok(group.by_label(&rule.label, values))
    }
}

#[cfg(test)]
mod tests;
