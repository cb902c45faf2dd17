//! Progress bars on a terminal, nothing in a pipe; and the flag that stops long work.
//!
//! What else goes to stderr while a bar is shown goes through [`BesideBar`], which leaves no torn bars behind.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tidewright_core::Progress;

/// Often enough for the eye, rarely enough to cost nothing.
const DRAWS_PER_SECOND: u8 = 10;

/// The bar of this process: there is one terminal, so there is one bar.
static SHOWN: OnceLock<ProgressBar> = OnceLock::new();

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
        let bar = SHOWN.get_or_init(|| ProgressBar::with_draw_target(None, target)).clone();
        Self { bar, cancelled }
    }

    /// Takes the bar away until the next stage begins.
    pub(crate) fn hide(&self) {
        self.bar.finish_and_clear();
    }
}

/// Stderr, beside the bar: the bar steps aside while a line is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BesideBar;

impl Write for BesideBar {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let write = || std::io::stderr().lock().write(bytes);
        SHOWN.get().map_or_else(write, |bar| bar.suspend(write))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().lock().flush()
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
