//! A model of steps as one of times: series in, quantiles at moments out.
//!
//! A history on a grid or a calendar becomes a [`Past`]; a future that lies on its steps is read off what the model says
//! of them, from however far away. Quantiles follow the law that the model names. Points at unequal distances are
//! refused: which step they should have had is the reader's choice, not a guess. A model that learns from several pasts
//! together gets those of one step and the same seasons, whatever the order of their series.

use std::sync::Arc;
use std::time::Duration;

use tidewright_core::{
    Axis, Explanation, Forecast, ForecastError, Horizon, Levels, Panel, Series, SeriesKey,
};

use crate::bytes::{Envelope, Writer};
use crate::forecaster::{FitContext, Fitted, Forecaster, each};
use crate::named::step_model;
use crate::onward::{Onward, Step, usual_step_ms};
use crate::seasons::{seasons, steps_since_epoch};
use crate::steps::{Past, StepFitted, StepForecaster};
use crate::{DecodeError, FitError, UpdateError};

/// The points that a model learns from, the last ones: ten weeks of minutes, eleven years of hours. What is older no
/// longer moves its parameters, and would only be paid for.
const POINTS_MAX: usize = 100_000;

const ENVELOPE: Envelope = Envelope { magic: b"TWSTEPS\0", version: 1 };

/// A model of steps that learns from series.
#[derive(Debug)]
pub struct OnSteps {
    model: Arc<dyn StepForecaster>,
    season: Option<usize>,
    /// What it has learned from series together.
    groups: Vec<Group>,
}

/// Series that teach one another, and what they taught.
#[derive(Debug)]
struct Group {
    step: Step,
    seasons: Vec<usize>,
    model: Box<dyn StepForecaster>,
}

/// What a model of steps learned from a series.
#[derive(Debug)]
struct FittedSteps {
    key: SeriesKey,
    model: &'static str,
    onward: Onward,
    fitted: Box<dyn StepFitted>,
}

impl OnSteps {
    /// With the usual seasons of each axis, or the one that is named, in steps.
    pub fn new(model: Box<dyn StepForecaster>, season: Option<usize>) -> Self {
        Self { model: Arc::from(model), season, groups: Vec::new() }
    }

    fn fit_one(&self, series: &Series, horizon: usize) -> Result<Box<dyn Fitted>, FitError> {
        let axis = series.axis();
        if axis.len() < 2 && matches!(axis, Axis::Irregular(_)) {
            return Err(FitError::TooFew { rows: axis.len() });
        }
        if matches!(axis, Axis::Irregular(_)) {
            let step = Duration::from_millis(usual_step_ms(axis).unsigned_abs());
            return Err(FitError::Irregular { step });
        }
        let (seasons, onward) = (self.seasons(series), Onward::after(axis));
        let alike = |group: &&Group| group.step == onward.step && group.seasons == seasons;
        let model = self.groups.iter().find(alike).map_or(&*self.model, |group| &*group.model);
        let fitted = model.fit(&past(series, &seasons, horizon)?)?;
        let (key, model) = (series.key().clone(), self.model.name());
        Ok(Box::new(FittedSteps { key, model, onward, fitted }))
    }

    /// The seasons of what is learned of a series.
    fn seasons(&self, series: &Series) -> Vec<usize> {
        let mut seasons = seasons(series.axis(), self.season);
        seasons.retain(|season| 2 * season <= series.len().min(POINTS_MAX));
        seasons
    }

    /// Series that teach one another, by the names of the series.
    fn alike<'a>(&self, panel: &'a Panel) -> Vec<(Step, Vec<usize>, Vec<&'a Series>)> {
        let mut all: Vec<&Series> = panel.series.iter().collect();
        all.sort_by_key(|series| series.key());
        let mut groups: Vec<(Step, Vec<usize>, Vec<&Series>)> = Vec::new();
        for series in all.into_iter().filter(|it| !matches!(it.axis(), Axis::Irregular(_))) {
            let (step, seasons) = (Onward::after(series.axis()).step, self.seasons(series));
            match groups.iter_mut().find(|group| group.0 == step && group.1 == seasons) {
                Some((.., members)) => members.push(series),
                None => groups.push((step, seasons, vec![series])),
            }
        }
        groups
    }
}

