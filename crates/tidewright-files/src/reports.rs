//! A folder of reports and other files that people read.
//!
//! The folder is made when the first file is written. Nothing in it is ever removed by us.

use std::path::{Component, Path, PathBuf};

use tidewright_core::PortError;

use crate::fault::refusal;
use crate::whole::{make_folder, write_whole};

/// A folder of reports.
#[derive(Clone, Debug)]
pub struct ReportFolder {
    folder: PathBuf,
}

impl ReportFolder {
    /// The folder at `folder`, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Writes a file whole under a plain name, replacing one of that name, and answers where it is.
    ///
    /// # Errors
    /// [`PortError`] if the name leads out of the folder, or the folder or the file cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, PortError> {
        let path = self.folder.join(name);
        let mut parts = Path::new(name).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
            return Err(refusal("write", &path, "a report's name has no folder in it"));
        }
        make_folder(&self.folder)?;
        write_whole(&path, bytes)?;
        Ok(path)
    }
}
