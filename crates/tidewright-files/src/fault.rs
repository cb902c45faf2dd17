//! From what the operating system says to what a person can do about it.
//!
//! The operating system's own words stay in the cause; here is only the kind and the advice.

use std::io;
use std::path::Path;

use tidewright_core::{PortError, PortErrorKind};

/// A failure while doing something to `path`.
pub(crate) fn fault(doing: &str, path: &Path, cause: io::Error) -> PortError {
    let (kind, hint) = judge(cause.kind());
    PortError::new(kind, format!("cannot {doing} `{}`", path.display())).caused_by(cause).hint(hint)
}

/// A path that is not what it should be, which the operating system would not have minded.
pub(crate) fn refusal(doing: &str, path: &Path, hint: &str) -> PortError {
    let doing = format!("cannot {doing} `{}`", path.display());
    PortError::new(PortErrorKind::Refused, doing).hint(hint)
}

fn judge(kind: io::ErrorKind) -> (PortErrorKind, &'static str) {
    use PortErrorKind::{Refused, Transient};
    match kind {
        io::ErrorKind::NotFound => (Refused, "create its folder first, or name another path"),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            (Refused, "a part of the path is a file where a folder is needed; name another path")
        }
        io::ErrorKind::IsADirectory => (Refused, "it is a folder; name a file"),
        io::ErrorKind::PermissionDenied => {
            (Refused, "give this user the right to it and to its folder, or name another path")
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            (Refused, "the file system is mounted read-only; name a path on another one")
        }
        io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput => {
            (Refused, "the file system takes no such name; name another path")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            (Transient, "no space is left for it; free some and run again")
        }
        _ => (Transient, "check the disk and run again"),
    }
}
