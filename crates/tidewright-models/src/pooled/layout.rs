//! What a row of the regression is made of: how many lags and leads, and how long each is.

use crate::numbers::{Numbers, with_count};

/// The most lags: coefficients cost their square to find, and a week of half hours and a day are 384.
const LAGS_MAX: usize = 400;
/// The most leads that have coefficients of their own: two days of half hours. Further ones follow from the forecast.
pub(super) const LEADS_MAX: usize = 96;
/// Lags where there is no season.
const LAGS_WITHOUT_SEASON: usize = 12;
/// The history behind its first lags holds the leads so often: to learn from, and the others held out.
const LEADS_IN_HISTORY: usize = 4;
/// Waves of each season: three draw a day with its morning and its evening.
const WAVES: usize = 3;

/// The columns and targets of a row.
// Invariant: no count is 0; seasons ascend from 2 on; a bucket divides the shortest season, and lags hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Steps of a lag and of a lead.
    pub(super) bucket: usize,
    /// How many lags, the last ones before the origin.
    pub(super) lags: usize,
    /// How many leads.
    pub(super) leads: usize,
    /// In steps.
    pub(super) seasons: Vec<usize>,
}

impl Layout {
    /// For series with these seasons, the longest of which has so many points, when so many steps will be asked.
    pub(super) fn of(seasons: &[usize], points: usize, horizon: usize) -> Self {
        let shortest = seasons.first().copied().unwrap_or(1);
        let steps = match seasons {
            [] => LAGS_WITHOUT_SEASON,
            [.., longest] => longest + shortest,
        };
        let enough = |bucket: &usize| shortest % bucket == 0 && steps.div_ceil(*bucket) <= LAGS_MAX;
        let bucket = (1..=shortest).find(enough).unwrap_or(shortest);
        let lags = steps.div_ceil(bucket);
        let room = points.saturating_sub(lags * bucket) / (LEADS_IN_HISTORY * bucket);
        let leads = horizon.div_ceil(bucket).min(room).clamp(1, LEADS_MAX);
        Self { bucket, lags, leads, seasons: seasons.to_vec() }
    }

    /// The steps that are looked back on.
    pub(super) const fn window(&self) -> usize {
        self.lags * self.bucket
    }

    /// The steps that have coefficients of their own.
    pub(super) const fn reach(&self) -> usize {
        self.leads * self.bucket
    }

    /// The shortest season in steps, 1 if there is none.
    pub(super) fn season(&self) -> usize {
        self.seasons.first().copied().unwrap_or(1)
    }

    /// Coefficients of one lead: one for each lag, the constant, two for each wave.
    pub(super) fn columns(&self) -> usize {
        self.lags + 1 + 2 * self.seasons.iter().map(|season| waves(*season)).sum::<usize>()
    }

    /// The waves at a step, counted from the epoch.
    pub(super) fn waves(&self, step: i64) -> impl Iterator<Item = f64> + '_ {
        self.seasons.iter().flat_map(move |&season| {
            let turn = step.rem_euclid(season as i64) as f64 / season as f64;
            let wave = move |wave: usize| {
                let (sin, cos) = (turn * wave as f64 * std::f64::consts::TAU).sin_cos();
                [sin, cos]
            };
            (1..=waves(season)).flat_map(wave)
        })
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.extend([self.bucket, self.lags, self.leads].map(|count| count as f64));
        let seasons: Vec<f64> = self.seasons.iter().map(|season| *season as f64).collect();
        with_count(out, &seasons);
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let (bucket, lags, leads) = (numbers.count()?, numbers.count()?, numbers.count()?);
        let count = numbers.count()?;
        let seasons: Vec<usize> = (0..count).map(|_| numbers.count()).collect::<Option<_>>()?;
        let ascend = seasons.is_sorted_by(|a, b| a < b) && seasons.iter().all(|season| *season > 1);
        let layout = Self { bucket, lags, leads, seasons };
        let whole = bucket > 0 && layout.season().is_multiple_of(bucket);
        let counts = (1..=LAGS_MAX).contains(&lags) && (1..=LEADS_MAX).contains(&leads);
        (ascend && whole && counts && layout.window() >= layout.season()).then_some(layout)
    }
}

/// No more waves than steps could tell apart.
const fn waves(season: usize) -> usize {
    let most = (season - 1) / 2;
    if most < WAVES { most } else { WAVES }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seasons: &[usize], points: usize, horizon: usize, expected: (usize, usize, usize)) {
        let layout = Layout::of(seasons, points, horizon);
        assert_eq!((layout.bucket, layout.lags, layout.leads), expected, "{seasons:?} {points}");
    }

    #[test]
    fn hours_are_lags_and_minutes_become_half_hours() {
        check(&[24, 168], 960, 48, (1, 192, 48));
        check(&[288, 2016], 40_000, 288, (6, 384, 48));
        check(&[1440, 10_080], 100_000, 1440, (30, 384, 48));
        check(&[7, 365], 2000, 30, (1, 372, 30));
        check(&[], 100, 5, (1, 12, 5));
    }

    #[test]
    fn a_short_history_has_fewer_leads() {
        check(&[24, 168], 340, 48, (1, 192, 37));
        check(&[24], 40, 48, (1, 48, 1));
        check(&[24, 168], 9000, 1000, (1, 192, 96));
    }

    #[test]
    fn no_wave_is_faster_than_two_steps() {
        let layout = Layout::of(&[2, 7], 100, 1);
        assert_eq!(layout.columns(), 9 + 1 + 6);
        assert_eq!(layout.waves(10).count(), 6);
        let week: Vec<f64> = layout.waves(3).collect();
        assert!(week.iter().zip(layout.waves(-4)).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
