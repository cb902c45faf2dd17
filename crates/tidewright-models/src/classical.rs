//! The season of a series by the oldest way: what is left beside a centred moving average, averaged phase by phase.
//!
//! Kendall and Stuart (1983), "The Advanced Theory of Statistics" 3, 45.30; exactly what R calls `decompose`. It is the
//! season of the Theta models and where exponential smoothing starts its search; whoever wants seasons that change takes
//! another way. A gap is bridged by its phase for the moving average alone and never counts itself.

/// A season below this share of the level is one that cannot be divided by.
pub(crate) const SHARE_MIN: f64 = 0.01;
/// The 95 % quantile of the normal law: the test for a season is two-sided at 90 %, as in the M4 competition.
const SEASON_LIMIT: f64 = 1.644_853_626_951_472_7;

/// How a season joins the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// It is added.
    Added,
    /// It multiplies.
    Multiplied,
}

impl Joined {
    /// A value without its season.
    pub(crate) fn strip(self, value: f64, season: f64) -> f64 {
        match self {
            Self::Added => value - season,
            Self::Multiplied => value / season,
        }
    }

    /// What changes nothing.
    const fn neutral(self) -> f64 {
        match self {
            Self::Added => 0.0,
            Self::Multiplied => 1.0,
        }
    }
}

/// One index per phase, the first value's first; they add up to 0, or multiply with a mean of 1.
///
/// Multiplied ones need values above 0. The period fits at least twice into the values.
pub(crate) fn indices(values: &[f64], period: usize, joined: Joined) -> Vec<f64> {
    let level = centred(&bridged(values, period), period);
    let (mut sums, mut counts) = (vec![0.0; period], vec![0.0; period]);
    for (i, level) in level.iter().enumerate() {
        let at = i + period / 2;
        let rest = joined.strip(values[at], *level);
        if rest.is_finite() {
            sums[at % period] += rest;
            counts[at % period] += 1.0;
        }
    }
    let mean = |(sum, count): (&f64, &f64)| {
        if *count > 0.0 { sum / count } else { joined.neutral() }
    };
    let raw: Vec<f64> = sums.iter().zip(&counts).map(mean).collect();
    let middle = raw.iter().sum::<f64>() / period as f64;
    raw.iter().map(|index| joined.strip(*index, middle)).collect()
}

/// The values with every gap filled by the last value of its phase, or by the next one, or by the mean.
fn bridged(values: &[f64], period: usize) -> Vec<f64> {
    let mut out = values.to_vec();
    for i in period..out.len() {
        if out[i].is_nan() {
            out[i] = out[i - period];
        }
    }
    for i in (0..out.len() - period).rev() {
        if out[i].is_nan() {
            out[i] = out[i + period];
        }
    }
    let observed = || values.iter().filter(|value| !value.is_nan());
    let mean = observed().sum::<f64>() / observed().count().max(1) as f64;
    out.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = mean);
    out
}

/// The moving average over one period, from the first place on where one fits; an even period's ends count half.
fn centred(values: &[f64], period: usize) -> Vec<f64> {
    let even = period.is_multiple_of(2);
    let span = if even { period + 1 } else { period };
    let trim = if even { 0.5 } else { 0.0 };
    let windows = values.windows(span);
    let mut sum: f64 = values.iter().take(span).sum();
    let mut out = Vec::with_capacity(windows.len());
    for window in windows {
        let ends = window[0] + window[span - 1];
        out.push((sum - trim * ends) / period as f64);
        sum -= window[0];
        sum += values.get(out.len() + span - 1).copied().unwrap_or(0.0);
    }
    out
}

/// Whether the autocorrelation at one period stands out (Fiorucci et al. 2016, section 2.4); a gap correlates with nothing.
pub(crate) fn is_seasonal(values: &[f64], period: usize) -> bool {
    if period < 4 || values.len() < 2 * period {
        return false;
    }
    let observed = || values.iter().filter(|value| !value.is_nan());
    let count = observed().count() as f64;
    let mean = observed().sum::<f64>() / count;
    let rests: Vec<f64> =
        values.iter().map(|value| if value.is_nan() { 0.0 } else { value - mean }).collect();
    let power = tidewright_numerics::dot(&rests, &rests);
    let correlation = |lag: usize| tidewright_numerics::dot(&rests, &rests[lag..]) / power;
    let before: f64 = (1..period).map(|lag| correlation(lag).powi(2)).sum();
    correlation(period).abs() > SEASON_LIMIT * ((1.0 + 2.0 * before) / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(period: usize, joined: Joined, season: &[f64]) {
        let join = |level: f64, index: f64| match joined {
            Joined::Added => level + index,
            Joined::Multiplied => level * index,
        };
        let values: Vec<f64> =
            (0..6 * period).map(|i| join(100.0 + i as f64, season[i % period])).collect();
        let found = indices(&values, period, joined);
        for (found, want) in found.iter().zip(season) {
            assert!((found - want).abs() < 0.02, "{found}, not {want}");
        }
    }

    #[test]
    fn a_season_on_a_line_is_found() {
        check(4, Joined::Added, &[3.0, -1.0, -4.0, 2.0]);
        check(5, Joined::Added, &[3.0, -1.0, -4.0, 2.0, 0.0]);
        check(4, Joined::Multiplied, &[1.3, 0.9, 0.6, 1.2]);
    }

    #[test]
    fn gaps_leave_a_season_where_it_was() {
        let mut values: Vec<f64> = (0..48).map(|i| f64::from(i % 4)).collect();
        values[9] = f64::NAN;
        values[40..43].fill(f64::NAN);
        assert_eq!(indices(&values, 4, Joined::Added), [-1.5, -0.5, 0.5, 1.5]);
        assert!(is_seasonal(&values, 4));
    }

    #[test]
    fn noise_has_no_season_and_nothing_has_one_of_three_steps() {
        let mut random = tidewright_numerics::Random::new(3);
        let values: Vec<f64> = (0..200).map(|_| random.normal()).collect();
        assert!(!is_seasonal(&values, 12));
        assert!(!is_seasonal(&[1.0, 2.0, 3.0].repeat(20), 3));
        assert!(!is_seasonal(&[5.0; 40], 4));
    }
}
