//! A temporary folder for Prometheus, filled with history before the server starts.
//!
//! `promtool` reads a text once for each block that it writes, and the longest block below a day is 18 hours. So the history is
//! cut at those edges and each piece is a text of its own: one reading each, and no text grows large.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use tempfile::TempDir;
use tidewright_core::{TimeSpan, Timestamp};

use super::{OpenMetrics, ServerError, missing};

/// The largest block that `--max-block-duration=24h` allows: 2 h, tripled while it fits.
const BLOCK_MS: i64 = 18 * 3_600_000;

/// How many texts are made at a time: as many as a small machine has cores.
const WORKERS: usize = 2;

/// The text of one piece of history.
pub type Text = OpenMetrics<BufWriter<File>>;

/// A folder with blocks of history; removed when it is dropped.
#[derive(Debug)]
pub struct Blocks {
    folder: TempDir,
}

impl Blocks {
    /// A folder without history.
    ///
    /// # Errors
    /// When no temporary folder can be made.
    pub fn empty() -> Result<Self, ServerError> {
        let folder = tempfile::Builder::new().prefix("tidewright-prometheus-").tempdir();
        Ok(Self { folder: folder.map_err(ServerError::Folder)? })
    }

    /// A folder with the history that `write` puts into one text per piece of `span`.
    ///
    /// # Errors
    /// When a text cannot be written or `promtool` is missing or refuses it.
    pub fn filled(
        span: TimeSpan,
        write: impl Fn(TimeSpan, &mut Text) -> io::Result<()> + Sync,
    ) -> Result<Self, ServerError> {
        let blocks = Self::empty()?;
        let waiting = Mutex::new(pieces(span));
        let work = || {
            while let Some(piece) = next(&waiting) {
                blocks.fill(piece, &write)?;
            }
            Ok(())
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| worker.join().expect("a worker never panics"))
        })?;
        Ok(blocks)
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where Prometheus keeps its blocks.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn fill(
        &self,
        piece: TimeSpan,
        write: &(impl Fn(TimeSpan, &mut Text) -> io::Result<()> + Sync),
    ) -> Result<(), ServerError> {
        let path = self.folder().join(format!("{}.om", piece.start.as_secs()));
        let file = File::create(&path).map_err(ServerError::Folder)?;
        let mut text = OpenMetrics::new(BufWriter::with_capacity(1 << 20, file));
        let written = write(piece, &mut text).and_then(|()| text.finish());
        written.map_err(ServerError::Folder)?;
        self.create_block(&path)?;
        fs::remove_file(&path).map_err(ServerError::Folder)
    }

    fn create_block(&self, text: &Path) -> Result<(), ServerError> {
        let mut promtool = Command::new("promtool");
        promtool.args(["tsdb", "create-blocks-from", "--max-block-duration=24h", "openmetrics"]);
        promtool.arg(text).arg(self.data()).stdin(Stdio::null());
        let output = promtool.output().map_err(|source| missing("promtool", source))?;
        if output.status.success() {
            return Ok(());
        }
        Err(ServerError::Backfill(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

fn next(waiting: &Mutex<Vec<TimeSpan>>) -> Option<TimeSpan> {
    waiting.lock().expect("a worker never panics").pop()
}

/// The span, cut where blocks end.
fn pieces(span: TimeSpan) -> Vec<TimeSpan> {
    let first = span.start.align_down(BLOCK_MS).as_millis();
    let starts = (first..span.end.as_millis()).step_by(BLOCK_MS as usize);
    let piece = |start: i64| TimeSpan {
        start: Timestamp::from_millis(start).max(span.start),
        end: Timestamp::from_millis(start + BLOCK_MS).min(span.end),
    };
    starts.map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_where_blocks_do_and_cover_the_span() {
        let at = |hours: i64| Timestamp::from_secs(hours * 3600);
        let pieces = pieces(TimeSpan { start: at(20), end: at(55) });
        let edges: Vec<_> = pieces.iter().map(|piece| (piece.start, piece.end)).collect();
        assert_eq!(edges, [(at(20), at(36)), (at(36), at(54)), (at(54), at(55))]);
    }
}
