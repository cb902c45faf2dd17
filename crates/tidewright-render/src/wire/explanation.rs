//! Why a forecast is what it is, for machines.

use serde::Serialize;
use tidewright_core::{Explanation, Member};

/// The models behind a forecast, and what to know of the choice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplanationV1 {
    /// The models, heaviest first.
    pub members: Vec<MemberV1>,
    /// Sentences for people, without their stops.
    pub sentences: Vec<String>,
}

/// One of the models behind a forecast.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemberV1 {
    /// Its name, as `--model` takes it.
    pub model: String,
    /// Its share; the shares add up to 1.
    pub weight: f64,
    /// Its mean absolute scaled error in the backtest behind the weights; absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backtest_mase: Option<f64>,
    /// What was chosen within it.
    pub description: String,
}

impl From<&Explanation> for ExplanationV1 {
    fn from(explanation: &Explanation) -> Self {
        Self {
            members: explanation.members.iter().map(MemberV1::from).collect(),
            sentences: explanation.sentences.clone(),
        }
    }
}

impl From<&Member> for MemberV1 {
    fn from(member: &Member) -> Self {
        Self {
            model: member.model.clone(),
            weight: member.weight,
            backtest_mase: member.backtest_mase,
            description: member.description.clone(),
        }
    }
}
