//! Series of numbers over time: who they are, where their points lie, what they hold.
//!
//! A gap is not a number and not zero. It lives inside the storage as NaN; whoever looks at one point gets an
//! `Option`. The raw slices are for arithmetic that handles gaps itself.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::time::{TimeSpan, Timestamp, Zone};

/// The labels of a series, sorted by name; cheap to clone.
// Invariant: sorted by name, no name twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey(Arc<[(Arc<str>, Arc<str>)]>);

/// Equally spaced moments: `start`, `start + step`, ...
// Invariant: `step_ms > 0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    start: Timestamp,
    step_ms: i64,
    len: usize,
}

/// The steps of a calendar axis: not all equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CalendarUnit {
    /// Local days, of 23 to 25 hours where clocks change.
    Day,
    /// Seven local days.
    Week,
    /// Calendar months.
    Month,
}

/// Where the points of a series lie in time.
#[derive(Clone, Debug, PartialEq)]
pub enum Axis {
    /// Equally spaced.
    Grid(Grid),
    /// By the calendar of a zone; the moments are computed once and kept.
    Calendar {
        /// The unit of a step.
        unit: CalendarUnit,
        /// Whose calendar.
        zone: Zone,
        /// The start of each step, ascending.
        moments: Arc<[Timestamp]>,
    },
    /// Anywhere, ascending.
    Irregular(Arc<[Timestamp]>),
}

/// One series: who, when, what.
// Invariant: as many values as the axis has points; no value is infinite.
#[derive(Clone, Debug)]
pub struct Series {
    key: SeriesKey,
    axis: Axis,
    values: Vec<f64>,
}

/// Many series, each with an axis of its own.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// The series.
    pub series: Vec<Series>,
}

/// Many series on one grid, column by column: the fast path.
// Invariant: `values.len() == keys.len() * grid.len()`; no value is infinite.
#[derive(Clone, Debug)]
pub struct Frame {
    grid: Grid,
    keys: Vec<SeriesKey>,
    values: Vec<f64>,
}

/// A series that cannot be.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SeriesError {
    /// A grid needs a positive step.
    #[error("the step of a grid must be positive, got `{0}` ms")]
    Step(i64),
    /// Values and moments do not pair.
    #[error("a series of `{points}` points got `{values}` values")]
    Length {
        /// Points of the axis.
        points: usize,
        /// Values given.
        values: usize,
    },
    /// Moments must ascend.
    #[error("the time `{0}` does not come after the one before it")]
    Order(Timestamp),
    /// Infinity is neither a count nor a gap.
    #[error("the value at `{0}` is infinite")]
    Infinite(Timestamp),
}

impl SeriesKey {
    /// A key from label pairs in any order; a name that comes twice keeps its last value.
    pub fn new<N: AsRef<str>, V: AsRef<str>>(labels: impl IntoIterator<Item = (N, V)>) -> Self {
        let sorted: std::collections::BTreeMap<Arc<str>, Arc<str>> = labels
            .into_iter()
            .map(|(name, value)| (name.as_ref().into(), value.as_ref().into()))
            .collect();
        Self(sorted.into_iter().collect())
    }

    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels().find(|(label, _)| *label == name).map(|(_, value)| value)
    }

    /// All labels, by name.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.labels().enumerate() {
            write!(f, "{}{name}={value:?}", if i == 0 { "" } else { "," })?;
        }
        f.write_str("}")
    }
}

impl Grid {
    /// `len` moments from `start`, `step_ms` milliseconds apart.
    ///
    /// # Errors
    /// [`SeriesError::Step`] unless the step is positive.
    pub fn new(start: Timestamp, step_ms: i64, len: usize) -> Result<Self, SeriesError> {
        if step_ms <= 0 {
            return Err(SeriesError::Step(step_ms));
        }
        Ok(Self { start, step_ms, len })
    }

    /// The windows of length `step_ms`, aligned to the epoch, that lie whole inside `span`.
    ///
    /// # Errors
    /// [`SeriesError::Step`] unless the step is positive.
    pub fn windows(span: TimeSpan, step_ms: i64) -> Result<Self, SeriesError> {
        if step_ms <= 0 {
            return Err(SeriesError::Step(step_ms));
        }
        let start = span.start.plus_millis(step_ms - 1).align_down(step_ms);
        let len = (span.end.as_millis() - start.as_millis()).div_euclid(step_ms).max(0) as usize;
        Self::new(start, step_ms, len)
    }

    /// The first moment.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// The moment just after the last step.
    pub const fn end(&self) -> Timestamp {
        self.timestamp(self.len)
    }

    /// From the first moment to the end of the last step.
    pub const fn span(&self) -> TimeSpan {
        TimeSpan { start: self.start, end: self.end() }
    }

    /// Milliseconds between moments.
    pub const fn step_ms(&self) -> i64 {
        self.step_ms
    }

