//! How far a departure reaches beyond the largest ones so far.
//!
//! The largest departure of each stretch of some hours is kept if it is among the few largest. Beyond them a Pareto tail goes on
//! (Hill 1975), its index drawn towards a prior that counts as some more exceedances, since from four it is
//! hardly known: the posterior predictive then has a power law of its own, heavy where little was seen.

use crate::numbers::Numbers;

/// Exceedances that are kept.
const KEPT: usize = 4;
/// The prior's index, and how many exceedances it counts for.
const PRIOR: (f64, f64) = (0.15, 3.0);
/// How surprising, in natural logarithms, a first departure ever is beyond the one in so many stretches.
const FRESH: f64 = 4.0;
/// A first departure that did not come in so many stretches could as well have come in every third.
const RULE_OF_THREE: f64 = 3.0;

/// The largest departures of two generations of stretches, one of which is still filling.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tail {
    now: [f32; KEPT],
    before: [f32; KEPT],
    /// The largest of the stretch that goes on.
    peak: f32,
}

/// The tail of a departure as it stands.
#[derive(Clone, Copy, Debug)]
struct Law {
    /// The smallest exceedance; 0 if there was none.
    from: f64,
    /// What `from` itself has for surprise.
    base: f64,
    /// The exceedances with those of the prior.
    count: f64,
    /// The sum of their logarithms above `from`, with the prior's.
    sum: f64,
}

impl Tail {
    /// The surprise of a departure, `-ln P` that a stretch brings as much or more, of so many stretches.
    pub(super) fn surprise(&self, departure: f64, stretches: f64) -> f64 {
        let Law { from, base, count, sum } = self.law(stretches);
        match departure {
            d if d <= 0.0 => 0.0,
            _ if from == 0.0 => base,
            d if d <= from => base * d / from,
            d => base + count * ((d / from).ln() / sum).ln_1p(),
        }
    }

    /// The departure that has this surprise: the inverse.
    pub(super) fn reach(&self, surprise: f64, stretches: f64) -> f64 {
        let Law { from, base, count, sum } = self.law(stretches);
        if surprise <= base {
            return if base > 0.0 { from * surprise / base } else { 0.0 };
        }
        from * (sum * ((surprise - base) / count).exp_m1()).exp()
    }

    fn law(&self, stretches: f64) -> Law {
        let largest = self.largest();
        let seen = largest.iter().take_while(|one| **one > 0.0).count();
        let Some(from) = seen.checked_sub(1).map(|last| largest[last]) else {
            let base = (stretches / RULE_OF_THREE).max(1.0).ln() + FRESH;
            return Law { from: 0.0, base, count: 1.0, sum: 1.0 };
        };
        let above: f64 = largest[..seen].iter().map(|one| (one / from).ln()).sum();
        let (index, weight) = PRIOR;
        Law {
            from,
            base: (stretches / seen as f64).max(1.0).ln(),
            count: seen as f64 + weight,
            sum: above + index * weight,
        }
    }

    /// The largest of both generations, in falling order; 0 where there were fewer.
    fn largest(&self) -> [f64; KEPT] {
        let (mut now, mut before) = (self.now.iter().peekable(), self.before.iter().peekable());
        std::array::from_fn(|_| {
            let next = if now.peek() >= before.peek() { now.next() } else { before.next() };
            next.copied().map_or(0.0, f64::from)
        })
    }

    /// Takes in a departure.
    pub(super) fn add(&mut self, departure: f64) {
        self.peak = self.peak.max(departure.min(f64::from(f32::MAX)) as f32);
    }

    /// Ends a stretch.
    pub(super) fn close(&mut self) {
        let peak = std::mem::take(&mut self.peak);
        let place = self.now.partition_point(|one| *one >= peak);
        if place < KEPT {
            self.now[place..].rotate_right(1);
            self.now[place] = peak;
        }
    }

    /// Ends a generation: the one before it is forgotten.
    pub(super) fn turn(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.extend(
            self.now.iter().chain(&self.before).chain([&self.peak]).map(|&it| f64::from(it)),
        );
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let mut generation = || -> Option<[f32; KEPT]> {
            let kept: [f64; KEPT] = numbers.many(KEPT)?.try_into().ok()?;
            kept.is_sorted_by(|a, b| a >= b && *b >= 0.0).then(|| kept.map(|it| it as f32))
        };
        let (now, before) = (generation()?, generation()?);
        let peak = numbers.one()?;
        (peak >= 0.0).then_some(Self { now, before, peak: peak as f32 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peaks: &[f64]) -> Tail {
        let mut tail = Tail::default();
        for peak in peaks {
            tail.add(*peak);
            tail.close();
        }
        tail
    }

    #[test]
    fn the_largest_of_both_generations_count() {
        let mut tail = of(&[5.0, 1.0, 9.0, 2.0, 3.0]);
        tail.turn();
        tail.add(4.0);
        tail.close();
        assert_eq!(tail.largest(), [9.0, 5.0, 4.0, 3.0]);
        tail.turn();
        tail.turn();
        assert_eq!(tail.largest(), [0.0; KEPT]);
    }

    #[test]
    fn surprise_and_reach_are_each_others_inverse() {
        let tail = of(&[5.0, 1.0, 9.0, 2.0, 3.0, 4.0]);
        for surprise in [0.2, 1.0, 3.0, 5.0, 9.0] {
            let back = tail.surprise(tail.reach(surprise, 60.0), 60.0);
            assert!((back - surprise).abs() < 1e-6, "{back} for {surprise}");
        }
    }

    #[test]
    fn what_a_stretch_in_fifteen_brings_has_that_surprise() {
        let tail = of(&[5.0, 9.0, 3.0, 4.0, 1.0, 1.0]);
        assert!((tail.surprise(3.0, 60.0) - 15.0_f64.ln()).abs() < 1e-6);
        assert_eq!(tail.surprise(0.0, 60.0), 0.0);
    }

    #[test]
    fn a_first_departure_ever_is_surprising_after_much_silence() {
        let tail = of(&[]);
        assert!(tail.surprise(1e-9, 60.0) > tail.surprise(1e-9, 6.0));
        assert_eq!(tail.reach(4.0, 60.0), 0.0);
    }

    #[test]
    fn what_was_written_comes_back() {
        let mut tail = of(&[5.0, 9.0, 3.0]);
        tail.add(2.0);
        let mut out = Vec::new();
        tail.write(&mut out);
        assert_eq!(Tail::read(&mut Numbers::new(&out).unwrap()), Some(tail));
        out.swap(0, 2);
        assert_eq!(Tail::read(&mut Numbers::new(&out).unwrap()), None);
    }
}
