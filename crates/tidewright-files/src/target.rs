//! A limiter's document in a file.
//!
//! Reading and writing block for as long as the disk takes: a document has at most 8 MiB, and between its first byte
//! and its rename there is no point at which the work could be dropped.

use std::path::PathBuf;

use tidewright_core::{Applied, LimitTarget, PortError, PortFuture};

use crate::whole::{make_folder, read_whole, write_whole};

/// A limiter's document in a file.
#[derive(Clone, Debug)]
pub struct FileTarget {
    path: PathBuf,
}

impl FileTarget {
    /// The document at `path`; neither it nor its folder need exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn place(&self, document: &[u8]) -> Result<Applied, PortError> {
        let changed = read_whole(&self.path)?.as_deref() != Some(document);
        if changed {
            self.path.parent().map_or(Ok(()), make_folder)?;
            write_whole(&self.path, document)?;
        }
        Ok(Applied { place: self.describe(), changed })
    }
}

impl LimitTarget for FileTarget {
    fn describe(&self) -> String {
        self.path.display().to_string()
    }

    fn load(&self) -> PortFuture<'_, Option<Vec<u8>>> {
        Box::pin(async { read_whole(&self.path) })
    }

    fn apply<'a>(&'a self, document: &'a [u8]) -> PortFuture<'a, Applied> {
        Box::pin(async { self.place(document) })
    }
}
