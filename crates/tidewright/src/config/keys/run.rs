//! Keys of the run itself: its mode, what it may do, where its files go.

use crate::config::key::{Form, Key, Rule};
use crate::config::settings::LogLevel;

/// Levels under their own names and under those of the predecessor.
const LEVELS: [(&str, LogLevel); 7] = [
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
    ("warning", LogLevel::Warn),
    ("critical", LogLevel::Error),
];

pub(super) static DEPLOYMENT: [Key; 2] = [
    Key::new(
        "DEPLOYMENT.MODE",
        Rule::Mode(|draft, mode| draft.settings.mode = mode),
        "How far a run may reach; it also picks the entry of `ENVIRONMENTS`. Must be set.",
    ),
    Key::new(
        "DEPLOYMENT.ENVIRONMENT",
        Rule::Text { form: Form::Any, set: |_, _| {} },
        "What people call this installation; it labels metrics and messages.",
    )
    .default("default")
    .later("with monitoring"),
];

pub(super) static SAFETY: [Key; 5] = [
    Key::new(
        "DRY_RUN",
        Rule::Flag(|draft, on| draft.settings.safety.dry_run = on),
        "Nothing is written to a cluster; files are written.",
    )
    .default("true")
    .env("DRY_RUN")
    .flag("--dry-run")
    .safest("true"),
    Key::new(
        "PREVIEW_ONLY",
        Rule::Flag(|draft, on| draft.settings.safety.preview_only = on),
        "A change is shown and not made.",
    )
    .default("true")
    .env("PREVIEW_ONLY")
    .safest("true"),
    Key::new(
        "PAUSED",
        Rule::Flag(|draft, on| draft.settings.policy.guards.paused = on),
        "No limit changes at all; plans still say what they would do.",
    )
    .default("false")
    .env("PAUSED")
    .safest("true"),
    Key::new(
        "ENABLE_UPDATES",
        Rule::Flag(|draft, on| draft.settings.safety.enable_updates = on),
        "Writing to the cluster is wanted at all.",
    )
    .default("false")
    .safest("false")
    .later("with production mode"),
    Key::new(
        "APPLY_TO_MINIKUBE",
        Rule::Flag(|draft, on| draft.settings.safety.apply_to_minikube = on),
        "Local mode may write to the cluster of the context `minikube`.",
    )
    .default("false")
    .safest("false")
    .later("with the cluster"),
];

pub(super) static FILES: [Key; 8] = [
    Key::new(
        "CURRENT_FILE",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.settings.current_file = Some(path.into()),
        },
        "The limiter's document as it is now: a `ConfigMap` or the bare YAML.",
    )
    .flag("--current"),
    Key::new(
        "OUTPUT_DIR",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.settings.places.output_dir = path.into(),
        },
        "Where documents go, and in local mode the report.",
    )
    .default("output"),
    Key::new(
        "REPORTS_DIR",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.settings.places.reports_dir = path.into(),
        },
        "Where the reports of testing mode go.",
    )
    .default("reports"),
    Key::new(
        "STORE_PATH",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.settings.places.store = path.into(),
        },
        "The database that remembers runs.",
    )
    .default(".tidewright/runs.db"),
    Key::new(
        "GENERATE_REPORTS",
        Rule::Flag(|draft, on| draft.settings.generate_reports = on),
        "Reports are written.",
    )
    .default("true"),
    Key::new(
        "SHOW_ONLY_CONFIGURED",
        Rule::Flag(|draft, on| draft.settings.show_only_configured = on),
        "Traffic for which the current document has no limit is counted, but not listed. With \
         `false` it is, and so are limits without traffic, never near or hit daily.",
    )
    .default("true"),
    Key::new(
        "LOG_LEVEL",
        Rule::Word {
            words: &["error", "warn", "info", "debug", "trace", "warning", "critical"],
            set: |draft, word| draft.settings.log.level = level(word),
        },
        "The least important message that is told on stderr.",
    )
    .default("info")
    .env("LOG_LEVEL"),
    Key::new(
        "VERBOSE_LOGGING",
        Rule::Flag(|draft, on| draft.settings.log.verbose = on),
        "Messages of libraries are told, too.",
    )
    .default("false"),
];

fn level(word: &str) -> LogLevel {
    LEVELS.into_iter().find(|(name, _)| *name == word).map_or(LogLevel::Info, |(_, level)| level)
}
