//! A fitted Prophet with its noise as bytes and back.
//!
//! Layout: the length of the model, the model as it saves itself with version and checksum, then the noise as numbers,
//! all little-endian. Whoever keeps the bytes sees to it that they stay whole.

use tidewright_core::SeriesKey;

use crate::forecaster::FittedProphet;
use crate::noise::Noise;
use crate::prophet::{DecodeError, ProphetFit};

const NUMBER_BYTES: usize = 8;

impl FittedProphet {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let model = self.fit.encode();
        let mut bytes = (model.len() as u64).to_le_bytes().to_vec();
        bytes.extend(model);
        bytes.extend(self.noise.to_numbers().into_iter().flat_map(f64::to_le_bytes));
        bytes
    }

    /// The model of these bytes, for a series.
    ///
    /// # Errors
    /// [`DecodeError`] if they are not what some version up to this one has saved.
    pub fn decode(key: SeriesKey, bytes: &[u8]) -> Result<Self, DecodeError> {
        const BROKEN: DecodeError = DecodeError::Impossible { what: "length" };
        let (len, rest) = bytes.split_first_chunk().ok_or(BROKEN)?;
        let len = usize::try_from(u64::from_le_bytes(*len)).map_err(|_| BROKEN)?;
        let (model, noise) = rest.split_at_checked(len).ok_or(BROKEN)?;
        let fit = ProphetFit::decode(model)?;
        let (chunks, left) = noise.as_chunks::<NUMBER_BYTES>();
        let numbers: Vec<f64> = chunks.iter().map(|chunk| f64::from_le_bytes(*chunk)).collect();
        let noise = left.is_empty().then(|| Noise::from_numbers(&numbers)).flatten();
        let noise = noise.ok_or(DecodeError::Impossible { what: "noise" })?;
        Ok(Self::new(key, fit, noise))
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::{Axis, Grid, Levels, SeasonalityMode, Series, Timestamp};

    use super::*;
    use crate::Fitted as _;
    use crate::prophet::{Covariates, GridPlan, Settings};

    #[test]
    fn a_model_that_comes_back_forecasts_the_same() {
        let grid = Grid::new(Timestamp::from_secs(0), 3_600_000, 24 * 20).unwrap();
        let value = |hour: usize| 20.0 + (hour as f64 * 0.26).sin() + (hour * 7919 % 13) as f64;
        let values = (0..grid.len()).map(value).collect();
        let series = Series::new(SeriesKey::default(), Axis::Grid(grid), values).unwrap();
        let plan = GridPlan::new(grid, &Settings::automatic(SeasonalityMode::Additive));
        let fit = plan.fit(series.raw()).expect("a fit");
        let fitted = FittedProphet::on_plan(&plan, &series, fit);
        let bytes = fitted.encode();
        let back = FittedProphet::decode(SeriesKey::default(), &bytes).expect("what was saved");
        let next = Axis::Grid(grid.following(30));
        let predict = |fitted: &FittedProphet| {
            let forecast =
                fitted.predict_beside(&next, &Covariates::none(), &Levels::default()).unwrap();
            (forecast.point().to_vec(), forecast.quantile(0.975).unwrap().to_vec())
        };
        assert_eq!(predict(&back), predict(&fitted));
        for cut in [0, 5, 100, bytes.len() - 1] {
            assert!(FittedProphet::decode(SeriesKey::default(), &bytes[..cut]).is_err(), "{cut}");
        }
    }
}
