//! Gaps bridged, for models that look at every step.
//!
//! What stands in a gap is a guess: it lets a recursion go on, and nothing may be learned from it.

/// The values with every gap bridged: by the same time of a season that was seen, moved to the level on both sides;
/// where there is none, straight from one side to the other.
pub(crate) fn bridged(values: Vec<f64>, seasons: &[usize]) -> Vec<f64> {
    if !values.iter().any(|value| value.is_nan()) {
        return values;
    }
    let season = seasons.iter().copied().rfind(|season| 2 * season <= values.len());
    let template = season.map(|season| usual(&values, season));
    let rest = |index: usize| values[index] - template.as_ref().map_or(0.0, |t| t[index]);
    let mut out = values.clone();
    let mut index = 0;
    while index < values.len() {
        if !values[index].is_nan() {
            index += 1;
            continue;
        }
        let end = (index..values.len()).find(|&i| !values[i].is_nan()).unwrap_or(values.len());
        let before = index.checked_sub(1).map(rest);
        let after = (end < values.len()).then(|| rest(end));
        let (from, to) = match (before, after) {
            (Some(from), Some(to)) => (from, to),
            (one, other) => {
                let level = one.or(other).unwrap_or(0.0);
                (level, level)
            }
        };
        for at in index..end {
            let share = (at - index + 1) as f64 / (end - index + 1) as f64;
            out[at] = template.as_ref().map_or(0.0, |t| t[at]) + from + share * (to - from);
        }
        index = end;
    }
    out
}

/// For each step the mean of what was seen at its phase; of all that was seen where its phase never was.
fn usual(values: &[f64], season: usize) -> Vec<f64> {
    let (mut sums, mut counts) = (vec![0.0; season], vec![0.0; season]);
    for (index, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        sums[index % season] += value;
        counts[index % season] += 1.0;
    }
    let mean = sums.iter().sum::<f64>() / counts.iter().sum::<f64>();
    let phase = |index: usize| if counts[index] > 0.0 { sums[index] / counts[index] } else { mean };
    (0..values.len()).map(|index| phase(index % season)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_bridged_at_the_level_of_its_sides() {
        let values = vec![1.0, f64::NAN, f64::NAN, 4.0, f64::NAN];
        assert_eq!(bridged(values, &[]), [1.0, 2.0, 3.0, 4.0, 4.0]);
    }

    #[test]
    fn a_gap_is_bridged_by_the_season() {
        let wave = |i: usize| [10.0, 20.0, 90.0, 20.0][i % 4];
        let mut values: Vec<f64> = (0..24).map(wave).collect();
        values[10] = f64::NAN;
        assert!((bridged(values.clone(), &[4])[10] - 90.0).abs() < 1e-9);
        values[11] = f64::NAN;
        assert!((bridged(values, &[4])[11] - 20.0).abs() < 1e-9);
    }
}
