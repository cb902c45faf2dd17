//! Days of holidays and events, and lists of moments, for a model that takes them.

use std::collections::HashMap;
use std::io::Read;

use tidewright_core::Timestamp;

use super::error::CsvError;
use super::table::Table;

/// The most days around an event: a year on either side.
const WINDOW_DAYS_MAX: f64 = 366.0;

const DAY_MS: i64 = 86_400_000;

const HINT: &str =
    "name the columns holiday,ds and, where wanted, lower_window,upper_window,prior_scale";

/// One day of a holiday.
#[derive(Clone, Debug, PartialEq)]
pub struct HolidayRow {
    /// The holiday's name.
    pub holiday: String,
    /// Midnight, in UTC, of its day.
    pub day: Timestamp,
    /// How many days before it still belong to it; 0 or negative.
    pub lower_window: i32,
    /// How many days after it still belong to it.
    pub upper_window: i32,
    /// How large its effect may be; the same in all rows of a holiday.
    pub prior_scale: Option<f64>,
}

/// Reads `holiday,ds[,lower_window,upper_window][,prior_scale]`; an empty window is 0.
///
/// # Errors
/// [`CsvError`] at the first fault.
pub fn read_holidays(reader: impl Read, file: &str) -> Result<Vec<HolidayRow>, CsvError> {
    let mut table = Table::open(reader, file)?;
    let name = table.needed(&["holiday"], "a column must hold the holiday's name", HINT)?;
    let moment = table.needed(&["ds"], "a column must hold the day", HINT)?;
    let optional = ["lower_window", "upper_window", "prior_scale"];
    let [lower, upper, scale] = optional.map(|name| table.column(&[name]));
    let (lower, upper, scale) = (lower?, upper?, scale?);
    if table.columns().len() > 2 + [lower, upper, scale].iter().flatten().count() {
        return Err(table.header("no other columns are known", HINT));
    }
    let mut rows = Vec::new();
    let mut scales: HashMap<String, Option<f64>> = HashMap::new();
    while table.advance()? {
        let row = HolidayRow {
            holiday: named(&table, name)?,
            day: table.moment(moment)?.align_down(DAY_MS),
            lower_window: window(&table, lower, -1.0)?,
            upper_window: window(&table, upper, 1.0)?,
            prior_scale: scale.map(|column| positive(&table, column)).transpose()?.flatten(),
        };
        let first = scales.entry(row.holiday.clone()).or_insert(row.prior_scale);
        if let (true, Some(column)) = (*first != row.prior_scale, scale) {
            let hint = "write the same number into each row of the holiday";
            return Err(table.bad(column, "a holiday has one prior scale", hint));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Reads the moments of a column `ds`, in any order.
///
/// # Errors
/// [`CsvError`] at the first fault.
pub fn read_moments(reader: impl Read, file: &str) -> Result<Vec<Timestamp>, CsvError> {
    let mut table = Table::open(reader, file)?;
    let hint = "write `ds` on the first line, and a time on each other one";
    let moment = table.needed(&["ds", "timestamp"], "a column must hold the time", hint)?;
    if table.columns().len() > 1 {
        return Err(table.header("no other columns are known", hint));
    }
    let mut moments = Vec::new();
    while table.advance()? {
        moments.push(table.moment(moment)?);
    }
    Ok(moments)
}

fn named(table: &Table<'_>, column: usize) -> Result<String, CsvError> {
    match table.cell(column) {
        "" => Err(table.bad(column, "a holiday must have a name", "write its name into each row")),
        name => Ok(name.to_owned()),
    }
}

/// A whole number of days on one side of the holiday.
fn window(table: &Table<'_>, column: Option<usize>, side: f64) -> Result<i32, CsvError> {
    let Some(column) = column else { return Ok(0) };
    let days = table.value(column)?.unwrap_or(0.0);
    let rule = match days * side {
        outward if outward < 0.0 && side < 0.0 => "days before a holiday are 0 or negative",
        outward if outward < 0.0 => "days after a holiday are 0 or positive",
        outward if outward > WINDOW_DAYS_MAX => "a holiday reaches over a year at the most",
        _ if days.fract() != 0.0 => "days around a holiday are whole",
        _ => return Ok(days as i32),
    };
    let hint = "lower_window -1 and upper_window 2 are the day before and the two after";
    Err(table.bad(column, rule, hint))
}

fn positive(table: &Table<'_>, column: usize) -> Result<Option<f64>, CsvError> {
    let value = table.value(column)?;
    if value.is_some_and(|value| value <= 0.0) {
        let hint = "write a number above 0, such as 10, or leave it empty";
        return Err(table.bad(column, "a prior scale must be above 0", hint));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<HolidayRow> {
        read_holidays(text.as_bytes(), "days.csv").unwrap()
    }

    fn refused(text: &str, rule: &str) {
        let error = read_holidays(text.as_bytes(), "days.csv").unwrap_err();
        assert!(error.to_string().contains(rule), "{error}");
        assert!(!error.hint().is_empty());
    }

    #[test]
    fn a_holiday_has_its_days_around_it() {
        let rows = read(
            "holiday,ds,lower_window,upper_window,prior_scale\nplayoff,2026-01-10T15:00:00Z,-1,2,5\nfair,2026-02-01,,,\n",
        );
        let day = |text: &str| Timestamp::parse(text).unwrap();
        let playoff = HolidayRow {
            holiday: "playoff".to_owned(),
            day: day("2026-01-10"),
            lower_window: -1,
            upper_window: 2,
            prior_scale: Some(5.0),
        };
        assert_eq!(rows[0], playoff);
        assert_eq!((rows[1].lower_window, rows[1].upper_window, rows[1].prior_scale), (0, 0, None));
        assert_eq!(read("holiday,ds\nfair,2026-02-01\n")[0].day, day("2026-02-01"));
    }

    #[test]
    fn a_bad_holiday_is_named_with_its_place() {
        let text = |row: &str| format!("holiday,ds,lower_window,upper_window,prior_scale\n{row}\n");
        refused(
            &text("a,2026-01-10,1,0,"),
            "line 2, column `lower_window`: days before a holiday are 0 or negative, got `1`",
        );
        refused(
            &text("a,2026-01-10,0,-1,"),
            "column `upper_window`: days after a holiday are 0 or positive, got `-1`",
        );
        refused(
            &text("a,2026-01-10,-0.5,0,"),
            "column `lower_window`: days around a holiday are whole",
        );
        refused(&text("a,2026-01-10,0,900,"), "a holiday reaches over a year at the most");
        refused(&text("a,soon,0,0,"), "column `ds`: the time must be a date");
        refused(&text(",2026-01-10,0,0,"), "a holiday must have a name");
        refused(&text("a,2026-01-10,0,0,0"), "a prior scale must be above 0, got `0`");
        refused(
            &text("a,2026-01-10,0,0,1\na,2026-01-11,0,0,2"),
            "line 3, column `prior_scale`: a holiday has one prior scale, got `2`",
        );
        refused("holiday,ds,colour\na,2026-01-10,red\n", "no other columns are known");
        refused("ds\n2026-01-10\n", "a column must hold the holiday's name");
    }

    #[test]
    fn moments_are_read_from_one_column() {
        let read = |text: &str| read_moments(text.as_bytes(), "bends.csv");
        assert_eq!(read("ds\n2026-01-10\n2026-01-05\n").unwrap().len(), 2);
        assert!(read("ds,y\n2026-01-10,1\n").is_err());
    }
}
