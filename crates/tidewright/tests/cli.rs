//! The binary as its users meet it: a folder, a line typed in it, and what is printed, written and left alone.
//!
//! The rule: each test has a folder and a scripted Prometheus of its own, waits for conditions and never for time, and
//! judges exit codes, streams and files. What a limit should be is judged elsewhere.

#[path = "cli/backtest.rs"]
mod backtest;
#[path = "cli/bad_disk.rs"]
mod bad_disk;
#[path = "cli/bad_document.rs"]
mod bad_document;
#[path = "cli/bad_metrics.rs"]
mod bad_metrics;
#[path = "cli/configuration.rs"]
mod configuration;
#[path = "cli/desk.rs"]
mod desk;
#[path = "cli/detect.rs"]
mod detect;
#[path = "cli/forecast.rs"]
mod forecast;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/interrupt.rs"]
mod interrupt;
#[path = "cli/limits.rs"]
mod limits;
#[path = "cli/modes.rs"]
mod modes;
#[path = "cli/onboarding.rs"]
mod onboarding;
#[path = "cli/prophet.rs"]
mod prophet;
#[path = "cli/review.rs"]
mod review;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/streams.rs"]
mod streams;
#[path = "cli/traffic.rs"]
mod traffic;
#[path = "cli/word.rs"]
mod word;
