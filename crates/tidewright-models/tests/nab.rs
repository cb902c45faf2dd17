//! The detector on labelled files: it goes on as good as it was when it was shipped.

#[path = "../benches/nab/corpus.rs"]
mod corpus;
#[path = "../benches/nab/score.rs"]
mod score;

use std::sync::Arc;

use tidewright_models::detect::{Detector, Settings};

use score::{Corpus, PROFILES};

/// Alarms of 1 and above, on all files that come with the project.
#[test]
fn labelled_anomalies_are_found_and_little_else() {
    let mut all = Corpus::default();
    let mut calm = 0;
    for file in corpus::read(&corpus::own()).unwrap() {
        let mut detector = Detector::new(Arc::new(Settings::default()));
        let rows = file.times.iter().zip(&file.values);
        let alarms: Vec<f64> =
            rows.map(|(time, value)| detector.update(*time, Some(*value)).alarm).collect();
        if file.name.starts_with("artificialNoAnomaly/") {
            calm += alarms.iter().filter(|alarm| **alarm >= 1.0).count();
        }
        all.add(&alarms, &file.windows);
    }
    assert_eq!(calm, 0);
    for (costs, least) in PROFILES.into_iter().zip([75.0, 71.0, 78.5]) {
        let score = all.at(1.0, costs).score;
        assert!(score > least, "{score} by {}", costs.name);
        assert!(all.best(costs).score >= score);
    }
    // Where silence and an alarm in every row score is known.
    let first = PROFILES[0];
    assert_eq!(all.at(f64::INFINITY, first).score, 0.0);
    assert!(all.at(f64::NEG_INFINITY, first).score < -1000.0);
}
