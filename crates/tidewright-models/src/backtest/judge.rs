//! One forecast against what came: its figures, and what two simple forecasts would have had.

use thiserror::Error;
use tidewright_core::Forecast;

use crate::scores::{
    Bias, Scale, coverage, interval_score, mean_absolute_error, mean_squared_error, naive2,
    pinball, repeated_season, smape, smape_of,
};

/// The quantile levels of a forecast that is to be judged: the bands of people, and steps between them that weigh both
/// sides alike.
pub const LEVELS: [f64; 9] = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

/// The share that the band of MSIS leaves out.
const ALPHA: f64 = 0.05;

/// A forecast that cannot be judged.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum JudgeError {
    /// It is of other moments.
    #[error("the forecast is of other moments than were asked for")]
    Moments,
    /// A level was not told.
    #[error("the forecast has no quantile at `{0}`")]
    Level(f64),
    /// It is off by more than a number can hold.
    #[error("the forecast is off by more than a number can hold")]
    Overflow,
}

/// What one forecast of one series was worth.
#[derive(Clone, Debug)]
pub struct Judged {
    pub(super) figures: Figures,
    /// The pinball loss at each of [`LEVELS`], in units of the scale.
    pub(super) losses: Option<[f64; LEVELS.len()]>,
    /// Step by step; `None` where nothing was observed.
    pub(super) steps: Vec<Option<StepFigures>>,
}

/// The figures of one forecast; those in units of the scale are missing where there is none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) mase: Option<f64>,
    pub(super) smape: f64,
    pub(super) square: f64,
    pub(super) absolute: f64,
    pub(super) bias: Bias,
    pub(super) pinball: Option<f64>,
    pub(super) inside80: f64,
    pub(super) inside95: f64,
    pub(super) msis: Option<f64>,
    pub(super) naive2: Reference,
    pub(super) repeated_mase: Option<f64>,
}

/// The figures of Naive2 at the same place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    pub(super) smape: f64,
    pub(super) mase: Option<f64>,
}

/// The figures of one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepFigures {
    pub(super) mase: Option<f64>,
    pub(super) smape: f64,
    pub(super) inside80: f64,
    pub(super) inside95: f64,
}

/// What all forecasts of one series from one origin are measured by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Yardstick {
    scale: Option<Scale>,
    naive2: Reference,
    repeated_mase: Option<f64>,
}

impl Yardstick {
    /// From a past that holds a number.
    pub(super) fn of(past: &[f64], actual: &[f64], season: usize) -> Self {
        let scale = Scale::seasonal(past, season);
        let naive2 = naive2(past, season, actual.len()).unwrap_or_default();
        let repeated = repeated_season(past, season, actual.len()).unwrap_or_default();
        let mase = |expected: &[f64]| Some(scale?.of(mean_absolute_error(actual, expected)?));
        Self {
            scale,
            naive2: Reference {
                smape: smape(actual, &naive2).unwrap_or_default(),
                mase: mase(&naive2),
            },
            repeated_mase: mase(&repeated),
        }
    }
}

/// The figures of a forecast of these moments; `actual` holds a number.
pub(super) fn judge(
    actual: &[f64],
    yardstick: &Yardstick,
    forecast: &Forecast,
) -> Result<Judged, JudgeError> {
    let row = |level| forecast.quantile(level).ok_or(JudgeError::Level(level));
    let bands = [(row(0.1)?, row(0.9)?), (row(0.025)?, row(0.975)?)];
    let losses = losses(actual, forecast)?;
    let figures = figures(actual, forecast.point(), bands, yardstick)?;
    let scaled = |scale: Scale| losses.map(|loss| scale.of(loss));
    let losses = yardstick.scale.map(scaled);
    let pinball = losses.map(|losses| losses.iter().sum::<f64>() / losses.len() as f64);
    let steps = steps(actual, forecast.point(), bands, yardstick.scale);
    Ok(Judged { figures: Figures { pinball, ..figures }, losses, steps })
}

type Band<'a> = (&'a [f64], &'a [f64]);

fn losses(actual: &[f64], forecast: &Forecast) -> Result<[f64; LEVELS.len()], JudgeError> {
    let mut losses = [0.0; LEVELS.len()];
    for (level, loss) in LEVELS.into_iter().zip(&mut losses) {
        let missing = JudgeError::Level(level);
        let place = forecast.levels().position(level).ok_or(missing)?;
        let quantile = forecast.levels().as_slice()[place];
        let row = forecast.quantile(level).ok_or(missing)?;
        *loss = sound(pinball(quantile, actual, row))?;
    }
    Ok(losses)
}

/// All but the pinball loss.
fn figures(
    actual: &[f64],
    point: &[f64],
    [band80, band95]: [Band<'_>; 2],
    yardstick: &Yardstick,
) -> Result<Figures, JudgeError> {
    let absolute = sound(mean_absolute_error(actual, point))?;
    let score = sound(interval_score(ALPHA, actual, band95))?;
    Ok(Figures {
        mase: yardstick.scale.map(|scale| scale.of(absolute)),
        smape: sound(smape(actual, point))?,
        square: sound(mean_squared_error(actual, point))?,
        absolute,
        bias: Bias::of(actual, point).ok_or(JudgeError::Overflow)?,
        pinball: None,
        inside80: sound(coverage(actual, band80))?,
        inside95: sound(coverage(actual, band95))?,
        msis: yardstick.scale.map(|scale| scale.of(score)),
        naive2: yardstick.naive2,
        repeated_mase: yardstick.repeated_mase,
    })
}

fn steps(
    actual: &[f64],
    point: &[f64],
    [band80, band95]: [Band<'_>; 2],
    scale: Option<Scale>,
) -> Vec<Option<StepFigures>> {
    let inside = |value: f64, band: Band<'_>, i: usize| {
        f64::from(u8::from(band.0[i] <= value && value <= band.1[i]))
    };
    let step = |(i, (&value, &expected)): (usize, (&f64, &f64))| {
        (!value.is_nan()).then(|| StepFigures {
            mase: scale.map(|scale| scale.of((value - expected).abs())),
            smape: smape_of(value, expected),
            inside80: inside(value, band80, i),
            inside95: inside(value, band95, i),
        })
    };
    actual.iter().zip(point).enumerate().map(step).collect()
}

/// A figure that is a number: with something observed, only an overflow is none.
fn sound(figure: Option<f64>) -> Result<f64, JudgeError> {
    figure.filter(|figure| figure.is_finite()).ok_or(JudgeError::Overflow)
}
