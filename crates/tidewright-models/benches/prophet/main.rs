//! What fits and forecasts cost, beside what was wanted: microseconds of one thread's processor time per series, medians
//! of rounds over a thousand different series, so that values come from memory and not from a cache.
//!
//! `cargo bench -p tidewright-models --bench prophet [-- PART OF A ROW'S NAME]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

mod traffic;

use std::hint::black_box;

use cpu_time::ThreadTime;
use tidewright_core::{Axis, Grid, Horizon, Levels, SeasonalityMode, Series, SeriesKey, Timestamp};
use tidewright_models::Prophet;
use tidewright_models::prophet::{Band, BandedValues, GridPlan, Settings, Sliding, fit_rows};

const SERIES: u64 = 1000;
const WEEK: usize = 10_080;
const MONTH: usize = 720;
const MINUTE_MS: i64 = 60_000;
const ROUNDS: usize = 9;
/// Rows by which a window moves.
const SLIDE: usize = 5;
const MODES: [SeasonalityMode; 2] = [SeasonalityMode::Additive, SeasonalityMode::Multiplicative];

/// What was wanted of a row, in microseconds: at least, and the aim.
type Bars = Option<(f64, f64)>;

/// How a series is made from a seed and a length.
type Make = fn(u64, usize) -> Vec<f64>;

struct Bench {
    /// Only rows whose name contains this.
    wanted: Option<String>,
    missed: Vec<String>,
}

impl Bench {
    /// Measures rounds of `count` series each, if the row is asked for: `prepare` makes what a round needs.
    fn row<R: FnMut(usize)>(
        &mut self,
        name: &str,
        bars: Bars,
        count: usize,
        prepare: impl FnOnce() -> R,
    ) {
        if self.wanted.as_ref().is_some_and(|wanted| !name.contains(wanted)) {
            return;
        }
        let mut round = prepare();
        let mut measure = |number: usize| {
            let started = ThreadTime::now();
            round(number);
            started.elapsed().as_secs_f64() * 1e6 / count as f64
        };
        let mut rounds: Vec<f64> = (0..ROUNDS).map(&mut measure).collect();
        rounds.sort_by(f64::total_cmp);
        let micros = rounds[ROUNDS / 2];
        let bar = bars.map_or(String::new(), |(least, aim)| format!("{least:>8} {aim:>8}"));
        println!("{name:<62} {micros:>9.2} {bar}");
        if bars.is_some_and(|(least, _)| micros > least) {
            self.missed.push(name.to_owned());
        }
    }

    /// Cold fits, each of another series.
    fn fits(
        &mut self,
        name: &str,
        bars: Bars,
        plan: &GridPlan,
        series: impl FnOnce() -> Vec<Vec<f64>>,
    ) {
        self.row(name, bars, SERIES as usize, || {
            let series = series();
            move |_| series.iter().for_each(|values| drop(black_box(plan.fit(black_box(values)))))
        });
    }
}

fn many(make: Make, len: usize) -> Vec<Vec<f64>> {
    (0..SERIES).map(|seed| make(seed, len)).collect()
}

fn grid(step_ms: i64, len: usize) -> Grid {
    Grid::new(Timestamp::from_secs(1_700_000_000), step_ms, len).expect("a positive step")
}

/// A week of minutes with a daily season, as Prophet takes it by itself.
fn week(mode: SeasonalityMode) -> GridPlan {
    GridPlan::new(grid(MINUTE_MS, WEEK), &Settings::new(mode).daily())
}

fn main() {
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let mut bench = Bench { wanted, missed: Vec::new() };
    println!("{:<62} {:>9} {:>8} {:>8}", "microseconds per series", "found", "least", "aim");
    let bars = |mode, additive, multiplicative| {
        Some(if mode == SeasonalityMode::Additive { additive } else { multiplicative })
    };
    for mode in MODES {
        cold(
            &mut bench,
            mode,
            ("seed-like", traffic::seed_like),
            bars(mode, (25.0, 8.0), (80.0, 30.0)),
        );
        cold(&mut bench, mode, ("rich", traffic::rich), bars(mode, (60.0, 25.0), (120.0, 50.0)));
        slides(&mut bench, mode, bars(mode, (15.0, 5.0), (35.0, 15.0)));
        let hours = GridPlan::new(grid(3_600_000, MONTH), &Settings::new(mode).daily().weekly());
        let name = format!("cold fit, 720 hours, rich, {mode:?}, daily and weekly");
        let month = || many(traffic::rich, MONTH);
        bench.fits(&name, bars(mode, (20.0, 8.0), (60.0, 30.0)), &hours, month);
        for (kind, make) in [("seed-like", traffic::seed_like as Make), ("rich", traffic::rich)] {
            let name = format!("cold fit, 5 % missing, {kind} week, {mode:?}");
            let gappy = || {
                let each = many(make, WEEK).into_iter().enumerate();
                each.map(|(i, values)| traffic::with_gaps(&values, i as u64)).collect()
            };
            bench.fits(&name, Some((100.0, 40.0)), &week(mode), gappy);
        }
        irregular(&mut bench, mode);
        robust(&mut bench, mode);
        ahead(&mut bench, mode);
    }
    bench.row("a band's law", None, 1, || |_| drop(black_box(Band::new(0.8))));
    bench.row("a plan for a week, multiplicative", None, 1, || {
        |_| drop(black_box(week(SeasonalityMode::Multiplicative)))
    });
    bench.missed.iter().for_each(|name| println!("above its bar: {name}"));
}