    /// How many moments.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds no moment.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The moment of step `index`; also beyond the end.
    pub const fn timestamp(&self, index: usize) -> Timestamp {
        self.start.plus_millis(self.step_ms * index as i64)
    }

    /// The step that holds `moment`, if any.
    pub fn index_of(&self, moment: Timestamp) -> Option<usize> {
        let offset = moment.as_millis() - self.start.as_millis();
        let index = usize::try_from(offset.div_euclid(self.step_ms)).ok()?;
        (index < self.len).then_some(index)
    }

    /// The part from step `from` on, `len` steps or as many as there are.
    pub fn slice(&self, from: usize, len: usize) -> Self {
        let from = from.min(self.len);
        Self { start: self.timestamp(from), step_ms: self.step_ms, len: len.min(self.len - from) }
    }

    /// The grid that goes on where this one ends.
    pub fn following(&self, len: usize) -> Self {
        Self { start: self.end(), step_ms: self.step_ms, len }
    }
}

impl Axis {
    /// Local days, weeks or months of `zone`, `len` of them from the one that holds `start`.
    pub fn calendar(unit: CalendarUnit, zone: &Zone, start: Timestamp, len: usize) -> Self {
        let first = zone.local(start);
        let monday = first.day - i32::from(first.weekday);
        let moments = (0..len as i32).map(|i| match unit {
            CalendarUnit::Day => zone.midnight(first.day + i),
            CalendarUnit::Week => zone.midnight(monday + 7 * i),
            CalendarUnit::Month => zone.midnight(month_start(first.day, i)),
        });
        Self::Calendar { unit, zone: zone.clone(), moments: moments.collect() }
    }

    /// Moments anywhere, which must ascend.
    ///
    /// # Errors
    /// [`SeriesError::Order`] names the first that does not come after its predecessor.
    pub fn irregular(moments: Vec<Timestamp>) -> Result<Self, SeriesError> {
        match moments.windows(2).find(|pair| pair[1] <= pair[0]) {
            Some(pair) => Err(SeriesError::Order(pair[1])),
            None => Ok(Self::Irregular(moments.into())),
        }
    }

    /// How many points.
    pub fn len(&self) -> usize {
        match self {
            Self::Grid(grid) => grid.len(),
            Self::Calendar { moments, .. } | Self::Irregular(moments) => moments.len(),
        }
    }

    /// Whether it has no point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part from point `from` on, `len` points or as many as there are.
    #[must_use]
    pub fn slice(&self, from: usize, len: usize) -> Self {
        let part = |moments: &[Timestamp]| -> Arc<[Timestamp]> {
            let rest = moments.get(from..).unwrap_or_default();
            rest[..len.min(rest.len())].into()
        };
        match self {
            Self::Grid(grid) => Self::Grid(grid.slice(from, len)),
            Self::Calendar { unit, zone, moments } => {
                Self::Calendar { unit: *unit, zone: zone.clone(), moments: part(moments) }
            }
            Self::Irregular(moments) => Self::Irregular(part(moments)),
        }
    }

    /// The moment of point `index`.
    ///
    /// # Panics
    /// If there is no such point.
    pub fn timestamp(&self, index: usize) -> Timestamp {
        match self {
            Self::Grid(grid) => grid.timestamp(index),
            Self::Calendar { moments, .. } | Self::Irregular(moments) => moments[index],
        }
    }
}

impl Series {
    /// A series of values in which NaN is a gap.
    ///
    /// # Errors
    /// [`SeriesError`] if lengths differ or a value is infinite.
    pub fn new(key: SeriesKey, axis: Axis, values: Vec<f64>) -> Result<Self, SeriesError> {
        if axis.len() != values.len() {
            return Err(SeriesError::Length { points: axis.len(), values: values.len() });
        }
        match values.iter().position(|value| value.is_infinite()) {
            Some(index) => Err(SeriesError::Infinite(axis.timestamp(index))),
            None => Ok(Self { key, axis, values }),
        }
    }

    /// Who it is.
    pub const fn key(&self) -> &SeriesKey {
        &self.key
    }

    /// Where its points lie.
    pub const fn axis(&self) -> &Axis {
        &self.axis
    }

    /// How many points, gaps included.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it has no point.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of a point; `None` for a gap or beyond the end.
    pub fn value(&self, index: usize) -> Option<f64> {
        self.values.get(index).copied().filter(|value| !value.is_nan())
    }

    /// All values in order, NaN for a gap: for arithmetic that handles gaps itself.
    pub fn raw(&self) -> &[f64] {
        &self.values
    }
}

impl Frame {
    /// A frame of gaps.
    pub fn gaps(grid: Grid, keys: Vec<SeriesKey>) -> Self {
        let values = vec![f64::NAN; grid.len() * keys.len()];
        Self { grid, keys, values }
    }

