//! Documents and reports on disk.
//!
//! A file is written whole or not at all: a new file beside it, flushed, renamed over it, and the folder flushed.
//! Whoever kills the process in between finds the old file. This crate does not know what is in the files.

mod fault;
mod reports;
mod target;
mod whole;

pub use reports::ReportFolder;
pub use target::FileTarget;
pub use whole::{FILE_BYTES_MAX, read_at_most, read_whole, write_whole};
