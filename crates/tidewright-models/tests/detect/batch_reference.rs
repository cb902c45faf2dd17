//! One-class SVM and DBSCAN as scikit-learn computes them; an isolation forest that ranks as well as its own do.

use serde_json::Value;
use tidewright_models::detect::batch::{
    Dbscan, ForestSettings, IsolationForest, Label, OneClassSettings, OneClassSvm, Rows,
};
use tidewright_numerics::Random;

const SOUND: &str = "a sound case";

fn reference() -> Value {
    serde_json::from_str(include_str!("../data/detect/reference.json")).expect("JSON")
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn count(case: &Value, key: &str) -> usize {
    case[key].as_u64().expect("a count") as usize
}

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().expect("a number")
}

/// Fits a case with a tolerance and gives what it found, with the largest difference of a decision from scikit-learn's.
fn boundary(case: &Value, tolerance: f64) -> (OneClassSvm, f64) {
    let (values, asked) = (numbers(&case["rows"]), numbers(&case["asked"]));
    let columns = count(case, "columns");
    let settings =
        OneClassSettings { nu: number(case, "nu"), gamma: case["gamma"].as_f64(), tolerance };
    let fitted =
        OneClassSvm::fit(Rows::new(&values, columns).expect(SOUND), settings).expect(SOUND);
    let asked = Rows::new(&asked, columns).expect(SOUND);
    let found = fitted.decision_rows(asked).expect(SOUND);
    for (row, found) in asked.iter().zip(&found) {
        assert_eq!(fitted.decision(row).expect(SOUND).to_bits(), found.to_bits());
    }
    let want = numbers(&case["decisions"]);
    assert_eq!(found.len(), want.len());
    let largest = want.iter().zip(&found).map(|(want, found)| (want - found).abs());
    (fitted, largest.fold(0.0, f64::max))
}

#[test]
fn decisions_are_those_of_scikit_learn() {
    let reference = reference();
    let exact = |case: &&Value| number(case, "tolerance") < 1e-6;
    for case in reference["one_class"].as_array().unwrap().iter().filter(exact) {
        let (fitted, largest) = boundary(case, number(case, "tolerance"));
        let rho = number(case, "rho");
        // LIBSVM keeps its kernel in single precision.
        assert!(largest < 1e-5 * rho, "{} {largest}", case["name"]);
        assert!((fitted.rho() - rho).abs() < 1e-5 * rho, "{} {}", case["name"], fitted.rho());
        if case["name"] != "copies" {
            assert_eq!(fitted.support(), count(case, "support"), "{}", case["name"]);
        }
    }
}

#[test]
fn decisions_with_the_usual_tolerance_are_near_those_of_scikit_learn() {
    for case in reference()["one_class"].as_array().unwrap() {
        let (_, largest) = boundary(case, 1e-3);
        assert!(largest < 1e-3 * number(case, "rho").max(1.0), "{} {largest}", case["name"]);
    }
}

#[test]
fn labels_are_those_of_scikit_learn() {
    for case in reference()["dbscan"].as_array().unwrap() {
        let values = numbers(&case["rows"]);
        let rows = Rows::new(&values, count(case, "columns")).unwrap();
        let dbscan = Dbscan::new(number(case, "eps"), count(case, "least")).unwrap();
        let label = |label| match label {
            Label::Cluster(number) => number as f64,
            Label::Noise => -1.0,
        };
        let found: Vec<f64> = dbscan.label(rows).into_iter().map(label).collect();
        assert_eq!(found, numbers(&case["labels"]), "{}", case["name"]);
    }
}

/// How often one of the last `odd` rows scores above another one, ties half.
fn area(scores: &[f64], odd: usize) -> f64 {
    let (plain, odd) = scores.split_at(scores.len() - odd);
    let mut wins = 0.0;
    for (odd, plain) in odd.iter().flat_map(|odd| plain.iter().map(move |plain| (odd, plain))) {
        wins += f64::from(u8::from(odd > plain)) + 0.5 * f64::from(u8::from(odd == plain));
    }
    wins / (plain.len() * odd.len()) as f64
}

#[test]
fn forests_rank_and_score_as_those_of_scikit_learn_do() {
    let case = &reference()["forest"];
    let values = numbers(&case["rows"]);
    let rows = Rows::new(&values, count(case, "columns")).unwrap();
    let (want, seeds) = (numbers(&case["scores"]), 10);
    let mut mean = vec![0.0; want.len()];
    let mut mean_area = 0.0;
    for seed in 0..seeds {
        let settings = ForestSettings::default();
        let forest = IsolationForest::fit(rows, settings, Random::new(seed)).unwrap();
        let scores = forest.score_rows(rows).unwrap();
        mean_area += area(&scores, count(case, "outliers")) / seeds as f64;
        mean.iter_mut().zip(scores).for_each(|(mean, score)| *mean += score / seeds as f64);
    }
    let want_area = number(case, "area");
    assert!((mean_area - want_area).abs() < 0.02, "{mean_area} not {want_area}");
    // Means over 1000 trees on either side: their difference has a deviation of some thousandths.
    let largest = want.iter().zip(&mean).map(|(want, mean)| (want - mean).abs());
    let largest = largest.fold(0.0, f64::max);
    assert!(largest < 0.02, "{largest}");
}
