//! Why an answer cannot be decoded.
//!
//! The rule: whatever concerns one series names it, and whatever concerns the text quotes it.

use thiserror::Error;
use tidewright_core::Timestamp;

/// An answer that cannot be decoded.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// It ends in the middle.
    #[error("the answer ended early, after {bytes} bytes")]
    Truncated {
        /// Bytes that came.
        bytes: u64,
    },
    /// It is no JSON of the expected shape.
    #[error("the answer is not what a range query returns: at byte {at} it reads `{near}`")]
    Shape {
        /// Where.
        at: u64,
        /// What stands there.
        near: String,
    },
    /// It lacks the part that holds the data.
    #[error("the answer holds no result")]
    NoResult,
    /// It is a vector, a scalar or a string.
    #[error("the answer is a `{0}`, not a matrix")]
    NotMatrix(String),
    /// The server says that it failed.
    #[error("the query failed: {0}")]
    Failed(String),
    /// A point lies between or outside the moments that were asked for.
    #[error("the series `{series}` has a point at `{at}`, which was not asked for")]
    OffGrid {
        /// Which series.
        series: String,
        /// When.
        at: Timestamp,
    },
    /// A point does not come after the one before it.
    #[error("the series `{series}` has its point at `{at}` out of order or twice")]
    Order {
        /// Which series.
        series: String,
        /// When.
        at: Timestamp,
    },
    /// A series comes twice.
    #[error("the series `{0}` comes twice in one answer")]
    Duplicate(String),
    /// A query does not sum over a label.
    #[error("the query yields several series for `{0}`")]
    Ambiguous(String),
}
