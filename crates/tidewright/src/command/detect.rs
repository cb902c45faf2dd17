//! `tidewright detect`: how odd is each row of a CSV file, by the rows before it?

mod file;
mod live;
mod picture;
mod show;
mod state;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use tidewright_core::Zone;
use tidewright_models::detect::{Kind, Settings, names};

use crate::args::{AlarmArguments, DetectArguments};
use crate::config::nearest;
use crate::exit::Mistake;

/// Judges each row of the input.
pub(crate) async fn detect(arguments: DetectArguments, stop: Arc<AtomicBool>) -> Result<()> {
    tokio::task::block_in_place(|| {
        let kind = kind(&arguments.detector)?;
        let settings = settings(&arguments.alarms)?;
        let watch = state::begin(arguments.state.as_deref(), kind, settings)?;
        if arguments.stream {
            live::live(&arguments, watch, &stop)
        } else {
            file::file(&arguments, watch, stop)
        }
    })
}

/// The detector of this name.
fn kind(name: &str) -> Result<Kind> {
    Kind::of(name).ok_or_else(|| {
        let meant = nearest(name, names()).map(|known| format!("did you mean `{known}`? "));
        let known = names().collect::<Vec<_>>().join(", ");
        let hint = format!("{}the detectors are {known}", meant.unwrap_or_default());
        Mistake::new(format!("`--detector` must name a detector, got `{name}`"), hint).into()
    })
}

fn settings(given: &AlarmArguments) -> Result<Settings> {
    let usual = Settings::default();
    let range = (given.min.unwrap_or(usual.range.0), given.max.unwrap_or(usual.range.1));
    if range.0 >= range.1 {
        let message = format!("`--min` must be below `--max`, got `{}` and `{}`", range.0, range.1);
        return Err(Mistake::new(message, "leave out the end that is not known").into());
    }
    Ok(Settings {
        level: given.level.unwrap_or(usual.level),
        quiet_hours: given.quiet_hours.unwrap_or(usual.quiet_hours),
        range,
        zone: given.time_zone.clone().unwrap_or_else(Zone::utc),
        weight: given.weight.unwrap_or(usual.weight),
        alert_budget: given.alert_budget,
    })
}
