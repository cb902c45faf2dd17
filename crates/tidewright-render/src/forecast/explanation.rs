//! Why a forecast is what it is, for people: the models behind it by weight, and what to know of the choice.

use tidewright_core::{Explanation, Member};

use crate::layout::{Align, Columns, wrap};
use crate::number;

/// Names of models are short; longer ones are cut.
const NAME_MAX: usize = 20;

/// The models behind a forecast in columns, and the sentences below them, each line indented.
pub fn explanation_text(explanation: &Explanation, width: usize) -> String {
    let width = width.saturating_sub(2);
    let mut table = Columns::new(vec![
        ("model", Align::Left),
        ("weight", Align::Right),
        ("backtest MASE", Align::Right),
        ("what was fitted", Align::Left),
    ]);
    explanation.members.iter().for_each(|member| table.row(&cells(member)));
    let rows = table.render_flowing(width, NAME_MAX);
    let sentences = explanation.sentences.iter();
    let sentences = sentences.flat_map(|sentence| wrap(&format!("{sentence}."), width));
    let lines = rows.lines().map(str::to_owned).chain(sentences);
    lines.map(|line| format!("  {line}\n")).collect()
}

fn cells(member: &Member) -> [String; 4] {
    let mase = member.backtest_mase.map_or_else(|| "-".to_owned(), number::figure);
    [member.model.clone(), number::figure(member.weight), mase, member.description.clone()]
}
