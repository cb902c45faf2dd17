//! Stories of traffic with the decision that a good engineer would take, played by the engine.
//!
//! Each story is a small file in `gallery/`: what happened in words and in shapes, the limits and rules of the day, and
//! what is expected of each limit. One test plays all of them; `make gallery` makes a page to leaf through. The
//! predecessor's `v3` is asked the same questions. A story says what is right, not what the code does today.

mod document;
mod page;
mod play;
mod rules;
mod story;
mod verdict;

pub use page::render_page;
pub use play::{Played, play};
pub use rules::Rules;
pub use story::{Expected, Seen, Story, house_folder, load_stories};
pub use verdict::{Answer, Verdict, fault_lines, score_lines, verdict_table};
