//! Tables for a terminal: readable at 80 columns, without colour, in any script.
//!
//! Names give way first (shortened in the middle); numbers never do.

mod change;
mod finding;
mod impact;
mod plan;
mod replay;
mod review;
mod rows;

pub use change::{change_table, history_table};
pub use finding::findings_table;
pub use impact::impact_table;
pub(crate) use impact::totals;
pub use plan::plan_table;
pub(crate) use plan::summary;
pub use replay::replay_table;
pub use review::reviewed_table;

/// The narrowest that a limit's name becomes.
const NAME_WIDTH_MIN: usize = 16;
