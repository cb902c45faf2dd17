//! How many series two cores fit: weeks of minutes from memory, cold, and slid on by five minutes; and how long `auto`
//! takes for months of hours, all and one. Wall time.
//!
//! `cargo bench -p tidewright-engine --bench throughput [-- SERIES]`; a week of minutes takes 81 kB, and `auto` gets half
//! as many series.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::time::Instant;

use rayon::prelude::*;
use tidewright_core::{Axis, Grid, Panel, SeasonalityMode, Series, SeriesKey, Silent, Timestamp};
use tidewright_engine::{Ahead, ForecastModel, ForecastOrder, Histories, Wanted, forecast};
use tidewright_models::prophet::{GridPlan, Settings, Sliding};

const WEEK: usize = 10_080;
const SLIDE: usize = 5;
const MONTH: usize = 720;
/// Steps that `auto` is asked for: two days of many series, a week of one.
const HORIZONS: [usize; 2] = [48, 168];
const THREADS: usize = 2;
/// Series that a thread takes at a time, as the engine's own pool does.
const PIECE: usize = 8;
const ROUNDS: usize = 3;

/// Numbers between 0 and 1 (SplitMix64: Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Counts around a daily wave, with noise and one spike in a hundred.
fn series(seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    let phase = random.uniform();
    let value = |i: usize| {
        let angle = std::f64::consts::TAU * (i as f64 / 1440.0 + phase);
        let level = 50.0 + 20.0 * angle.sin();
        let spike = if random.uniform() < 0.01 { 100.0 } else { 0.0 };
        let noise = random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2.0;
        (level + level.sqrt() * 3f64.sqrt() * noise + spike).max(0.0).round()
    };
    (0..WEEK + ROUNDS * SLIDE).map(value).collect()
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
    let count: u64 = asked.unwrap_or(20_000);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build().expect("two threads");
    pool.install(|| {
        let series: Vec<Vec<f64>> = (0..count).into_par_iter().map(series).collect();
        println!("{count} series, {THREADS} threads, seconds of wall time, medians of {ROUNDS}");
        println!("{:<32} {:>8} {:>8} {:>8}", "", "found", "least", "aim");
        for mode in [SeasonalityMode::Additive, SeasonalityMode::Multiplicative] {
            measure(&series, mode);
        }
        drop(series);
        measure_auto(count.div_ceil(2));
    });
}

/// Hours with a day, quieter weekends and noise that hangs together.
fn hours(seed: u64) -> Series {
    let mut random = Random(seed);
    let (phase, mut drift) = (random.uniform(), 0.0);
    let value = |i: usize| {
        drift = 0.8 * drift + 3.0 * (random.uniform() - 0.5);
        let day = (std::f64::consts::TAU * (i as f64 / 24.0 + phase)).sin();
        let week = if i / 24 % 7 > 4 { 0.7 } else { 1.0 };
        (50.0 + 20.0 * day + drift) * week
    };
    let grid = Grid::new(Timestamp::from_secs(0), 3_600_000, MONTH).expect("a positive step");
    let key = SeriesKey::new([("unique_id", seed.to_string())]);
    let values = (0..MONTH).map(value).collect();
    Series::new(key, Axis::Grid(grid), values).expect("a value for each hour")
}

fn measure_auto(count: u64) {
    let many = Histories {
        panel: Panel { series: (0..count).map(hours).collect() },
        ..Histories::default()
    };
    let one = Histories { panel: Panel { series: vec![hours(0)] }, ..Histories::default() };
    let bars = [(format!("auto, {count} x {MONTH} hours"), &many, (600.0, 120.0))];
    let bars = bars.into_iter().chain([("auto, one, a week ahead".to_owned(), &one, (0.3, 0.03))]);
    for ((name, histories, bar), horizon) in bars.zip(HORIZONS) {
        let order = ForecastOrder {
            ahead: Ahead::steps(horizon),
            season: None,
            model: ForecastModel::Auto,
            settings: Settings::new(SeasonalityMode::Additive),
            components: None,
            data_range: None,
            models: Wanted::None,
        };
        let found = median(|_| {
            let made = forecast(histories, &order, &Silent).expect("nobody stops it");
            assert!(made.series.iter().all(Result::is_ok), "every series can be forecast");
        });
        row(&name, found, bar);
    }
}

fn measure(series: &[Vec<f64>], mode: SeasonalityMode) {
    let grid = Grid::new(Timestamp::from_secs(0), 60_000, WEEK).expect("a positive step");
    let plan = GridPlan::new(grid, &Settings::new(mode).daily());
    let cold = median(|_| {
        series.par_chunks(PIECE).for_each(|piece| {
            for values in piece {
                std::hint::black_box(plan.fit(&values[..WEEK]).expect("a week can be fitted"));
            }
        });
    });
    row(&format!("cold, {mode:?}"), cold, (2.0, 0.5));
    let begin = |values: &Vec<f64>| Sliding::new(&plan, &values[..WEEK]).expect("a fit");
    let mut windows: Vec<Sliding> = series.par_iter().map(begin).collect();
    let slid = median(|round| {
        let pieces = windows.par_chunks_mut(PIECE).zip(series.par_chunks(PIECE));
        pieces.for_each(|(windows, series)| {
            for (window, values) in windows.iter_mut().zip(series) {
                window.advance(&plan, &values[round * SLIDE..][..WEEK + SLIDE]).expect("a fit");
            }
        });
    });
    row(&format!("slid by {SLIDE}, {mode:?}"), slid, (1.0, 0.2));
}

fn median(mut round: impl FnMut(usize)) -> f64 {
    let mut seconds: Vec<f64> = (0..ROUNDS)
        .map(|number| {
            let started = Instant::now();
            round(number);
            started.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[ROUNDS / 2]
}

fn row(name: &str, seconds: f64, (least, aim): (f64, f64)) {
    println!("{name:<32} {seconds:>8.3} {least:>8} {aim:>8}");
}
