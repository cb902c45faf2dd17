//! Many series under watch: each row goes to the detector of its series, and all of them are saved together.
//!
//! It knows nothing of files. Layout of what is saved: `TWSTATES`, the version, then for each series its name and its
//! detector, each after its length; last a SHA-256 of all that. Numbers are little-endian.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tidewright_core::{Timestamp, Verdict};
use tidewright_models::DecodeError;
use tidewright_models::detect::{Detector, Kind, Settings, VIEWS, View};

/// The most series of one watch: as many as a file may hold. Each takes some 4 KB.
pub const WATCHED_MAX: usize = 100_000;

const MAGIC: &[u8; 8] = b"TWSTATES";
const VERSION: u32 = 1;
const DIGEST_BYTES: usize = 32;

/// Detectors of many series, in the order in which these were first seen.
#[derive(Debug)]
pub struct Watch {
    kind: Kind,
    settings: Arc<Settings>,
    places: HashMap<Arc<str>, usize>,
    // Invariant: the place of each name in `places` is where its detector stands.
    watched: Vec<(Arc<str>, Detector)>,
}

/// Why a watch cannot begin or go on.
#[derive(Debug, Error, PartialEq)]
pub enum WatchError {
    /// There are too many series.
    #[error("cannot watch more than `{max}` series")]
    Full {
        /// The limit.
        max: usize,
    },
    /// Something else altogether.
    #[error("this is no saved state of detectors")]
    NotStates,
    /// A version from the future.
    #[error("the state was saved in format `{found}`, this version reads up to `{known}`")]
    Version {
        /// The version of the bytes.
        found: u32,
        /// The last one that is known here.
        known: u32,
    },
    /// Not the bytes that were saved.
    #[error("the saved state is damaged or cut short")]
    Damaged,
    /// One of the states cannot be.
    #[error("cannot use the saved state of `{series}`")]
    State {
        /// Whose.
        series: String,
        /// Why.
        #[source]
        source: DecodeError,
    },
}

impl Watch {
    /// One that has seen nothing.
    pub fn new(kind: Kind, settings: Settings) -> Self {
        let settings = Arc::new(settings);
        Self { kind, settings, places: HashMap::new(), watched: Vec::new() }
    }

    /// The place of the series of this name, which is watched from now on.
    ///
    /// # Errors
    /// [`WatchError::Full`] if there would be more than [`WATCHED_MAX`].
    pub fn place(&mut self, name: &str) -> Result<usize, WatchError> {
        if let Some(place) = self.places.get(name) {
            return Ok(*place);
        }
        let detector = self.kind.start(Arc::clone(&self.settings));
        self.add(name, detector)
    }

    fn add(&mut self, name: &str, detector: Detector) -> Result<usize, WatchError> {
        let place = self.watched.len();
        if place == WATCHED_MAX {
            return Err(WatchError::Full { max: WATCHED_MAX });
        }
        let name: Arc<str> = name.into();
        self.places.insert(Arc::clone(&name), place);
        self.watched.push((name, detector));
        Ok(place)
    }

    /// The name of the series at a place that [`Watch::place`] told.
    pub fn name(&self, place: usize) -> &str {
        &self.watched[place].0
    }

    /// How many series there are.
    pub fn len(&self) -> usize {
        self.watched.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.watched.is_empty()
    }

    /// What to think of the next row of the series at a place, by all of its rows before; then learns from it.
    pub fn update(&mut self, place: usize, time: Timestamp, value: Option<f64>) -> Verdict {
        self.watched[place].1.update(time, value)
    }

    /// The same, and what each view makes of it.
    pub fn update_told(
        &mut self,
        place: usize,
        time: Timestamp,
        value: Option<f64>,
    ) -> (Verdict, [Option<View>; VIEWS]) {
        self.watched[place].1.update_told(time, value)
    }

