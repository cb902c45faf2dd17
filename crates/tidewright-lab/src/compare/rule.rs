//! The rules that are compared: the product's own through the engine, the others by their formulas.

use tidewright_core::{Bounds, Frame, Grid, Policy, SeriesKey, TimeSpan, Timestamp, Zone};
use tidewright_numerics::quantile;
use tidewright_plan::legacy::{V3, v1, v3};
use tidewright_plan::{Demand, Windows, prime_time};

use super::fold::Fold;
use super::trace::Trace;
use crate::error::LabError;
use crate::world::{Lab, World};

/// The product's safety margins that are tried besides its own.
pub(super) const MARGINS: [f64; 6] = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5];

const MINUTE_MS: i64 = 60_000;

/// A rule that needs no engine; each looks at the latest week of history.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// The 99 % quantile and 30 %.
    P99,
    /// The maximum and 20 %.
    Max,
    /// The predecessor's first formula.
    V1,
    /// The predecessor's last formula.
    V3,
}

impl Rule {
    pub(super) const ALL: [Self; 4] = [Self::P99, Self::Max, Self::V1, Self::V3];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::P99 => "p99 x 1.3",
            Self::Max => "max x 1.2",
            Self::V1 => "v1",
            Self::V3 => "v3",
        }
    }
}

/// The limit per minute by a rule that needs no engine.
pub(super) fn propose(rule: Rule, trace: &Trace, fold: &Fold<'_>) -> f64 {
    let week = fold.last_week();
    let number = |limit: Option<_>| {
        limit.map(|limit: tidewright_plan::legacy::LegacyLimit| f64::from(limit.number))
    };
    let limit = match rule {
        Rule::P99 => quantile(week, 0.99).map(|value| 1.3 * value),
        Rule::Max => quantile(week, 1.0).map(|value| 1.2 * value),
        Rule::V1 => number(v1(week, 1.0)),
        Rule::V3 => {
            let grid = grid(trace, fold.until - week.len(), week.len());
            let windows = Windows::new(grid, &Zone::utc());
            let demand = Demand { windows: &windows, raw: week, clean: week };
            let prime = prime_time(&demand, grid.span(), &Policy::default().prime);
            number(v3(&windows, week, &prime, &V3::default()))
        }
    };
    limit.expect("a week of the traces holds demand")
}

/// The limits per minute that the engine computes for all folds: no current limit, no bounds.
pub(super) fn propose_v2(
    lab: &Lab,
    trace: &Trace,
    folds: &[Fold<'_>],
    safety_margin: f64,
) -> Result<Vec<f64>, LabError> {
    let bounds = Bounds { min: 0.0, max: f64::from(u32::MAX) };
    let policy = Policy { bounds, safety_margin, ..Policy::default() };
    let limit = |fold: &Fold<'_>| {
        let grid = grid(trace, fold.from, fold.history.len());
        let key = SeriesKey::new([("PARTNER", trace.name), ("PATH", "/")]);
        let demand = Frame::new(grid, vec![key], fold.history.to_vec())
            .expect("one column as long as its grid");
        let outcome = lab.decide(&World::new(grid.end(), demand), policy.clone())?;
        let estimate = outcome.record.plan.proposals.first().and_then(|it| it.estimate.as_ref());
        let limit = estimate.expect("a week of the traces holds demand").limit;
        Ok(f64::from(limit.requests_per_unit))
    };
    folds.iter().map(limit).collect()
}

fn grid(trace: &Trace, from: usize, len: usize) -> Grid {
    let start: Timestamp = trace.start.plus_millis(from as i64 * MINUTE_MS);
    let span = TimeSpan { start, end: start.plus_millis(len as i64 * MINUTE_MS) };
    Grid::windows(span, MINUTE_MS).expect("a minute is positive")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::attack;
    use crate::compare::fold::folds;
    use crate::compare::trace::WEEK;

    /// Two weeks at 100 a minute, a little more or less.
    fn flat() -> Trace {
        let count = |minute: usize| 100.0 + (minute * 7919 % 21) as f64 - 10.0;
        let counts = (0..2 * WEEK).map(count).collect();
        Trace { name: "flat", start: Timestamp::from_secs(0), counts }
    }

    #[test]
    fn every_rule_sees_the_last_week_of_history() {
        let trace = flat();
        let observed = attack::none(&trace);
        let folds = folds(&trace, &observed, 7);
        let limits = Rule::ALL.map(|rule| propose(rule, &trace, &folds[0]));
        // 110 x 1.3, 110 x 1.2, that in hundreds, and 109 x 2.5 x 1.2 x 1.2 x 1.2 in hundreds.
        assert_eq!(limits, [143.0, 132.0, 100.0, 500.0]);
    }

    #[test]
    fn the_engines_limit_leaves_its_margin_above_flat_demand() {
        let trace = flat();
        let observed = attack::none(&trace);
        let folds = folds(&trace, &observed, 7);
        let lab = Lab::new().unwrap();
        let limits = propose_v2(&lab, &trace, &folds, 1.3).unwrap();
        assert!(limits.len() == 1 && (135.0..=250.0).contains(&limits[0]), "{limits:?}");
        assert_eq!(limits, propose_v2(&lab, &trace, &folds, 1.3).unwrap());
    }
}
