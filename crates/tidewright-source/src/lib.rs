//! Reads metrics: every source of demand that Tidewright knows.
//!
//! A source answers [`tidewright_core::MetricSource`]: requests per window, one column per combination of descriptor
//! values. The rule: a missing sample is a gap, a missing answer is an error, and neither is ever zero. Sources decide
//! nothing about limits and keep nothing between two calls.

pub mod csv_file;
pub mod prometheus;
pub mod synthetic;
