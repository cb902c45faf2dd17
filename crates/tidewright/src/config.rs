//! The configuration: the only place that reads its file, its environment variables and its flags.
//!
//! Everything follows from one table of keys (`config/keys.rs`). A file is read into a tree with lines (`yaml`), sorted
//! into layers (`sift`), laid under the environment and the flags (`resolve`) and filled into [`Settings`] (`draft`).
//! All faults are told at once. Nothing here decides what a command does with its settings.

mod conflict;
mod draft;
mod fault;
mod form;
mod key;
mod keys;
mod legacy;
mod nearest;
mod reader;
mod record;
mod reference;
mod resolve;
mod settings;
mod show;
mod sift;
mod span;
mod value;
mod yaml;

use std::path::Path;

use tidewright_core::Mode;

pub use fault::{Fault, Faults, Notice, Origin};
pub(crate) use nearest::nearest;
pub use reference::reference;
pub use resolve::{Env, Overrides};
pub use settings::{
    Auth, CacheLabel, Chunks, Coarseness, Counter, CounterOf, DocumentNames, Flavour, Log,
    LogLevel, Mock, Places, Prometheus, Proxy, QueryYields, Safety, Secret, SecretSource, Settings,
    SigV4, Signals, Source, Tls, TokenCommand, Traffic, TrafficPreset, TrafficReading,
};
pub use show::{Shown, check_json, check_text, faults_json, show_json, show_text};
pub(crate) use span::{format as span_text, parse as parse_span};

use resolve::Resolution;
use sift::Sifted;

/// Larger than any configuration that a person wrote; it keeps a wrong path from filling the memory.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A configuration that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What commands work with.
    pub settings: Settings,
    /// Every key with its value and where it came from, in the order of the table.
    pub values: Vec<Shown>,
    /// What the reader should know, in the order of the file.
    pub notices: Vec<Notice>,
}

/// Reads the file at `path` and lays the environment and the flags over it.
///
/// # Errors
/// All [`Faults`] at once, also where the file cannot be read.
pub fn load_file(path: &Path, overrides: &Overrides, env: Env<'_>) -> Result<Loaded, Faults> {
    let name = path.display().to_string();
    let text = read(path).map_err(|(message, hint)| whole(&name, &message, hint))?;
    load(&text, &name, overrides, env)
}

/// Reads `text`, which messages call `file_name`, and lays the environment and the flags over it.
///
/// # Errors
/// All [`Faults`] at once.
pub fn load(
    text: &str,
    file_name: &str,
    overrides: &Overrides,
    env: Env<'_>,
) -> Result<Loaded, Faults> {
    let mut sifted = sift_text(text, file_name)?;
    let mode = mode_with_entry(&mut sifted);
    let mut faults = std::mem::take(&mut sifted.faults);
    for other in sifted.environments.keys().filter(|other| Some(**other) != mode) {
        faults.extend(contradictions(&sifted, *other, env));
    }
    let Some(mode) = mode else { return Err(sorted(faults)) };
    let mut resolution = resolve::of_file(&sifted, mode);
    resolution.overlay(overrides, env);
    let draft = resolution.draft(env);
    resolution.judge(draft.contradictions());
    resolution.judge(draft.gaps(overrides));
    resolution.warn(draft.surprises());
    resolution.tell_idle();
    resolution.tell_hidden();
    faults.append(&mut resolution.faults);
    if !faults.is_empty() {
        return Err(sorted(faults));
    }
    let notices = all_notices(sifted, &mut resolution);
    let values = resolution.values.iter().map(Shown::new).collect();
    Ok(Loaded { settings: draft.finish(overrides.moment()), values, notices })
}

fn read(path: &Path) -> Result<String, (String, &'static str)> {
    let hint = "name the file with --config, or start from one of the samples in config/";
    let shown = path.display();
    let told = |error: std::io::Error| (format!("cannot read `{shown}`: {error}"), hint);
    let bytes = std::fs::metadata(path).map_err(told)?.len();
    if bytes > FILE_BYTES_MAX {
        let message =
            format!("`{shown}` must hold at most `{FILE_BYTES_MAX}` bytes, got `{bytes}`");
        return Err((message, hint));
    }
    std::fs::read_to_string(path).map_err(told)
}

fn sift_text(text: &str, file_name: &str) -> Result<Sifted, Faults> {
    let root = yaml::parse(text).map_err(|fault| {
        let origin = Origin::File { name: file_name.into(), line: fault.line };
        let (message, hint) = (fault.message, fault.hint);
        Faults(vec![Fault { origin, key: String::new(), message, hint }])
    })?;
    let hint = "start from one of the samples in config/";
    let root = root.ok_or_else(|| whole(file_name, "the file is empty", hint))?;
    Ok(sift::sift(&root, file_name))
}

fn whole(file_name: &str, message: &str, hint: &str) -> Faults {
    let (origin, message) = (Origin::WholeFile(file_name.into()), message.to_owned());
    Faults(vec![Fault { origin, key: String::new(), message, hint: hint.to_owned() }])
}

/// The mode of the file; a fault if it names none, or one without an entry.
fn mode_with_entry(sifted: &mut Sifted) -> Option<Mode> {
    let Some(mode) = sifted.mode() else {
        if !sifted.spoiled.contains(keys::MODE) {
            sifted.faults.push(Fault {
                origin: sifted.origin(1),
                key: keys::MODE.to_owned(),
                message: format!(
                    "`{}` must be local, testing or production, got nothing",
                    keys::MODE
                ),
                hint: "begin the file with `DEPLOYMENT:` and, below it, `MODE: local`".to_owned(),
            });
        }
        return None;
    };
    if !sifted.environments.contains_key(&mode) {
        sifted.spoiled.insert(keys::MODE);
        let line = sifted.deployment.get(keys::MODE).map_or(1, |given| given.line);
        sifted.faults.push(Fault {
            origin: sifted.origin(line),
            key: keys::MODE.to_owned(),
            message: format!("`ENVIRONMENTS` must have an entry for `{}: {mode}`", keys::MODE),
            hint: format!("add `{mode}:` below `ENVIRONMENTS:`; it may be empty"),
        });
    }
    Some(mode)
}

/// What contradicts itself in the entry of a mode that is not in use now, but will be.
fn contradictions(sifted: &Sifted, mode: Mode, env: Env<'_>) -> Vec<Fault> {
    let mut resolution: Resolution = resolve::of_file(sifted, mode);
    let mut draft = resolution.draft(env);
    draft.settings.mode = mode;
    resolution.judge(draft.contradictions());
    resolution.faults
}

fn sorted(mut faults: Vec<Fault>) -> Faults {
    faults.sort();
    faults.dedup();
    Faults(faults)
}

fn all_notices(sifted: Sifted, resolution: &mut Resolution) -> Vec<Notice> {
    let mut notices = sifted.notices;
    notices.append(&mut resolution.notices);
    notices.sort();
    notices
}

#[cfg(test)]
mod tests;
