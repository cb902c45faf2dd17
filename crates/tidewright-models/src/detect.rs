//! Detectors: how odd is the point that has just come?
//!
//! A [`Detector`] sees a series once, row by row, and says what it thinks of each before it learns from it: the first rows of
//! a file have the same verdicts whatever comes after them. Its state is of fixed size and holds no rows. It looks at a
//! series in several ways, and each departure is held against the largest ones that the same series has shown so far, so that
//! one threshold serves all series. Nothing is scaled by a running deviation: that would make the noise of a quiet hour an
//! event.

pub mod batch;
mod episode;
mod named;
mod pace;
mod profile;
mod saved;
mod tail;
mod views;

use std::sync::Arc;

use tidewright_core::{Band, Direction, PointState, Severity, Surprise, Timestamp, Verdict, Zone};

use self::episode::Episode;
use self::pace::Pace;
use self::tail::Tail;
use self::views::{NAMES, Seen, Views};

pub use self::named::{Kind, names};
pub use self::views::VIEWS;

/// Hours of a stretch: what happens within one is one event at most.
const STRETCH_HOURS: f64 = 4.0;
/// Stretches that must have been seen before anything is called odd.
const STRETCHES_MIN: f64 = 10.0;
/// Stretches of a generation, of which two are remembered: eight weeks.
const GENERATION: f64 = 336.0;
/// How the surprise that it takes grows with the logarithm of the stretches seen: twice the history has twice the chance of
/// something odd.
const GROWTH: f64 = 0.3;
/// What the surprise of each view counts for: what lasts three rows has shown itself in the jumps before. A single departure
/// from the profile is scored, but alarms by its jump.
const SHARES: [f64; VIEWS] = [0.0, 0.8, 1.0, 1.0];
/// The view from which the band is drawn.
const BAND_VIEW: usize = 0;
/// The score of a value that cannot be.
const OUTSIDE: f64 = 1.01;
/// No score is higher: of a constant that moves, the distance has no unit.
const SCORE_MAX: f64 = 1000.0;
/// From these alarms on an event is critical, and an emergency.
const SEVERE: [f64; 2] = [1.5, 2.0];
/// An event that lasts so many hours is one step more severe.
const LASTING_HOURS: f64 = 1.0;
/// Milliseconds of a second.
const SECOND_MS: f64 = 1000.0;
/// Seconds of an hour.
const HOUR_S: f64 = 3600.0;

/// What all detectors of a kind of series share.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The surprise that alarms, in natural logarithms; higher is quieter.
    pub level: f64,
    /// Hours after the end of an event in which nothing alarms.
    pub quiet_hours: f64,
    /// The least and the most that a value can be.
    pub range: (f64, f64),
    /// Where days begin.
    pub zone: Zone,
    /// What alarms count for when severity is told; 1 as they are.
    pub weight: f64,
    /// How many alarms a week there may be: so many at once, and as many again in each week; `None` without end.
    pub alert_budget: Option<f64>,
}

/// A detector of one series.
#[derive(Clone, Debug)]
pub struct Detector {
    settings: Arc<Settings>,
    pace: Pace,
    /// When the last row came, in milliseconds; `None` before the first.
    last: Option<i64>,
    views: Views,
    tails: [[Tail; 2]; VIEWS],
    /// Stretches that each view has seen.
    stretches: [f32; VIEWS],
    /// Rows of the stretch that goes on.
    filled: f64,
    /// Stretches of the generation that goes on.
    turned: f64,
    episode: Episode,
}

/// One way of looking at a point, for people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Its name.
    pub detector: &'static str,
    /// By how much the point departs from what this view expects, in the series' unit.
    pub departure: f64,
    /// The size from which on a departure to this side is not normal.
    pub edge: f64,
    /// `-ln` of the probability that a stretch of four hours brings as much.
    pub surprise: f64,
    /// The surprise at the edge.
    pub needed: f64,
    /// What its surprise counts for in the alarm; 0 if it is scored only.
    pub share: f64,
}

