//! Members of a group against the group's own median, at each step: which one is off, and by how much.
//!
//! How far off is told in robust standard deviations: the median distance from the median, times 1.4826. Where more than
//! half of the members agree that distance is 0, and the mean distance stands in for it, times 1.2533 (Iglewicz and
//! Hoaglin 1993). It takes the members for one kind and knows nothing of the steps before.

use std::f64::consts::FRAC_PI_2;

use tidewright_numerics::{median, median_deviation};

use super::BatchError;

/// A median of two members is as far from either, so that none can be told to be off.
const MEMBERS_MIN: usize = 3;

/// A group at one step.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupStep {
    /// The middle member, in the unit of the values.
    pub median: f64,
    /// What counts as one deviation, in the unit of the values; 0 if all members agree.
    pub deviation: f64,
    /// How many deviations each member lies above the median, or below it if negative; `None` where it has no value.
    pub off: Vec<Option<f64>>,
}

impl GroupStep {
    /// The member farthest from the median, counted from 0, and how many deviations it is off; the first of equals.
    pub fn farthest(&self) -> Option<(usize, f64)> {
        let members =
            self.off.iter().enumerate().filter_map(|(member, off)| Some((member, (*off)?)));
        members.reduce(|best, next| if next.1.abs() > best.1.abs() { next } else { best })
    }
}

/// How far each member is off at each step.
///
/// `values` holds `members` values for each step, step by step; NaN is a gap. A deviation counts for at least
/// `spread_ratio_min` of the median, so that a tight group does not make much of little. A step at which fewer than three
/// members have a value tells nothing: `None`.
///
/// # Errors
///
/// If there are no steps or no members, if the last step is not whole, if a value is infinite, or if `spread_ratio_min` is
/// negative or not finite.
pub fn group_mad(
    values: &[f64],
    members: usize,
    spread_ratio_min: f64,
) -> Result<Vec<Option<GroupStep>>, BatchError> {
    let holds = spread_ratio_min.is_finite() && spread_ratio_min >= 0.0;
    BatchError::unless(holds, "spread_ratio_min", "must be at least 0", spread_ratio_min)?;
    if members == 0 {
        return Err(BatchError::NoColumns);
    }
    if values.is_empty() {
        return Err(BatchError::NoRows);
    }
    if !values.len().is_multiple_of(members) {
        return Err(BatchError::Ragged { values: values.len(), columns: members });
    }
    if let Some(at) = values.iter().position(|value| value.is_infinite()) {
        return Err(BatchError::NotFinite { row: at / members, column: at % members });
    }
    Ok(values.chunks_exact(members).map(|step| judge(step, spread_ratio_min)).collect())
}

fn judge(step: &[f64], spread_ratio_min: f64) -> Option<GroupStep> {
    if step.iter().filter(|value| !value.is_nan()).count() < MEMBERS_MIN {
        return None;
    }
    let median = median(step)?;
    let spread = median_deviation(step, median).filter(|spread| *spread > 0.0);
    let spread = spread.unwrap_or_else(|| mean_deviation(step, median));
    let deviation = spread.max(spread_ratio_min * median.abs());
    // Without any spread every member is the median.
    let off = |value: &f64| if deviation > 0.0 { (value - median) / deviation } else { 0.0 };
    let off = step.iter().map(|value| (!value.is_nan()).then(|| off(value))).collect();
    Some(GroupStep { median, deviation, off })
}

/// The mean distance from `centre`, scaled so that it estimates the standard deviation of normal noise.
fn mean_deviation(step: &[f64], centre: f64) -> f64 {
    let distances = step.iter().filter(|value| !value.is_nan()).map(|value| (value - centre).abs());
    let (count, sum) = distances.fold((0.0, 0.0), |(count, sum), next| (count + 1.0, sum + next));
    FRAC_PI_2.sqrt() * sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(step: &[f64], ratio: f64) -> GroupStep {
        group_mad(step, step.len(), ratio).unwrap().remove(0).unwrap()
    }

    #[test]
    fn the_odd_pod_is_found_with_its_distance() {
        // Distances from the median 12: 2, 1, 0, 1, 38; their median is 1.
        let step = one(&[10.0, 11.0, 12.0, 13.0, 50.0], 0.0);
        assert_eq!(step.median, 12.0);
        assert!((step.deviation - 1.482_602_218_505_602).abs() < 1e-12);
        let (member, off) = step.farthest().unwrap();
        assert_eq!(member, 4);
        assert!((off - 38.0 / 1.482_602_218_505_602).abs() < 1e-12);
        assert!(step.off[0].unwrap() < 0.0);
    }

    #[test]
    fn steps_are_judged_apart() {
        let steps = group_mad(&[1.0, 2.0, 3.0, 30.0, 10.0, 20.0], 3, 0.0).unwrap();
        let medians: Vec<f64> = steps.iter().flatten().map(|step| step.median).collect();
        assert_eq!(medians, [2.0, 20.0]);
        assert_eq!(steps[1].as_ref().unwrap().farthest().unwrap().0, 0);
    }

    #[test]
    fn a_gap_is_no_member_and_two_members_are_no_group() {
        let step = one(&[1.0, f64::NAN, 2.0, 3.0], 0.0);
        assert_eq!((step.median, step.off[1]), (2.0, None));
        assert_eq!(group_mad(&[1.0, f64::NAN, 9.0], 3, 0.0).unwrap(), [None]);
    }

    #[test]
    fn members_that_all_agree_are_not_off() {
        let step = one(&[5.0; 4], 0.0);
        assert_eq!((step.deviation, step.off), (0.0, vec![Some(0.0); 4]));
    }

    #[test]
    fn one_that_leaves_those_that_agree_is_off_by_a_finite_distance() {
        let step = one(&[5.0, 5.0, 5.0, 5.0, 6.0], 0.0);
        let (member, off) = step.farthest().unwrap();
        // The mean distance is 1/5.
        assert_eq!(member, 4);
        assert!((off - 5.0 / FRAC_PI_2.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_tight_group_does_not_make_much_of_little() {
        let values = [1000.0, 1000.1, 1000.2, 1002.0];
        assert!(one(&values, 0.0).farthest().unwrap().1 > 10.0);
        assert!(one(&values, 0.01).farthest().unwrap().1 < 1.0);
    }

    #[test]
    fn what_is_no_group_is_refused() {
        assert_eq!(group_mad(&[], 2, 0.0), Err(BatchError::NoRows));
        assert_eq!(group_mad(&[1.0], 0, 0.0), Err(BatchError::NoColumns));
        let ragged = BatchError::Ragged { values: 3, columns: 2 };
        assert_eq!(group_mad(&[1.0; 3], 2, 0.0), Err(ragged));
        let infinite = BatchError::NotFinite { row: 1, column: 1 };
        assert_eq!(group_mad(&[1.0, 1.0, 1.0, f64::INFINITY], 2, 0.0), Err(infinite));
        assert!(matches!(group_mad(&[1.0], 1, f64::NAN), Err(BatchError::Setting { .. })));
    }
}
