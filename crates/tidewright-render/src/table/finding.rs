//! What a look at the limits of today found, one finding a row.

use tidewright_core::{Finding, FindingKind};

use super::rows::Rows;
use crate::layout::{Align, wrap};
use crate::number;

/// All findings with what the limit is and should be, and how many of each kind.
pub fn findings_table(findings: &[Finding], width: usize) -> String {
    if findings.is_empty() {
        return "nothing to do: no limit has drifted, is unsafe or was edited by hand\n".to_owned();
    }
    let header = vec![
        ("LIMIT", Align::Left),
        ("FINDING", Align::Left),
        ("CURRENT", Align::Right),
        ("SHOULD BE", Align::Right),
    ];
    let mut rows = Rows::new(header, "WHY", width);
    for finding in findings {
        let cells = vec![
            finding.key.name(),
            finding.kind.name().to_owned(),
            number::setting(finding.current),
            number::limit_or_none(finding.should_be),
        ];
        rows.row(cells, finding.why.clone());
    }
    let kinds = FindingKind::ALL.into_iter().map(|kind| {
        let count = findings.iter().filter(|finding| finding.kind == kind).count();
        format!("{} {kind}", number::whole(count))
    });
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let summary = format!("{}: {kinds}", number::plural(findings.len(), "finding"));
    format!("{}\n{}\n", rows.render(), wrap(&summary, width).join("\n"))
}
