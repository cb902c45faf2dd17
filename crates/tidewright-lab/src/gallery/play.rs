//! One story, played: traffic is painted, the document written, memory laid down, and the engine asked.

use std::collections::BTreeMap;

use tidewright_core::{
    Approval, Frame, LimitKey, LimitMemory, PlanMemory, SeriesKey, Signal, Signals, Stretch,
};
use tidewright_engine::Planned;

use super::document;
use super::story::{Expected, Seen, Story, decision};
use super::verdict::{Verdict, judge};
use crate::error::LabError;
use crate::traffic::{Ago, Canvas, Painted, Traffic};
use crate::world::{DOMAIN, Lab, World};

/// From the last earlier run to the story's own.
const BETWEEN_RUNS: Ago = Ago::minutes(360);
/// How long a person's word holds.
const APPROVAL_HOLDS: Ago = Ago::days(1);

/// One story with what was decided.
#[derive(Debug)]
pub struct Played {
    /// The story.
    pub story: Story,
    /// What the engine made of it.
    pub planned: Planned,
    /// How right it is, limit by limit as the story tells them.
    pub verdicts: Vec<Verdict>,
}

impl Played {
    /// Whether the product is right about every limit.
    pub fn is_right(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.ours.faults.is_empty())
    }

    /// Whether the predecessor's `v3` is.
    pub fn is_v3_right(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.v3.faults.is_empty())
    }
}

/// Plays a story.
///
/// # Errors
/// [`LabError::Engine`] if the engine cannot decide, [`LabError::Story`] if the story makes no sense.
pub fn play(lab: &Lab, story: Story) -> Result<Played, LabError> {
    let wrong = |why: String| LabError::Story { path: story.id.clone().into(), why };
    let painted = paint(&story).map_err(wrong)?;
    let world = world(&story, &painted).map_err(wrong)?;
    let policy = story.rules.policy().map_err(wrong)?;
    let planned = lab.decide(&world, policy)?;
    let verdicts = story.limits.iter().map(|limit| judge(limit, &planned, &world.demand));
    let verdicts = verdicts.collect();
    Ok(Played { story, planned, verdicts })
}

fn paint(story: &Story) -> Result<Vec<Painted>, String> {
    let zone = story.zone()?;
    let canvas = Canvas {
        grid: story.grid()?,
        zone: &zone,
        seed: story.seed,
        includes_rejected: story.includes_rejected,
    };
    Ok(story.traffic.iter().map(|traffic| traffic.paint(&canvas)).collect())
}

fn world(story: &Story, painted: &[Painted]) -> Result<World, String> {
    let frame = |values: fn(&Painted) -> &Vec<f64>| {
        let keys = story.traffic.iter().map(key).collect();
        let values = painted.iter().flat_map(|painted| values(painted).iter().copied()).collect();
        Frame::new(story.grid()?, keys, values).map_err(|error| error.to_string())
    };
    let mut world = World::new(story.moment()?, frame(|painted| &painted.counts)?);
    world.document = document::write(&story.limits);
    world.includes_rejected = story.includes_rejected;
    if story.knows_answers() {
        world.signals = Signals::default()
            .with(Signal::Rejected, frame(|painted| &painted.rejected)?)
            .with(Signal::ClientErrors, frame(|painted| &painted.client_errors)?)
            .with(Signal::ServerErrors, frame(|painted| &painted.server_errors)?);
    }
    Ok(world.with_memory(memory(story)?))
}

fn key(traffic: &Traffic) -> SeriesKey {
    let (partner, path) = traffic.names();
    SeriesKey::new([("PARTNER", partner), ("PATH", path)])
}

/// What earlier runs left behind.
fn memory(story: &Story) -> Result<PlanMemory, String> {
    let (at, watched) = (story.moment()?, story.watched.millis());
    let mut limits = BTreeMap::new();
    for limit in story.limits.iter().filter(|_| watched > 0) {
        limits.insert(limit.key(), LimitMemory { stretches: stretches(limit, story)? });
    }
    let approvals = story.rules.approved.iter().map(|released| Approval {
        key: released_key(&released.limit),
        up_to: released.up_to,
        by: "the one on call".to_owned(),
        at: at.plus_millis(-released.ago.millis()),
        until: at.plus_millis(APPROVAL_HOLDS.millis() - released.ago.millis()),
    });
    let first_seen = (watched > 0).then(|| at.plus_millis(-watched));
    Ok(PlanMemory { first_seen, limits, approvals: approvals.collect(), pause: None })
}

fn released_key(name: &str) -> LimitKey {
    let (partner, path) = name.split_once(':').unwrap_or((name, ""));
    LimitKey::new(DOMAIN, [("PARTNER", Some(partner)), ("PATH", Some(path))])
}

/// As told, or one stretch with the number of today since runs began to look.
fn stretches(limit: &Expected, story: &Story) -> Result<Vec<Stretch>, String> {
    let at = story.moment()?;
    let stretch = |ago: Ago, until: Ago, number: Option<u32>, wish: &str| {
        Ok(Stretch {
            since: at.plus_millis(-ago.millis()),
            until: at.plus_millis(-until.millis()),
            number,
            wish: decision(wish)?,
            wished_max: None,
        })
    };
    if limit.earlier.is_empty() {
        return Ok(vec![stretch(story.watched, BETWEEN_RUNS, limit.now, &limit.wished)?]);
    }
    let ends =
        limit.earlier.iter().skip(1).map(|seen| Ago::minutes(seen.ago.millis() / 60_000 + 1));
    let ends = ends.chain([BETWEEN_RUNS]);
    let all = limit.earlier.iter().zip(ends);
    let seen = |(seen, until): (&Seen, Ago)| {
        stretch(seen.ago, until.min(seen.ago), Some(seen.number), &seen.wish)
    };
    all.map(seen).collect()
}
