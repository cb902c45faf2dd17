//! What CSV files may look like, and what is said of those that may not.

use std::error::Error;
use std::io::Write;

use proptest::prelude::*;
use tidewright_core::{
    Axis, CalendarUnit, DemandFrame, DemandRequest, Known, MetricSource, Panel, PortErrorKind,
    SeriesKey, Signal, Silent, TimeSpan, Timestamp,
};

use super::*;

fn read(text: &str) -> Panel {
    read_series(text.as_bytes(), "data.csv", &[], &Silent).unwrap().panel
}

/// `message | hint` of a file that is refused.
fn fault(text: &str) -> String {
    let error = read_series(text.as_bytes(), "data.csv", &[], &Silent).unwrap_err();
    format!("{error} | {}", error.hint())
}

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn values(panel: &Panel, series: usize) -> Vec<Option<f64>> {
    let series = &panel.series[series];
    (0..series.len()).map(|i| series.value(i)).collect()
}

#[test]
fn the_long_form_makes_a_grid_with_its_gaps_filled() {
    let panel = read(
        "unique_id,ds,y\na,2026-11-20 08:00:00,1\na,2026-11-20 09:00:00,\na,2026-11-20 11:00:00,4\n\
         b,2026-11-20,7\nb,2026-11-21,8\n",
    );
    assert_eq!(panel.series[0].key(), &SeriesKey::new([("unique_id", "a")]));
    assert_eq!(values(&panel, 0), [Some(1.0), None, None, Some(4.0)]);
    let Axis::Grid(grid) = panel.series[1].axis() else { panic!("a grid was expected") };
    assert_eq!((grid.start(), grid.step_ms(), grid.len()), (moment("2026-11-20"), 86_400_000, 2));
}

#[test]
fn every_form_of_time_is_the_same_moment() {
    for time in [
        "2026-11-20T08:00:00Z",
        "2026-11-20T09:00:00+01:00",
        "2026-11-20 08:00:00",
        "1795161600",
        "1795161600.0",
    ] {
        let panel = read(&format!("timestamp,value\n{time},1\n"));
        assert_eq!(panel.series[0].axis().timestamp(0), moment("2026-11-20T08:00:00Z"), "{time}");
        assert_eq!(panel.series[0].key(), &SeriesKey::default());
    }
}

#[test]
fn series_may_take_turns() {
    let panel = read("unique_id,ds,y\na,1,1\nb,1,10\na,2,2\nb,2,20\n");
    assert_eq!(values(&panel, 0), [Some(1.0), Some(2.0)]);
    assert_eq!(values(&panel, 1), [Some(10.0), Some(20.0)]);
}

#[test]
fn rows_may_come_in_any_order() {
    let wanted = wanted(&[("promo", ColumnKind::Number)]);
    let text = "unique_id,ds,y,promo\na,180,3,30\nb,1,9,0\na,60,1,10\na,120,2,20\na,300,5,50\n";
    let read = read_series(text.as_bytes(), "data.csv", &wanted, &Silent).unwrap();
    let values = values(&read.panel, 0);
    assert_eq!(values, [Some(1.0), Some(2.0), Some(3.0), None, Some(5.0)]);
    assert_eq!(read.columns[0][0][..3], [10.0, 20.0, 30.0]);
    assert!(matches!(read.panel.series[0].axis(), Axis::Grid(grid) if grid.len() == 5));
}

#[test]
fn the_firsts_of_months_make_a_calendar() {
    let panel = read("ds,y\n1949-01-01,1\n1949-02-01,2\n1949-03-01,3\n1949-05-01,5\n");
    let Axis::Calendar { unit: CalendarUnit::Month, .. } = panel.series[0].axis() else {
        panic!("months were expected")
    };
    assert_eq!(values(&panel, 0), [Some(1.0), Some(2.0), Some(3.0), None, Some(5.0)]);
}

#[test]
fn other_times_stay_where_they_are() {
    for times in
        [["1", "2", "3.5"], ["2026-01-31", "2026-02-28", "2026-03-31"], ["1", "2", "1000000"]]
    {
        let panel = read(&format!("ds,y\n{},1\n{},2\n{},3\n", times[0], times[1], times[2]));
        assert!(matches!(panel.series[0].axis(), Axis::Irregular(_)), "{times:?}");
        assert_eq!(values(&panel, 0), [Some(1.0), Some(2.0), Some(3.0)]);
    }
}

