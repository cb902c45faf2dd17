//! `tidewright init`: looks at a Prometheus and a document, and prints the configuration that follows.
//!
//! stdout is the configuration, so that `> config.yaml` works; what was found, and why, is told on stderr.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tidewright_core::{LimitTarget, Onboarding};
use tidewright_engine::onboard;
use tidewright_files::{FileTarget, ReportFolder};
use tidewright_limiter::Document;
use tidewright_render::{InitialPlaces, initial_config, onboarding_table};

use super::{print, quoted, tell, width};
use crate::adapt;
use crate::args::InitArguments;
use crate::config::{Overrides, Settings, Source, load};
use crate::exit::Mistake;
use crate::telemetry;
use crate::wall::WallClock;

/// What is known before anything was found: how Prometheus is reached comes from flags and the environment.
const BLANK: &str = "DEPLOYMENT: {MODE: testing}\nENVIRONMENTS: {testing: {}}\n";

/// Finds counters, labels and limits, and prints the configuration.
pub(crate) async fn init(arguments: InitArguments) -> Result<()> {
    let output = arguments.output_file.as_deref();
    if let Some(path) = output.filter(|path| path.exists() && !arguments.yes) {
        let message = format!("`{}` exists already", path.display());
        return Err(Mistake::new(message, "name another file, or add `--yes` to replace it").into());
    }
    let settings = settings(&arguments)?;
    let Source::Prometheus(url) = &settings.source else {
        let message = "there is no Prometheus to look at";
        return Err(Mistake::new(message, "name it with `--prometheus-url URL`").into());
    };
    let document = document(arguments.current.as_deref()).await?;
    let explorer = adapt::explorer(&settings, url)?;
    let at = adapt::moment(&settings, &WallClock);
    let found = onboard(&explorer, document.as_ref(), at).await?;
    tell(&onboarding_table(&found, width()));
    let places = InitialPlaces {
        url: url.clone(),
        current: arguments.current.as_ref().map(|path| path.display().to_string()),
    };
    let text = initial_config(&found, &places)
        .ok_or_else(|| nothing(&found, arguments.current.as_deref()))?;
    let Some(path) = output else {
        tell("next: tidewright limits plan --config THIS_FILE");
        return print(&text);
    };
    save(path, &text)?;
    tell(&format!("written: {}", path.display()));
    tell(&format!("next: tidewright limits plan --config {}", quoted(&path.display().to_string())));
    Ok(())
}

fn settings(arguments: &InitArguments) -> Result<Settings> {
    let overrides = Overrides::default()
        .flag("--prometheus-url", arguments.prometheus_url.clone())
        .of_record()
        .at(arguments.at);
    let settings = load(BLANK, "init", &overrides, &|name| std::env::var(name).ok())?.settings;
    telemetry::start(settings.log);
    Ok(settings)
}

async fn document(path: Option<&Path>) -> Result<Option<Document>> {
    let Some(path) = path else { return Ok(None) };
    let target = FileTarget::new(path);
    let place = target.describe();
    let bytes = target.load().await?;
    let missing = || {
        let hint = "save it with `kubectl get configmap ratelimit-config -o yaml > limits.yaml`";
        Mistake::new(format!("there is no document `{place}`"), hint)
    };
    let bytes = bytes.ok_or_else(missing)?;
    let parsed =
        Document::parse(&bytes).with_context(|| format!("cannot use the limits in `{place}`"));
    parsed.map(Some)
}

/// That there is nothing to propose, and what would have to be there.
fn nothing(found: &Onboarding, current: Option<&Path>) -> Mistake {
    let (all, close) = found.looked_at;
    let place = &found.place;
    if all == 0 {
        let message = format!("`{place}` has no metric with samples in the last day");
        return Mistake::new(message, "check the address, and that it scrapes anything");
    }
    let wanted = match current {
        Some(path) => format!("has labels with the values of `{}`", path.display()),
        None => "has labels for a partner and a path".to_owned(),
    };
    Mistake::new(
        format!("none of the `{close}` counters at `{place}` that rise {wanted}"),
        "count requests by the values that the limiter sees, for example \
         `http_requests_total{partner=\"...\",path=\"...\"}`, or let the limiter expose its own counters \
         (`USE_PROMETHEUS=true`)",
    )
}

