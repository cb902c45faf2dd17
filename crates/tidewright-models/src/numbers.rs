//! A fitted model's numbers, read back one after the other.
//!
//! Whoever wrote them is not trusted: what is missing, or is no count where one must be, is `None`.

/// Reads numbers in the order in which they were written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers<'a>(&'a [f64]);

impl<'a> Numbers<'a> {
    /// All of them; `None` unless each is finite.
    pub(crate) fn new(numbers: &'a [f64]) -> Option<Self> {
        numbers.iter().all(|number| number.is_finite()).then_some(Self(numbers))
    }

    /// The next one.
    pub(crate) fn one(&mut self) -> Option<f64> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next one, a count.
    pub(crate) fn count(&mut self) -> Option<usize> {
        let number = self.one()?;
        (number.fract() == 0.0 && (0.0..1e9).contains(&number)).then_some(number as usize)
    }

    /// The next `len`.
    pub(crate) fn many(&mut self, len: usize) -> Option<&'a [f64]> {
        let (many, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(many)
    }

    /// As many as the next one says; [`with_count`] wrote them.
    pub(crate) fn counted(&mut self) -> Option<&'a [f64]> {
        let len = self.count()?;
        self.many(len)
    }

    /// `Some` if nothing is left.
    pub(crate) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Numbers with their count before them.
pub(crate) fn with_count(out: &mut Vec<f64>, numbers: &[f64]) {
    out.push(numbers.len() as f64);
    out.extend(numbers);
}
