//! `tidewright limits explain|replay`: what the last recorded run decided. Nothing is computed again. What a plan becomes
//! afterwards is in the files beside.

mod check;
mod history;
mod saved;
mod word;

pub(crate) use check::check;
pub(crate) use history::{history, rollback};
pub(crate) use saved::{apply, diff, save, show};
pub(crate) use word::{approve, pause, resume};

use anyhow::{Context, Result};
use tidewright_core::{LimitKey, LimitName, Proposal, RunRecord, Store};
use tidewright_render::{
    ProposalV1, RunV1, explain as explain_text, replay_table, to_json, to_yaml,
};

use super::{configured_for_record, print, width};
use crate::adapt;
use crate::args::{ConfigArguments, ExplainArguments, Output, ReplayArguments};
use crate::config::{Settings, nearest};
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
    last_run_in(&store, &settings).await
}

async fn last_run_in(store: &dyn Store, settings: &Settings) -> Result<RunRecord> {
    let run = store.load_latest_run().await.context("cannot read the last recorded run")?;
    let missing = || {
        let place = settings.places.store.display();
        Mistake::new(format!("no run is recorded in `{place}`"), "run `tidewright run` first")
    };
    Ok(run.ok_or_else(missing)?)
}

fn named<'a>(run: &'a RunRecord, name: &LimitName) -> Result<&'a Proposal, Mistake> {
    let proposals = &run.plan.proposals;
    let keys: Vec<&LimitKey> = proposals.iter().map(|proposal| &proposal.key).collect();
    Ok(&proposals[place_of(&keys, name, "the last recorded run")?])
}

/// The place of the one limit that a name means among those that `who` knows.
fn place_of(keys: &[&LimitKey], name: &LimitName, who: &str) -> Result<usize, Mistake> {
    let matches = |place: &usize| name.matches(keys[*place]);
    let places: Vec<usize> = (0..keys.len()).filter(matches).collect();
    match places.as_slice() {
        [one] => Ok(*one),
        [] => Err(Mistake::new(format!("no limit is named `{name}`"), offer(keys, name, who))),
        several => {
            let names: Vec<String> = several.iter().map(|place| keys[*place].to_string()).collect();
            Err(Mistake::new(
                format!("`{name}` names several limits"),
                format!("one of: {}", names.join(", ")),
            ))
        }
    }
}

/// The name that was probably meant, and some that there are.
fn offer(keys: &[&LimitKey], name: &LimitName, who: &str) -> String {
    let names: Vec<String> = keys.iter().map(|key| key.name()).collect();
    let meant = nearest(&name.to_string(), names.iter().map(String::as_str));
    let meant = meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
    let some = names[..names.len().min(NAMES_OFFERED_MAX)].join(", ");
    format!("{meant}{who} knows `{}` limits, among them {some}", names.len())
}