fn save(path: &Path, text: &str) -> Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| {
        Mistake::new(format!("`{}` names no file", path.display()), "end it with a file's name")
    })?;
    let folder = ReportFolder::new(folder.unwrap_or(Path::new(".")));
    Ok(folder.write(&name, text.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use tidewright_core::{Candidate, Coverage, Layout, MappedLabel, Rejected, Rewrite, Timestamp};

    use super::*;

    fn label(descriptor: &str, label: &str, rewrites: Vec<Rewrite>) -> MappedLabel {
        let (descriptor, label) = (descriptor.to_owned(), label.to_owned());
        MappedLabel { descriptor, label, rewrites, mismatches: Vec::new(), matched: 1, values: 2 }
    }

    /// What the settings make of the configuration for a candidate.
    fn configured(candidate: Candidate, current: Option<&str>) -> Candidate {
        let found = Onboarding {
            place: "http://prometheus:9090/".to_owned(),
            at: Timestamp::default(),
            looked_at: (1, 1),
            candidates: vec![candidate],
            coverage: Coverage::default(),
            pace: None,
            limiter: Vec::new(),
            roles: (Some("ten\"ant: #".to_owned()), None),
            notes: Vec::new(),
        };
        let url = "http://prometheus:9090".to_owned();
        let places = InitialPlaces { url, current: current.map(str::to_owned) };
        let text = initial_config(&found, &places).unwrap();
        let loaded = load(&text, "init.yaml", &Overrides::default(), &|_| None);
        let settings = loaded.unwrap_or_else(|faults| panic!("{faults}\n{text}")).settings;
        assert_eq!(settings.policy.exclusions.partner_descriptor, "ten\"ant: #");
        adapt::explorer(&settings, "http://prometheus:9090").unwrap();
        adapt::counter(&settings)
    }

    fn matchers(counter: &Candidate) -> String {
        let all: Vec<&str> = counter.matchers.iter().map(|(matcher, _)| matcher.as_str()).collect();
        all.join(",")
    }

    #[test]
    fn a_counter_of_ones_own_is_read_as_it_was_found() {
        let steps = vec![Rewrite::StripQuery, Rewrite::literal("/a", "/b")];
        let candidate = Candidate {
            matchers: vec![("replica=\"a\\\"b\"".to_owned(), "twice\nover".to_owned())],
            constants: vec![("generic_key".to_owned(), "shop: 1".to_owned())],
            rejected: Rejected::Behind,
            status: Some("code".to_owned()),
            cache: Some(("cache".to_owned(), vec!["HIT".to_owned()])),
            ..Candidate::mapped("calls", vec![label("ten\"ant: #", "who", steps.clone())])
        };
        let found = configured(candidate, Some("odd: file.yaml"));
        assert_eq!((found.metric.as_str(), &found.labels[0].rewrites), ("calls", &steps));
        assert_eq!(matchers(&found), "who!=\"\",replica=\"a\\\"b\"");
        assert_eq!(found.constants, [("generic_key".to_owned(), "shop: 1".to_owned())]);
    }

    #[test]
    fn a_known_layout_is_read_by_its_preset() {
        let known = |metric: &str, layout, mapped| {
            configured(Candidate { layout, ..Candidate::mapped(metric, mapped) }, None)
        };
        let path = || vec![label("PATH", "request_path", Vec::new())];
        let istio = known("istio_requests_total", Layout::Istio, path());
        assert_eq!(matchers(&istio), "reporter=\"source\",request_path!=\"\"");
        let prefix = vec![Rewrite::without_prefix("tenant_")];
        let hits = "ratelimit_service_rate_limit_total_hits";
        let limiter = known(hits, Layout::Limiter, vec![label("tenant", "key1", prefix.clone())]);
        assert_eq!((limiter.metric.as_str(), &limiter.labels[0].rewrites), (hits, &prefix));
        let metric = "service_nginx_request_time_s_count";
        assert_eq!(known(metric, Layout::Nginx, path()).metric, metric);
    }

    #[test]
    fn the_other_end_of_a_connection_is_spelt_out() {
        let candidate = Candidate {
            layout: Layout::Istio,
            matchers: vec![("reporter=\"destination\"".to_owned(), String::new())],
            ..Candidate::mapped("istio_requests_total", vec![label("PATH", "path", Vec::new())])
        };
        let found = configured(candidate, None);
        assert_eq!(matchers(&found), "path!=\"\",reporter=\"destination\"");
        assert_eq!(found.metric, "istio_requests_total");
    }
}
