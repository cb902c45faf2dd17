//! Fitted models as a file: saved beside a forecast, loaded instead of a history.

use std::path::Path;

use anyhow::{Context as _, Result};
use tidewright_engine::{SavedError, SavedModels};
use tidewright_files::{read_at_most, write_whole};

use crate::exit::Mistake;

/// The largest file of models that is read: a hundred thousand of them.
const MODELS_BYTES_MAX: u64 = 2 << 30;

/// Writes models to a file of their own.
pub(super) fn save(path: &Path, models: &SavedModels) -> Result<()> {
    write_whole(path, &models.encode()).context("cannot save the models")
}

/// Models take the place of models, and of nothing else: a slip must not cost a history.
pub(super) fn check_place(path: &Path) -> Result<()> {
    let there = read_at_most(path, MODELS_BYTES_MAX).context("cannot save the models")?;
    match there.as_deref().map(SavedModels::decode) {
        Some(Err(SavedError::NotModels)) => {
            let message = format!("`{}` exists, and holds no saved models", path.display());
            Err(Mistake::new(message, "name another file").into())
        }
        _ => Ok(()),
    }
}

/// Reads models from a file.
pub(super) fn load(path: &Path) -> Result<SavedModels> {
    let name = path.display();
    let bytes = read_at_most(path, MODELS_BYTES_MAX).context("cannot load the models")?;
    let bytes = bytes.ok_or_else(|| {
        let hint = "name a file that `--save-model` wrote";
        Mistake::new(format!("there is no file `{name}`"), hint)
    })?;
    SavedModels::decode(&bytes).with_context(|| format!("cannot load models from `{name}`"))
}
