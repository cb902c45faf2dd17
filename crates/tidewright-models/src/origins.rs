//! Places within the past from which a forecast is tried, so that a model is judged by more than its next step.
//!
//! Few are enough: neighbours agree, and so do neighbouring steps. They are spread evenly, and meet every phase of a
//! season. The forecasts themselves are the models' own.

use crate::steps::StepFitted;

/// So many places at most.
const ORIGINS_MAX: usize = 250;
/// So many steps at most of each forecast: a day of hours twice, or every half hour of a day of minutes.
const STEPS_MAX: usize = 48;
/// Seasons that first states are given to settle in; as many again are to be judged by.
pub(crate) const SETTLING: usize = 2;

/// Places in a series, and how far is forecast from each.
#[derive(Clone, Debug)]
pub(crate) struct Origins<'a> {
    values: &'a [f64],
    first: usize,
    stride: usize,
    ahead: usize,
    pace: usize,
}

impl<'a> Origins<'a> {
    /// Places to look `ahead` from; none if the series is too short to settle and be judged.
    pub(crate) fn new(values: &'a [f64], period: usize, ahead: usize) -> Option<Self> {
        let (period, ahead) = (period.max(1), ahead.max(1));
        let first = (SETTLING * period).max(ahead);
        let pace = ahead.div_ceil(STEPS_MAX);
        let mut stride = values.len().saturating_sub(first).div_ceil(ORIGINS_MAX).max(1);
        while common_divisor(stride, period) > 1 {
            stride += 1;
        }
        let observed = values.iter().filter(|value| !value.is_nan()).count();
        (observed >= 2 * first).then_some(Self { values, first, stride, ahead, pace })
    }

    /// Every place from `first` on, and one step ahead.
    pub(crate) const fn every(values: &'a [f64], first: usize) -> Self {
        Self { values, first, stride: 1, ahead: 1, pace: 1 }
    }

    /// All values.
    pub(crate) const fn values(&self) -> &'a [f64] {
        self.values
    }

    /// The first place; the following ones are `stride` apart.
    pub(crate) const fn first(&self) -> usize {
        self.first
    }

    /// How far places are apart.
    pub(crate) const fn stride(&self) -> usize {
        self.stride
    }

    /// How far one looks.
    pub(crate) const fn ahead(&self) -> usize {
        self.ahead
    }

    /// Neighbouring errors that tell the same: as many as one looks ahead, of which more than are judged were not seen to.
    pub(crate) fn alike(&self) -> usize {
        self.ahead.min(STEPS_MAX)
    }

    /// Steps between the steps that are judged, the last of each such round being one of them.
    pub(crate) const fn pace(&self) -> usize {
        self.pace
    }

    /// The values that are judged from before this one on.
    #[inline(always)]
    pub(crate) fn judged(&self, at: usize) -> impl Iterator<Item = &'a f64> + use<'a> {
        let until = self.values.len().min(at + self.ahead);
        let from = until.min(at + self.pace - 1);
        self.values[from..until].iter().step_by(self.pace)
    }

    /// The squared errors of a forecast from before this value, and what they are expected to be.
    pub(crate) fn judge(&self, fit: &impl StepFitted, at: usize) -> (f64, f64) {
        let is_origin = at >= self.first && (at - self.first).is_multiple_of(self.stride);
        if !is_origin {
            return (0.0, 0.0);
        }
        let forecast = fit.predict(self.ahead);
        let steps = forecast.point.iter().zip(&forecast.deviation);
        let steps = steps.skip(self.pace - 1).step_by(self.pace);
        let seen = self.judged(at).zip(steps).filter(|(value, _)| !value.is_nan());
        seen.fold((0.0, 0.0), |(misses, widths), (value, (point, width))| {
            (misses + (value - point).powi(2), widths + width.powi(2))
        })
    }
}

/// The greatest common divisor.
pub(crate) fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_hours_is_judged_step_by_step_and_a_day_of_minutes_every_half_hour() {
        let hours = vec![1.0; 960];
        let origins = Origins::new(&hours, 24, 24).unwrap();
        assert_eq!((origins.first(), origins.stride(), origins.judged(48).count()), (48, 5, 24));
        let minutes: Vec<f64> = (0..10_080).map(f64::from).collect();
        let origins = Origins::new(&minutes, 1440, 1440).unwrap();
        let judged: Vec<f64> = origins.judged(2880).copied().collect();
        assert_eq!((judged.len(), judged[0], judged[47]), (48, 2909.0, 4319.0));
    }

    #[test]
    fn what_lies_beyond_the_end_is_not_judged() {
        let values = vec![1.0; 100];
        let origins = Origins::new(&values, 7, 7).unwrap();
        assert_eq!(origins.judged(97).count(), 3);
        assert!(Origins::new(&values, 30, 30).is_none());
    }
}
