//! The two forecasts that others are measured against: the last season repeated, and the M4 competition's Naive2.
//!
//! Both are as simple as the field defines them and know no bands; as models they would be others. A gap in the past is
//! bridged by a straight line: the definitions know none.

use tidewright_numerics::dot;

/// Seasons that the test for a season asks for.
const SEASONS_MIN: usize = 3;

/// The one-sided 5 % point of the normal law: the test's level.
const NORMAL_95: f64 = 1.645;

/// The last season again and again: the field's seasonal naive forecast; `None` of a past without a number.
pub fn repeated_season(past: &[f64], season: usize, steps: usize) -> Option<Vec<f64>> {
    let past = bridged(past)?;
    let season = season.clamp(1, past.len());
    let last = &past[past.len() - season..];
    Some(last.iter().copied().cycle().take(steps).collect())
}

/// Naive2: the last value, in its place of the season where a test finds one; `None` of a past without a number.
///
/// The competition's own test and its classical multiplicative decomposition (Makridakis, Spiliotis and Assimakopoulos
/// 2020, and the R code beside it). Where the decomposition breaks down, at zeros, the past counts as not seasonal.
pub fn naive2(past: &[f64], season: usize, steps: usize) -> Option<Vec<f64>> {
    let past = bridged(past)?;
    let last = *past.last()?;
    let plain = || vec![last; steps];
    let figure = if is_seasonal(&past, season) { seasonal_figure(&past, season) } else { None };
    let Some(figure) = figure else { return Some(plain()) };
    let level = last / figure[(past.len() - 1) % season];
    let rows: Vec<f64> = (past.len()..).take(steps).map(|i| level * figure[i % season]).collect();
    let is_sound = rows.iter().all(|value| value.is_finite());
    Some(if is_sound { rows } else { plain() })
}

/// Whether the past is more like itself a season ago than chance explains: a 90 % test of its autocorrelation.
fn is_seasonal(past: &[f64], season: usize) -> bool {
    if season < 2 || past.len() < SEASONS_MIN * season {
        return false;
    }
    let count = past.len() as f64;
    let mean = past.iter().sum::<f64>() / count;
    let centred: Vec<f64> = past.iter().map(|value| value - mean).collect();
    let power = dot(&centred, &centred);
    let correlation = |lag: usize| dot(&centred[..past.len() - lag], &centred[lag..]) / power;
    // Bartlett's formula: the spread of the last correlation, given those before it.
    let before: f64 = (1..season).map(|lag| correlation(lag).powi(2)).sum();
    let limit = NORMAL_95 / count.sqrt() * (1.0 + 2.0 * before).sqrt();
    // A level past has no power, and the comparison with NaN is false.
    correlation(season).abs() > limit
}

/// How many times its trend the past is at each place of the season, on average; `None` where that has no meaning.
fn seasonal_figure(past: &[f64], season: usize) -> Option<Vec<f64>> {
    let half = season / 2;
    let mut sums = vec![(0.0, 0_usize); season];
    for i in half..past.len() - half {
        let trend = centred_mean(past, i, season);
        if trend != 0.0 {
            let (sum, count) = &mut sums[i % season];
            *sum += past[i] / trend;
            *count += 1;
        }
    }
    let figure: Vec<f64> = sums.into_iter().map(|(sum, count)| sum / count as f64).collect();
    let mean = figure.iter().sum::<f64>() / season as f64;
    let figure: Vec<f64> = figure.into_iter().map(|value| value / mean).collect();
    figure.iter().all(|value| value.is_finite()).then_some(figure)
}

/// The mean of a season around point `i`; of an even season the two ends count half.
fn centred_mean(past: &[f64], i: usize, season: usize) -> f64 {
    let half = season / 2;
    let window = &past[i - half..=i + half];
    let sum: f64 = window.iter().sum();
    let ends = if season.is_multiple_of(2) { (window[0] + window[2 * half]) / 2.0 } else { 0.0 };
    (sum - ends) / season as f64
}

