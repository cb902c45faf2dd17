//! Earlier origins from which members are tried.

use crate::steps::Past;

/// How often the past is forecast: more origins change the weights little, and each costs a fit of every member.
const TRIALS: usize = 3;

/// What was known at an origin, and what came. Models see the first part only.
pub(super) struct Trial<'a> {
    pub(super) known: Past<'a>,
    pub(super) came: &'a [f64],
}

impl<'a> Trial<'a> {
    /// The trial of this index, the latest is 0: `steps` were to come, and as many in each later one.
    pub(super) fn at(past: &Past<'a>, index: usize, steps: usize) -> Option<Self> {
        let end = past.values().len() - index * steps;
        let known = past.earlier((index + 1) * steps).ok()?;
        Some(Self { known, came: &past.values()[end - steps..end] })
    }
}

/// Trials one after the other, the latest first, of half the past at most; none where that is too short for one.
pub(super) fn trials<'a>(past: &Past<'a>) -> Vec<Trial<'a>> {
    let room = past.values().len() / 2;
    // A season at least: a band that was measured by day says nothing of the night.
    let wanted = past.horizon().max(past.season());
    let steps =
        if TRIALS * wanted <= room { wanted } else { (room / TRIALS).max(room.min(past.season())) };
    let count = room.checked_div(steps).unwrap_or(0).min(TRIALS);
    (0..count).filter_map(|index| Trial::at(past, index, steps)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(len: usize, seasons: &[usize], horizon: usize) -> Vec<(usize, usize)> {
        let values = vec![1.0; len];
        let past = Past::new(&values, seasons).unwrap().asked(horizon);
        let one = |trial: &Trial<'_>| (trial.known.values().len(), trial.came.len());
        trials(&past).iter().map(one).collect()
    }

    #[test]
    fn trials_stand_one_before_the_other_and_leave_half_the_past() {
        assert_eq!(check(960, &[24, 168], 48), [(912, 48), (864, 48), (816, 48)]);
        assert_eq!(check(960, &[24, 168], 4), [(936, 24), (912, 24), (888, 24)]);
        assert_eq!(check(960, &[24, 168], 400), [(800, 160), (640, 160), (480, 160)]);
        assert_eq!(check(60, &[24], 24), [(36, 24)]);
        assert_eq!(check(3, &[24], 24), [(2, 1)]);
        assert_eq!(check(1, &[24], 24), []);
    }
}
