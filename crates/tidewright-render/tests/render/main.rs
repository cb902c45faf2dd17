//! What a reader sees: every output of a rich, made-up run.

mod backtest;
mod fixture;
mod review;

use tidewright_core::{Axis, Explanation, Forecast, Grid, Levels, Member, SeriesKey, Timestamp};
use tidewright_render::{
    ForecastColumn, ForecastCsv, ForecastV1, ForecastView, PartUnit, Plot, PlotPart,
    REPORT_BYTES_MAX, Report, RunV1, UniqueId, explain, forecast_table, html, impact_table,
    markdown, plan_table, plot_html, plot_svg, replay_table, to_json, to_yaml, unified_diff,
};

/// The report of the fixture, in one of its forms.
fn report(render: fn(&Report<'_>) -> String) -> String {
    let (run, evidence) = fixture::run();
    let (old, new) = fixture::documents();
    let (diff, notes) = (unified_diff(&old, &new, "ratelimit-config.yaml"), fixture::notes());
    render(&Report {
        run: &run,
        evidence: &evidence,
        diff: Some(&diff),
        notes: &notes,
        discovery: None,
    })
}

#[test]
fn a_plan_reads_at_80_columns() {
    let table = plan_table(&fixture::run().0.plan, 80);
    insta::assert_snapshot!(table);
}

#[test]
fn a_plan_reads_at_160_columns() {
    insta::assert_snapshot!(plan_table(&fixture::run().0.plan, 160));
}

#[test]
fn a_replay_reads_at_80_columns() {
    insta::assert_snapshot!(replay_table(&fixture::run().0.plan, 80));
}

#[test]
fn an_impact_reads_at_80_columns() {
    insta::assert_snapshot!(impact_table(&fixture::run().0.plan, 80));
}

#[test]
fn a_raise_is_explained_line_by_line() {
    let (run, _) = fixture::run();
    insta::assert_snapshot!(explain(&run, &run.plan.proposals[0]));
}

#[test]
fn a_hold_at_the_replay_gate_is_explained_line_by_line() {
    let (run, _) = fixture::run();
    insta::assert_snapshot!(explain(&run, &run.plan.proposals[4]));
}

#[test]
fn a_hold_without_numbers_is_explained_too() {
    let (run, _) = fixture::run();
    insta::assert_snapshot!(explain(&run, &run.plan.proposals[10]));
}

#[test]
fn a_raise_that_waits_for_a_person_says_so_everywhere() {
    let (run, evidence) = fixture::suspect();
    let plan = &run.plan;
    let report = Report { run: &run, evidence: &evidence, diff: None, notes: &[], discovery: None };
    let page = html(&report);
    for part in ["What next", "limits approve", "counted 1,234 over the limit"] {
        assert!(page.contains(part), "the page lacks `{part}`");
    }
    assert!(markdown(&report).contains("; on approval 1,"));
    let texts = [plan_table(plan, 80), plan_table(plan, 160), explain(&run, &plan.proposals[0])];
    insta::assert_snapshot!(texts.join("\n=====\n\n"));
}

#[test]
fn a_raise_that_waits_for_a_person_is_stable_json() {
    insta::assert_snapshot!(to_json(&RunV1::from(&fixture::suspect().0)));
}

#[test]
fn a_report_reads_as_markdown() {
    insta::assert_snapshot!(report(markdown));
}

#[test]
fn a_run_is_stable_json() {
    let (mut run, _) = fixture::run();
    run.plan.proposals.truncate(5);
    insta::assert_snapshot!(to_json(&RunV1::from(&run)));
}

#[test]
fn a_run_is_stable_yaml() {
    let (mut run, _) = fixture::run();
    run.plan.proposals.drain(..9);
    insta::assert_snapshot!(to_yaml(&RunV1::from(&run)));
}

#[test]
fn the_page_shows_every_limit_and_loads_nothing() {
    // A name may break after its parts.
    let (page, (run, _)) = (report(html).replace("<wbr>", ""), fixture::run());
    for proposal in &run.plan.proposals[..9] {
        assert!(page.contains(&format!(">{}<", proposal.key.name())), "{}", proposal.key);
    }
    for outside in [" src=", "url(", "@import", "<link", "<iframe", " onclick", " style="] {
        assert!(!page.contains(outside), "the page holds `{outside}`");
    }
    let links = page.matches("href=\"#l").count();
    assert_eq!((links, page.matches("<article").count()), (24, 24));
}

#[test]
fn text_from_outside_is_never_markup() {
    let page = report(html);
    assert!(!page.contains("<b>*"));
    assert!(page.contains("wild &#60;b&#62;*|`x`&#60;/<wbr>b&#62;"));
}

#[test]
fn no_number_of_a_chart_is_broken() {
    let page = report(html);
    for word in ["NaN", "inf", "-0 "] {
        let charts = page.split("<svg class=\"chart\"").skip(1);
        let mut charts = charts.map(|chart| chart.split("</figure>").next().unwrap_or_default());
        assert!(charts.all(|chart| !chart.contains(word)), "a chart holds `{word}`");
    }
}

#[test]
fn a_history_of_gaps_is_drawn_as_one() {
    let (run, mut evidence) = fixture::run();
    for drawn in evidence.iter_mut().flatten() {
        drawn.forecast.clear();
        for bucket in &mut drawn.history {
            (bucket.min, bucket.max, bucket.masked) = (None, None, None);
        }
    }
    let page =
        html(&Report { run: &run, evidence: &evidence, diff: None, notes: &[], discovery: None });
    assert_eq!(page.matches("class=\"history\" d=\"\"").count(), 9);
    assert!(!page.contains("NaN") && !page.contains(">forecast</text>"));
}

#[test]
fn equal_runs_make_equal_bytes_whenever_they_started() {
    let (mut run, evidence) = fixture::run();
    let pages = [0, 999_999].map(|millis| {
        run.started = Timestamp::from_millis(millis);
        let report =
            Report { run: &run, evidence: &evidence, diff: None, notes: &[], discovery: None };
        (html(&report), markdown(&report), to_json(&RunV1::from(&run)))
    });
    assert_eq!(pages[0], pages[1]);
}

#[test]
fn a_thousand_limits_stay_below_five_megabytes() {
    let (run, evidence) = fixture::large(1000);
    let page =
        html(&Report { run: &run, evidence: &evidence, diff: None, notes: &[], discovery: None });
    assert!(page.len() <= REPORT_BYTES_MAX, "{} bytes", page.len());
    let full = page.matches("<article").count();
    assert!((100..1000).contains(&full), "{full} limits in full");
    assert_eq!(page.matches("<tr><th scope=\"row\"><a href=\"#l").count(), full);
}

#[test]
fn a_run_without_limits_is_still_a_page() {
    let (mut run, _) = fixture::run();
    run.plan.proposals.clear();
    let report = Report { run: &run, evidence: &[], diff: None, notes: &[], discovery: None };
    assert!(html(&report).ends_with("</html>\n"));
    assert!(markdown(&report).contains("0 limits: 0 raised"));
    assert!(impact_table(&run.plan, 80).ends_with("nothing changes\n"));
}

#[expect(clippy::unwrap_used, reason = "a fixture that cannot be made fails the test")]
fn forecasts() -> Vec<Forecast> {
    let grid = Grid::new(fixture::at(), 3_600_000, 3).unwrap();
    let levels = Levels::new(&[0.025, 0.1, 0.5, 0.9, 0.975]).unwrap();
    let forecast = |name: &str, by: f64| {
        let rows = [0.5, 0.75, 1.0, 1.25, 1.5]
            .map(|it| vec![10.0 * it * by, 20.5 * it * by, 4.0 * it * by]);
        let point = vec![10.0 * by, 20.5 * by, 4.0 * by];
        let key = SeriesKey::new([("unique_id", name)]);
        Forecast::new(key, Axis::Grid(grid), point, levels.clone(), rows.to_vec()).unwrap()
    };
    vec![forecast("a,b", 1.0), forecast("客户", 0.1)]
}

/// The rows of all of them, under one header.
fn csv(views: &[ForecastView<'_>], unique_id: UniqueId) -> String {
    let csv = ForecastCsv::of(views, unique_id);
    csv.header() + &views.iter().map(|view| csv.rows(view)).collect::<String>()
}

fn with_columns(forecast: &Forecast) -> ForecastView<'_> {
    let column = |name: &str, values| ForecastColumn { name: name.to_owned(), values };
    let columns = vec![
        column("trend", [10.0, 11.0, 12.0].as_slice()),
        column("trend_lower", [10.0, 10.5, 11.0].as_slice()),
        column("weekly", [0.25, -0.5, 1.0 / 3.0].as_slice()),
        column("weekly_lower", [0.25, -0.5, 1.0 / 3.0].as_slice()),
    ];
    ForecastView { columns, ..ForecastView::plain(forecast) }
}

#[test]
fn a_forecast_is_csv_in_the_fields_long_form() {
    let forecasts = forecasts();
    let views: Vec<ForecastView<'_>> = forecasts.iter().map(ForecastView::plain).collect();
    insta::assert_snapshot!(csv(&views, UniqueId::Shown));
}

#[test]
fn columns_beside_a_forecast_are_empty_where_a_series_has_none() {
    let forecasts = forecasts();
    let views = [with_columns(&forecasts[0]), ForecastView::plain(&forecasts[1])];
    insta::assert_snapshot!(csv(&views, UniqueId::Shown));
}

#[test]
fn a_forecast_without_names_has_no_column_for_them() {
    let forecasts = forecasts();
    let csv = csv(&[ForecastView::plain(&forecasts[0])], UniqueId::Absent);
    assert!(
        csv.starts_with("ds,mean,lo-80,hi-80,lo-95,hi-95\n2026-11-20T08:00:00Z,10,7.5,12.5,5,15\n")
    );
}

#[test]
fn a_forecast_reads_in_a_terminal() {
    let forecasts = forecasts();
    let views: Vec<ForecastView<'_>> = forecasts.iter().map(ForecastView::plain).collect();
    insta::assert_snapshot!(forecast_table(&views, UniqueId::Shown, 80));
}

#[test]
fn a_forecast_with_components_reads_in_a_terminal() {
    let forecasts = forecasts();
    insta::assert_snapshot!(forecast_table(&[with_columns(&forecasts[0])], UniqueId::Shown, 80));
}

#[test]
fn a_forecast_is_stable_json() {
    let forecasts = forecasts();
    let plain = ForecastV1::new(&ForecastView::plain(&forecasts[0]), UniqueId::Shown);
    insta::assert_snapshot!(to_json(&plain));
    let beside = to_json(&ForecastV1::new(&with_columns(&forecasts[0]), UniqueId::Shown));
    assert!(beside.contains("\"prophet\": {") && beside.contains("\"trend_lower\": ["), "{beside}");
}

#[test]
fn an_explanation_lists_the_models_by_weight_in_each_form() {
    let forecasts = forecasts();
    let member = |model: &str, weight, backtest_mase, description: &str| Member {
        model: model.to_owned(),
        weight,
        backtest_mase,
        description: description.to_owned(),
    };
    let arima = "ARIMA(2,1,1)(0,1,1)[24] with drift, chosen among 94 models by the corrected AIC";
    let explanation = Explanation {
        members: vec![
            member("arima", 0.75, Some(0.8125), arima),
            member("snaive", 0.25, None, "24"),
        ],
        sentences: vec!["the level rose by 40 % on 2026-11-02".to_owned()],
    };
    let view =
        ForecastView { explanation: Some(&explanation), ..ForecastView::plain(&forecasts[0]) };
    insta::assert_snapshot!(forecast_table(std::slice::from_ref(&view), UniqueId::Shown, 80));
    insta::assert_snapshot!(to_json(&ForecastV1::new(&view, UniqueId::Shown).explanation));
}

#[test]
fn a_series_without_a_forecast_says_why() {
    let forecasts = forecasts();
    let failed = ForecastV1::failed(forecasts[0].key(), "too short".to_owned(), UniqueId::Shown);
    let json = to_json(&failed);
    assert!(json.contains("\"unique_id\": \"a,b\"") && json.contains("\"error\": \"too short\""));
    assert!(json.contains("\"mean\": []"), "{json}");
}

/// Two days of hours, and the third as forecast, with a trend that bends and a day that comes again.
fn plot(forecast: &Forecast) -> Plot<'_> {
    let hour = |i: i64| fixture::at().plus_millis(3_600_000 * (i - 48));
    let history: Vec<_> = (0..48).map(|i| (hour(i), 10.0 + (i % 24) as f64)).collect();
    Plot { name: Some("a<b".to_owned()), fitted: history.clone(), history, forecast, parts: vec![] }
}

