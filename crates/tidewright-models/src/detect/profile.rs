//! What is usual at each time of the day: half hours, weekdays and weekends apart.
//!
//! One kind of day lends the other what it knows, up to a few days, so that a first Saturday is held against the week before
//! it. A value moves its half hour by no more than a few usual departures: an anomaly does not become what is usual.

use tidewright_core::LocalTime;

use crate::numbers::Numbers;

/// Half hours of a day.
const SLOTS: usize = 48;
/// Minutes of each.
const SLOT_MINUTES: u16 = 30;
/// Hours of each.
const SLOT_HOURS: f64 = 0.5;
/// Days that a half hour remembers.
const DAYS: f64 = 14.0;
/// Days that it counts: the more it has seen itself, the less it leans on what is lent.
const COUNTED_DAYS: f64 = 140.0;
/// Days that the other kind of day lends at the most.
const LENT_DAYS: f64 = 4.0;
/// Days that must have been seen, with what is lent, before anything is expected.
const KNOWN_DAYS: f64 = 1.5;
/// Usual departures by which a value may differ and count in full.
const CLIP: f64 = 5.0;
/// Saturday, counted from Monday.
const SATURDAY: u8 = 5;

/// The usual values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Profile {
    slots: [[Slot; SLOTS]; 2],
}

/// A half hour of one kind of day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Slot {
    mean: f64,
    count: f32,
}

/// What is usual at one time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usual {
    kind: usize,
    slot: usize,
    /// The usual value; the value itself where nothing was seen yet.
    pub(super) value: f64,
    /// Whether enough was seen to expect it.
    pub(super) known: bool,
    /// Rows of a half hour.
    rows: f64,
}

impl Profile {
    pub(super) const fn new() -> Self {
        Self { slots: [[Slot { mean: 0.0, count: 0.0 }; SLOTS]; 2] }
    }

    /// What is usual at a time, where an hour has so many rows; `value` where nothing is known.
    pub(super) fn usual(&self, local: LocalTime, rows_an_hour: f64, value: f64) -> Usual {
        let kind = usize::from(local.weekday >= SATURDAY);
        let slot = usize::from(local.minute_of_day / SLOT_MINUTES).min(SLOTS - 1);
        let rows = (rows_an_hour * SLOT_HOURS).max(1.0);
        let (own, other) = (self.slots[kind][slot], self.slots[1 - kind][slot]);
        let lent = f64::from(other.count).min(LENT_DAYS * rows);
        let weight = f64::from(own.count) + lent;
        let mean = own.mean * f64::from(own.count) + other.mean * lent;
        let value = if weight > 0.0 { mean / weight } else { value };
        Usual { kind, slot, value, known: weight > KNOWN_DAYS * rows, rows }
    }

    /// Takes in a value; `departure` is what values differ by as a rule, if that is known.
    pub(super) fn learn(&mut self, usual: &Usual, value: f64, departure: Option<f64>) {
        let slot = &mut self.slots[usual.kind][usual.slot];
        let most = departure.map_or(f64::INFINITY, |departure| CLIP * departure);
        let value = usual.value + (value - usual.value).clamp(-most, most);
        let count = f64::from(slot.count);
        slot.mean = match count {
            0.0 => value,
            _ => slot.mean + (value - slot.mean) / (count + 1.0).min(DAYS * usual.rows),
        };
        slot.count = (count + 1.0).min(COUNTED_DAYS * usual.rows) as f32;
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.extend(self.slots.iter().flatten().flat_map(|it| [it.mean, f64::from(it.count)]));
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let mut profile = Self::new();
        for slot in profile.slots.iter_mut().flatten() {
            let (mean, count) = (numbers.one()?, numbers.one()?);
            *slot = Slot { mean, count: (count >= 0.0).then_some(count as f32)? };
        }
        Some(profile)
    }
}
