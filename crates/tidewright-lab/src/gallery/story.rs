//! A story as its file tells it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidewright_core::{Decision, Grid, Limit, LimitKey, Setting, TimeSpan, Timestamp, Unit, Zone};

use super::rules::Rules;
use crate::error::LabError;
use crate::traffic::{Ago, Event, Traffic};
use crate::world::DOMAIN;

/// A story as its file tells it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// The name of its file, without the ending.
    #[serde(skip)]
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What happened, in words.
    pub happened: String,
    /// Where the right answer is arguable, and why more than one is accepted.
    pub arguable: Option<String>,
    /// As of when limits are decided.
    pub at: String,
    /// How much history there is, in days.
    #[serde(default = "four_weeks")]
    pub days: u32,
    /// Whose wall clock traffic follows.
    #[serde(default = "utc")]
    pub zone: String,
    /// Where chance comes from; a right decision is right for any.
    #[serde(skip)]
    pub seed: u64,
    /// How long runs have looked at the document before; nothing on the first day.
    #[serde(default = "a_week")]
    pub watched: Ago,
    /// Whether rejected requests are counted.
    #[serde(default = "yes")]
    pub includes_rejected: bool,
    /// Whether answers (429, 4xx, 5xx) are known.
    #[serde(default)]
    pub answers: bool,
    /// The traffic.
    pub traffic: Vec<Traffic>,
    /// What differs from the usual rules.
    #[serde(default)]
    pub rules: Rules,
    /// The limits, and what is expected of them.
    pub limits: Vec<Expected>,
}

/// One limit, and what is expected of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Which: `partner:/path`.
    pub limit: String,
    /// Its number in the document; without one, and not unlimited, there is no such limit.
    pub now: Option<u32>,
    /// Whether the document says `unlimited`.
    #[serde(default)]
    pub unlimited: bool,
    /// Its unit.
    #[serde(default = "minute")]
    pub unit: String,
    /// What all earlier runs wished.
    #[serde(default = "hold")]
    pub wished: String,
    /// What earlier runs saw, where the number was another one.
    #[serde(default)]
    pub earlier: Vec<Seen>,
    /// The decisions that are right.
    pub decision: Vec<String>,
    /// The codes of the reasons that are right; any if empty.
    #[serde(default)]
    pub reason: Vec<String>,
    /// The smallest and the largest right number, where the decision is to change.
    pub number: Option<[u32; 2]>,
    /// Why this is right.
    pub because: String,
}

/// What earlier runs saw, from one moment to the next such one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// From how long ago on.
    pub ago: Ago,
    /// The number.
    pub number: u32,
    /// What those runs wished.
    #[serde(default = "hold")]
    pub wish: String,
}

const fn four_weeks() -> u32 {
    28
}

const fn a_week() -> Ago {
    Ago::days(7)
}

const fn yes() -> bool {
    true
}

fn utc() -> String {
    "UTC".to_owned()
}

fn minute() -> String {
    "minute".to_owned()
}

fn hold() -> String {
    "hold".to_owned()
}

/// Where the house's stories are.
pub fn house_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("gallery")
}

/// All stories of a folder, by the names of their files.
///
/// # Errors
/// [`LabError::Read`] and [`LabError::Story`] name the file.
pub fn load_stories(folder: &Path) -> Result<Vec<Story>, LabError> {
    let unreadable = |source| LabError::Read { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.sort();
    paths.iter().map(|path| load(path)).collect()
}

fn load(path: &Path) -> Result<Story, LabError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| LabError::Read { path: path.to_owned(), source })?;
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let wrong = |why: String| LabError::Story { path: path.to_owned(), why };
    let story: Story = serde_saphyr::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let story = Story { id, ..story };
    story.check().map_err(wrong)?;
    Ok(story)
}

impl Story {
    /// As of when limits are decided.
    ///
    /// # Errors
    /// A sentence if the text is no moment.
    pub fn moment(&self) -> Result<Timestamp, String> {
        Timestamp::parse(&self.at).map_err(|error| error.to_string())
    }

