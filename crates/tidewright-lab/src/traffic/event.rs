//! What happens to a series: more or less of it, errors, missing windows, clocks that are wrong.

use serde::Deserialize;
use tidewright_core::Timestamp;

use super::ago::Ago;

/// Something that happens to a series: once, again and again, or from a moment on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// How long before the end of history it starts.
    pub ago: Ago,
    /// How long it lasts; to the end of history if not given.
    pub lasts: Option<Ago>,
    /// It comes again after so long.
    pub every: Option<Ago>,
    /// Demand is multiplied with this,
    pub times: Option<f64>,
    /// or so many requests a minute come on top.
    pub plus: Option<f64>,
    /// How long the change takes to reach its height.
    pub ramp: Option<Ago>,
    /// The share of windows that is lost; 1 is a gap.
    pub missing: Option<f64>,
    /// The share of requests that something else than the limiter answered 429.
    pub rejected: Option<f64>,
    /// The share of requests that is answered 4xx.
    pub client_errors: Option<f64>,
    /// The share of requests that is answered 5xx.
    pub server_errors: Option<f64>,
    /// How late the clock is by which it is counted.
    pub clock_late: Option<Ago>,
}

impl Event {
    /// An event that has no effect yet.
    pub const fn at(ago: Ago) -> Self {
        Self {
            ago,
            lasts: None,
            every: None,
            times: None,
            plus: None,
            ramp: None,
            missing: None,
            rejected: None,
            client_errors: None,
            server_errors: None,
            clock_late: None,
        }
    }

    pub(super) fn is_active(&self, end: Timestamp, moment: Timestamp) -> bool {
        let into = self.millis_into(end, moment);
        into >= 0 && self.lasts.is_none_or(|lasts| into < lasts.millis())
    }

    /// A mean with what the event makes of it.
    pub(super) fn applied(&self, mean: f64, end: Timestamp, moment: Timestamp) -> f64 {
        let into = self.millis_into(end, moment) as f64;
        let reached = self.ramp.map_or(1.0, |ramp| (into / ramp.millis() as f64).min(1.0));
        let times = self.times.map_or(1.0, |times| 1.0 + (times - 1.0) * reached);
        mean * times + self.plus.unwrap_or_default() * reached
    }

    pub(super) fn missing(&self) -> f64 {
        self.missing.unwrap_or_default()
    }

    pub(super) fn rejected(&self) -> f64 {
        self.rejected.unwrap_or_default()
    }

    pub(super) fn client_errors(&self) -> f64 {
        self.client_errors.unwrap_or_default()
    }

    pub(super) fn server_errors(&self) -> f64 {
        self.server_errors.unwrap_or_default()
    }

    pub(super) fn clock_millis(&self) -> i64 {
        self.clock_late.map_or(0, Ago::millis)
    }

    /// Whether anything is said about answers.
    pub fn tells_answers(&self) -> bool {
        [self.rejected, self.client_errors, self.server_errors].iter().any(Option::is_some)
    }

    /// The time since it started, or started last; negative before.
    fn millis_into(&self, end: Timestamp, moment: Timestamp) -> i64 {
        let into = moment.as_millis() - (end.as_millis() - self.ago.millis());
        match self.every {
            Some(every) if into >= 0 => into % every.millis(),
            _ => into,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recurring_event_is_active_in_each_of_its_times() {
        let (end, minute) = (Timestamp::from_secs(1_000_000_020), 60_000);
        let event = Event {
            lasts: Some(Ago::minutes(10)),
            every: Some(Ago::minutes(60)),
            ..Event::at(Ago::minutes(125))
        };
        let active = |ago: i64| event.is_active(end, end.plus_millis(-ago * minute));
        let found = [126, 125, 116, 115, 65, 55, 5, 1].map(active);
        assert_eq!(found, [false, true, true, false, true, false, true, true]);
    }

    #[test]
    fn a_change_with_a_ramp_grows_to_its_height() {
        let end = Timestamp::from_secs(1_000_000_020);
        let event =
            Event { times: Some(3.0), ramp: Some(Ago::minutes(60)), ..Event::at(Ago::minutes(90)) };
        let at = |ago: i64| event.applied(100.0, end, end.plus_millis(-ago * 60_000));
        assert_eq!([90, 60, 30, 1].map(at), [100.0, 200.0, 300.0, 300.0]);
    }
}
