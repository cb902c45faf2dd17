//! What stands beside a chart's shapes: the limits with their labels, numbers, dates and the numbers of marks.
//!
//! Labels are placed in percent across and in pixels down, so that words keep their size on every screen.

use tidewright_core::{Decision, Limit, Mark, Proposal, Timestamp, Zone};

use crate::html::scale::{HEIGHT, Scale, WIDTH};
use crate::marks::{self, MARKS_MAX, weightiest};
use crate::number;

/// Numbers of marks that stand closer than this share of the width become one label.
const FLAG_DISTANCE: f64 = 0.024 * WIDTH;

/// Pixels above the plot, for the held-back days and the marks.
const PLOT_TOP_PX: f64 = 44.0;

/// The plot's height in pixels.
const PLOT_HEIGHT_PX: f64 = 170.0;

/// Pixels that a line of labels needs.
const LABEL_PX: f64 = 14.0;

/// A limit, drawn across the plot.
pub(in crate::html) struct Level {
    pub(in crate::html) class: &'static str,
    pub(in crate::html) text: String,
    /// `None` where the limit lies far above the plot.
    pub(in crate::html) line_px: Option<String>,
    pub(in crate::html) label_px: String,
}

/// The limits to draw: class, word and number.
pub(super) fn limits(proposal: &Proposal) -> Vec<(&'static str, &'static str, f64)> {
    let number = |limit: Limit| f64::from(limit.requests_per_unit);
    let current = proposal.current_limit().map(number);
    let formula = proposal.estimate.as_ref().map(|estimate| number(estimate.limit));
    if proposal.decision == Decision::Hold {
        let formula = formula.filter(|formula| Some(*formula) != current);
        let held = current.map(|value| ("current", "limit", value));
        return held
            .into_iter()
            .chain(formula.map(|value| ("formula", "formula", value)))
            .collect();
    }
    let current = current.map(|value| ("current", "current", value));
    let proposed = proposal.proposed.map(|limit| ("proposed", "proposed", number(limit)));
    current.into_iter().chain(proposed).collect()
}

/// The limits with their labels kept apart: the upper one is labelled above its line, the lower one below.
pub(super) fn levels(proposal: &Proposal, scale: &Scale) -> Vec<Level> {
    let mut limits = limits(proposal);
    limits.sort_by(|left, right| right.2.total_cmp(&left.2));
    let mut used = f64::NEG_INFINITY;
    let mut levels = Vec::new();
    for (class, word, value) in limits {
        let line = PLOT_TOP_PX + PLOT_HEIGHT_PX * scale.y(value) / HEIGHT;
        let above_plot = value > scale.top();
        let wanted = if above_plot { PLOT_TOP_PX - 8.0 } else { line - 4.0 };
        let label =
            if wanted - used < LABEL_PX { (line + 12.0).max(used + LABEL_PX) } else { wanted };
        used = label;
        let arrow = if above_plot { " ↑" } else { "" };
        levels.push(Level {
            class,
            text: format!("{word} {}{arrow}", number::count(value)),
            line_px: (!above_plot).then(|| tenth(line)),
            label_px: tenth(label),
        });
    }
    levels
}

/// The numbers of the marks that are told: where a lasting change begins, or in the middle of an incident.
pub(super) fn flags(marks: &[Mark], scale: &Scale) -> Vec<(String, String)> {
    let place = |mark: &Mark| {
        let (start, end) = (scale.x(mark.span.start), scale.x(mark.span.end));
        if marks::is_kept(mark.kind) { start } else { f64::midpoint(start, end) }
    };
    let mut flags: Vec<(f64, String)> = Vec::new();
    let mut places: Vec<(f64, usize)> =
        weightiest(marks, MARKS_MAX).into_iter().map(place).zip(1..).collect();
    places.sort_by(|left, right| left.0.total_cmp(&right.0));
    for (x, number) in places {
        match flags.last_mut() {
            Some((last, text)) if x - *last < FLAG_DISTANCE => *text += &format!(",{number}"),
            _ => flags.push((x, number.to_string())),
        }
    }
    flags.into_iter().map(|(x, text)| (percent(x), text)).collect()
}