    /// A frame of columns that stand one after the other, NaN for a gap.
    ///
    /// # Errors
    /// [`SeriesError`] if lengths do not fit or a value is infinite.
    pub fn new(grid: Grid, keys: Vec<SeriesKey>, values: Vec<f64>) -> Result<Self, SeriesError> {
        if grid.len() * keys.len() != values.len() {
            return Err(SeriesError::Length {
                points: grid.len() * keys.len(),
                values: values.len(),
            });
        }
        match values.iter().position(|value| value.is_infinite()) {
            Some(index) => Err(SeriesError::Infinite(grid.timestamp(index % grid.len().max(1)))),
            None => Ok(Self { grid, keys, values }),
        }
    }

    /// The common grid.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Who the columns are.
    pub fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    /// The values of a column, NaN for a gap.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn column(&self, index: usize) -> &[f64] {
        &self.values[index * self.grid.len()..][..self.grid.len()]
    }

    /// Its grid, its keys, and the columns one after the other.
    pub fn into_parts(self) -> (Grid, Vec<SeriesKey>, Vec<f64>) {
        (self.grid, self.keys, self.values)
    }

    /// The series of a column, copied out.
    pub fn series(&self, index: usize) -> Series {
        Series {
            key: self.keys[index].clone(),
            axis: Axis::Grid(self.grid),
            values: self.column(index).to_vec(),
        }
    }
}

/// The first day of the month that lies `months` after the one of `day` (both in days since 1970-01-01).
fn month_start(day: i32, months: i32) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    let date = epoch.saturating_add(jiff::Span::new().days(day)).first_of_month();
    (date.saturating_add(jiff::Span::new().months(months)) - epoch).get_days()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_key_does_not_depend_on_the_order_of_its_labels() {
        let key = SeriesKey::new([("path", "/a"), ("partner", "p")]);
        assert_eq!(key, SeriesKey::new([("partner", "p"), ("path", "/a")]));
        assert_eq!(key.to_string(), r#"{partner="p",path="/a"}"#);
        assert_eq!(key.label("path"), Some("/a"));
    }

    #[test]
    fn only_whole_windows_count() {
        let span = TimeSpan { start: Timestamp::from_secs(61), end: Timestamp::from_secs(299) };
        let grid = Grid::windows(span, 60_000).unwrap();
        assert_eq!((grid.start().as_secs(), grid.len()), (120, 2));
        assert_eq!(grid.index_of(Timestamp::from_secs(185)), Some(1));
        assert_eq!(grid.index_of(Timestamp::from_secs(119)), None);
    }

    #[test]
    fn a_calendar_day_is_shorter_where_clocks_go_forward() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let axis = Axis::calendar(CalendarUnit::Day, &paris, moment("2026-03-28T12:00:00Z"), 3);
        let hours = |i| (axis.timestamp(i + 1).as_secs() - axis.timestamp(i).as_secs()) / 3600;
        assert_eq!((hours(0), hours(1)), (24, 23));
    }

    #[test]
    fn a_calendar_month_starts_on_its_first_day() {
        let axis =
            Axis::calendar(CalendarUnit::Month, &Zone::utc(), moment("2026-01-31T12:00:00Z"), 3);
        assert_eq!(axis.timestamp(1), moment("2026-02-01"));
        assert_eq!(axis.timestamp(2), moment("2026-03-01"));
    }

    #[test]
    fn a_part_of_an_axis_keeps_its_kind_and_its_moments() {
        let days = Axis::calendar(CalendarUnit::Day, &Zone::utc(), moment("2026-11-20"), 5);
        let grid = Axis::Grid(Grid::new(moment("2026-11-20"), 86_400_000, 5).unwrap());
        let irregular = Axis::irregular((0..5).map(|i| days.timestamp(i)).collect()).unwrap();
        for axis in [days, grid, irregular] {
            let part = axis.slice(3, 9);
            assert_eq!(std::mem::discriminant(&part), std::mem::discriminant(&axis));
            assert_eq!((part.len(), part.timestamp(0)), (2, moment("2026-11-23")));
            assert!(axis.slice(7, 1).is_empty());
        }
    }

    #[test]
    fn a_gap_is_no_number_and_infinity_is_refused() {
        let axis =
            || Axis::irregular(vec![Timestamp::from_secs(1), Timestamp::from_secs(5)]).unwrap();
        let series = Series::new(SeriesKey::default(), axis(), vec![f64::NAN, 2.0]).unwrap();
        assert_eq!((series.value(0), series.value(1), series.value(2)), (None, Some(2.0), None));
        let refused = Series::new(SeriesKey::default(), axis(), vec![1.0, f64::INFINITY]);
        assert_eq!(refused.unwrap_err(), SeriesError::Infinite(Timestamp::from_secs(5)));
    }

    #[test]
    fn moments_must_ascend() {
        let moments = vec![Timestamp::from_secs(5), Timestamp::from_secs(5)];
        assert_eq!(Axis::irregular(moments), Err(SeriesError::Order(Timestamp::from_secs(5))));
    }
}
