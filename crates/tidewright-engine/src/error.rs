//! Why a cycle could not be finished. Nothing was written elsewhere when one of these comes back, except where said.

use thiserror::Error;
use tidewright_core::{ForecastError, PortError, Timestamp};
use tidewright_limiter::DocumentError;
use tidewright_models::regular::RegularError;
use tidewright_models::{FitError, PredictError};

/// Why a cycle could not be finished.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Demand could not be read.
    #[error("cannot read demand from `{place}`")]
    Source {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: PortError,
    },
    /// The current limits could not be read.
    #[error("cannot read the current limits from `{place}`")]
    Current {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: PortError,
    },
    /// The current limits make no sense to the limiter.
    #[error("cannot use the current limits in `{place}`")]
    Document {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: DocumentError,
    },
    /// The changed document would make no sense to the limiter; nothing was written.
    #[error("cannot build the new document")]
    NewDocument(#[source] DocumentError),
    /// The run could not be remembered; nothing was written.
    #[error("cannot record the run")]
    Store(#[source] PortError),
    /// The new document could not be written; the run is recorded.
    #[error("cannot write the new limits to `{place}`")]
    Apply {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: PortError,
    },
    /// A series cannot be learned from.
    #[error("cannot forecast `{series}`")]
    Fit {
        /// Which.
        series: String,
        /// Why.
        #[source]
        source: FitError,
    },
    /// A series cannot be brought to the steps that were asked for.
    #[error("cannot give `{series}` equal steps")]
    Steps {
        /// Which.
        series: String,
        /// Why.
        #[source]
        source: RegularError,
    },
    /// A forecast is not one.
    #[error("cannot forecast `{series}` at these moments")]
    Forecast {
        /// Which.
        series: String,
        /// Why.
        #[source]
        source: ForecastError,
    },
    /// More steps than anybody looks ahead.
    #[error("cannot forecast `{series}` over `{steps}` steps, `{max}` are the most")]
    TooFar {
        /// Which.
        series: String,
        /// What was asked for.
        steps: usize,
        /// The limit.
        max: usize,
    },
    /// A future was given, but not of this series.
    #[error("`{place}` has no row of `{series}`")]
    FutureSeries {
        /// The file.
        place: String,
        /// Which series.
        series: String,
    },
    /// A future was given, but not at this moment.
    #[error("`{place}` has no row of `{series}` at `{moment}`")]
    FutureRow {
        /// The file.
        place: String,
        /// Which series.
        series: String,
        /// Which of the moments that are to be forecast.
        moment: Timestamp,
    },
    /// No series reaches back to all origins of a backtest.
    #[error(
        "no series is long enough for `{folds}` origins of `{horizon}` steps: the longest has `{points}` points"
    )]
    Horizon {
        /// Steps that were asked for.
        horizon: usize,
        /// Origins that were asked for.
        folds: usize,
        /// Points of the longest series.
        points: usize,
        /// The longest horizon that would fit into it; 0 if there is none.
        horizon_max: usize,
    },
    /// Demand does not lie on the windows that were asked for.
    #[error("the source delivered demand on a grid that was not asked for")]
    Grid,
    /// Somebody asked to stop.
    #[error("stopped before the run was finished; nothing was written")]
    Cancelled,
}

impl EngineError {
    /// Why a fitted model tells nothing of the future.
    pub(crate) fn unpredicted(series: String, error: PredictError) -> Self {
        match error {
            PredictError::Beside(source) => Self::Fit { series, source },
            PredictError::Far(source) => Self::Forecast { series, source },
        }
    }
}
