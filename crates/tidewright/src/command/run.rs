//! `tidewright run` and `tidewright limits plan`: one cycle in the configured mode.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use tidewright_core::{Discovery, LimitTarget, Mode, Zone};
use tidewright_engine::{DocumentPlace, Order, Outcome, Ports, run_limits};
use tidewright_files::{FileTarget, ReportFolder};
use tidewright_limiter::ObjectName;
use tidewright_render::{
    Report, RunV1, discovery_summary, discovery_table, html, impact_table, markdown, plan_table,
    to_json, to_yaml, unified_diff, wrap,
};

use super::{Overlay, configured, limits, print, quoted, tell, width};
use crate::adapt;
use crate::args::{CONFIG_DEFAULT, Output, PlanArguments, RunArguments, SaveArguments};
use crate::config::Settings;
use crate::exit::Mistake;
use crate::progress::Bars;
use crate::wall::WallClock;

/// Whether a cycle leaves documents and reports behind, only its record, or a plan to be reviewed as well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leave<'a> {
    Everything,
    Record,
    Plan(&'a Path),
}

/// Runs one cycle and leaves its document and reports.
pub(crate) async fn run(arguments: RunArguments, stop: Arc<AtomicBool>) -> Result<()> {
    cycle(&arguments.plan, arguments.dry_run, Leave::Everything, stop).await
}

/// Runs one cycle and leaves only its record, and its plan where one is to be saved.
pub(crate) async fn plan(arguments: SaveArguments, stop: Arc<AtomicBool>) -> Result<()> {
    let leave = arguments.save.as_deref().map_or(Leave::Record, Leave::Plan);
    cycle(&arguments.plan, true, leave, stop).await
}

async fn cycle(
    arguments: &PlanArguments,
    dry_run: bool,
    leave: Leave<'_>,
    stop: Arc<AtomicBool>,
) -> Result<()> {
    let loaded = configured(&arguments.config.config, &overlay(arguments, dry_run))?;
    let settings = &loaded.settings;
    permitted(settings)?;
    let notes = adapt::notes(&loaded);
    notes.iter().for_each(|note| tell(&told(note)));
    let order = Order { add_missing: arguments.add_missing, ..order(settings)? };
    let outcome = decided(settings, &order, leave, stop).await?;
    let written = match leave {
        Leave::Everything => write_reports(settings, &outcome, &notes)?,
        Leave::Record => Vec::new(),
        Leave::Plan(path) => {
            let run = RunV1::from(&outcome.planned.record).beside(&discovery(settings, &outcome));
            vec![limits::save(path, settings, &outcome.planned, &run)?]
        }
    };
    show(arguments, settings, &outcome, &written)
}

/// What the flags lay over the configuration.
pub(super) fn overlay(arguments: &PlanArguments, dry_run: bool) -> Overlay<'_> {
    Overlay {
        prometheus_url: arguments.prometheus_url.as_ref(),
        current: arguments.current.as_ref(),
        formula: arguments.formula.as_ref(),
        dry_run,
        at: arguments.at,
    }
}

/// A note for stderr: in lines where a person reads it, on one line where a machine does.
fn told(note: &str) -> String {
    if !std::io::stderr().is_terminal() {
        return format!("note: {note}");
    }
    let lines = wrap(note, width() - "note: ".len());
    format!("note: {}", lines.join("\n      "))
}

/// Refuses what this version cannot do safely.
pub(super) fn permitted(settings: &Settings) -> Result<(), Mistake> {
    match settings.mode {
        Mode::Production => Err(Mistake::new(
            "production mode writes to a cluster, which this version cannot do yet",
            "use testing mode with `--current FILE` to see what would be written",
        )),
        Mode::Testing if settings.current_file.is_none() => Err(Mistake::new(
            "testing mode needs the present limits, and reading them from a cluster cannot be done yet",
            "save them with `kubectl get configmap ratelimit-config -o yaml > limits.yaml` and add `--current limits.yaml`",
        )),
        Mode::Testing | Mode::Local => Ok(()),
    }
}

async fn decided(
    settings: &Settings,
    order: &Order,
    leave: Leave<'_>,
    stop: Arc<AtomicBool>,
) -> Result<Outcome> {
    let progress = Bars::new(stop);
    let source = adapt::source(settings)?;
    let store = adapt::store(settings).await?;
    let current = settings.current_file.as_ref().map(FileTarget::new);
    let output = FileTarget::new(
        settings.places.output_dir.join(format!("{}_configmap.yaml", settings.mode)),
    );
    let ports = Ports {
        source: source.as_ref(),
        current: current.as_ref().map(|current| current as &dyn LimitTarget),
        output: (leave == Leave::Everything).then_some(&output as &dyn LimitTarget),
        store: &store,
        clock: &WallClock,
        progress: &progress,
    };
    Ok(run_limits(&ports, order).await?)
}

