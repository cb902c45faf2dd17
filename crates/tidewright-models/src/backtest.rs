//! Rolling origins: models are given what was known at moments of the past, and judged by what came after.
//!
//! Nothing leaks, by type: a [`Fold`] hands out a [`Panel`](tidewright_core::Panel) that was cut at its origins, and the
//! moments to forecast. What was observed there is held by the fold alone; no function returns it, and it can only
//! judge. How models are called, on how many threads, and what they cost, is the engine's.

mod fold;
mod judge;
mod tally;

pub use fold::{Fold, Origins, Unjudged};
pub use judge::{JudgeError, Judged, LEVELS};
pub use tally::Tally;
