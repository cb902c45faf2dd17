//! Reads and writes one file as a whole.
//!
//! The rule: at every moment the path holds either the old bytes or the new ones, and after a failure nothing is left
//! beside it. A process that is killed may leave a `.NAME.*.tmp` behind, which nobody reads.
//! What is written through a link is the file that the link leads to. No locks are taken here: the last writer wins.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};
use tidewright_core::{PortError, PortErrorKind};

use crate::fault::{fault, refusal};

/// The largest file that is read: eight times what a cluster takes as a ConfigMap, so that nobody reads a log by mistake.
pub const FILE_BYTES_MAX: u64 = 8 << 20;

/// The rights of a file that did not exist before; the process's mask takes its part away.
const MODE_NEW: u32 = 0o666;

/// Makes a folder and those above it, where they are missing; an empty path is the working directory.
///
/// # Errors
/// [`PortError`] if one of them cannot be made.
pub(crate) fn make_folder(folder: &Path) -> Result<(), PortError> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|cause| fault("make the folder", folder, cause))
}

/// Puts `bytes` at `path`, whole or not at all; the folder must exist, and the rights of a file that is replaced stay.
///
/// # Errors
/// [`PortError`] if there is no such folder, no right, no space, or something other than a file at `path`.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), PortError> {
    let place = resolve(path)?;
    let before = existing(&place)?;
    let written = replace(&place, before.as_ref(), bytes);
    written.map_err(|cause| fault("write", path, cause))
}

/// The bytes at `path`; `None` if there is no such file.
///
/// # Errors
/// [`PortError`] if it cannot be read, is no file, or is larger than [`FILE_BYTES_MAX`].
pub fn read_whole(path: &Path) -> Result<Option<Vec<u8>>, PortError> {
    read_at_most(path, FILE_BYTES_MAX)
}

/// The bytes at `path`, of which there are `bytes_max` at the most; `None` if there is no such file.
///
/// # Errors
/// As [`read_whole`].
pub fn read_at_most(path: &Path, bytes_max: u64) -> Result<Option<Vec<u8>>, PortError> {
    if existing(path)?.is_none() {
        return Ok(None);
    }
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|cause| fault("read", path, cause))?;
    if bytes.len() as u64 > bytes_max {
        let mebibytes = bytes_max >> 20;
        let doing =
            format!("cannot read `{}`, which is larger than {mebibytes} MiB", path.display());
        let hint = "no document or plan is that large; name another file";
        return Err(PortError::new(PortErrorKind::Refused, doing).hint(hint));
    }
    Ok(Some(bytes))
}

/// The path behind all links; a path without a file stays as it is.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, PortError> {
    match fs::canonicalize(path) {
        Ok(place) => Ok(place),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            Ok(path.to_owned())
        }
        Err(cause) => Err(fault("write", path, cause)),
    }
}

/// What is at `path`, which must be a file if it is anything: a rename over a device or a socket would destroy it.
fn existing(path: &Path) -> Result<Option<Metadata>, PortError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(metadata) if metadata.is_dir() => {
            Err(refusal("use", path, "it is a folder; name a file"))
        }
        Ok(_) => Err(refusal("use", path, "it is no regular file; name another path")),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(fault("look at", path, cause)),
    }
}

fn replace(place: &Path, before: Option<&Metadata>, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(place);
    let temporary = beside(place, folder)?;
    if let Some(before) = before {
        keep_rights(temporary.as_file(), before)?;
    }
    fill(temporary.as_file(), bytes)?;
    temporary.persist(place).map_err(|refused| refused.error)?;
    // Without this the new name may be lost with the power, though the bytes are safe.
    File::open(folder)?.sync_all()
}

pub(crate) fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A new file in the same folder, since a rename does not cross file systems; it is removed unless it is persisted.
fn beside(place: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    let name = place.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let prefix = format!(".{}.", name.to_string_lossy());
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(".tmp").permissions(Permissions::from_mode(MODE_NEW));
    builder.tempfile_in(folder)
}

fn keep_rights(file: &File, before: &Metadata) -> io::Result<()> {
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
        // Only root may give a file away; for anyone else the file becomes theirs, which is no failure.
        let _ = std::os::unix::fs::fchown(file, Some(before.uid()), Some(before.gid()));
    }
    file.set_permissions(before.permissions())
}

fn fill(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_what_to_do() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let error = fault("write", Path::new("map.yaml"), fill(&full, b"x").unwrap_err());
        assert_eq!(error.to_string(), "cannot write `map.yaml`");
        assert_eq!(error.kind(), PortErrorKind::Transient);
        assert_eq!(error.advice(), Some("no space is left for it; free some and run again"));
    }
}
