//! `tidewright limits explain|replay`: what the last recorded run decided. Nothing is computed again.

use anyhow::{Context, Result};
use tidewright_core::{LimitName, Proposal, RunRecord, Store};
use tidewright_render::{
    ProposalV1, RunV1, explain as explain_text, replay_table, to_json, to_yaml,
};

use super::{configured_for_record, print, width};
use crate::adapt;
use crate::args::{ConfigArguments, ExplainArguments, Output, ReplayArguments};
use crate::config::nearest;
use crate::exit::Mistake;

/// How many names are offered where one is not found.
const NAMES_OFFERED_MAX: usize = 8;

/// Shows the arithmetic of one limit.
pub(crate) async fn explain(arguments: ExplainArguments) -> Result<()> {
    let run = last_run(&arguments.config).await?;
    let proposal = named(&run, &arguments.limit)?;
    match arguments.output {
        Output::Table => print(&explain_text(&run, proposal)),
        Output::Json => print(&to_json(&ProposalV1::from(proposal))),
        Output::Yaml => print(&to_yaml(&ProposalV1::from(proposal))),
    }
}

/// Shows what current and proposed limits would have rejected.
pub(crate) async fn replay(arguments: ReplayArguments) -> Result<()> {
    let mut run = last_run(&arguments.config).await?;
    if let Some(name) = &arguments.limit {
        let only = named(&run, name)?.clone();
        run.plan.proposals = vec![only];
    }
    match arguments.output {
        Output::Table => print(&replay_table(&run.plan, width())),
        Output::Json => print(&to_json(&RunV1::from(&run))),
        Output::Yaml => print(&to_yaml(&RunV1::from(&run))),
    }
}

async fn last_run(arguments: &ConfigArguments) -> Result<RunRecord> {
    let settings = configured_for_record(&arguments.config)?.settings;
    let store = adapt::store(&settings).await?;
    let run = store.load_latest_run().await.context("cannot read the last recorded run")?;
    let missing = || {
        let place = settings.places.store.display();
        Mistake::new(format!("no run is recorded in `{place}`"), "run `tidewright run` first")
    };
    Ok(run.ok_or_else(missing)?)
}

fn named<'a>(run: &'a RunRecord, name: &LimitName) -> Result<&'a Proposal, Mistake> {
    let matches: Vec<&Proposal> =
        run.plan.proposals.iter().filter(|proposal| name.matches(&proposal.key)).collect();
    match matches.as_slice() {
        [one] => Ok(one),
        [] => Err(Mistake::new(format!("no limit is named `{name}`"), offer(run, name))),
        several => {
            let names: Vec<String> =
                several.iter().map(|proposal| proposal.key.to_string()).collect();
            Err(Mistake::new(
                format!("`{name}` names several limits"),
                format!("one of: {}", names.join(", ")),
            ))
        }
    }
}

/// The name that was probably meant, and some that there are.
fn offer(run: &RunRecord, name: &LimitName) -> String {
    let names: Vec<String> =
        run.plan.proposals.iter().map(|proposal| proposal.key.name()).collect();
    let meant = nearest(&name.to_string(), names.iter().map(String::as_str));
    let meant = meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
    let some = names[..names.len().min(NAMES_OFFERED_MAX)].join(", ");
    format!("{meant}the last recorded run knows `{}` limits, among them {some}", names.len())
}