#[test]
fn a_gzipped_file_with_a_byte_order_mark_and_spaces_reads_the_same() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all("\u{feff}Unique_ID, DS , Y\r\na, 1, NaN\r\na, 2, 2e3\r\n".as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    let panel = read_series(packed.as_slice(), "data.csv.gz", &[], &Silent).unwrap().panel;
    assert_eq!(values(&panel, 0), [None, Some(2000.0)]);
}

#[test]
fn a_fault_is_told_with_file_line_column_rule_value_and_hint() {
    assert_eq!(
        fault("unique_id,ds,y\na,2026-11-20,1\na,soon,2\n"),
        "`data.csv`, line 3, column `ds`: the time must be a date or seconds since 1970, got `soon` \
         | write it like 2026-11-20T08:00:00Z or 2026-11-20, or as seconds since 1970"
    );
    assert_eq!(
        fault("ds,y\n1,2,\n"),
        "cannot split line 2 of `data.csv` into cells | give each line as many cells as the first, in UTF-8, and quote commas"
    );
}

#[test]
fn bad_cells_are_refused() {
    let refused = |text: &str, rule: &str| assert!(fault(text).contains(rule), "{}", fault(text));
    refused("ds,y\n1,x\n", "the value must be a finite number, got `x`");
    refused("ds,y\n1,inf\n", "the value must be a finite number, got `inf`");
    refused("ds,y\n1,\"1,5\"\n", "the value must be a finite number, got `1,5`");
    refused("ds,y\n1763625600000,1\n", "must be in seconds, not in milliseconds");
    refused("ds,y\n20261120,1\n", "may be a date or seconds");
    refused("ds,y\n,1\n", "the time must be a date or seconds since 1970, got ``");
    refused(
        "ds,y\n1,1\n1,2\n",
        "line 3, column `ds`: each time may come once in a series, got `1`",
    );
    let twice = "each time may come once in a series, got `1970-01-01T00:00:02Z` twice |";
    refused("ds,y\n2,1\n1,2\n2,3\n", twice);
}

#[test]
fn bad_headers_are_refused() {
    let refused = |text: &str, rule: &str| assert!(fault(text).contains(rule), "{}", fault(text));
    refused("", "line 1: a column must hold the time, got ``");
    refused("ds;y\n", "line 1: columns must be separated by commas, got `ds;y`");
    refused("ds,z\n1,1\n", "line 1: a column must hold the value, got `ds,z`");
    refused("ds,timestamp,y\n1,1,1\n", "line 1: one column must hold this, not two");
    refused("ds,y,Y\n1,1,1\n", "line 1: each column must have a name of its own");
    refused("ds,y,PARTNER\n1,1,1\n", "line 1: no other columns are known, got `ds,y,PARTNER`");
    refused("ds,y\n", "`data.csv` has no rows");
}

#[test]
fn broken_bytes_are_refused() {
    let refused = |bytes: &[u8]| read_series(bytes, "data.csv", &[], &Silent).unwrap_err();
    assert!(matches!(refused(b"ds,y\n1,\xff\n"), CsvError::Row { line: 2, .. }));
    let cut_short = [0x1f, 0x8b, 0x08, 0x00];
    assert!(matches!(refused(&cut_short), CsvError::Read { .. }));
}

fn wanted(columns: &[(&str, ColumnKind)]) -> Vec<WantedColumn> {
    let column = |(name, kind): &(&str, ColumnKind)| WantedColumn {
        name: (*name).to_owned(),
        kind: kind.clone(),
        is_optional: *name == "floor",
    };
    columns.iter().map(column).collect()
}

fn capacity() -> Vec<WantedColumn> {
    let above = ColumnKind::AboveColumn("floor".to_owned());
    wanted(&[("cap", above), ("floor", ColumnKind::Number)])
}

#[test]
fn columns_beside_the_value_lie_on_its_axis() {
    let wanted = wanted(&[("promo", ColumnKind::Number), ("weekend", ColumnKind::Flag)]);
    let text = "ds,weekend,Promo,y\n0,true,1.5,1\n60,0,2,2\n180,,,\n240,False,-1,4\n";
    let read = read_series(text.as_bytes(), "data.csv", &wanted, &Silent).unwrap();
    assert_eq!(read.panel.series[0].len(), 5);
    let shown = |column: usize| format!("{:?}", read.columns[0][column]);
    assert_eq!(shown(0), "[1.5, 2.0, NaN, NaN, -1.0]");
    assert_eq!(shown(1), "[1.0, 0.0, NaN, NaN, 0.0]");
}

