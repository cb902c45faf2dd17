//! A series made ready for ARIMA models with the same differences: scaled, differenced, its gaps bridged for a start.
//!
//! Values are moved and scaled so that changes are about 1: then 1e-9 and 1e12 are fitted alike. The bridges over gaps
//! serve to find orders and a first guess of the parameters, never the final likelihood and never a forecast.

use super::orders::Orders;

/// Changes below this share of the values are rounding.
const CHANGE_SHARE_MIN: f64 = 1e-13;
/// Neighbouring seasons that a bridge asks.
const BRIDGE_SEASONS: usize = 3;

/// A series ready for models with these differences.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    /// Scaled values, NaN for a gap.
    pub(super) levels: Vec<f64>,
    /// Scaled values, gaps bridged.
    pub(super) bridged: Vec<f64>,
    /// The differences of `bridged`.
    pub(super) changes: Vec<f64>,
    /// What 0 stands for in `levels`.
    pub(super) offset: f64,
    /// What 1 stands for in `levels`; 0 if nothing ever changes but by a constant.
    pub(super) unit: f64,
    /// Whether any value is missing.
    pub(super) has_gaps: bool,
}

impl Ground {
    /// Makes values ready, the first and the last of which are there.
    pub(super) fn new(values: &[f64], orders: &Orders) -> Self {
        let has_gaps = values.iter().any(|value| value.is_nan());
        let mut bridged = if has_gaps { bridge(values, orders.season()) } else { values.to_vec() };
        // Differences do not see an offset, and a constant takes it up; without either 0 is 0.
        let free = orders.lost() > 0 || orders.has_constant();
        let offset = if free { mean(&bridged) } else { 0.0 };
        bridged.iter_mut().for_each(|value| *value -= offset);
        let mut changes = difference(&bridged, orders);
        let centre = if orders.has_constant() { mean(&changes) } else { 0.0 };
        let most = changes.iter().fold(0.0f64, |most, x| most.max((x - centre).abs()));
        let size = values.iter().fold(0.0f64, |size, x| size.max(x.abs()));
        let mut unit = if most <= CHANGE_SHARE_MIN * size { 0.0 } else { most };
        if unit > 0.0 {
            // Scaled by the largest first: squares of 1e200 overflow.
            let squares: f64 = changes.iter().map(|x| ((x - centre) / most).powi(2)).sum();
            unit *= (squares / changes.len() as f64).sqrt();
        }
        let scale = if unit > 0.0 { 1.0 / unit } else { 1.0 };
        let scaled = |x: &f64| (x - offset) * scale;
        let levels = values.iter().map(scaled).collect();
        bridged.iter_mut().for_each(|x| *x *= scale);
        changes.iter_mut().for_each(|x| *x *= scale);
        Self { levels, bridged, changes, offset, unit, has_gaps }
    }

    /// The mean of the changes.
    pub(super) fn drift(&self) -> f64 {
        mean(&self.changes)
    }
}

/// The differences that the orders ask for.
pub(super) fn difference(values: &[f64], orders: &Orders) -> Vec<f64> {
    let mut values = values.to_vec();
    for _ in 0..orders.at_seasons().differences {
        values = difference_at(&values, orders.season());
    }
    for _ in 0..orders.plain().differences {
        values = difference_at(&values, 1);
    }
    values
}

/// How values differ from those `lag` steps earlier.
pub(super) fn difference_at(values: &[f64], lag: usize) -> Vec<f64> {
    values.iter().skip(lag).zip(values).map(|(now, before)| now - before).collect()
}

pub(super) fn mean(values: &[f64]) -> f64 {
    // Divided first: sums of huge values overflow.
    let count = values.len().max(1) as f64;
    values.iter().map(|value| value / count).sum()
}

/// The values with a plausible one in each gap: what neighbouring seasons had there, or else a straight line.
pub(super) fn bridge(values: &[f64], season: usize) -> Vec<f64> {
    let lines = straight(values);
    let at = |i: usize| {
        if !values[i].is_nan() || season < 2 {
            return lines[i];
        }
        let steps = (1..=BRIDGE_SEASONS)
            .flat_map(|k| [i.checked_sub(k * season), Some(i + k * season)].into_iter().flatten());
        let there = steps.filter_map(|j| values.get(j).copied().filter(|value| !value.is_nan()));
        let (mut sum, mut count) = (0.0, 0.0);
        there.for_each(|value| {
            sum += value;
            count += 1.0;
        });
        if count > 0.0 { sum / count } else { lines[i] }
    };
    (0..values.len()).map(at).collect()
}

/// The values with straight lines over the gaps, level before the first value and after the last.
fn straight(values: &[f64]) -> Vec<f64> {
    let there: Vec<usize> = (0..values.len()).filter(|i| !values[*i].is_nan()).collect();
    let mut out = values.to_vec();
    let (Some(first), Some(last)) = (there.first(), there.last()) else { return out };
    out[..*first].fill(values[*first]);
    out[*last..].fill(values[*last]);
    for pair in there.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let rise = (values[to] - values[from]) / (to - from) as f64;
        let between = out[from..to].iter_mut().enumerate();
        between.for_each(|(k, x)| *x = values[from] + k as f64 * rise);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arima::orders::Order;

    const GAP: f64 = f64::NAN;

    #[test]
    fn gaps_are_bridged_by_lines_and_by_seasons() {
        assert_eq!(bridge(&[GAP, 1.0, GAP, 3.0, GAP], 1), [1.0, 1.0, 2.0, 3.0, 3.0]);
        assert_eq!(bridge(&[1.0, 9.0, GAP, 11.0, 1.0, GAP], 2)[2], 1.0);
        assert_eq!(bridge(&[1.0, 9.0, GAP, 11.0, 1.0, GAP], 2)[5], 10.0);
    }

    #[test]
    fn tiny_and_huge_values_are_scaled_alike() {
        let orders = Orders::new(Order::new(0, 1, 0)).unwrap();
        let values = [1.0, 3.0, 2.0, 5.0];
        let ground = |scale: f64| Ground::new(&values.map(|x| x * scale), &orders);
        for scale in [1e-9, 1e12, 1e200] {
            let (a, b) = (ground(1.0), ground(scale));
            assert!(a.changes.iter().zip(&b.changes).all(|(a, b)| (a - b).abs() < 1e-12));
            assert!((b.unit / a.unit / scale - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn what_never_changes_has_no_unit() {
        let orders = Orders::new(Order::new(0, 1, 0)).unwrap();
        assert_eq!(Ground::new(&[0.1; 9], &orders).unit, 0.0);
        let line: Vec<f64> = (0..9).map(|i| 0.1 + 0.3 * f64::from(i)).collect();
        assert_eq!(Ground::new(&line, &orders.with_constant()).unit, 0.0);
    }
}
