//! What a forecast is, and what is said where there is none.

use tidewright_core::{
    Axis, CalendarUnit, Grid, SeasonalityMode, SeriesKey, Silent, Timestamp, Zone,
};
use tidewright_models::prophet::{Growth, Intervals, Regressor, Standardize};

use super::*;

const HOUR_MS: i64 = 3_600_000;

fn order(model: ForecastModel, steps: usize) -> ForecastOrder {
    ForecastOrder {
        ahead: Ahead::steps(steps),
        season: None,
        model,
        settings: Settings::automatic(SeasonalityMode::Additive),
        components: None,
        data_range: None,
        models: Wanted::None,
    }
}

fn wave(hour: i64) -> f64 {
    100.0 + 10.0 * (hour as f64 / 24.0 * std::f64::consts::TAU).sin()
}

fn series(id: &str, axis: &Axis) -> Series {
    let value = |i: usize| wave(axis.timestamp(i).as_millis() / HOUR_MS);
    let values = (0..axis.len()).map(value).collect();
    Series::new(SeriesKey::new([("unique_id", id)]), axis.clone(), values).unwrap()
}

fn hours(len: usize) -> Axis {
    Axis::Grid(Grid::new(Timestamp::from_secs(0), HOUR_MS, len).unwrap())
}

fn alone(axis: &Axis) -> Histories {
    Histories { panel: Panel { series: vec![series("a", axis)] }, covariates: vec![] }
}

fn check(axis: &Axis, steps: usize, model: ForecastModel) -> Forecast {
    forecast(&alone(axis), &order(model, steps), &Silent)
        .unwrap()
        .series
        .remove(0)
        .unwrap()
        .forecast
}

fn refused(histories: &Histories, order: &ForecastOrder) -> String {
    forecast(histories, order, &Silent).unwrap().series.remove(0).unwrap_err().error.to_string()
}

#[test]
fn a_forecast_goes_on_where_the_history_ends() {
    let found = check(&hours(240), 24, ForecastModel::Auto);
    assert_eq!(found.axis().timestamp(0), Timestamp::from_secs(240 * 3600));
    let near = |(i, value): (usize, &f64)| (value - wave(240 + i as i64)).abs() < 1.0;
    assert!(found.point().iter().enumerate().all(near));
}

#[test]
fn months_go_on_as_months() {
    let axis = Axis::calendar(CalendarUnit::Month, &Zone::utc(), Timestamp::from_secs(0), 40);
    let found = check(&axis, 3, ForecastModel::Prophet);
    assert_eq!(found.axis().timestamp(0).to_string(), "1973-05-01T00:00:00Z");
    assert_eq!(found.axis().timestamp(2).to_string(), "1973-07-01T00:00:00Z");
}

#[test]
fn irregular_series_go_on_at_their_usual_step() {
    let moments = [0, 60, 120, 190, 240, 300].map(Timestamp::from_secs).to_vec();
    let found =
        check(&Axis::irregular(moments).unwrap(), 2, ForecastModel::Named("seasonal-naive"));
    assert_eq!(found.axis().timestamp(0), Timestamp::from_secs(360));
}

#[test]
fn series_of_one_grid_and_others_come_back_in_their_order() {
    let axes = [hours(240), hours(250), hours(240), hours(96)];
    let ids = ["a", "b", "c", "d"];
    let series = ids.iter().zip(&axes).map(|(id, axis)| series(id, axis)).collect();
    let histories = Histories { panel: Panel { series }, covariates: vec![] };
    let result = forecast(&histories, &order(ForecastModel::Prophet, 3), &Silent).unwrap();
    let keys =
        result.series.iter().flatten().map(|it| it.forecast.key().label("unique_id").unwrap());
    assert_eq!(keys.collect::<Vec<_>>(), ids);
    assert_eq!((result.timings.series, result.timings.points), (4, 826));
    // By a plan or without one: the same optimum.
    let single = check(&hours(240), 3, ForecastModel::Prophet);
    for (shared, own) in
        result.series[0].as_ref().unwrap().forecast.point().iter().zip(single.point())
    {
        assert!((shared - own).abs() < 1e-6, "{shared} {own}");
    }
}

#[test]
fn a_forecast_never_leaves_the_data_range() {
    let range = DataRange { min: 95.0, max: 105.0 };
    let mut order = order(ForecastModel::Prophet, 48);
    order.data_range = Some(range);
    order.components = Some(Uncertainty { interval_width: 0.99, method: Intervals::Exact });
    let made = forecast(&alone(&hours(240)), &order, &Silent).unwrap().series.remove(0).unwrap();
    let inside = |value: &f64| (range.min..=range.max).contains(value);
    assert!(made.forecast.point().iter().all(inside));
    assert!(made.forecast.quantile(0.975).unwrap().iter().all(inside));
    let components = made.components.unwrap();
    let yhat = components.column("yhat").unwrap();
    assert!(yhat.lower.iter().chain(&yhat.upper).all(inside));
    assert!(yhat.point.contains(&range.max), "something was held");
}

