//! The noise as a list of numbers and back, so that a fitted model can be saved with it.
//!
//! Numbers that come back are checked as if a stranger had written them: arithmetic relies on what they promise.

use super::{LAW_STEPS, Noise, Scale, Tail};

impl Noise {
    /// All that is known of it, in the order of format 1.
    pub(crate) fn to_numbers(&self) -> Vec<f64> {
        let mut numbers = self.scale.to_numbers().to_vec();
        numbers.extend(self.tail.to_numbers());
        numbers.extend(&self.law);
        numbers
    }

    /// The noise of these numbers; `None` if they cannot be one.
    pub(crate) fn from_numbers(numbers: &[f64]) -> Option<Self> {
        if !numbers.iter().all(|number| number.is_finite()) {
            return None;
        }
        let (scale, rest) = numbers.split_first_chunk()?;
        let (tail, law) = rest.split_first_chunk()?;
        let is_law = law.len() == LAW_STEPS + 1 && law.is_sorted();
        let (scale, tail) = (Scale::from_numbers(*scale)?, Tail::from_numbers(*tail)?);
        is_law.then(|| Self { scale, law: law.to_vec(), tail })
    }
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;

    #[test]
    fn noise_comes_back_as_it_was_and_nonsense_does_not() {
        let mut random = Random::new(3);
        let expected: Vec<f64> = (0..2000).map(|i| 50.0 + f64::from(i % 100)).collect();
        let observed: Vec<f64> =
            expected.iter().map(|level| level + level.sqrt() * random.normal()).collect();
        let noise = Noise::learn(&expected, &observed);
        let numbers = noise.to_numbers();
        let back = Noise::from_numbers(&numbers).expect("these are its numbers");
        assert_eq!(back.to_numbers(), numbers);
        for q in [0.001, 0.3, 0.9999] {
            assert_eq!(back.standard_quantile(q), noise.standard_quantile(q));
        }
        assert!(Noise::from_numbers(&numbers[1..]).is_none());
        for (place, wrong) in [(0, f64::NAN), (4, 0.0), (6, 1.5), (7, 0.0), (9, 0.0), (12, 1e9)] {
            let mut numbers = numbers.clone();
            numbers[place] = wrong;
            assert!(Noise::from_numbers(&numbers).is_none(), "{wrong} at {place}");
        }
    }
}
