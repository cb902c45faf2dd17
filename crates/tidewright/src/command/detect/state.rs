//! What detectors remember, as a file: read at the start if it is there, written whole at the end.

use std::path::Path;

use anyhow::{Context as _, Result};
use tidewright_engine::Watch;
use tidewright_files::{read_at_most, write_whole};
use tidewright_models::detect::{Kind, Settings};

/// The largest file of states that is read: of a hundred thousand series, with room for their names.
const STATE_BYTES_MAX: u64 = 1 << 30;

/// A watch that goes on from the file, or a new one where there is none.
pub(super) fn begin(path: Option<&Path>, kind: Kind, settings: Settings) -> Result<Watch> {
    let Some(path) = path else { return Ok(Watch::new(kind, settings)) };
    let bytes = read_at_most(path, STATE_BYTES_MAX).context("cannot load the state")?;
    let Some(bytes) = bytes else { return Ok(Watch::new(kind, settings)) };
    let name = path.display();
    Watch::decode(kind, settings, &bytes)
        .with_context(|| format!("cannot go on from the state in `{name}`"))
}

/// Saves the watch where that is wanted.
pub(super) fn save(path: Option<&Path>, watch: &Watch) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    write_whole(path, &watch.encode()).context("cannot save the state")
}