/// What the views make of a row.
#[derive(Clone, Copy, Debug, Default)]
struct Judged {
    /// The largest distance to the edge of normal.
    score: f64,
    /// The largest surprise to the level that alarms.
    alarm: f64,
    surprise: Option<Surprise>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            level: 3.5,
            quiet_hours: 8.0,
            range: (f64::NEG_INFINITY, f64::INFINITY),
            zone: Zone::utc(),
            weight: 1.0,
            alert_budget: None,
        }
    }
}

impl Detector {
    /// One that has seen nothing.
    pub fn new(settings: Arc<Settings>) -> Self {
        Self {
            settings,
            pace: Pace::default(),
            last: None,
            views: Views::new(),
            tails: [[Tail::default(); 2]; VIEWS],
            stretches: [0.0; VIEWS],
            filled: 0.0,
            turned: 0.0,
            episode: Episode::default(),
        }
    }

    /// What to think of a row, by all rows before it; then learns from it. `None` and what is not finite are gaps.
    pub fn update(&mut self, time: Timestamp, value: Option<f64>) -> Verdict {
        self.update_told(time, value).0
    }

    /// The same, and what each view makes of it; nothing of those that have not seen enough.
    pub fn update_told(
        &mut self,
        time: Timestamp,
        value: Option<f64>,
    ) -> (Verdict, [Option<View>; VIEWS]) {
        let silent = |state| (Verdict::silent(state), [None; VIEWS]);
        let Some(value) = value.filter(|value| value.is_finite()) else {
            return silent(PointState::Gap);
        };
        let at = time.as_millis();
        let apart_s = self.last.map(|last| (at - last) as f64 / SECOND_MS);
        if apart_s.is_some_and(|apart| apart <= 0.0) {
            return silent(PointState::Late);
        }
        self.last = Some(at);
        if let Some(apart) = apart_s {
            self.pace.follow(apart);
        }
        let at_s = at as f64 / SECOND_MS;
        let (least, most) = self.settings.range;
        if value < least || value > most {
            return (self.outside(at_s, value), [None; VIEWS]);
        }
        let held = apart_s.unwrap_or(0.0) / HOUR_S;
        let local = self.settings.zone.local(time);
        let seen = self.views.see(local, self.pace, held, value);
        let views = self.look(&seen);
        let judged = self.judge(&views);
        let band = seen.expected.map(|expected| self.band(expected, &seen));
        self.learn(&seen);
        let ready = self.stretches.iter().any(|seen| f64::from(*seen) >= STRETCHES_MIN);
        let (alarm, lasted_s) = self.alarm(at_s, judged.alarm);
        let verdict = Verdict {
            state: if ready { PointState::Judged } else { PointState::Learning },
            score: Some(judged.score),
            alarm,
            band,
            surprise: judged.surprise,
            severity: self.severity(judged, lasted_s),
        };
        (verdict, views)
    }

    /// A value that cannot be alarms, and nothing is learned from it.
    fn outside(&mut self, at_s: f64, value: f64) -> Verdict {
        let (least, _) = self.settings.range;
        let direction = if value < least { Direction::Down } else { Direction::Up };
        let surprise = Surprise { probability: 0.0, direction, detector: "range" };
        let judged = Judged { score: OUTSIDE, alarm: OUTSIDE, surprise: Some(surprise) };
        let (alarm, lasted_s) = self.alarm(at_s, judged.alarm);
        Verdict {
            score: Some(judged.score),
            alarm,
            surprise: judged.surprise,
            severity: self.severity(judged, lasted_s),
            ..Verdict::silent(PointState::Judged)
        }
    }

    fn alarm(&mut self, at_s: f64, alarm: f64) -> (f64, f64) {
        let Settings { quiet_hours, alert_budget, .. } = *self.settings;
        self.episode.follow(at_s, alarm, quiet_hours * HOUR_S, alert_budget)
    }

