//! What a look at the limits of today found, for machines.

use std::collections::BTreeMap;

use serde::Serialize;
use tidewright_core::{Finding, FindingKind};

use super::{DescriptorV1, LimitV1, SettingV1};

/// All findings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckV1 {
    /// Always `v1`.
    pub version: &'static str,
    /// How many there are of each kind.
    pub summary: BTreeMap<&'static str, usize>,
    /// The most urgent kind first.
    pub findings: Vec<FindingV1>,
}

/// Something about a limit that somebody should look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingV1 {
    /// The name by which commands know the limit.
    pub name: String,
    /// The limiter's domain.
    pub domain: String,
    /// The descriptors that lead to it.
    pub path: Vec<DescriptorV1>,
    /// `unsafe`, `edited` or `drifted`.
    pub kind: &'static str,
    /// What the document says now.
    pub current: Option<SettingV1>,
    /// What it should say; null where a person has to know.
    pub should_be: Option<LimitV1>,
    /// Why, as a sentence.
    pub why: String,
}

impl CheckV1 {
    /// All findings, counted.
    pub fn new(findings: &[Finding]) -> Self {
        let count = |kind: FindingKind| {
            let of_kind = findings.iter().filter(|finding| finding.kind == kind);
            (kind.name(), of_kind.count())
        };
        Self {
            version: "v1",
            summary: FindingKind::ALL.into_iter().map(count).collect(),
            findings: findings.iter().map(FindingV1::from).collect(),
        }
    }
}

impl From<&Finding> for FindingV1 {
    fn from(finding: &Finding) -> Self {
        Self {
            name: finding.key.name(),
            domain: finding.key.domain.to_string(),
            path: finding.key.path.iter().map(DescriptorV1::from).collect(),
            kind: finding.kind.name(),
            current: finding.current.map(SettingV1::from),
            should_be: finding.should_be.map(LimitV1::from),
            why: finding.why.clone(),
        }
    }
}
