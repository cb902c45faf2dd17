//! A file as a whole: believed whole or not at all, then judged row by row in its own order.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use tidewright_core::{Progress, Timestamp};
use tidewright_engine::{EngineError, Watch};
use tidewright_models::detect::View;
use tidewright_render::{JudgedRow, UniqueId, ViewFigures};
use tidewright_source::csv_file::read_rows;

use super::picture::Picture;
use super::show::{Form, Printer};
use super::state;
use crate::args::{DetectArguments, DetectOutput};
use crate::command::forecast::Canvas;
use crate::command::{open_or_stdin, print};
use crate::exit::Mistake;
use crate::progress::Bars;

/// How many rows are judged between two prints and looks at the progress.
const ROWS_PER_LOOK: usize = 10_000;

/// One row of the file, small enough to keep all of them.
#[derive(Clone, Copy)]
struct Point {
    place: u32,
    time: Timestamp,
    /// NaN for a gap.
    value: f64,
}

/// The rows of a file, in its order.
struct Points {
    all: Vec<Point>,
    unique_id: UniqueId,
}

/// Judges the rows of a file.
pub(super) fn file(
    arguments: &DetectArguments,
    mut watch: Watch,
    stop: Arc<AtomicBool>,
) -> Result<()> {
    let canvas = arguments.plot.as_deref().map(Canvas::of).transpose()?;
    let form = Form::of_file(arguments.output.unwrap_or(DetectOutput::Table));
    let progress = Bars::new(stop);
    let path = arguments.input.as_deref().unwrap_or(Path::new("-"));
    let points = read(path, &mut watch, &progress)?;
    arguments.explain.map_or(Ok(()), |at| check_moment(at, &points.all))?;
    let mut printer = Printer::new(form, points.unique_id);
    let mut picture = canvas.is_some().then(Picture::default);
    if form == Form::Table || !std::io::stdout().is_terminal() {
        progress.begin("detecting", points.all.len() as u64);
    } else {
        // Bar and rows would share the terminal.
        progress.hide();
    }
    for chunk in points.all.chunks(ROWS_PER_LOOK) {
        if progress.is_cancelled() {
            return Err(EngineError::Cancelled.into());
        }
        for point in chunk {
            let place = point.place as usize;
            let row = judge(&mut watch, *point, points.unique_id, arguments.explain);
            printer.take(place, &row, arguments.explain == Some(row.time));
            picture.iter_mut().for_each(|picture| picture.take(place, &row));
        }
        print(&printer.drain())?;
        progress.advance(chunk.len() as u64);
    }
    drop(progress);
    if let (Some(canvas), Some(picture)) = (canvas, picture) {
        picture.draw(&canvas)?;
    }
    printer.end()?;
    state::save(arguments.state.as_deref(), &watch)
}

fn read(path: &Path, watch: &mut Watch, progress: &Bars) -> Result<Points> {
    let name = path.display().to_string();
    let mut points = Points { all: Vec::new(), unique_id: UniqueId::Absent };
    read_rows(open_or_stdin(path)?, &name, progress, |row| {
        if row.unique_id.is_some() {
            points.unique_id = UniqueId::Shown;
        }
        let place = watch.place(row.unique_id.unwrap_or_default())?;
        let place = u32::try_from(place).expect("there are fewer series than a `u32` counts");
        points.all.push(Point { place, time: row.time, value: row.value.unwrap_or(f64::NAN) });
        Ok::<(), anyhow::Error>(())
    })?;
    if progress.is_cancelled() {
        return Err(EngineError::Cancelled.into());
    }
    Ok(points)
}

/// What is said of a row; what each view makes of it only at the moment that is to be explained.
fn judge(
    watch: &mut Watch,
    point: Point,
    unique_id: UniqueId,
    explained: Option<Timestamp>,
) -> JudgedRow<'_> {
    let Point { place, time, value } = point;
    let (place, value) = (place as usize, (!value.is_nan()).then_some(value));
    let (verdict, views) = if explained == Some(time) {
        let (verdict, views) = watch.update_told(place, time, value);
        (verdict, views.iter().flatten().map(figures).collect())
    } else {
        (watch.update(place, time, value), Vec::new())
    };
    let unique_id = (unique_id == UniqueId::Shown).then(|| watch.name(place));
    JudgedRow { unique_id, time, value, verdict, views }
}

fn figures(view: &View) -> ViewFigures {
    let View { detector, departure, edge, surprise, needed, share } = *view;
    ViewFigures { name: detector, departure, edge, surprise, needed, share }
}

/// Refuses a moment at which there is no row, and names those around it.
fn check_moment(at: Timestamp, points: &[Point]) -> Result<()> {
    let times = || points.iter().map(|point| point.time);
    if times().any(|time| time == at) {
        return Ok(());
    }
    let before = times().filter(|time| *time < at).max();
    let after = times().filter(|time| *time > at).min();
    let near: Vec<String> = before.iter().chain(&after).map(|time| format!("`{time}`")).collect();
    let are = if near.len() > 1 { "rows are" } else { "row is" };
    let hint = format!("the nearest {are} at {}", near.join(" and "));
    let message = format!("`--explain` must name the time of a row, got `{at}`");
    Err(Mistake::new(message, hint).into())
}
