//! All that holds decompositions and the models that repeat: the originals' own numbers, and laws of any series.

mod decomposed;
mod laws;
mod repeated;

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;

/// The cases of one file under `tests/data`.
fn cases(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    let file = std::fs::File::open(path).expect("a file of the tree");
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).expect("compressed text");
    serde_json::from_str(&text).expect("a list of cases")
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn count(value: &Value) -> usize {
    value.as_u64().expect("a whole number") as usize
}

/// Each number next to its own, relative to the largest.
fn assert_close(found: &[f64], wanted: &[f64], tolerance: f64, name: &str) {
    assert_eq!(found.len(), wanted.len(), "{name}");
    let scale = wanted.iter().fold(1e-300, |most: f64, value| most.max(value.abs()));
    for (i, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let apart = (found - wanted).abs() / scale;
        assert!(apart <= tolerance, "{name}: {found} at {i}, not {wanted}");
    }
}
