//! Tests of what a run has seen beside its decisions.

use tidewright_core::{
    DemandFrame, DemandMethod, Discovery, Frame, Grid, Limit, LimitKey, SeriesKey, Setting,
    Signals, Timestamp, Unit,
};

use super::discover;
use crate::case::Case;

const MINUTES: usize = 4 * 1440;

/// A partner, a path, and what is counted in each minute.
type Told<'a> = (&'a str, &'a str, &'a dyn Fn(usize) -> f64);

/// Four days of demand; each series says what it counts in each minute.
fn demand(series: &[Told<'_>]) -> DemandFrame {
    let grid = Grid::new(Timestamp::from_secs(86_400 * 1000), 60_000, MINUTES).unwrap();
    let keys = series
        .iter()
        .map(|(partner, path, _)| SeriesKey::new([("PARTNER", *partner), ("PATH", *path)]));
    let values = series.iter().flat_map(|(.., count)| (0..MINUTES).map(count));
    DemandFrame {
        frame: Frame::new(grid, keys.collect(), values.collect()).unwrap(),
        method: DemandMethod::File,
        method_note: String::new(),
        scrape_interval_ms: None,
        warnings: Vec::new(),
        includes_rejected: true,
        signals: Signals::default(),
    }
}

fn case(path: &[(&str, Option<&str>)], number: u32, unit: Unit) -> Case {
    Case {
        key: LimitKey::new("edge", path.iter().copied()),
        current: Some(Setting::Limited(Limit { requests_per_unit: number, unit })),
        unit,
        shadow_mode: false,
        shares: false,
        held: None,
    }
}

fn pair(partner: &'static str, path: &'static str, number: u32) -> Case {
    case(&[("PARTNER", Some(partner)), ("PATH", Some(path))], number, Unit::Minute)
}

fn names<'a>(keys: impl IntoIterator<Item = &'a LimitKey>) -> Vec<String> {
    keys.into_iter().map(LimitKey::name).collect()
}

fn found() -> Discovery {
    let demand = demand(&[
        ("a", "/busy", &|minute| if minute % 1440 < 10 { 150.0 } else { 50.0 }),
        ("a", "/calm", &|_| 20.0),
        ("a", "/once", &|minute| if minute == 5 { 900.0 } else { 60.0 }),
        ("b", "/few", &|minute| if minute < 1440 { 1.0 } else { f64::NAN }),
        ("b", "/many", &|_| 9.0),
    ]);
    discover(
        &demand,
        &[
            pair("a", "/busy", 100),
            pair("a", "/calm", 100),
            pair("a", "/once", 100),
            pair("a", "/gone", 100),
            case(&[("TENANT", Some("x"))], 5, Unit::Minute),
            case(&[("PARTNER", Some("a"))], 5, Unit::Second),
        ],
    )
}

#[test]
fn each_limit_stands_in_the_list_that_fits_it() {
    let found = found();
    assert_eq!(names(&found.idle), ["a:/gone"]);
    assert_eq!(names(found.never_near.iter().map(|it| &it.key)), ["a:/calm"]);
    assert_eq!(names(found.hit_daily.iter().map(|it| &it.key)), ["a:/busy"]);
    let busy = &found.hit_daily[0];
    assert_eq!((busy.days_hit, busy.days, busy.above), (4, 4, 4.0 * 10.0 * 50.0));
    assert!((found.days - 4.0).abs() < 1e-9);
}

#[test]
fn traffic_without_a_limit_is_ranked_by_requests() {
    let found = found();
    assert_eq!(names(found.strangers.iter().map(|it| &it.key)), ["b:/many", "b:/few"]);
    assert_eq!((found.strangers[1].active_days, found.strangers[1].peak), (1, 1.0));
}

#[test]
fn hourly_limits_are_judged_by_the_hour() {
    let demand = demand(&[("a", "/x", &|_| 10.0)]);
    let path = [("PARTNER", Some("a")), ("PATH", Some("/x"))];
    let found = discover(&demand, &[case(&path, 500, Unit::Hour)]);
    assert_eq!((found.hit_daily.len(), found.hit_daily[0].days_hit), (1, 4));
    let found = discover(&demand, &[case(&path, 5000, Unit::Hour)]);
    assert_eq!(found.never_near.len(), 1);
}
