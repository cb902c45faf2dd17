//! Decides: demand, forecast and policy in; limits with their reasons out.
//!
//! Pure rules, each a small function: which history counts ([`classify`]), when a series carries its weight
//! ([`prime_time`]), how high it rises ([`statistics`]), what limit that makes ([`estimate`]), whether it may replace
//! the current one ([`propose`], [`gate`]). Missing, stale, thin or ambiguous data holds the current limit and says
//! why; nothing here ever tightens one on less than it takes to be sure. No I/O, no clock, no models.

mod calendar;
mod demand;
mod formula;
mod gate;
mod guard;
mod incident;
pub mod legacy;
mod pace;
mod prime;
mod proposal;
mod remember;
mod together;
mod unseen;
mod windows;

pub use calendar::{Known, expected};
pub use demand::{
    Demand, WINDOWS_NEEDED_DAY, WINDOWS_NEEDED_HOUR, WINDOWS_NEEDED_MINUTE, need, statistics,
};
pub use formula::{Learned, Terms, estimate};
pub use gate::gate;
pub use guard::{Watch, guard};
pub use incident::{Incidents, Measured, classify, keep_lone_rises, undisturbed};
pub use prime::prime_time;
pub use proposal::{admit, propose, screen, unit_reason};
pub use remember::remember;
pub use together::{Shift, moved, spare_destinations, spare_first_day, suspicion};
pub use unseen::unseen_factor;
pub use windows::Windows;
