//! How much a figure over many series owes to which series they are: the percentile bootstrap (Efron 1979).
//!
//! Series are drawn, not steps: errors of one series hang together. Chance comes from a seed, so that models that are
//! drawn for with one seed meet the same series, and their intervals can be compared.

use tidewright_core::Spread;
use tidewright_numerics::{Random, quantile_sorted, sort};

/// Draws: the ends of an interval then move by about a tenth of its width from seed to seed.
const DRAWS: usize = 1000;

/// The share that an interval leaves out below, and above.
const TAIL: f64 = 0.025;

/// The 95 % interval of a `figure` of `count` series, which is told their places, some more than once.
///
/// `None` for less than two series, or where the figure of some draw cannot be told.
pub fn bootstrap(
    count: usize,
    seed: u64,
    figure: impl Fn(&[usize]) -> Option<f64>,
) -> Option<Spread> {
    if count < 2 {
        return None;
    }
    let mut random = Random::new(seed);
    let mut places = vec![0; count];
    let mut draw = || {
        let place =
            |random: &mut Random| ((random.uniform() * count as f64) as usize).min(count - 1);
        places.iter_mut().for_each(|it| *it = place(&mut random));
        figure(&places)
    };
    let mut figures = (0..DRAWS).map(|_| draw()).collect::<Option<Vec<f64>>>()?;
    sort(&mut figures);
    let low = quantile_sorted(&figures, TAIL)?;
    let high = quantile_sorted(&figures, 1.0 - TAIL)?;
    Some(Spread { low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_interval(values: &[f64], seed: u64) -> Option<Spread> {
        let mean = |places: &[usize]| {
            Some(places.iter().map(|&i| values[i]).sum::<f64>() / places.len() as f64)
        };
        bootstrap(values.len(), seed, mean)
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_normal_law() {
        let mut random = Random::new(3);
        let values: Vec<f64> = (0..400).map(|_| 10.0 + random.normal()).collect();
        let found = mean_interval(&values, 1).unwrap();
        // 1.96 / sqrt(400) to both sides of the mean, which itself is 10 within 0.1.
        assert!((found.high - found.low - 0.196).abs() < 0.03, "{found:?}");
        assert!(found.low < 10.0 && 10.0 < found.high, "{found:?}");
    }

    #[test]
    fn one_seed_gives_one_interval() {
        let values = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(mean_interval(&values, 7), mean_interval(&values, 7));
        assert_ne!(mean_interval(&values, 7), mean_interval(&values, 8));
    }

    #[test]
    fn one_series_says_nothing_about_others() {
        assert_eq!(mean_interval(&[1.0], 7), None);
        assert_eq!(bootstrap(3, 7, |_| None), None);
    }
}
