//! `tidewright limits show|diff|apply`, and what `limits plan --save` leaves: a plan in a file, from hand to hand.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use tidewright_core::{Clock as _, DocumentHome, LimitKey, LimitName, LimitTarget};
use tidewright_engine::{
    ApplyOrder, ApplyPorts, Change, Planned, Preview, apply_plan, preview_plan, review,
};
use tidewright_files::{FileTarget, read_at_most, write_whole};
use tidewright_render::{
    ChangeV1, PlanFile, RunV1, change_table, reviewed_table, to_json, to_yaml, unified_diff,
};
use tidewright_store::SqliteStore;

use super::super::{configured_for_record, configured_for_record_at, person, print, tell, width};
use super::place_of;
use crate::adapt;
use crate::args::{
    ApplyArguments, DiffArguments, Output, ReviewArguments, TargetPlace, WantedArguments,
};
use crate::config::Settings;
use crate::exit::Mistake;
use crate::wall::WallClock;

/// The largest plan that is read: some 30,000 limits with all that is known of them.
const PLAN_BYTES_MAX: u64 = 256 << 20;

/// Puts a plan aside, with the run as it is printed.
pub(crate) fn save(
    path: &Path,
    settings: &Settings,
    planned: &Planned,
    run: &RunV1,
) -> Result<PathBuf> {
    refuse_other_file(path)?;
    let names = &settings.document;
    let home = DocumentHome {
        configmap: names.configmap.clone(),
        namespace: names.namespace.clone(),
        domain: names.domain.clone(),
    };
    let plan = review(planned, &settings.policy, home, WallClock.now());
    let text = PlanFile::render(&plan, run, env!("CARGO_PKG_VERSION"));
    write_whole(path, text.as_bytes()).context("cannot save the plan")?;
    Ok(path.to_owned())
}

/// A plan takes the place of a plan, and of nothing else: a slip must not cost a document.
fn refuse_other_file(path: &Path) -> Result<()> {
    let there = read_at_most(path, PLAN_BYTES_MAX).context("cannot save the plan")?;
    match there.as_deref().map(PlanFile::parse) {
        None | Some(Ok(_)) => Ok(()),
        Some(Err(_)) => {
            let message = format!("`{}` exists, and is no saved plan", path.display());
            Err(Mistake::new(message, "name another file").into())
        }
    }
}

/// Shows a saved plan.
pub(crate) fn show(arguments: &ReviewArguments) -> Result<()> {
    let file = load(&arguments.file)?;
    match arguments.output {
        Output::Table => print(&reviewed_table(&file.plan, width())),
        Output::Json => print(&to_json(&file.run)),
        Output::Yaml => print(&to_yaml(&file.run)),
    }
}

/// Shows what `apply` would change.
pub(crate) async fn diff(arguments: DiffArguments) -> Result<()> {
    let settings = configured_for_record(&arguments.config.config)?.settings;
    let task = Task::new(&settings, &arguments.wanted).await?;
    let now = WallClock.now();
    let order = ApplyOrder {
        plan: &task.file.plan,
        policy: &settings.policy,
        only: task.only()?,
        by: String::new(),
        at: adapt::moment(&settings, &WallClock),
        now,
        age_max: Duration::MAX,
    };
    let preview = preview_plan(&task.ports(), &order).await?;
    tell_of(&preview, &task);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let old = preview.old.as_deref().map(text).unwrap_or_default();
    print(&unified_diff(&old, &text(&preview.new), &task.target.describe()))
}

/// Applies a saved plan.
pub(crate) async fn apply(arguments: ApplyArguments) -> Result<()> {
    let said = &arguments.said;
    let settings = configured_for_record_at(&said.config.config, said.at)?.settings;
    let task = Task::new(&settings, &arguments.wanted).await?;
    let order = ApplyOrder {
        plan: &task.file.plan,
        policy: &settings.policy,
        only: task.only()?,
        by: person(said.by.as_ref()),
        at: adapt::moment(&settings, &WallClock),
        now: WallClock.now(),
        age_max: arguments.max_age,
    };
    let change = apply_plan(&task.ports(), &order).await?;
    tell_of(&change.preview, &task);
    print_change(arguments.said.output, task.target.describe(), &change)
}

/// What a change did.
pub(super) fn print_change(output: Output, place: String, change: &Change) -> Result<()> {
    let revision = change.revision.as_ref();
    let told = ChangeV1::new(place, revision)
        .beside(&change.preview.already, &change.preview.kept)
        .copied_to(change.copy.clone());
    match output {
        Output::Table => print(&change_table(&told, revision, width())),
        Output::Json => print(&to_json(&told)),
        Output::Yaml => print(&to_yaml(&told)),
    }
}

/// A plan file, as it was read.
pub(super) fn load(path: &Path) -> Result<PlanFile> {
    let name = path.display();
    let bytes = read_at_most(path, PLAN_BYTES_MAX)?;
    let missing = || {
        let message = format!("there is no saved plan at `{name}`");
        Mistake::new(message, "save one with `tidewright limits plan --save FILE`")
    };
    let bytes = bytes.ok_or_else(missing)?;
    PlanFile::parse(&bytes).map_err(|error| {
        let chain = anyhow::Error::new(error).context(format!("cannot read `{name}`"));
        let text = crate::exit::error_text(&chain);
        Mistake::new(text, "name a file that `tidewright limits plan --save FILE` wrote").into()
    })
}

/// A plan, and where it goes.
struct Task {
    file: PlanFile,
    names: Vec<LimitName>,
    current: Option<FileTarget>,
    target: FileTarget,
    store: SqliteStore,
}

impl Task {
    async fn new(settings: &Settings, wanted: &WantedArguments) -> Result<Self> {
        let file = load(&wanted.file)?;
        let own = file.plan.document.as_ref().map(|document| PathBuf::from(&document.place));
        let target = match (&wanted.target, &own) {
            (Some(TargetPlace::File(path)), _) => path.clone(),
            (None, Some(own)) => own.clone(),
            (None, None) => return Err(homeless().into()),
        };
        let current = wanted.current.clone().or(own).filter(|current| *current != target);
        Ok(Self {
            file,
            names: wanted.only.clone(),
            current: current.map(FileTarget::new),
            target: FileTarget::new(target),
            store: adapt::store(settings).await?,
        })
    }

    /// The limits that were named.
    fn only(&self) -> Result<Vec<LimitKey>, Mistake> {
        let keys: Vec<&LimitKey> = self.file.plan.limits.iter().map(|limit| &limit.key).collect();
        let named = |name| Ok(keys[place_of(&keys, name, "the plan")?].clone());
        self.names.iter().map(named).collect()
    }

    fn ports(&self) -> ApplyPorts<'_> {
        let current = self.current.as_ref().map(|current| current as &dyn LimitTarget);
        ApplyPorts { current, target: &self.target, store: &self.store, log: &self.store }
    }
}

fn homeless() -> Mistake {
    Mistake::new(
        "the plan was made without a document, so it has no place of its own",
        "name one with `--target file:PATH`",
    )
}

/// What a person should know of a change besides its numbers.
fn tell_of(preview: &Preview, task: &Task) {
    if preview.is_other_document && !preview.changes.is_empty() {
        tell(&format!(
            "note: `{}` is not, byte for byte, the document of the plan; only its numbers are changed, in place",
            task.target.describe()
        ));
    }
}