    /// Whose wall clock traffic follows.
    ///
    /// # Errors
    /// A sentence if there is no such zone.
    pub fn zone(&self) -> Result<Zone, String> {
        Zone::named(&self.zone).map_err(|error| error.to_string())
    }

    /// The minutes of its history.
    ///
    /// # Errors
    /// A sentence if it ends at no moment.
    pub fn grid(&self) -> Result<Grid, String> {
        let end = self.moment()?;
        let start = end.plus_millis(-Ago::days(i64::from(self.days)).millis());
        Grid::windows(TimeSpan { start, end }, 60_000).map_err(|error| error.to_string())
    }

    /// Whether answers are known of any request.
    pub fn knows_answers(&self) -> bool {
        let tells = |traffic: &Traffic| {
            traffic.capped_at.is_some() || traffic.events.iter().any(Event::tells_answers)
        };
        self.answers || (self.includes_rejected && self.traffic.iter().any(tells))
    }

    /// Everything that could be wrong is told when the file is read.
    fn check(&self) -> Result<(), String> {
        self.moment()?;
        self.zone()?;
        self.rules.policy()?;
        for limit in &self.limits {
            limit.check().map_err(|why| format!("`{}`: {why}", limit.limit))?;
        }
        Ok(())
    }
}

impl Expected {
    /// Partner and path.
    pub fn names(&self) -> (&str, &str) {
        self.limit.split_once(':').unwrap_or((&self.limit, ""))
    }

    /// The key in the document.
    pub fn key(&self) -> LimitKey {
        let (partner, path) = self.names();
        LimitKey::new(DOMAIN, [("PARTNER", Some(partner)), ("PATH", Some(path))])
    }

    /// The unit of its windows.
    ///
    /// # Errors
    /// A sentence if it is none.
    pub fn unit(&self) -> Result<Unit, String> {
        Unit::parse(&self.unit).map_err(|error| error.to_string())
    }

    /// What the document says now.
    pub fn setting(&self) -> Option<Setting> {
        let unit = self.unit().unwrap_or(Unit::Minute);
        let limited = self.now.map(|number| Limit { requests_per_unit: number, unit });
        if self.unlimited { Some(Setting::Unlimited) } else { limited.map(Setting::Limited) }
    }

    fn check(&self) -> Result<(), String> {
        self.unit()?;
        let decisions = self.decision.iter().chain([&self.wished]);
        for word in decisions.chain(self.earlier.iter().map(|seen| &seen.wish)) {
            decision(word)?;
        }
        if self.decision.is_empty() { Err("expects no decision".to_owned()) } else { Ok(()) }
    }
}

/// The decision of this name.
///
/// # Errors
/// A sentence if there is none.
pub(super) fn decision(name: &str) -> Result<Decision, String> {
    let all = [Decision::Create, Decision::Raise, Decision::Lower, Decision::Hold];
    let found = all.into_iter().find(|decision| decision.name() == name);
    found.ok_or_else(|| format!("`{name}` is no decision; use create, raise, lower or hold"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: &str = "
name: a name
happened: something
at: 2026-03-16T06:00:00Z
traffic:
  - {pair: 'a:/x', peak: 100}
limits:
  - {limit: 'a:/x', now: 130, decision: [hold], because: it fits}
";

    fn check(from: &str, to: &str) -> Result<(), String> {
        let story: Story = serde_saphyr::from_str(&SHORT.replace(from, to)).unwrap();
        story.check()
    }

    #[test]
    fn a_short_story_reads() {
        assert_eq!(check("", ""), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_told_when_it_is_read() {
        let wrong = check("[hold]", "[held]").unwrap_err();
        assert_eq!(wrong, "`a:/x`: `held` is no decision; use create, raise, lower or hold");
        assert!(check("[hold]", "[]").is_err());
        assert!(check("2026-03-16T06", "yesterday").is_err());
        assert!(check("name: a name", "name: a\nzone: Mars/Olympus").is_err());
    }
}
