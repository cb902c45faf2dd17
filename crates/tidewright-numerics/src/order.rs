//! Order statistics by selection, with gaps skipped.
//!
//! A quantile is `numpy`'s "linear" one: position `q (n - 1)` in sorted order, interpolated between neighbours.
//! Selection is linear in time; who needs many quantiles of the same values sorts them once.

use std::cmp::Ordering;

/// Median absolute deviation of a normal law, inverted: makes the deviation comparable with a standard deviation.
const NORMAL_CONSISTENCY: f64 = 1.482_602_218_505_602;

/// The quantile at `q` in `0..=1` of the values that are numbers, or `None` if there is none.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    quantile_in_place(&mut without_gaps(values), q)
}

/// The same without a copy; the slice must hold no gap and is left in another order.
pub fn quantile_in_place(values: &mut [f64], q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let (below, fraction) = position(last, q);
    // Without gaps this is an order, and one comparison cheaper than the total one.
    let order = |a: &f64, b: &f64| a.partial_cmp(b).unwrap_or(Ordering::Equal);
    let (_, low, above) = values.select_nth_unstable_by(below, order);
    let high = if fraction > 0.0 { lowest(above).unwrap_or(*low) } else { *low };
    Some(*low + fraction * (high - *low))
}

/// The smallest of numbers, if there is one.
fn lowest(values: &[f64]) -> Option<f64> {
    // Eight at a time, because each comparison would wait for the one before it.
    let (chunks, rest) = values.as_chunks::<8>();
    let mut least = [f64::INFINITY; 8];
    for chunk in chunks {
        for (least, value) in least.iter_mut().zip(chunk) {
            *least = if value < least { *value } else { *least };
        }
    }
    let all = least.iter().chain(rest).copied();
    (!values.is_empty()).then(|| all.fold(f64::INFINITY, f64::min))
}

/// The same of values that ascend already.
pub fn quantile_sorted(ascending: &[f64], q: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let (below, fraction) = position(last, q);
    let low = ascending[below];
    let high = ascending[(below + 1).min(last)];
    Some(low + fraction * (high - low))
}

/// Sorts in the order of [`f64::total_cmp`]: whole numbers in the same order compare faster.
pub fn sort(values: &mut [f64]) {
    // Negative numbers stand in reverse among their bits; flipping all bits but the sign puts them right, and back.
    let flip = |bits: i64| bits ^ ((bits >> 63) as u64 >> 1) as i64;
    let mut keys: Vec<i64> = values.iter().map(|value| flip(value.to_bits() as i64)).collect();
    keys.sort_unstable();
    values
        .iter_mut()
        .zip(&keys)
        .for_each(|(value, key)| *value = f64::from_bits(flip(*key) as u64));
}

/// The middle of the values that are numbers, or `None` if there is none.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The median distance from `centre`, scaled so that it estimates the standard deviation of normal noise.
pub fn median_deviation(values: &[f64], centre: f64) -> Option<f64> {
    let mut distances = without_gaps(values);
    distances.iter_mut().for_each(|value| *value = (*value - centre).abs());
    Some(NORMAL_CONSISTENCY * quantile_in_place(&mut distances, 0.5)?)
}

fn without_gaps(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| !value.is_nan()).collect()
}

/// The index below position `q * last`, and how far beyond it the position lies.
fn position(last: usize, q: f64) -> (usize, f64) {
    let place = q.clamp(0.0, 1.0) * last as f64;
    let below = (place.floor() as usize).min(last);
    (below, place - below as f64)
}

/// The mean of what lies within the middle of the weight, with a share `trim` of it left out at either end; `None` if
/// nothing weighs anything.
///
/// `pairs` are values, none of them NaN, and their weights; they are put in order.
pub fn middle_mean(pairs: &mut [(f64, f64)], trim: f64) -> Option<f64> {
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let whole: f64 = pairs.iter().map(|(_, weight)| weight).sum();
    let (low, high) = (trim * whole, (1.0 - trim) * whole);
    let (mut below, mut sum, mut kept) = (0.0, 0.0, 0.0);
    for (value, weight) in pairs.iter() {
        let above = below + weight;
        let inside = (above.min(high) - below.max(low)).max(0.0);
        sum += inside * value;
        kept += inside;
        below = above;
    }
    // Round-off leaves no mean beyond the values themselves: of equal ones it is each of them.
    let (first, last) = (pairs.first()?.0, pairs.last()?.0);
    (kept > 0.0).then(|| (sum / kept).clamp(first, last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_interpolate_between_neighbours() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(&values, 0.5), Some(2.5));
        assert_eq!(quantile(&values, 0.0), Some(1.0));
        assert_eq!(quantile(&values, 1.0), Some(4.0));
        assert!((quantile(&values, 0.95).unwrap() - 3.85).abs() < 1e-12);
    }

    #[test]
    fn gaps_do_not_count() {
        assert_eq!(median(&[f64::NAN, 1.0, f64::NAN, 3.0]), Some(2.0));
        assert_eq!(median(&[f64::NAN]), None);
        assert_eq!(median_deviation(&[f64::NAN], 0.0), None);
    }

    #[test]
    fn the_median_deviation_ignores_a_spike() {
        let deviation = median_deviation(&[-1.0, 1.0, -1.0, 1.0, 1e9], 0.0).unwrap();
        assert!((deviation - NORMAL_CONSISTENCY).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn sorting_agrees_with_total_order(bits in prop::collection::vec(any::<u64>(), 0..60)) {
            let mut values: Vec<f64> = bits.into_iter().map(f64::from_bits).collect();
            let mut expected = values.clone();
            expected.sort_by(f64::total_cmp);
            sort(&mut values);
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&values), bits(&expected));
        }

        #[test]
        fn selection_agrees_with_sorting(values in prop::collection::vec(-1e6..1e6f64, 1..60), q in 0.0..=1.0f64) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(quantile(&values, q), quantile_sorted(&sorted, q));
        }
    }

    #[test]
    fn the_middle_is_the_mean_without_the_ends() {
        let mut pairs = [(1e9, 0.2), (2.0, 0.2), (1.0, 0.2), (4.0, 0.2), (3.0, 0.2)];
        assert!((middle_mean(&mut pairs, 0.2).unwrap() - 3.0).abs() < 1e-9);
        assert!((middle_mean(&mut [(7.0, 0.1)], 0.25).unwrap() - 7.0).abs() < 1e-12);
        assert_eq!(middle_mean(&mut [(7.0, 0.0)], 0.25), None);
    }
}
