//! Forecasts as pictures: which series are drawn, and what of each.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tidewright_core::{Axis, Member, SeasonalityMode, Series, SeriesKey, Timestamp};
use tidewright_engine::{FailedSeries, Histories, SeriesForecast};
use tidewright_files::write_whole;
use tidewright_models::FitError;
use tidewright_models::prophet::{Components, Covariates, Settings, Uncertainty};
use tidewright_render::{PartUnit, Plot, PlotPart, plot_html, plot_svg};

use crate::exit::Mistake;

/// The most series of one picture, which a person looks at one by one.
const SERIES_MAX: usize = 12;

/// Models that one line of a picture has room for.
const MEMBERS_MAX: usize = 5;

/// Names in a hint before it becomes a list.
const NAMES_MAX: usize = 5;

/// Where a picture goes, and in which form.
#[derive(Debug)]
pub(in crate::command) struct Canvas {
    path: PathBuf,
    form: Form,
    /// Whether the picture says which models stand behind each forecast.
    explains: bool,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Svg,
    Html,
}

/// What one series' model tells: of its past, and of all components over past and future where they are wanted.
#[derive(Default)]
struct Told {
    history: Vec<(Timestamp, f64)>,
    fitted: Vec<(Timestamp, f64)>,
    components: Option<(Components, Settings)>,
}

impl Canvas {
    /// The form follows from the name.
    pub(in crate::command) fn of(path: &Path) -> Result<Self> {
        let end = path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase());
        let form = match end.as_deref() {
            Some("svg") => Form::Svg,
            Some("html" | "htm") => Form::Html,
            _ => {
                let message =
                    format!("`--plot` must end in `.svg` or `.html`, got `{}`", path.display());
                return Err(Mistake::new(message, "name a file such as `forecast.html`").into());
            }
        };
        Ok(Self { path: path.to_owned(), form, explains: false })
    }

    /// The same, which says which models stand behind each forecast if that is wanted.
    pub(super) fn explaining(self, explains: bool) -> Self {
        Self { explains, ..self }
    }

    /// Draws the series at these places, with a panel for each component where their bands are told.
    pub(super) fn draw(
        &self,
        histories: &Histories,
        made: &[Result<SeriesForecast, FailedSeries>],
        drawn: &[usize],
        parts: Option<&Uncertainty>,
    ) -> Result<()> {
        let there = drawn.iter().filter_map(|&place| Some((place, made[place].as_ref().ok()?)));
        let told = there.map(|(place, made)| {
            let covariates = histories.covariates.get(place);
            Ok((made, told(histories.panel.series.get(place), covariates, made, parts)?))
        });
        let told = told.collect::<Result<Vec<_>, FitError>>()?;
        if told.is_empty() {
            let hint = "the warnings tell why; leave `--plot` out, or draw another series";
            return Err(Mistake::new("there is no forecast to draw", hint).into());
        }
        let plots: Vec<Plot<'_>> = told.iter().map(|(made, told)| plot(told, made)).collect();
        let explained = told.iter().filter(|_| self.explains).map(|(made, _)| why(made));
        let notes: Vec<String> =
            note(made.len(), told.len()).into_iter().chain(explained).collect();
        self.write(|| plot_svg(&plots, &notes), || plot_html(&plots, &notes))
    }

    /// Writes the picture in its form.
    pub(in crate::command) fn write(
        &self,
        svg: impl FnOnce() -> String,
        html: impl FnOnce() -> String,
    ) -> Result<()> {
        let text = match self.form {
            Form::Svg => svg(),
            Form::Html => html(),
        };
        write_whole(&self.path, text.as_bytes()).context("cannot write the picture")
    }
}

/// The places of the series to draw: none, the one that is named, or the first ones.
pub(super) fn drawn(
    keys: &[&SeriesKey],
    canvas: Option<&Canvas>,
    named: Option<&str>,
) -> Result<Vec<usize>> {
    let id = |key: &&SeriesKey| key.label("unique_id").unwrap_or_default().to_owned();
    let Some(name) = named else {
        let count = if canvas.is_some() { keys.len().min(SERIES_MAX) } else { 0 };
        return Ok((0..count).collect());
    };
    let found = keys.iter().position(|key| id(key) == name);
    found.map(|place| vec![place]).ok_or_else(|| {
        let known: Vec<String> = keys.iter().take(NAMES_MAX).map(id).collect();
        let more = if keys.len() > NAMES_MAX { ", …" } else { "" };
        let hint = format!("the series are {}{more}", known.join(", "));
        let message = format!("`--series` must name one of the series, got `{name}`");
        Mistake::new(message, hint).into()
    })
}

