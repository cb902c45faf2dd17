//! A fitted seasonal naive model behind the trait of all models, and as bytes.

use tidewright_core::{Explanation, Forecast, ForecastError, Horizon, Levels, Series, SeriesKey};

use super::{DAY_MS, NaiveFit};
use crate::bytes::{Envelope, Writer};
use crate::forecaster::{Fitted, SEASONAL_NAIVE, moments};
use crate::noise::Noise;
use crate::quantiles::quantile_rows;
use crate::{DecodeError, UpdateError};

const ENVELOPE: Envelope = Envelope { magic: b"TWNAIVE\0", version: 1 };

/// A seasonal naive model of one series.
#[derive(Debug)]
pub(crate) struct FittedNaive {
    key: SeriesKey,
    fit: NaiveFit,
}

impl FittedNaive {
    pub(crate) const fn new(key: SeriesKey, fit: NaiveFit) -> Self {
        Self { key, fit }
    }

    /// The model of these bytes, for a series.
    pub(crate) fn decode(key: SeriesKey, bytes: &[u8]) -> Result<Self, DecodeError> {
        let impossible = |what| DecodeError::Impossible { what };
        let mut body = ENVELOPE.open(bytes)?;
        let period_ms = body.integer("cycle")?;
        let drift = body.number("drift")?;
        let slots = body.numbers("slots")?;
        let noise = Noise::from_numbers(&body.numbers("noise")?).ok_or(impossible("noise"))?;
        body.end()?;
        // Each slot is a millisecond at the least.
        let most = usize::try_from(period_ms).unwrap_or(0);
        if slots.is_empty() || slots.len() > most || drift < 0.0 {
            return Err(impossible("cycle"));
        }
        Ok(Self { key, fit: NaiveFit { period_ms, slots, noise, drift } })
    }
}

impl Fitted for FittedNaive {
    fn name(&self) -> &'static str {
        SEASONAL_NAIVE
    }

    fn key(&self) -> &SeriesKey {
        &self.key
    }

    fn predict(&self, horizon: &Horizon, levels: &Levels) -> Result<Forecast, ForecastError> {
        let axis = &horizon.axis;
        let point: Vec<f64> = moments(axis).map(|moment| self.fit.value(moment)).collect();
        // Its noise was measured across cycles: the level's own changes are in it already.
        let drift = vec![0.0; point.len()];
        let rows = quantile_rows(&point, &drift, self.fit.noise(), levels);
        Forecast::new(self.key.clone(), axis.clone(), point, levels.clone(), rows)
    }

    fn update(&mut self, _more: &Series) -> Result<(), UpdateError> {
        let why = "its medians are of the whole history";
        Err(UpdateError::NeedsFit { model: SEASONAL_NAIVE, why })
    }

    fn encode(&self) -> Vec<u8> {
        let mut body = Writer::default();
        body.integer(self.fit.period_ms);
        body.number(self.fit.drift);
        body.numbers(&self.fit.slots);
        body.numbers(&self.fit.noise.to_numbers());
        ENVELOPE.seal(body)
    }

    fn explain(&self) -> Explanation {
        let cycle = if self.fit.period_ms > DAY_MS { "week" } else { "day" };
        let description =
            format!("the median of each of {} slots of a {cycle}", self.fit.slots.len());
        Explanation::single(SEASONAL_NAIVE, description)
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::{Axis, Grid, Timestamp};

    use super::*;

    fn fitted() -> FittedNaive {
        let axis = Axis::Grid(Grid::new(Timestamp::from_secs(0), 3_600_000, 24 * 20).unwrap());
        let values: Vec<f64> =
            (0..480).map(|hour| f64::from(hour % 24 + hour * 7919 % 13)).collect();
        let fit = NaiveFit::new(&axis, &values).unwrap();
        FittedNaive::new(SeriesKey::new([("unique_id", "a")]), fit)
    }

    #[test]
    fn it_comes_back_from_bytes_and_forecasts_the_same() {
        let fitted = fitted();
        let bytes = fitted.encode();
        let back = FittedNaive::decode(fitted.key.clone(), &bytes).expect("what was saved");
        let axis = Axis::Grid(Grid::new(Timestamp::from_secs(480 * 3600), 1_800_000, 50).unwrap());
        let predict = |fitted: &FittedNaive| {
            let made = fitted.predict(&Horizon { axis: axis.clone() }, &Levels::default()).unwrap();
            (made.point().to_vec(), made.quantile(0.975).unwrap().to_vec())
        };
        assert_eq!(predict(&back), predict(&fitted));
        assert_eq!(
            back.explain().members[0].description,
            "the median of each of 168 slots of a week"
        );
    }

    #[test]
    fn a_cycle_without_slots_is_refused() {
        let mut broken = fitted();
        broken.fit.slots.clear();
        let refused = DecodeError::Impossible { what: "cycle" };
        assert_eq!(
            FittedNaive::decode(SeriesKey::default(), &broken.encode()).unwrap_err(),
            refused
        );
    }
}