#[test]
fn the_future_needs_no_value_and_may_be_of_all_series() {
    let wanted = wanted(&[("promo", ColumnKind::Number)]);
    let read = |text: &str| read_future(text.as_bytes(), "next.csv", &wanted, &Silent).unwrap();
    let both = read("unique_id,ds,promo\na,60,1\na,120,2\nb,60,3\n");
    assert_eq!(both[0].unique_id.as_deref(), Some("a"));
    assert_eq!((both[0].times.len(), both[0].columns[0].clone()), (2, vec![1.0, 2.0]));
    assert_eq!(both[1].columns[0], [3.0]);
    assert_eq!(read("ds,promo\n60,1\n")[0].unique_id, None);
}

#[test]
fn a_bad_column_beside_the_value_is_refused() {
    let refused = |text: &str, wanted: &[WantedColumn], rule: &str| {
        let error = read_series(text.as_bytes(), "data.csv", wanted, &Silent).unwrap_err();
        assert!(error.to_string().contains(rule), "{error}");
    };
    let promo = wanted(&[("promo", ColumnKind::Number)]);
    refused("ds,y\n1,1\n", &promo, "line 1: the column `promo` is missing, got `ds,y`");
    refused("ds,y,promo\n1,1,\n", &promo, "column `promo`: this column must have a value here");
    refused("ds,y,promo\n1,1,x\n", &promo, "column `promo`: the value must be a finite number");
    let flag = wanted(&[("open", ColumnKind::Flag)]);
    refused("ds,y,open\n1,1,2\n", &flag, "a condition must be true or false, got `2`");
    let text = "ds,y,cap,floor\n1,1,9,2\n2,1,2,2\n";
    refused(text, &capacity(), "line 3, column `cap`: the cap must be above the floor, got `2`");
    let above = wanted(&[("cap", ColumnKind::Above(5.0))]);
    refused("ds,y,cap\n1,1,5\n", &above, "the cap must be above the floor, got `5`");
    let below = wanted(&[("floor", ColumnKind::Below(5.0))]);
    refused("ds,y,floor\n1,1,5\n", &below, "the floor must be below the cap, got `5`");
}

#[test]
fn an_optional_column_may_be_missing() {
    let read = |text: &str| read_series(text.as_bytes(), "data.csv", &capacity(), &Silent);
    let columns = read("ds,y,cap\n1,1,9\n2,1,9\n").unwrap().columns;
    assert_eq!(columns[0], [vec![9.0, 9.0], vec![]]);
    let error = read("ds,y,cap\n1,1,0\n").unwrap_err().to_string();
    assert!(error.contains("column `cap`: the cap must be above the floor, got `0`"), "{error}");
}

#[test]
fn the_future_must_be_whole() {
    let wanted = wanted(&[("promo", ColumnKind::Number)]);
    let error = read_future("ds,promo\n60,\n".as_bytes(), "next.csv", &wanted, &Silent);
    let said = "`next.csv`, line 2, column `promo`: this column must have a value here, got ``";
    assert_eq!(error.unwrap_err().to_string(), said);
    let error = read_future("ds,promo,y\n60,1,2\n".as_bytes(), "next.csv", &wanted, &Silent);
    assert!(error.unwrap_err().to_string().contains("no other columns are known"));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(unique_id,)?ds,y\n([0-9a-z,.:\\-\n\"]{0,80})") {
        let _ = read_series(text.as_bytes(), "data.csv", &[], &Silent);
    }
}

/// Demand per minute of 08:00 to 08:04.
fn demand(text: &str) -> Result<DemandFrame, tidewright_core::PortError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    fetch(file.path())
}

fn fetch(path: &std::path::Path) -> Result<DemandFrame, tidewright_core::PortError> {
    let span =
        TimeSpan { start: moment("2026-11-20 08:00:00"), end: moment("2026-11-20 08:04:00") };
    let source = CsvSource::new(path);
    let request = DemandRequest { span, window_ms: 60_000 };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(source.fetch_demand(&request, &Silent))
}

fn column(demand: &DemandFrame, index: usize) -> Vec<Option<f64>> {
    let column = demand.frame.column(index).iter();
    column.map(|value| (!value.is_nan()).then_some(*value)).collect()
}