/// That not all are drawn.
fn note(all: usize, drawn: usize) -> Option<String> {
    (drawn < all).then(|| {
        format!("{drawn} of {all} series are drawn; --series ID draws one of your choice.")
    })
}

/// Which models stand behind a forecast, on one line.
fn why(made: &SeriesForecast) -> String {
    let members = &made.explanation.members;
    let share = |member: &Member| format!("{:.0} % {}", 100.0 * member.weight, member.model);
    let shares = match members.as_slice() {
        [only] => format!("{}, {}", only.model, only.description),
        members => {
            let told: Vec<String> = members.iter().take(MEMBERS_MAX).map(share).collect();
            let more = members.len() - told.len();
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            told.join(", ") + &rest
        }
    };
    let name = made.forecast.key().label("unique_id");
    name.map_or_else(|| shares.clone(), |name| format!("{name}: {shares}"))
}

fn told(
    series: Option<&Series>,
    covariates: Option<&Covariates>,
    made: &SeriesForecast,
    parts: Option<&Uncertainty>,
) -> Result<Told, FitError> {
    let mut told = Told::default();
    let none = Covariates::none();
    let mut seen = Vec::new();
    if let Some(series) = series {
        seen = (0..series.len()).filter(|&i| series.value(i).is_some()).collect();
        let pairs = seen.iter().map(|&i| (series.axis().timestamp(i), series.raw()[i]));
        told.history = pairs.collect();
    }
    let Some(model) = &made.model else { return Ok(told) };
    let Some(fitted) = model.fitted.prophet() else { return Ok(told) };
    let past: Vec<Timestamp> = told.history.iter().map(|(at, _)| *at).collect();
    let known = covariates.unwrap_or(&none).rows(&seen);
    let values = fitted.fit().predict(&past, &known)?;
    told.fitted = past.iter().copied().zip(values).collect();
    if let Some(uncertainty) = parts {
        let times: Vec<Timestamp> = past.into_iter().chain(moments(made.forecast.axis())).collect();
        let components =
            fitted.fit().components(&times, &known.followed_by(&model.future), uncertainty)?;
        told.components = Some((components, fitted.fit().settings().clone()));
    }
    Ok(told)
}

fn moments(axis: &Axis) -> impl Iterator<Item = Timestamp> + '_ {
    (0..axis.len()).map(|index| axis.timestamp(index))
}

fn plot<'a>(told: &'a Told, made: &'a SeriesForecast) -> Plot<'a> {
    let parts = told.components.as_ref();
    Plot {
        name: made.forecast.key().label("unique_id").map(str::to_owned),
        history: told.history.clone(),
        fitted: told.fitted.clone(),
        forecast: &made.forecast,
        parts: parts.map(|(all, settings)| panels(all, settings)).unwrap_or_default(),
    }
}

/// What has a panel: the trend, each season, and the sums of holidays and of regressors.
fn panels<'a>(all: &'a Components, settings: &Settings) -> Vec<PlotPart<'a>> {
    let unit = |mode: SeasonalityMode| match mode {
        SeasonalityMode::Additive => PartUnit::Value,
        SeasonalityMode::Multiplicative => PartUnit::Share,
    };
    let mut wanted = vec![("trend", PartUnit::Value, None)];
    for season in &settings.seasonalities {
        // The last turn of a season that applies now and then may be one where it does not.
        let period = season.condition.is_none().then_some(season.period);
        wanted.push((season.name.as_str(), unit(season.mode), period));
    }
    let holidays = settings.holidays_mode.unwrap_or(settings.seasonality_mode);
    wanted.push(("holidays", unit(holidays), None));
    wanted.push(("extra_regressors_additive", PartUnit::Value, None));
    wanted.push(("extra_regressors_multiplicative", PartUnit::Share, None));
    let part = |(name, unit, period_days): (&str, PartUnit, Option<f64>)| {
        let column = all.column(name)?;
        Some(PlotPart {
            name: &column.name,
            unit,
            times: &all.times,
            point: &column.point,
            lower: &column.lower,
            upper: &column.upper,
            period_days,
        })
    };
    wanted.into_iter().filter_map(part).collect()
}
