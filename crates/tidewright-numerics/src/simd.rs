//! Eight numbers at a time, by the widest instructions that the machine has.
//!
//! A [`Kernel`] is written once against [`Lanes`] and compiled three times: for AVX-512, for AVX2 with FMA, and plainly for
//! every other machine; [`run`] picks at run time. All widths hold eight numbers, so data are laid out alike everywhere
//! and sums are added in the same order. This is the only place with `unsafe` code, and it has four kinds of it, each with
//! its reason beside it: intrinsics, unaligned loads and stores, the call into a function with more instructions than the
//! caller has, and the view of aligned storage as flat numbers.

#[cfg(target_arch = "x86_64")]
mod avx;
mod exponential;
mod plain;

use std::ops::{Deref, DerefMut};

pub use exponential::exp;

/// How many numbers stand side by side.
pub const WIDTH: usize = 8;

/// Eight numbers in registers.
///
/// Only kernels get to see one, through [`run`], which knows that the machine can do what the type needs.
pub trait Lanes: Copy {
    /// The same number eight times.
    fn splat(x: f64) -> Self;
    /// Eight numbers from anywhere.
    fn load(from: &[f64; WIDTH]) -> Self;
    /// Writes them back.
    fn store(self, to: &mut [f64; WIDTH]);
    /// Sums.
    #[must_use]
    fn add(self, other: Self) -> Self;
    /// Differences.
    #[must_use]
    fn sub(self, other: Self) -> Self;
    /// Products.
    #[must_use]
    fn mul(self, other: Self) -> Self;
    /// Quotients.
    #[must_use]
    fn div(self, other: Self) -> Self;
    /// The smaller of each pair; of a pair with a NaN, the other number's (`other`).
    #[must_use]
    fn min(self, other: Self) -> Self;
    /// The larger of each pair; of a pair with a NaN, the other number's (`other`).
    #[must_use]
    fn max(self, other: Self) -> Self;
    /// `self * factor + addend`, rounded once where the machine can.
    #[must_use]
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// `addend - self * factor`, rounded once where the machine can.
    #[must_use]
    fn mul_sub_from(self, factor: Self, addend: Self) -> Self;
    /// The same numbers, with 0 for every NaN.
    #[must_use]
    fn or_zero(self) -> Self;
    /// The same numbers, with 0 for every one that is not above 0 and at most `most`.
    #[must_use]
    fn or_zero_above(self, most: Self) -> Self;
    /// A bit for each NaN, the first number's lowest.
    fn gaps(self) -> u8;
    /// To the nearest whole numbers, halves to even.
    #[must_use]
    fn round(self) -> Self;
    /// Square roots.
    #[must_use]
    fn sqrt(self) -> Self;
    /// All eight added up, in a fixed order.
    fn sum(self) -> f64;
}

/// A computation on [`Lanes`].
///
/// `run` and everything generic that it calls is `#[inline(always)]`, and no closure touches lanes (loops do): what is
/// compiled by itself is compiled without the wide instructions, still right but many times slower.
pub trait Kernel {
    /// What it computes.
    type Output;
    /// Computes it.
    fn run<L: Lanes>(self) -> Self::Output;
}

/// The instructions that a kernel runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Whatever every machine of this architecture has.
    Plain,
    /// AVX2 with FMA.
    Avx2,
    /// AVX-512.
    Avx512,
}

/// Eight numbers on a cache line of their own: storage for tables that kernels stream through.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct Line(pub [f64; WIDTH]);

/// Lines seen as numbers; their count is a multiple of [`WIDTH`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines(Vec<Line>);

impl Level {
    /// The widest level of this machine.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Self::Avx2;
            }
        }
        Self::Plain
    }

    /// Every level of this machine, the widest last.
    pub fn available() -> &'static [Self] {
        match Self::best() {
            Self::Plain => &[Self::Plain],
            Self::Avx2 => &[Self::Plain, Self::Avx2],
            Self::Avx512 => &[Self::Plain, Self::Avx2, Self::Avx512],
        }
    }
}

/// Runs a kernel on the widest instructions of this machine.
#[inline]
pub fn run<K: Kernel>(kernel: K) -> K::Output {
    run_at(Level::best(), kernel)
}

/// Runs a kernel at one level, or at the machine's best where that is less: for tests that hold the levels together.
#[inline]
pub fn run_at<K: Kernel>(level: Level, kernel: K) -> K::Output {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 if Level::best() == Level::Avx512 => avx::with_avx512(kernel),
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 | Level::Avx2 if Level::best() != Level::Plain => avx::with_avx2(kernel),
        _ => kernel.run::<plain::Plain>(),
    }
}

/// Asks for a number that will be read soon, so that it is in the cache by then; beyond the end nothing is asked for.
#[inline(always)]
pub fn ask_for(numbers: &[f64], index: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(number) = numbers.get(index) {
        avx::ask_for(number);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (numbers, index);
}

impl Lines {
    /// Zeros for at least `len` numbers.
    pub fn zeros(len: usize) -> Self {
        Self(vec![Line::default(); len.div_ceil(WIDTH)])
    }

    /// Makes room for at least `len` numbers, all zero.
    pub fn reset(&mut self, len: usize) {
        self.0.clear();
        self.0.resize(len.div_ceil(WIDTH), Line::default());
    }

    /// The numbers, eight by eight.
    #[inline]
    pub fn rows(&self) -> &[[f64; WIDTH]] {
        self.as_chunks().0
    }

    /// Eight by eight, numbers of which there are whole lines.
    #[inline]
    pub fn rows_of(numbers: &[f64]) -> &[[f64; WIDTH]] {
        numbers.as_chunks().0
    }

    /// The numbers, eight by eight, to be changed.
    #[inline]
    pub fn rows_mut(&mut self) -> &mut [[f64; WIDTH]] {
        self.as_chunks_mut().0
    }
}

impl From<&[f64]> for Lines {
    /// A copy, padded with zeros.
    fn from(numbers: &[f64]) -> Self {
        let mut lines = Self::zeros(numbers.len());
        lines[..numbers.len()].copy_from_slice(numbers);
        lines
    }
}

impl Deref for Lines {
    type Target = [f64];

    #[inline]
    #[expect(unsafe_code, reason = "a `Line` is exactly eight numbers: `repr(C)`, size 64")]
    fn deref(&self) -> &[f64] {
        // SAFETY: `Line` is `repr(C)` around `[f64; 8]`, 64 bytes without padding, so `n` lines are `8 n` numbers.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast(), self.0.len() * WIDTH) }
    }
}

impl DerefMut for Lines {
    #[inline]
    #[expect(unsafe_code, reason = "a `Line` is exactly eight numbers: `repr(C)`, size 64")]
    fn deref_mut(&mut self) -> &mut [f64] {
        // SAFETY: as in `deref`; the borrow of `self` is unique.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), self.0.len() * WIDTH) }
    }
}

#[cfg(test)]
mod tests;
