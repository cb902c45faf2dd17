//! Files that a forecast reads: the history, what is known of the future, holidays, moments.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use tidewright_core::{Progress, Timestamp};
use tidewright_engine::{Histories, KnownFuture};
use tidewright_models::prophet::{Covariates, Growth, Settings};
use tidewright_source::csv_file::{
    ColumnKind, FutureRows, HolidayRow, WantedColumn, read_future, read_holidays, read_moments,
    read_series,
};

use crate::command::{open, open_or_stdin};
use crate::exit::Mistake;

/// The capacity that growth runs towards, and where it began: columns, or the same number everywhere.
const CAP: &str = "cap";
const FLOOR: &str = "floor";

/// The columns that a model needs beside time and value, and those that are the same in every row.
#[derive(Debug, Default)]
pub(super) struct Beside {
    wanted: Vec<WantedColumn>,
    constants: Vec<(String, f64)>,
}

impl Beside {
    /// What these settings need, where some are given as one number.
    pub(super) fn of<'a>(
        settings: impl IntoIterator<Item = &'a Settings>,
        cap: Option<f64>,
        floor: Option<f64>,
    ) -> Self {
        let mut beside = Self::default();
        for settings in settings {
            if settings.growth == Growth::Logistic {
                beside.capacity(cap, floor);
            }
            let conditions = settings.seasonalities.iter().filter_map(|it| it.condition.as_deref());
            conditions.for_each(|name| beside.want(name, ColumnKind::Flag, false));
            let regressors = settings.regressors.iter().map(|it| it.name.as_str());
            regressors.for_each(|name| beside.want(name, ColumnKind::Number, false));
        }
        beside
    }

    fn capacity(&mut self, cap: Option<f64>, floor: Option<f64>) {
        match (cap, floor) {
            (Some(cap), _) => self.keep(CAP, cap),
            (None, Some(floor)) => self.want(CAP, ColumnKind::Above(floor), false),
            (None, None) => self.want(CAP, ColumnKind::AboveColumn(FLOOR.to_owned()), false),
        }
        match (floor, cap) {
            (Some(floor), _) => self.keep(FLOOR, floor),
            (None, Some(cap)) => self.want(FLOOR, ColumnKind::Below(cap), true),
            (None, None) => self.want(FLOOR, ColumnKind::Number, true),
        }
    }

    fn keep(&mut self, name: &str, value: f64) {
        if self.constants.iter().all(|(kept, _)| kept != name) {
            self.constants.push((name.to_owned(), value));
        }
    }

    fn want(&mut self, name: &str, kind: ColumnKind, is_optional: bool) {
        if self.wanted.iter().all(|column| column.name != name) {
            self.wanted.push(WantedColumn { name: name.to_owned(), kind, is_optional });
        }
    }

    /// The columns that are one number everywhere.
    pub(super) fn into_constants(self) -> Vec<(String, f64)> {
        self.constants
    }

    /// Whether a capacity has a meaning.
    pub(super) fn grows_to_a_cap(&self) -> bool {
        let names = self.wanted.iter().map(|column| column.name.as_str());
        names.chain(self.constants.iter().map(|(name, _)| name.as_str())).any(|name| name == CAP)
    }

    /// The first column that is read beside the values.
    pub(super) fn first(&self) -> Option<&str> {
        self.wanted.first().map(|column| column.name.as_str())
    }

    /// The first column that a future must tell.
    pub(super) fn needed(&self) -> Option<&str> {
        self.wanted.iter().find(|column| !column.is_optional).map(|column| column.name.as_str())
    }

    /// The columns that were read, under their names.
    fn read(&self, columns: Vec<Vec<f64>>) -> Covariates {
        let there = self.wanted.iter().zip(columns).filter(|(_, values)| !values.is_empty());
        there.fold(Covariates::none(), |all, (column, values)| all.with(&column.name, values))
    }

    /// The same with those that are one number, at as many points.
    fn whole(&self, columns: Vec<Vec<f64>>, points: usize) -> Covariates {
        let constants = self.constants.iter();
        constants
            .fold(self.read(columns), |all, (name, value)| all.with(name, vec![*value; points]))
    }
}

/// The history of each series, and what is known beside it.
pub(super) fn histories(
    path: &Path,
    beside: &Beside,
    progress: &dyn Progress,
) -> Result<Histories> {
    let name = path.display().to_string();
    let file = read_series(open_or_stdin(path)?, &name, &beside.wanted, progress)?;
    if beside.wanted.is_empty() && beside.constants.is_empty() {
        return Ok(Histories { panel: file.panel, covariates: Vec::new() });
    }
    let pairs = file.columns.into_iter().zip(&file.panel.series);
    let covariates = pairs.map(|(columns, series)| beside.whole(columns, series.len())).collect();
    Ok(Histories { panel: file.panel, covariates })
}

/// What is known of the future: what the file says, if there is one, and what is the same everywhere.
pub(super) fn future(
    path: Option<&Path>,
    beside: &Beside,
    progress: &dyn Progress,
) -> Result<KnownFuture> {
    let constants = beside.constants.clone();
    let Some(path) = path else {
        if let Some(column) = beside.needed() {
            let message = format!("the future of the column `{column}` is not known");
            let hint = "give it with `--future FILE`, which has `ds`, this column and, where series differ, `unique_id`; a cap that never changes is `--cap N`";
            return Err(Mistake::new(message, hint).into());
        }
        return Ok(KnownFuture { constants, ..KnownFuture::default() });
    };
    let place = path.display().to_string();
    let opened = open(path, "name a CSV file with the column ds and those of the model")?;
    let mut known = KnownFuture { place, constants, common: None, by_series: HashMap::new() };
    for FutureRows { unique_id, times, columns } in
        read_future(opened, &known.place, &beside.wanted, progress)?
    {
        let rows = (times, beside.read(columns));
        match unique_id {
            Some(id) => drop(known.by_series.insert(id, rows)),
            None => known.common = Some(rows),
        }
    }
    Ok(known)
}

/// The days of holidays.
pub(super) fn holidays(path: &Path) -> Result<Vec<HolidayRow>> {
    let hint = "name a CSV file with the columns holiday,ds,lower_window,upper_window";
    Ok(read_holidays(open(path, hint)?, &path.display().to_string())?)
}

/// Moments from a list, or from a file of that name.
pub(super) fn changepoints(text: &str) -> Result<Vec<Timestamp>> {
    let path = Path::new(text);
    if path.exists() {
        let hint = "name a CSV file with the column ds";
        return Ok(read_moments(open(path, hint)?, text)?);
    }
    let moment = |part: &str| {
        Timestamp::parse(part).map_err(|_| {
            let message =
                format!("`--changepoints`: each part must be a date or a file, got `{part}`");
            let hint = "write it like `--changepoints 2026-01-01,2026-03-01T12:00:00Z`, or name a CSV file with the column ds";
            Mistake::new(message, hint).into()
        })
    };
    text.split(',').map(moment).collect()
}
