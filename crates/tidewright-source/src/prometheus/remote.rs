//! Reads raw samples as chunks that the server need not unpack (`/api/v1/read`), and looks at them as `last_over_time` would.
//!
//! The rule: what comes out is what the same question in PromQL yields, series by series, or an error that lets the
//! caller ask in PromQL instead. Memory is one frame and the moments of one series. Nothing is repeated here.

mod frame;
mod look;
mod request;
mod wire;
mod xor;

use thiserror::Error;
use tidewright_core::Grid;

use self::frame::Frames;
use self::look::Look;
pub(super) use self::request::Selection;
use self::wire::{Fields, Value};
use super::client::Client;
use super::decode::{DecodeError, Labels, MatrixSink, Notes};
use super::failure::QueryError;

const HEADERS: [(&str, &str); 3] = [
    ("content-type", "application/x-protobuf"),
    ("content-encoding", "snappy"),
    ("x-prometheus-remote-read-version", "0.1.0"),
];

/// How an answer of chunks calls itself; servers that know only whole samples answer something else.
const STREAMED: &str = "application/x-streamed-protobuf";

/// Encodings of a chunk: one of numbers and two of histograms, which are no counters.
const XOR: u64 = 1;
const HISTOGRAMS: [u64; 2] = [2, 3];

/// Why raw samples cannot be read.
#[derive(Debug, Error)]
pub(super) enum RemoteError {
    #[error("the server hands out no chunks")]
    NoChunks,
    #[error("the frame at byte {at} does not match its checksum")]
    Checksum { at: u64 },
    #[error("a frame of `{bytes}` bytes is longer than `{most}`")]
    TooLong { bytes: u64, most: u64 },
    #[error("the frame at byte {at} makes no sense")]
    Shape { at: u64 },
    #[error("the series `{series}` has a chunk that makes no sense")]
    Chunk { series: String },
    #[error("the series `{series}` has a chunk in the unknown encoding `{encoding}`")]
    Encoding { series: String, encoding: u64 },
    #[error("the answer ended in the middle of a frame")]
    Truncated,
}

/// Takes the series of an answer as they come, each in one or more pieces.
struct Taker<'a> {
    sink: &'a mut (dyn MatrixSink + Send),
    look: Look,
    labels: Option<Labels>,
}

/// The last sample of each series at or before each moment of `grid`, within the selection's look-back, given to `sink`.
pub(super) async fn read<S: MatrixSink + Send>(
    client: &Client,
    selection: &Selection,
    grid: Grid,
    mut sink: S,
) -> Result<(S, Notes), QueryError> {
    let body = selection.request(grid);
    let mut response = client.post("read", HEADERS.to_vec(), body).await?;
    let kind = response.headers().get(reqwest::header::CONTENT_TYPE);
    if !kind.and_then(|kind| kind.to_str().ok()).is_some_and(|kind| kind.starts_with(STREAMED)) {
        return Err(RemoteError::NoChunks.into());
    }
    let look = Look::new(grid, selection.look_back_ms);
    let mut taker = Taker { sink: &mut sink, look, labels: None };
    let mut frames = Frames::default();
    while let Some(bytes) = response.chunk().await.map_err(|error| client.broken(error))? {
        frames.push(&bytes, |at, frame| taker.take(frame).map_err(|error| error.at(at)))?;
    }
    frames.finish()?;
    let infinite = taker.finish()?;
    Ok((sink, Notes { infinite, ..Notes::default() }))
}

impl Taker<'_> {
    /// One `ChunkedReadResponse`: its first field holds series.
    fn take(&mut self, frame: &[u8]) -> Result<(), TakeError> {
        for field in Fields::new(frame) {
            if let (1, Value::Bytes(series)) = field? {
                self.series(series)?;
            }
        }
        Ok(())
    }

    /// One `ChunkedSeries`: labels first, then chunks.
    fn series(&mut self, bytes: &[u8]) -> Result<(), TakeError> {
        let labels = labels(bytes)?;
        if self.labels.as_ref() != Some(&labels) {
            self.close()?;
            self.labels = Some(labels);
        }
        for field in Fields::new(bytes) {
            if let (2, Value::Bytes(chunk)) = field? {
                self.chunk(chunk)?;
            }
        }
        Ok(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> Result<(), TakeError> {
        let (mut encoding, mut data) = (0, &[][..]);
        for field in Fields::new(bytes) {
            match field? {
                (3, Value::Number(number)) => encoding = number,
                (4, Value::Bytes(bytes)) => data = bytes,
                _ => {}
            }
        }
        let series = || self.labels.as_ref().map_or_else(String::new, ToString::to_string);
        if HISTOGRAMS.contains(&encoding) {
            return Ok(());
        }
        if encoding != XOR {
            return Err(RemoteError::Encoding { series: series(), encoding }.into());
        }
        let look = &mut self.look;
        let whole = xor::samples(data, |millis, value| look.take(millis, value));
        whole.ok_or_else(|| RemoteError::Chunk { series: series() }.into())
    }

    /// The series is over.
    fn close(&mut self) -> Result<(), DecodeError> {
        let Some(labels) = self.labels.take() else { return Ok(()) };
        match self.look.finish() {
            Some(values) => self.sink.take(&labels, values),
            None => Ok(()),
        }
    }

    /// How many infinite samples were read as gaps.
    fn finish(mut self) -> Result<u64, DecodeError> {
        self.close()?;
        Ok(self.look.infinite())
    }
}

/// Why a frame cannot be taken.
enum TakeError {
    Shape,
    Remote(RemoteError),
    Sink(DecodeError),
}

impl TakeError {
    fn at(self, at: u64) -> QueryError {
        match self {
            Self::Shape => RemoteError::Shape { at }.into(),
            Self::Remote(error) => error.into(),
            Self::Sink(error) => error.into(),
        }
    }
}

impl From<wire::Broken> for TakeError {
    fn from(wire::Broken: wire::Broken) -> Self {
        Self::Shape
    }
}

impl From<RemoteError> for TakeError {
    fn from(error: RemoteError) -> Self {
        Self::Remote(error)
    }
}

impl From<DecodeError> for TakeError {
    fn from(error: DecodeError) -> Self {
        Self::Sink(error)
    }
}

/// The labels of a `ChunkedSeries`.
fn labels(series: &[u8]) -> Result<Labels, TakeError> {
    let mut pairs = Vec::new();
    for field in Fields::new(series) {
        let (1, Value::Bytes(label)) = field? else { continue };
        let mut pair = ("", "");
        for field in Fields::new(label) {
            match field? {
                (1, Value::Bytes(name)) => pair.0 = text(name)?,
                (2, Value::Bytes(value)) => pair.1 = text(value)?,
                _ => {}
            }
        }
        pairs.push(pair);
    }
    Ok(Labels::from_pairs(pairs))
}

fn text(bytes: &[u8]) -> Result<&str, TakeError> {
    std::str::from_utf8(bytes).map_err(|_| TakeError::Shape)
}

#[cfg(test)]
mod tests;
