//! A plan in a file, between the run that decided it and the person who lets it happen.
//!
//! The file is JSON of version `v1`: what `limits apply` needs stands at its top, and the whole run as `--output json`
//! prints it under `run`, for machines and for `limits show`. Fields may be added; what a version wrote stays readable.
//! What is read is checked here; whether it still fits the world is for the one who applies it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use tidewright_core::{
    Decision, Descriptor, DocumentHome, Finding, FindingKind, Limit, LimitKey, ReviewedDocument,
    ReviewedLimit, ReviewedPlan, RunId, Setting, TimeError, Timestamp, Unit, UnitError,
};

use super::{RunV1, to_json};

/// The version of the file that this program writes and reads.
const VERSION: &str = "v1";

/// A plan in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanFile {
    /// What can be applied.
    pub plan: ReviewedPlan,
    /// The whole run, as `--output json` prints it.
    pub run: Value,
}

/// A file that holds no plan.
#[derive(Debug, Error)]
pub enum PlanFileError {
    /// It is no JSON, or other JSON.
    #[error("this is no saved plan")]
    Json(#[source] serde_json::Error),
    /// Another program wrote it.
    #[error("its `version` is `{0}`, this program reads `{VERSION}`")]
    Version(String),
    /// A moment that is none.
    #[error("`created_at` is no moment")]
    Moment(#[source] TimeError),
    /// A window that is none.
    #[error("the limit `{name}` has a `unit` that is none")]
    Unit {
        /// Which limit.
        name: String,
        /// Why.
        #[source]
        source: UnitError,
    },
    /// A decision or a finding that is none.
    #[error("the limit `{name}` has the {what} `{word}`, which is none")]
    Word {
        /// Which limit.
        name: String,
        /// What it should be.
        what: &'static str,
        /// What it is.
        word: String,
    },
    /// A decision to change without a number.
    #[error("the limit `{name}` is to change, and has no number in `proposed`")]
    NoNumber {
        /// Which limit.
        name: String,
    },
    /// The same limit twice.
    #[error("the limit `{name}` comes twice")]
    Twice {
        /// Which limit.
        name: String,
    },
}

/// Only the version: what else there is may differ from what is known here.
#[derive(Deserialize)]
struct Head {
    version: String,
}

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct FileV1 {
    version: String,
    /// The version of the program that wrote it.
    tidewright: String,
    created_at: String,
    run_id: String,
    inputs_hash: String,
    policy_hash: String,
    document: Option<DocumentV1>,
    new_document: HomeV1,
    limits: Vec<PlannedV1>,
    unsafe_limits: Vec<UnsafeV1>,
    run: Value,
}

/// The document that was decided on.
#[derive(Debug, Serialize, Deserialize)]
struct DocumentV1 {
    place: String,
    sha256: String,
}

/// Where a document that does not exist yet would live.
#[derive(Debug, Serialize, Deserialize)]
struct HomeV1 {
    configmap: String,
    namespace: String,
    domain: String,
}

/// What the plan says of one limit.
#[derive(Debug, Serialize, Deserialize)]
struct PlannedV1 {
    #[serde(flatten)]
    key: KeyV1,
    current: Option<SetV1>,
    decision: String,
    proposed: Option<NumberV1>,
    reason: String,
    on_approval: Option<NumberV1>,
}

/// A limit that is unsafe as it is.
#[derive(Debug, Serialize, Deserialize)]
struct UnsafeV1 {
    #[serde(flatten)]
    key: KeyV1,
    current: Option<SetV1>,
    should_be: Option<NumberV1>,
    why: String,
}

/// Which limit.
#[derive(Debug, Serialize, Deserialize)]
struct KeyV1 {
    /// For people; the path is what counts.
    name: String,
    domain: String,
    path: Vec<StepV1>,
}

/// One step of a descriptor path.
#[derive(Debug, Serialize, Deserialize)]
struct StepV1 {
    key: String,
    value: Option<String>,
}

/// So many requests per unit.
#[derive(Debug, Serialize, Deserialize)]
struct NumberV1 {
    requests_per_unit: u32,
    unit: String,
}

/// A limit, or none on purpose.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum SetV1 {
    Limited(NumberV1),
    Unlimited { unlimited: bool },
}

impl PlanFile {
    /// The text of a file, written by a program of this version.
    pub fn render(plan: &ReviewedPlan, run: &RunV1, program: &str) -> String {
        let run = serde_json::to_value(run);
        let run = run.expect("results have string keys and nothing else that JSON could refuse");
        to_json(&FileV1 {
            version: VERSION.to_owned(),
            tidewright: program.to_owned(),
            created_at: plan.created.to_string(),
            run_id: plan.run.to_string(),
            inputs_hash: plan.inputs_hash.clone(),
            policy_hash: plan.policy_hash.clone(),
            document: plan.document.as_ref().map(DocumentV1::from),
            new_document: HomeV1::from(&plan.home),
            limits: plan.limits.iter().map(PlannedV1::from).collect(),
            unsafe_limits: plan.unsafe_limits.iter().map(UnsafeV1::from).collect(),
            run,
        })
    }

    /// The plan of such a text.
    ///
    /// # Errors
    /// [`PlanFileError`] that names what is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, PlanFileError> {
        let head: Head = serde_json::from_slice(bytes).map_err(PlanFileError::Json)?;
        if head.version != VERSION {
            return Err(PlanFileError::Version(head.version));
        }
        let file: FileV1 = serde_json::from_slice(bytes).map_err(PlanFileError::Json)?;
        let created = Timestamp::parse(&file.created_at).map_err(PlanFileError::Moment)?;
        let limits = file.limits.into_iter().map(PlannedV1::read);
        let limits: Vec<ReviewedLimit> = limits.collect::<Result<_, _>>()?;
        refuse_twins(&limits)?;
        let unsafe_limits = file.unsafe_limits.into_iter().map(UnsafeV1::read);
        let plan = ReviewedPlan {
            run: RunId::stored(&file.run_id),
            created,
            inputs_hash: file.inputs_hash,
            policy_hash: file.policy_hash,
            document: file.document.map(DocumentV1::into_document),
            home: file.new_document.into_home(),
            limits,
            unsafe_limits: unsafe_limits.collect::<Result<_, _>>()?,
        };
        Ok(Self { plan, run: file.run })
    }
}

