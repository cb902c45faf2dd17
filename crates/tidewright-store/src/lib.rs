//! Where runs are remembered.
//!
//! A run is saved in one transaction before anything is written elsewhere: after `save_run` it outlives the process, and
//! whoever kills the process in between finds the run before it. Rows have types of their own, with a version, and
//! are converted by hand. This crate decides nothing and knows no cluster.

mod fault;
mod row;
mod sqlite;

pub use sqlite::{SqliteSettings, SqliteStore};