/// The past with a straight line over each gap, and its first and last number before and after.
fn bridged(past: &[f64]) -> Option<Vec<f64>> {
    let seen: Vec<usize> = (0..past.len()).filter(|&i| !past[i].is_nan()).collect();
    let (&first, &last) = (seen.first()?, seen.last()?);
    let mut whole = past.to_vec();
    whole[..first].fill(past[first]);
    whole[last + 1..].fill(past[last]);
    for pair in seen.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let slope = (past[to] - past[from]) / (to - from) as f64;
        (from + 1..to).for_each(|i| whole[i] = past[from] + slope * (i - from) as f64);
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: f64 = f64::NAN;

    #[test]
    fn the_last_season_comes_again() {
        assert_eq!(repeated_season(&[9.0, 1.0, 2.0], 2, 5).unwrap(), [1.0, 2.0, 1.0, 2.0, 1.0]);
        assert_eq!(repeated_season(&[4.0], 24, 2).unwrap(), [4.0, 4.0]);
        assert_eq!(repeated_season(&[GAP], 24, 2), None);
    }

    #[test]
    fn a_gap_is_bridged_by_a_line() {
        assert_eq!(
            bridged(&[GAP, 1.0, GAP, GAP, 4.0, GAP]).unwrap(),
            [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]
        );
    }

    #[test]
    fn naive2_of_a_past_without_a_season_is_its_last_value() {
        assert_eq!(naive2(&[5.0; 40], 4, 2).unwrap(), [5.0, 5.0]);
        assert_eq!(naive2(&[1.0, 2.0, 1.0, 2.0, 1.0], 2, 2).unwrap(), [1.0, 1.0], "too short");
    }

    #[test]
    fn naive2_puts_the_last_value_in_its_place_of_the_season() {
        // A level of 10, at 0.5, 1 and 1.5 of it: the mean over an odd season is the level itself.
        let past: Vec<f64> = [5.0, 10.0, 15.0].into_iter().cycle().take(30).collect();
        for (found, wanted) in naive2(&past, 3, 4).unwrap().iter().zip([5.0, 10.0, 15.0, 5.0]) {
            assert!((found - wanted).abs() < 1e-12, "{found}, not {wanted}");
        }
        // Of an even season the ends count half: the mean over 2, 4 is 3 everywhere.
        let past: Vec<f64> = [2.0, 4.0].into_iter().cycle().take(30).collect();
        assert!((centred_mean(&past, 3, 2) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn naive2_is_the_competitions() {
        // Found by a reference script that gives the published figures of the competition's hourly series.
        let quarters = [
            12.0, 18.0, 25.0, 14.0, 13.0, 20.0, 27.0, 15.0, 15.0, 22.0, 30.0, 18.0, 16.0, 23.0,
            31.0, 19.0, 18.0, 26.0, 33.0, 21.0, 19.0,
        ];
        let wanted = [
            27.332_662_222_748_866,
            36.008_086_019_707_39,
            20.708_269_590_715_787,
            19.0,
            27.332_662_222_748_866,
        ];
        for (found, wanted) in naive2(&quarters, 4, 5).unwrap().iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-9, "{found}, not {wanted}");
        }
        // Passengers of 1949 to 1952: what grows so fast hides its season from the test.
        let passengers: Vec<f64> = "112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 \
            125 149 170 170 158 133 114 140 145 150 178 163 172 178 199 199 184 162 146 166 171 180 \
            193 181 183 218 230 242 209 191 172 194"
            .split_whitespace()
            .map(|text| text.parse().unwrap())
            .collect();
        assert_eq!(naive2(&passengers, 12, 2).unwrap(), [194.0, 194.0]);
    }

    #[test]
    fn where_a_place_of_the_season_is_always_zero_the_forecast_stays_finite() {
        let past: Vec<f64> = [0.0, 0.0, 6.0, 0.0].into_iter().cycle().take(40).collect();
        let rows = naive2(&past, 4, 8).unwrap();
        assert!(rows.iter().all(|value| value.is_finite()), "{rows:?}");
    }
}
