//! What a counter's labels mean: which label carries which descriptor, which tells what became of the requests.
//!
//! The rule: a mapping is plain configuration; nothing here knows one company's labels beyond the presets. A value that
//! does not fit (no such label, a prefix that is not there) belongs to no descriptor and is left out, never guessed.
//! Whatever is configured is checked or escaped before it becomes a part of a query.

mod meaning;

use std::collections::BTreeSet;

use tidewright_core::{Rewrite, SeriesKey};

use super::decode::Labels;
use super::promql::escaped;
use super::settings::SettingsError;

pub use self::meaning::{CacheRule, StatusRule};
pub(super) use self::meaning::{Meaning, SignalSet};

/// Which counter is demand, and what its labels mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The counter.
    pub metric: String,
    /// Label matchers as PromQL writes them, such as `reporter="source"`.
    pub matchers: Vec<String>,
    /// One rule per descriptor key.
    pub labels: Vec<LabelRule>,
    /// Descriptors that have the same value in all of the counter's requests, such as a `generic_key`.
    pub constants: Vec<(String, String)>,
    /// Which label tells the status of the answer.
    pub status: Option<StatusRule>,
    /// Which label lists Envoy's response flags, of which `RL` tells that the limiter rejected.
    pub flags: Option<String>,
    /// Which label tells what a cache made of the request.
    pub cache: Option<CacheRule>,
    /// Whether the counter sees the requests that the limiter rejects.
    pub includes_rejected: bool,
}

/// Which label carries the value of a descriptor key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelRule {
    /// The descriptor key, such as `PARTNER`.
    pub descriptor: String,
    /// The metric's label.
    pub label: String,
    /// What stands in front of the value and is no part of it; a value without it is not this descriptor's.
    pub strip_prefix: Option<String>,
    /// What then makes it a value of the document; several measured values may become one.
    pub rewrites: Vec<Rewrite>,
}

impl LabelRule {
    /// A rule for a label that holds the value as it is.
    pub fn new(descriptor: impl Into<String>, label: impl Into<String>) -> Self {
        let (descriptor, label) = (descriptor.into(), label.into());
        Self { descriptor, label, strip_prefix: None, rewrites: Vec::new() }
    }

    /// A rule for a label that holds the value behind `prefix`.
    pub fn prefixed(
        descriptor: impl Into<String>,
        label: impl Into<String>,
        prefix: impl Into<String>,
    ) -> Self {
        Self { strip_prefix: Some(prefix.into()), ..Self::new(descriptor, label) }
    }
}

impl Mapping {
    /// A counter whose labels tell nothing but descriptor values.
    pub fn plain(metric: impl Into<String>, matchers: &[&str], labels: Vec<LabelRule>) -> Self {
        Self {
            metric: metric.into(),
            matchers: matchers.iter().map(|matcher| (*matcher).to_owned()).collect(),
            labels,
            constants: Vec::new(),
            status: None,
            flags: None,
            cache: None,
            includes_rejected: true,
        }
    }

    /// Any counter, of which every series must have all of these labels.
    pub fn custom(metric: impl Into<String>, labels: Vec<LabelRule>) -> Self {
        let present: Vec<String> = labels.iter().map(present).collect();
        Self { matchers: present, ..Self::plain(metric, &[], labels) }
    }

    /// The request counter of an nginx with the labels `partner` and `path`, and `cache_status` where it caches.
    pub fn nginx() -> Self {
        let labels = vec![LabelRule::new("PARTNER", "partner"), LabelRule::new("PATH", "path")];
        let cache = CacheRule { guessed: true, ..CacheRule::new("cache_status", ["HIT"]) };
        let custom = Self::custom("service_nginx_request_time_s_count", labels);
        Self { cache: Some(cache), ..custom }
    }

    /// Istio's request counter as one `reporter` sees it, with labels that were added to it for this purpose.
    ///
    /// Both ends of a connection report: without choosing one, every request counts twice.
    pub fn istio(reporter: &str, labels: Vec<LabelRule>) -> Self {
        let reporter = format!("reporter=\"{}\"", escaped(reporter));
        Self {
            matchers: std::iter::once(reporter).chain(labels.iter().map(present)).collect(),
            status: Some(StatusRule { guessed: true, ..StatusRule::new("response_code") }),
            flags: Some("response_flags".to_owned()),
            ..Self::plain("istio_requests_total", &[], labels)
        }
    }

