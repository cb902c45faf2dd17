//! `tidewright limits check`: for CI, whether somebody should look at the limits of today. It leaves no trace.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use tidewright_core::{Finding, LimitTarget, Revision, RevisionLog};
use tidewright_engine::{Ports, check_plan, check_reviewed, plan_limits};
use tidewright_files::FileTarget;
use tidewright_render::{CheckV1, findings_table, to_json, to_yaml};

use super::super::run::{order, overlay, permitted};
use super::super::{configured, configured_for_record, print, width};
use super::saved::load;
use crate::adapt;
use crate::args::{DriftArguments, Output, PlanArguments};
use crate::config::Settings;
use crate::exit::{Found, Mistake};
use crate::progress::Bars;
use crate::wall::WallClock;

/// Tells what somebody should look at; an error if there is anything.
pub(crate) async fn check(arguments: DriftArguments, stop: Arc<AtomicBool>) -> Result<()> {
    let findings = match &arguments.plan_file {
        Some(file) => compared(file, &arguments.plan).await?,
        None => decided(&arguments.plan, stop).await?,
    };
    match arguments.plan.output {
        Output::Table => print(&findings_table(&findings, width()))?,
        Output::Json => print(&to_json(&CheckV1::new(&findings)))?,
        Output::Yaml => print(&to_yaml(&CheckV1::new(&findings)))?,
    }
    if findings.is_empty() { Ok(()) } else { Err(Found(findings.len()).into()) }
}

/// What a cycle of now would find.
async fn decided(arguments: &PlanArguments, stop: Arc<AtomicBool>) -> Result<Vec<Finding>> {
    let loaded = configured(&arguments.config.config, &overlay(arguments, true))?;
    let settings = &loaded.settings;
    permitted(settings)?;
    let progress = Bars::new(stop);
    let source = adapt::source(settings)?;
    let store = adapt::store(settings).await?;
    let current = settings.current_file.as_ref().map(FileTarget::new);
    let ports = Ports {
        source: source.as_ref(),
        current: current.as_ref().map(|current| current as &dyn LimitTarget),
        output: None,
        store: &store,
        clock: &WallClock,
        progress: &progress,
    };
    let planned = plan_limits(&ports, &order(settings)?).await?;
    let revisions = store.load_revisions().await.context("cannot read what was applied")?;
    Ok(check_plan(&planned, &settings.policy, &revisions))
}

/// What a saved plan says of the document of now.
async fn compared(file: &Path, arguments: &PlanArguments) -> Result<Vec<Finding>> {
    let settings = configured_for_record(&arguments.config.config)?.settings;
    let plan = load(file)?.plan;
    let own = plan.document.as_ref().map(|document| PathBuf::from(&document.place));
    let homeless = || {
        let message = "the plan was made without a document";
        Mistake::new(message, "name the one to compare it with: `--current FILE`")
    };
    let current = arguments.current.clone().or(own).ok_or_else(homeless)?;
    let revisions = revisions(&settings).await?;
    Ok(check_reviewed(&plan, &FileTarget::new(current), &revisions).await?)
}

async fn revisions(settings: &Settings) -> Result<Vec<Revision>> {
    let store = adapt::store(settings).await?;
    store.load_revisions().await.context("cannot read what was applied")
}
