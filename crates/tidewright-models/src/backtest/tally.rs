//! Judged forecasts of one model, gathered into the figures of each series and of all.
//!
//! A series' figure is the mean of its origins, and the figure of all the mean of the series, as in the M4 competition;
//! OWA and the ratio to the seasonal naive forecast are ratios of such means. Curves by step and by level are means of
//! forecasts. The order in which forecasts are added decides about the last bits, so it must be fixed.

use tidewright_core::{LevelLoss, Scores, SeriesScores, Spread, StepScores};

use super::judge::{Figures, Judged, LEVELS, StepFigures};
use crate::scores::{Pair, bootstrap, owa};

/// What was judged of one model so far.
#[derive(Clone, Debug)]
pub struct Tally {
    series: Vec<Sums>,
    levels: [Mean; LEVELS.len()],
    steps: Vec<StepSums>,
}

/// A mean that grows.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: usize,
}

/// The means of one series over its origins.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    mase: Mean,
    smape: Mean,
    square: Mean,
    absolute: Mean,
    bias: Mean,
    size: Mean,
    pinball: Mean,
    inside80: Mean,
    inside95: Mean,
    msis: Mean,
    naive2_smape: Mean,
    naive2_mase: Mean,
    repeated_mase: Mean,
}

#[derive(Clone, Copy, Debug, Default)]
struct StepSums {
    mase: Mean,
    smape: Mean,
    inside80: Mean,
    inside95: Mean,
}

impl Tally {
    /// Nothing yet, of so many series.
    pub fn new(series: usize, horizon: usize) -> Self {
        Self {
            series: vec![Sums::default(); series],
            levels: [Mean::default(); LEVELS.len()],
            steps: vec![StepSums::default(); horizon],
        }
    }

    /// Adds a forecast of the series at this place.
    ///
    /// # Panics
    /// If there is no such series.
    pub fn add(&mut self, place: usize, judged: &Judged) {
        self.series[place].add(&judged.figures);
        for (mean, loss) in self.levels.iter_mut().zip(judged.losses.into_iter().flatten()) {
            mean.add(loss);
        }
        let steps = self.steps.iter_mut().zip(&judged.steps);
        steps.for_each(|(sums, step)| step.iter().for_each(|step| sums.add(step)));
    }

    /// How many forecasts were added.
    pub fn forecasts(&self) -> usize {
        self.series.iter().map(|sums| sums.smape.count).sum()
    }

    /// The figures of all series; `None` if nothing was judged.
    pub fn scores(&self) -> Option<Scores> {
        let judged = self.judged();
        let all: Vec<Scores> = judged.iter().filter_map(|sums| sums.scores()).collect();
        let mean = |figure: fn(&Scores) -> Option<f64>| mean_of(all.iter().filter_map(figure));
        let every: Vec<usize> = (0..judged.len()).collect();
        Some(Scores {
            mase: mean(|it| it.mase),
            smape: mean(|it| Some(it.smape))?,
            rmse: mean(|it| Some(it.rmse))?,
            mae: mean(|it| Some(it.mae))?,
            bias: mean(|it| Some(it.bias))?,
            bias_ratio: mean(|it| it.bias_ratio),
            pinball: mean(|it| it.pinball),
            coverage80: mean(|it| Some(it.coverage80))?,
            coverage95: mean(|it| Some(it.coverage95))?,
            msis: mean(|it| it.msis),
            owa: Sums::owa(&judged),
            naive_ratio: ratio(&judged, &every),
        })
    }

    /// Where MASE lies in 95 of 100 draws of the series.
    pub fn mase_spread(&self, seed: u64) -> Option<Spread> {
        let figures: Vec<f64> = self.series.iter().filter_map(|sums| sums.mase.value()).collect();
        bootstrap(figures.len(), seed, |places| mean_of(places.iter().map(|&i| figures[i])))
    }

    /// Where the ratio to the seasonal naive forecast lies.
    pub fn ratio_spread(&self, seed: u64) -> Option<Spread> {
        let judged = self.judged();
        let measured: Vec<&Sums> = judged.into_iter().filter(|sums| sums.mase.count > 0).collect();
        bootstrap(measured.len(), seed, |places| ratio(&measured, places))
    }