#[test]
fn a_picture_has_a_panel_for_the_forecast_and_one_for_each_part() {
    let forecasts = forecasts();
    let mut plot = plot(&forecasts[0]);
    let times: Vec<Timestamp> = plot.history.iter().map(|(at, _)| *at).collect();
    let (low, high): (Vec<f64>, Vec<f64>) = (vec![-0.1; 48], vec![0.1; 48]);
    let point = vec![0.05; 48];
    let part = |name, unit, period_days| PlotPart {
        name,
        unit,
        times: &times,
        point: &point,
        lower: &low,
        upper: &high,
        period_days,
    };
    plot.parts =
        vec![part("trend", PartUnit::Value, None), part("daily", PartUnit::Share, Some(1.0))];
    insta::assert_snapshot!(plot_svg(&[plot.clone()], &["One of 2 series is drawn.".to_owned()]));
    let page = plot_html(&[plot], &[]);
    assert_eq!(page.matches("class=\"plot\"").count(), 3);
    assert!(page.contains("<h3>a&#60;b</h3>"), "{page}");
    assert!(!page.contains("http:") && !page.contains("<script"), "a page loads nothing");
}

#[test]
fn a_long_history_is_cut_so_that_the_forecast_can_be_seen() {
    let forecasts = forecasts();
    let mut plot = plot(&forecasts[0]);
    assert!(!plot_svg(&[plot.clone()], &[]).contains("Only the last part"));
    plot.history.insert(0, (Timestamp::from_secs(0), 1e9));
    let picture = plot_svg(&[plot], &[]);
    assert!(picture.contains("Only the last part of the history of 49 points"));
    assert!(!picture.contains("1.0e9"), "what is not drawn does not stretch the scale");
}

#[test]
fn a_picture_of_nothing_and_of_one_point_is_a_picture() {
    let levels = Levels::new(&[0.5]).unwrap();
    for len in [0, 1] {
        let axis = Axis::Grid(Grid::new(fixture::at(), 1000, len).unwrap());
        let forecast = Forecast::new(
            SeriesKey::default(),
            axis,
            vec![5.0; len],
            levels.clone(),
            vec![vec![5.0; len]],
        )
        .unwrap();
        let plot = Plot {
            name: None,
            history: vec![],
            fitted: vec![],
            forecast: &forecast,
            parts: vec![],
        };
        let picture = plot_svg(&[plot], &[]);
        assert!(picture.starts_with("<svg") && !picture.contains("NaN"), "{picture}");
    }
}
