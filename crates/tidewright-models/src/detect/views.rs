//! A series looked at in four ways, each a departure that is 0 on average.

use tidewright_core::LocalTime;

use super::pace::Pace;
use super::profile::Profile;
use crate::numbers::Numbers;

/// How many ways of looking at a series there are.
pub const VIEWS: usize = 4;
/// Their names, in order.
pub(super) const NAMES: [&str; VIEWS] = ["profile", "level", "jump", "edge"];

/// Hours over which the usual departure is averaged.
const CALM_HOURS: f64 = 96.0;
/// Hours of the short mean, and of the mean behind it.
const EDGE_HOURS: (f64, f64) = (1.0, 3.0);
/// Of the smallest move ever seen, what departures must exceed to count.
const FLOOR_SHARE: f64 = 0.25;

/// What the views remember.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Views {
    profile: Profile,
    /// Rows taken in.
    rows: f64,
    last: f64,
    /// The smallest move so far; 0 if the series has never moved.
    least_move: f64,
    /// The last departures from the profile, the latest first.
    departures: [f64; 3],
    /// The usual departure from the profile.
    spread: f64,
    fast: f64,
    back: f64,
}

/// What they see in one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Signed departures: from the profile, as the median of three, from row to row, and of an hour from the hours before.
    pub(super) departures: [f64; VIEWS],
    /// What the profile expects; `None` until it knows.
    pub(super) expected: Option<f64>,
    /// Departures up to this are no more than the values' resolution.
    pub(super) floor: f64,
}

impl Views {
    pub(super) const fn new() -> Self {
        Self {
            profile: Profile::new(),
            rows: 0.0,
            last: 0.0,
            least_move: 0.0,
            departures: [0.0; 3],
            spread: 0.0,
            fast: 0.0,
            back: 0.0,
        }
    }

    /// Looks at a value and takes it in; `held` is how long the one before it stood alone, in hours.
    pub(super) fn see(&mut self, local: LocalTime, pace: Pace, held: f64, value: f64) -> Seen {
        if self.rows == 0.0 {
            (self.last, self.fast, self.back) = (value, value, value);
        }
        let moved = (value - self.last).abs();
        if moved > 0.0 && (self.least_move == 0.0 || moved < self.least_move) {
            self.least_move = moved;
        }
        self.last = value;
        let floor = FLOOR_SHARE * self.least_move;
        let usual = self.profile.usual(local, pace.rows(1.0), value);
        let departure = if usual.known { value - usual.value } else { 0.0 };
        let spread = (usual.known && self.spread > 0.0).then_some(self.spread + floor / 5.0);
        self.profile.learn(&usual, value, spread);
        if usual.known {
            let rows = (self.rows + 1.0).min(pace.span(CALM_HOURS));
            self.spread += (departure.abs() - self.spread) / rows;
        }
        if held > EDGE_HOURS.1 {
            // What was before an outage says nothing of the moves after it.
            self.departures = [departure; 3];
            (self.fast, self.back) = (value, value);
        }
        let [before, earlier, _] = self.departures;
        self.departures = [departure, before, earlier];
        let median = departure.max(before).min(departure.min(before).max(earlier));
        self.fast += (value - self.fast) / pace.span(EDGE_HOURS.0);
        let edge = self.fast - self.back;
        self.back += edge / pace.span(EDGE_HOURS.1);
        self.rows += 1.0;
        Seen {
            departures: [departure, median, departure - before, edge],
            expected: usual.known.then_some(usual.value),
            floor,
        }
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.extend([self.rows, self.last, self.least_move, self.spread, self.fast, self.back]);
        out.extend(self.departures);
        self.profile.write(out);
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let [rows, last, least_move, spread, fast, back] = *numbers.many(6)? else { return None };
        let departures = numbers.many(3)?.try_into().ok()?;
        let profile = Profile::read(numbers)?;
        let sound = rows >= 0.0 && least_move >= 0.0 && spread >= 0.0;
        sound.then_some(Self { profile, rows, last, least_move, departures, spread, fast, back })
    }
}
