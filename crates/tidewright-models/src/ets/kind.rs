//! The fifteen models of exponential smoothing that have finite variances, and how they are told apart.
//!
//! Hyndman, Koehler, Ord and Snyder (2008), "Forecasting with Exponential Smoothing", table 2.1. Left out, as R and
//! statsforecast leave them out by default: multiplied trends, whose forecasts explode, and a multiplied season with
//! added errors, whose variance is infinite (their chapter 15).

use std::fmt;

/// How an error joins what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// It is added, and equally large everywhere.
    Additive,
    /// It is a share of what was expected.
    Multiplicative,
}

/// Where the level goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// Nowhere.
    None,
    /// On along a line.
    Additive,
    /// Along a line that levels off.
    Damped,
}

/// How the season joins the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// There is none.
    None,
    /// It is added.
    Additive,
    /// It multiplies.
    Multiplicative,
}

/// One model of the taxonomy; its text is `ETS(M,Ad,A)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The errors.
    pub errors: Errors,
    /// The trend.
    pub trend: Trend,
    /// The season.
    pub season: Season,
}

/// Errors and season of each family; added and multiplied errors without a season first, as the quickest.
const FAMILIES: [(Errors, Season); 5] = [
    (Errors::Additive, Season::None),
    (Errors::Multiplicative, Season::None),
    (Errors::Additive, Season::Additive),
    (Errors::Multiplicative, Season::Additive),
    (Errors::Multiplicative, Season::Multiplicative),
];
const TRENDS: [Trend; 3] = [Trend::None, Trend::Additive, Trend::Damped];

impl Kind {
    /// The families that suit values of this sort, each from no trend to a damped one.
    pub(super) fn families(
        positive: bool,
        seasonal: bool,
    ) -> impl Iterator<Item = impl Iterator<Item = Self>> {
        let suits = move |(errors, season): &(Errors, Season)| {
            (positive || *errors == Errors::Additive) && (seasonal || *season == Season::None)
        };
        let of = |(errors, season)| TRENDS.map(|trend| Self { errors, trend, season }).into_iter();
        FAMILIES.into_iter().filter(suits).map(of)
    }

    /// How many numbers are learned, the errors' variance included.
    pub fn parameters(self, period: usize) -> usize {
        let trend = match self.trend {
            Trend::None => 0,
            Trend::Additive => 2,
            Trend::Damped => 3,
        };
        let season = if self.season == Season::None { 0 } else { period };
        3 + trend + season
    }

    /// Its place among all, for saving.
    pub(super) fn code(self) -> usize {
        let family = FAMILIES.iter().position(|family| *family == (self.errors, self.season));
        let trend = TRENDS.iter().position(|trend| *trend == self.trend);
        TRENDS.len() * family.unwrap_or_default() + trend.unwrap_or_default()
    }

    /// The model of this place.
    pub(super) fn from_code(code: usize) -> Option<Self> {
        let (errors, season) = *FAMILIES.get(code / TRENDS.len())?;
        Some(Self { errors, trend: TRENDS[code % TRENDS.len()], season })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = if self.errors == Errors::Additive { "A" } else { "M" };
        let trend = match self.trend {
            Trend::None => "N",
            Trend::Additive => "A",
            Trend::Damped => "Ad",
        };
        let season = match self.season {
            Season::None => "N",
            Season::Additive => "A",
            Season::Multiplicative => "M",
        };
        write!(f, "ETS({errors},{trend},{season})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_its_place() {
        let all: Vec<Kind> = Kind::families(true, true).flatten().collect();
        assert_eq!(all.len(), 15);
        for (code, kind) in all.iter().enumerate() {
            assert_eq!((kind.code(), Kind::from_code(code)), (code, Some(*kind)));
        }
        assert_eq!(Kind::from_code(15), None);
    }

    #[test]
    fn values_of_both_signs_and_short_ones_have_fewer() {
        let names = |positive, seasonal| -> Vec<String> {
            Kind::families(positive, seasonal).flatten().map(|kind| kind.to_string()).collect()
        };
        assert_eq!(names(false, false), ["ETS(A,N,N)", "ETS(A,A,N)", "ETS(A,Ad,N)"]);
        assert_eq!(names(false, true).len(), 6);
        assert_eq!(names(true, false).len(), 6);
    }
}
