//! A forecast for machines: parallel lists, the names of the field's CSV in snake case.

use std::collections::BTreeMap;

use serde::Serialize;
use tidewright_core::SeriesKey;

use super::explanation::ExplanationV1;
use crate::forecast::{ForecastView, UniqueId};

/// One series' forecast; all lists are equally long.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ForecastV1 {
    /// The series; absent if the input named none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// The future moments.
    pub ds: Vec<String>,
    /// The median, which this field calls the mean.
    pub mean: Vec<f64>,
    /// The 10 % quantile.
    pub lo_80: Vec<f64>,
    /// The 90 % quantile.
    pub hi_80: Vec<f64>,
    /// The 2.5 % quantile.
    pub lo_95: Vec<f64>,
    /// The 97.5 % quantile.
    pub hi_95: Vec<f64>,
    /// Prophet's columns by their names, those that were asked for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prophet: BTreeMap<String, Vec<f64>>,
    /// Why it is what it is, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<ExplanationV1>,
    /// Why there is none; all lists are empty then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl ForecastV1 {
    /// A forecast with or without its name; a quantile that it does not carry is an empty list.
    pub fn new(view: &ForecastView<'_>, unique_id: UniqueId) -> Self {
        let forecast = view.forecast;
        let columns = view.columns.iter();
        let row = |level| forecast.quantile(level).map(<[f64]>::to_vec).unwrap_or_default();
        let axis = forecast.axis();
        Self {
            unique_id: unique_id.of(forecast.key()),
            ds: (0..axis.len()).map(|i| axis.timestamp(i).to_string()).collect(),
            mean: forecast.point().to_vec(),
            lo_80: row(0.1),
            hi_80: row(0.9),
            lo_95: row(0.025),
            hi_95: row(0.975),
            prophet: columns.map(|it| (it.name.clone(), it.values.to_vec())).collect(),
            explanation: view.explanation.map(ExplanationV1::from),
            error: None,
        }
    }

    /// A series that could not be forecast, and why.
    pub fn failed(key: &SeriesKey, error: String, unique_id: UniqueId) -> Self {
        Self {
            unique_id: unique_id.of(key),
            ds: Vec::new(),
            mean: Vec::new(),
            lo_80: Vec::new(),
            hi_80: Vec::new(),
            lo_95: Vec::new(),
            hi_95: Vec::new(),
            prophet: BTreeMap::new(),
            explanation: None,
            error: Some(error),
        }
    }
}
