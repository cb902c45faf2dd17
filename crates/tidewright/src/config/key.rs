//! What the table of keys is made of: a key, the rule for its value and where the value goes.
//!
//! A row says everything about its key once; reading, checking, showing and the reference page all follow from it.

use std::collections::BTreeMap;
use std::time::Duration;

use tidewright_core::{Mode, Quantile, Timestamp, Zone};

use super::draft::Draft;
use super::form;
use super::record::Spot;

/// One row of the table of keys.
#[derive(Debug)]
pub(super) struct Key {
    /// The path below a section, such as `RATE_CALCULATION.safety_margin`.
    pub(super) path: &'static str,
    pub(super) rule: Rule,
    /// One sentence for the reference page.
    pub(super) doc: &'static str,
    /// As it would be written in a file; `None` leaves the value unset.
    pub(super) default: Option<&'static str>,
    /// The default in local mode, where it differs.
    pub(super) default_local: Option<&'static str>,
    pub(super) env: Option<&'static str>,
    pub(super) flag: Option<&'static str>,
    pub(super) effect: Effect,
    /// For a safety key: the value that wins over the other, wherever it comes from.
    pub(super) safest: Option<&'static str>,
    /// For a field of an entry: whether the entry must have it.
    pub(super) is_required: bool,
}

/// Whether this version does anything with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Now,
    /// Accepted and checked; it takes effect with a later step, named here in words.
    Later(&'static str),
    /// Accepted, and not needed, for this reason.
    Moot(&'static str),
}

/// Where a value goes.
type Set<T> = fn(&mut Draft, T);

/// What a value must be, and where it goes.
#[derive(Debug)]
pub(super) enum Rule {
    Flag(Set<bool>),
    Number {
        min: f64,
        max: f64,
        set: Set<f64>,
    },
    Whole {
        min: u64,
        max: u64,
        set: Set<u64>,
    },
    Quantile(Set<Quantile>),
    /// `bare` is what a number without a unit counts; `None` asks for a unit.
    Span {
        bare: Option<Bare>,
        min: Duration,
        max: Duration,
        set: Set<Duration>,
    },
    Moment(Set<Timestamp>),
    Zone(Set<Zone>),
    Mode(Set<Mode>),
    /// In any case; the setter gets the word as it stands in the list.
    Word {
        words: &'static [&'static str],
        set: Set<&'static str>,
    },
    Text {
        form: Form,
        set: Set<String>,
    },
    /// A text that may come from the environment only.
    Secret(Set<String>),
    Texts {
        form: Form,
        set: Set<Vec<String>>,
    },
    /// Text to text.
    Pairs {
        form: PairForm,
        set: Set<BTreeMap<String, String>>,
    },
    /// Text to texts.
    Lists(Set<BTreeMap<String, Vec<String>>>),
    /// A list of entries, each a small map.
    Records(Table),
    /// A map of entries by their names.
    Named(Table),
}

/// What an entry of a list or of a map is made of.
#[derive(Debug)]
pub(super) struct Table {
    /// Rows like all others; their setters fill [`Draft::entry`].
    pub(super) fields: &'static [Key],
    /// The field that an entry without fields stands for, as in `- NAME` for `- {limit: NAME}`.
    pub(super) shorthand: Option<&'static str>,
    /// Moves a whole entry out of [`Draft::entry`] to where it belongs.
    pub(super) each: Set<Spot>,
}

/// What a number without a unit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    Seconds,
    Minutes,
    Days,
}

/// The form that a text must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Anything but nothing.
    Any,
    /// A path; `~/` is the home folder.
    Path,
    /// `http://` or `https://`, without credentials.
    Url,
    /// The name of a metric.
    Metric,
    /// The name of a label.
    Label,
    /// PromQL label matchers without braces.
    Matchers,
    /// The name of a Kubernetes object.
    ObjectName,
    /// A moment, or a local time or date of a zone that is known later.
    When,
    /// A date, or a date without a year for every year.
    Day,
    /// How values are combined.
    Combination,
}

/// The form that the pairs of a map must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PairForm {
    /// Descriptor key to label.
    Labels,
    /// Descriptor key to the value that it always has.
    Constants,
    /// HTTP header to value; no credentials.
    Headers,
    /// Parameter of a query to value; no credentials.
    Parameters,
}

impl Key {
    pub(super) const fn new(path: &'static str, rule: Rule, doc: &'static str) -> Self {
        Self {
            path,
            rule,
            doc,
            default: None,
            default_local: None,
            env: None,
            flag: None,
            effect: Effect::Now,
            safest: None,
            is_required: false,
        }
    }

    pub(super) const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }

    pub(super) const fn default_local(mut self, text: &'static str) -> Self {
        self.default_local = Some(text);
        self
    }

    pub(super) const fn env(mut self, name: &'static str) -> Self {
        self.env = Some(name);
        self
    }

    pub(super) const fn flag(mut self, name: &'static str) -> Self {
        self.flag = Some(name);
        self
    }

    pub(super) const fn later(mut self, step: &'static str) -> Self {
        self.effect = Effect::Later(step);
        self
    }

    pub(super) const fn moot(mut self, reason: &'static str) -> Self {
        self.effect = Effect::Moot(reason);
        self
    }

    pub(super) const fn safest(mut self, text: &'static str) -> Self {
        self.safest = Some(text);
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// What stands for the key where nobody set it.
    pub(super) fn default_in(&self, mode: Mode) -> Option<&'static str> {
        let local = self.default_local.filter(|_| mode == Mode::Local);
        local.or(self.default)
    }

    /// The last part of the path.
    pub(super) fn leaf(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// The path without its last part; empty at the top.
    pub(super) fn group(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(group, _)| group)
    }

    /// What a fault advises where nothing better is known.
    pub(super) fn way_out(&self) -> String {
        match (&self.rule, self.env, self.default) {
            (Rule::Secret(_), Some(env), _) => {
                format!("set {env} in the environment, or name a file in `{}_file`", self.path)
            }
            (_, _, Some(default)) => format!("remove it to take the default, `{default}`"),
            (Rule::Mode(_), _, _) => {
                "local makes data up, testing reads and reports, production writes".to_owned()
            }
            (Rule::Text { form, .. } | Rule::Texts { form, .. }, _, _) => {
                form::advice(*form).to_owned()
            }
            _ => "the reference page docs/configuration.md tells what it does".to_owned(),
        }
    }
}

impl Rule {
    /// The rows of an entry, where the value is made of entries.
    pub(super) fn fields(&self) -> &'static [Key] {
        match self {
            Self::Records(table) | Self::Named(table) => table.fields,
            _ => &[],
        }
    }
}

impl Bare {
    /// The word for a message.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Days => "days",
        }
    }

    /// The length of one.
    pub(super) const fn secs(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Minutes => 60.0,
            Self::Days => 86_400.0,
        }
    }
}