    /// The state of all series; the settings are not part of it.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        for (name, detector) in &self.watched {
            for part in [name.as_bytes(), &detector.encode()] {
                bytes.extend((part.len() as u64).to_le_bytes());
                bytes.extend(part);
            }
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        bytes
    }

    /// A watch that goes on from a state, under settings that may be others.
    ///
    /// # Errors
    /// [`WatchError`] if it is not exactly what some version up to this one has saved.
    pub fn decode(kind: Kind, settings: Settings, bytes: &[u8]) -> Result<Self, WatchError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(WatchError::NotStates)?;
        let (version, _) = rest.split_first_chunk().ok_or(WatchError::Damaged)?;
        let found = u32::from_le_bytes(*version);
        if found != VERSION {
            return Err(WatchError::Version { found, known: VERSION });
        }
        let body = bytes.split_last_chunk::<DIGEST_BYTES>();
        let (content, digest) = body.ok_or(WatchError::Damaged)?;
        if Sha256::digest(content)[..] != *digest {
            return Err(WatchError::Damaged);
        }
        let mut rest = content.get(MAGIC.len() + 4..).unwrap_or_default();
        let mut watch = Self::new(kind, settings);
        while !rest.is_empty() {
            let name = part(&mut rest).and_then(|name| str::from_utf8(name).ok());
            let name = name.filter(|name| !watch.places.contains_key(*name));
            let name = name.ok_or(WatchError::Damaged)?;
            let state = part(&mut rest).ok_or(WatchError::Damaged)?;
            let detector = kind.resume(Arc::clone(&watch.settings), state);
            let detector =
                detector.map_err(|source| WatchError::State { series: name.to_owned(), source })?;
            watch.add(name, detector)?;
        }
        Ok(watch)
    }
}

/// The next part, without its length.
fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, after) = rest.split_first_chunk()?;
    let (part, after) = after.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
    *rest = after;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind::ResidualTails;

    fn watch() -> Watch {
        Watch::new(KIND, Settings::default())
    }

    fn row(minute: i64) -> (Timestamp, Option<f64>) {
        let value =
            f64::from((minute * 7919 % 13) as i32) + if minute == 2_900 { 90.0 } else { 0.0 };
        (Timestamp::from_secs(minute * 300), (minute % 97 != 0).then_some(value))
    }

    fn run(watch: &mut Watch, name: &str, rows: std::ops::Range<i64>) -> Vec<Verdict> {
        let place = watch.place(name).unwrap();
        rows.map(row).map(|(at, value)| watch.update(place, at, value)).collect()
    }

    #[test]
    fn a_series_is_judged_by_its_own_rows_alone() {
        let alone = run(&mut watch(), "a", 0..3_000);
        assert!(alone.iter().any(|verdict| verdict.alarm >= 1.0));
        let mut both = watch();
        let places = ["a", "b"].map(|name| both.place(name).unwrap());
        for (minute, expected) in (0..3_000).zip(alone) {
            let (at, value) = row(minute);
            assert_eq!(both.update(places[0], at, value), expected);
            both.update(places[1], at, value.map(|value| -value * 3.0));
        }
    }

    #[test]
    fn a_watch_goes_on_where_it_was_saved() {
        let whole = run(&mut watch(), "a", 0..3_000);
        for cut in [0, 1, 700, 2_901] {
            let mut first = watch();
            first.place("b").unwrap();
            let mut said = run(&mut first, "a", 0..cut);
            let mut second = Watch::decode(KIND, Settings::default(), &first.encode()).unwrap();
            assert_eq!((second.len(), second.name(0)), (2, "b"));
            said.extend(run(&mut second, "a", cut..3_000));
            assert_eq!(said, whole, "cut at {cut}");
        }
    }

    #[test]
    fn what_was_not_saved_is_refused() {
        let mut watch = watch();
        run(&mut watch, "a", 0..10);
        let bytes = watch.encode();
        let refused = |bytes: &[u8]| Watch::decode(KIND, Settings::default(), bytes).unwrap_err();
        assert_eq!(refused(b"ds,y\n"), WatchError::NotStates);
        assert_eq!(refused(&bytes[..bytes.len() - 1]), WatchError::Damaged);
        assert_eq!(refused(&bytes[..9]), WatchError::Damaged);
        let mut later = bytes.clone();
        later[8] = 9;
        assert_eq!(refused(&later), WatchError::Version { found: 9, known: 1 });
        let mut bent = bytes;
        bent[40] ^= 1;
        assert_eq!(refused(&bent), WatchError::Damaged);
    }
}
