//! The document of an envoyproxy/ratelimit limiter: read, checked, edited in place and created; its windows, and the
//! replay of its counting.
//!
//! Everything here follows the limiter: what it refuses to load is refused with its words, and what it counts is
//! counted the same way. An edit changes the digits of the numbers it names and no other byte. This crate does no I/O
//! and reads no clock, and it knows nothing of how a number was found.

mod create;
mod document;
mod error;
mod replay;
mod window;
mod yaml;

pub use create::{ObjectName, ObjectNameError, create};
pub use document::{DOCUMENT_BYTES_MAX, Document, Entry};
pub use error::{DocumentError, Fixed, Place, Rule, Unplaceable};
pub use replay::replay;
pub use window::aggregate;
