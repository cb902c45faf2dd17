//! Why a forecast is what it is: the models behind it with their weights, and what was chosen.
//!
//! For people and for machines; nothing is computed from it.

/// The models behind a forecast, and sentences about the choice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// The models, heaviest first.
    pub members: Vec<Member>,
    /// What a person should know of the choice, each a sentence without its stop.
    pub sentences: Vec<String>,
}

/// One of the models behind a forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name; of a model that was asked for, as `--model` takes it.
    pub model: String,
    /// Its share of the forecast; the shares add up to 1.
    pub weight: f64,
    /// Its mean absolute scaled error in the backtest that the weights rest on, if there was one.
    pub backtest_mase: Option<f64>,
    /// What was chosen within it.
    pub description: String,
}

impl Explanation {
    /// Of one model that was asked for by name.
    pub fn single(model: &str, description: String) -> Self {
        let member =
            Member { model: model.to_owned(), weight: 1.0, backtest_mase: None, description };
        Self { members: vec![member], sentences: Vec::new() }
    }
}
