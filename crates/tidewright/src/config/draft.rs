//! Settings while they are being filled in, key by key, and the rules that join several keys.
//!
//! Every field starts at a harmless value and is set by its row in the table; only what one key alone cannot say is
//! decided here. Entries of lists gather in [`Draft::entry`] and move on to their lists.

mod auth;
mod calendar;
mod checks;
mod flavour;
mod scopes;
mod signals;
mod traffic;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tidewright_core::{Mode, Policy, Selector, Timestamp};

use self::auth::AuthParts;
use self::calendar::{CalendarDraft, EventParts};
use self::flavour::FlavourParts;
use self::scopes::{BoundsParts, Scopes};
use self::signals::{CounterParts, CountersDraft};
use super::settings::{
    Auth, CacheLabel, Chunks, DocumentNames, Flavour, Log, LogLevel, Mock, Places, Prometheus,
    QueryYields, Safety, Settings, Signals, Source, Tls, Traffic, TrafficPreset, TrafficReading,
};

/// Settings with the loose ends that a single key leaves.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) settings: Settings,
    pub(super) auth: AuthParts,
    pub(super) flavour: FlavourParts,
    pub(super) use_mock: Option<bool>,
    pub(super) csv: Option<PathBuf>,
    pub(super) method: &'static str,
    pub(super) query: Option<String>,
    pub(super) query_yields: QueryYields,
    pub(super) rewrites: BTreeMap<String, Vec<String>>,
    /// The entry that is being read.
    pub(super) entry: Entry,
    pub(super) calendar: CalendarDraft,
    pub(super) scopes: Scopes,
    pub(super) counters: CountersDraft,
}

/// One entry of a list while it is being read; each list uses the parts that it has fields for.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) name: Option<String>,
    pub(super) selector: Selector,
    pub(super) bounds: BoundsParts,
    pub(super) capacity: f64,
    pub(super) event: EventParts,
    pub(super) counter: CounterParts,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            settings: blank(),
            auth: AuthParts::default(),
            flavour: FlavourParts::default(),
            use_mock: None,
            csv: None,
            method: "auto",
            query: None,
            query_yields: QueryYields::Rate,
            rewrites: BTreeMap::new(),
            entry: Entry::default(),
            calendar: CalendarDraft::default(),
            scopes: Scopes::default(),
            counters: CountersDraft::default(),
        }
    }

    /// Moves the entry that is being read out.
    pub(super) fn take_entry(&mut self) -> Entry {
        std::mem::take(&mut self.entry)
    }

    /// The settings, with the loose ends joined.
    pub(super) fn finish(self, at: Option<Timestamp>) -> Settings {
        let source = self.source();
        let reading = self.reading();
        let mut settings = self.settings;
        let mock_at = (source == Source::Mock).then_some(settings.mock.at);
        settings.at = at.or(mock_at);
        settings.source = source;
        settings.traffic.reading = reading;
        settings.traffic.rewrites = traffic::steps(&self.rewrites);
        settings.traffic.signals.counters = self.counters.join();
        settings.prometheus.auth = self.auth.join();
        settings.prometheus.flavour = self.flavour.join();
        settings.prometheus.tls = self.flavour.tls();
        settings.prometheus.proxy = self.flavour.proxy();
        let policy = &mut settings.policy;
        policy.calendar = self.calendar.join(&policy.prime.zone);
        policy.bounds_rules = self.scopes.rules();
        policy.destinations = self.scopes.destinations();
        policy.pins = self.scopes.pins();
        settings
    }

    fn source(&self) -> Source {
        match (&self.csv, &self.settings.prometheus.url) {
            _ if self.use_mock == Some(true) => Source::Mock,
            (Some(path), _) => Source::Csv(path.clone()),
            (None, Some(url)) => Source::Prometheus(url.clone()),
            (None, None) => Source::Mock,
        }
    }

    fn reading(&self) -> TrafficReading {
        match (&self.query, self.method) {
            (Some(promql), _) => {
                TrafficReading::Query { promql: promql.clone(), yields: self.query_yields }
            }
            (None, "edges") => TrafficReading::Edges,
            (None, "increase") => TrafficReading::Increase,
            (None, _) => TrafficReading::Auto,
        }
    }
}

/// Where every row starts; the table's own test holds each of them against the defaults of the policy.
fn blank() -> Settings {
    Settings {
        mode: Mode::Local,
        policy: Policy::default(),
        source: Source::Mock,
        prometheus: Prometheus {
            url: None,
            flavour: Flavour::Prometheus,
            auth: Auth::None,
            tls: Tls::default(),
            proxy: None,
            headers: BTreeMap::new(),
            parameters: BTreeMap::new(),
            timeout: Duration::ZERO,
            concurrency: 1,
            chunks: Chunks::Auto,
        },
        traffic: Traffic {
            preset: TrafficPreset::Nginx,
            metric: None,
            matchers: None,
            labels: BTreeMap::new(),
            rewrites: BTreeMap::new(),
            constants: BTreeMap::new(),
            signals: Signals {
                status_label: None,
                flags_label: None,
                includes_rejected: true,
                cache: CacheLabel::default(),
                counters: Vec::new(),
            },
            reading: TrafficReading::Auto,
        },
        mock: Mock { seed: 0, at: Timestamp::default() },
        at: None,
        current_file: None,
        limiter_url: None,
        document: DocumentNames {
            domain: String::new(),
            configmap: String::new(),
            namespace: String::new(),
        },
        places: Places {
            output_dir: PathBuf::new(),
            reports_dir: PathBuf::new(),
            store: PathBuf::new(),
        },
        log: Log { level: LogLevel::Info, verbose: false },
        safety: Safety {
            dry_run: true,
            preview_only: true,
            enable_updates: false,
            apply_to_minikube: false,
        },
        show_only_configured: true,
        generate_reports: true,
    }
}
