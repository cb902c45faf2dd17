//! Half-widths of bands, solved for from the law of the future's variance.
//!
//! A future is normal once its variance is known, so the probability of straying by more than `z` deviations is a sum of
//! normal tails, one per variance that may be; `z` is where it equals what the band leaves out. Tails follow Hastings'
//! rational formula (Abramowitz and Stegun 7.1.28, right to 3e-7), eight shares of noise at a time. Where many bends are
//! expected, the law is nearly normal and its quantile is that of Cornish and Fisher, held to the solved one where they
//! meet.

use std::array;

use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use super::law::{BENDS_MAX, Family, Law, POINTS};

/// Shares of noise in a row: evenly from 0 to 1.
pub(super) const SHARES: usize = 40;
/// Scores by noise's share of the deviation.
pub(super) type Row = [f64; SHARES];

/// No share is smaller: it stands for none, without a division by it.
const SHARE_MIN: f64 = 1e-9;
/// Newton's rounds are over once no score moves by more.
const STEP_MIN: f64 = 1e-9;
/// Ten at most are needed; a guard.
const ROUNDS_MAX: usize = 60;
/// Hastings' polynomial for the tail beyond both sides.
const TAIL: [f64; 7] = [
    1.0,
    0.070_523_078_4,
    0.042_282_012_3,
    0.009_270_527_2,
    0.000_152_014_3,
    0.000_276_567_2,
    0.000_043_063_8,
];

/// Solves for one width, row after row.
pub(super) struct Scores {
    outside: f64,
    normal: f64,
    family: Family,
    /// The row before: where the search for the next one starts.
    near: Row,
    /// The last row that is solved for, beyond which the series takes over.
    edge: Option<Row>,
}

impl Scores {
    pub(super) fn new(width: f64, normal: f64) -> Self {
        let near = array::from_fn(|share| normal * share_of(share));
        Self { outside: 1.0 - width, normal, family: Family::new(), near, edge: None }
    }

    /// The row where `bends` are expected; rows are asked for in ascending order.
    pub(super) fn row(&mut self, bends: f64) -> Row {
        if bends <= BENDS_MAX {
            self.near = self.solve(bends);
            return self.near;
        }
        let edge = self.edge.unwrap_or_else(|| self.solve(BENDS_MAX));
        self.edge = Some(edge);
        let fades = (BENDS_MAX / bends).powi(3);
        array::from_fn(|share| {
            let series = |bends: f64| cornish_fisher(self.normal, bends, share_of(share));
            series(bends) + fades * (edge[share] - series(BENDS_MAX))
        })
    }

    fn solve(&self, bends: f64) -> Row {
        let law = self.family.law(bends);
        let mut row = self.near;
        for (group, scores) in row.as_chunks_mut::<WIDTH>().0.iter_mut().enumerate() {
            let shares = array::from_fn(|lane| share_of(group * WIDTH + lane));
            run(Solve { outside: self.outside, tails: Tails::new(&law, shares), scores });
        }
        row
    }
}

fn share_of(column: usize) -> f64 {
    (column as f64 / (SHARES - 1) as f64).max(SHARE_MIN)
}

/// The quantile of the nearly normal law, from its even cumulants `a (2n)!/(2n + 1)` over the variance's powers.
fn cornish_fisher(z: f64, bends: f64, noise_share: f64) -> f64 {
    let signal = 1.0 - noise_share * noise_share;
    let fourth = 10.8 * signal * signal / bends;
    let sixth = 2430.0 / 7.0 * signal.powi(3) / (bends * bends);
    let square = z * z;
    z + fourth * z * (square - 3.0) / 24.0 + sixth * z * (square * (square - 10.0) + 15.0) / 720.0
        - fourth * fourth * z * (square * (3.0 * square - 24.0) + 29.0) / 384.0
}

/// The normal laws that a future is mixed from, for eight shares of noise.
struct Tails {
    masses: [f64; POINTS + 1],
    /// One over the deviation, over the square root of 2.
    sharpness: [[f64; WIDTH]; POINTS + 1],
}

impl Tails {
    fn new(law: &Law, shares: [f64; WIDTH]) -> Self {
        let (mut masses, mut sharpness) = ([law.still; POINTS + 1], [[0.0; WIDTH]; POINTS + 1]);
        masses[1..].copy_from_slice(&law.masses);
        for (lane, share) in shares.iter().enumerate() {
            let noise = share * share;
            let variances = [0.0].into_iter().chain(law.variances);
            for (sharpness, variance) in sharpness.iter_mut().zip(variances) {
                sharpness[lane] = (2.0 * (noise + (1.0 - noise) * variance)).sqrt().recip();
            }
        }
        Self { masses, sharpness }
    }
}

/// Newton's method on a falling and convex function: from its left it never oversteps.
struct Solve<'a> {
    outside: f64,
    tails: Tails,
    scores: &'a mut [f64; WIDTH],
}

impl Kernel for Solve<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let mut z = L::load(self.scores);
        for _ in 0..ROUNDS_MAX {
            let (beyond, slope) = self.tails.beyond(z);
            let next = z.add(beyond.sub(L::splat(self.outside)).div(slope)).max(L::splat(0.0));
            let moved = next.sub(z);
            z = next;
            if moved.mul(moved).sum() < STEP_MIN * STEP_MIN {
                break;
            }
        }
        z.store(self.scores);
    }
}

impl Tails {
    /// The probability of straying by more than `z`, and how fast it falls.
    #[inline(always)]
    fn beyond<L: Lanes>(&self, z: L) -> (L, L) {
        let (mut beyond, mut slope) = (L::splat(0.0), L::splat(0.0));
        for (mass, sharpness) in self.masses.iter().zip(&self.sharpness) {
            let sharpness = L::load(sharpness);
            let x = z.mul(sharpness);
            let (mut sum, mut rise) = (L::splat(TAIL[6]), L::splat(0.0));
            for factor in TAIL[..6].iter().rev() {
                rise = rise.mul_add(x, sum);
                sum = sum.mul_add(x, L::splat(*factor));
            }
            let inverse = L::splat(1.0).div(sum);
            let second = inverse.mul(inverse);
            let fourth = second.mul(second);
            let eighth = fourth.mul(fourth);
            let tail = eighth.mul(eighth).mul(L::splat(*mass));
            beyond = beyond.add(tail);
            slope = tail.mul(rise.mul(inverse).mul(sharpness)).mul_add(L::splat(16.0), slope);
        }
        (beyond, slope)
    }
}