    /// What each view makes of a row.
    fn look(&self, seen: &Seen) -> [Option<View>; VIEWS] {
        std::array::from_fn(|view| {
            let stretches = f64::from(self.stretches[view]);
            let departure = seen.departures[view];
            let (side, size) = side(departure, seen.floor);
            let tail = &self.tails[view][side];
            let needed = self.edge(view);
            (stretches >= STRETCHES_MIN).then(|| View {
                detector: NAMES[view],
                departure,
                edge: seen.floor + tail.reach(needed, stretches),
                surprise: tail.surprise(size, stretches),
                needed,
                share: SHARES[view],
            })
        })
    }

    fn judge(&self, views: &[Option<View>; VIEWS]) -> Judged {
        let mut judged = Judged::default();
        for (view, stretches) in views.iter().zip(self.stretches) {
            let Some(view) = view.filter(|view| view.departure != 0.0) else { continue };
            let beyond_growth = view.surprise - GROWTH * f64::from(stretches).ln();
            judged.alarm = judged.alarm.max(view.share * beyond_growth / self.settings.level);
            let score = (view.departure.abs() / view.edge).min(SCORE_MAX);
            if score > judged.score {
                let direction = if view.departure > 0.0 { Direction::Up } else { Direction::Down };
                let (probability, detector) = ((-view.surprise).exp(), view.detector);
                judged.score = score;
                judged.surprise = Some(Surprise { probability, direction, detector });
            }
        }
        judged
    }

    /// The surprise at which a view's departure is at the edge of normal.
    fn edge(&self, view: usize) -> f64 {
        let share = if SHARES[view] > 0.0 { SHARES[view] } else { 1.0 };
        self.settings.level / share + GROWTH * f64::from(self.stretches[view]).max(1.0).ln()
    }

    fn band(&self, expected: f64, seen: &Seen) -> Band {
        let stretches = f64::from(self.stretches[BAND_VIEW]);
        let reach = |side: usize| {
            seen.floor + self.tails[BAND_VIEW][side].reach(self.edge(BAND_VIEW), stretches)
        };
        let (least, most) = self.settings.range;
        let (lower, upper) = (expected - reach(1), expected + reach(0));
        Band { expected, lower: lower.max(least), upper: upper.min(most) }
    }

    fn learn(&mut self, seen: &Seen) {
        self.filled += 1.0;
        let full = self.filled >= self.pace.rows(STRETCH_HOURS);
        let by_profile = seen.expected.is_some();
        for (view, tails) in self.tails.iter_mut().enumerate() {
            if view + 1 < VIEWS && !by_profile {
                continue;
            }
            let (side, size) = side(seen.departures[view], seen.floor);
            tails[side].add(size);
            if full {
                tails.iter_mut().for_each(Tail::close);
                self.stretches[view] += 1.0;
            }
        }
        if full {
            self.filled = 0.0;
            self.turned += 1.0;
        }
        if self.turned >= GENERATION {
            self.turned = 0.0;
            self.tails.iter_mut().flatten().for_each(Tail::turn);
            self.stretches.iter_mut().for_each(|seen| *seen = seen.min(GENERATION as f32));
        }
    }

    fn severity(&self, judged: Judged, lasted_s: f64) -> Option<Severity> {
        const STEPS: [Severity; 4] =
            [Severity::Info, Severity::Warning, Severity::Critical, Severity::Emergency];
        if judged.score < 1.0 && judged.alarm < 1.0 {
            return None;
        }
        let alarm = judged.alarm * self.settings.weight;
        let reached = usize::from(alarm >= 1.0)
            + SEVERE.iter().filter(|from| alarm >= **from).count()
            + usize::from(lasted_s >= LASTING_HOURS * HOUR_S);
        Some(STEPS[reached.min(STEPS.len() - 1)])
    }
}

/// Which side of 0 a departure is on, 0 above and 1 below, and what of it is beyond the floor.
fn side(departure: f64, floor: f64) -> (usize, f64) {
    (usize::from(departure < 0.0), (departure.abs() - floor).max(0.0))
}

#[cfg(test)]
mod tests;
