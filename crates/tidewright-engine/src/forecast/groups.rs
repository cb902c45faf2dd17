//! Which series are fitted together: those of one grid by one plan, one group after the other, so that only one plan is
//! held at a time; all others side by side.

use std::collections::HashMap;

use tidewright_core::{Axis, Grid, Panel};
use tidewright_models::onward::usual_step_ms;
use tidewright_models::prophet::Settings;
use tidewright_models::with_season;

use super::{ForecastModel, ForecastOrder};

/// A season must fit this often into the history before Prophet is preferred to repeating the last one.
const SEASONS_FOR_PROPHET: f64 = 2.0;

/// A plan costs about as much as this many fits without one.
const MEMBERS_MIN: usize = 2;

const DAY_MS: f64 = 86_400_000.0;

/// Series that are fitted together.
pub(super) struct Group {
    /// The grid of all of them, if a plan serves it.
    pub(super) grid: Option<Grid>,
    /// The model's settings for that grid.
    pub(super) settings: Settings,
    /// Their places in the panel.
    pub(super) places: Vec<usize>,
}

/// All series, each in one group.
pub(super) fn groups(panel: &Panel, order: &ForecastOrder) -> Vec<Group> {
    let mut by_grid: HashMap<Grid, usize> = HashMap::new();
    let mut shared: Vec<Group> = Vec::new();
    let mut alone = Group { grid: None, settings: order.settings.clone(), places: Vec::new() };
    for (place, series) in panel.series.iter().enumerate() {
        let settings = settings(series.axis(), order);
        match series.axis() {
            Axis::Grid(grid)
                if settings.shares_a_grid() && serves_prophet(series.axis(), order) =>
            {
                let index = *by_grid.entry(*grid).or_insert(shared.len());
                if index == shared.len() {
                    shared.push(Group { grid: Some(*grid), settings, places: Vec::new() });
                }
                shared[index].places.push(place);
            }
            _ => alone.places.push(place),
        }
    }
    let (shared, single): (Vec<_>, Vec<_>) =
        shared.into_iter().partition(|group| group.places.len() >= MEMBERS_MIN);
    alone.places.extend(single.into_iter().flat_map(|group| group.places));
    alone.places.sort_unstable();
    shared.into_iter().chain((!alone.places.is_empty()).then_some(alone)).collect()
}

/// Whether Prophet serves a series on this axis.
pub(super) fn serves_prophet(axis: &Axis, order: &ForecastOrder) -> bool {
    match order.model {
        ForecastModel::Prophet => true,
        ForecastModel::SeasonalNaive => false,
        ForecastModel::Auto => {
            let season = order.season.map_or(1.0, |steps| steps as f64 * step_days(axis));
            days(axis) >= SEASONS_FOR_PROPHET * season.max(step_days(axis))
        }
    }
}

/// The settings with the season that is told in steps.
pub(super) fn settings(axis: &Axis, order: &ForecastOrder) -> Settings {
    let settings = order.settings.clone();
    match order.season {
        Some(steps) => with_season(settings, axis, steps),
        None => settings,
    }
}

fn days(axis: &Axis) -> f64 {
    let span = |last: usize| {
        (axis.timestamp(last).as_millis() - axis.timestamp(0).as_millis()) as f64 / DAY_MS
    };
    axis.len().checked_sub(1).map_or(0.0, span) + step_days(axis)
}

fn step_days(axis: &Axis) -> f64 {
    usual_step_ms(axis) as f64 / DAY_MS
}
