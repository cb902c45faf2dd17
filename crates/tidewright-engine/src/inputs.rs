//! A fingerprint of everything that a decision depends on: equal inputs, equal decision.

use sha2::{Digest, Sha256};
use tidewright_core::Frame;

use crate::decide::Inputs;

/// SHA-256, in hex, over the moment, the policy, the document, the demand with what is known beside it, and the memory.
pub(crate) fn hash(inputs: &Inputs<'_>, document: Option<&[u8]>) -> String {
    let Inputs { demand, memory, order, .. } = *inputs;
    let mut hasher = Sha256::new();
    hasher.update(order.at.as_millis().to_le_bytes());
    // The debug form names every field; it is the one place where all of them stand in a fixed order.
    hasher.update(format!("{:?}{memory:?}", order.policy));
    hasher.update([u8::from(document.is_some()), u8::from(demand.includes_rejected)]);
    hasher.update(document.unwrap_or_default());
    hasher.update([u8::from(order.add_missing)]);
    add_frame(&mut hasher, &demand.frame);
    for (signal, frame) in demand.signals.iter() {
        hasher.update(signal.name());
        demand.signals.unknown(signal).for_each(|key| hasher.update(key.to_string()));
        add_frame(&mut hasher, frame);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn add_frame(hasher: &mut Sha256, frame: &Frame) {
    let grid = frame.grid();
    hasher.update(grid.start().as_millis().to_le_bytes());
    hasher.update(grid.step_ms().to_le_bytes());
    let mut bytes = Vec::with_capacity(grid.len() * 8);
    for (column, key) in frame.keys().iter().enumerate() {
        bytes.clear();
        bytes.extend(frame.column(column).iter().flat_map(|value| value.to_bits().to_le_bytes()));
        hasher.update(key.to_string());
        hasher.update(&bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{
        DemandFrame, DemandMethod, Grid, Mode, Pause, PlanMemory, Policy, SeriesKey, Signal,
        Signals, Timestamp,
    };
    use tidewright_limiter::ObjectName;

    use crate::order::{DocumentPlace, Order};

    fn frame(value: f64) -> Frame {
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, 1).unwrap();
        Frame::new(grid, vec![SeriesKey::default()], vec![value]).unwrap()
    }

    fn demand(value: f64) -> DemandFrame {
        DemandFrame {
            frame: frame(value),
            method: DemandMethod::Synthetic,
            method_note: String::new(),
            scrape_interval_ms: None,
            warnings: Vec::new(),
            includes_rejected: true,
            signals: Signals::default(),
        }
    }

    fn order(at: i64, policy: Policy) -> Order {
        let object = ObjectName::new("a", "b").unwrap();
        let place = DocumentPlace { object, domain: "edge".to_owned() };
        Order { at: Timestamp::from_secs(at), mode: Mode::Local, policy, place, add_missing: false }
    }

    fn check(
        order: &Order,
        demand: &DemandFrame,
        memory: &PlanMemory,
        bytes: Option<&[u8]>,
    ) -> String {
        hash(&Inputs { demand, document: None, memory, order }, bytes)
    }

    #[test]
    fn every_input_counts() {
        let (then, nothing) = (order(0, Policy::default()), PlanMemory::default());
        let base = check(&then, &demand(1.0), &nothing, Some(b"a"));
        assert_eq!(base, check(&then, &demand(1.0), &nothing, Some(b"a")));
        assert_eq!(base.len(), 64);
        let margin = order(0, Policy { safety_margin: 1.4, ..Policy::default() });
        let pause = Pause { by: String::new(), why: String::new(), since: then.at, until: None };
        let paused = PlanMemory { pause: Some(pause), ..PlanMemory::default() };
        let signals = Signals::default().with(Signal::Rejected, frame(1.0));
        let others = [
            check(&order(1, Policy::default()), &demand(1.0), &nothing, Some(b"a")),
            check(&margin, &demand(1.0), &nothing, Some(b"a")),
            check(&then, &demand(1.0), &nothing, None),
            check(&then, &demand(f64::NAN), &nothing, Some(b"a")),
            check(&then, &demand(1.0), &paused, Some(b"a")),
            check(&then, &DemandFrame { signals, ..demand(1.0) }, &nothing, Some(b"a")),
            check(
                &then,
                &DemandFrame { includes_rejected: false, ..demand(1.0) },
                &nothing,
                Some(b"a"),
            ),
        ];
        assert!(others.iter().all(|other| *other != base));
    }
}
