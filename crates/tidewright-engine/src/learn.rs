//! The road of one series through a cycle: clean, learn, propose, replay, draw.
//!
//! A [`Course`] holds what all series share: for each unit that a document uses, the windows and the models' plans over
//! the whole history and over the days before the held-back ones. It is built once and then only read, by all threads.

mod future;
mod period;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use tidewright_core::{
    Beside, DemandFrame, Evidence, Formula, Frame, Limit, LimitKey, Mark, Policy, Proposal, Reason,
    Remark, TimeSpan, Unit,
};
use tidewright_limiter::aggregate;
use tidewright_plan::{
    Incidents, Known, Measured, Terms, Windows, admit, classify, estimate, expected, gate, legacy,
    propose, undisturbed,
};

use crate::case::{Case, Decided};
use crate::evidence::{Scene, draw};
use crate::matching::{Counter, Flow};
use crate::order::Order;
use crate::shift::shifts;
use crate::stream::{Reach, Stream, decisive, sum};
use crate::trial::{HeldBackDays, replay_error, replayed};
use future::Future;
use period::{Lesson, Period, Seen};

/// So much clean history has to bear a cut out: each weekday twice. What is older may lie above a level that has fallen.
const REPLAYED_MS: i64 = 14 * 86_400_000;
/// Where more than this share of a window's requests was rejected, retries may inflate it; less is an error here or there.
const REJECTED_SHARE_TOLD: f64 = 0.01;

/// What all limits of a cycle share.
pub(crate) struct Course<'a> {
    demand: &'a DemandFrame,
    order: &'a Order,
    reach: Reach,
    units: BTreeMap<Unit, UnitCourse>,
}

/// What all limits of one unit share.
struct UnitCourse {
    whole: Period,
    /// The days before the held-back ones.
    past: Period,
}

/// One limit that is decided by a counter.
pub(crate) struct Task<'a> {
    /// Its place among all limits.
    pub index: usize,
    pub case: &'a Case,
    pub flow: &'a Flow,
    /// Which of several values decides, and how many there are.
    pub decisive: Option<(&'a str, usize)>,
}

/// One series, cleaned, in the shortest windows.
struct Study<'a> {
    stream: Stream<'a>,
    clean: Vec<f64>,
    /// Clean history at the level of today, where a lasting shift has left the rest of it behind.
    level: Option<Vec<f64>>,
    /// Clean history without the windows in which requests were rejected, where there were any.
    unrejected: Option<(Vec<f64>, usize)>,
    marks: Vec<Mark>,
}

impl<'a> Course<'a> {
    pub(crate) fn new(
        demand: &'a DemandFrame,
        order: &'a Order,
        units: impl Iterator<Item = Unit>,
    ) -> Self {
        let frame = &demand.frame;
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
        let inspected = courses[&Unit::Minute].whole.inspected();
        Self { demand, order, reach: Reach { first, inspected }, units: courses }
    }

