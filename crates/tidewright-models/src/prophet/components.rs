//! A forecast taken apart, under Prophet's own names.
//!
//! `trend`, then each season, event and regressor, then the sums that Prophet shows, last `yhat`. Components that add are
//! in units of the data, those that scale are shares of the trend. Parameters are the most probable ones and nothing
//! else, as in Prophet: only the trend's future and the noise have a band, any other component's band is its point.

use std::borrow::Cow;

use tidewright_core::{Quantile, SeasonalityMode, Timestamp};

use super::band::Band;
use super::bound::Rows;
use super::covariates::Covariates;
use super::design::{Block, Source};
use super::fit::ProphetFit;
use super::reach::Reach;
use super::sample::{Bands, Course};
use super::table::Table;
use crate::FitError;

/// More futures than this only cost time: chance's share of a band's width is then a thousandth.
const DRAWS_MAX: usize = 1_000_000;

/// How wide bands are and how they are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uncertainty {
    /// The share of futures that a band holds, above 0 and below 1.
    pub interval_width: f64,
    /// The way to them.
    pub method: Intervals,
}

/// How bands are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intervals {
    /// From the law of the trend's future, without chance.
    Exact,
    /// From simulated futures, as Prophet does it.
    Sampled {
        /// How many futures.
        draws: usize,
        /// Equal seeds give equal bands.
        seed: u64,
    },
}

/// A forecast and what it is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    /// The moments of the rows.
    pub times: Vec<Timestamp>,
    /// The columns, in Prophet's names.
    pub columns: Vec<ComponentColumn>,
}

/// One component at each moment, with its band.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentColumn {
    /// Its name in Prophet.
    pub name: String,
    /// What is expected.
    pub point: Vec<f64>,
    /// The lower end of its band.
    pub lower: Vec<f64>,
    /// The upper end of its band.
    pub upper: Vec<f64>,
}

/// The values that a forecast can take, whatever a model says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DataRange {
    /// No value is smaller.
    pub min: f64,
    /// No value is larger.
    pub max: f64,
}

impl Default for Uncertainty {
    /// Prophet's width, without chance.
    fn default() -> Self {
        Self { interval_width: 0.8, method: Intervals::Exact }
    }
}

impl DataRange {
    /// Counts and sizes: never below 0.
    pub const NOT_NEGATIVE: Self = Self { min: 0.0, max: f64::INFINITY };

    /// Brings values into the range.
    pub fn hold(&self, values: &mut [f64]) {
        values.iter_mut().for_each(|value| *value = value.max(self.min).min(self.max));
    }
}

impl Components {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&ComponentColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// With the forecast and its band within a range; what it is made of stays as it is.
    #[must_use]
    pub fn within(mut self, range: DataRange) -> Self {
        for column in self.columns.iter_mut().filter(|column| column.name == "yhat") {
            range.hold(&mut column.point);
            range.hold(&mut column.lower);
            range.hold(&mut column.upper);
        }
        self
    }
}

impl ComponentColumn {
    /// A component without a band of its own.
    fn sure(name: &str, point: Vec<f64>) -> Self {
        let (lower, upper) = (point.clone(), point.clone());
        Self { name: name.to_owned(), point, lower, upper }
    }

    fn banded(name: &str, point: Vec<f64>, [lower, upper]: [Vec<f64>; 2]) -> Self {
        Self { name: name.to_owned(), point, lower, upper }
    }
}

impl ProphetFit {
    /// The forecast at moments in any order.
    ///
    /// # Errors
    /// [`FitError`] if a column that the settings name is missing or holds what it must not.
    pub fn predict(
        &self,
        times: &[Timestamp],
        covariates: &Covariates,
    ) -> Result<Vec<f64>, FitError> {
        let rows = self.bind(times, covariates)?;
        let mut values = Vec::with_capacity(times.len());
        self.table(&rows).each(|index, row| {
            let limits = self.limits(&rows, index);
            let trend = self.trend_within(times[index], limits);
            values.push(self.join(trend, limits.0, self.effects(row)));
        });
        Ok(values)
    }

    /// The forecast taken apart, at moments in any order.
    ///
    /// # Errors
    /// [`FitError`] if a column that the settings name is missing or holds what it must not, or the width is no share.
    pub fn components(
        &self,
        times: &[Timestamp],
        covariates: &Covariates,
        uncertainty: &Uncertainty,
    ) -> Result<Components, FitError> {
        self.apart(times, covariates, &Law::of(uncertainty)?)
    }

    /// The same by a law that is at hand already: to make one takes milliseconds, and it serves every model.
    ///
    /// # Errors
    /// As [`ProphetFit::components`].
    pub fn components_within(
        &self,
        times: &[Timestamp],
        covariates: &Covariates,
        band: &Band,
    ) -> Result<Components, FitError> {
        self.apart(times, covariates, &Law::Exact(Cow::Borrowed(band)))
    }

