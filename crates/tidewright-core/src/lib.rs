//! The vocabulary and the ports of Tidewright.
//!
//! Every layer speaks in these words: one word per idea. Types here are checked at the door and cannot be wrong
//! afterwards; they are never serialised (wire, row and file types live with their adapters and are converted by hand).
//! This crate does no I/O, reads no clock and knows no other crate of ours.

mod backtest;
mod calendar;
mod decision;
mod demand;
mod discovery;
mod evidence;
mod explanation;
mod forecast;
mod limit;
mod memory;
mod policy;
mod port;
mod prime;
mod quantile;
mod review;
mod revision;
mod rewrite;
mod run;
mod selector;
mod series;
mod survey;
mod time;
mod verdict;

pub use backtest::{
    Backtest, ForecastFailure, LevelLoss, ModelBacktest, Scores, SeriesScores, Shortfall, Spread,
    StepScores,
};
pub use calendar::{Calendar, Effect, Event, Occurrence};
pub use decision::{
    Arithmetic, Base, Beside, BoundEffect, CacheFrom, Confidence, Decision, DemandStatistics,
    Estimate, HeldBack, HistoryReplay, Interval, LimitPlan, Peak, Proposal, Reason, Remark, Replay,
    ReplayReport, Suspicion, Unestimable,
};
pub use demand::{DemandFrame, DemandMethod, DemandRequest, Known, Signal, Signals};
pub use discovery::{Discovery, HitDaily, NeverNear, Stranger};
pub use evidence::{Bucket, EVIDENCE_BUCKETS_MAX, Evidence, ForecastBand, Mark, MarkKind};
pub use explanation::{Explanation, Member};
pub use forecast::{Forecast, ForecastError, Horizon, PeakForecast};
pub use limit::{Descriptor, Limit, LimitKey, LimitName, NameError, Setting, Unit, UnitError};
pub use memory::{Approval, LimitMemory, Pause, PlanMemory, Stretch};
pub use policy::{
    Bounds, BoundsRule, CacheSide, CacheSides, Combination, DemandModel, Destination, Exclusions,
    Formula, Guards, LearnPolicy, LimitBounds, Pacing, Policy, PrimePolicy, Rounding,
    RoundingError, SeasonalityMode,
};
pub use port::{
    Applied, Clock, GuardedTarget, LimitTarget, MetricSource, PortError, PortErrorKind, PortFuture,
    Progress, RevisionLog, Silent, Store,
};
pub use prime::{DayClass, PrimeTime, PrimeWindow};
pub use quantile::{Levels, Quantile, QuantileError};
pub use review::{
    DocumentHome, Finding, FindingKind, ReviewedDocument, ReviewedLimit, ReviewedPlan,
};
pub use revision::{NumberChange, Revision, RevisionId, RevisionOrigin};
pub use rewrite::{Pattern, Rewrite, RewriteError};
pub use run::{Mode, ModeError, RunId, RunRecord};
pub use selector::{Glob, Selector};
pub use series::{Axis, CalendarUnit, Frame, Grid, Panel, Series, SeriesError, SeriesKey};
pub use survey::{
    Candidate, Coverage, Covered, Difference, Examination, Layout, MappedLabel, MetricExplorer,
    MetricKind, MetricLabels, Metrics, Mismatch, Onboarding, Pace, Rejected, SumRequest, Sums,
};
pub use time::{LocalTime, Recurrence, TimeError, TimeSpan, Timestamp, Zone};
pub use verdict::{Band, Direction, PointState, Severity, Surprise, Verdict};
