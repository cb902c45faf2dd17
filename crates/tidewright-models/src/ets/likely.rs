//! The likeliest model of a series: each that suits is fitted, and Akaike's corrected criterion picks one.

use super::fitted::EtsFit;
use super::kind::{Kind, Season};
use super::pass::{self, Point, Problem};
use super::search::{Found, Region, descend, look};
use super::start::{Start, with_trend};
use super::state::{Gains, State};

/// A series to choose for; the largest value is about 1.
pub(super) struct Likely<'a> {
    pub(super) values: &'a [f64],
    pub(super) rows: usize,
    pub(super) period: usize,
}

/// A model at its likeliest.
struct Candidate {
    kind: Kind,
    point: Point,
    criterion: f64,
}

impl Likely<'_> {
    /// The model of the lowest criterion.
    pub(super) fn best(&self, positive: bool) -> EtsFit {
        let all = Kind::families(positive, self.period > 1).flat_map(|family| self.family(family));
        let best = all.reduce(|a, b| if b.criterion < a.criterion { b } else { a });
        let best = best.expect("added errors without a season suit five numbers of any sort");
        best.fitted(self)
    }

    /// Each model of one family, which goes on from the one before too.
    fn family(&self, kinds: impl Iterator<Item = Kind>) -> Vec<Candidate> {
        let mut out: Vec<Candidate> = Vec::new();
        for kind in kinds.filter(|kind| self.rows > kind.parameters(self.period_of(*kind)) + 1) {
            let before = out.last().map(|candidate| with_trend(candidate.point, kind.trend));
            out.extend(self.fit(kind, before));
        }
        out
    }

    fn fit(&self, kind: Kind, before: Option<Point>) -> Option<Candidate> {
        let (period, rows) = (self.period_of(kind), self.rows as f64);
        let problem =
            Problem { values: self.values, period, errors: kind.errors, season: kind.season };
        let start = Start::new(self.values, period, kind.season);
        let region = Region::of(kind, period);
        let looks = start.points(kind).chain(before).map(|point| look(&problem, rows, point));
        let lower = |a: Found, b: Found| if b.loss < a.loss { b } else { a };
        let down = |found| descend(&problem, rows, &region, found);
        // The first of a family goes down from every start; the next ones mostly end near where it did.
        let found = match before {
            None => looks.map(down).reduce(lower)?,
            Some(_) => down(looks.reduce(lower)?),
        };
        let Found { point, loss, .. } = found;
        let k = kind.parameters(period) as f64;
        // Hurvich and Tsai (1989).
        let criterion = loss + 2.0 * k + 2.0 * k * (k + 1.0) / (rows - k - 1.0);
        loss.is_finite().then_some(Candidate { kind, point, criterion })
    }

    fn period_of(&self, kind: Kind) -> usize {
        if kind.season == Season::None { 1 } else { self.period }
    }
}

impl Candidate {
    fn fitted(self, likely: &Likely<'_>) -> EtsFit {
        let Self { kind, point, criterion } = self;
        let alpha = point[pass::LEVEL_GAIN];
        let gains = Gains {
            level: alpha,
            slope: alpha * point[pass::SLOPE_GAIN],
            season: (1.0 - alpha) * point[pass::SEASON_GAIN],
            damping: point[pass::DAMPING],
        };
        let seasons = point[pass::SEASONS..][..likely.period_of(kind)].to_vec();
        let state = State { level: point[pass::LEVEL], slope: point[pass::SLOPE], seasons };
        EtsFit::new(kind, gains, state).following(likely.values).judged_by(criterion)
    }
}
