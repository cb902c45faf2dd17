//! What stood out in a series: the word for a mark, what was done with it, and which marks are told where room is short.
//!
//! The order in time is kept, so that the numbers of a list run along its chart.

use tidewright_core::{Mark, MarkKind};

/// How many marks a report tells of one limit; `explain` tells all.
pub(crate) const MARKS_MAX: usize = 9;

/// What a mark without a ratio weighs per minute: as much as traffic at a third of expected.
const WEIGHT_WITHOUT_RATIO: f64 = 1.1;

/// The word for a mark.
pub(crate) const fn word(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Spike => "spike",
        MarkKind::Outage => "outage",
        MarkKind::Launch => "launch",
        MarkKind::Decline => "decline",
        MarkKind::SlowRise => "slow rise",
        MarkKind::Gap => "gap",
    }
}

/// Whether a marked stretch still counts; if so it is a lasting change, not an incident.
pub(crate) const fn is_kept(kind: MarkKind) -> bool {
    matches!(kind, MarkKind::Launch | MarkKind::Decline | MarkKind::SlowRise)
}

/// `×4.2 of expected, left out`.
pub(crate) fn note(mark: &Mark) -> String {
    let ratio = mark.ratio.map(|ratio| format!("×{} of expected, ", times(ratio)));
    ratio.unwrap_or_default() + treatment(mark.kind)
}

/// As many marks as there is room for, by time: lasting changes first, then what disturbed the most traffic.
pub(crate) fn weightiest(marks: &[Mark], room: usize) -> Vec<&Mark> {
    let mut places: Vec<usize> = (0..marks.len()).collect();
    places.sort_by(|&left, &right| weight(&marks[right]).total_cmp(&weight(&marks[left])));
    places.truncate(room);
    places.sort_unstable();
    places.into_iter().map(|place| &marks[place]).collect()
}

fn weight(mark: &Mark) -> f64 {
    if is_kept(mark.kind) {
        return f64::INFINITY;
    }
    let strength = mark.ratio.map_or(WEIGHT_WITHOUT_RATIO, |ratio| ratio.max(1e-3).ln().abs());
    strength * mark.span.millis() as f64 / 60_000.0
}

/// What was done with a marked stretch.
const fn treatment(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Spike | MarkKind::Outage => "left out",
        MarkKind::Launch => "kept: growth",
        MarkKind::Decline => "kept",
        MarkKind::SlowRise => "kept: growth or a slow attack, look before you apply",
        MarkKind::Gap => "nothing was measured",
    }
}

/// Two digits that count: more would be noise.
fn times(ratio: f64) -> String {
    match ratio {
        large if large >= 10.0 => format!("{large:.0}"),
        middle if middle >= 1.0 => format!("{middle:.1}"),
        small => format!("{small:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::{TimeSpan, Timestamp};

    use super::*;

    fn mark(kind: MarkKind, minute: i64, minutes: i64, ratio: Option<f64>) -> Mark {
        let at = |minute: i64| Timestamp::from_secs(minute * 60);
        Mark { kind, span: TimeSpan { start: at(minute), end: at(minute + minutes) }, ratio }
    }

    #[test]
    fn a_launch_is_told_before_many_small_spikes() {
        let mut marks: Vec<Mark> =
            (0..20).map(|i| mark(MarkKind::Spike, i * 100, 3, Some(4.0))).collect();
        marks.push(mark(MarkKind::Outage, 5000, 60, Some(0.02)));
        marks.push(mark(MarkKind::Launch, 6000, 9000, Some(1.8)));
        let told: Vec<MarkKind> = weightiest(&marks, 3).iter().map(|mark| mark.kind).collect();
        assert_eq!(told, [MarkKind::Spike, MarkKind::Outage, MarkKind::Launch]);
    }

    #[test]
    fn a_ratio_has_two_digits_that_count() {
        let text = |ratio| note(&mark(MarkKind::Spike, 0, 1, Some(ratio)));
        assert_eq!(text(0.5979), "×0.60 of expected, left out");
        assert_eq!(text(6.37), "×6.4 of expected, left out");
        assert_eq!(text(12.4), "×12 of expected, left out");
    }
}
