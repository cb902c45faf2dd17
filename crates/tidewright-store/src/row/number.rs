//! A number that JSON may not be able to hold.
//!
//! Finite numbers are JSON numbers, which read back bit by bit; infinities and NaN are the words that Rust prints.

use serde::{Deserialize, Serialize};

/// A number of any kind.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum NumberRow {
    Finite(f64),
    Other(OtherRow),
}

/// What is no finite number.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum OtherRow {
    #[serde(rename = "inf")]
    Infinity,
    #[serde(rename = "-inf")]
    NegativeInfinity,
    #[serde(rename = "NaN")]
    NotANumber,
}

impl From<f64> for NumberRow {
    fn from(value: f64) -> Self {
        match value {
            value if value.is_finite() => Self::Finite(value),
            value if value.is_nan() => Self::Other(OtherRow::NotANumber),
            value if value > 0.0 => Self::Other(OtherRow::Infinity),
            _ => Self::Other(OtherRow::NegativeInfinity),
        }
    }
}

impl From<NumberRow> for f64 {
    fn from(row: NumberRow) -> Self {
        match row {
            NumberRow::Finite(value) => value,
            NumberRow::Other(OtherRow::Infinity) => Self::INFINITY,
            NumberRow::Other(OtherRow::NegativeInfinity) => Self::NEG_INFINITY,
            NumberRow::Other(OtherRow::NotANumber) => Self::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_reads_back_bit_by_bit() {
        let odd = [
            0.1 + 0.2,
            -0.0,
            f64::MIN_POSITIVE,
            f64::MAX,
            5e-324,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ];
        for value in odd {
            let json = serde_json::to_string(&NumberRow::from(value)).unwrap();
            let row: NumberRow = serde_json::from_str(&json).unwrap();
            assert_eq!(f64::from(row).to_bits(), value.to_bits(), "{json}");
        }
        assert_eq!(serde_json::to_string(&NumberRow::from(f64::NAN)).unwrap(), "\"NaN\"");
    }
}
