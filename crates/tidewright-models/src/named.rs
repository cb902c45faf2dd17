//! The models by name: what the command line, a backtest and a saved file call them.

use tidewright_core::{SeasonalityMode, SeriesKey};

use crate::arima::{Arima, FourierArma};
use crate::auto::Auto;
use crate::ets::Ets;
use crate::forecaster::{PROPHET, SEASONAL_NAIVE};
use crate::intermittent::Demand;
use crate::mstl::Mstl;
use crate::naive::FittedNaive;
use crate::on_steps::{self, OnSteps};
use crate::pooled::PooledRegression;
use crate::prophet::Settings;
use crate::repeat::{Drift, Mean, Repeat};
use crate::steps::StepForecaster;
use crate::theta::Theta;
use crate::{
    DecodeError, Fitted, FittedProphet, Forecaster, Prophet, SeasonalNaive, SeasonalProphet,
};

/// A step model with its default settings.
type Make = fn() -> Box<dyn StepForecaster>;

/// The step models, in the order in which a person is told of them.
const STEP_MODELS: [(&str, Make); 18] = [
    ("auto", || Box::new(Auto)),
    ("ets", || Box::new(Ets)),
    ("theta", || Box::new(Theta)),
    ("arima", || Box::new(Arima::default())),
    ("fourier-arma", || Box::new(FourierArma::default())),
    ("mstl", || Box::new(Mstl::around("mstl", Box::new(Arima::default())))),
    ("mstl-ets", || Box::new(Mstl::around("mstl-ets", Box::new(Ets)))),
    ("mstl-theta", || Box::new(Mstl::around("mstl-theta", Box::new(Theta)))),
    ("pooled-regression", || Box::new(PooledRegression::default())),
    ("snaive", || Box::new(Repeat::seasonal())),
    ("snaive-long", || Box::new(Repeat::longest())),
    ("window", || Box::new(Repeat::window())),
    ("window-long", || Box::new(Repeat::window_long())),
    ("naive", || Box::new(Repeat::naive())),
    ("drift", || Box::new(Drift)),
    ("mean", || Box::new(Mean)),
    ("croston", || Box::new(Demand::Croston)),
    ("tsb", || Box::new(Demand::Tsb)),
];

/// Names of the step models, in the order in which a person is told of them.
pub fn step_models() -> impl Iterator<Item = &'static str> {
    STEP_MODELS.into_iter().map(|(name, _)| name)
}

/// The model of this name with its default settings.
pub fn step_model(name: &str) -> Option<Box<dyn StepForecaster>> {
    let (_, make) = STEP_MODELS.into_iter().find(|(known, _)| *known == name)?;
    Some(make())
}

/// Names of all models that [`forecaster`] knows, the step models first.
pub fn models() -> impl Iterator<Item = &'static str> {
    step_models().chain([PROPHET, SEASONAL_NAIVE])
}

/// The model of this name for series on any axis, with the usual seasons or one of so many steps.
pub fn forecaster(name: &str, season: Option<usize>) -> Option<Box<dyn Forecaster>> {
    if let Some(model) = step_model(name) {
        return Some(Box::new(OnSteps::new(model, season)));
    }
    match (name, season) {
        (PROPHET, Some(season)) => Some(Box::new(SeasonalProphet { season })),
        (PROPHET, None) => {
            let settings = Settings::automatic(SeasonalityMode::Additive);
            Some(Box::new(Prophet { settings }))
        }
        (SEASONAL_NAIVE, _) => Some(Box::new(SeasonalNaive)),
        _ => None,
    }
}

/// The fitted model of this name that [`Fitted::encode`] told of, for a series.
///
/// # Errors
/// [`DecodeError`] if the bytes are not what some version up to this one has saved, or the name is not known.
pub fn fitted(name: &str, key: SeriesKey, bytes: &[u8]) -> Result<Box<dyn Fitted>, DecodeError> {
    match name {
        PROPHET => Ok(Box::new(FittedProphet::decode(key, bytes)?)),
        SEASONAL_NAIVE => Ok(Box::new(FittedNaive::decode(key, bytes)?)),
        name if step_models().any(|known| known == name) => on_steps::decode(key, bytes),
        name => Err(DecodeError::Unknown { model: name.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::{Axis, Grid, Horizon, Levels, Panel, Series, Silent, Timestamp};

    use super::*;
    use crate::FitContext;

    fn grid(from: i64, len: usize) -> Axis {
        Axis::Grid(Grid::new(Timestamp::from_secs(from * 3600), 3_600_000, len).unwrap())
    }

    fn history() -> Series {
        let wave = |hour: i32| 100.0 + 9.0 * f64::from(hour % 24) + f64::from(hour * 7919 % 13);
        let values = (0..24 * 15).map(wave).collect();
        Series::new(SeriesKey::new([("unique_id", "a")]), grid(0, 24 * 15), values).unwrap()
    }

    fn fit(name: &str, season: Option<usize>) -> Box<dyn Fitted> {
        let model = forecaster(name, season).expect("a model of the list");
        assert_eq!(model.name(), name);
        let ctx = FitContext { seed: 0, progress: &Silent, horizon: 0 };
        let fitted = model.fit(&Panel { series: vec![history()] }, &ctx).remove(0);
        fitted.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn next(fitted: &dyn Fitted) -> Vec<f64> {
        let horizon = Horizon { axis: grid(24 * 15, 30) };
        let made = fitted.predict(&horizon, &Levels::default()).expect("a forecast");
        let rows = [0.025, 0.975].map(|level| made.quantile(level).unwrap().to_vec());
        [made.point(), &rows[0], &rows[1]].concat()
    }

    #[test]
    fn each_model_is_found_by_its_name_and_comes_back_from_its_bytes() {
        for name in models() {
            let first = fit(name, Some(24));
            assert_eq!(first.name(), name);
            let again = fitted(name, first.key().clone(), &first.encode()).expect("what was saved");
            assert_eq!(next(again.as_ref()), next(first.as_ref()), "{name}");
            assert_eq!((again.key(), again.explain()), (first.key(), first.explain()), "{name}");
        }
    }

    #[test]
    fn a_season_in_steps_is_one_of_prophet_too() {
        let text = |fitted: Box<dyn Fitted>| fitted.explain().members.remove(0).description;
        assert!(text(fit(PROPHET, Some(12))).ends_with("seasons: season"));
        assert!(text(fit(PROPHET, None)).ends_with("seasons: weekly, daily"));
    }

    #[test]
    fn another_name_is_no_model() {
        assert!(forecaster("crystal-ball", None).is_none());
        let refused = fitted("crystal-ball", SeriesKey::default(), &[]).unwrap_err();
        assert_eq!(refused, DecodeError::Unknown { model: "crystal-ball".to_owned() });
    }
}