    /// The limiter's own count of hits, which holds the rejected ones too; its labels have the traps of
    /// [`Mapping::over_limit`].
    pub fn ratelimit() -> Self {
        let matchers = [r#"key1=~"PARTNER_.+""#, r#"key2=~"PATH_.+""#];
        Self::plain("ratelimit_service_rate_limit_total_hits", &matchers, limiter_labels())
    }

    /// The limiter's own count of hits over a limit.
    ///
    /// Its labels have traps: a value is cut at its first dot, limits three deep count into their second level, and a
    /// descriptor without a value hides its values. Nothing is matched away here, so that what has no value is seen.
    /// Where one limiter serves several domains they add up, unless a matcher such as `domain="edge"` names one.
    pub fn over_limit() -> Self {
        let matchers = [r#"key1!="""#, r#"key2!="""#];
        Self::plain("ratelimit_service_rate_limit_over_limit", &matchers, limiter_labels())
    }

    /// With more matchers, as PromQL writes them between braces: `job="edge",code!="404"`.
    #[must_use]
    pub fn matching(mut self, matchers: &str) -> Self {
        self.matchers.extend(split_matchers(matchers));
        self
    }

    /// Whether the names and matchers are such.
    ///
    /// # Errors
    /// [`SettingsError`] names the first that is not.
    pub fn check(&self) -> Result<(), SettingsError> {
        check_name(&self.metric, true)?;
        if self.labels.is_empty() {
            return Err(SettingsError::NoLabels(self.metric.clone()));
        }
        let mut seen = BTreeSet::new();
        for rule in &self.labels {
            check_name(&rule.label, false)?;
            let fresh =
                seen.insert(("descriptor", &rule.descriptor)) & seen.insert(("label", &rule.label));
            if !fresh {
                return Err(SettingsError::Twice(rule.descriptor.clone()));
            }
        }
        for (constant, _) in &self.constants {
            if !seen.insert(("descriptor", constant)) {
                return Err(SettingsError::Twice(constant.clone()));
            }
        }
        self.signal_labels().try_for_each(|label| check_name(label, false))?;
        self.check_hits()?;
        let wrong = self.matchers.iter().find(|matcher| !is_matcher(matcher));
        wrong.map_or(Ok(()), |matcher| Err(SettingsError::Matcher(matcher.clone())))
    }

    fn check_hits(&self) -> Result<(), SettingsError> {
        let is_bad = |rule: &&CacheRule| rule.hits.is_empty() || rule.hits.contains("");
        let Some(rule) = self.cache.as_ref().filter(is_bad) else { return Ok(()) };
        let value = rule.hits.iter().cloned().collect::<Vec<_>>().join(", ");
        let rule = "name at least one status of the cache, and no empty one";
        Err(SettingsError::Unfit { name: "cache hits", rule, value })
    }

    /// The counter with its matchers: `metric{a="b",c!=""}`.
    pub fn selector(&self) -> String {
        format!("{}{{{}}}", self.metric, self.matchers.join(","))
    }

    /// The mapped labels as PromQL lists them: `partner, path`.
    pub fn label_list(&self) -> String {
        let labels: Vec<_> = self.labels.iter().map(|rule| rule.label.as_str()).collect();
        labels.join(", ")
    }

    /// Whether the same descriptor keys are mapped.
    pub(super) fn describes_as(&self, other: &Self) -> bool {
        let keys = |mapping: &Self| -> BTreeSet<String> {
            let labels = mapping.labels.iter().map(|rule| &rule.descriptor);
            labels.chain(mapping.constants.iter().map(|(key, _)| key)).cloned().collect()
        };
        keys(self) == keys(other)
    }

    /// All labels that mean something, as PromQL lists them after `by`.
    pub(super) fn grouping(&self) -> String {
        let mut labels: Vec<&str> = self.labels.iter().map(|rule| rule.label.as_str()).collect();
        for label in self.signal_labels() {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels.join(", ")
    }

    /// What tells one series from another: the values of all labels that mean something, and how many it has of them.
    pub(super) fn values(&self, labels: &Labels) -> (String, usize) {
        let mapped = self.labels.iter().map(|rule| rule.label.as_str());
        let found: Vec<_> =
            mapped.chain(self.signal_labels()).map(|label| labels.value(label)).collect();
        let count = found.iter().flatten().count();
        // A byte that no label holds keeps the parts apart.
        (
            found.iter().map(|value| value.unwrap_or_default()).collect::<Vec<_>>().join("\u{1f}"),
            count,
        )
    }

    /// What a series tells of its requests beside their number.
    pub(super) fn meaning(&self, labels: &Labels) -> Meaning {
        let (status, cache) = (self.status.as_ref(), self.cache.as_ref());
        meaning::meaning(labels, status, self.flags.as_deref(), cache)
    }

    fn signal_labels(&self) -> impl Iterator<Item = &str> {
        let status = self.status.as_ref().map(|rule| rule.label.as_str());
        let cache = self.cache.as_ref().map(|rule| rule.label.as_str());
        status.into_iter().chain(self.flags.as_deref()).chain(cache)
    }

    /// The descriptor values of a series; `None` where it has not got them all.
    pub(super) fn key(&self, labels: &Labels) -> Option<SeriesKey> {
        let value = |rule: &LabelRule| {
            let value = labels.value(&rule.label).filter(|value| !value.is_empty())?;
            let bare = value.strip_prefix(rule.strip_prefix.as_deref().unwrap_or_default())?;
            let written = Rewrite::apply_all(&rule.rewrites, bare).into_owned();
            Some((rule.descriptor.clone(), written))
        };
        let pairs: Option<Vec<_>> = self.labels.iter().map(value).collect();
        pairs.map(|pairs| SeriesKey::new(pairs.into_iter().chain(self.constants.iter().cloned())))
    }
}

/// That a series has the label of a rule.
fn present(rule: &LabelRule) -> String {
    format!(r#"{}!="""#, rule.label)
}

/// How the limiter's own metrics name a partner and a path.
fn limiter_labels() -> Vec<LabelRule> {
    vec![
        LabelRule::prefixed("PARTNER", "key1", "PARTNER_"),
        LabelRule::prefixed("PATH", "key2", "PATH_"),
    ]
}

fn check_name(name: &str, with_colon: bool) -> Result<(), SettingsError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || (with_colon && c == ':');
    let starts_well = name.starts_with(|c: char| !c.is_ascii_digit());
    if starts_well && name.chars().all(fits) {
        return Ok(());
    }
    Err(SettingsError::Name(name.to_owned()))
}

/// The parts of a list of matchers: a comma inside a quoted value parts nothing.
fn split_matchers(text: &str) -> Vec<String> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|c| {
        let parts = c == ',' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        parts
    });
    parts.map(|part| part.trim().to_owned()).collect()
}

/// Whether `text` is a label name, an operator and one quoted string: nothing else may reach the query.
fn is_matcher(text: &str) -> bool {
    let Some(operator) = text.find(['=', '!']) else { return false };
    let (name, rest) = text.split_at(operator);
    let value = ["=~", "!~", "!=", "="].iter().find_map(|op| rest.strip_prefix(op));
    let inner = value.map(str::trim).and_then(|v| v.strip_prefix('"')?.strip_suffix('"'));
    check_name(name.trim(), false).is_ok() && inner.is_some_and(is_inside_of_string)
}

/// Whether every quote in `text` is escaped and its last backslash escapes something.
fn is_inside_of_string(text: &str) -> bool {
    let mut escaped = false;
    for c in text.chars() {
        match (escaped, c) {
            (true, _) => escaped = false,
            (false, '\\') => escaped = true,
            (false, '"' | '\n') => return false,
            (false, _) => {}
        }
    }
    !escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presets_are_sound_and_write_their_selector() {
        let istio = Mapping::istio("source", vec![LabelRule::new("PATH", "request_path")]);
        for mapping in [Mapping::nginx(), Mapping::ratelimit(), istio.clone()] {
            assert_eq!(mapping.check(), Ok(()));
        }
        assert_eq!(
            Mapping::nginx().selector(),
            r#"service_nginx_request_time_s_count{partner!="",path!=""}"#
        );
        assert_eq!(istio.selector(), r#"istio_requests_total{reporter="source",request_path!=""}"#);
    }

    #[test]
    fn several_matchers_may_stand_in_one_text() {
        let mapping = Mapping::nginx().matching(r#"job="a,\"b", code!="404""#);
        assert_eq!(mapping.matchers[2..], [r#"job="a,\"b""#, r#"code!="404""#]);
        assert_eq!(mapping.check(), Ok(()));
    }

    #[test]
    fn a_prefix_is_stripped_and_a_value_without_it_is_left_out() {
        let key = |text: &str| {
            Mapping::ratelimit().key(&Labels::from_pairs([("key1", text), ("key2", "PATH_/a")]))
        };
        let expected = SeriesKey::new([("PARTNER", "p1"), ("PATH", "/a")]);
        assert_eq!(key("PARTNER_p1"), Some(expected));
        assert_eq!(key("USER_p1"), None);
        assert_eq!(key(""), None);
    }

    #[test]
    fn an_odd_reporter_is_still_one_matcher() {
        let odd = "a\"b\\c\nd\u{e9}}";
        assert_eq!(Mapping::istio(odd, vec![LabelRule::new("PATH", "p")]).check(), Ok(()));
    }

    #[test]
    fn labels_that_tell_of_requests_are_grouped_by_and_checked() {
        let istio = Mapping::istio("source", vec![LabelRule::new("PATH", "request_path")]);
        assert_eq!(istio.grouping(), "request_path, response_code, response_flags");
        let mut nginx = Mapping::nginx();
        nginx.labels.push(LabelRule::new("CACHE", "cache_status"));
        assert_eq!(nginx.grouping(), "partner, path, cache_status");
        nginx.cache = Some(CacheRule::new("cache_status", [""]));
        assert!(nginx.check().unwrap_err().to_string().contains("`cache hits`"));
        nginx.cache = Some(CacheRule::new("x) or vector(1", ["HIT"]));
        assert_eq!(nginx.check(), Err(SettingsError::Name("x) or vector(1".to_owned())));
    }

    #[test]
    fn a_value_is_rewritten_and_a_constant_stands_beside_it() {
        let mut rule = LabelRule::new("route", "path");
        rule.rewrites = vec![Rewrite::StripQuery, Rewrite::CollapseIds];
        let mut mapping = Mapping::custom("hits", vec![rule]);
        mapping.constants = vec![("generic_key".to_owned(), "shop".to_owned())];
        let key = mapping.key(&Labels::from_pairs([("path", "/u/7?x=1")]));
        assert_eq!(key, Some(SeriesKey::new([("generic_key", "shop"), ("route", "/u/{id}")])));
        assert_eq!((mapping.selector(), mapping.check()), (r#"hits{path!=""}"#.to_owned(), Ok(())));
        mapping.constants.push(("route".to_owned(), "x".to_owned()));
        assert_eq!(mapping.check(), Err(SettingsError::Twice("route".to_owned())));
    }

    #[test]
    fn a_matcher_cannot_smuggle_anything_into_the_query() {
        for good in [r#"a="b""#, r#"a =~ "b|\"c\"""#, r#"_x!~"""#, r#"a!="}""#] {
            assert!(is_matcher(good), "{good}");
        }
        for bad in [r#"a="b"} or up{x="y""#, r#"a="b\""#, "a=b", r#"1a="b""#, r#"a>"b""#, ""] {
            assert!(!is_matcher(bad), "{bad}");
        }
    }

    #[test]
    fn a_mapping_names_each_label_and_key_once() {
        let mut mapping = Mapping::nginx();
        mapping.labels[1].label = "partner".to_owned();
        assert_eq!(mapping.check(), Err(SettingsError::Twice("PATH".to_owned())));
        mapping.labels.clear();
        assert!(mapping.check().is_err());
        mapping.metric = "9lives".to_owned();
        assert_eq!(mapping.check(), Err(SettingsError::Name("9lives".to_owned())));
    }
}
