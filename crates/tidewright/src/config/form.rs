//! The forms of texts: URLs, metric names, label matchers, object names, headers.
//!
//! A form catches what would fail later and far away; it is no full grammar. Credentials have no place in any of them.

use tidewright_core::{Combination, Quantile, Zone};

use super::key::{Form, PairForm, Rule};

/// Words in the name of a header that carries a credential.
const CREDENTIAL_WORDS: [&str; 8] =
    ["auth", "token", "secret", "password", "cookie", "key", "session", "jwt"];

/// The form in words; it follows "must be".
pub(super) fn describe(form: Form) -> &'static str {
    match form {
        Form::Any => "a text",
        Form::Path => "a path",
        Form::Url => "a URL like `http://prometheus:9090`, without credentials or a query",
        Form::Metric => "the name of a metric",
        Form::Label => "the name of a label",
        Form::Matchers => "PromQL label matchers like `reporter=\"source\"`, without braces",
        Form::ObjectName => "a name of lower-case letters, digits, `-` and `.`",
        Form::When => "a time like `2026-11-27 18:00` or `2026-11-27T18:00:00+01:00`, or a date",
        Form::Day => "a date like `2026-12-25`, or `12-25` for every year",
        Form::Combination => "`largest`, or `quantile Q` with `Q` between 0 and 1",
    }
}

/// A way out for a text that does not have the form.
pub(super) fn advice(form: Form) -> &'static str {
    match form {
        Form::Url => {
            "credentials come from PROMETHEUS_TOKEN, or PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD"
        }
        Form::Matchers => "write `label=\"value\"`, with commas between",
        Form::Metric => "use letters, digits, `_` and `:`",
        Form::Label => "use letters, digits and `_`",
        Form::When => "write year, month and day, and hours and minutes where they matter",
        Form::Day => "write year, month and day, or month and day",
        Form::Combination => {
            "write `quantile 0.95` to leave the largest 5 % of values to be limited"
        }
        Form::Any | Form::Path | Form::ObjectName => "write a value, or remove it",
    }
}

/// Whether a text has the form.
pub(super) fn fits(form: Form, text: &str) -> bool {
    let is_text = !text.trim().is_empty() && !text.chars().any(char::is_control);
    is_text
        && match form {
            Form::Any | Form::Path => true,
            Form::Url => is_url(text),
            Form::Metric => is_metric(text),
            Form::Label => is_label(text),
            Form::Matchers => are_matchers(text),
            Form::ObjectName => is_object_name(text),
            Form::When => Zone::utc().parse(text).is_ok(),
            Form::Day => is_day(text),
            Form::Combination => combination(text).is_some(),
        }
}

/// How values are combined, by its words.
pub(super) fn combination(text: &str) -> Option<Combination> {
    if text == "largest" {
        return Some(Combination::Largest);
    }
    let level = text.strip_prefix("quantile")?.trim_start().parse().ok()?;
    Quantile::new(level).ok().map(Combination::Quantile)
}

/// Whether a text names a day without a year.
pub(super) fn is_yearly(day: &str) -> bool {
    day.len() == "12-25".len()
}

/// Whether a text under this rule may be a credential, or hold one, that nobody should print.
pub(super) fn may_be_secret(rule: &Rule, text: &str) -> bool {
    match rule {
        Rule::Secret(_) | Rule::Pairs { form: PairForm::Headers | PairForm::Parameters, .. } => {
            true
        }
        Rule::Text { form: Form::Url, .. } => text.contains(['@', '?']),
        _ => false,
    }
}

/// What is wrong with a pair: the key, the complaint and a way out.
pub(super) fn fault_of_pair(
    form: PairForm,
    key: &str,
    text: &str,
) -> Option<(String, String, &'static str)> {
    let fault = match form {
        PairForm::Labels if !is_label(text) => {
            (format!("must be the name of a label, got `{text}`"), "use letters, digits and `_`")
        }
        PairForm::Headers | PairForm::Parameters if is_credential(key) => (
            "must not hold credentials in the file, got a value that is not shown".to_owned(),
            "set PROMETHEUS_TOKEN, or name a file in `PROMETHEUS_AUTH.bearer_token_file`",
        ),
        PairForm::Headers if !is_header(key) => (
            "must be the name of a header".to_owned(),
            "use letters, digits and `-`, such as `X-Scope-OrgID`",
        ),
        _ => return None,
    };
    Some((key.to_owned(), fault.0, fault.1))
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let Some(rest) = rest else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let has_host = !host.is_empty() && !host.starts_with(':');
    has_host && !host.contains('@') && !text.contains(['?', '#', ' '])
}

