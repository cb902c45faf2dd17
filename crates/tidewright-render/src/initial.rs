//! The configuration that a first look at a server of metrics leads to: commented, and usable without an edit.
//!
//! The rule: every value stands in quotes, since names come from outside; what a default already says is not repeated;
//! a comment says where a value came from.

use std::fmt::Write as _;

use tidewright_core::{Candidate, Layout, Mismatch, Onboarding, Rejected};

use crate::number;
use crate::onboarding::{evidence, remedy};

/// Where the configuration points to.
#[derive(Clone, Debug)]
pub struct InitialPlaces {
    /// The server of metrics.
    pub url: String,
    /// The file with the limiter's document, as it was named.
    pub current: Option<String>,
}

/// The configuration as YAML, for the first candidate; `None` where there is none.
pub fn initial_config(onboarding: &Onboarding, places: &InitialPlaces) -> Option<String> {
    let best = onboarding.candidates.first()?;
    let mut text = format!(
        "# Found by `tidewright init` at {} on {}.\n# Try it: tidewright limits plan --config THIS_FILE\n\
         # Every key is explained by `tidewright config reference`.\n",
        onboarding.at, onboarding.place
    );
    let (mode, why) = match places.current {
        Some(_) => ("testing", "reads, previews and reports; nothing is written to a cluster"),
        None => ("local", "plans limits for all traffic; writes files below `output`"),
    };
    line(&mut text, 0, "DEPLOYMENT:");
    line(&mut text, 1, &format!("MODE: {mode} # {why}"));
    line(&mut text, 0, "ENVIRONMENTS:");
    line(&mut text, 1, &format!("{mode}:"));
    line(&mut text, 2, &format!("PROMETHEUS_URL: {}", quoted(&places.url)));
    if let Some(current) = &places.current {
        line(&mut text, 2, "# The limiter's document as it is now.");
        line(&mut text, 2, &format!("CURRENT_FILE: {}", quoted(current)));
    }
    roles(&mut text, onboarding);
    traffic(&mut text, best);
    cache(&mut text, best);
    unmatched(&mut text, onboarding);
    Some(text)
}

/// Which descriptors name partners and paths, where they are not called so.
fn roles(text: &mut String, onboarding: &Onboarding) {
    let (partner, path) = &onboarding.roles;
    let odd = |name: &Option<String>, usual: &str| name.clone().filter(|name| name != usual);
    let (partner, path) = (odd(partner, "PARTNER"), odd(path, "PATH"));
    if partner.is_none() && path.is_none() {
        return;
    }
    line(text, 2, "EXCLUSIONS:");
    line(text, 3, "# Which descriptors name a partner and a path, for rules about them.");
    for (key, name) in [("partner_descriptor", partner), ("path_descriptor", path)] {
        if let Some(name) = name {
            line(text, 3, &format!("{key}: {}", quoted(&name)));
        }
    }
}

fn traffic(text: &mut String, best: &Candidate) {
    line(text, 2, "TRAFFIC:");
    comment(
        text,
        &format!(
            "`{}`: {} series, {} requests a day, of which {} have a limit; score {:.2}.",
            best.metric,
            number::whole(best.series as usize),
            number::count(best.requests_per_day),
            number::share(best.traffic_matched),
            best.score
        ),
    );
    comment(text, &format!("{}.", sentence(best.rejected.sentence())));
    let preset = preset(best);
    line(text, 3, &format!("preset: {preset}"));
    if preset == Layout::Custom.preset() {
        line(text, 3, &format!("metric: {}", quoted(&best.metric)));
    }
    let matchers: Vec<&str> = matchers(best, preset).collect();
    if !matchers.is_empty() {
        for (_, why) in &best.matchers {
            comment(text, &format!("{}.", sentence(why)));
        }
        line(text, 3, &format!("matchers: {}", quoted(&matchers.join(","))));
    }
    labels(text, best, preset);
    rewrites(text, best, preset);
    signals(text, best, preset);
    if !best.constants.is_empty() {
        comment(text, "One value in the whole document, and no label carries it.");
        line(text, 3, "constants:");
        for (descriptor, value) in &best.constants {
            line(text, 4, &format!("{}: {}", quoted(descriptor), quoted(value)));
        }
    }
}

/// What labels tell beside demand, where the preset does not know it.
fn signals(text: &mut String, best: &Candidate, preset: &str) {
    if let Some(label) = best.status.as_ref().filter(|_| preset != Layout::Istio.preset()) {
        line(text, 3, &format!("status_label: {} # tells what was rejected", quoted(label)));
    }
    if best.rejected == Rejected::Behind {
        line(text, 3, "includes_rejected: false");
    }
}