#[test]
fn a_regressor_is_looked_up_in_the_known_future() {
    let axis = hours(96);
    let promo = |hour: i64| f64::from(u8::from(hour % 5 == 0));
    let values = (0..96).map(|hour| 10.0 + 7.0 * promo(hour)).collect();
    let series = Series::new(SeriesKey::new([("unique_id", "a")]), axis, values).unwrap();
    let column = |hours: std::ops::Range<i64>| hours.map(promo).collect::<Vec<f64>>();
    let histories = Histories {
        panel: Panel { series: vec![series] },
        covariates: vec![Covariates::none().with("promo", column(0..96))],
    };
    let mut order = order(ForecastModel::Prophet, 10);
    order.settings = Settings::new(SeasonalityMode::Additive);
    order.settings.regressors = vec![Regressor {
        name: "promo".to_owned(),
        prior_scale: 10.0,
        standardize: Standardize::Auto,
        mode: SeasonalityMode::Additive,
    }];
    assert_eq!(refused(&histories, &order), "cannot forecast `a`");
    // More rows than steps, as files have them.
    let times = (96..120).map(|hour| Timestamp::from_millis(hour * HOUR_MS)).collect();
    let rows = (times, Covariates::none().with("promo", column(96..120)));
    order.ahead.known = KnownFuture { common: Some(rows), ..KnownFuture::default() };
    let made = forecast(&histories, &order, &Silent).unwrap().series.remove(0).unwrap();
    for (value, hour) in made.forecast.point().iter().zip(96..106) {
        assert!((value - 10.0 - 7.0 * promo(hour)).abs() < 0.2, "{hour} {value}");
    }
    // Without a number of steps, all its rows.
    order.ahead.reach = Reach::Rows;
    let made = forecast(&histories, &order, &Silent).unwrap().series.remove(0).unwrap();
    assert_eq!(made.forecast.axis().len(), 24);
}

#[test]
fn a_known_future_without_a_series_or_a_moment_is_named() {
    let mut order = order(ForecastModel::Prophet, 2);
    let rows = (vec![Timestamp::from_secs(96 * 3600)], Covariates::none());
    order.ahead.known.place = "next.csv".to_owned();
    order.ahead.known.by_series.insert("b".to_owned(), rows.clone());
    assert_eq!(refused(&alone(&hours(96)), &order), "`next.csv` has no row of `a`");
    order.ahead.known.by_series.insert("a".to_owned(), rows);
    let said = "`next.csv` has no row of `a` at `1970-01-05T01:00:00Z`";
    assert_eq!(refused(&alone(&hours(96)), &order), said);
}

#[test]
fn a_constant_capacity_holds_in_the_future_too() {
    let axis = hours(200);
    let mut histories = alone(&axis);
    histories.covariates = vec![Covariates::none().with("cap", vec![130.0; 200])];
    let mut order = order(ForecastModel::Prophet, 24);
    order.settings.growth = Growth::Logistic;
    order.ahead.known.constants = vec![("cap".to_owned(), 130.0)];
    order.models = Wanted::At(vec![0]);
    let made = forecast(&histories, &order, &Silent).unwrap().series.remove(0).unwrap();
    assert!(made.forecast.point().iter().all(|value| *value < 130.0));
    assert_eq!(
        made.model.unwrap().fitted.prophet().unwrap().fit().settings().growth,
        Growth::Logistic
    );
}

