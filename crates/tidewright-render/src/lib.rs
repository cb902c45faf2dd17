//! Every way to read a result: tables, explanations, JSON, YAML, CSV, unified diffs, Markdown and one HTML page.
//!
//! Pure functions from core types to text: no I/O, no clock, no terminal; a width is a parameter. Equal inputs give
//! equal bytes, so no output holds the time on the wall, only the moment as of which a run decided.
//! This crate decides nothing: it shows numbers that it was given, and never computes a limit.

mod account;
mod backtest;
mod detection;
mod diff;
mod discovery;
mod explain;
mod forecast;
mod html;
mod initial;
mod layout;
mod markdown;
mod marks;
mod next;
mod number;
mod onboarding;
mod path;
mod plot;
mod report;
mod table;
mod wire;
mod words;

pub use backtest::{backtest_csv, backtest_steps_csv, backtest_steps_table, backtest_table};
pub use detection::{
    AlarmRow, JudgedRow, ViewFigures, WatchedSeries, judged_csv, judged_csv_header, judged_text,
    watched_table,
};
pub use diff::unified_diff;
pub use discovery::{discovery_summary, discovery_table};
pub use explain::explain;
pub use forecast::{
    ForecastColumn, ForecastCsv, ForecastView, UniqueId, explanation_text, forecast_table,
};
pub use html::{REPORT_BYTES_MAX, STYLE, figure, html};
pub use initial::{InitialPlaces, initial_config};
pub use layout::wrap;
pub use markdown::markdown;
pub use onboarding::{coverage_table, limit_trouble, onboarding_table};
pub use plot::{
    DetectionPlot, JudgedPoint, PartUnit, Plot, PlotPart, backtest_html, backtest_svg,
    detection_html, detection_svg, plot_html, plot_svg,
};
pub use report::Report;
pub use table::{
    change_table, findings_table, history_table, impact_table, plan_table, replay_table,
    reviewed_table,
};
pub use wire::{
    ApprovalV1, ArithmeticV1, BacktestV1, BesideV1, ByHorizonV1, CacheV1, ChangeV1, CheckV1,
    DescriptorV1, DetailV1, DiscoveryV1, EstimateV1, ExplanationV1, FindingV1, ForecastV1,
    HeldBackV1, HistoryReplayV1, HitDailyV1, IntervalV1, LimitV1, MarkV1, MemberV1,
    ModelBacktestV1, NeverNearV1, NotForecastV1, NoteV1, NumberChangeV1, OriginV1, PauseV1,
    PeakForecastV1, PeakV1, PinballV1, PlanFile, PlanFileError, PlanV1, PrimeTimeV1, ProposalV1,
    ReplayReportV1, ReplayV1, RevisionV1, RunV1, ScoresV1, SeriesScoresV1, SettingV1, SpanV1,
    SpreadV1, StatisticsV1, StrangerV1, SummaryV1, VerdictV1, ViewV1, WorstV1, to_json,
    to_json_line, to_yaml,
};
