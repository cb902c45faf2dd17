//! A fitted model as bytes, for a later run or a later version to go on with.
//!
//! An envelope around settings, parameters and frame. Whatever comes back is checked as if a stranger had written it:
//! damage, a later version, a number that is none, and settings that no fit would take are refused. Columns are not
//! stored, they follow from the settings. A new field means a new version, and old ones stay readable.

mod codec;

use std::sync::Arc;

use crate::DecodeError;
use crate::bytes::{Envelope, Writer};

use super::design::{Design, Source};
use super::fit::{Frame, ProphetFit};
use super::newton::Convergence;
use super::settings::Settings;

const ENVELOPE: Envelope = Envelope { magic: b"TWPROPH\0", version: 1 };

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
        ENVELOPE.seal(body)
    }

    /// The model that these bytes hold.
    ///
    /// # Errors
    /// [`DecodeError`] if they are not exactly what some version up to this one has saved.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut body = ENVELOPE.open(bytes)?;
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

#[cfg(test)]
mod tests {
    use tidewright_core::{SeasonalityMode, Timestamp};

    use super::*;
    use crate::bytes::{HEAD, TAIL};
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
        let refused = DecodeError::Version { found: 9, known: 1 };
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
