//! `tidewright limits approve|pause|resume`: what people say, remembered for the runs to come.

use anyhow::{Context, Result};
use tidewright_core::{Approval, Pause, Proposal, Store};
use tidewright_render::{ApprovalV1, PauseV1, to_json, to_yaml};

use super::super::{configured_for_record, configured_for_record_at, person, print};
use super::{last_run_in, named};
use crate::adapt;
use crate::args::{ApproveArguments, Output, PauseArguments, ResumeArguments};
use crate::exit::Mistake;
use crate::wall::WallClock;

/// Lets the next run change a limit as far as a number.
pub(crate) async fn approve(arguments: ApproveArguments) -> Result<()> {
    let said = &arguments.said;
    let settings = configured_for_record_at(&said.config.config, said.at)?.settings;
    let store = adapt::store(&settings).await?;
    let run = last_run_in(&store, &settings).await?;
    let proposal = named(&run, &arguments.limit)?;
    let at = adapt::moment(&settings, &WallClock);
    let approval = Approval {
        key: proposal.key.clone(),
        up_to: number(&arguments, proposal)?,
        by: person(said.by.as_ref()),
        at,
        until: at + arguments.holds,
    };
    let homeless = || {
        let hint = "name the present limits with `--current FILE`, and run again";
        Mistake::new("the last recorded run had no document that could be approved for", hint)
    };
    let place = run.plan.document.as_ref().ok_or_else(homeless)?;
    store.save_approval(place, &approval).await.context("cannot keep the approval")?;
    let told = ApprovalV1::new(place, &approval);
    match said.output {
        Output::Table => print(&format!(
            "approved by {}: `{}` as far as {} in `{place}`, until {}\nthe next run may use it\n",
            approval.by, told.name, approval.up_to, approval.until
        )),
        Output::Json => print(&to_json(&told)),
        Output::Yaml => print(&to_yaml(&told)),
    }
}

/// The number that is approved: a run asks for a person's word only to raise.
fn number(arguments: &ApproveArguments, proposal: &Proposal) -> Result<u32, Mistake> {
    let name = &arguments.limit;
    let waiting = proposal.on_approval.map(|limit| limit.requests_per_unit);
    let number = arguments.to.or(waiting).ok_or_else(|| {
        let message = format!("`{name}` does not wait for approval: {}", proposal.reason);
        Mistake::new(message, "name the number that the next runs may raise it to with `--to`")
    })?;
    match proposal.current_limit() {
        Some(current) if number <= current.requests_per_unit => Err(Mistake::new(
            format!(
                "`{name}` is at `{current}`, and runs need no approval to lower it: {}",
                proposal.reason
            ),
            "save a plan with `limits plan --save`, and set the number with `limits apply --only`",
        )),
        _ => Ok(number),
    }
}

/// Stops all changes.
pub(crate) async fn pause(arguments: PauseArguments) -> Result<()> {
    let said = &arguments.said;
    let settings = configured_for_record_at(&said.config.config, said.at)?.settings;
    let store = adapt::store(&settings).await?;
    let since = adapt::moment(&settings, &WallClock);
    let pause = Pause {
        by: person(said.by.as_ref()),
        why: arguments.why.clone(),
        since,
        until: arguments.holds.map(|holds| since + holds),
    };
    store.save_pause(Some(&pause)).await.context("cannot keep the pause")?;
    let until = pause.until.map_or_else(
        || "until `tidewright limits resume`".to_owned(),
        |until| format!("until {until}"),
    );
    let text = format!("paused by {}, {until}: {}\n", pause.by, pause.why);
    print_pause(said.output, Some(&pause), &text)
}

/// Lets changes go on.
pub(crate) async fn resume(arguments: ResumeArguments) -> Result<()> {
    let settings = configured_for_record(&arguments.config.config)?.settings;
    let store = adapt::store(&settings).await?;
    // A pause is the same for every document.
    let before = store.load_memory("").await.context("cannot read what is paused")?.pause;
    store.save_pause(None).await.context("cannot end the pause")?;
    let text = before.map_or_else(
        || "nothing was paused\n".to_owned(),
        |pause| format!("resumed; paused by {} since {}: {}\n", pause.by, pause.since, pause.why),
    );
    print_pause(arguments.output, None, &text)
}

fn print_pause(output: Output, pause: Option<&Pause>, text: &str) -> Result<()> {
    match output {
        Output::Table => print(text),
        Output::Json => print(&to_json(&PauseV1::from(pause))),
        Output::Yaml => print(&to_yaml(&PauseV1::from(pause))),
    }
}