#[test]
fn a_stopped_forecast_is_none() {
    #[derive(Debug)]
    struct Stopped;
    impl Progress for Stopped {
        fn begin(&self, _: &'static str, _: u64) {}
        fn advance(&self, _: u64) {}
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let stopped = forecast(&alone(&hours(96)), &order(ForecastModel::Auto, 2), &Stopped);
    assert!(matches!(stopped, Err(EngineError::Cancelled)));
}

#[test]
fn saved_models_go_on_as_the_fitted_ones_would() {
    let months = Axis::calendar(CalendarUnit::Month, &Zone::utc(), Timestamp::from_secs(0), 40);
    let series = vec![series("a", &hours(240)), series("b,ü", &months)];
    let histories = Histories { panel: Panel { series }, covariates: vec![] };
    let mut order = order(ForecastModel::Prophet, 5);
    order.models = Wanted::All;
    let fresh = forecast(&histories, &order, &Silent).unwrap();
    let constants = vec![("cap".to_owned(), 9.5)];
    let bytes = SavedModels::of(fresh.series.iter().flatten(), constants.clone()).encode();
    let saved = SavedModels::decode(&bytes).unwrap();
    assert_eq!((saved.fitted().len(), &saved.constants), (2, &constants));
    let later = forecast_saved(&saved, &order, &Silent).unwrap();
    for (fresh, later) in fresh.series.iter().flatten().zip(later.series.iter().flatten()) {
        assert_eq!(later.forecast.key(), fresh.forecast.key());
        assert_eq!(later.forecast.axis(), fresh.forecast.axis());
        assert_eq!(later.forecast.point(), fresh.forecast.point());
        assert_eq!(later.forecast.quantile(0.9), fresh.forecast.quantile(0.9));
    }
    assert_eq!((later.timings.series, later.timings.points), (2, 280));
}

#[test]
fn whatever_is_no_file_of_models_is_refused_by_what_it_is() {
    let mut order = order(ForecastModel::Prophet, 1);
    order.models = Wanted::All;
    let made = forecast(&alone(&hours(72)), &order, &Silent).unwrap().series;
    let bytes = SavedModels::of(made.iter().flatten(), vec![]).encode();
    assert_eq!(SavedModels::decode(b"ds,y\n").unwrap_err(), SavedError::NotModels);
    for cut in [8, 11, 12, 40, bytes.len() - 1] {
        assert_eq!(SavedModels::decode(&bytes[..cut]).unwrap_err(), SavedError::Damaged, "{cut}");
    }
    for place in [12, 60, bytes.len() / 2, bytes.len() - 1] {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1;
        assert_eq!(SavedModels::decode(&bytes).unwrap_err(), SavedError::Damaged, "{place}");
    }
    let mut later = bytes;
    later[8] = 3;
    let refused = SavedError::Version { found: 3, known: 2 };
    assert_eq!(SavedModels::decode(&later).unwrap_err(), refused);
}

#[test]
fn a_bad_series_costs_no_other_its_forecast() {
    let axis = hours(240);
    let gaps = Series::new(SeriesKey::new([("unique_id", "b")]), axis.clone(), vec![f64::NAN; 240]);
    let series = vec![series("a", &axis), gaps.unwrap(), series("c", &axis)];
    let histories = Histories { panel: Panel { series }, covariates: vec![] };
    for model in ForecastModel::names().filter_map(ForecastModel::of) {
        let result = forecast(&histories, &order(model, 3), &Silent).unwrap();
        let [first, failed, last] = &result.series[..] else { panic!("one of each") };
        assert!(first.is_ok() && last.is_ok(), "{model:?}");
        let failed = failed.as_ref().unwrap_err();
        assert_eq!(failed.key.label("unique_id"), Some("b"));
        assert_eq!(failed.error.to_string(), "cannot forecast `b`", "{model:?}");
    }
}

#[test]
fn every_model_is_saved_and_goes_on_as_the_fitted_one_would() {
    for model in ForecastModel::names().filter_map(ForecastModel::of) {
        let mut order = order(model, 5);
        order.models = Wanted::All;
        let fresh = forecast(&alone(&hours(240)), &order, &Silent).unwrap();
        let bytes = SavedModels::of(fresh.series.iter().flatten(), vec![]).encode();
        let saved = SavedModels::decode(&bytes).unwrap();
        let later = forecast_saved(&saved, &order, &Silent).unwrap();
        let told = |result: &ForecastResult| {
            let made = result.series[0].as_ref().unwrap();
            (made.forecast.point().to_vec(), made.explanation.clone())
        };
        assert_eq!(told(&later), told(&fresh), "{model:?}");
        assert_eq!(later.timings.points, 240);
    }
}

#[test]
fn a_span_is_as_many_steps_as_cover_it() {
    let mut order = order(ForecastModel::Prophet, 1);
    order.ahead.reach = Reach::Span(std::time::Duration::from_secs(86_400));
    let result = forecast(&alone(&hours(240)), &order, &Silent).unwrap();
    assert_eq!(result.series[0].as_ref().unwrap().forecast.axis().len(), 24);
    order.ahead.reach = Reach::Span(std::time::Duration::from_secs(4_000_000_000));
    let said = "cannot forecast `a` over `1111112` steps, `1000000` are the most";
    assert_eq!(refused(&alone(&hours(240)), &order), said);
}

#[test]
fn series_of_one_step_teach_one_another_and_no_other() {
    let minutes =
        Axis::Grid(Grid::new(Timestamp::from_secs(0), HOUR_MS / 60, 500).expect("a grid"));
    let axes = [hours(240), minutes, hours(250), hours(300)];
    let ids = ["a", "b", "c", "d"];
    let series = ids.iter().zip(&axes).map(|(id, axis)| series(id, axis)).collect();
    let histories = Histories { panel: Panel { series }, covariates: vec![] };
    let model = ForecastModel::of("pooled-regression").unwrap();
    let found = forecast(&histories, &order(model, 12), &Silent).unwrap().series;
    for (made, taught_by) in found.into_iter().zip([3, 1, 3, 3]) {
        let told = made.unwrap().explanation.members.remove(0).description;
        assert!(told.ends_with(&format!("learned from {taught_by} series")), "{told}");
    }
}

#[test]
fn what_is_learned_together_is_the_same_on_any_number_of_threads() {
    let all = (0..20).map(|i| series(&i.to_string(), &hours(200 + i))).collect();
    let histories = Histories { panel: Panel { series: all }, covariates: vec![] };
    let model = ForecastModel::of("pooled-regression").unwrap();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let made = pool.install(|| forecast(&histories, &order(model, 12), &Silent)).unwrap();
        let points = made.series.into_iter().map(|it| it.unwrap().forecast.point().to_vec());
        points.collect::<Vec<_>>()
    };
    assert_eq!(on(1), on(3));
}
