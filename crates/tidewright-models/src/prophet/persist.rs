//! A fitted model as bytes, for a later run or a later version to go on with.
//!
//! Layout: `TWPROPH` and a byte 0, the version, the length of the body, the body, a checksum of all that (CRC-32), all
//! little-endian. Numbers are kept to the last bit. Whatever comes back is checked as if a stranger had written it:
//! damage, a later version, a number that is none, and settings that no fit would take are refused. Columns are not
//! stored, they follow from the settings. A new field means a new version, and old ones stay readable.

mod codec;

use std::sync::Arc;

use thiserror::Error;

use self::codec::{Reader, Writer};
use super::design::{Design, Source};
use super::fit::{Frame, ProphetFit};
use super::newton::Convergence;
use super::settings::Settings;
use crate::FitError;

const MAGIC: &[u8; 8] = b"TWPROPH\0";
const VERSION: u32 = 1;
/// Magic, version and length.
const HEAD: usize = 20;
/// The checksum.
const TAIL: usize = 4;

/// Bytes that are no saved model.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum DecodeError {
    /// Something else altogether.
    #[error("these bytes are not a saved Prophet model")]
    NotAModel,
    /// A version from the future.
    #[error("the model was saved in format `{found}`, this version reads up to `{known}`")]
    Version {
        /// The version of the bytes.
        found: u32,
        /// The last one that is known here.
        known: u32,
    },
    /// There are fewer or more bytes than were saved.
    #[error("the saved model has `{found}` bytes instead of `{expected}`")]
    Length {
        /// Bytes that should be there.
        expected: usize,
        /// Bytes that are.
        found: usize,
    },
    /// The bytes are not the ones that were saved.
    #[error("the saved model is damaged: its checksum is wrong")]
    Damaged,
    /// The bytes are whole, but what they say cannot be.
    #[error("the saved model holds an impossible `{what}`")]
    Impossible {
        /// The field.
        what: &'static str,
    },
    /// The settings break a rule.
    #[error("the saved model's settings cannot be")]
    Settings(#[source] FitError),
}

impl ProphetFit {
    /// The model as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Writer::default();
        self.settings().write(&mut body);
        for block in &self.design.blocks {
            if let Source::Regressor { mean, deviation } = block.source {
                body.numbers(&[mean, deviation]);
            }
        }
        self.frame.write(&mut body);
        body.numbers(&self.knots);
        body.numbers(&self.x);
        body.number(self.variance);
        body.number(self.objective);
        body.count(self.rows);
        body.count(self.optima);
        body.byte(u8::from(self.convergence == Convergence::Reached));
        let body = body.bytes;
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((body.len() as u64).to_le_bytes());
        bytes.extend(body);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// The model that these bytes hold.
    ///
    /// # Errors
    /// [`DecodeError`] if they are not exactly what some version up to this one has saved.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut body = Reader::new(body(bytes)?);
        let settings = Settings::read(&mut body)?;
        settings.check().map_err(DecodeError::Settings)?;
        let mut standards = Vec::new();
        for _ in &settings.regressors {
            match body.numbers("regressor's mean and deviation")?[..] {
                [mean, deviation] if deviation > 0.0 => standards.push((mean, deviation)),
                _ => return Err(DecodeError::Impossible { what: "regressor's deviation" }),
            }
        }
        let design = Arc::new(Design::new(&settings, &standards));
        let fit = Self {
            frame: Frame::read(&mut body)?,
            knots: body.numbers("changepoints")?.into(),
            x: body.numbers("parameters")?,
            variance: body.number("variance")?,
            objective: body.objective()?,
            rows: body.count("rows")?,
            optima: body.count("optima")?,
            convergence: if body.flag("convergence")? {
                Convergence::Reached
            } else {
                Convergence::Stopped
            },
            design,
        };
        body.end()?;
        fit.checked()
    }

    /// Lengths and signs that arithmetic relies on.
    fn checked(self) -> Result<Self, DecodeError> {
        let impossible = |what| Err(DecodeError::Impossible { what });
        if self.x.len() != self.design.columns() + 2 + self.knots.len() {
            return impossible("number of parameters");
        }
        if !self.knots.is_sorted() {
            return impossible("order of changepoints");
        }
        if self.variance <= 0.0 {
            return impossible("variance");
        }
        if self.frame.scale <= 0.0 || self.frame.span_ms < 0.0 {
            return impossible("scale");
        }
        Ok(self)
    }
}

/// What stands between a sound head and a sound checksum.
fn body(bytes: &[u8]) -> Result<&[u8], DecodeError> {
    if !bytes.starts_with(MAGIC) {
        return Err(DecodeError::NotAModel);
    }
    let short = DecodeError::Length { expected: HEAD + TAIL, found: bytes.len() };
    let mut head = Reader::new(bytes.get(MAGIC.len()..HEAD).ok_or(short)?);
    let found = head.word("version")?;
    if found == 0 || found > VERSION {
        return Err(DecodeError::Version { found, known: VERSION });
    }
    let expected = head.count("length")?.saturating_add(HEAD + TAIL);
    if bytes.len() != expected {
        return Err(DecodeError::Length { expected, found: bytes.len() });
    }
    let (content, checksum) = bytes.split_at(expected - TAIL);
    if crc32fast::hash(content).to_le_bytes() != checksum {
        return Err(DecodeError::Damaged);
    }
    Ok(&content[HEAD..])
}

