//! For development only: a gallery of traffic stories, and a walk-forward comparison with other rules.
//!
//! Both ask the engine that people run, in a world in memory, and judge it by what they know to be true. Nothing here
//! is tuned to please: where the product is wrong, the table says so. No crate of the product may use this one.

mod cli;
pub mod compare;
mod error;
pub mod gallery;
mod text;
pub mod traffic;
mod world;

pub use cli::main;
pub use error::LabError;
pub use world::{DOMAIN, Lab, World};