    fn apart(
        &self,
        times: &[Timestamp],
        covariates: &Covariates,
        law: &Law<'_>,
    ) -> Result<Components, FitError> {
        let rows = self.bind(times, covariates)?;
        let blocks = self.block_effects(&rows);
        let sums = self.sums(&blocks, times.len());
        let factor: Vec<f64> = sums.scaled.iter().map(|scaled| 1.0 + scaled).collect();
        let course = Course { rows: &rows, factor: &factor, added: &sums.added };
        let bands = self.bands(&course, law);
        let (trend, yhat) = self.expected(&course);
        let mut columns = vec![ComponentColumn::banded("trend", trend, bands.trend)];
        for (block, effects) in self.design.blocks.iter().zip(blocks) {
            columns.push(ComponentColumn::sure(&block.name, effects));
        }
        columns.extend(sums.groups);
        columns.push(ComponentColumn::sure("additive_terms", sums.added));
        columns.push(ComponentColumn::sure("multiplicative_terms", sums.scaled));
        columns.push(ComponentColumn::banded("yhat", yhat, bands.yhat));
        Ok(Components { times: times.to_vec(), columns })
    }

    fn bands(&self, course: &Course<'_>, law: &Law<'_>) -> Bands {
        let band = match law {
            Law::Exact(band) => band,
            Law::Sampled { width, draws, seed } => {
                return self.sampled_bands(course, *width, (*draws, *seed));
            }
        };
        let rows = course.rows;
        let (reach, mut bands) = (Reach::of(self, band), Bands::zeros(rows.times.len()));
        for (row, moment) in rows.times.iter().enumerate() {
            let (limits, effects) =
                (self.limits(rows, row), (course.factor[row], course.added[row]));
            bands.set(row, reach.trend(*moment, limits), reach.value(*moment, limits, effects));
        }
        bands
    }

    /// Trend and forecast, row by row.
    fn expected(&self, course: &Course<'_>) -> (Vec<f64>, Vec<f64>) {
        let rows = course.rows;
        let each = (0..rows.times.len()).map(|row| {
            let limits = self.limits(rows, row);
            let trend = self.trend_within(rows.times[row], limits);
            (trend, self.join(trend, limits.0, (course.factor[row], course.added[row])))
        });
        each.unzip()
    }

    /// What each block adds to the trend or scales it by, row by row.
    fn block_effects(&self, rows: &Rows<'_>) -> Vec<Vec<f64>> {
        let mut effects: Vec<Vec<f64>> =
            self.design.blocks.iter().map(|_| Vec::with_capacity(rows.times.len())).collect();
        self.table(rows).each(|_, row| {
            for (block, effects) in self.design.blocks.iter().zip(&mut effects) {
                let range = block.columns.clone();
                let sum: f64 =
                    row[range.clone()].iter().zip(&self.x[range]).map(|(x, beta)| x * beta).sum();
                effects.push(if adds(block) { sum * self.frame.scale } else { sum });
            }
        });
        effects
    }

    fn table<'a>(&'a self, rows: &'a Rows<'a>) -> Table<'a> {
        Table { rows, frame: self.frame, design: &self.design }
    }

    fn sums(&self, blocks: &[Vec<f64>], rows: usize) -> Sums {
        let total = |member: &dyn Fn(&Block) -> bool| {
            let mut sum = vec![0.0; rows];
            let members = self.design.blocks.iter().zip(blocks).filter(|(block, _)| member(block));
            members.for_each(|(_, effects)| {
                sum.iter_mut().zip(effects).for_each(|(sum, effect)| *sum += effect);
            });
            sum
        };
        let mut groups = Vec::new();
        let mut group = |name: &str, member: &dyn Fn(&Block) -> bool| {
            if self.design.blocks.iter().any(member) {
                groups.push(ComponentColumn::sure(name, total(member)));
            }
        };
        group("holidays", &|block| matches!(block.source, Source::Days(_)));
        group("extra_regressors_additive", &|block| is_regressor(block) && adds(block));
        group("extra_regressors_multiplicative", &|block| is_regressor(block) && !adds(block));
        Sums { groups, added: total(&adds), scaled: total(&|block| !adds(block)) }
    }
}

/// How bands are found, checked and ready.
enum Law<'a> {
    Exact(Cow<'a, Band>),
    Sampled { width: f64, draws: usize, seed: u64 },
}

impl Law<'_> {
    fn of(uncertainty: &Uncertainty) -> Result<Self, FitError> {
        let width = uncertainty.interval_width;
        let broken = |key: &str, rule, value: String| {
            Err(FitError::Setting { key: key.to_owned(), rule, value })
        };
        if Quantile::new(width).is_err() {
            return broken("interval_width", "must be above 0 and below 1", width.to_string());
        }
        match uncertainty.method {
            Intervals::Exact => {
                let band = Band::new(width).expect("the width was checked just now");
                Ok(Law::Exact(Cow::Owned(band)))
            }
            Intervals::Sampled { draws, seed } if (1..=DRAWS_MAX).contains(&draws) => {
                Ok(Law::Sampled { width, draws, seed })
            }
            Intervals::Sampled { draws, .. } => {
                broken("uncertainty_samples", "must be between 1 and 1000000", draws.to_string())
            }
        }
    }
}

/// The sums over blocks that Prophet shows.
struct Sums {
    groups: Vec<ComponentColumn>,
    added: Vec<f64>,
    scaled: Vec<f64>,
}

fn adds(block: &Block) -> bool {
    block.mode == SeasonalityMode::Additive
}

fn is_regressor(block: &Block) -> bool {
    matches!(block.source, Source::Regressor { .. })
}
