//! What the labels of one counter tell of the requests that it counts: rejected, failed, answered by a cache.
//!
//! The rule: a label that is not there, or that says nothing we know, tells nothing; it never tells "none". A class such
//! as `4xx` does not tell how many were rejected.

use std::collections::BTreeSet;

use tidewright_core::Signal;

use super::super::decode::Labels;

/// What Envoy writes into its response flags for a request that a limiter rejected. `RLSE` is another: the limiter failed.
const FLAG_REJECTED: &str = "RL";

/// The status of a rejected request.
const STATUS_REJECTED: u16 = 429;

/// Which label holds the HTTP status of an answer, or its class such as `4xx`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRule {
    /// The metric's label.
    pub label: String,
    /// Whether it is only guessed, so that nobody is told when no counter has it.
    pub guessed: bool,
}

/// Which label tells what a cache made of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheRule {
    /// The metric's label; a request without a value was not looked up.
    pub label: String,
    /// The values for requests that the cache answered, so that they went no further.
    pub hits: BTreeSet<String>,
    /// Whether it is only guessed, so that nobody is told when no counter has it.
    pub guessed: bool,
}

/// A set of signals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct SignalSet(u8);

/// What one counter tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Meaning {
    /// The signals that its counts belong to.
    pub(in super::super) counted: SignalSet,
    /// The signals of which it is known whether its counts belong to them.
    pub(in super::super) known: SignalSet,
    /// The signals of which it should have told that, and did not.
    pub(in super::super) doubted: SignalSet,
}

/// The HTTP status that a label holds.
#[derive(Clone, Copy)]
enum Status {
    Exact(u16),
    /// The first digit.
    Class(u8),
}

impl StatusRule {
    /// The status is in this label.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), guessed: false }
    }
}

impl CacheRule {
    /// What a cache did is in this label; these values are hits.
    pub fn new<T: Into<String>>(
        label: impl Into<String>,
        hits: impl IntoIterator<Item = T>,
    ) -> Self {
        let hits = hits.into_iter().map(Into::into).collect();
        Self { label: label.into(), hits, guessed: false }
    }
}

impl SignalSet {
    const FROM_STATUS: [Signal; 3] = [Signal::Rejected, Signal::ClientErrors, Signal::ServerErrors];

    pub(in super::super) fn of(signals: &[Signal]) -> Self {
        signals.iter().fold(Self::default(), |set, signal| set.with(*signal))
    }

    const fn with(self, signal: Signal) -> Self {
        Self(self.0 | 1 << signal as u8)
    }

    pub(in super::super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(in super::super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(in super::super) const fn contains(self, signal: Signal) -> bool {
        self.0 >> signal as u8 & 1 == 1
    }

    pub(in super::super) fn iter(self) -> impl Iterator<Item = Signal> {
        Signal::ALL.into_iter().filter(move |signal| self.contains(*signal))
    }
}

impl Status {
    fn read(text: &str) -> Option<Self> {
        if let Some(class) = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")) {
            return class.parse().ok().filter(|class| (1..=5).contains(class)).map(Self::Class);
        }
        // Envoy writes 0 where the caller went away before there was an answer.
        text.parse().ok().filter(|code| *code < 600).map(Self::Exact)
    }

    const fn signal(self) -> Option<Signal> {
        match self {
            Self::Exact(STATUS_REJECTED) => Some(Signal::Rejected),
            Self::Exact(400..=499) | Self::Class(4) => Some(Signal::ClientErrors),
            Self::Exact(500..=599) | Self::Class(5) => Some(Signal::ServerErrors),
            _ => None,
        }
    }

    /// What it tells, rejected or not.
    fn known(self) -> SignalSet {
        let all = SignalSet::of(&SignalSet::FROM_STATUS);
        match self {
            Self::Class(4) => all.without(SignalSet::default().with(Signal::Rejected)),
            _ => all,
        }
    }
}

/// What these labels tell by these rules.
pub(super) fn meaning(
    labels: &Labels,
    status: Option<&StatusRule>,
    flags: Option<&str>,
    cache: Option<&CacheRule>,
) -> Meaning {
    let value = |label: &str| labels.value(label).filter(|value| !value.is_empty());
    let mut meaning = Meaning::default();
    let mut wanted = SignalSet::default();
    if let Some(rule) = status {
        wanted = SignalSet::of(&SignalSet::FROM_STATUS);
        meaning.take_status(value(&rule.label).and_then(Status::read));
    }
    if let Some(label) = flags {
        wanted = wanted.with(Signal::Rejected);
        meaning.take_flags(value(label));
    }
    meaning.doubted = wanted.without(meaning.known);
    if let Some(rule) = cache {
        meaning.take_cache(value(&rule.label), rule);
    }
    meaning
}

impl Meaning {
    fn take_status(&mut self, status: Option<Status>) {
        let Some(status) = status else { return };
        self.known = status.known();
        self.counted = status.signal().into_iter().fold(self.counted, SignalSet::with);
    }

