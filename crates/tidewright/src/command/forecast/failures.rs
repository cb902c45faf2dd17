//! Series without a forecast: named at the end, one line each, and an error only where nothing else is left.

use anyhow::Result;
use tidewright_engine::{FailedSeries, ForecastResult};

use crate::command::tell;
use crate::exit::{chain_text, hints};

/// Series that are named on stderr; machines find all of them in JSON and YAML.
const TOLD_MAX: usize = 20;

/// The result, or the error of one that holds no forecast at all.
pub(super) fn check(mut result: ForecastResult) -> Result<ForecastResult> {
    let all = result.series.len();
    if all == 0 || result.series.iter().any(Result::is_ok) {
        return Ok(result);
    }
    if all > 1 {
        tell_each(&failed(&result));
    }
    let Err(first) = result.series.swap_remove(0) else { return Ok(result) };
    let error = anyhow::Error::from(first.error);
    match all {
        1 => Err(error),
        _ => Err(error.context(format!("none of `{all}` series has a forecast"))),
    }
}

/// Names the series that have no forecast, each with its reason.
pub(super) fn tell_failures(result: &ForecastResult) {
    let failed = failed(result);
    tell_each(&failed);
    let Some(first) = failed.first() else { return };
    let (count, all) = (failed.len(), result.series.len());
    tell(&format!("warning: `{count}` of `{all}` series have no forecast"));
    hints(&first.error).iter().for_each(|hint| tell(&format!("hint: {hint}")));
}

fn failed(result: &ForecastResult) -> Vec<&FailedSeries> {
    result.series.iter().filter_map(|made| made.as_ref().err()).collect()
}

/// Names series that failed, with their reasons.
pub(in crate::command) fn tell_each(failed: &[&FailedSeries]) {
    for failed in failed.iter().take(TOLD_MAX) {
        tell(&format!("warning: {}", chain_text(&failed.error)));
    }
    if let Some(more) = failed.len().checked_sub(TOLD_MAX).filter(|more| *more > 0) {
        tell(&format!("warning: `{more}` more have none; `--output json` tells why of each"));
    }
}