#[test]
fn rows_in_any_order_are_summed_per_window_and_the_rest_are_gaps() {
    let demand = demand(
        "PARTNER,requests,ds\nb,7,2026-11-20 08:03:00\na,2,2026-11-20 08:01:00\na,1,2026-11-20 08:00:00\n\
         a,9,2026-11-20 09:00:00\na,,2026-11-20 08:02:00\nb,6,2026-11-20 08:02:59\n",
    )
    .unwrap();
    assert_eq!(demand.frame.keys()[0], SeriesKey::new([("PARTNER", "a")]));
    assert_eq!(column(&demand, 0), [Some(1.0), Some(2.0), None, None]);
    assert_eq!(column(&demand, 1), [None, None, Some(6.0), Some(7.0)]);
    assert_eq!(demand.warnings, Vec::<String>::new());
}

#[test]
fn a_window_with_half_of_its_rows_is_a_gap_and_one_with_too_many_is_told() {
    let rows = ["00:00", "00:30", "01:00", "02:00", "02:30", "03:00", "03:10", "03:20"];
    let rows = rows.map(|time| format!("2026-11-20 08:{time},p,/a,5\n")).concat();
    let demand = demand(&format!("timestamp,PARTNER,PATH,value\n{rows}")).unwrap();
    assert_eq!(column(&demand, 0), [Some(10.0), None, Some(10.0), Some(15.0)]);
    assert!(demand.warnings[0].starts_with("1 windows hold more rows than usual"));
}

#[test]
fn rows_further_apart_than_the_windows_are_refused() {
    let error = demand("ds,P,y\n2026-11-20 08:00:00,a,1\n2026-11-20 08:02:00,a,1\n").unwrap_err();
    assert_eq!(error.kind(), PortErrorKind::Refused);
    assert!(
        error.to_string().ends_with("its rows lie `120` s apart, a window has `60` s"),
        "{error}"
    );
}

#[test]
fn a_bad_count_is_corrupt_and_names_its_line() {
    let error = demand("ds,P,y\n2026-11-20 08:00:00,a,-1\n").unwrap_err();
    assert_eq!(error.kind(), PortErrorKind::Corrupt);
    let cause = error.source().unwrap().to_string();
    assert!(
        cause.ends_with("line 2, column `y`: a count must not be negative, got `-1`"),
        "{cause}"
    );
}

#[test]
fn columns_named_as_signals_stand_beside_demand_and_an_empty_cell_is_not_known() {
    let demand = demand(
        "ds,PARTNER,requests,Rejected,cache_hits,over_limit\n\
         2026-11-20 08:00:00,a,9,0,,0\n2026-11-20 08:01:00,a,8,3,2,0\n\
         2026-11-20 08:02:00,a,,1,1,0\n2026-11-20 08:03:00,a,7,,1,0\n\
         2026-11-20 08:00:00,b,1,0,,0\n2026-11-20 08:01:00,b,1,0,5,0\n",
    )
    .unwrap();
    let key = |partner| SeriesKey::new([("PARTNER", partner)]);
    assert_eq!(demand.frame.keys(), [key("a"), key("b")]);
    let told = |signal, partner| match demand.signals.counts(signal, &key(partner)) {
        Known::Counts(counts) => {
            Some(counts.iter().map(|v| (!v.is_nan()).then_some(*v)).collect::<Vec<_>>())
        }
        other => {
            assert_eq!(other, Known::Zero);
            None
        }
    };
    assert_eq!(told(Signal::Rejected, "a").unwrap(), [Some(0.0), Some(3.0), None, None]);
    assert_eq!(told(Signal::CacheHits, "b").unwrap(), [None, Some(5.0), None, None]);
    assert_eq!((told(Signal::Rejected, "b"), told(Signal::OverLimit, "a")), (None, None));
    assert_eq!(demand.signals.counts(Signal::ServerErrors, &key("a")), Known::Unknown);
}

#[test]
fn a_signal_below_zero_names_its_column() {
    let error = demand("ds,P,y,rejected\n2026-11-20 08:00:00,a,1,-2\n").unwrap_err();
    let cause = error.source().unwrap().to_string();
    assert!(
        cause.ends_with("column `rejected`: a count must not be negative, got `-2`"),
        "{cause}"
    );
}

#[test]
fn a_file_without_descriptors_or_no_file_at_all_is_refused() {
    let error = demand("ds,y\n2026-11-20 08:00:00,1\n").unwrap_err();
    assert!(error.source().unwrap().to_string().contains("each descriptor key must have a column"));
    let error = fetch(std::path::Path::new("/nowhere/demand.csv")).unwrap_err();
    assert_eq!(error.kind(), PortErrorKind::Refused);
    assert_eq!(error.advice(), Some("check that the file is there, readable and whole"));
}
