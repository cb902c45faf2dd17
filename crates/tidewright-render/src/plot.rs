//! A forecast as a picture: history, fit, forecast and bands, and a panel for each component; and a backtest as one:
//! errors by step and by series; and what a detector said: values, bands, alarms. As SVG or as one page.
//!
//! Shapes stretch with the page, words do not. Time runs evenly; where the history would press the forecast into a
//! sliver, only its last part is drawn, and the picture says so. It draws what it was given and computes no forecast.

mod axis;
mod backtest;
mod detection;
mod page;
mod panel;
mod scale;

use tidewright_core::{Forecast, Timestamp};

pub use backtest::{backtest_html, backtest_svg};
pub use detection::{DetectionPlot, JudgedPoint, detection_html, detection_svg};
pub use page::{plot_html, plot_svg};

/// One series to draw.
#[derive(Clone, Debug)]
pub struct Plot<'a> {
    /// The series; `None` where the input named none.
    pub name: Option<String>,
    /// What was observed, gaps left out; nothing where only the model is at hand.
    pub history: Vec<(Timestamp, f64)>,
    /// What the model says of the history.
    pub fitted: Vec<(Timestamp, f64)>,
    /// What it says of the future.
    pub forecast: &'a Forecast,
    /// What the forecast is made of.
    pub parts: Vec<PlotPart<'a>>,
}

/// One component of a forecast over history and future.
#[derive(Clone, Debug)]
pub struct PlotPart<'a> {
    /// Its name.
    pub name: &'a str,
    /// What its numbers are.
    pub unit: PartUnit,
    /// Ascending moments.
    pub times: &'a [Timestamp],
    /// What is expected at each.
    pub point: &'a [f64],
    /// The lower end of its band.
    pub lower: &'a [f64],
    /// The upper end of its band.
    pub upper: &'a [f64],
    /// Days after which it comes again: one turn of it is drawn.
    pub period_days: Option<f64>,
}

/// What the numbers of a component are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartUnit {
    /// As the values.
    Value,
    /// Shares of the trend.
    Share,
}
