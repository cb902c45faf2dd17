//! The steps of a forecast from flags: how far it reaches, and whether histories are brought to equal steps first.

use std::time::Duration;

use anyhow::Result;
use tidewright_core::{CalendarUnit, Zone};
use tidewright_engine::Reach;
use tidewright_models::onward::Step;
use tidewright_models::regular::{Aggregate, Coarse, Regular};

use super::input::Beside;
use crate::args::{AggregateWord, ForecastArguments, HorizonWord, StepArguments};
use crate::exit::Mistake;

const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);

/// How far a forecast reaches.
pub(super) fn reach(arguments: &ForecastArguments) -> Reach {
    match arguments.horizon {
        None => Reach::Rows,
        Some(HorizonWord::Steps(steps)) => Reach::Steps(steps),
        Some(HorizonWord::Span(span) | HorizonWord::Preset { span, .. }) => Reach::Span(span),
    }
}

/// The equal steps that histories are brought to; `None` if they stay as they are.
pub(super) fn regular(arguments: &ForecastArguments) -> Result<Option<Regular>> {
    let given = &arguments.steps;
    if arguments.load_model.is_some() {
        return idle(given).map(|()| None);
    }
    match arguments.horizon {
        Some(HorizonWord::Preset { step: wanted, .. }) if given.every.is_none() => {
            let step = step(wanted, given.time_zone.as_ref(), false)?;
            let aggregate = aggregate(given.aggregate);
            Ok(Some(Regular { step, aggregate, coarse: Coarse::Kept }))
        }
        _ => equal_steps(given),
    }
}

/// The equal steps that are named; `None` if none are.
pub(in crate::command) fn equal_steps(given: &StepArguments) -> Result<Option<Regular>> {
    let Some(every) = given.every else {
        let hint = "name the step, such as `--every 1d`, or leave this out";
        let refuse = |flag| Mistake::new(format!("`{flag}` needs `--every`"), hint);
        return first(given).map_or(Ok(None), |flag| Err(refuse(flag).into()));
    };
    let step = step(every, given.time_zone.as_ref(), true)?;
    Ok(Some(Regular { step, aggregate: aggregate(given.aggregate), coarse: Coarse::Refused }))
}

/// Refuses equal steps where columns beside the values would have to come along.
pub(super) fn check(arguments: &ForecastArguments, beside: &Beside) -> Result<()> {
    let Some(column) = beside.first() else { return Ok(()) };
    let flag = if arguments.steps.every.is_some() { "--every" } else { "--horizon" };
    let message = format!("`{flag}` cannot make equal steps of the column `{column}`");
    let hint = "bring the file to these steps before, and name the horizon by their number";
    Err(Mistake::new(message, hint).into())
}

/// Refuses flags of steps where there is no history.
fn idle(given: &StepArguments) -> Result<()> {
    let every = given.every.map(|_| "--every");
    let Some(flag) = every.or_else(|| first(given)) else { return Ok(()) };
    let message = format!("`{flag}` does not go with `--load-model`");
    Err(Mistake::new(message, "leave it out: a saved model keeps its steps").into())
}

/// The first flag that says how steps are made.
fn first(given: &StepArguments) -> Option<&'static str> {
    let zone = given.time_zone.as_ref().map(|_| "--time-zone");
    given.aggregate.map(|_| "--aggregate").or(zone)
}

fn step(wanted: Duration, zone: Option<&Zone>, is_named: bool) -> Result<Step> {
    let unit = match wanted {
        DAY => Some(CalendarUnit::Day),
        WEEK => Some(CalendarUnit::Week),
        _ => None,
    };
    match (zone, unit) {
        (Some(zone), Some(unit)) => Ok(Step::Calendar(unit, zone.clone())),
        (Some(_), None) => {
            let flag = if is_named {
                "--every 1d` or `--every 1w"
            } else {
                "--horizon medium` or `--horizon long"
            };
            let message = format!("`--time-zone` needs `{flag}`");
            let hint = "hours and shorter steps are the same in every zone: leave it out";
            Err(Mistake::new(message, hint).into())
        }
        (None, _) => Ok(Step::Every(i64::try_from(wanted.as_millis()).unwrap_or(i64::MAX))),
    }
}

fn aggregate(word: Option<AggregateWord>) -> Aggregate {
    match word {
        None | Some(AggregateWord::Mean) => Aggregate::Mean,
        Some(AggregateWord::Sum) => Aggregate::Sum,
        Some(AggregateWord::Max) => Aggregate::Max,
    }
}
