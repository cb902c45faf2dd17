//! The columns of a model: what the settings become once they meet a history.
//!
//! A column is known to the solver by its prior and its mode only. Here stands what it is made of: waves, the days of an
//! event, or a column of the data. Blocks stand in the order seasons, seasons under a condition, holidays, regressors;
//! each block is one component of the forecast. What a column is worth on a row does not depend on any other row.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use tidewright_core::{SeasonalityMode, Timestamp};

use super::covariates::Selection;
use super::optimum::Starts;
use super::priors::Priors;
use super::settings::{Holiday, Regressor, Seasonality, Settings};
use super::waves::sin_cos;
use crate::FitError;

const DAY_MS: i64 = 86_400_000;
/// With fewer cycles of a season that scales the trend, bends can stand in for it.
const CYCLES_TOLD: f64 = 1.9;

/// Everything about a model but its parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Design {
    /// With every switch turned into seasons.
    pub(crate) settings: Settings,
    pub(crate) blocks: Vec<Block>,
    pub(crate) priors: Priors,
    /// The period in milliseconds of each pair of columns that is a wave without a condition; they come first.
    pub(crate) harmonics: Vec<f64>,
}

/// The columns of one component.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) name: String,
    pub(crate) mode: SeasonalityMode,
    pub(crate) columns: Range<usize>,
    pub(crate) source: Source,
}

/// Where the numbers of a block come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// A pair of columns per period in milliseconds, where the condition holds.
    Waves { harmonics: Vec<f64>, condition: Option<String> },
    /// A column per distance from the event in days, with the days (counted from 1970, ascending) that it marks.
    Days(Vec<(i32, Vec<i64>)>),
    /// The column of the block's name, standardised.
    Regressor { mean: f64, deviation: f64 },
}

impl Design {
    /// The columns of settings whose switches are resolved; `standards` holds each regressor's mean and deviation.
    pub(crate) fn new(settings: &Settings, standards: &[(f64, f64)]) -> Self {
        let mut design = Self {
            priors: Priors::new(settings.changepoint_prior_scale),
            blocks: Vec::new(),
            harmonics: Vec::new(),
            settings: settings.clone(),
        };
        let (free, bound): (Vec<_>, Vec<_>) =
            settings.seasonalities.iter().partition(|season| season.condition.is_none());
        free.into_iter().chain(bound).for_each(|season| design.add_season(season));
        design.add_holidays(settings);
        for (regressor, standard) in settings.regressors.iter().zip(standards) {
            design.add_regressor(regressor, *standard);
        }
        design
    }

    /// How many columns.
    pub(crate) fn columns(&self) -> usize {
        self.priors.columns()
    }

    /// From how many places a search must start to be sure, for a history of this length.
    pub(crate) fn starts(&self, span_ms: f64) -> Starts {
        let confounded = |season: &Seasonality| {
            season.mode == SeasonalityMode::Multiplicative
                && season.period * DAY_MS as f64 * CYCLES_TOLD > span_ms
        };
        let several = self.settings.seasonalities.iter().any(confounded);
        if several { Starts::Several } else { Starts::One }
    }

    /// Whether a grid's plan serves it.
    pub(crate) fn shares_a_grid(&self) -> bool {
        self.settings.shares_a_grid()
    }

    fn add_season(&mut self, season: &Seasonality) {
        let period = season.period * DAY_MS as f64;
        let harmonics: Vec<f64> =
            (1..=season.fourier_order).map(|order| period / order as f64).collect();
        if season.condition.is_none() {
            self.harmonics.extend(&harmonics);
        }
        let count = 2 * harmonics.len();
        let source = Source::Waves { harmonics, condition: season.condition.clone() };
        self.add((&season.name, season.mode), source, (count, season.prior_scale));
    }

    /// One block per event, one column per distance from its days.
    fn add_holidays(&mut self, settings: &Settings) {
        let mode = settings.holidays_mode.unwrap_or(settings.seasonality_mode);
        let mut names: Vec<&str> = Vec::new();
        for day in &settings.holidays {
            if !names.contains(&day.holiday.as_str()) {
                names.push(&day.holiday);
            }
        }
        for name in names {
            let days: Vec<&Holiday> =
                settings.holidays.iter().filter(|day| day.holiday == name).collect();
            let scale = days[0].prior_scale.unwrap_or(settings.holidays_prior_scale);
            let offsets = offsets(&days);
            let count = offsets.len();
            self.add((name, mode), Source::Days(offsets), (count, scale));
        }
    }

    fn add_regressor(&mut self, regressor: &Regressor, (mean, deviation): (f64, f64)) {
        let source = Source::Regressor { mean, deviation };
        self.add((&regressor.name, regressor.mode), source, (1, regressor.prior_scale));
    }

    fn add(
        &mut self,
        (name, mode): (&str, SeasonalityMode),
        source: Source,
        (count, scale): (usize, f64),
    ) {
        let first = self.columns();
        self.priors.add(count, scale, mode);
        let columns = first..first + count;
        self.blocks.push(Block { name: name.to_owned(), mode, columns, source });
    }

    /// The numbers of the data's column that each block reads, if it reads one.
    pub(crate) fn read<'a>(
        &self,
        data: &Selection<'a, '_>,
    ) -> Result<Vec<Option<Cow<'a, [f64]>>>, FitError> {
        let read = |block: &Block| match &block.source {
            Source::Waves { condition: Some(name), .. } => {
                data.column(name, "must be 0 or 1", |x| x == 0.0 || x == 1.0).map(Some)
            }
            Source::Regressor { .. } => regressor(&block.name, data).map(Some),
            Source::Waves { .. } | Source::Days(_) => Ok(None),
        };
        self.blocks.iter().map(read).collect()
    }
}

impl Block {
    /// Writes its columns of one row: `offset_ms` counts from phase 0, `value` is what its data's column holds there.
    pub(crate) fn write(&self, moment: Timestamp, offset_ms: f64, value: f64, out: &mut [f64]) {
        match &self.source {
            Source::Waves { harmonics, condition } => {
                let factor = if condition.is_some() { value } else { 1.0 };
                for (period, pair) in harmonics.iter().zip(out.chunks_exact_mut(2)) {
                    let (sin, cos) = sin_cos(*period, offset_ms);
                    (pair[0], pair[1]) = (factor * sin, factor * cos);
                }
            }
            Source::Days(offsets) => {
                let day = moment.as_millis().div_euclid(DAY_MS);
                for ((_, days), x) in offsets.iter().zip(out) {
                    *x = if days.binary_search(&day).is_ok() { 1.0 } else { 0.0 };
                }
            }
            Source::Regressor { mean, deviation } => out[0] = (value - mean) / deviation,
        }
    }
}

/// The numbers of a regressor.
pub(crate) fn regressor<'a>(
    name: &str,
    data: &Selection<'a, '_>,
) -> Result<Cow<'a, [f64]>, FitError> {
    data.column(name, "must be a finite number", f64::is_finite)
}

/// For each distance that a window reaches, the days that it marks.
fn offsets(days: &[&Holiday]) -> Vec<(i32, Vec<i64>)> {
    let mut marked: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for day in days {
        let own = day.ds.as_millis().div_euclid(DAY_MS);
        for offset in day.lower_window..=day.upper_window {
            marked.entry(offset).or_default().push(own + i64::from(offset));
        }
    }
    for days in marked.values_mut() {
        days.sort_unstable();
        days.dedup();
    }
    marked.into_iter().collect()
}
