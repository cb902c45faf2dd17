//! Which kin of Prometheus answers, and what it needs to be asked so that its answers mean what ours do.
//!
//! The rule: raw samples, no cache that moves timestamps, and no partial answer unless it was asked for. A kin that
//! differs says how in [`Flavour::note`]. Nothing is sent here.

use super::settings::SettingsError;

const MINUTE_MS: i64 = 60_000;

/// Thanos picks a resolution of at most this part of the step where it may choose.
const THANOS_AUTO_PARTS: i64 = 5;

/// Mimir refuses longer names of tenants.
const TENANT_CHARS_MAX: usize = 150;

/// Keeps Trickster from appending a point at the present moment, which no query asked for, and has it fetch what is
/// younger than ten minutes anew: a scrape may still be missing in what it kept.
const TRICKSTER_COMMENT: &str = " # trickster-fast-forward:off trickster-backfill-tolerance:600";

/// Which kin of Prometheus answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Flavour {
    /// Prometheus itself, and managed services that speak like it.
    #[default]
    Prometheus,
    /// Thanos Query or its front end.
    Thanos(Thanos),
    /// Mimir or Cortex.
    Mimir {
        /// Whose data, as `X-Scope-OrgID`; several are parted by `|`.
        tenant: Option<String>,
    },
    /// VictoriaMetrics: a single node, or a cluster's `vmselect`.
    VictoriaMetrics {
        /// Whose data: `accountID` or `accountID:projectID`; a single node has no tenants.
        tenant: Option<String>,
    },
    /// Trickster, a cache in front of a Prometheus.
    Trickster,
}

/// What Thanos is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thanos {
    /// Whether replicas of one Prometheus are merged; without it every replica counts.
    pub dedup: bool,
    /// Whether a read may go on while a store is down: its windows are gaps then. Without it the read fails.
    pub partial_response: bool,
    /// How coarse the samples may be.
    pub max_source_resolution: Resolution,
}

/// How coarse samples may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolution {
    /// As the server chooses for the window.
    Auto,
    /// As they were scraped.
    #[default]
    Raw,
    /// One of five minutes.
    FiveMinutes,
    /// One of an hour.
    Hour,
}

impl Default for Thanos {
    fn default() -> Self {
        Self { dedup: true, partial_response: false, max_source_resolution: Resolution::Raw }
    }
}

impl Resolution {
    const fn text(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Raw => "0s",
            Self::FiveMinutes => "5m",
            Self::Hour => "1h",
        }
    }
}

impl Flavour {
    /// What people call it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Prometheus => "Prometheus",
            Self::Thanos(_) => "Thanos",
            Self::Mimir { .. } => "Mimir",
            Self::VictoriaMetrics { .. } => "VictoriaMetrics",
            Self::Trickster => "Trickster",
        }
    }

    /// Whether the name of the tenant can be one, below the address' `path`.
    pub(super) fn check(&self, path: &str) -> Result<(), SettingsError> {
        let (fits, rule, value) = match self {
            Self::Mimir { tenant: Some(tenant) } => {
                (is_mimir_tenant(tenant), "be letters, digits and `!-_.*'()|`", tenant)
            }
            Self::VictoriaMetrics { tenant: Some(tenant) } if path.contains("/select/") => {
                (false, "be absent where the address holds `/select/`", tenant)
            }
            Self::VictoriaMetrics { tenant: Some(tenant) } => {
                (is_victoria_tenant(tenant), "be `accountID` or `accountID:projectID`", tenant)
            }
            _ => return Ok(()),
        };
        let unfit = SettingsError::Unfit { name: "tenant", rule, value: value.clone() };
        if fits { Ok(()) } else { Err(unfit) }
    }

    /// What stands between the address and `/api/v1`.
    pub(super) fn path_prefix(&self) -> String {
        match self {
            Self::VictoriaMetrics { tenant: Some(tenant) } => {
                format!("/select/{tenant}/prometheus")
            }
            _ => String::new(),
        }
    }

    /// The header that names the tenant.
    pub(super) fn tenant_header(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Mimir { tenant: Some(tenant) } => Some(("X-Scope-OrgID", tenant)),
            _ => None,
        }
    }

    /// What each query carries beside itself.
    pub(super) fn parameters(&self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Thanos(thanos) => vec![
                ("dedup", text(thanos.dedup)),
                ("partial_response", text(thanos.partial_response)),
                ("max_source_resolution", thanos.max_source_resolution.text()),
            ],
            // Its cache of results rounds start and end of a range, and keeps what was incomplete.
            Self::VictoriaMetrics { .. } => vec![("nocache", "1"), ("deny_partial_response", "1")],
            _ => Vec::new(),
        }
    }

    /// What stands behind each query.
    pub(super) const fn comment(&self) -> &'static str {
        match self {
            Self::Trickster => TRICKSTER_COMMENT,
            _ => "",
        }
    }

    /// How coarse samples may be in answers with this step; 0 is as they were scraped.
    pub(super) const fn resolution_ms(&self, step_ms: i64) -> i64 {
        let Self::Thanos(thanos) = self else { return 0 };
        let coarsest = step_ms / THANOS_AUTO_PARTS;
        match thanos.max_source_resolution {
            Resolution::Raw => 0,
            Resolution::FiveMinutes => 5 * MINUTE_MS,
            Resolution::Hour => 60 * MINUTE_MS,
            Resolution::Auto if coarsest >= 60 * MINUTE_MS => 60 * MINUTE_MS,
            Resolution::Auto if coarsest >= 5 * MINUTE_MS => 5 * MINUTE_MS,
            Resolution::Auto => 0,
        }
    }

    /// Whether `increase` guesses what lies between the outermost samples and the edges of a range.
    pub(super) const fn extrapolates(&self) -> bool {
        !matches!(self, Self::VictoriaMetrics { .. })
    }

    /// Whether the server is known to hand out raw chunks: others may, and are not asked to.
    pub(super) const fn reads_remotely(&self) -> bool {
        matches!(self, Self::Prometheus)
    }

    /// What a reader of the result should know.
    pub(super) const fn note(&self) -> Option<&'static str> {
        match self {
            Self::Thanos(Thanos { dedup: false, .. }) => {
                Some("without `dedup` every replica of a Prometheus counts")
            }
            Self::Thanos(Thanos { partial_response: true, .. }) => {
                Some("windows that Thanos answers only in part are gaps")
            }
            Self::Trickster => {
                Some("through Trickster, which must not round steps below those of the limits")
            }
            _ => None,
        }
    }

    /// What to look at when the path is not there.
    pub(super) const fn path_hint(&self) -> Option<&'static str> {
        match self {
            Self::Mimir { .. } => Some("Mimir and Cortex usually answer below `/prometheus`"),
            Self::VictoriaMetrics { tenant: None } => Some(
                "a cluster's `vmselect` answers below `/select/TENANT/prometheus`: name the tenant",
            ),
            Self::VictoriaMetrics { .. } => Some("a single node has no tenants: name none"),
            _ => None,
        }
    }
}

