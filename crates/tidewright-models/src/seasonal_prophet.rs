//! Prophet with one season that is told in steps, instead of days, weeks and years.

use tidewright_core::{Axis, Panel, SeasonalityMode};

use crate::FitError;
use crate::forecaster::{FitContext, Fitted, Forecaster, PROPHET, Prophet, each};
use crate::onward::usual_step_ms;
use crate::prophet::Settings;

/// Harmonics of a season that the user names, as many as Prophet gives the week; never more than the season can carry.
const FOURIER_ORDER: usize = 3;

const DAY_MS: f64 = 86_400_000.0;

/// Prophet with a season of so many steps of whatever axis it meets.
#[derive(Clone, Copy, Debug)]
pub struct SeasonalProphet {
    /// The steps of its season.
    pub season: usize,
}

/// The settings with a season of so many steps of an axis.
#[must_use]
pub fn with_season(settings: Settings, axis: &Axis, steps: usize) -> Settings {
    let harmonics = FOURIER_ORDER.min(steps / 2).max(1);
    let days = steps as f64 * usual_step_ms(axis) as f64 / DAY_MS;
    settings.season("season", days, harmonics)
}

impl Forecaster for SeasonalProphet {
    fn name(&self) -> &'static str {
        PROPHET
    }

    fn fit(&self, panel: &Panel, ctx: &FitContext<'_>) -> Vec<Result<Box<dyn Fitted>, FitError>> {
        let mut plan = None;
        each(panel, ctx, |series| {
            let settings = Settings::new(SeasonalityMode::Additive);
            let settings = with_season(settings, series.axis(), self.season);
            // Equal grids have equal settings, so the last plan may serve.
            Prophet { settings }.fit_one(series, &mut plan)
        })
    }
}
