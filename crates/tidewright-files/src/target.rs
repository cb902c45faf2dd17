//! A limiter's document in a file.
//!
//! Reading and writing block for as long as the disk takes: a document has at most 8 MiB, and between its first byte
//! and its rename there is no point at which the work could be dropped.
//!
//! A replacement holds a lock of the folder from its look at the old document until its rename, so that of two that
//! meet one is told of the other. Whoever writes the file without asking for that lock is noticed by the bytes only.

use std::fs::File;
use std::path::{Path, PathBuf};

use tidewright_core::{
    Applied, GuardedTarget, LimitTarget, PortError, PortErrorKind, PortFuture, RevisionId,
};

use crate::fault::fault;
use crate::whole::{folder_of, make_folder, read_whole, resolve, write_whole};

/// What stands between the name of a document and the revision that it was copied before.
const COPY_MARK: &str = ".bak-";

/// Copies that are kept of one document: weeks of daily changes; the store keeps the others.
const COPIES_MAX: usize = 20;

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

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn place(&self, document: &[u8]) -> Result<Applied, PortError> {
        let changed = read_whole(&self.path)?.as_deref() != Some(document);
        if changed {
            self.path.parent().map_or(Ok(()), make_folder)?;
            write_whole(&self.path, document)?;
        }
        Ok(Applied { place: self.describe(), changed })
    }

    fn place_over(&self, before: Option<&[u8]>, document: &[u8]) -> Result<Applied, PortError> {
        self.path.parent().map_or(Ok(()), make_folder)?;
        let _lock = self.lock()?;
        let now = read_whole(&self.path)?;
        if now.as_deref() == before {
            return self.place(document);
        }
        let conflict = format!("cannot write `{}`: somebody else changed it", self.describe());
        let hint = "nothing was written; look at the new document and apply again";
        Err(PortError::new(PortErrorKind::Conflict, conflict).hint(hint))
    }

    /// Waits until nobody else replaces a document of this folder; the lock ends with the file.
    fn lock(&self) -> Result<File, PortError> {
        let place = resolve(&self.path)?;
        let folder = folder_of(&place);
        let lock = || {
            let folder = File::open(folder)?;
            folder.lock().map(|()| folder)
        };
        lock().map_err(|cause| fault("lock the folder", folder, cause))
    }

    /// A copy beside the document, named after the revision; the oldest copies beyond [`COPIES_MAX`] go.
    fn copy(&self, document: &[u8], before: &RevisionId) -> Result<String, PortError> {
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let prefix = format!("{}{COPY_MARK}", name.unwrap_or_default());
        let copy = self.path.with_file_name(format!("{prefix}{before}"));
        write_whole(&copy, document)?;
        forget_copies(folder_of(&copy), &prefix);
        Ok(copy.display().to_string())
    }
}

/// Removes the oldest copies. That one cannot be removed is no reason to stop a change that has its undo.
fn forget_copies(folder: &Path, prefix: &str) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut copies: Vec<String> = names.filter(|name| is_copy(name, prefix)).collect();
    // The names of revisions sort by time.
    copies.sort_unstable();
    let beyond = copies.len().saturating_sub(COPIES_MAX);
    for name in &copies[..beyond] {
        let _ = std::fs::remove_file(folder.join(name));
    }
}

/// Whether we named it, to the letter: what somebody else put there is never removed.
fn is_copy(name: &str, prefix: &str) -> bool {
    const SHAPE: &[u8] = b"00000000T000000Z-xxxxxxxx";
    let Some(id) = name.strip_prefix(prefix) else { return false };
    let fits = |(letter, shape): (u8, &u8)| match shape {
        b'0' => letter.is_ascii_digit(),
        b'x' => letter.is_ascii_hexdigit(),
        fixed => letter == *fixed,
    };
    id.len() == SHAPE.len() && id.bytes().zip(SHAPE).all(fits)
}

impl GuardedTarget for FileTarget {
    fn replace<'a>(
        &'a self,
        before: Option<&'a [u8]>,
        document: &'a [u8],
    ) -> PortFuture<'a, Applied> {
        Box::pin(async move { self.place_over(before, document) })
    }

    fn back_up<'a>(&'a self, document: &'a [u8], before: &'a RevisionId) -> PortFuture<'a, String> {
        Box::pin(async move { self.copy(document, before) })
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
