//! The report as one HTML page: self-contained, readable on a phone and on paper, in light and dark, with or without
//! its few lines of script (a filter and sorting).
//!
//! Everything that comes from outside is escaped by the templates. The page loads nothing and its policy forbids it to.
//! The most interesting limits are shown in full up to a budget of bytes, the others as rows of the table.

mod card;
mod chart;
mod page;
mod prose;
mod scale;

use tidewright_core::{Evidence, Proposal, Zone};

use crate::report::{Report, by_interest};

/// The style sheet of every page of the house.
pub const STYLE: &str = page::STYLE;

/// The size that a report of 1,000 limits stays below: what a mail server takes and a phone opens.
pub const REPORT_BYTES_MAX: usize = 5_000_000;

/// The chart of one limit with its marks, for a page with [`STYLE`]; `None` if there is no history to draw.
pub fn figure(proposal: &Proposal, evidence: &Evidence, zone: &Zone) -> Option<String> {
    card::figure(proposal, evidence, zone)
}

/// The report as one page.
pub fn html(report: &Report<'_>) -> String {
    let order = by_interest(&report.run.plan.proposals);
    // A page whose rows all have links is never smaller than the page whose rows have fewer.
    let frame = page::render(report, &order, order.len(), &[]);
    let mut room = REPORT_BYTES_MAX.saturating_sub(frame.len());
    let mut cards = Vec::new();
    for &place in &order {
        let card = card::render(report, place);
        if card.len() > room {
            break;
        }
        room -= card.len();
        cards.push(card);
    }
    page::render(report, &order, cards.len(), &cards)
}
