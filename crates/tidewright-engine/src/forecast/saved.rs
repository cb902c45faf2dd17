//! Fitted models of many series as one file, to forecast from without their history.
//!
//! Layout: `TWMODELS`, the version, the columns that are one number everywhere, then for each series its name, where its
//! axis goes on, its points, the name of its model and the model; last a SHA-256 of all that. Numbers are little-endian.
//! Version 1 knew Prophet alone, and neither the name of the model nor the points. Later versions read earlier ones;
//! whatever is damaged, cut or of a later version is refused.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tidewright_core::{CalendarUnit, SeriesKey, Timestamp, Zone};
use tidewright_models::onward::{Onward, Step};
use tidewright_models::prophet::Covariates;
use tidewright_models::{DecodeError, FittedProphet, named};

use super::{ForecastModel, KeptFit, KeptModel, SeriesForecast};

const MAGIC: &[u8; 8] = b"TWMODELS";
const VERSION: u32 = 2;
/// The version whose models are all Prophet.
const PROPHETS: u32 = 1;
const DIGEST_BYTES: usize = 32;

/// Calendar units by their number in the file.
const UNITS: [CalendarUnit; 3] = [CalendarUnit::Day, CalendarUnit::Week, CalendarUnit::Month];

/// Fitted models, and where the series of each goes on.
#[derive(Debug, Default)]
pub struct SavedModels {
    /// Columns that are one number at every moment, of all series.
    pub constants: Vec<(String, f64)>,
    /// The models with the ends of their histories, in the order of their series.
    pub(super) models: Vec<KeptModel>,
}

/// Bytes that are no saved models.
#[derive(Debug, Error, PartialEq)]
pub enum SavedError {
    /// Something else altogether.
    #[error("this is no file of saved models")]
    NotModels,
    /// A version from the future.
    #[error("the models were saved in format `{found}`, this version reads up to `{known}`")]
    Version {
        /// The version of the file.
        found: u32,
        /// The last one that is known here.
        known: u32,
    },
    /// Not the bytes that were saved.
    #[error("the saved models are damaged or cut short")]
    Damaged,
    /// One of the models cannot be.
    #[error("cannot use the saved model of `{series}`")]
    Model {
        /// Whose.
        series: String,
        /// Why.
        #[source]
        source: DecodeError,
    },
}

impl SavedModels {
    /// The models that were kept of some forecasts.
    pub fn of<'a>(
        made: impl IntoIterator<Item = &'a SeriesForecast>,
        constants: Vec<(String, f64)>,
    ) -> Self {
        let models = made.into_iter().filter_map(|made| made.model.clone()).collect();
        Self { constants, models }
    }

    /// The models themselves, in order.
    pub fn fitted(&self) -> impl ExactSizeIterator<Item = &KeptFit> {
        self.models.iter().map(|model| &model.fitted)
    }

    /// All of them as one file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        write_len(&mut bytes, self.constants.len());
        for (name, value) in &self.constants {
            write_bytes(&mut bytes, name.as_bytes());
            bytes.extend(value.to_le_bytes());
        }
        write_len(&mut bytes, self.models.len());
        for model in &self.models {
            let fitted = model.fitted.get();
            write_key(&mut bytes, fitted.key());
            write_onward(&mut bytes, &model.onward);
            write_len(&mut bytes, model.points);
            write_bytes(&mut bytes, fitted.name().as_bytes());
            write_bytes(&mut bytes, &fitted.encode());
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        bytes
    }

    /// The models of a file.
    ///
    /// # Errors
    /// [`SavedError`] if it is not exactly what some version up to this one has saved.
    pub fn decode(bytes: &[u8]) -> Result<Self, SavedError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SavedError::NotModels)?;
        let (version, _) = rest.split_first_chunk().ok_or(SavedError::Damaged)?;
        let found = u32::from_le_bytes(*version);
        if !(1..=VERSION).contains(&found) {
            return Err(SavedError::Version { found, known: VERSION });
        }
        let body =
            bytes.len().checked_sub(DIGEST_BYTES).and_then(|end| bytes.split_at_checked(end));
        let (content, digest) = body.ok_or(SavedError::Damaged)?;
        if Sha256::digest(content)[..] != *digest {
            return Err(SavedError::Damaged);
        }
        let mut reader = Reader { rest: content.get(MAGIC.len() + 4..).unwrap_or_default() };
        let constants = reader.list(|reader| Ok((reader.text()?, reader.number()?)))?;
        let models = reader.list(|reader| reader.model(found))?;
        if reader.rest.is_empty() {
            Ok(Self { constants, models })
        } else {
            Err(SavedError::Damaged)
        }
    }
}

