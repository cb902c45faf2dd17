//! What forecasts cost: CPU time, which no other work on the machine changes much.

use super::Attempt;

/// CPU time in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// How many series.
    pub series: usize,
    /// Points of all of them.
    pub points: usize,
    /// What series share, once.
    pub plan_us: f64,
    /// Each fit, on average over those that could be forecast.
    pub fit_us: f64,
    /// What is learned of the noise around each fit, for its bands, on average.
    pub noise_us: f64,
    /// Each forecast, on average.
    pub predict_us: f64,
}

/// The costs of all attempts.
pub(super) fn timings(points: usize, attempts: &[Attempt], plan_us: f64) -> Timings {
    let made = || attempts.iter().flatten();
    let count = made().count().max(1) as f64;
    Timings {
        series: attempts.len(),
        points,
        plan_us,
        fit_us: made().map(|made| made.fit_us).sum::<f64>() / count,
        noise_us: made().map(|made| made.noise_us).sum::<f64>() / count,
        predict_us: made().map(|made| made.predict_us).sum::<f64>() / count,
    }
}

impl Timings {
    /// One line of JSON.
    pub fn to_json(&self) -> String {
        let Self { series, points, plan_us, fit_us, noise_us, predict_us } = self;
        format!(
            r#"{{"series":{series},"points":{points},"plan_us":{plan_us:.1},"fit_us":{fit_us:.1},"noise_us":{noise_us:.1},"predict_us":{predict_us:.1}}}"#
        )
    }
}
