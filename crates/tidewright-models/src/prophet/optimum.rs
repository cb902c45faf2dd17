//! From sums to the optimum: which solver, and from where.
//!
//! A model whose columns all add has one optimum, found along a path; the general search stands behind it for the cases
//! where priors alone decide. A model with a column that scales is not convex: the additive model's answer, scaled by the
//! level, is where its search starts. Where the history cannot tell a season from the trend's bends there may be several
//! optima; then the search starts from several places, the best is taken and their number is told.

use super::bilinear::Bilinear;
use super::linear::{Gram, LinearLoss};
use super::moments::Statistics;
use super::newton::{Convergence, Goal, Optimum, minimise, objective};
use super::priors::Priors;

/// Two optima are different ones if their objectives differ by this much.
const APART: f64 = 1e-3;

/// How many starts a search is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Starts {
    /// The history tells everything apart.
    One,
    /// It does not.
    Several,
}

/// The best optimum that was found, and how many different ones there were.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) optimum: Optimum,
    pub(crate) optima: usize,
}

/// The optimum of a series.
pub(crate) fn cold(statistics: &Statistics, gram: &Gram, priors: &Priors, starts: Starts) -> Found {
    let linear = linear(statistics, gram, priors);
    if priors.is_linear() {
        return Found { optimum: linear, optima: 1 };
    }
    let mut loss = Bilinear::new(statistics, priors);
    let mut search = |start: &[f64]| minimise(&mut loss, priors, start, Goal::Exact);
    let flat = flat(statistics, gram);
    let first = match scaled(&linear.x, statistics, priors) {
        Some(start) => search(&start),
        None => search(&flat),
    };
    if starts == Starts::One && first.convergence == Convergence::Reached {
        return Found { optimum: first, optima: 1 };
    }
    let mut straight = first.x.clone();
    straight[priors.ridge.len()..].fill(0.0);
    let found = [search(&flat), search(&straight)];
    let mut all = vec![first];
    all.extend(found);
    all.sort_by(|a, b| a.objective.total_cmp(&b.objective));
    let optima =
        1 + all.windows(2).filter(|two| two[1].objective - two[0].objective > APART).count();
    Found { optimum: all.swap_remove(0), optima }
}

/// The same from nearby unknowns.
pub(crate) fn warm(
    statistics: &Statistics,
    gram: &Gram,
    priors: &Priors,
    (near, goal): (&[f64], Goal),
) -> Found {
    let optimum = if priors.is_linear() {
        linear(statistics, gram, priors)
    } else {
        minimise(&mut Bilinear::new(statistics, priors), priors, near, goal)
    };
    Found { optimum, optima: 1 }
}

/// The optimum if all columns added to the trend.
fn linear(statistics: &Statistics, gram: &Gram, priors: &Priors) -> Optimum {
    let Statistics { moments, cross } = statistics;
    let Some(found) = gram.solve(moments, cross, priors) else {
        let mut loss = LinearLoss::new(gram, moments, cross);
        return minimise(&mut loss, priors, &flat(statistics, gram), Goal::Exact);
    };
    let (rows, half) = (moments.rows as f64, 0.5 * found.residual);
    let penalty = priors.penalty(&found.x);
    let objective = objective(rows, half, found.variance, penalty);
    let convergence = Convergence::Reached;
    Optimum { x: found.x, variance: found.variance, objective, convergence }
}

/// A level trend through the mean and no season: the start that singles out no explanation.
fn flat(statistics: &Statistics, gram: &Gram) -> Vec<f64> {
    let mut x = vec![0.0; gram.unknowns];
    let cross = &statistics.cross;
    x[gram.free - 1] = cross.shift + cross.sum() / statistics.moments.rows as f64;
    x
}

/// The additive answer with seasons in proportion to the mean level, if there is a level.
fn scaled(linear: &[f64], statistics: &Statistics, priors: &Priors) -> Option<Vec<f64>> {
    let level = statistics.cross.sum() / statistics.moments.rows as f64;
    let factor = |scaled: &f64| if *scaled == 0.0 { 1.0 } else { 1.0 / level };
    let mut x = linear.to_vec();
    x.iter_mut().zip(&priors.scaled).for_each(|(x, scaled)| *x *= factor(scaled));
    let modest = x[..priors.columns()].iter().all(|x| x.abs() <= 1.0);
    modest.then_some(x)
}