fn refuse_twins(limits: &[ReviewedLimit]) -> Result<(), PlanFileError> {
    let mut known = std::collections::HashSet::new();
    match limits.iter().find(|limit| !known.insert(&limit.key)) {
        Some(twin) => Err(PlanFileError::Twice { name: twin.key.name() }),
        None => Ok(()),
    }
}

impl From<&ReviewedDocument> for DocumentV1 {
    fn from(document: &ReviewedDocument) -> Self {
        Self { place: document.place.clone(), sha256: document.sha256.clone() }
    }
}

impl DocumentV1 {
    fn into_document(self) -> ReviewedDocument {
        ReviewedDocument { place: self.place, sha256: self.sha256 }
    }
}

impl From<&DocumentHome> for HomeV1 {
    fn from(home: &DocumentHome) -> Self {
        let DocumentHome { configmap, namespace, domain } = home.clone();
        Self { configmap, namespace, domain }
    }
}

impl HomeV1 {
    fn into_home(self) -> DocumentHome {
        DocumentHome { configmap: self.configmap, namespace: self.namespace, domain: self.domain }
    }
}

impl From<&ReviewedLimit> for PlannedV1 {
    fn from(limit: &ReviewedLimit) -> Self {
        Self {
            key: KeyV1::from(&limit.key),
            current: limit.current.map(SetV1::from),
            decision: limit.decision.name().to_owned(),
            proposed: limit.proposed.map(NumberV1::from),
            reason: limit.reason.clone(),
            on_approval: limit.on_approval.map(NumberV1::from),
        }
    }
}

impl PlannedV1 {
    fn read(self) -> Result<ReviewedLimit, PlanFileError> {
        let all = [Decision::Create, Decision::Raise, Decision::Lower, Decision::Hold];
        let decision = all.into_iter().find(|decision| decision.name() == self.decision);
        let name = self.key.name.clone();
        let decision = decision.ok_or(PlanFileError::Word {
            name: name.clone(),
            what: "decision",
            word: self.decision,
        })?;
        if decision.changes() && self.proposed.is_none() {
            return Err(PlanFileError::NoNumber { name });
        }
        Ok(ReviewedLimit {
            current: self.current.map(|current| current.read(&name)).transpose()?,
            decision,
            proposed: self.proposed.map(|number| number.read(&name)).transpose()?,
            reason: self.reason,
            on_approval: self.on_approval.map(|number| number.read(&name)).transpose()?,
            key: self.key.into_key(),
        })
    }
}

impl From<&Finding> for UnsafeV1 {
    fn from(finding: &Finding) -> Self {
        Self {
            key: KeyV1::from(&finding.key),
            current: finding.current.map(SetV1::from),
            should_be: finding.should_be.map(NumberV1::from),
            why: finding.why.clone(),
        }
    }
}

impl UnsafeV1 {
    fn read(self) -> Result<Finding, PlanFileError> {
        let name = self.key.name.clone();
        Ok(Finding {
            kind: FindingKind::Unsafe,
            current: self.current.map(|current| current.read(&name)).transpose()?,
            should_be: self.should_be.map(|number| number.read(&name)).transpose()?,
            why: self.why,
            key: self.key.into_key(),
        })
    }
}

impl From<&LimitKey> for KeyV1 {
    fn from(key: &LimitKey) -> Self {
        let step = |descriptor: &Descriptor| StepV1 {
            key: descriptor.key.to_string(),
            value: descriptor.value.as_deref().map(str::to_owned),
        };
        let path = key.path.iter().map(step).collect();
        Self { name: key.name(), domain: key.domain.to_string(), path }
    }
}

impl KeyV1 {
    fn into_key(self) -> LimitKey {
        let path = self.path.iter().map(|step| (step.key.as_str(), step.value.as_deref()));
        LimitKey::new(&self.domain, path)
    }
}

impl From<Limit> for NumberV1 {
    fn from(limit: Limit) -> Self {
        let unit = limit.unit.name().to_owned();
        Self { requests_per_unit: limit.requests_per_unit, unit }
    }
}

impl NumberV1 {
    fn read(self, name: &str) -> Result<Limit, PlanFileError> {
        let unit = Unit::parse(&self.unit);
        let unit = unit.map_err(|source| PlanFileError::Unit { name: name.to_owned(), source })?;
        Ok(Limit { requests_per_unit: self.requests_per_unit, unit })
    }
}

impl From<Setting> for SetV1 {
    fn from(setting: Setting) -> Self {
        match setting {
            Setting::Limited(limit) => Self::Limited(limit.into()),
            Setting::Unlimited => Self::Unlimited { unlimited: true },
        }
    }
}

impl SetV1 {
    fn read(self, name: &str) -> Result<Setting, PlanFileError> {
        match self {
            Self::Limited(number) => number.read(name).map(Setting::Limited),
            Self::Unlimited { unlimited: true } => Ok(Setting::Unlimited),
            Self::Unlimited { unlimited: false } => Err(PlanFileError::Word {
                name: name.to_owned(),
                what: "current limit",
                word: "unlimited: false".to_owned(),
            }),
        }
    }
}
