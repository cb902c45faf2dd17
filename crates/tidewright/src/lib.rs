//! The composition: arguments and configuration in, ports and commands wired, exit codes out. No rules.
//!
//! Start at [`compose`], which lists what the process runs.

mod adapt;
mod args;
mod command;
pub mod compose;
pub mod config;
mod exit;
mod progress;
mod telemetry;
mod wall;
