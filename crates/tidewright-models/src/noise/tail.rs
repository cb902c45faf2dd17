//! The tail of standardised noise beyond the data's last percent, and how exceedances cluster.
//!
//! A generalised Pareto law by probability-weighted moments (Hosking and Wallis 1987), its shape held near the
//! exponential's because a hundred exceedances know little about it; the extremal index by the intervals between
//! exceedances (Ferro and Segers 2003), which needs no run length to be chosen.

/// The shape that counts before any data do: exponential, a little heavier than normal noise is at 1 %.
const SHAPE_PRIOR: f64 = 0.0;
/// Clusters that the prior shape weighs.
const SHAPE_PRIOR_CLUSTERS: f64 = 50.0;
/// Lighter than normal noise at 1 % would promise an end of the tail that nobody has seen.
const SHAPE_MIN: f64 = -0.1;
/// Heavier would extrapolate to absurdity.
const SHAPE_MAX: f64 = 0.25;
/// Fewer exceedances say nothing about clusters.
const CLUSTERED_MIN: usize = 10;

/// The upper tail.
// Invariant: `width > 0`, `0 < share < 1`, `0 < extremal_index <= 1`, `SHAPE_MIN <= shape <= SHAPE_MAX`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tail {
    /// Where it begins.
    pub(crate) from: f64,
    /// How much of the noise lies beyond.
    pub(crate) share: f64,
    width: f64,
    shape: f64,
    /// The share of exceedances that start a cluster.
    pub(crate) extremal_index: f64,
}

impl Tail {
    /// Learns the tail of `share` from misses in order of time (NaN: absent) and in order of size.
    pub(crate) fn learn(misses: &[f64], sorted: &[f64], share: f64) -> Self {
        let count = ((share * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len() - 1);
        let (below, above) = sorted.split_at(sorted.len() - count);
        let from = below[below.len() - 1];
        let excess: Vec<f64> = above.iter().map(|miss| miss - from).collect();
        let extremal_index = extremal_index(misses, from);
        let mean = excess.iter().sum::<f64>() / count as f64;
        let clusters = extremal_index * count as f64;
        let shape = shape(&excess, mean, clusters);
        // The width that keeps the mean excess; a tail without any extent keeps a token of the noise's own unit.
        let width = (mean * (1.0 - shape)).max(1e-9);
        // An exponential tail whose width was measured on `n` clusters predicts a Pareto tail of shape `1/n`.
        let shape = (shape + 1.0 / clusters.max(1.0)).min(SHAPE_MAX);
        Self { from, share: count as f64 / sorted.len() as f64, width, shape, extremal_index }
    }

    /// The probability of exceeding `z`, which lies in the tail.
    pub(crate) fn exceedance(&self, z: f64) -> f64 {
        let reach = (z - self.from) / self.width;
        if self.shape.abs() < 1e-6 {
            return self.share * (-reach).exp();
        }
        self.share * (1.0 + self.shape * reach).max(0.0).powf(-1.0 / self.shape)
    }

    /// What is exceeded with probability `p`, which is less than the tail's share.
    pub(crate) fn beyond(&self, p: f64) -> f64 {
        let ratio = self.share / p;
        if self.shape.abs() < 1e-6 {
            return self.from + self.width * ratio.ln();
        }
        self.from + self.width * (ratio.powf(self.shape) - 1.0) / self.shape
    }
}

impl Tail {
    /// Its fields in their order.
    pub(super) const fn to_numbers(self) -> [f64; 5] {
        [self.from, self.share, self.width, self.shape, self.extremal_index]
    }

    /// The same back, if they keep the invariant.
    pub(super) fn from_numbers(
        [from, share, width, shape, extremal_index]: [f64; 5],
    ) -> Option<Self> {
        let sound = width > 0.0
            && share > 0.0
            && share < 1.0
            && extremal_index > 0.0
            && extremal_index <= 1.0
            && (SHAPE_MIN..=SHAPE_MAX).contains(&shape);
        sound.then_some(Self { from, share, width, shape, extremal_index })
    }
}

fn shape(excess: &[f64], mean: f64, clusters: f64) -> f64 {
    let count = excess.len() as f64;
    let ranked = excess.iter().enumerate();
    let weighted = ranked.map(|(i, excess)| (1.0 - (i as f64 + 0.65) / count) * excess);
    let moment = weighted.sum::<f64>() / count;
    let found = if mean > 2.0 * moment { 2.0 - mean / (mean - 2.0 * moment) } else { SHAPE_PRIOR };
    let weight = clusters / (clusters + SHAPE_PRIOR_CLUSTERS);
    (weight * found + (1.0 - weight) * SHAPE_PRIOR).clamp(SHAPE_MIN, SHAPE_MAX)
}

fn extremal_index(misses: &[f64], from: f64) -> f64 {
    let times: Vec<usize> = (0..misses.len()).filter(|&i| misses[i] > from).collect();
    if times.len() < CLUSTERED_MIN {
        return 1.0;
    }
    let gaps = times.windows(2).map(|pair| (pair[1] - pair[0]) as f64);
    // Long gaps: neighbours within a cluster are told apart from clusters by how the gaps spread.
    let wide = gaps.clone().any(|gap| gap > 2.0);
    let sums = gaps.fold((0.0, 0.0), |(plain, square), gap| match wide {
        true => (plain + gap - 1.0, square + (gap - 1.0) * (gap - 2.0)),
        false => (plain + gap, square + gap * gap),
    });
    let index = 2.0 * sums.0 * sums.0 / ((times.len() - 1) as f64 * sums.1.max(f64::MIN_POSITIVE));
    index.clamp(1.0 / times.len() as f64, 1.0)
}
