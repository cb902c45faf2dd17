//! What fits and forecasts cost, beside what was wanted: processor time of one thread, medians of rounds over many
//! different series, so that values come from memory and not from a cache.
//!
//! `cargo bench -p tidewright-models --bench prophet [-- PART OF A ROW'S NAME]`

mod traffic;

use std::hint::black_box;

use cpu_time::ThreadTime;
use tidewright_core::{Grid, SeasonalityMode, Timestamp};
use tidewright_models::prophet::{GridPlan, Settings};

const WEEK: usize = 10_080;
const ROUNDS: usize = 9;

/// A measured row: microseconds per series, and what was wanted.
struct Row {
    name: String,
    micros: f64,
    bars: Option<(f64, f64)>,
}

struct Bench {
    wanted: Option<String>,
    rows: Vec<Row>,
}

impl Bench {
    /// Measures `each` over all `items`, the median of rounds.
    fn row<T>(
        &mut self,
        name: &str,
        bars: Option<(f64, f64)>,
        items: &[T],
        mut each: impl FnMut(&T),
    ) {
        if self.wanted.as_ref().is_some_and(|wanted| !name.contains(wanted)) {
            return;
        }
        let mut rounds: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let started = ThreadTime::now();
                items.iter().for_each(&mut each);
                started.elapsed().as_secs_f64() * 1e6 / items.len() as f64
            })
            .collect();
        rounds.sort_by(f64::total_cmp);
        let micros = rounds[ROUNDS / 2];
        let bar = bars.map_or(String::new(), |(least, aim)| format!("{least:>8} {aim:>8}"));
        println!("{name:<58} {micros:>9.2} {bar}");
        self.rows.push(Row { name: name.to_owned(), micros, bars });
    }
}

fn plan(len: usize, mode: SeasonalityMode, weekly: bool) -> GridPlan {
    let grid =
        Grid::new(Timestamp::from_secs(1_700_000_000), 60_000, len).expect("a positive step");
    let settings = Settings::new(mode).daily();
    GridPlan::new(grid, &if weekly { settings.weekly() } else { settings })
}

fn main() {
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let mut bench = Bench { wanted, rows: Vec::new() };
    println!(
        "{:<58} {:>9} {:>8} {:>8}",
        "microseconds of processor time per series", "found", "least", "aim"
    );
    let kinds =
        [("seed-like", traffic::seed_like as fn(u64, usize) -> Vec<f64>), ("rich", traffic::rich)];
    for (kind, make) in kinds {
        let series: Vec<Vec<f64>> = (0..1000).map(|seed| make(seed, WEEK)).collect();
        for (mode, bars) in [
            (SeasonalityMode::Additive, if kind == "rich" { (60.0, 25.0) } else { (25.0, 8.0) }),
            (
                SeasonalityMode::Multiplicative,
                if kind == "rich" { (120.0, 50.0) } else { (80.0, 30.0) },
            ),
        ] {
            for weekly in [false, true] {
                let plan = plan(WEEK, mode, weekly);
                let seasons = if weekly { "daily + weekly" } else { "daily" };
                let name = format!("cold fit, {kind} week, {mode:?}, {seasons}");
                bench.row(&name, Some(bars), &series, |values| {
                    black_box(plan.fit(black_box(values))).ok();
                });
            }
        }
        let gappy: Vec<Vec<f64>> =
            series.iter().enumerate().map(|(i, v)| traffic::with_gaps(v, i as u64)).collect();
        for mode in [SeasonalityMode::Additive, SeasonalityMode::Multiplicative] {
            let plan = plan(WEEK, mode, false);
            let name = format!("5 % missing, {kind} week, {mode:?}, daily");
            bench.row(&name, Some((100.0, 40.0)), &gappy, |values| {
                black_box(plan.fit(black_box(values))).ok();
            });
        }
    }
    let month: Vec<Vec<f64>> = (0..1000).map(|seed| traffic::rich(seed, 720)).collect();
    for (mode, bars) in
        [(SeasonalityMode::Additive, (20.0, 8.0)), (SeasonalityMode::Multiplicative, (60.0, 30.0))]
    {
        let grid = Grid::new(Timestamp::from_secs(1_700_000_000), 3_600_000, 720)
            .expect("a positive step");
        let plan = GridPlan::new(grid, &Settings::new(mode).daily().weekly());
        bench.row(
            &format!("cold fit, 720 hours, {mode:?}, daily + weekly"),
            Some(bars),
            &month,
            |values| {
                black_box(plan.fit(black_box(values))).ok();
            },
        );
    }
    bench.row("a plan for a week", None, &[(); 20], |()| {
        black_box(plan(WEEK, SeasonalityMode::Multiplicative, true));
    });
    let missed =
        bench.rows.iter().filter(|row| row.bars.is_some_and(|(least, _)| row.micros > least));
    missed.for_each(|row| println!("above its bar: {}", row.name));
}
