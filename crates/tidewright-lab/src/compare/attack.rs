//! Attacks that are injected into a trace: bursts of several shapes, and a slow rise.
//!
//! Each week gets three, two hours or more from one another, placed and sized by the seed. They multiply the demand
//! that there was, so that an outage stays one, and the truth below them is known.

use tidewright_numerics::{Random, stable_seed};

use super::trace::{Trace, WEEK};

/// Minutes between two attacks, at least.
const APART: usize = 120;
/// Tries before an attack is left out; a place is found within a few.
const TRIES_MAX: usize = 500;

/// What is observed of a trace: its demand, and what attacks add.
pub(super) struct Observed {
    pub counts: Vec<f64>,
    /// Which minutes are under attack.
    pub attacked: Vec<bool>,
}

/// The course of an attack over its time.
#[derive(Clone, Copy)]
enum Shape {
    /// At its height from the first minute to the last.
    Block,
    /// Up to the middle, then down.
    Tent,
    /// Up all the way: a scraper that tries how far it can go.
    Rise,
}

/// A kind of attack: its shape, its shortest and longest time in minutes, its smallest and largest height.
type Kind = (Shape, (usize, usize), (f64, f64));

/// Of each week, in turn: the last one differs between weeks.
const FLASH: Kind = (Shape::Block, (5, 15), (8.0, 20.0));
const STORM: Kind = (Shape::Tent, (30, 90), (4.0, 10.0));
const SIEGE: Kind = (Shape::Block, (180, 360), (3.0, 6.0));
const RISE: Kind = (Shape::Rise, (1_800, 2_880), (2.5, 4.0));

/// The trace as it was.
pub(super) fn none(trace: &Trace) -> Observed {
    Observed { counts: trace.counts.clone(), attacked: vec![false; trace.counts.len()] }
}

/// The trace with attacks in every week.
pub(super) fn inject(trace: &Trace, seed: u64) -> Observed {
    let mut observed = none(trace);
    let mut random = Random::new(stable_seed(seed, trace.name, "attacks"));
    for week in 0..trace.counts.len() / WEEK {
        let last = if week % 2 == 0 { SIEGE } else { RISE };
        for kind in [last, STORM, FLASH] {
            attack(&mut observed, week * WEEK, kind, &mut random);
        }
    }
    observed
}

fn attack(observed: &mut Observed, week: usize, kind: Kind, random: &mut Random) {
    let (shape, (shortest, longest), (smallest, largest)) = kind;
    let minutes = shortest + (random.uniform() * (longest - shortest) as f64) as usize;
    let height = smallest + random.uniform() * (largest - smallest);
    let places = std::iter::repeat_with(|| {
        week + APART + (random.uniform() * (WEEK - minutes - 2 * APART) as f64) as usize
    });
    let free = |from: &usize| {
        !observed.attacked[from - APART..from + minutes + APART].iter().any(|attacked| *attacked)
    };
    let Some(from) = places.take(TRIES_MAX).find(free) else { return };
    for minute in 0..minutes {
        let into = minute as f64 / minutes as f64;
        let factor = 1.0 + (height - 1.0) * shape.at(into);
        observed.counts[from + minute] = (observed.counts[from + minute] * factor).round();
        observed.attacked[from + minute] = true;
    }
}

impl Shape {
    /// The part of the height, from 0 to 1, at a part of the time.
    fn at(self, into: f64) -> f64 {
        match self {
            Self::Block => 1.0,
            Self::Tent => 1.0 - (2.0 * into - 1.0).abs(),
            Self::Rise => into,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::Timestamp;

    #[test]
    fn every_week_gets_its_attacks_and_nothing_else_changes() {
        let counts = vec![100.0; 2 * WEEK];
        let trace = Trace { name: "flat", start: Timestamp::from_secs(0), counts };
        let observed = inject(&trace, 1);
        let starts = observed.attacked.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        assert_eq!(starts, 6);
        for (count, attacked) in observed.counts.iter().zip(&observed.attacked) {
            assert!(*attacked && (100.0..=2000.0).contains(count) || *count == 100.0);
        }
        assert_eq!(observed.counts, inject(&trace, 1).counts);
        assert_ne!(observed.counts, inject(&trace, 2).counts);
    }
}