impl Forecaster for OnSteps {
    fn name(&self) -> &'static str {
        self.model.name()
    }

    fn learn(&self, panel: &Panel, ctx: &FitContext<'_>) -> Option<Box<dyn Forecaster>> {
        let mut groups = Vec::new();
        for (step, seasons, members) in self.alike(panel) {
            if ctx.progress.is_cancelled() {
                return None;
            }
            // A series without a past says so where it is fitted.
            let pasts = members.iter().map(|series| past(series, &seasons, ctx.horizon));
            let pasts: Vec<Past<'_>> = pasts.filter_map(Result::ok).collect();
            if let Some(model) = self.model.learn(&pasts) {
                groups.push(Group { step, seasons, model });
            }
        }
        let learned = Self { model: Arc::clone(&self.model), season: self.season, groups };
        (!learned.groups.is_empty()).then(|| Box::new(learned) as Box<dyn Forecaster>)
    }

    fn fit(&self, panel: &Panel, ctx: &FitContext<'_>) -> Vec<Result<Box<dyn Fitted>, FitError>> {
        each(panel, ctx, |series| self.fit_one(series, ctx.horizon))
    }
}

/// The past of a series: its last points.
fn past<'a>(
    series: &'a Series,
    seasons: &'a [usize],
    horizon: usize,
) -> Result<Past<'a>, FitError> {
    let from = series.len().saturating_sub(POINTS_MAX);
    let past = Past::new(&series.raw()[from..], seasons)?.asked(horizon);
    Ok(past.since(steps_since_epoch(series.axis(), from)))
}

impl Fitted for FittedSteps {
    fn name(&self) -> &'static str {
        self.model
    }

    fn key(&self) -> &SeriesKey {
        &self.key
    }

    fn predict(&self, horizon: &Horizon, levels: &Levels) -> Result<Forecast, ForecastError> {
        let steps = self.onward.steps(&horizon.axis)?;
        let made = self.fitted.predict(steps.last().copied().unwrap_or(0));
        let law = self.fitted.law();
        let asked = |row: &[f64]| -> Vec<f64> { steps.iter().map(|step| row[step - 1]).collect() };
        let levels_of = levels.as_slice().iter();
        let rows = levels_of.map(|level| asked(&law.quantiles(&made, level.get()))).collect();
        let point = asked(&made.point);
        Forecast::new(self.key.clone(), horizon.axis.clone(), point, levels.clone(), rows)
    }

    fn update(&mut self, more: &Series) -> Result<(), UpdateError> {
        let steps = self.onward.steps(more.axis())?;
        let mut known = 0;
        for (index, &step) in steps.iter().enumerate() {
            (known + 1..step).for_each(|_| self.fitted.update(None));
            self.fitted.update(more.value(index));
            known = step;
        }
        self.onward.advance(known);
        Ok(())
    }

    fn encode(&self) -> Vec<u8> {
        let mut body = Writer::default();
        body.text(self.model);
        self.onward.write(&mut body);
        body.numbers(&self.fitted.numbers());
        ENVELOPE.seal(body)
    }

    fn explain(&self) -> Explanation {
        self.fitted.explain(self.model)
    }
}

/// The fitted model of these bytes, for a series.
pub(crate) fn decode(key: SeriesKey, bytes: &[u8]) -> Result<Box<dyn Fitted>, DecodeError> {
    let mut body = ENVELOPE.open(bytes)?;
    let name = body.text("name")?;
    let onward = Onward::read(&mut body)?;
    let numbers = body.numbers("numbers")?;
    body.end()?;
    let model = step_model(&name).ok_or(DecodeError::Unknown { model: name })?;
    let fitted = model.restore(&numbers).ok_or(DecodeError::Impossible { what: "model" })?;
    Ok(Box::new(FittedSteps { key, model: model.name(), onward, fitted }))
}

#[cfg(test)]
mod tests {
    use tidewright_core::{CalendarUnit, Grid, Silent, Timestamp, Zone};
    use tidewright_numerics::normal_quantile;

    use super::*;
    use crate::steps::StepForecast;

    /// Goes on as it ended, ever less sure; numbers its updates.
    #[derive(Debug)]
    struct Last;

    #[derive(Debug)]
    struct FittedLast {
        value: f64,
        seen: f64,
    }

    impl StepForecaster for Last {
        fn name(&self) -> &'static str {
            "last"
        }

        fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
            let value = past.values().iter().rev().find(|value| !value.is_nan());
            let value = *value.ok_or(FitError::TooFew { rows: 0 })?;
            Ok(Box::new(FittedLast { value, seen: past.season() as f64 }))
        }

        fn restore(&self, _numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
            None
        }
    }

    impl StepFitted for FittedLast {
        fn predict(&self, steps: usize) -> StepForecast {
            let deviation = (1..=steps).map(|step| step as f64).collect();
            StepForecast { point: vec![self.value; steps], deviation }
        }

        fn update(&mut self, value: Option<f64>) {
            self.value = value.unwrap_or(self.value);
            self.seen += 1.0;
        }

        fn numbers(&self) -> Vec<f64> {
            vec![self.value, self.seen]
        }

        fn describe(&self) -> String {
            format!("{} after {}", self.value, self.seen)
        }
    }

    fn hours(from: i64, values: Vec<f64>) -> Series {
        let grid = Grid::new(Timestamp::from_secs(from * 3600), 3_600_000, values.len()).unwrap();
        Series::new(SeriesKey::new([("unique_id", "a")]), Axis::Grid(grid), values).unwrap()
    }

    fn fit(series: Series) -> Result<Box<dyn Fitted>, FitError> {
        let model = OnSteps::new(Box::new(Last), None);
        let ctx = FitContext { seed: 0, progress: &Silent, horizon: 0 };
        model.fit(&Panel { series: vec![series] }, &ctx).remove(0)
    }

    fn described(fitted: &dyn Fitted) -> String {
        fitted.explain().members[0].description.clone()
    }

    #[test]
    fn a_later_start_is_told_by_the_steps_until_then() {
        let fitted = fit(hours(0, vec![1.0, 5.0])).unwrap();
        let axis = hours(4, vec![0.0; 2]).axis().clone();
        let made = fitted.predict(&Horizon { axis }, &Levels::new(&[0.1, 0.5]).unwrap()).unwrap();
        assert_eq!(made.point(), [5.0, 5.0]);
        assert_eq!(made.quantile(0.5).unwrap(), [5.0, 5.0]);
        let low: Vec<f64> = [3.0, 4.0].iter().map(|d| 5.0 + d * normal_quantile(0.1)).collect();
        assert_eq!(made.quantile(0.1).unwrap(), low);
    }

    #[test]
    fn seasons_of_the_step_reach_the_model() {
        let fitted = fit(hours(0, vec![1.0; 48])).unwrap();
        assert_eq!(described(fitted.as_ref()), "1 after 24");
    }

    #[test]
    fn of_a_long_history_the_last_points_count() {
        let mut values = vec![1.0; POINTS_MAX];
        values.extend(vec![f64::NAN; POINTS_MAX]);
        assert_eq!(fit(hours(0, values.clone())).unwrap_err(), FitError::TooFew { rows: 0 });
        values.push(7.0);
        assert_eq!(described(fit(hours(0, values)).unwrap().as_ref()), "7 after 24");
    }

    #[test]
    fn points_that_are_left_out_of_an_update_are_gaps() {
        let mut fitted = fit(hours(0, vec![1.0, 5.0])).unwrap();
        let moments = [3, 6].map(|hour| Timestamp::from_secs(hour * 3600)).to_vec();
        let axis = Axis::irregular(moments).unwrap();
        let more = Series::new(SeriesKey::default(), axis, vec![7.0, 8.0]).unwrap();
        fitted.update(&more).unwrap();
        assert_eq!(described(fitted.as_ref()), "8 after 6");
        assert!(fitted.update(&more).is_err(), "what is known already is no news");
        assert_eq!(described(fitted.as_ref()), "8 after 6");
        let next = hours(7, vec![9.0]);
        assert!(fitted.update(&next).is_ok());
    }

    #[test]
    fn days_of_a_calendar_are_steps() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let days = |start: &str, len| {
            let start = Timestamp::parse(start).unwrap();
            Axis::calendar(CalendarUnit::Day, &paris, start, len)
        };
        let axis = days("2026-03-20T12:00:00Z", 20);
        let series = Series::new(SeriesKey::default(), axis, vec![2.0; 20]).unwrap();
        let fitted = fit(series).unwrap();
        let axis = days("2026-04-09T12:00:00Z", 2);
        let made = fitted.predict(&Horizon { axis }, &Levels::default()).unwrap();
        assert_eq!(made.point(), [2.0, 2.0]);
    }

    #[test]
    fn points_at_unequal_distances_are_refused_by_the_step_that_they_should_have() {
        let moments = [0, 3600, 7200, 10_000].map(Timestamp::from_secs).to_vec();
        let axis = Axis::irregular(moments).unwrap();
        let series = Series::new(SeriesKey::default(), axis, vec![1.0; 4]).unwrap();
        let refused = FitError::Irregular { step: Duration::from_secs(3600) };
        assert_eq!(fit(series).unwrap_err(), refused);
    }

    #[test]
    fn one_point_tells_no_step() {
        let axis = Axis::irregular(vec![Timestamp::from_secs(5)]).unwrap();
        let series = Series::new(SeriesKey::default(), axis, vec![1.0]).unwrap();
        assert_eq!(fit(series).unwrap_err(), FitError::TooFew { rows: 1 });
    }

    #[test]
    fn bytes_of_a_model_that_is_not_known_here_are_refused_by_its_name() {
        let bytes = fit(hours(0, vec![1.0, 5.0])).unwrap().encode();
        let refused = DecodeError::Unknown { model: "last".to_owned() };
        assert_eq!(decode(SeriesKey::default(), &bytes).unwrap_err(), refused);
        let cut = decode(SeriesKey::default(), &bytes[..bytes.len() - 1]).unwrap_err();
        assert!(matches!(cut, DecodeError::Length { .. }));
    }
}