    /// A rejected request is no error of its caller or of its server, whatever status the limiter answered with.
    fn take_flags(&mut self, flags: Option<&str>) {
        let Some(flags) = flags else { return };
        self.known = self.known.with(Signal::Rejected);
        if flags.split(',').any(|flag| flag.trim() == FLAG_REJECTED) {
            self.counted = SignalSet::default().with(Signal::Rejected);
        }
    }

    fn take_cache(&mut self, status: Option<&str>, rule: &CacheRule) {
        let Some(status) = status else { return };
        self.known = self.known.with(Signal::CacheLookups).with(Signal::CacheHits);
        self.counted = self.counted.with(Signal::CacheLookups);
        if rule.hits.contains(status) {
            self.counted = self.counted.with(Signal::CacheHits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of what is counted and of what is doubted.
    fn told(labels: &[(&str, &str)]) -> (Vec<&'static str>, Vec<&'static str>) {
        let labels = Labels::from_pairs(labels.iter().copied());
        let (status, cache) = (StatusRule::new("code"), CacheRule::new("cache", ["HIT", "STALE"]));
        let meaning = meaning(&labels, Some(&status), Some("flags"), Some(&cache));
        let names = |set: SignalSet| set.iter().map(Signal::name).collect();
        (names(meaning.counted), names(meaning.doubted))
    }

    fn check(labels: &[(&str, &str)], counted: &[&str], doubted: &[&str]) {
        assert_eq!(told(labels), (counted.to_vec(), doubted.to_vec()), "{labels:?}");
    }

    const ALL_IN_DOUBT: [&str; 3] = ["rejected", "client_errors", "server_errors"];

    #[test]
    fn a_status_tells_who_was_at_fault() {
        check(&[("code", "200")], &[], &[]);
        check(&[("code", "0")], &[], &[]);
        check(&[("code", "429")], &["rejected"], &[]);
        check(&[("code", "404")], &["client_errors"], &[]);
        check(&[("code", "503")], &["server_errors"], &[]);
    }

    #[test]
    fn a_class_of_statuses_does_not_tell_how_many_were_rejected() {
        check(&[("code", "4xx")], &["client_errors"], &["rejected"]);
        check(&[("code", "5XX")], &["server_errors"], &[]);
        check(&[("code", "2xx")], &[], &[]);
        check(&[("code", "4xx"), ("flags", "-")], &["client_errors"], &[]);
    }

    #[test]
    fn what_says_nothing_is_in_doubt() {
        for code in ["", "OK", "9xx", "700", "-"] {
            check(&[("code", code)], &[], &ALL_IN_DOUBT);
        }
        check(&[], &[], &ALL_IN_DOUBT);
    }

    #[test]
    fn a_flag_tells_that_the_limiter_rejected_and_not_that_it_failed() {
        check(&[("code", "503"), ("flags", "RL")], &["rejected"], &[]);
        check(&[("code", "429"), ("flags", "UF,RL")], &["rejected"], &[]);
        check(&[("code", "500"), ("flags", "RLSE")], &["server_errors"], &[]);
        check(&[("flags", "RL")], &["rejected"], &ALL_IN_DOUBT[1..]);
    }

    #[test]
    fn which_cache_statuses_are_hits_is_configured() {
        let ok = ("code", "200");
        check(&[ok, ("cache", "HIT")], &["cache_lookups", "cache_hits"], &[]);
        check(&[ok, ("cache", "STALE")], &["cache_lookups", "cache_hits"], &[]);
        check(&[ok, ("cache", "EXPIRED")], &["cache_lookups"], &[]);
        check(&[ok, ("cache", "")], &[], &[]);
    }
}
