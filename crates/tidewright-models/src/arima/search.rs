//! Which orders a series needs: the stepwise search of Hyndman and Khandakar (2008).
//!
//! Differences by tests, then from four simple models to the neighbour that Akaike's corrected criterion likes better,
//! until none is. Every model starts from its neighbour's parameters, which makes it cheap; at the end the best are
//! fitted with care. A model with a root next to the unit circle is not trusted. The search is bounded.

use super::differences::{plain_differences, seasonal_differences};
use super::estimate::{Care, Estimate, Rooms};
use super::fit::ArimaFit;
use super::ground::{Ground, bridge, difference};
use super::orders::{Order, Orders};
use crate::FitError;

/// Roots closer to the unit circle than this mean one difference too many or too few.
const ROOT_MIN: f64 = 1.01;
/// So many of the best are fitted with care.
const FINALISTS: usize = 2;

/// How far the search for orders goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Terms at single steps, of each kind.
    pub terms_max: usize,
    /// Terms at whole seasons, of each kind.
    pub seasonal_terms_max: usize,
    /// Terms of all kinds together: a model with more is slow and forecasts no better.
    pub parameters_max: usize,
    /// Differences at single steps and at seasons together.
    pub differences_max: usize,
    /// Models that are tried: the search ends with the best so far.
    pub models_max: usize,
}

impl Default for Limits {
    /// As R's `auto.arima`, except that seven parameters are enough.
    fn default() -> Self {
        Self {
            terms_max: 5,
            seasonal_terms_max: 2,
            parameters_max: 7,
            differences_max: 2,
            models_max: 60,
        }
    }
}

/// The best model that the search finds for values whose first and last are there.
pub(super) fn search(values: &[f64], season: usize, limits: &Limits) -> Result<ArimaFit, FitError> {
    let base = differences(values, season, limits)?;
    let mut search = Search::new(values, base, *limits);
    for seed in search.seeds() {
        search.attempt(seed, None);
    }
    while search.improve() {}
    search.finish().ok_or_else(|| FitError::TooFew { rows: observed(values) })
}

pub(super) fn observed(values: &[f64]) -> usize {
    values.iter().filter(|value| !value.is_nan()).count()
}

/// The orders without terms: differences by tests.
fn differences(values: &[f64], season: usize, limits: &Limits) -> Result<Orders, FitError> {
    let bridged = bridge(values, season);
    let seasonal = seasonal_differences(&bridged, season).min(limits.differences_max);
    let at_seasons = Order::new(0, seasonal, 0);
    let seasonal_only = Orders::seasonal(Order::default(), at_seasons, season)?;
    let most = limits.differences_max - seasonal;
    let plain = plain_differences(&difference(&bridged, &seasonal_only), most);
    Orders::seasonal(Order::new(0, plain, 0), at_seasons, season)
}

struct Search<'a> {
    values: &'a [f64],
    base: Orders,
    limits: Limits,
    rooms: Rooms,
    /// Made ready for models without and with a constant.
    grounds: [Ground; 2],
    tried: Vec<Orders>,
    /// The best first.
    ranked: Vec<(f64, Estimate)>,
}

impl<'a> Search<'a> {
    fn new(values: &'a [f64], base: Orders, limits: Limits) -> Self {
        let grounds = [base, base.with_constant()].map(|orders| Ground::new(values, &orders));
        let (tried, ranked) = (Vec::new(), Vec::new());
        Self { values, base, limits, rooms: Rooms::default(), grounds, tried, ranked }
    }

    fn ground(&self, orders: &Orders) -> &Ground {
        &self.grounds[usize::from(orders.has_constant())]
    }

    /// The four models to begin with, and the simplest without a constant.
    fn seeds(&self) -> Vec<Orders> {
        let counts = [[2, 2, 1, 1], [0, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1]];
        let seeds = counts.iter().filter_map(|counts| self.orders(*counts, true));
        seeds.chain([self.base]).collect()
    }

    /// Orders with these terms (AR, MA, seasonal AR, seasonal MA), if the limits allow.
    fn orders(&self, counts: [usize; 4], constant: bool) -> Option<Orders> {
        let [p, q, sp, sq] = counts;
        let (plain, seasonal) = (self.base.plain(), self.base.at_seasons());
        let (sp, sq) = if self.base.season() > 1 { (sp, sq) } else { (0, 0) };
        let fits = p.max(q) <= self.limits.terms_max
            && sp.max(sq) <= self.limits.seasonal_terms_max
            && p + q + sp + sq <= self.limits.parameters_max;
        let plain = Order::new(p, plain.differences, q);
        let seasonal = Order::new(sp, seasonal.differences, sq);
        let orders = Orders::seasonal(plain, seasonal, self.base.season()).ok().filter(|_| fits)?;
        Some(if constant { orders.with_constant() } else { orders })
    }

