//! Every level computes what plain arithmetic computes.

use proptest::prelude::*;

use super::*;

/// All operations on three eights, one row of results each.
struct All<'a>(&'a [f64; 8], &'a [f64; 8], &'a [f64; 8]);

impl Kernel for All<'_> {
    type Output = Vec<[f64; 8]>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Self::Output {
        let (a, b, c) = (L::load(self.0), L::load(self.1), L::load(self.2));
        let results = [
            a.add(b),
            a.sub(b),
            a.mul(b),
            a.div(b),
            a.min(b),
            a.max(b),
            a.mul_add(b, c),
            a.mul_sub_from(b, c),
            a.round(),
            a.or_zero(),
            L::splat(f64::from(a.gaps())),
            a.or_zero_above(b),
            L::splat(a.sum()),
            a.mul(a).sqrt(),
        ];
        let mut rows = vec![[0.0; 8]; results.len()];
        rows.iter_mut().zip(results).for_each(|(row, result)| result.store(row));
        rows
    }
}

fn eight() -> impl Strategy<Value = [f64; 8]> {
    prop::array::uniform8(prop_oneof![8 => -1e6..1e6f64, 1 => Just(0.0), 1 => Just(2.5)])
}

proptest! {
    #[test]
    fn every_level_agrees_with_plain_arithmetic(a in eight(), b in eight(), c in eight()) {
        let plain = run_at(Level::Plain, All(&a, &b, &c));
        for level in Level::available() {
            let found = run_at(*level, All(&a, &b, &c));
            for (row, (want, got)) in plain.iter().zip(&found).enumerate() {
                for (want, got) in want.iter().zip(got) {
                    // Only what is rounded once instead of twice may differ.
                    let slack = if matches!(row, 6 | 7) { 1e-3 } else { 0.0 };
                    prop_assert!((want - got).abs() <= slack || want.to_bits() == got.to_bits() || (want.is_nan() && got.is_nan()), "{level:?} {row}");
                }
            }
        }
    }
}

#[test]
fn the_smaller_and_the_larger_of_a_gap_and_a_number_is_the_number() {
    let (gaps, numbers) = ([f64::NAN; 8], [1.5; 8]);
    for level in Level::available() {
        let found = run_at(*level, All(&gaps, &numbers, &numbers));
        assert_eq!(found[4], numbers, "{level:?}");
        assert_eq!(found[5], numbers, "{level:?}");
        assert_eq!((found[9], found[10]), ([0.0; 8], [255.0; 8]), "{level:?}");
    }
}

#[test]
fn lines_are_numbers_on_whole_cache_lines() {
    let lines = Lines::from([1.0, 2.0, 3.0].as_slice());
    assert_eq!(lines.len(), 8);
    assert_eq!(lines[..4], [1.0, 2.0, 3.0, 0.0]);
    assert_eq!(lines.as_ptr() as usize % 64, 0);
}
