//! The traffic of the cycle: many pairs of partner and path that follow two real traces, each by its own share and with
//! noise of its own, scraped every 30 seconds from one instance; and the limits that stand for it.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use tidewright_core::{TimeSpan, Timestamp};
use tidewright_testkit::chance::Chance;
use tidewright_testkit::estate::{END, METRIC};
use tidewright_testkit::prometheus::{Blocks, ServerError, Text};
use tidewright_testkit::trace::{self, DAY};

const SCRAPE_MS: i64 = 30_000;
/// Paths of a partner.
const PATHS: usize = 25;
/// Days of both traces that are used: whole weeks, so that they can be repeated.
const TRACE_DAYS: usize = 14;
/// The web site is small; a platform's partner has more.
const WEB_SCALE: f64 = 50.0;

/// How much history.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    series: usize,
    days: usize,
}

/// The requests per minute of one pair.
struct Pair {
    partner: String,
    path: String,
    share: f64,
    minutes: Vec<u64>,
}

impl Scale {
    /// The numbers among the arguments: series and days; 1,000 and 7 unless told.
    pub(crate) fn from_arguments(arguments: impl Iterator<Item = String>) -> Self {
        let mut numbers = arguments.skip(1).filter_map(|argument| argument.parse().ok());
        Self { series: numbers.next().unwrap_or(1000), days: numbers.next().unwrap_or(7) }
    }

    fn span(self) -> TimeSpan {
        TimeSpan { start: END.plus_millis(self.days as i64 * -86_400_000), end: END }
    }

    fn pairs(self) -> Vec<Pair> {
        let weeks = |trace: Vec<u64>| trace[trace.len() - TRACE_DAYS * DAY..].to_vec();
        let traces = [(weeks(trace::twitter()), 1.0), (weeks(trace::nasa()), WEB_SCALE)];
        (0..self.series).map(|number| Pair::new(number, self.days, &traces)).collect()
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-series-{}-days", self.series, self.days)
    }
}

impl Pair {
    fn new(number: usize, days: usize, traces: &[(Vec<u64>, f64); 2]) -> Self {
        let mut chance = Chance::new(number as u64, "pair");
        let (trace, scale) = &traces[number / PATHS % 2];
        let share = chance.uniform(-2.5, 1.0).exp();
        let shift = chance.between(0, 60);
        let minute = |minute: usize| {
            let level = trace[(trace.len() * days + minute + shift - days * DAY) % trace.len()];
            (level as f64 * scale * share * chance.uniform(0.9, 1.1)).round() as u64
        };
        let minutes = (0..days * DAY).map(minute).collect();
        let (partner, path) = (format!("partner_{:02}", number / PATHS), number % PATHS);
        Self { partner, path: format!("/api/v3/service_{path}/list"), share, minutes }
    }

    fn write(&self, span: TimeSpan, piece: TimeSpan, text: &mut Text) -> io::Result<()> {
        let own = [("code", "200"), ("instance", "edge-0:9113"), ("job", "edge")];
        let labels = [("partner", self.partner.as_str()), ("path", self.path.as_str())];
        text.series(METRIC, &[&own[..], &labels].concat());
        let mut total = 0;
        for (minute, count) in self.minutes.iter().enumerate() {
            let start = span.start.plus_millis(minute as i64 * 60_000);
            // Scraped in the first second and in the middle of each minute.
            for (offset, counted) in [(0, total), (SCRAPE_MS, total + count / 2)] {
                let at = start.plus_millis(offset);
                if piece.contains(at) {
                    text.sample(at.as_millis(), counted)?;
                }
            }
            total += count;
        }
        if piece.end == span.end { text.sample(end(span).as_millis(), total) } else { Ok(()) }
    }
}

/// The last scrape: just inside the last window.
fn end(span: TimeSpan) -> Timestamp {
    span.end.plus_millis(-1)
}

/// History in a folder of Prometheus: made once, then copied from below `folder`.
pub(crate) fn blocks(scale: Scale, folder: &Path) -> Result<Blocks, ServerError> {
    let kept = folder.join("data");
    if kept.exists() {
        let blocks = Blocks::empty()?;
        copy(&kept, &blocks.data()).map_err(ServerError::Folder)?;
        return Ok(blocks);
    }
    let (span, pairs) = (scale.span(), scale.pairs());
    let blocks = Blocks::filled(span, |piece, text| {
        pairs.iter().try_for_each(|pair| pair.write(span, piece, text))
    })?;
    let half_way = folder.join("data.part");
    let keep = copy(&blocks.data(), &half_way).and_then(|()| fs::rename(&half_way, &kept));
    keep.map_err(ServerError::Folder)?;
    Ok(blocks)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target).map(drop)?;
        }
    }
    Ok(())
}

/// A ConfigMap with a limit for each pair: some too low, some too high.
pub(crate) fn document(scale: Scale) -> String {
    let mut text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ratelimit-config}\ndata:\n  config.yaml: |\n    domain: edge\n    descriptors:\n".to_owned();
    let pairs = scale.pairs();
    for partner in pairs.chunks(PATHS) {
        text += &format!(
            "      - key: PARTNER\n        value: {}\n        descriptors:\n",
            partner[0].partner
        );
        text.extend(partner.iter().map(limit));
    }
    text
}

fn limit(pair: &Pair) -> String {
    let number = (pair.share * 12_000.0) as u64;
    format!(
        "          - key: PATH\n            value: {}\n            rate_limit: {{unit: minute, requests_per_unit: {number}}}\n",
        pair.path
    )
}