/// What the settings ask of a cycle.
pub(super) fn order(settings: &Settings) -> Result<Order, Mistake> {
    let names = &settings.document;
    let object = ObjectName::new(&names.configmap, &names.namespace)
        .map_err(|error| Mistake::new(error.to_string(), "see `tidewright config show`"))?;
    Ok(Order {
        at: adapt::moment(settings, &WallClock),
        mode: settings.mode,
        policy: settings.policy.clone(),
        place: DocumentPlace { object, domain: names.domain.clone() },
        add_missing: false,
    })
}

/// Writes the reports of a mode and returns where they are.
fn write_reports(settings: &Settings, outcome: &Outcome, notes: &[String]) -> Result<Vec<PathBuf>> {
    if !settings.generate_reports {
        return Ok(Vec::new());
    }
    let moment = Zone::utc().strftime(outcome.planned.record.at, "%Y%m%dT%H%M%SZ");
    let (folder, name) = match settings.mode {
        Mode::Local => (&settings.places.output_dir, "report".to_owned()),
        Mode::Testing | Mode::Production => {
            (&settings.places.reports_dir, format!("{}_report_{moment}", settings.mode))
        }
    };
    let (diff, discovery) = (diff(outcome), discovery(settings, outcome));
    let report = Report {
        run: &outcome.planned.record,
        evidence: &outcome.planned.evidence,
        diff: diff.as_deref(),
        notes,
        discovery: Some(&discovery),
    };
    let folder = ReportFolder::new(folder);
    Ok(vec![
        folder.write(&format!("{name}.md"), markdown(&report).as_bytes())?,
        folder.write(&format!("{name}.html"), html(&report).as_bytes())?,
    ])
}

/// What the run has seen beside its decisions, as far as it is to be listed.
fn discovery(settings: &Settings, outcome: &Outcome) -> Discovery {
    let mut discovery = outcome.planned.discovery.clone();
    if settings.show_only_configured {
        discovery.strangers.clear();
    }
    discovery
}

fn diff(outcome: &Outcome) -> Option<String> {
    let (old, new) =
        (outcome.planned.old_document.as_deref()?, outcome.planned.new_document.as_deref()?);
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Some(unified_diff(
        &text(old),
        &text(new),
        outcome.planned.record.plan.document.as_deref().unwrap_or("limits"),
    ))
}

fn show(
    arguments: &PlanArguments,
    settings: &Settings,
    outcome: &Outcome,
    written: &[PathBuf],
) -> Result<()> {
    let mut places: Vec<String> =
        outcome.applied.iter().map(|applied| applied.place.clone()).collect();
    places.extend(written.iter().map(|path| path.display().to_string()));
    let discovery = discovery(settings, outcome);
    let wire = || RunV1::from(&outcome.planned.record).beside(&discovery);
    match arguments.output {
        Output::Json => print(&to_json(&wire()))?,
        Output::Yaml => print(&to_yaml(&wire()))?,
        Output::Table => {
            print(&plan_table(&outcome.planned.record.plan, width()))?;
            if settings.mode == Mode::Testing {
                print(&format!("\n{}", impact_table(&outcome.planned.record.plan, width())))?;
                print(&diff(outcome).map_or(String::new(), |diff| format!("\n{diff}")))?;
            }
            print(&beside(settings, &discovery))?;
            print("\n")?;
            tell_next(&arguments.config.config, outcome);
            let places: Vec<String> =
                places.iter().map(|place| format!("written: {place}\n")).collect();
            return print(&places.concat());
        }
    }
    places.iter().for_each(|place| tell(&format!("written: {place}")));
    Ok(())
}

/// What was seen beside the plan: one line, or all of it where that is asked for.
fn beside(settings: &Settings, discovery: &Discovery) -> String {
    let Some(summary) = discovery_summary(discovery) else { return String::new() };
    if settings.show_only_configured {
        let more = "`SHOW_ONLY_CONFIGURED: false` lists them";
        return format!("\n{summary}; {more}\n");
    }
    format!("\n{}", discovery_table(discovery, width()))
}

/// Says how to see the reason of one limit: of the first that changes, or else of the first.
fn tell_next(config: &Path, outcome: &Outcome) {
    let proposals = &outcome.planned.record.plan.proposals;
    let changed = proposals.iter().find(|proposal| proposal.decision.changes());
    let Some(proposal) = changed.or(proposals.first()) else { return };
    let program = std::env::args().next().unwrap_or_else(|| "tidewright".to_owned());
    let config = if config == Path::new(CONFIG_DEFAULT) {
        String::new()
    } else {
        format!(" --config {}", quoted(&config.display().to_string()))
    };
    let name = quoted(&proposal.key.name());
    tell(&format!("next: {program} limits explain {name}{config}"));
}
