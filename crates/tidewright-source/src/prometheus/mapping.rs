//! What a counter's labels mean: which label carries which descriptor.
//!
//! The rule: a mapping is plain configuration; nothing here knows one company's labels beyond the presets. A value that
//! does not fit (no such label, a prefix that is not there) belongs to no descriptor and is left out, never guessed.

use std::collections::BTreeSet;

use tidewright_core::SeriesKey;

use super::decode::Labels;
use super::settings::SettingsError;

/// Which counter is demand, and what its labels mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The counter.
    pub metric: String,
    /// Label matchers as PromQL writes them, such as `reporter="source"`.
    pub matchers: Vec<String>,
    /// One rule per descriptor key.
    pub labels: Vec<LabelRule>,
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
}

impl LabelRule {
    /// A rule for a label that holds the value as it is.
    pub fn new(descriptor: impl Into<String>, label: impl Into<String>) -> Self {
        Self { descriptor: descriptor.into(), label: label.into(), strip_prefix: None }
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
    /// The request counter of an nginx with the labels `partner` and `path`.
    pub fn nginx() -> Self {
        Self {
            metric: "service_nginx_request_time_s_count".to_owned(),
            matchers: vec![r#"partner!="""#.to_owned(), r#"path!="""#.to_owned()],
            labels: vec![LabelRule::new("PARTNER", "partner"), LabelRule::new("PATH", "path")],
        }
    }

    /// Istio's request counter as one `reporter` sees it, with labels that were added to it for this purpose.
    ///
    /// Both ends of a connection report: without choosing one, every request counts twice.
    pub fn istio(reporter: &str, labels: Vec<LabelRule>) -> Self {
        let present = labels.iter().map(|rule| format!(r#"{}!="""#, rule.label));
        let reporter = format!("reporter={reporter:?}");
        Self {
            metric: "istio_requests_total".to_owned(),
            matchers: std::iter::once(reporter).chain(present).collect(),
            labels,
        }
    }

    /// The limiter's own count of hits, which holds the rejected ones too.
    pub fn ratelimit() -> Self {
        Self {
            metric: "ratelimit_service_rate_limit_total_hits".to_owned(),
            matchers: vec![r#"key1=~"PARTNER_.+""#.to_owned(), r#"key2=~"PATH_.+""#.to_owned()],
            labels: vec![
                LabelRule::prefixed("PARTNER", "key1", "PARTNER_"),
                LabelRule::prefixed("PATH", "key2", "PATH_"),
            ],
        }
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
        let wrong = self.matchers.iter().find(|matcher| !is_matcher(matcher));
        wrong.map_or(Ok(()), |matcher| Err(SettingsError::Matcher(matcher.clone())))
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

    /// The descriptor values of a series; `None` where it has not got them all.
    pub(super) fn key(&self, labels: &Labels) -> Option<SeriesKey> {
        let value = |rule: &LabelRule| {
            let value = labels.value(&rule.label).filter(|value| !value.is_empty())?;
            let bare = value.strip_prefix(rule.strip_prefix.as_deref().unwrap_or_default())?;
            Some((rule.descriptor.clone(), bare.to_owned()))
        };
        let pairs: Option<Vec<_>> = self.labels.iter().map(value).collect();
        pairs.map(SeriesKey::new)
    }
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
