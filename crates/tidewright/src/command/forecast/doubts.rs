//! What is odd about a history and stands in no forecast's way: told on stderr, one line each.

use tidewright_core::{Panel, Series};
use tidewright_engine::ForecastModel;

use crate::args::{DataRange, ForecastArguments};
use crate::command::tell;

/// Series that are named for one doubt.
const TOLD_MAX: usize = 20;

/// Tells of values that there cannot be, and of histories that are too short for the season that was named.
pub(super) fn tell_doubts(arguments: &ForecastArguments, model: ForecastModel, panel: &Panel) {
    if let Some(range) = arguments.data_range {
        tell_each(panel, |series| strays(series, range));
    }
    // Prophet takes a season at its word.
    let season = arguments.season.filter(|_| model != ForecastModel::Prophet);
    if let Some(season) = season {
        tell_each(panel, |series| too_short(series, season as usize));
    }
}

fn tell_each(panel: &Panel, doubt: impl Fn(&Series) -> Option<String>) {
    let mut all = 0;
    for doubt in panel.series.iter().filter_map(doubt) {
        all += 1;
        if all <= TOLD_MAX {
            tell(&format!("warning: {doubt}"));
        }
    }
    if all > TOLD_MAX {
        tell(&format!("warning: the same holds for `{}` more series", all - TOLD_MAX));
    }
}

fn strays(series: &Series, range: DataRange) -> Option<String> {
    let is_stray = |&index: &usize| {
        series.value(index).is_some_and(|value| !(range.min..=range.max).contains(&value))
    };
    let mut strays = (0..series.len()).filter(is_stray);
    let first = strays.next()?;
    let (moment, value) = (series.axis().timestamp(first), series.raw()[first]);
    let count = 1 + strays.count();
    Some(format!(
        "{} has `{count}` values outside of `--data-range`, the first `{value}` at `{moment}`; they are learned from \
         as they are",
        name(series)
    ))
}

fn too_short(series: &Series, season: usize) -> Option<String> {
    let points = series.len();
    (points < 2 * season).then(|| {
        format!(
            "{} has `{points}` points, less than two seasons of `{season}`; it is forecast without that season",
            name(series)
        )
    })
}

fn name(series: &Series) -> String {
    let id = series.key().label("unique_id");
    id.map_or_else(|| "the series".to_owned(), |id| format!("`{id}`"))
}
