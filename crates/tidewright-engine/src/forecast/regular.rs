//! Histories at equal steps, before anything is learned from them.

use tidewright_core::{Progress, Series};
use tidewright_models::regular::Regular;

use super::{FailedSeries, Histories, name};
use crate::error::EngineError;
use crate::pool;

/// Histories at equal steps, and the series that have none.
#[derive(Debug, Default)]
pub struct Regularised {
    /// The series that have such steps, in their order.
    pub histories: Histories,
    /// The others.
    pub failed: Vec<FailedSeries>,
}

/// The series at equal steps. Columns beside them must be the same at every moment: of others nobody knows what their
/// steps would be.
///
/// # Errors
/// [`EngineError::Cancelled`] if stopped.
pub fn regularise(
    histories: &Histories,
    regular: &Regular,
    progress: &dyn Progress,
) -> Result<Regularised, EngineError> {
    progress.begin("steps", histories.panel.series.len() as u64);
    let made = pool::map(&histories.panel.series, progress, |series| one(series, regular))?;
    let mut all = Regularised::default();
    for (place, made) in made.into_iter().enumerate() {
        match made {
            Ok(series) => {
                let constants = histories.covariates.get(place);
                let rows = vec![0; series.len()];
                all.histories.covariates.extend(constants.map(|columns| columns.rows(&rows)));
                all.histories.panel.series.push(series);
            }
            Err(failed) => all.failed.push(failed),
        }
    }
    Ok(all)
}

fn one(series: &Series, regular: &Regular) -> Result<Series, FailedSeries> {
    regular.apply(series).map_err(|source| {
        let error = EngineError::Steps { series: name(series.key()), source };
        FailedSeries { key: series.key().clone(), error }
    })
}

#[cfg(test)]
mod tests {
    use tidewright_core::{Axis, Grid, Panel, SeriesKey, Silent, Timestamp};
    use tidewright_models::onward::Step;
    use tidewright_models::prophet::Covariates;
    use tidewright_models::regular::{Aggregate, Coarse};

    use super::*;

    fn series(id: &str, step_ms: i64) -> Series {
        let grid = Grid::new(Timestamp::from_secs(0), step_ms, 48).unwrap();
        let key = SeriesKey::new([("unique_id", id)]);
        Series::new(key, Axis::Grid(grid), vec![1.0; 48]).unwrap()
    }

    #[test]
    fn columns_keep_pace_and_a_series_without_such_steps_is_named() {
        let series = vec![series("slow", 86_400_000), series("quick", 3_600_000)];
        let cap = |points| Covariates::none().with("cap", vec![9.0; points]);
        let histories = Histories { panel: Panel { series }, covariates: vec![cap(48), cap(48)] };
        let step = Step::Every(4 * 3_600_000);
        let regular = Regular { step, aggregate: Aggregate::Sum, coarse: Coarse::Refused };
        let made = regularise(&histories, &regular, &Silent).unwrap();
        assert_eq!(made.histories.panel.series[0].raw(), [4.0; 12]);
        assert_eq!(made.histories.covariates, [cap(12)]);
        assert_eq!(made.failed[0].error.to_string(), "cannot give `slow` equal steps");
    }
}
