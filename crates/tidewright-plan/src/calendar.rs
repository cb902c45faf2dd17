//! What the calendar makes of history and of the days ahead, for one limit.

use tidewright_core::{Effect, LimitKey, Occurrence, Policy, Remark, TimeSpan};

use crate::windows::Windows;

/// History as people know it: for each window whether it may be masked, must be left out, or is judged as it is.
#[derive(Clone, Debug, Default)]
pub struct Known {
    kept: Vec<TimeSpan>,
    left_out: Vec<TimeSpan>,
}

impl Known {
    /// What the calendar says of the history of `key` within `span`.
    pub fn of(key: &LimitKey, span: TimeSpan, policy: &Policy) -> Self {
        let mut known = Self::default();
        for Occurrence { event, span } in within(key, span, policy) {
            match event.effect {
                Effect::Keep => known.kept.push(span),
                Effect::Ignore | Effect::Expect(_) => known.left_out.push(span),
                Effect::Freeze => {}
            }
        }
        known
    }

    /// Whether the calendar says nothing.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.left_out.is_empty()
    }

    /// The values without what is left out.
    pub fn judged(&self, windows: &Windows, values: &[f64]) -> Vec<f64> {
        let mut judged = values.to_vec();
        for span in &self.left_out {
            judged[windows.range(*span)].fill(f64::NAN);
        }
        judged
    }

    /// Takes the mask off what is kept; `clean` was made of `values`.
    pub fn keep(&self, windows: &Windows, values: &[f64], clean: &mut [f64]) {
        for span in &self.kept {
            let range = windows.range(*span);
            clean[range.clone()].copy_from_slice(&values[range]);
        }
    }

    /// Whether a stretch lies in what is left out or kept, so that a mark on it says nothing new.
    pub fn explains(&self, span: TimeSpan) -> bool {
        let inside = |known: &TimeSpan| known.start <= span.start && span.end <= known.end;
        self.kept.iter().chain(&self.left_out).any(inside)
    }
}

/// The event of the days ahead that brings most, with how many times the usual; `None` if none brings more than usual.
pub fn expected(key: &LimitKey, ahead: TimeSpan, policy: &Policy) -> Option<Remark> {
    let factor = |occurrence: Occurrence<'_>| match occurrence.event.effect {
        Effect::Expect(factor) if factor > 1.0 => Some((factor, occurrence.event.name.clone())),
        _ => None,
    };
    let most = within(key, ahead, policy).filter_map(factor).max_by(|a, b| a.0.total_cmp(&b.0));
    most.map(|(factor, event)| Remark::EventExpected { event, factor })
}

fn within<'a>(
    key: &'a LimitKey,
    span: TimeSpan,
    policy: &'a Policy,
) -> impl Iterator<Item = Occurrence<'a>> {
    policy.calendar.within(span, |selector| selector.matches(key, &policy.exclusions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{Calendar, Event, Grid, Recurrence, Selector, Timestamp, Zone};

    fn span(start: i64, end: i64) -> TimeSpan {
        TimeSpan { start: Timestamp::from_secs(start), end: Timestamp::from_secs(end) }
    }

    fn policy(effect: Effect) -> Policy {
        let event = Event {
            name: "sale".to_owned(),
            selector: Selector::default(),
            effect,
            first: span(60, 180),
            recurrence: Recurrence::Once,
            zone: Zone::utc(),
        };
        Policy { calendar: Calendar { events: vec![event] }, ..Policy::default() }
    }

    #[test]
    fn what_is_ignored_is_left_out_and_what_is_kept_is_never_masked() {
        let key = LimitKey::new("edge", [("PATH", Some("/a"))]);
        let windows =
            Windows::new(Grid::new(Timestamp::from_secs(0), 60_000, 4).unwrap(), &Zone::utc());
        let values = [1.0, 9.0, 9.0, 1.0];
        let known = Known::of(&key, span(0, 240), &policy(Effect::Ignore));
        assert_eq!(
            known.judged(&windows, &values).iter().filter(|value| value.is_nan()).count(),
            2
        );
        assert!(known.explains(span(60, 120)) && !known.explains(span(0, 120)));
        let known = Known::of(&key, span(0, 240), &policy(Effect::Keep));
        let mut clean = [1.0, f64::NAN, f64::NAN, 1.0];
        known.keep(&windows, &values, &mut clean);
        assert_eq!(clean, values);
    }

    #[test]
    fn an_event_ahead_is_expected_and_one_that_is_over_is_not() {
        let key = LimitKey::new("edge", [("PATH", Some("/a"))]);
        let policy = policy(Effect::Expect(3.0));
        let found = expected(&key, span(100, 300), &policy);
        assert_eq!(found, Some(Remark::EventExpected { event: "sale".to_owned(), factor: 3.0 }));
        assert_eq!(expected(&key, span(180, 300), &policy), None);
    }
}
