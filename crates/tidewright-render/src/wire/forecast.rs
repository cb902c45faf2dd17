//! A forecast for machines: parallel lists, the names of the field's CSV in snake case.

use std::collections::BTreeMap;

use serde::Serialize;

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
}

impl ForecastV1 {
    /// A forecast with or without its name; a quantile that it does not carry is an empty list.
    pub fn new(view: &ForecastView<'_>, unique_id: UniqueId) -> Self {
        let forecast = view.forecast;
        let columns = view.columns.iter();
        let row = |level| forecast.quantile(level).map(<[f64]>::to_vec).unwrap_or_default();
        let axis = forecast.axis();
        Self {
            unique_id: unique_id.of(forecast),
            ds: (0..axis.len()).map(|i| axis.timestamp(i).to_string()).collect(),
            mean: forecast.point().to_vec(),
            lo_80: row(0.1),
            hi_80: row(0.9),
            lo_95: row(0.025),
            hi_95: row(0.975),
            prophet: columns.map(|it| (it.name.clone(), it.values.to_vec())).collect(),
        }
    }
}