fn write_len(bytes: &mut Vec<u8>, len: usize) {
    bytes.extend((len as u64).to_le_bytes());
}

fn write_bytes(bytes: &mut Vec<u8>, part: &[u8]) {
    write_len(bytes, part.len());
    bytes.extend(part);
}

fn write_key(bytes: &mut Vec<u8>, key: &SeriesKey) {
    write_len(bytes, key.labels().len());
    for (name, value) in key.labels() {
        write_bytes(bytes, name.as_bytes());
        write_bytes(bytes, value.as_bytes());
    }
}

/// The last moment; then milliseconds, or 0, a calendar's unit and its zone.
fn write_onward(bytes: &mut Vec<u8>, onward: &Onward) {
    bytes.extend(onward.last.as_millis().to_le_bytes());
    match &onward.step {
        Step::Every(step_ms) => bytes.extend(step_ms.to_le_bytes()),
        Step::Calendar(unit, zone) => {
            let place = UNITS.iter().position(|known| known == unit).unwrap_or_default();
            bytes.extend(0_i64.to_le_bytes());
            write_len(bytes, place);
            write_bytes(bytes, zone.name().as_bytes());
        }
    }
}

fn fitted(name: &str, key: SeriesKey, bytes: &[u8]) -> Result<KeptFit, DecodeError> {
    Ok(match ForecastModel::of(name) {
        Some(ForecastModel::Prophet) => {
            KeptFit::Prophet(Arc::new(FittedProphet::decode(key, bytes)?))
        }
        _ => KeptFit::Other(Arc::from(named::fitted(name, key, bytes)?)),
    })
}

/// Bytes whose digest was right; what they say is checked all the same.
struct Reader<'a> {
    rest: &'a [u8],
}

type Read<T> = Result<T, SavedError>;

impl<'a> Reader<'a> {
    fn take(&mut self) -> Read<[u8; 8]> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(SavedError::Damaged)?;
        self.rest = rest;
        Ok(*head)
    }

    /// A count of things that take a byte each at the least.
    fn len(&mut self) -> Read<usize> {
        let len = usize::try_from(u64::from_le_bytes(self.take()?)).ok();
        len.filter(|len| *len <= self.rest.len()).ok_or(SavedError::Damaged)
    }

    fn millis(&mut self) -> Read<i64> {
        Ok(i64::from_le_bytes(self.take()?))
    }

    fn number(&mut self) -> Read<f64> {
        let number = f64::from_le_bytes(self.take()?);
        if number.is_finite() { Ok(number) } else { Err(SavedError::Damaged) }
    }

    fn bytes(&mut self) -> Read<&'a [u8]> {
        let len = self.len()?;
        let (part, rest) = self.rest.split_at(len);
        self.rest = rest;
        Ok(part)
    }

    fn text(&mut self) -> Read<String> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| SavedError::Damaged)
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        (0..self.len()?).map(|_| read(self)).collect()
    }

    fn model(&mut self, version: u32) -> Read<KeptModel> {
        let labels = self.list(|reader| Ok((reader.text()?, reader.text()?)))?;
        let key = SeriesKey::new(labels);
        let onward = self.onward()?;
        let told = if version == PROPHETS { None } else { Some((self.points()?, self.text()?)) };
        let bytes = self.bytes()?;
        let name = told.as_ref().map_or("prophet", |(_, name)| name);
        let series = super::name(&key);
        let fitted = fitted(name, key, bytes);
        let fitted = fitted.map_err(|source| SavedError::Model { series, source })?;
        let rows = fitted.prophet().map_or(0, |prophet| prophet.fit().rows());
        let points = told.map_or(rows, |(points, _)| points);
        Ok(KeptModel { fitted, future: Covariates::none(), onward, points })
    }

    fn points(&mut self) -> Read<usize> {
        usize::try_from(u64::from_le_bytes(self.take()?)).map_err(|_| SavedError::Damaged)
    }

    fn onward(&mut self) -> Read<Onward> {
        let last = Timestamp::from_millis(self.millis()?);
        let step = match self.millis()? {
            0 => {
                let unit = UNITS.get(self.len()?).ok_or(SavedError::Damaged)?;
                let zone = Zone::named(&self.text()?).map_err(|_| SavedError::Damaged)?;
                Step::Calendar(*unit, zone)
            }
            step_ms if step_ms > 0 => Step::Every(step_ms),
            _ => return Err(SavedError::Damaged),
        };
        Ok(Onward { last, step })
    }
}
