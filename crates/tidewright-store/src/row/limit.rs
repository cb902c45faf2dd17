//! Limits and their names as they are stored.

use serde::{Deserialize, Serialize};
use tidewright_core::{Descriptor, Limit, LimitKey, Setting, Unit};

use super::words;

words!(UnitRow, Unit, Second, Minute, Hour, Day, Week, Month, Year);

/// A limit.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct LimitRow {
    requests_per_unit: u32,
    unit: UnitRow,
}

/// What a descriptor sets.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SettingRow {
    Limited(LimitRow),
    Unlimited,
}

/// Which limit.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeyRow {
    domain: String,
    path: Vec<DescriptorRow>,
}

/// One step of a descriptor path.
#[derive(Debug, Serialize, Deserialize)]
struct DescriptorRow {
    key: String,
    value: Option<String>,
}

impl From<Limit> for LimitRow {
    fn from(limit: Limit) -> Self {
        Self { requests_per_unit: limit.requests_per_unit, unit: limit.unit.into() }
    }
}

impl From<LimitRow> for Limit {
    fn from(row: LimitRow) -> Self {
        Self { requests_per_unit: row.requests_per_unit, unit: row.unit.into() }
    }
}

impl From<Setting> for SettingRow {
    fn from(setting: Setting) -> Self {
        match setting {
            Setting::Limited(limit) => Self::Limited(limit.into()),
            Setting::Unlimited => Self::Unlimited,
        }
    }
}

impl From<SettingRow> for Setting {
    fn from(row: SettingRow) -> Self {
        match row {
            SettingRow::Limited(limit) => Self::Limited(limit.into()),
            SettingRow::Unlimited => Self::Unlimited,
        }
    }
}

impl From<&LimitKey> for KeyRow {
    fn from(key: &LimitKey) -> Self {
        let step = |descriptor: &Descriptor| DescriptorRow {
            key: descriptor.key.to_string(),
            value: descriptor.value.as_deref().map(str::to_owned),
        };
        Self { domain: key.domain.to_string(), path: key.path.iter().map(step).collect() }
    }
}

impl From<KeyRow> for LimitKey {
    fn from(row: KeyRow) -> Self {
        let step = |row: DescriptorRow| Descriptor {
            key: row.key.into(),
            value: row.value.map(Into::into),
        };
        Self { domain: row.domain.into(), path: row.path.into_iter().map(step).collect() }
    }
}
