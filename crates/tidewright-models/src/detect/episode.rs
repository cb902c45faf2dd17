//! One alarm for each event, however many of its points are odd; and no more of them than somebody wants to hear.

use crate::numbers::Numbers;

/// Seconds of a week.
const WEEK_S: f64 = 604_800.0;
/// What an event is told with that would be one alarm too many: all but an alarm.
const HELD: f64 = 0.99;

/// What is remembered of the last event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Episode {
    /// When it was last seen, and since when it lasts, in seconds; `None` before the first.
    seen: Option<(f64, f64)>,
    spent: Spent,
}

/// What alarms have taken out of the bucket that the budget fills: it runs full within a week, and holds what a week brings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Spent {
    /// Alarms that were missing from a full bucket after the last one.
    alarms: f64,
    /// When that was, in seconds.
    at_s: f64,
}

impl Episode {
    /// Takes in the score of a moment: the alarm, which is 0 while an event goes on and for `quiet_s` seconds after it, and how
    /// long the event has lasted. `weekly` is how many alarms there may be in a week, if that has an end.
    pub(super) fn follow(
        &mut self,
        at_s: f64,
        score: f64,
        quiet_s: f64,
        weekly: Option<f64>,
    ) -> (f64, f64) {
        let since = self.seen.filter(|(last, _)| at_s - last <= quiet_s).map(|(_, since)| since);
        if score >= 1.0 {
            self.seen = Some((at_s, since.unwrap_or(at_s)));
        }
        match since {
            Some(since) => (0.0, at_s - since),
            None if score < 1.0 => (score, 0.0),
            None if weekly.is_none_or(|weekly| self.spent.spend(at_s, weekly)) => (score, 0.0),
            None => (HELD, 0.0),
        }
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.push(f64::from(u8::from(self.seen.is_some())));
        let (last, since) = self.seen.unwrap_or_default();
        out.extend([last, since, self.spent.alarms, self.spent.at_s]);
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let [any, last, since, alarms, at_s] = *numbers.many(5)? else { return None };
        let seen = (any == 1.0).then_some((last, since));
        (alarms >= 0.0).then_some(Self { seen, spent: Spent { alarms, at_s } })
    }
}

impl Spent {
    /// Whether there is one alarm left at this moment; it is taken then.
    fn spend(&mut self, at_s: f64, weekly: f64) -> bool {
        let back = weekly * (at_s - self.at_s).max(0.0) / WEEK_S;
        let alarms = (self.alarms - back).max(0.0) + 1.0;
        // Less than one a week still is one at a time.
        let fits = alarms <= weekly.max(1.0);
        if fits {
            *self = Self { alarms, at_s };
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_alarms_once_and_keeps_itself_silent() {
        let mut episode = Episode::default();
        assert_eq!(episode.follow(0.0, 1.5, 100.0, None), (1.5, 0.0));
        assert_eq!(episode.follow(80.0, 3.0, 100.0, None), (0.0, 80.0));
        assert_eq!(episode.follow(170.0, 1.0, 100.0, None), (0.0, 170.0));
        assert_eq!(episode.follow(260.0, 0.5, 100.0, None), (0.0, 260.0));
        assert_eq!(episode.follow(271.0, 0.5, 100.0, None), (0.5, 0.0));
        assert_eq!(episode.follow(272.0, 1.1, 100.0, None), (1.1, 0.0));
    }

    /// Alarms of an event each day, over some weeks.
    fn alarms(weekly: f64, days: u32) -> Vec<f64> {
        let mut episode = Episode::default();
        let mut day =
            |day: u32| episode.follow(f64::from(day) * 86_400.0, 2.0, 3600.0, Some(weekly));
        (0..days).map(|at| day(at).0).collect()
    }

    #[test]
    fn what_is_beyond_the_budget_is_held_below_an_alarm() {
        assert_eq!(alarms(2.0, 5), [2.0, 2.0, HELD, HELD, 2.0]);
        assert_eq!(alarms(7.0, 50), [2.0; 50]);
        let told = |weekly, days| alarms(weekly, days).iter().filter(|alarm| **alarm > 1.0).count();
        // A full bucket, and what four weeks fill up.
        assert_eq!((told(1.0, 28), told(0.5, 28), told(3.0, 29)), (4, 2, 15));
    }

    #[test]
    fn an_event_that_was_held_keeps_itself_silent_too() {
        let mut episode = Episode::default();
        let mut at = |hour: f64| episode.follow(hour * 3600.0, 2.0, 2.0 * 3600.0, Some(1.0)).0;
        assert_eq!([at(0.0), at(5.0), at(6.0), at(9.0), at(169.0)], [2.0, HELD, 0.0, HELD, 2.0]);
    }

    #[test]
    fn what_was_written_comes_back() {
        let mut episode = Episode::default();
        episode.follow(5.0, 2.0, 100.0, Some(1.0));
        let mut out = Vec::new();
        episode.write(&mut out);
        assert_eq!(Episode::read(&mut Numbers::new(&out).unwrap()), Some(episode));
    }
}
