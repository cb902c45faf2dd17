//! One alarm for each event, however many of its points are odd.

use crate::numbers::Numbers;

/// What is remembered of the last event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Episode {
    /// When it was last seen, and since when it lasts, in seconds; `None` before the first.
    seen: Option<(f64, f64)>,
}

impl Episode {
    /// Takes in the score of a moment: the alarm, which is 0 while an event goes on and for `quiet_s` seconds after it, and how
    /// long the event has lasted.
    pub(super) fn follow(&mut self, at_s: f64, score: f64, quiet_s: f64) -> (f64, f64) {
        let since = self.seen.filter(|(last, _)| at_s - last <= quiet_s).map(|(_, since)| since);
        if score >= 1.0 {
            self.seen = Some((at_s, since.unwrap_or(at_s)));
        }
        match since {
            Some(since) => (0.0, at_s - since),
            None => (score, 0.0),
        }
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.push(f64::from(u8::from(self.seen.is_some())));
        let (last, since) = self.seen.unwrap_or_default();
        out.extend([last, since]);
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let [any, last, since] = *numbers.many(3)? else { return None };
        Some(Self { seen: (any == 1.0).then_some((last, since)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_alarms_once_and_keeps_itself_silent() {
        let mut episode = Episode::default();
        assert_eq!(episode.follow(0.0, 1.5, 100.0), (1.5, 0.0));
        assert_eq!(episode.follow(80.0, 3.0, 100.0), (0.0, 80.0));
        assert_eq!(episode.follow(170.0, 1.0, 100.0), (0.0, 170.0));
        assert_eq!(episode.follow(260.0, 0.5, 100.0), (0.0, 260.0));
        assert_eq!(episode.follow(271.0, 0.5, 100.0), (0.5, 0.0));
        assert_eq!(episode.follow(272.0, 1.1, 100.0), (1.1, 0.0));
    }
}