#[cfg(test)]
mod tests {
    use tidewright_core::{SeasonalityMode, Timestamp};

    use super::*;
    use crate::prophet::{
        Covariates, Growth, History, Holiday, Regressor, Standardize, fit_history,
    };

    /// A model that uses every kind of part.
    fn model() -> ProphetFit {
        let times: Vec<Timestamp> = (0..60).map(|day| Timestamp::from_secs(day * 86_400)).collect();
        let values: Vec<f64> = (0..60).map(|day| f64::from(day * 13 % 7) + 1.0).collect();
        let mut settings = Settings::automatic(SeasonalityMode::Multiplicative);
        settings.changepoints = Some(vec![times[20], times[31]]);
        settings.seasonalities = settings.clone().season("month", 30.5, 2).seasonalities;
        settings.seasonalities[0].condition = Some("open".to_owned());
        settings.holidays = vec![Holiday {
            holiday: "fair".to_owned(),
            ds: times[10],
            lower_window: -1,
            upper_window: 2,
            prior_scale: Some(3.0),
        }];
        settings.regressors = vec![Regressor {
            name: "price".to_owned(),
            prior_scale: 2.0,
            standardize: Standardize::Auto,
            mode: SeasonalityMode::Additive,
        }];
        let covariates = Covariates::none()
            .with("open", (0..60).map(|day| f64::from(day % 2)).collect())
            .with("price", (0..60).map(|day| f64::from(day * day % 11)).collect());
        let history = History { times: &times, values: &values, covariates: &covariates };
        fit_history(&history, &settings).expect("a fit")
    }

    #[test]
    fn a_model_comes_back_to_the_last_bit() {
        let fit = model();
        let bytes = fit.encode();
        let back = ProphetFit::decode(&bytes).expect("what was saved");
        assert_eq!(back.settings(), fit.settings());
        assert_eq!(back.design, fit.design);
        assert_eq!((&back.x, &back.knots, back.frame), (&fit.x, &fit.knots, fit.frame));
        assert_eq!(back.encode(), bytes);
    }

    #[test]
    fn each_flipped_bit_is_noticed() {
        let bytes = model().encode();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(ProphetFit::decode(&damaged).is_err(), "bit {bit}");
        }
    }

    /// Whoever can write a checksum can write anything: it is refused or it is a model, and nothing else happens.
    #[test]
    fn forged_bytes_are_refused_or_a_model() {
        let bytes = model().encode();
        for at in HEAD..bytes.len() - TAIL {
            for forged in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = bytes[..bytes.len() - TAIL].to_vec();
                bytes[at] = forged;
                bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
                if let Ok(fit) = ProphetFit::decode(&bytes) {
                    assert_eq!(fit.x.len(), fit.design.columns() + 2 + fit.knots.len());
                    assert!(ProphetFit::decode(&fit.encode()).is_ok());
                }
            }
        }
    }

    #[test]
    fn each_cut_is_noticed() {
        let bytes = model().encode();
        for len in 0..bytes.len() {
            assert!(ProphetFit::decode(&bytes[..len]).is_err(), "{len} bytes");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        let expected = bytes.len();
        let refused = DecodeError::Length { expected, found: expected + 1 };
        assert_eq!(ProphetFit::decode(&longer).unwrap_err(), refused);
    }

    #[test]
    fn a_later_version_is_refused_by_its_number() {
        let mut bytes = model().encode();
        bytes[8] = 9;
        let refused = DecodeError::Version { found: 9, known: VERSION };
        assert_eq!(ProphetFit::decode(&bytes).unwrap_err(), refused);
    }

    #[test]
    fn a_number_that_is_none_is_refused_even_with_a_right_checksum() {
        let mut fit = model();
        fit.x[0] = f64::NAN;
        let refused = DecodeError::Impossible { what: "parameters" };
        assert_eq!(ProphetFit::decode(&fit.encode()).unwrap_err(), refused);
        let mut fit = model();
        fit.x.pop();
        let refused = DecodeError::Impossible { what: "number of parameters" };
        assert_eq!(ProphetFit::decode(&fit.encode()).unwrap_err(), refused);
    }

    #[test]
    fn a_constant_series_is_saved_too() {
        let times: Vec<Timestamp> = (0..10).map(Timestamp::from_secs).collect();
        let covariates = Covariates::none();
        let history = History { times: &times, values: &[3.0; 10], covariates: &covariates };
        let mut settings = Settings::new(SeasonalityMode::Additive);
        settings.growth = Growth::Flat;
        let fit = fit_history(&history, &settings).expect("a fit");
        let back = ProphetFit::decode(&fit.encode()).expect("what was saved");
        assert_eq!(back.value(times[4]), 3.0);
    }
}
