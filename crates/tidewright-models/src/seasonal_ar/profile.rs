//! The usual cycle: at each phase the middle of what was seen there, in which later cycles count more.

use tidewright_numerics::middle_mean;

/// The share of the weight that is left out at either end: one burst does not return a week later.
const TRIM: f64 = 0.25;

/// The usual value of each phase of `season`; a value counts half as much as the one `half_life` cycles later.
///
/// Phases are counted from the first value. All values are numbers, and every phase has one.
pub(super) fn profile(values: &[f64], season: usize, half_life: f64) -> Vec<f64> {
    let decay = 0.5_f64.powf(1.0 / half_life);
    let mut pairs: Vec<(f64, f64)> = Vec::with_capacity(values.len() / season + 1);
    let mut usual = |phase: usize| {
        let mut weight = 1.0;
        pairs.clear();
        for value in values[phase..].iter().step_by(season).rev() {
            pairs.push((*value, weight));
            weight *= decay;
        }
        middle_mean(&mut pairs, TRIM).unwrap_or(0.0)
    };
    (0..season).map(&mut usual).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_cycles_count_more() {
        let values = [3.0, 30.0, 6.0, 60.0];
        let found = profile(&values, 2, 1.0);
        // Weights 1/3 and 2/3; of the middle half, 1/12 and 5/12.
        assert!((found[0] - 5.5).abs() < 1e-12 && (found[1] - 55.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn a_burst_is_not_usual() {
        let values = [1.0, 1.0, 900.0, 1.0, 1.0];
        assert!((profile(&values, 1, 8.0)[0] - 1.0).abs() < 1e-9);
    }
}
