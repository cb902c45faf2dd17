//! Folds: what was known at a moment, and the week that followed.

use super::attack::Observed;
use super::trace::{DAY, Trace, WEEK};

/// The most history that the product fetches.
const HISTORY_MAX: usize = 28 * DAY;

/// What was known at a moment, and the week that followed; minutes of the trace.
pub(super) struct Fold<'a> {
    /// Where history starts and ends.
    pub from: usize,
    pub until: usize,
    /// History as it was observed.
    pub history: &'a [f64],
    /// The true demand of the next week.
    pub clean: &'a [f64],
    /// What was observed of it.
    pub observed: &'a [f64],
    /// Which of its minutes are under attack.
    pub attacked: &'a [bool],
}

impl Fold<'_> {
    /// The latest week of history, which other rules look at.
    pub(super) fn last_week(&self) -> &[f64] {
        &self.history[self.history.len() - WEEK..]
    }

    /// The highest minute of true demand in the next week.
    pub(super) fn peak(&self) -> f64 {
        self.clean.iter().copied().fold(0.0, f64::max)
    }
}

/// A refit every so many days, from the first week on, as long as a whole week follows.
pub(super) fn folds<'a>(trace: &'a Trace, observed: &'a Observed, days: usize) -> Vec<Fold<'a>> {
    let last = trace.counts.len() - WEEK;
    let ends = (WEEK..=last).step_by(days * DAY);
    let fold = |until: usize| {
        let (from, next) = (until.saturating_sub(HISTORY_MAX), until..until + WEEK);
        Fold {
            from,
            until,
            history: &observed.counts[from..until],
            clean: &trace.counts[next.clone()],
            observed: &observed.counts[next.clone()],
            attacked: &observed.attacked[next],
        }
    };
    ends.map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{attack, trace};

    #[test]
    fn no_fold_sees_the_week_that_it_is_judged_by() {
        let [nasa, twitter] = trace::all();
        let observed = attack::none(&nasa);
        let all = folds(&nasa, &observed, 7);
        assert!(all.iter().all(|fold| fold.history == &nasa.counts[fold.from..fold.until]));
        let seen: Vec<_> = all.iter().map(|fold| (fold.history.len(), fold.clean.len())).collect();
        assert_eq!(seen, [1, 2, 3, 4].map(|weeks| (weeks * WEEK, WEEK)));
        assert_eq!(folds(&nasa, &observed, 1).len(), 22);
        assert_eq!(folds(&twitter, &attack::none(&twitter), 7).len(), 1);
    }
}
