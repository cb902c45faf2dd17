//! `tidewright forecast`: the series of a CSV file, or of saved models, some steps ahead.

mod doubts;
mod failures;
mod input;
mod model;
mod models;
mod picture;
mod show;
mod specification;
mod steps;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use tidewright_core::{SeasonalityMode, Series};
use tidewright_engine::{
    Ahead, ForecastOrder, ForecastResult, Histories, KeptFit, KnownFuture, Regularised,
    SavedModels, Wanted, forecast as forecast_series, forecast_saved, regularise,
};
use tidewright_models::prophet::{DataRange, Intervals, Settings, Uncertainty};
use tidewright_models::regular::Regular;

pub(super) use self::failures::tell_each;
use self::input::Beside;
pub(super) use self::picture::Canvas;
pub(super) use self::steps::equal_steps;
use super::tell;
use crate::args::{BandArguments, ForecastArguments, UncertaintyWord};
use crate::exit::Mistake;
use crate::progress::Bars;

/// Prophet's own width of bands.
const INTERVAL_WIDTH: f64 = 0.8;

/// Forecasts each series of the file.
pub(crate) async fn forecast(arguments: ForecastArguments, stop: Arc<AtomicBool>) -> Result<()> {
    tokio::task::block_in_place(|| {
        let progress = Bars::new(stop);
        model::check(&arguments, model::named(&arguments.model)?)?;
        let regular = steps::regular(&arguments)?;
        let canvas = arguments.plot.plot.as_deref().map(Canvas::of).transpose()?;
        let canvas = canvas.map(|canvas| canvas.explaining(arguments.explain));
        match (&arguments.load_model, &arguments.input) {
            (Some(path), _) => from_models(&arguments, path, canvas, progress),
            (None, Some(input)) => {
                from_history(&arguments, input, Look { canvas, regular }, progress)
            }
            (None, None) => Err(nothing_to_read()),
        }
    })
}

fn nothing_to_read() -> anyhow::Error {
    let hint = "name the history with `--input FILE`, or saved models with `--load-model FILE`";
    Mistake::new("there is nothing to forecast from", hint).into()
}

fn from_history(
    arguments: &ForecastArguments,
    input: &Path,
    look: Look,
    progress: Bars,
) -> Result<()> {
    arguments.save_model.as_deref().map(models::check_place).transpose()?;
    let settings = model::settings(arguments)?;
    let beside = Beside::of([&settings], arguments.prophet.cap, arguments.prophet.floor);
    let known = input::future(arguments.future.as_deref(), &beside, &progress)?;
    let regular = look.regular.as_ref();
    regular.map(|_| steps::check(arguments, &beside)).transpose()?;
    let histories = input::histories(input, &beside, &progress)?;
    let Regularised { histories, failed } = match regular {
        Some(regular) => regularise(&histories, regular, &progress)?,
        None => Regularised { histories, failed: Vec::new() },
    };
    let keys: Vec<_> = histories.panel.series.iter().map(Series::key).collect();
    let drawn = picture::drawn(&keys, look.canvas.as_ref(), arguments.plot.series.as_deref())?;
    let models = match arguments.save_model {
        Some(_) => Wanted::All,
        None => Wanted::At(drawn.clone()),
    };
    let order = ForecastOrder { models, settings, ..order(arguments, known)? };
    let mut result = forecast_series(&histories, &order, &progress)?;
    drop(progress);
    doubts::tell_doubts(arguments, order.model, &histories.panel);
    result.series.extend(failed.into_iter().map(Err));
    let result = failures::check(result)?;
    if let Some(path) = &arguments.save_model {
        let made = result.series.iter().flatten();
        models::save(path, &SavedModels::of(made, beside.into_constants()))?;
    }
    finish(arguments, look.canvas, &Shown { histories, order, result, drawn })
}

fn from_models(
    arguments: &ForecastArguments,
    path: &Path,
    canvas: Option<Canvas>,
    progress: Bars,
) -> Result<()> {
    let saved = models::load(path)?;
    let kept = |name: &str| saved.constants.iter().find(|(kept, _)| kept == name).map(|it| it.1);
    let cap = arguments.prophet.cap.or_else(|| kept("cap"));
    let floor = arguments.prophet.floor.or_else(|| kept("floor"));
    let prophets = saved.fitted().filter_map(KeptFit::prophet);
    let beside = Beside::of(prophets.map(|fitted| fitted.fit().settings()), cap, floor);
    model::check_capacity(&beside, &arguments.prophet)?;
    let known = input::future(arguments.future.as_deref(), &beside, &progress)?;
    let keys: Vec<_> = saved.fitted().map(|fitted| fitted.get().key()).collect();
    let drawn = picture::drawn(&keys, canvas.as_ref(), arguments.plot.series.as_deref())?;
    let order = order(arguments, known)?;
    let result = failures::check(forecast_saved(&saved, &order, &progress)?)?;
    drop(progress);
    finish(arguments, canvas, &Shown { histories: Histories::default(), order, result, drawn })
}

/// How histories are looked at: at which steps, and drawn where.
struct Look {
    canvas: Option<Canvas>,
    regular: Option<Regular>,
}

/// All that there is to show.
struct Shown {
    histories: Histories,
    order: ForecastOrder,
    result: ForecastResult,
    /// The places of the series that are drawn.
    drawn: Vec<usize>,
}

fn finish(arguments: &ForecastArguments, canvas: Option<Canvas>, shown: &Shown) -> Result<()> {
    let series = &shown.result.series;
    if let Some(canvas) = canvas {
        let parts = shown.order.components.as_ref().filter(|_| arguments.bands.components);
        canvas.draw(&shown.histories, series, &shown.drawn, parts)?;
    }
    if arguments.timings {
        tell(&shown.result.timings.to_json());
    }
    let beside =
        show::Beside { components: arguments.bands.components, explanations: arguments.explain };
    show::show(arguments.output, series, beside)?;
    failures::tell_failures(&shown.result);
    Ok(())
}

/// What is asked, but for the model.
fn order(arguments: &ForecastArguments, known: KnownFuture) -> Result<ForecastOrder> {
    Ok(ForecastOrder {
        ahead: Ahead { reach: steps::reach(arguments), known },
        season: arguments.season.map(|steps| steps as usize),
        model: model::named(&arguments.model)?,
        settings: Settings::new(SeasonalityMode::Additive),
        components: uncertainty(&arguments.bands)?,
        data_range: arguments.data_range.map(|range| DataRange { min: range.min, max: range.max }),
        models: Wanted::None,
    })
}

/// How wide Prophet's own bands are, if its columns are wanted.
fn uncertainty(bands: &BandArguments) -> Result<Option<Uncertainty>> {
    let method = match (bands.uncertainty, bands.seed) {
        (Some(UncertaintyWord::Draws(draws)), seed) => {
            Intervals::Sampled { draws, seed: seed.unwrap_or(0) }
        }
        (_, None) => Intervals::Exact,
        (_, Some(_)) => {
            let message = "`--seed` does not go with `--uncertainty exact`";
            let hint =
                "leave it out, or draw with `--uncertainty 1000`: what is exact needs no chance";
            return Err(Mistake::new(message, hint).into());
        }
    };
    let interval_width = bands.interval_width.unwrap_or(INTERVAL_WIDTH);
    let is_wanted = !bands.given().is_empty();
    Ok(is_wanted.then_some(Uncertainty { interval_width, method }))
}
