//! The main job on real input: a real Prometheus and a limiter's document in, limits out, for twenty estates whose truth is known.
//!
//! The rule: each limit lies within a tenth of what the same binary makes of the clean truth, or is held with the right reason.
//! All faults of all estates are told at once. What the formula should be is not judged here.

#[path = "real_prometheus/run.rs"]
mod run;
#[path = "real_prometheus/scene.rs"]
mod scene;
#[path = "real_prometheus/verdict.rs"]
mod verdict;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use tidewright_testkit::estate::{DAYS, END, Estate, EstateSettings, Scrape};
use tidewright_testkit::prometheus::{Blocks, Prometheus};

use run::{Run, Traffic};

const SEEDS: u64 = 20;
/// As many runs at a time as a small machine has cores.
const WORKERS: usize = 2;

#[test]
fn limits_from_a_real_prometheus_are_those_of_the_clean_truth() {
    let started = Instant::now();
    let estates: Vec<Estate> =
        (0..SEEDS).map(|seed| Estate::new(EstateSettings::new(seed))).collect();
    let server = serve(&estates);
    println!("history is served after {:.1?}", started.elapsed());
    let (faults, tally) = judge_all(&estates, &server);
    println!("all runs are judged after {:.1?}: {tally:?}", started.elapsed());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    let decisions =
        ["raise", "hold: awaits_agreement", "hold: inside_interval", "hold: short_history"];
    let missing: Vec<_> = decisions.iter().filter(|word| !tally.contains_key(**word)).collect();
    assert!(missing.is_empty(), "no run ever decided {missing:?}");
}

fn serve(estates: &[Estate]) -> Prometheus {
    let span = estates[0].span();
    assert_eq!((span.days(), span.end), (DAYS as f64, END));
    let blocks = Blocks::filled(span, |piece, text| {
        let worlds = estates.iter().flat_map(|estate| Scrape::ALL.map(|scrape| (estate, scrape)));
        { worlds }.try_for_each(|(estate, scrape)| estate.write(scrape, piece, text))
    });
    Prometheus::start(blocks.expect("history can be back-filled")).expect("Prometheus starts")
}

type Tally = BTreeMap<String, usize>;

fn judge_all(estates: &[Estate], server: &Prometheus) -> (Vec<String>, Tally) {
    let waiting = Mutex::new(estates.iter().collect::<Vec<_>>());
    let results = Mutex::new((Vec::new(), Tally::new()));
    let next = || waiting.lock().expect("no judge panics").pop();
    let work = || {
        while let Some(estate) = next() {
            let (faults, decisions) = judge(estate, server);
            let mut results = results.lock().expect("no judge panics");
            results.0.extend(faults);
            decisions.into_iter().for_each(|word| *results.1.entry(word).or_default() += 1);
        }
    };
    thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
    results.into_inner().expect("no judge panics")
}

/// The faults of one estate at both scrape intervals, and what was decided in them.
fn judge(estate: &Estate, server: &Prometheus) -> (Vec<String>, Vec<String>) {
    let reference = match run::run(estate, &Traffic::CleanTruth) {
        Ok(reference) => reference,
        Err(fault) => return (vec![fault], Vec::new()),
    };
    let (mut faults, mut decisions) = (Vec::new(), Vec::new());
    for scrape in Scrape::ALL {
        let traffic = Traffic::Counters { url: server.url(), scrape };
        let place = format!("seed {} at {}", estate.seed, scrape.label());
        match run::run(estate, &traffic) {
            Ok(found) => {
                decisions.extend(found.decisions());
                faults.extend(judge_run(estate, &reference, &found, &place));
            }
            Err(fault) => faults.push(format!("{place}: {fault}")),
        }
    }
    (faults, decisions)
}

fn judge_run(estate: &Estate, reference: &Run, found: &Run, place: &str) -> Vec<String> {
    let limits = verdict::limits(estate, reference, found);
    let bytes = verdict::bytes(found);
    let others = verdict::others(found);
    let faults = limits.into_iter().chain(bytes).chain(others);
    faults.map(|fault| format!("{place}: {fault}")).collect()
}
