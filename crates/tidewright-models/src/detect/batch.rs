//! Detectors that look at many rows or at a group at once: isolation forest, one-class SVM, DBSCAN, a group's median.
//!
//! A row is one thing in several columns: one moment in several series, or one member in several figures. Rows carry no
//! order in time, so nothing here knows a season or a trend: take those out first.
//!
//! | what | good for | not for |
//! |---|---|---|
//! | [`IsolationForest`] | many rows in several columns without a scale in common, when it must be quick | one series: it ranks in the middle at best there; what is odd only in how columns go together |
//! | [`OneClassSvm`] | columns of one scale whose normal rows make up a bent or split cloud; it sees columns together | one series or windows of it: near the bottom there; many rows, its time grows with their square |
//! | [`Dbscan`] | members of a group that should behave alike, or a few kinds of them | rows whose clouds differ in density; it needs a distance, `eps`, that means something |
//! | [`group_mad`] | members of a group, step by step: who is off and by how much | groups below three members, groups of two kinds |
//!
//! None of them says how likely anything is: scores rank, and where to cut is the caller's choice.

mod density;
mod error;
mod forest;
mod group;
mod one_class;
mod rows;

pub use density::{Dbscan, Label};
pub use error::BatchError;
pub use forest::{ForestSettings, IsolationForest, path_length};
pub use group::{GroupStep, group_mad};
pub use one_class::{OneClassSettings, OneClassSvm};
pub use rows::Rows;