/// Three to five lines at round numbers.
pub(super) fn grid(scale: &Scale) -> Vec<(String, String)> {
    let rough = scale.top() / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|it| it * power).into_iter().find(|it| *it >= rough);
    let step = step.unwrap_or(rough);
    let values = (0..).map(|i| f64::from(i) * step).take_while(|value| *value <= scale.top());
    let px = |value| PLOT_TOP_PX + PLOT_HEIGHT_PX * scale.y(value) / HEIGHT;
    values.map(|value| (tenth(px(value)), number::figure(value))).collect()
}

/// The dates under the plot: a few midnights of the past, now, and the end of the future.
pub(super) fn ticks(scale: &Scale, zone: &Zone) -> Vec<(String, &'static str, String)> {
    let (first, last) = (zone.local(scale.start()).day + 1, zone.local(scale.now()).day);
    let step = ((last - first) / 4).max(1);
    let label = |at: Timestamp| zone.strftime(at, "%b %-d");
    let days = (first..=last).step_by(usize::try_from(step).unwrap_or(1));
    let days = days.map(|day| zone.midnight(day)).map(|at| (scale.x(at), label(at)));
    // The last label of the past must leave room for `now`.
    let days = days.filter(|(x, _)| (300.0..scale.now_x() - 1_000.0).contains(x));
    let mut ticks: Vec<_> = days.map(|(x, text)| (percent(x), "middle", text)).collect();
    let has_future = scale.now_x() < WIDTH;
    let anchor = if has_future { "middle" } else { "end" };
    ticks.push((percent(scale.now_x()), anchor, "now".to_owned()));
    ticks.extend(has_future.then(|| ("100".to_owned(), "end", label(scale.end()))));
    ticks
}

/// A place in the plot in percent of its width.
pub(super) fn percent(x: f64) -> String {
    tenth(x * 100.0 / WIDTH)
}

fn tenth(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use tidewright_core::{LimitKey, Reason, Setting, TimeSpan};

    use super::*;

    fn raise(current: u32, proposed: u32) -> Proposal {
        let key = LimitKey::new("edge", [("PARTNER", Some("a"))]);
        let current = Some(Setting::Limited(Limit::per_minute(current)));
        Proposal {
            decision: Decision::Raise,
            proposed: Some(Limit::per_minute(proposed)),
            ..Proposal::held(key, current, Reason::DemandAboveLimit)
        }
    }

    fn scale(top: f64) -> Scale {
        let day = |day: i64| Timestamp::from_secs(day * 86_400);
        Scale::new(TimeSpan { start: day(0), end: day(28) }, day(30), top)
    }

    /// The pixels between the labels of two limits.
    fn distance(current: u32, proposed: u32) -> f64 {
        let levels = levels(&raise(current, proposed), &scale(1500.0));
        let px = |level: &Level| level.label_px.parse::<f64>().unwrap();
        px(&levels[1]) - px(&levels[0])
    }

    #[test]
    fn labels_of_close_limits_do_not_cover_one_another() {
        for (current, proposed) in [(1000, 1000), (1000, 1010), (1400, 1499), (1, 2), (9000, 1490)]
        {
            assert!(distance(current, proposed) >= LABEL_PX - 0.1, "{current} and {proposed}");
        }
    }

    #[test]
    fn a_limit_far_above_the_data_is_named_without_a_line() {
        let levels = levels(&raise(1000, 90_000), &scale(1500.0));
        assert_eq!(
            (levels[0].text.as_str(), levels[0].line_px.is_none()),
            ("proposed 90,000 ↑", true)
        );
        assert!(levels[1].line_px.is_some());
    }

    #[test]
    fn the_grid_has_a_few_round_numbers() {
        let texts: Vec<String> = grid(&scale(1500.0)).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["0", "500", "1,000", "1,500"]);
    }
}
