//! How good limits were: rejected clean demand, head-room, and what they admitted of attacks.

use super::fold::Fold;

/// Halvings until a factor is known to nine digits.
const HALVINGS: usize = 40;
/// Factors within which rules are made comparable.
const FACTORS: (f64, f64) = (0.05, 20.0);

/// How good limits were, over all folds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Score {
    /// The mean over folds of limit by true peak.
    pub headroom: f64,
    /// Rejected clean requests by all clean requests.
    pub rejected: f64,
    /// The same of the worst fold.
    pub rejected_worst: f64,
    /// The largest admitted count above true demand in an attacked minute, in true peaks of its week; `None` without
    /// attacks.
    pub burst: Option<f64>,
    /// Admitted requests of attackers by all their requests.
    pub admitted: Option<f64>,
}

/// The score of one limit per fold.
pub(super) fn score(limits: &[f64], folds: &[Fold<'_>]) -> Score {
    let pairs = || limits.iter().zip(folds);
    let headroom: f64 = pairs().map(|(limit, fold)| limit / fold.peak()).sum();
    let rejected: f64 = pairs().map(|(limit, fold)| rejected(*limit, fold)).sum();
    let demand = |fold: &Fold<'_>| fold.clean.iter().sum::<f64>();
    let worst = pairs().map(|(limit, fold)| self::rejected(*limit, fold) / demand(fold));
    let attacked = folds.iter().any(|fold| fold.attacked.iter().any(|attacked| *attacked));
    Score {
        headroom: headroom / folds.len() as f64,
        rejected: rejected / folds.iter().map(demand).sum::<f64>(),
        rejected_worst: worst.fold(0.0, f64::max),
        burst: attacked.then(|| pairs().map(|it| burst(*it.0, it.1)).fold(0.0, f64::max)),
        admitted: attacked.then(|| admitted(limits, folds)),
    }
}

/// The factor that brings limits with this score to the head-room of `ours`.
pub(super) fn scale_to_headroom(score: &Score, ours: &Score) -> f64 {
    ours.headroom / score.headroom
}

/// The smallest factor at which no more than this share is rejected.
pub(super) fn scale_to_rejections(at: impl Fn(f64) -> Score, rejected: f64) -> f64 {
    let (mut low, mut high) = FACTORS;
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if at(middle).rejected <= rejected { high = middle } else { low = middle }
    }
    high
}

fn rejected(limit: f64, fold: &Fold<'_>) -> f64 {
    fold.clean.iter().map(|demand| (demand - limit).max(0.0)).sum()
}

/// Admitted and true counts of the attacked minutes.
fn under_attack<'a>(limit: f64, fold: &'a Fold<'_>) -> impl Iterator<Item = (f64, f64)> + 'a {
    let minutes = fold.observed.iter().zip(fold.clean).zip(fold.attacked);
    let attacked = minutes.filter(|(_, attacked)| **attacked);
    attacked.map(move |((observed, clean), _)| (observed.min(limit), *clean))
}

fn burst(limit: f64, fold: &Fold<'_>) -> f64 {
    let above = under_attack(limit, fold).map(|(admitted, clean)| admitted - clean);
    above.fold(0.0, f64::max) / fold.peak()
}

fn admitted(limits: &[f64], folds: &[Fold<'_>]) -> f64 {
    let above = |limit: f64, fold: &Fold<'_>| -> f64 {
        under_attack(limit, fold).map(|(admitted, clean)| (admitted - clean).max(0.0)).sum()
    };
    let admitted: f64 = limits.iter().zip(folds).map(|(limit, fold)| above(*limit, fold)).sum();
    let all: f64 = folds.iter().map(|fold| above(f64::INFINITY, fold)).sum();
    admitted / all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold<'a>(clean: &'a [f64], observed: &'a [f64], attacked: &'a [bool]) -> Fold<'a> {
        Fold { from: 0, until: 0, history: &[], clean, observed, attacked }
    }

    #[test]
    fn a_score_is_what_the_limit_does_to_demand_and_attack() {
        let (clean, observed) = ([100.0, 50.0, 200.0], [100.0, 500.0, 200.0]);
        let folds = [fold(&clean, &observed, &[false, true, false])];
        let found = score(&[150.0], &folds);
        assert_eq!((found.headroom, found.rejected), (0.75, 50.0 / 350.0));
        assert_eq!((found.burst, found.admitted), (Some(0.5), Some(100.0 / 450.0)));
    }

    #[test]
    fn without_attacks_nothing_is_said_of_them() {
        let clean = [100.0, 200.0];
        let found = score(&[200.0], &[fold(&clean, &clean, &[false, false])]);
        assert_eq!((found.burst, found.admitted, found.rejected), (None, None, 0.0));
    }

    #[test]
    fn a_rule_is_brought_to_our_head_room_and_to_equal_rejections() {
        let clean: Vec<f64> = (1..=100).map(f64::from).collect();
        let none = [false; 100];
        let folds = [fold(&clean, &clean, &none)];
        let ours = score(&[90.0], &folds);
        let at = |factor: f64| score(&[60.0 * factor], &folds);
        assert!((scale_to_headroom(&at(1.0), &ours) - 1.5).abs() < 1e-9);
        assert!((scale_to_rejections(at, ours.rejected) - 1.5).abs() < 1e-9);
    }
}