fn is_metric(text: &str) -> bool {
    let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || "_:".contains(c));
    first && text.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
}

fn is_label(text: &str) -> bool {
    is_metric(text) && !text.contains(':')
}

/// Label, operator, quoted value, comma between: enough to keep a slip from becoming another query.
fn are_matchers(text: &str) -> bool {
    let mut rest = text.trim();
    loop {
        let Some(tail) = matcher(rest) else { return false };
        let tail = tail.trim_start();
        if tail.is_empty() {
            return true;
        }
        let Some(next) = tail.strip_prefix(',') else { return false };
        rest = next.trim_start();
    }
}

/// What follows one matcher.
fn matcher(text: &str) -> Option<&str> {
    let (label, rest) = text.split_at(text.find(['=', '!'])?);
    let rest = ["=~", "!~", "!=", "="].iter().find_map(|sign| rest.strip_prefix(sign))?;
    let value = rest.trim_start().strip_prefix('"')?;
    let mut is_escaped = false;
    let end = value.find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    is_label(label.trim()).then(|| &value[end + 1..])
}

fn is_object_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let ends = text.starts_with(plain) && text.ends_with(plain);
    // 253 is what Kubernetes allows for the name of an object.
    ends && text.len() <= 253 && text.chars().all(|c| plain(c) || c == '-' || c == '.')
}

fn is_day(text: &str) -> bool {
    let whole = if is_yearly(text) { format!("2000-{text}") } else { text.to_owned() };
    whole.len() == "2000-12-25".len() && Zone::utc().parse(&whole).is_ok()
}

fn is_header(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

fn is_credential(header: &str) -> bool {
    let header = header.to_lowercase();
    CREDENTIAL_WORDS.iter().any(|word| header.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: Form, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(fits(form, text), "`{text}` is {}", describe(form));
        }
        for text in bad {
            assert!(!fits(form, text), "`{text}` is not {}", describe(form));
        }
    }

    #[test]
    fn a_url_has_a_scheme_and_a_host_and_no_credentials() {
        let good =
            ["http://localhost:9090", "https://prom.example.com/prefix", "http://[::1]:9090"];
        let bad =
            ["localhost:9090", "http://", "ftp://x", "http://me:pw@x", "http://x?q=1", "http:// x"];
        check(Form::Url, &good, &bad);
    }

    #[test]
    fn matchers_are_quoted_and_separated() {
        let good = ["a=\"1\"", "a=~\"x|y\", b!=\"\"", "a!~\"\\\"}\""];
        let bad =
            ["", "a", "a=1", "{a=\"1\"}", "a=\"1\"} or b{c=\"2\"", "a=\"1\" b=\"2\"", "a=\"1"];
        check(Form::Matchers, &good, &bad);
    }

    #[test]
    fn names_of_metrics_and_objects_are_plain() {
        check(Form::Metric, &["http_requests_total", "job:rate1m"], &["1x", "a b", "a{}", ""]);
        check(Form::ObjectName, &["ratelimit-config", "a.b"], &["Config", "-a", "a_b", ""]);
    }

    #[test]
    fn a_day_has_a_year_or_comes_every_year() {
        check(
            Form::Day,
            &["2026-12-25", "12-25", "02-29"],
            &["25.12.", "13-01", "2026-02-29", "12-25x"],
        );
    }

    #[test]
    fn a_time_may_be_local_or_have_an_offset_or_be_a_date() {
        let good =
            ["2026-11-27", "2026-11-27 18:00", "2026-11-27T18:00", "2026-11-27T18:00:00+01:00"];
        check(Form::When, &good, &["soon", "27.11.2026", "2026-13-01", "18:00"]);
    }

    #[test]
    fn values_are_combined_by_the_largest_or_by_a_quantile() {
        let good = ["largest", "quantile 0.95", "quantile 0.5"];
        check(Form::Combination, &good, &["max", "quantile", "quantile 1", "quantile 95", "0.95"]);
    }

    #[test]
    fn a_header_with_a_credential_is_refused() {
        assert!(fault_of_pair(PairForm::Headers, "Authorization", "Bearer abc").is_some());
        assert!(fault_of_pair(PairForm::Headers, "X-Api-Key", "abc").is_some());
        assert!(fault_of_pair(PairForm::Headers, "X-Scope-OrgID", "team-a").is_none());
    }
}
