//! `tidewright config check|show|reference`.

use anyhow::Result;

use super::print;
use crate::args::{ConfigShowArguments, TextOrJson};
use crate::config::{self, Faults, Overrides, load_file};

/// Tells all faults of a file, or that there is none.
pub(crate) fn check(arguments: &ConfigShowArguments) -> Result<()> {
    let name = arguments.config.config.display().to_string();
    match (loaded(arguments), arguments.output) {
        (Ok(loaded), TextOrJson::Table) => print(&config::check_text(&name, &loaded)),
        (Ok(loaded), TextOrJson::Json) => print(&config::check_json(&name, &loaded)),
        (Err(faults), TextOrJson::Table) => Err(faults.into()),
        (Err(faults), TextOrJson::Json) => {
            print(&config::faults_json(&name, &faults))?;
            Err(faults.into())
        }
    }
}

/// Shows each value and where it came from.
pub(crate) fn show(arguments: &ConfigShowArguments) -> Result<()> {
    let name = arguments.config.config.display().to_string();
    let loaded = loaded(arguments)?;
    match arguments.output {
        TextOrJson::Table => print(&config::show_text(&name, &loaded)),
        TextOrJson::Json => print(&config::show_json(&name, &loaded)),
    }
}

/// Prints the reference page.
pub(crate) fn reference() -> Result<()> {
    print(&config::reference())
}

fn loaded(arguments: &ConfigShowArguments) -> Result<config::Loaded, Faults> {
    load_file(&arguments.config.config, &Overrides::default(), &|name| std::env::var(name).ok())
}
