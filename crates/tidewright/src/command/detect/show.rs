//! What was said of each row, in the form that was asked for.

use anyhow::Result;
use tidewright_render::{
    JudgedRow, UniqueId, VerdictV1, WatchedSeries, judged_csv, judged_csv_header, judged_text,
    to_json_line, to_yaml, watched_table,
};

use crate::args::DetectOutput;
use crate::command::{print, tell, width};

/// Rows of one moment that are explained to a person: more are read as JSON.
const EXPLAINED_MAX: usize = 12;

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A summary at the end.
    Table,
    /// A line for each.
    Csv,
    /// A list of objects.
    Json,
    /// An object on each line.
    JsonLines,
    /// A list of maps.
    Yaml,
}

/// Text that grows row by row.
#[derive(Debug)]
pub(super) struct Printer {
    form: Form,
    unique_id: UniqueId,
    out: String,
    rows: usize,
    /// By place, for a summary.
    series: Vec<WatchedSeries>,
    explained: Vec<String>,
    /// Rows that were to be explained.
    asked: usize,
}

impl Form {
    /// That of a file.
    pub(super) const fn of_file(output: DetectOutput) -> Self {
        match output {
            DetectOutput::Table => Self::Table,
            DetectOutput::Csv => Self::Csv,
            DetectOutput::Json => Self::Json,
            DetectOutput::Yaml => Self::Yaml,
        }
    }
}

impl Printer {
    /// With what stands before the first row.
    pub(super) fn new(form: Form, unique_id: UniqueId) -> Self {
        let out = match form {
            Form::Csv => judged_csv_header(unique_id),
            Form::Json => "[".to_owned(),
            _ => String::new(),
        };
        let (series, explained) = (Vec::new(), Vec::new());
        Self { form, unique_id, out, rows: 0, series, explained, asked: 0 }
    }

    /// Takes in a row of the series at a place.
    pub(super) fn take(&mut self, place: usize, row: &JudgedRow<'_>, is_explained: bool) {
        match self.form {
            Form::Table => self.count(place, row),
            Form::Csv => judged_csv(&mut self.out, row),
            Form::Json => {
                self.out.push_str(if self.rows == 0 { "\n" } else { ",\n" });
                self.out.push_str(to_json_line(&VerdictV1::from(row)).trim_end());
            }
            Form::JsonLines => self.out.push_str(&to_json_line(&VerdictV1::from(row))),
            Form::Yaml => self.out.push_str(&to_yaml(&[VerdictV1::from(row)])),
        }
        self.rows += 1;
        if is_explained && matches!(self.form, Form::Table | Form::Csv) {
            self.asked += 1;
            if self.explained.len() < EXPLAINED_MAX {
                self.explained.push(judged_text(row, width()));
            }
        }
    }

    fn count(&mut self, place: usize, row: &JudgedRow<'_>) {
        if self.series.len() <= place {
            self.series.resize_with(place + 1, WatchedSeries::default);
        }
        let series = &mut self.series[place];
        if series.rows == 0 && self.unique_id == UniqueId::Shown {
            series.name = row.unique_id.map(str::to_owned);
        }
        series.count(row);
    }

    /// What is to be printed by now.
    pub(super) fn drain(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Prints what comes after the last row.
    pub(super) fn end(mut self) -> Result<()> {
        if self.asked > EXPLAINED_MAX {
            let more = self.asked - EXPLAINED_MAX;
            self.explained.push(format!("and {more} more rows; JSON holds all\n"));
        }
        // Of series that a state knows there may be no row.
        self.series.retain(|series| series.rows > 0);
        let explained = self.explained.join("\n");
        match self.form {
            Form::Table if explained.is_empty() => print(&watched_table(&self.series, width())),
            Form::Table => print(&format!("{}\n{explained}", watched_table(&self.series, width()))),
            Form::Json => print(if self.rows == 0 { "]\n" } else { "\n]\n" }),
            _ if explained.is_empty() => Ok(()),
            _ => {
                tell(explained.trim_end());
                Ok(())
            }
        }
    }
}