    /// The loss of each level.
    pub fn levels(&self) -> Vec<LevelLoss> {
        let pairs = LEVELS.into_iter().zip(&self.levels);
        pairs.map(|(level, loss)| LevelLoss { level, loss: loss.value() }).collect()
    }

    /// The figures of each step.
    pub fn steps(&self) -> Vec<StepScores> {
        let step = |sums: &StepSums| StepScores {
            mase: sums.mase.value(),
            smape: sums.smape.value(),
            coverage80: sums.inside80.value(),
            coverage95: sums.inside95.value(),
        };
        self.steps.iter().map(step).collect()
    }

    /// The figures of each series that was judged; `names` are those of all.
    pub fn series(&self, names: &[String]) -> Vec<SeriesScores> {
        let one = |(sums, name): (&Sums, &String)| {
            let scores = sums.scores()?;
            Some(SeriesScores { series: name.clone(), folds: sums.smape.count, scores })
        };
        self.series.iter().zip(names).filter_map(one).collect()
    }

    fn judged(&self) -> Vec<&Sums> {
        self.series.iter().filter(|sums| sums.smape.count > 0).collect()
    }
}

impl Sums {
    fn add(&mut self, figures: &Figures) {
        self.mase.add_known(figures.mase);
        self.smape.add(figures.smape);
        self.square.add(figures.square);
        self.absolute.add(figures.absolute);
        self.bias.add(figures.bias.mean);
        self.size.add(figures.bias.size);
        self.pinball.add_known(figures.pinball);
        self.inside80.add(figures.inside80);
        self.inside95.add(figures.inside95);
        self.msis.add_known(figures.msis);
        self.naive2_smape.add(figures.naive2.smape);
        self.naive2_mase.add_known(figures.naive2.mase);
        self.repeated_mase.add_known(figures.repeated_mase);
    }

    /// The figures of this series; `None` if nothing of it was judged.
    fn scores(&self) -> Option<Scores> {
        let bias = self.bias.value()?;
        let size = self.size.value()?;
        Some(Scores {
            mase: self.mase.value(),
            smape: self.smape.value()?,
            rmse: self.square.value()?.sqrt(),
            mae: self.absolute.value()?,
            bias,
            bias_ratio: (size > 0.0).then(|| bias / size),
            pinball: self.pinball.value(),
            coverage80: self.inside80.value()?,
            coverage95: self.inside95.value()?,
            msis: self.msis.value(),
            owa: Self::owa(&[self]),
            naive_ratio: ratio(&[self], &[0]),
        })
    }

    /// OWA over some series: sMAPE of all of them, MASE of those that have one.
    fn owa(all: &[&Self]) -> Option<f64> {
        let mean =
            |figure: fn(&Self) -> Mean| mean_of(all.iter().filter_map(|sums| figure(sums).value()));
        let ours = Pair { smape: mean(|it| it.smape)?, mase: mean(|it| it.mase)? };
        let reference =
            Pair { smape: mean(|it| it.naive2_smape)?, mase: mean(|it| it.naive2_mase)? };
        owa(ours, reference)
    }
}

impl StepSums {
    fn add(&mut self, step: &StepFigures) {
        self.mase.add_known(step.mase);
        self.smape.add(step.smape);
        self.inside80.add(step.inside80);
        self.inside95.add(step.inside95);
    }
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn add_known(&mut self, value: Option<f64>) {
        value.into_iter().for_each(|value| self.add(value));
    }

    fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Mean MASE by that of the last season repeated, over the series at these places.
fn ratio(sums: &[&Sums], places: &[usize]) -> Option<f64> {
    let mean = |figure: fn(&Sums) -> Mean| {
        mean_of(places.iter().filter_map(|&place| figure(sums[place]).value()))
    };
    let (ours, naive) = (mean(|it| it.mase)?, mean(|it| it.repeated_mase)?);
    (naive > 0.0).then(|| ours / naive)
}

fn mean_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut mean = Mean::default();
    values.for_each(|value| mean.add(value));
    mean.value()
}

#[cfg(test)]
mod tests;