const fn text(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn is_mimir_tenant(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!-_.*'()".contains(c);
    let is_one =
        |name: &str| (1..=TENANT_CHARS_MAX).contains(&name.len()) && name.chars().all(fits);
    text.split('|').all(is_one)
}

fn is_victoria_tenant(text: &str) -> bool {
    let (account, project) = text.split_once(':').unwrap_or((text, "0"));
    let is_number =
        |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u32>().is_ok();
    is_number(account) && is_number(project)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(flavour: &Flavour, path: &str, expected: Option<&str>) {
        let got = flavour.check(path).err().map(|error| error.to_string());
        assert_eq!(got.as_deref(), expected);
    }

    fn mimir(tenant: &str) -> Flavour {
        Flavour::Mimir { tenant: Some(tenant.to_owned()) }
    }

    fn victoria(tenant: &str) -> Flavour {
        Flavour::VictoriaMetrics { tenant: Some(tenant.to_owned()) }
    }

    #[test]
    fn a_tenant_that_cannot_be_one_is_named() {
        check(&mimir("team-a|team-b"), "/", None);
        check(
            &mimir("a\nb"),
            "/",
            Some(
                "the Prometheus setting `tenant` must be letters, digits and `!-_.*'()|`, got `a\nb`",
            ),
        );
        check(&victoria("4294967295:7"), "/", None);
        check(
            &victoria("../admin"),
            "/",
            Some(
                "the Prometheus setting `tenant` must be `accountID` or `accountID:projectID`, got `../admin`",
            ),
        );
        check(
            &victoria("0"),
            "/select/0/prometheus",
            Some(
                "the Prometheus setting `tenant` must be absent where the address holds `/select/`, got `0`",
            ),
        );
    }

    #[test]
    fn downsampled_answers_are_known_by_their_step() {
        let resolution = |max_source_resolution, step_ms| {
            let thanos = Thanos { max_source_resolution, ..Thanos::default() };
            Flavour::Thanos(thanos).resolution_ms(step_ms) / MINUTE_MS
        };
        assert_eq!(resolution(Resolution::Raw, 86_400_000), 0);
        assert_eq!(resolution(Resolution::Auto, 60_000), 0);
        assert_eq!(resolution(Resolution::Auto, 3_600_000), 5);
        assert_eq!(resolution(Resolution::Auto, 86_400_000), 60);
        assert_eq!(resolution(Resolution::FiveMinutes, 60_000), 5);
        assert_eq!(Flavour::Prometheus.resolution_ms(86_400_000), 0);
    }
}
