//! The comparison as text and as JSON.

use serde::Serialize;
use tidewright_core::Policy;

use super::REJECTED_AIM;
use super::score::Score;
use crate::error::LabError;
use crate::text::table;

/// What is aimed at: mean head-room, and changes per limit and week.
const AIM: (f64, f64) = (1.4, 0.1);
/// Bursts that differ by less are equally large: factors are only so exact.
const BURST_EXACT: f64 = 0.001;

/// All that was compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// One entry for each trace.
    pub traces: Vec<TraceV1>,
    /// How restless limits are where nothing happens.
    pub steady: SteadyV1,
}

/// One trace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceV1 {
    /// Its name.
    pub trace: String,
    /// As it was, and with attacks.
    pub scenes: Vec<SceneV1>,
}

/// One trace, in one way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SceneV1 {
    /// In which way.
    pub name: String,
    /// The weeks that were judged, with each rule's limit.
    pub weeks: Vec<WeekV1>,
    /// One row for each rule and variant; the first is the product as it is.
    pub rows: Vec<RowV1>,
}

/// One week that was judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeekV1 {
    /// Its start, at which the limits were proposed.
    pub from: String,
    /// Its highest minute of true demand.
    pub peak: f64,
    /// Each rule with its limit as it is, in requests per minute.
    pub limits: Vec<(String, f64)>,
}

/// How good one rule was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowV1 {
    /// The rule.
    pub rule: String,
    /// As it is, or made comparable.
    pub variant: String,
    /// The mean of limit by true peak.
    pub headroom: f64,
    /// Rejected clean requests, in percent.
    pub rejected_percent: f64,
    /// The same of the worst week.
    pub rejected_worst_percent: f64,
    /// The largest admitted count above true demand, in true peaks.
    pub burst: Option<f64>,
    /// Admitted requests of attackers, in percent.
    pub admitted_percent: Option<f64>,
}

/// How restless limits are where nothing happens.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SteadyV1 {
    /// Limits that were run.
    pub limits: usize,
    /// Weeks of daily runs.
    pub weeks: usize,
    /// Raises.
    pub raised: usize,
    /// Cuts.
    pub lowered: usize,
    /// Both by limits and weeks.
    pub changes_per_limit_and_week: f64,
}

impl RowV1 {
    pub(super) fn new(rule: &str, variant: String, score: &Score) -> Self {
        Self {
            rule: rule.to_owned(),
            variant,
            headroom: score.headroom,
            rejected_percent: 100.0 * score.rejected,
            rejected_worst_percent: 100.0 * score.rejected_worst,
            burst: score.burst,
            admitted_percent: score.admitted.map(|share| 100.0 * share),
        }
    }

    fn cells(&self) -> Vec<String> {
        let known = |number: Option<f64>, digits: usize| {
            number.map_or_else(|| "-".to_owned(), |number| format!("{number:.digits$}"))
        };
        vec![
            format!("{} ({})", self.rule, self.variant),
            format!("{:.3}", self.headroom),
            format!("{:.5}", self.rejected_percent),
            format!("{:.5}", self.rejected_worst_percent),
            known(self.burst, 2),
            known(self.admitted_percent, 1),
        ]
    }
}

/// As JSON.
///
/// # Errors
/// [`LabError::Json`] if a number cannot be written.
pub fn to_json(comparison: &Comparison) -> Result<String, LabError> {
    let text = serde_json::to_string_pretty(comparison).map_err(LabError::Json)?;
    Ok(text + "\n")
}

/// As tables with a summary.
pub fn to_table(comparison: &Comparison) -> String {
    let mut text = String::new();
    for trace in &comparison.traces {
        for scene in &trace.scenes {
            text += &scene_table(&trace.trace, scene);
        }
    }
    text + &summary(comparison)
}

fn scene_table(trace: &str, scene: &SceneV1) -> String {
    let head = ["rule", "head-room", "rejected %", "worst week %", "burst", "admitted %"];
    let rows: Vec<_> = scene.rows.iter().map(RowV1::cells).collect();
    let rules = table(&head, &rows);
    format!("{trace}, {}\n{rules}\n{}\n", scene.name, week_table(&scene.weeks))
}