/// Weeks of minutes, with the daily season that Prophet takes by itself, and with a weekly one forced upon it.
fn cold(bench: &mut Bench, mode: SeasonalityMode, (kind, make): (&str, Make), bars: Bars) {
    let name = format!("cold fit, {kind} week, {mode:?}");
    bench.fits(&name, bars, &week(mode), || many(make, WEEK));
    let forced = GridPlan::new(grid(MINUTE_MS, WEEK), &Settings::new(mode).daily().weekly());
    let bars = bars.filter(|_| mode == SeasonalityMode::Additive);
    bench.fits(&format!("{name}, weekly forced"), bars, &forced, || many(make, WEEK));
}

/// Windows that move on by five rows each round.
fn slides(bench: &mut Bench, mode: SeasonalityMode, bars: Bars) {
    for (kind, make) in [("seed-like", traffic::seed_like as Make), ("rich", traffic::rich)] {
        let plan = week(mode);
        let name = format!("slide by {SLIDE}, {kind} week, {mode:?}");
        bench.row(&name, bars, SERIES as usize, || {
            let series = many(make, WEEK + ROUNDS * SLIDE);
            let begin = |values: &Vec<f64>| Sliding::new(&plan, &values[..WEEK]).expect("a fit");
            let mut windows: Vec<Sliding> = series.iter().map(begin).collect();
            let plan = &plan;
            move |round| {
                for (window, values) in windows.iter_mut().zip(&series) {
                    let values = &values[round * SLIDE..][..WEEK + SLIDE];
                    black_box(window.advance(plan, values).expect("a fit"));
                }
            }
        });
    }
}

/// Rows at moments of their own: the generic path.
fn irregular(bench: &mut Bench, mode: SeasonalityMode) {
    let settings = Settings::new(mode).daily();
    let name = format!("cold fit, {WEEK} irregular rows, {mode:?}");
    bench.row(&name, Some((1000.0, 150.0)), 100, || {
        let times: Vec<Timestamp> = (0..WEEK as i64)
            .map(|i| Timestamp::from_millis(1_700_000_000_000 + i * MINUTE_MS + i * 7919 % 50_000))
            .collect();
        let series: Vec<Vec<f64>> = (0..100).map(|seed| traffic::seed_like(seed, WEEK)).collect();
        move |_| {
            for values in &series {
                drop(black_box(fit_rows(&times, black_box(values), &settings)));
            }
        }
    });
}

/// Fits that spikes do not bend.
fn robust(bench: &mut Bench, mode: SeasonalityMode) {
    let bars = (mode == SeasonalityMode::Additive).then_some((500.0, 120.0));
    for (kind, make) in [("seed-like", traffic::seed_like as Make), ("rich", traffic::rich)] {
        bench.row(&format!("robust fit, {kind} week, {mode:?}"), bars, 100, || {
            let series: Vec<Vec<f64>> = (0..100).map(|seed| make(seed, WEEK)).collect();
            let plan = week(mode);
            move |_| {
                series
                    .iter()
                    .for_each(|values| drop(black_box(plan.fit_robust(black_box(values)))));
            }
        });
    }
}

/// The next day of minutes: with Prophet's band, and with every quantile of a forecast.
fn ahead(bench: &mut Bench, mode: SeasonalityMode) {
    let (plan, name) = (week(mode), format!("forecast of 1,440 points, {mode:?}"));
    let day = plan.grid().following(1440);
    let series = || many(traffic::rich, WEEK);
    bench.row(&format!("{name}, with band"), Some((15.0, 5.0)), SERIES as usize, || {
        let fits: Vec<_> = series().iter().map(|values| plan.fit(values).expect("a fit")).collect();
        let ahead = plan.ahead(day, Band::new(0.8).expect("a share"));
        let mut out = BandedValues::default();
        move |_| fits.iter().for_each(|fit| ahead.forecast_into(black_box(fit), &mut out))
    });
    let settings = plan.settings().clone();
    bench.row(&format!("{name}, 13 quantiles"), None, SERIES as usize, || {
        let (model, key) = (Prophet { settings }, SeriesKey::new([("path", "/")]));
        let axis = Axis::Grid(*plan.grid());
        let fit = |values: Vec<f64>| {
            let series = Series::new(key.clone(), axis.clone(), values).expect("a series");
            model.fit_on(&plan, &series).expect("a fit")
        };
        let fits: Vec<_> = series().into_iter().map(fit).collect();
        let horizon = Horizon { axis: Axis::Grid(day) };
        move |_| {
            for fit in &fits {
                drop(black_box(fit.predict(&horizon, &Levels::default())));
            }
        }
    });
}
