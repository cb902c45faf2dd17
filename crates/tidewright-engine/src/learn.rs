//! The road of one series through a cycle: clean, learn, propose, replay, draw.
//!
//! A [`Course`] holds what all series share: for each unit that a document uses, the windows and the models' plans over
//! the whole history and over the days before the held-back ones. It is built once and then only read, by all threads.

mod period;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use tidewright_core::{
    Evidence, Frame, Limit, Mark, Policy, Proposal, Reason, Remark, Timestamp, Unit,
};
use tidewright_limiter::aggregate;
use tidewright_plan::{Beside, Incidents, admit, classify, estimate, gate, propose, without_falls};

use crate::case::{Case, Decided};
use crate::evidence::{Scene, draw};
use crate::order::Order;
use crate::trial::{HeldBackDays, replayed};
use period::{Future, Lesson, Period, Seen};

/// What all limits of a cycle share.
pub(crate) struct Course<'a> {
    policy: &'a Policy,
    at: Timestamp,
    /// The first window in which any series was measured.
    first: usize,
    units: BTreeMap<Unit, UnitCourse>,
}

/// What all limits of one unit share.
struct UnitCourse {
    whole: Period,
    /// The days before the held-back ones.
    past: Period,
}

/// One series, cleaned, in the shortest windows.
struct Study<'a> {
    raw: &'a [f64],
    clean: Cow<'a, [f64]>,
    /// Clean history at the level of today, where a lasting shift has left the rest of it behind.
    level: Option<Vec<f64>>,
    marks: Vec<Mark>,
}

impl<'a> Course<'a> {
    pub(crate) fn new(frame: &Frame, order: &'a Order, units: impl Iterator<Item = Unit>) -> Self {
        let first = first_measured(frame);
        let minutes = frame.grid().slice(first, frame.grid().len() - first);
        let policy = &order.policy;
        let mut courses = BTreeMap::new();
        for unit in units.chain([Unit::Minute]) {
            courses.entry(unit).or_insert_with(|| {
                let windows = aggregate(&vec![f64::NAN; minutes.len()], &minutes, unit);
                let grid = windows.map_or(minutes, |(grid, _)| grid);
                UnitCourse {
                    whole: Period::new(grid, policy),
                    past: Period::new(before(&grid, policy.guards.hold_back), policy),
                }
            });
        }
        Self { policy, at: order.at, first, units: courses }
    }

    /// Decides about the limits that one series serves.
    pub(crate) fn decide(&self, column: &[f64], cases: &[&Case]) -> Vec<Decided> {
        let study = self.study(&column[self.first..]);
        cases.iter().map(|case| self.propose(&study, case)).collect()
    }

    /// Cleans a series in the shortest windows, where incidents are sharpest.
    fn study<'v>(&self, raw: &'v [f64]) -> Study<'v> {
        let minutes = &self.units[&Unit::Minute].whole;
        let Some(expectation) = minutes.expect(&without_falls(&minutes.windows, raw), self.policy)
        else {
            return Study { raw, clean: Cow::Borrowed(raw), level: None, marks: Vec::new() };
        };
        let scale: Vec<f64> =
            expectation.expected.iter().map(|level| expectation.scale.at(*level)).collect();
        let beside = Beside { values: raw, expected: &expectation.expected, scale: &scale };
        let incidents: Incidents = classify(&minutes.windows, &beside);
        let clean = incidents.clean(raw);
        let level = incidents.rebased(&minutes.windows, &clean);
        Study { raw, clean: Cow::Owned(clean), level, marks: incidents.marks().to_vec() }
    }

    fn propose(&self, study: &Study<'_>, case: &Case) -> Decided {
        let course = &self.units[&case.unit];
        let (raw, clean) =
            (self.windows(study.raw, case.unit), self.windows(&study.clean, case.unit));
        let level = study.level.as_deref().map(|level| self.windows(level, case.unit));
        let seen = Seen { raw: &raw, clean: &clean, level: level.as_deref() };
        let Some(lesson) = course.whole.learn(&seen, self.policy) else {
            return (Proposal::held(case.key.clone(), case.current, Reason::NoTraffic), None);
        };
        let (mut proposal, future) = self.first_proposal(case, lesson);
        proposal.marks.clone_from(&study.marks);
        let days = course.held_back_days(&seen, case.unit, self.policy);
        let evidence = draw_series(course, &seen, &future, &days);
        let replay = replayed(&proposal, &days);
        (gate(proposal, replay, &self.policy.guards), Some(evidence))
    }

    /// What is proposed before the replay gate.
    fn first_proposal(&self, case: &Case, lesson: Lesson) -> (Proposal, Option<Future>) {
        let reason = admit(&lesson.learned.statistics, case.unit, self.at, self.policy);
        let estimate = estimate(lesson.learned, case.unit, self.policy);
        let mut proposal = match reason {
            Some(reason) => Proposal {
                estimate: Some(estimate),
                ..Proposal::held(case.key.clone(), case.current, reason)
            },
            None => propose(case.key.clone(), case.current, estimate, self.policy),
        };
        proposal.remarks.extend(lesson.remarks);
        proposal.remarks.extend(case.shadow_mode.then_some(Remark::ShadowMode));
        (proposal, lesson.future)
    }

    /// Minute windows as windows of `unit`.
    fn windows<'v>(&self, minutes: &'v [f64], unit: Unit) -> Cow<'v, [f64]> {
        if unit == Unit::Minute {
            return Cow::Borrowed(minutes);
        }
        let grid = self.units[&Unit::Minute].whole.windows.grid();
        Cow::Owned(aggregate(minutes, grid, unit).map_or(Vec::new(), |(_, values)| values))
    }
}

impl UnitCourse {
    /// Demand on the held-back days, and what the rule makes of the days before them.
    fn held_back_days<'s>(&self, seen: &Seen<'s>, unit: Unit, policy: &Policy) -> HeldBackDays<'s> {
        let (whole, from) = (self.whole.windows.grid(), self.past.windows.grid().len());
        let lesson = self.past.learn(&seen.until(from), policy);
        let rule = lesson.filter(|lesson| {
            admit(&lesson.learned.statistics, unit, self.past.windows.grid().end(), policy)
                .is_none()
        });
        HeldBackDays {
            grid: whole.slice(from, whole.len() - from),
            raw: &seen.raw[from..],
            clean: &seen.clean[from..],
            rule: rule.map(|lesson| -> Limit { estimate(lesson.learned, unit, policy).limit }),
        }
    }
}

fn draw_series(
    course: &UnitCourse,
    seen: &Seen<'_>,
    future: &Option<Future>,
    days: &HeldBackDays<'_>,
) -> Evidence {
    let future = future.as_ref();
    draw(&Scene {
        grid: course.whole.windows.grid(),
        raw: seen.raw,
        clean: seen.clean,
        future: future.map_or(&[], |future| &future.median),
        future_scale: future.map_or(&[], |future| &future.scale),
        held_back: Some(days.grid.span()),
    })
}

/// The part of `grid` before its last `hold_back`.
fn before(grid: &tidewright_core::Grid, hold_back: Duration) -> tidewright_core::Grid {
    let held_back = (hold_back.as_millis() as i64 / grid.step_ms()) as usize;
    grid.slice(0, grid.len().saturating_sub(held_back))
}

/// The first window in which any column was measured: what all lack is not history.
fn first_measured(frame: &Frame) -> usize {
    let first = |column| frame.column(column).iter().position(|value: &f64| !value.is_nan());
    (0..frame.keys().len()).filter_map(first).min().unwrap_or(frame.grid().len())
}
