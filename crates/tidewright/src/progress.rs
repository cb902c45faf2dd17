//! Progress bars on a terminal, nothing in a pipe; and the flag that stops long work.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tidewright_core::Progress;

/// Often enough for the eye, rarely enough to cost nothing.
const DRAWS_PER_SECOND: u8 = 10;

/// One bar at a time on stderr, for the stage that runs.
#[derive(Debug)]
pub(crate) struct Bars {
    bar: ProgressBar,
    cancelled: Arc<AtomicBool>,
}

impl Bars {
    /// Bars that show where stderr is a terminal, and stop when `cancelled` is set.
    pub(crate) fn new(cancelled: Arc<AtomicBool>) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(DRAWS_PER_SECOND)
        } else {
            ProgressDrawTarget::hidden()
        };
        Self { bar: ProgressBar::with_draw_target(None, target), cancelled }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bars {
    fn begin(&self, stage: &'static str, total: u64) {
        let template = if total == 0 {
            "{prefix:>10} {spinner} {pos} done, {elapsed} so far"
        } else {
            "{prefix:>10} [{bar:32}] {pos}/{len} {eta_precise} left"
        };
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar.reset();
        self.bar.set_length(total);
        self.bar.set_style(style.progress_chars("=> "));
        self.bar.set_prefix(stage);
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}
