//! Which series are fitted together: those of one grid by one plan, one group after the other, so that only one plan is
//! held at a time; all others side by side.

use std::collections::HashMap;

use tidewright_core::{Axis, Grid, Panel};
use tidewright_models::prophet::{GridPlan, Settings};
use tidewright_models::with_season;

use super::ForecastOrder;
use super::choice::{Choice, choice};

/// A plan costs about as much as this many fits without one.
const MEMBERS_MIN: usize = 2;

/// Series that are fitted together.
pub(super) struct Group {
    /// The grid of all of them, if a plan serves it.
    grid: Option<Grid>,
    /// The model's settings for that grid.
    settings: Settings,
    /// Their places in the panel.
    pub(super) places: Vec<usize>,
}

impl Group {
    /// What Prophet's fits of its series share.
    pub(super) fn plan(&self) -> Option<GridPlan> {
        self.grid.map(|grid| GridPlan::new(grid, &self.settings))
    }
}

/// All series, each in one group.
pub(super) fn groups(panel: &Panel, order: &ForecastOrder) -> Vec<Group> {
    let mut by_grid: HashMap<Grid, usize> = HashMap::new();
    let mut shared: Vec<Group> = Vec::new();
    let mut alone = Group { grid: None, settings: order.settings.clone(), places: Vec::new() };
    for (place, series) in panel.series.iter().enumerate() {
        let Some((grid, settings)) = shareable(series.axis(), order) else {
            alone.places.push(place);
            continue;
        };
        let index = *by_grid.entry(grid).or_insert(shared.len());
        if index == shared.len() {
            shared.push(Group { grid: Some(grid), settings, places: Vec::new() });
        }
        shared[index].places.push(place);
    }
    let (shared, single): (Vec<_>, Vec<_>) =
        shared.into_iter().partition(|group| group.places.len() >= MEMBERS_MIN);
    alone.places.extend(single.into_iter().flat_map(|group| group.places));
    alone.places.sort_unstable();
    shared.into_iter().chain((!alone.places.is_empty()).then_some(alone)).collect()
}

/// The grid of a series that Prophet's plan can serve, with the settings for it.
fn shareable(axis: &Axis, order: &ForecastOrder) -> Option<(Grid, Settings)> {
    let Axis::Grid(grid) = axis else { return None };
    let settings = settings(axis, order);
    let serves = settings.shares_a_grid() && choice(axis, order) == Choice::Prophet;
    serves.then_some((*grid, settings))
}

/// The settings with the season that is told in steps.
pub(super) fn settings(axis: &Axis, order: &ForecastOrder) -> Settings {
    let settings = order.settings.clone();
    match order.season {
        Some(steps) => with_season(settings, axis, steps),
        None => settings,
    }
}
