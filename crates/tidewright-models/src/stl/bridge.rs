//! Numbers where there are gaps, for mathematics that cannot do without: the usual cycle, at the level around the gap.
//!
//! What is bridged is no observation. Whoever learns a width of noise leaves it out.

/// The values with every gap (NaN) filled: the mean of its phase over all cycles of `season` steps, moved by what the
/// neighbours of the gap differ from theirs. A season of 1 draws lines. Without any number all are 0.
pub fn bridge(values: &[f64], season: usize) -> Vec<f64> {
    let mut bridged = values.to_vec();
    if !values.iter().any(|value| value.is_nan()) {
        return bridged;
    }
    let usual = usual_cycle(values, season.max(1));
    let usual = || usual.iter().cycle();
    bridged.iter_mut().zip(usual()).for_each(|(value, usual)| *value -= usual);
    draw_lines(&mut bridged);
    bridged.iter_mut().zip(usual()).for_each(|(value, usual)| *value += usual);
    // The others must not even differ in their last digit.
    let observed = bridged.iter_mut().zip(values).filter(|(_, value)| !value.is_nan());
    observed.for_each(|(bridged, value)| *bridged = *value);
    bridged
}

/// The mean of each phase; a phase that was never seen lies on the line between its neighbours, around the cycle.
fn usual_cycle(values: &[f64], season: usize) -> Vec<f64> {
    let mean = |phase: usize| {
        let seen = values.iter().skip(phase).step_by(season).filter(|value| !value.is_nan());
        let (sum, count) = seen.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        sum / count
    };
    let mut means: Vec<f64> = (0..season).map(mean).collect();
    draw_lines_around(&mut means);
    means
}

/// Fills gaps by lines between the numbers around them, of which the last is followed by the first.
pub(crate) fn draw_lines_around(cycle: &mut [f64]) {
    let Some(first) = cycle.iter().position(|value| !value.is_nan()) else {
        return cycle.fill(0.0);
    };
    cycle.rotate_left(first);
    let mut closed: Vec<f64> = cycle.iter().chain(cycle.first()).copied().collect();
    draw_lines(&mut closed);
    cycle.copy_from_slice(&closed[..cycle.len()]);
    cycle.rotate_right(first);
}

/// Fills gaps by lines between the numbers around them; before the first and after the last they go on as they are.
fn draw_lines(values: &mut [f64]) {
    let mut last: Option<usize> = None;
    for i in 0..values.len() {
        if values[i].is_nan() {
            continue;
        }
        let from = last.map_or(values[i], |last| values[last]);
        let first = last.map_or(0, |last| last + 1);
        let step = (values[i] - from) / (i + 1 - first) as f64;
        for (steps, value) in values[first..i].iter_mut().enumerate() {
            *value = from + step * (steps + 1) as f64;
        }
        last = Some(i);
    }
    let end = last.map_or(0.0, |last| values[last]);
    values[last.map_or(0, |last| last + 1)..].fill(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: f64 = f64::NAN;

    #[test]
    fn without_a_season_lines_cross_the_gaps() {
        let bridged = bridge(&[GAP, 2.0, GAP, GAP, 8.0, GAP], 1);
        assert_eq!(bridged, [2.0, 2.0, 4.0, 6.0, 8.0, 8.0]);
    }

    #[test]
    fn a_missing_cycle_looks_like_the_others_at_the_level_around_it() {
        let wave = [0.0, 10.0, 0.0, -10.0];
        let mut values: Vec<f64> = (0..40).map(|i| wave[i % 4] + i as f64).collect();
        let whole = values.clone();
        values[17..23].fill(GAP);
        for (bridged, value) in bridge(&values, 4).iter().zip(&whole) {
            assert!((bridged - value).abs() < 3.0, "{bridged} for {value}");
        }
    }

    #[test]
    fn a_phase_that_was_never_seen_lies_between_its_neighbours() {
        let mut cycle = [GAP, 1.0, GAP, 3.0];
        draw_lines_around(&mut cycle);
        assert_eq!(cycle, [2.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn what_was_observed_stays_to_the_last_digit() {
        let values = [0.1, GAP, 1e9 + 0.1, 0.3, 0.7, GAP, 1e-9];
        let bridged = bridge(&values, 3);
        for (bridged, value) in bridged.iter().zip(values) {
            assert!(value.is_nan() || bridged.to_bits() == value.to_bits());
        }
    }
}
