//! What a report is made from, and in which order its limits are told.

use tidewright_core::{Decision, Discovery, Evidence, Proposal, Replay, RunRecord};

use crate::number;

/// Everything that a report shows.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The run and its decisions.
    pub run: &'a RunRecord,
    /// What to draw, one for each proposal of the plan in its order; a missing one is not drawn.
    pub evidence: &'a [Option<Evidence>],
    /// The unified diff of the document, if there is one.
    pub diff: Option<&'a str>,
    /// What else the reader should know of the run, such as keys of the configuration without an effect yet.
    pub notes: &'a [String],
    /// What the run has seen beside its decisions, if that is told.
    pub discovery: Option<&'a Discovery>,
}

/// How many limits changed, and why the others did not.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) raised: usize,
    pub(crate) lowered: usize,
    pub(crate) created: usize,
    pub(crate) held: usize,
    /// The codes of the reasons to hold, the most frequent first.
    pub(crate) held_by: Vec<(&'static str, usize)>,
}

impl Tally {
    pub(crate) fn of(proposals: &[Proposal]) -> Self {
        let mut tally = Self::default();
        for proposal in proposals {
            tally.add(proposal);
        }
        tally.held_by.sort_by_key(|&(code, count)| (std::cmp::Reverse(count), code));
        tally
    }

    fn add(&mut self, proposal: &Proposal) {
        match proposal.decision {
            Decision::Raise => self.raised += 1,
            Decision::Lower => self.lowered += 1,
            Decision::Create => self.created += 1,
            Decision::Hold => {
                self.held += 1;
                let code = proposal.reason.code();
                match self.held_by.iter_mut().find(|(known, _)| *known == code) {
                    Some((_, count)) => *count += 1,
                    None => self.held_by.push((code, 1)),
                }
            }
        }
    }
}

/// A current limit that rejects a larger share of clean demand does harm today.
const HARM_RATIO: f64 = 0.001;

/// The places of the proposals, the most interesting first: changes that end harm, then other changes, by their size;
/// then what waits for a person, then holds with marks, then holds with a number, then the rest.
pub(crate) fn by_interest(proposals: &[Proposal]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..proposals.len()).collect();
    let rank = |proposal: &Proposal| {
        let class = match proposal.decision {
            Decision::Raise if does_harm(proposal) => 0,
            Decision::Raise | Decision::Lower | Decision::Create => 1,
            Decision::Hold if proposal.on_approval.is_some() => 2,
            Decision::Hold if !proposal.marks.is_empty() => 3,
            Decision::Hold if proposal.estimate.is_some() => 4,
            Decision::Hold => 5,
        };
        (class, size(proposal))
    };
    places.sort_by(|&left, &right| {
        let ((left_class, left_size), (right_class, right_size)) =
            (rank(&proposals[left]), rank(&proposals[right]));
        left_class.cmp(&right_class).then(right_size.total_cmp(&left_size))
    });
    places
}

fn does_harm(proposal: &Proposal) -> bool {
    let current = proposal.replay.as_ref().and_then(|replay| replay.current.as_ref());
    current.is_some_and(|current| current.rejected_ratio() > HARM_RATIO)
}

/// How large a change is: doubling and halving are equally large; a new limit is as large as doubling.
fn size(proposal: &Proposal) -> f64 {
    match proposal.change_ratio() {
        Some(ratio) => (1.0 + ratio).max(1e-9).log2().abs(),
        None if proposal.decision == Decision::Create => 1.0,
        None => 0.0,
    }
}

/// What all replayed limits together would have rejected.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) limits: usize,
    pub(crate) clean: Pair,
    pub(crate) raw: Pair,
}

/// The current limits beside the proposed ones; where there is no limit yet, nothing is rejected now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pair {
    pub(crate) demand: f64,
    pub(crate) now: f64,
    pub(crate) proposed: f64,
    pub(crate) hit_now: usize,
    pub(crate) hit_proposed: usize,
}

impl Totals {
    pub(crate) fn of(proposals: &[Proposal]) -> Self {
        let mut totals = Self::default();
        for report in proposals.iter().filter_map(|proposal| proposal.replay.as_ref()) {
            totals.limits += 1;
            totals.clean.add(report.current.as_ref(), &report.proposed);
            totals.raw.add(report.current_raw.as_ref(), &report.proposed_raw);
        }
        totals
    }
}

impl Pair {
    fn add(&mut self, now: Option<&Replay>, proposed: &Replay) {
        self.demand += proposed.demand;
        self.proposed += proposed.rejected;
        self.hit_proposed += proposed.windows_hit;
        self.now += now.map_or(0.0, |now| now.rejected);
        self.hit_now += now.map_or(0, |now| now.windows_hit);
    }

    /// `1,234 (0.12 %)` of the demand.
    pub(crate) fn of_demand(&self, rejected: f64) -> String {
        let ratio = if self.demand > 0.0 { rejected / self.demand } else { 0.0 };
        format!("{} ({})", number::count(rejected), number::share(ratio))
    }
}