    /// Tries a model; whether it is the best so far.
    fn attempt(&mut self, orders: Orders, neighbour: Option<&Estimate>) -> bool {
        if self.tried.contains(&orders) || self.tried.len() >= self.limits.models_max {
            return false;
        }
        self.tried.push(orders);
        let ground = &self.grounds[usize::from(orders.has_constant())];
        // A filter that is as long as what it is to filter has nothing to learn from.
        if ground.changes.len() <= orders.state() + orders.parameters() {
            return false;
        }
        let guess = neighbour.map(|from| adapted(from, &orders, ground.drift()));
        let rooms = &mut self.rooms;
        let estimate = Estimate::new(rooms, ground, &orders, guess.as_deref(), Care::Rough);
        let aicc = estimate.aicc(ground.unit);
        if !aicc.is_finite() || !estimate.coefficients().roots_lie_beyond(ROOT_MIN) {
            return false;
        }
        let place = self.ranked.partition_point(|(other, _)| *other <= aicc);
        self.ranked.insert(place, (aicc, estimate));
        place == 0
    }

    /// Goes to the first neighbour of the best that is better; whether there is one.
    fn improve(&mut self) -> bool {
        let Some((_, best)) = self.ranked.first().cloned() else { return false };
        let neighbours = self.neighbours(&best.orders);
        neighbours.into_iter().any(|orders| self.attempt(orders, Some(&best)))
    }

    fn neighbours(&self, of: &Orders) -> Vec<Orders> {
        const STEPS: [[isize; 4]; 16] = [
            [0, 0, -1, 0],
            [0, 0, 0, -1],
            [0, 0, 1, 0],
            [0, 0, 0, 1],
            [0, 0, -1, -1],
            [0, 0, -1, 1],
            [0, 0, 1, -1],
            [0, 0, 1, 1],
            [-1, 0, 0, 0],
            [0, -1, 0, 0],
            [1, 0, 0, 0],
            [0, 1, 0, 0],
            [-1, -1, 0, 0],
            [-1, 1, 0, 0],
            [1, -1, 0, 0],
            [1, 1, 0, 0],
        ];
        let (plain, seasonal) = (of.plain(), of.at_seasons());
        let counts = [plain.ar, plain.ma, seasonal.ar, seasonal.ma];
        let moved = |step: &[isize; 4]| {
            let mut next = [0; 4];
            for ((next, count), by) in next.iter_mut().zip(counts).zip(step) {
                *next = count.checked_add_signed(*by)?;
            }
            self.orders(next, of.has_constant())
        };
        let other = self.orders(counts, !of.has_constant());
        STEPS.iter().filter_map(moved).chain(other).collect()
    }

    /// The best, fitted with care.
    fn finish(mut self) -> Option<ArimaFit> {
        let ranked = std::mem::take(&mut self.ranked);
        // With gaps care costs more than a second opinion is worth.
        let count = if self.grounds[0].has_gaps { 1 } else { FINALISTS };
        let finalists = ranked.into_iter().take(count).filter_map(|(_, rough)| {
            let ground = &self.grounds[usize::from(rough.orders.has_constant())];
            let guess = Some(&rough.free[..]);
            let careful = Estimate::new(&mut self.rooms, ground, &rough.orders, guess, Care::Exact);
            ArimaFit::new(ground, &careful)
        });
        let best = finalists.min_by(|a, b| a.aicc().total_cmp(&b.aicc()));
        best.or_else(|| self.without_terms())
    }

    /// What remains where nothing varies, or too few values are there for terms.
    fn without_terms(&mut self) -> Option<ArimaFit> {
        let orders = self.base.with_constant();
        if self.values.len() <= orders.lost() {
            return None;
        }
        let drift = self.ground(&orders).drift();
        let free = if orders.has_constant() { vec![drift] } else { Vec::new() };
        let ground = self.ground(&orders);
        let count = ground.changes.len() as f64;
        let squares = ground.changes.iter().map(|x| (x - drift) * (x - drift)).sum();
        ArimaFit::new(ground, &Estimate { orders, free, squares, count })
    }
}

/// A neighbour's parameters, with 0 for those that it has not.
fn adapted(from: &Estimate, orders: &Orders, drift: f64) -> Vec<f64> {
    let counts = |orders: &Orders| {
        let (plain, seasonal) = (orders.plain(), orders.at_seasons());
        [plain.ar, plain.ma, seasonal.ar, seasonal.ma]
    };
    let mut rest = &from.free[..];
    let mut free = Vec::with_capacity(orders.parameters());
    for (had, want) in counts(&from.orders).into_iter().zip(counts(orders)) {
        let (own, after) = rest.split_at(had);
        free.extend(own.iter().copied().chain(std::iter::repeat(0.0)).take(want));
        rest = after;
    }
    let constant = rest.first().copied().unwrap_or(drift);
    free.extend(orders.has_constant().then_some(constant));
    free
}