    /// The counter that decides about a limit, and which of several it is.
    pub(crate) fn decisive<'f>(&self, flow: &'f Flow) -> (&'f Counter, Option<(&'f str, usize)>) {
        decisive(self.demand, flow, &self.reach, &self.order.policy)
    }

    /// The events of the calendar that concern a limit: limits that share them share what is learned.
    pub(crate) fn events(&self, key: &LimitKey) -> Vec<usize> {
        let Policy { calendar, exclusions, .. } = &self.order.policy;
        let events = calendar.events.iter().enumerate();
        let concerned = events.filter(|(_, event)| event.selector.matches(key, exclusions));
        concerned.map(|(index, _)| index).collect()
    }

    /// Decides about the limits that one counter serves; the calendar says the same of all of them.
    pub(crate) fn decide(&self, counter: &Counter, tasks: &[Task<'_>]) -> Vec<Decided> {
        let Some(first) = tasks.first() else { return Vec::new() };
        let stream = Stream::new(self.demand, counter, &self.reach, self.order.policy.cache);
        let study = self.study(stream, &first.case.key);
        tasks.iter().map(|task| self.propose(&study, task)).collect()
    }

    /// Cleans a series in the shortest windows, where incidents are sharpest.
    fn study<'v>(&self, stream: Stream<'v>, key: &LimitKey) -> Study<'v> {
        let minutes = &self.units[&Unit::Minute].whole;
        let known = Known::of(key, minutes.windows.grid().span(), &self.order.policy);
        let judged = match known.is_empty() {
            true => Cow::Borrowed(&*stream.raw),
            false => Cow::Owned(known.judged(&minutes.windows, &stream.raw)),
        };
        let (mut clean, level, marks) = self.clean(&judged);
        known.keep(&minutes.windows, &stream.raw, &mut clean);
        let marks = marks.into_iter().filter(|mark| !known.explains(mark.span)).collect();
        let unrejected = stream.rejected.as_ref().and_then(|rejected| {
            without_rejected(&clean, &stream.raw, rejected, self.reach.inspected.start)
        });
        Study { stream, clean, level, unrejected, marks }
    }

    /// Clean values, those at the level of today where that differs, and what stood out.
    fn clean(&self, raw: &[f64]) -> (Vec<f64>, Option<Vec<f64>>, Vec<Mark>) {
        let minutes = &self.units[&Unit::Minute].whole;
        let standing = undisturbed(&minutes.windows, raw);
        let Some(expectation) = minutes.expect(&standing) else {
            return (raw.to_vec(), None, Vec::new());
        };
        let scale: Vec<f64> =
            expectation.expected.iter().map(|level| expectation.scale.at(*level)).collect();
        let measured = Measured { values: raw, expected: &expectation.expected, scale: &scale };
        let incidents: Incidents = classify(&minutes.windows, &measured);
        let clean = incidents.clean(raw);
        let level = incidents.rebased(&minutes.windows, &clean);
        (clean, level, incidents.marks().to_vec())
    }

    fn propose(&self, study: &Study<'_>, task: &Task<'_>) -> Decided {
        let (case, policy) = (task.case, &self.order.policy);
        let course = &self.units[&case.unit];
        let windows = |minutes| self.windows(minutes, case.unit);
        let (raw, clean) = (windows(&study.stream.raw), windows(&study.clean));
        let level = study.level.as_deref().map(windows);
        let seen = Seen { raw: &raw, clean: &clean, level: level.as_deref() };
        let Some(mut lesson) = course.whole.learn(&seen, policy) else {
            return Decided::held(case, Reason::NoTraffic);
        };
        self.add_what_is_beside(&mut lesson, study, task);
        let terms = Terms::of(&case.key, case.unit, policy);
        let (mut proposal, future) = self.first_proposal(case, lesson, &terms);
        proposal.marks.clone_from(&study.marks);
        proposal.beside = self.beside(study, &proposal, case.unit);
        let days = self.held_back_days(&seen, study, task, &terms);
        let evidence = draw_series(course, &seen, &future, &days);
        let replay = replayed(&proposal, &days);
        proposal.remarks.extend(replay.as_ref().and_then(replay_error));
        let minutes = &self.units[&Unit::Minute].whole.windows;
        let shifts = shifts(&case.key, &study.marks, minutes, &study.stream);
        Decided {
            proposal: gate(proposal, replay, &policy.guards),
            evidence: Some(evidence),
            shifts,
        }
    }

    /// Rejections, the cache, the calendar, and what the limit counts.
    fn add_what_is_beside(&self, lesson: &mut Lesson, study: &Study<'_>, task: &Task<'_>) {
        let (key, unit) = (&task.case.key, task.case.unit);
        lesson.learned.cache = study.stream.cache;
        if let Some((unrejected, windows)) = &study.unrejected {
            let period = &self.units[&unit].whole;
            let clean = self.windows(unrejected, unit);
            let peak = period.peak(&clean, &lesson.learned.prime, &self.order.policy);
            lesson.learned.peak_without_rejected = Some(peak.unwrap_or(0.0));
            lesson.remarks.push(Remark::Rejected { windows: *windows });
        } else if !self.demand.includes_rejected && study.stream.rejected.is_none() {
            lesson.remarks.push(Remark::Censored);
        }
        let ahead = TimeSpan { start: self.order.at, end: self.units[&unit].whole.horizon_end() };
        if let Some(event) = expected(key, ahead, &self.order.policy) {
            if let Remark::EventExpected { factor, .. } = event {
                lesson.learned.event_factor = factor;
            }
            lesson.remarks.push(event);
        }
        lesson.remarks.extend(match (task.decisive, task.flow) {
            (Some((decisive, values)), _) => {
                Some(Remark::EachValue { values, decisive: decisive.to_owned() })
            }
            (None, Flow::One(counter)) if counter.len() > 1 => {
                Some(Remark::SumOf { series: counter.len() })
            }
            _ => None,
        });
    }

    /// What is proposed before the replay gate.
    fn first_proposal(
        &self,
        case: &Case,
        lesson: Lesson,
        terms: &Terms<'_>,
    ) -> (Proposal, Option<Future>) {
        let reason = admit(&lesson.learned.statistics, case.unit, self.order.at, terms.policy);
        let estimate = estimate(lesson.learned, terms);
        let mut proposal = match reason {
            Some(reason) => Proposal {
                estimate: Some(estimate),
                ..Proposal::held(case.key.clone(), case.current, reason)
            },
            None => propose(case.key.clone(), case.current, estimate, terms),
        };
        proposal.remarks.extend(lesson.remarks);
        proposal.remarks.extend(case.shadow_mode.then_some(Remark::ShadowMode));
        (proposal, lesson.future)
    }

    /// What the formula that was asked for beside gives; the predecessor's knew minutes only.
    fn beside(&self, study: &Study<'_>, proposal: &Proposal, unit: Unit) -> Option<Beside> {
        let policy = &self.order.policy;
        let (formula, estimate) = (policy.beside?, proposal.estimate.as_ref()?);
        let (inspected, period) = (self.reach.inspected.clone(), &self.units[&Unit::Minute].whole);
        let minutes = &study.stream.raw[inspected.clone()];
        let number = match formula {
            Formula::V1 => legacy::v1(minutes, policy.cache_ratio),
            Formula::V2 => return None,
            Formula::V3 => {
                let grid = period.windows.grid().slice(inspected.start, inspected.len());
                let windows = Windows::new(grid, &policy.prime.zone);
                let settings = legacy::V3 {
                    cache_factor: policy.cache_ratio,
                    safety_margin: policy.safety_margin,
                    bounds: policy.bounds,
                    rounding: policy.rounding,
                    ..legacy::V3::default()
                };
                legacy::v3(&windows, minutes, &estimate.prime, &settings)
            }
        };
        let limit = number.filter(|_| unit == Unit::Minute).map(|v| Limit::per_minute(v.number));
        Some(Beside { formula, limit })
    }

    /// Demand on the held-back days, and what the rule makes of the days before them.
    fn held_back_days<'s>(
        &self,
        seen: &Seen<'s>,
        study: &Study<'_>,
        task: &Task<'_>,
        terms: &Terms<'_>,
    ) -> HeldBackDays<'s> {
        let course = &self.units[&task.case.unit];
        let from = course.past.windows.grid().len();
        let late = |minutes: &[f64]| self.windows(minutes, task.case.unit)[from..].to_vec();
        let decisive = task.decisive.map(|(name, _)| name);
        let others = match task.flow {
            Flow::One(_) => Vec::new(),
            Flow::Each(counters) => {
                let others = counters.iter().filter(|(name, _)| Some(name.as_str()) != decisive);
                others
                    .map(|(_, counter)| late(&sum(self.demand, counter, self.reach.first)))
                    .collect()
            }
        };
        // Where a window is not known, the sum is not either.
        let over_limit = study.stream.over_limit.as_deref().map(late);
        let over_limit = over_limit.filter(|counts| counts.iter().all(|count| !count.is_nan()));
        HeldBackDays { others, over_limit, ..course.held_back_days(seen, terms) }
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
    fn held_back_days<'s>(&self, seen: &Seen<'s>, terms: &Terms<'_>) -> HeldBackDays<'s> {
        let (whole, from) = (self.whole.windows.grid(), self.past.windows.grid().len());
        let lesson = self.past.learn(&seen.until(from), terms.policy);
        let then = self.past.windows.grid().end();
        let late = (REPLAYED_MS / whole.step_ms()) as usize;
        let late = whole.len().saturating_sub(late);
        let late = (late, whole.slice(late, whole.len() - late));
        let rule = lesson.filter(|lesson| {
            admit(&lesson.learned.statistics, terms.unit, then, terms.policy).is_none()
        });
        HeldBackDays {
            grid: whole.slice(from, whole.len() - from),
            raw: &seen.raw[from..],
            clean: &seen.clean[from..],
            history: (late.1, &seen.clean[late.0..]),
            rule: rule.map(|lesson| -> Limit { estimate(lesson.learned, terms).limit }),
            others: Vec::new(),
            over_limit: None,
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

/// Clean windows without those in which requests were rejected, and how many those are from `inspected` on; `None` where
/// there are none.
fn without_rejected(
    clean: &[f64],
    raw: &[f64],
    rejected: &[f64],
    inspected: usize,
) -> Option<(Vec<f64>, usize)> {
    let hit = |index: usize| rejected[index] > REJECTED_SHARE_TOLD * raw[index];
    let windows = (inspected..raw.len()).filter(|&index| hit(index)).count();
    let keep = |(index, value): (usize, &f64)| if hit(index) { f64::NAN } else { *value };
    (windows > 0).then(|| (clean.iter().enumerate().map(keep).collect(), windows))
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