/// What a cache did, where the preset does not know it.
fn cache(text: &mut String, best: &Candidate) {
    let is_known = |label: &str| preset(best) == Layout::Nginx.preset() && label == "cache_status";
    let Some((label, hits)) = best.cache.as_ref().filter(|(label, _)| !is_known(label)) else {
        return;
    };
    line(text, 2, "CACHE:");
    line(text, 3, &format!("status_label: {}", quoted(label)));
    let hits: Vec<String> = hits.iter().map(|hit| quoted(hit)).collect();
    if !hits.is_empty() {
        line(text, 3, &format!("hit_statuses: [{}]", hits.join(", ")));
    }
}

/// The preset of the layout, unless it would choose the other end of a connection.
fn preset(best: &Candidate) -> &'static str {
    let other_end = best
        .matchers
        .iter()
        .any(|(matcher, _)| matcher.starts_with("reporter=") && matcher != "reporter=\"source\"");
    let is_usual = best.layout != Layout::Limiter || best.metric.ends_with("_total_hits");
    if other_end || !is_usual { Layout::Custom.preset() } else { best.layout.preset() }
}

/// Matchers that the preset has not got already.
fn matchers<'a>(best: &'a Candidate, preset: &str) -> impl Iterator<Item = &'a str> {
    let is_istio = preset == Layout::Istio.preset();
    let all = best.matchers.iter().map(|(matcher, _)| matcher.as_str());
    all.filter(move |matcher| !(is_istio && matcher.starts_with("reporter=")))
}

fn labels(text: &mut String, best: &Candidate, preset: &str) {
    if preset == Layout::Limiter.preset() {
        comment(text, "The limiter writes each value behind its key, as `KEY_value`.");
    }
    line(text, 3, "labels:");
    for label in &best.labels {
        let found = match label.values {
            0 => format!("found {}", evidence(label)),
            _ => format!("has {} values of the document", evidence(label)),
        };
        let (key, value) = (quoted(&label.descriptor), quoted(&label.label));
        line(text, 4, &format!("{key}: {value} # {found}"));
    }
}

fn rewrites(text: &mut String, best: &Candidate, preset: &str) {
    let is_limiter = preset == Layout::Limiter.preset();
    let mut is_first = true;
    for label in &best.labels {
        // The preset of the limiter strips its prefixes itself.
        let own = format!("{}_** -> **", label.descriptor);
        let steps: Vec<String> = label.rewrites.iter().map(ToString::to_string).collect();
        let steps: Vec<&String> =
            steps.iter().filter(|step| !is_limiter || **step != own).collect();
        if steps.is_empty() {
            continue;
        }
        if std::mem::take(&mut is_first) {
            comment(text, "What makes measured values those of the document.");
            line(text, 3, "rewrites:");
        }
        line(text, 4, &format!("{}:", quoted(&label.descriptor)));
        steps.iter().for_each(|step| line(text, 5, &format!("- {}", quoted(step))));
    }
}

/// Limits that can never match, with what would mend each; nothing of it is needed for a plan.
fn unmatched(text: &mut String, onboarding: &Onboarding) {
    let best = onboarding.candidates.first();
    let labels = best.map_or(&[][..], |best| &best.labels);
    let apart: Vec<&Mismatch> =
        labels.iter().flat_map(|label| label.mismatches.iter().filter(|it| !it.joined)).collect();
    if apart.is_empty() {
        return;
    }
    line(text, 0, "# Limits that can never match as they are written:");
    for mismatch in apart {
        let written = &mismatch.written;
        let measured = &mismatch.measured;
        let told = format!("- `{written}`, measured as `{measured}`: {}.", remedy(mismatch));
        line(text, 0, &format!("# {}", one_line(&told)));
    }
}

fn comment(text: &mut String, told: &str) {
    line(text, 3, &format!("# {}", one_line(told)));
}

fn line(text: &mut String, depth: usize, content: &str) {
    let indent = "  ".repeat(depth);
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{indent}{content}");
}

/// A sentence begins with a capital, unless it begins with a name.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}

/// A comment ends with its line, whatever names are in it.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// A text as a double-quoted scalar.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() || letter == '\u{feff}' => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_quoted_stays_one_scalar() {
        assert_eq!(quoted("a\"b\\c\nd: #"), "\"a\\\"b\\\\c\\U0000000ad: #\"");
    }
}
