//! Which model serves a series: the one that was asked for, or what `auto` takes.

use tidewright_core::Axis;
use tidewright_models::named;
use tidewright_models::onward::usual_step_ms;

use super::ForecastOrder;

/// A season must fit this often into the history before Prophet is preferred to repeating the last one.
const SEASONS_FOR_PROPHET: f64 = 2.0;

const DAY_MS: f64 = 86_400_000.0;

/// A forecasting model, or the choice of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForecastModel {
    /// The average of models; of points at unequal distances, which it does not know, Prophet where the history holds
    /// two seasons, else the seasonal naive model.
    Auto,
    /// Prophet, with its own settings.
    Prophet,
    /// Any other of [`named::models`].
    Named(&'static str),
}

/// The model that serves a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Prophet, with its own settings.
    Prophet,
    /// Any other of [`named::models`].
    Named(&'static str),
}

impl ForecastModel {
    const AUTO: &str = "auto";
    const PROPHET: &str = "prophet";

    /// The names of all of them, in the order in which a person is told of them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        named::models()
    }

    /// The model of this name, `_` for `-` as some write it.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.replace('_', "-");
        match Self::names().find(|known| *known == name)? {
            Self::AUTO => Some(Self::Auto),
            Self::PROPHET => Some(Self::Prophet),
            known => Some(Self::Named(known)),
        }
    }
}

/// Which model serves a series on this axis.
pub(super) fn choice(axis: &Axis, order: &ForecastOrder) -> Choice {
    match order.model {
        ForecastModel::Prophet => Choice::Prophet,
        ForecastModel::Named(name) => Choice::Named(name),
        ForecastModel::Auto if !matches!(axis, Axis::Irregular(_)) => {
            Choice::Named(ForecastModel::AUTO)
        }
        ForecastModel::Auto if holds_two_seasons(axis, order.season) => Choice::Prophet,
        ForecastModel::Auto => Choice::Named("seasonal-naive"),
    }
}

fn holds_two_seasons(axis: &Axis, season: Option<usize>) -> bool {
    let step = usual_step_ms(axis) as f64 / DAY_MS;
    let season = season.map_or(1.0, |steps| steps as f64 * step);
    let span = |last: usize| {
        (axis.timestamp(last).as_millis() - axis.timestamp(0).as_millis()) as f64 / DAY_MS
    };
    let days = axis.len().checked_sub(1).map_or(0.0, span) + step;
    days >= SEASONS_FOR_PROPHET * season.max(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_by_their_names() {
        assert_eq!(ForecastModel::of("auto"), Some(ForecastModel::Auto));
        assert_eq!(ForecastModel::of("prophet"), Some(ForecastModel::Prophet));
        let naive = Some(ForecastModel::Named("seasonal-naive"));
        assert_eq!(ForecastModel::of("seasonal_naive"), naive);
        assert_eq!(ForecastModel::of("crystal-ball"), None);
        assert!(ForecastModel::names().all(|name| ForecastModel::of(name).is_some()));
    }
}
