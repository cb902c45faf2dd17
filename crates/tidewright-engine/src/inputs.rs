//! A fingerprint of everything that a decision depends on: equal inputs, equal decision.

use sha2::{Digest, Sha256};
use tidewright_core::{DemandFrame, Policy, Timestamp};

/// SHA-256, in hex, over the moment, the policy, the document and the demand.
pub(crate) fn hash(
    at: Timestamp,
    policy: &Policy,
    document: Option<&[u8]>,
    demand: &DemandFrame,
) -> String {
    let mut hasher = Sha256::new();
    hasher.update(at.as_millis().to_le_bytes());
    // The debug form names every field of the policy; it is the one place where all of them stand in a fixed order.
    hasher.update(format!("{policy:?}"));
    hasher.update([u8::from(document.is_some())]);
    hasher.update(document.unwrap_or_default());
    let grid = demand.frame.grid();
    hasher.update(grid.start().as_millis().to_le_bytes());
    hasher.update(grid.step_ms().to_le_bytes());
    let mut bytes = Vec::with_capacity(grid.len() * 8);
    for (column, key) in demand.frame.keys().iter().enumerate() {
        bytes.clear();
        bytes.extend(
            demand.frame.column(column).iter().flat_map(|value| value.to_bits().to_le_bytes()),
        );
        hasher.update(key.to_string());
        hasher.update(&bytes);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{DemandMethod, Frame, Grid, SeriesKey};

    fn demand(value: f64) -> DemandFrame {
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, 1).unwrap();
        DemandFrame {
            frame: Frame::new(grid, vec![SeriesKey::default()], vec![value]).unwrap(),
            method: DemandMethod::Synthetic,
            method_note: String::new(),
            scrape_interval_ms: None,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn every_input_counts() {
        let (at, policy) = (Timestamp::from_secs(0), Policy::default());
        let base = hash(at, &policy, Some(b"a"), &demand(1.0));
        assert_eq!(base, hash(at, &policy, Some(b"a"), &demand(1.0)));
        assert_eq!(base.len(), 64);
        let margin = Policy { safety_margin: 1.4, ..Policy::default() };
        let others = [
            hash(Timestamp::from_secs(1), &policy, Some(b"a"), &demand(1.0)),
            hash(at, &margin, Some(b"a"), &demand(1.0)),
            hash(at, &policy, None, &demand(1.0)),
            hash(at, &policy, Some(b"a"), &demand(f64::NAN)),
        ];
        assert!(others.iter().all(|other| *other != base));
    }
}