fn week_table(weeks: &[WeekV1]) -> String {
    let Some(first) = weeks.first() else { return String::new() };
    let rules = first.limits.iter().map(|(rule, _)| rule.as_str());
    let head: Vec<&str> = ["week from", "true peak"].into_iter().chain(rules).collect();
    let row = |week: &WeekV1| {
        let limits = week.limits.iter().map(|(_, limit)| format!("{limit:.0}"));
        [week.from.clone(), format!("{:.0}", week.peak)].into_iter().chain(limits).collect()
    };
    table(&head, &weeks.iter().map(row).collect::<Vec<_>>())
}

fn summary(comparison: &Comparison) -> String {
    let mut text = String::from("summary\n");
    for trace in &comparison.traces {
        for scene in &trace.scenes {
            text += &scene_summary(&trace.trace, scene);
        }
    }
    let steady = &comparison.steady;
    text + &format!(
        "  steady traffic: {:.3} changes per limit and week (aim: below {}): {} raises, {} cuts, {} limits, {} weeks\n",
        steady.changes_per_limit_and_week,
        AIM.1,
        steady.raised,
        steady.lowered,
        steady.limits,
        steady.weeks
    )
}

fn scene_summary(trace: &str, scene: &SceneV1) -> String {
    let Some(ours) = scene.rows.first() else { return String::new() };
    let mut better = scene.variants("same head-room");
    better.retain(|row| row.rejected_percent < ours.rejected_percent);
    let text = format!(
        "  {trace}, {}: {:.5} % rejected at head-room {:.3} (aim: {} % at {}); less at our head-room: {}\n",
        scene.name,
        ours.rejected_percent,
        ours.headroom,
        100.0 * REJECTED_AIM,
        AIM.0,
        names(&better)
    );
    text + &burst_summary(scene, ours).unwrap_or_default()
}

/// What is admitted of attacks; nothing where there were none.
fn burst_summary(scene: &SceneV1, ours: &RowV1) -> Option<String> {
    let mut equal = scene.variants("equal rejections");
    let burst = equal.iter().find(|row| row.rule == ours.rule)?.burst?;
    equal.retain(|row| row.burst.is_some_and(|other| other < burst - BURST_EXACT));
    let as_it_is = ours.burst?;
    Some(format!(
        "    largest burst admitted: {as_it_is:.2} true peaks; at equal rejections {burst:.2}, less by: {}\n",
        names(&equal)
    ))
}

fn names(rows: &[&RowV1]) -> String {
    match rows {
        [] => "none".to_owned(),
        rows => rows.iter().map(|row| row.rule.as_str()).collect::<Vec<_>>().join(", "),
    }
}

impl SceneV1 {
    /// The rows of one variant, a row for each rule that has it.
    fn variants(&self, variant: &str) -> Vec<&RowV1> {
        self.rows.iter().filter(|row| row.variant.starts_with(variant)).collect()
    }
}

/// The safety margin of the product as it is.
pub(super) fn standard_margin() -> f64 {
    Policy::default().safety_margin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rule: &str, variant: &str, rejected_percent: f64, burst: f64) -> RowV1 {
        RowV1 {
            rule: rule.to_owned(),
            variant: variant.to_owned(),
            headroom: 1.3,
            rejected_percent,
            rejected_worst_percent: rejected_percent,
            burst: Some(burst),
            admitted_percent: Some(10.0),
        }
    }

    #[test]
    fn the_summary_names_every_rule_that_is_better() {
        let rows = vec![
            row("v2", "margin 1.3", 0.01, 1.0),
            row("v2", "equal rejections, x 0.9", 0.001, 0.8),
            row("a", "same head-room, x 2", 0.02, 1.0),
            row("a", "equal rejections, x 2", 0.001, 0.5),
            row("b", "same head-room, x 2", 0.001, 1.0),
            row("b", "equal rejections, x 2", 0.001, 0.8),
        ];
        let text =
            scene_summary("t", &SceneV1 { name: "as it was".to_owned(), weeks: Vec::new(), rows });
        assert!(text.contains("; less at our head-room: b\n"), "{text}");
        assert!(text.contains("at equal rejections 0.80, less by: a\n"), "{text}");
    }
}
