//! Loess on equal distances: a line or a constant fitted around each point, near neighbours counting most.
//!
//! Where the neighbours are and what they count depends on the length alone, so a [`Loess`] is made once for a length and
//! smooths any number of series by one sum of products each point. With weights of the points' own, which robustness
//! brings, nothing can be summed beforehand, and the line is fitted by its moments. Knows nothing of seasons.
//!
//! Cleveland, Cleveland, McRae, Terpenning (1990), "STL: A Seasonal-Trend Decomposition Procedure Based on Loess", Journal
//! of Official Statistics 6, section 2. Places count from 1, as there; 0 and `len + 1` lie one step outside.

use tidewright_numerics::dot;

/// Nearer than this share of the reach a neighbour counts in full, and beyond the rest of it not at all.
const NEAR: f64 = 0.001;

/// What is fitted around each point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degree {
    /// A weighted mean.
    Constant,
    /// A weighted least-squares line.
    Line,
}

/// How far a smoother looks, and what it fits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Points around each point, itself among them: odd, at least 3.
    pub window: usize,
    /// What is fitted to them.
    pub degree: Degree,
}

/// A smoother for one length.
#[derive(Clone, Debug)]
pub(super) struct Loess {
    len: usize,
    degree: Degree,
    /// Neighbours of each point.
    width: usize,
    fits: Vec<Fit>,
    /// How much each neighbour of a fit counts, by distance alone: `width` numbers for each distinct row.
    nearness: Vec<f64>,
    /// By what each neighbour's value is multiplied in sum: as many.
    factors: Vec<f64>,
}

/// One point that is fitted; between them lie those that are interpolated.
#[derive(Clone, Copy, Debug)]
struct Fit {
    at: usize,
    left: usize,
    row: usize,
}

/// Every `stride`th of some numbers, and the weights of the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column<'a> {
    pub(super) values: &'a [f64],
    pub(super) weights: &'a [f64],
    pub(super) first: usize,
    pub(super) stride: usize,
}

impl Loess {
    /// Fits every `jump`th point and the last, and interpolates between.
    pub(super) fn within(len: usize, span: Span, jump: usize) -> Self {
        let jump = jump.min(len.saturating_sub(1)).max(1);
        let mut loess = Self::empty(len, span);
        for at in (1..=len).step_by(jump) {
            loess.push(at, loess.left(at), span.window);
        }
        let Some(last) = loess.fits.last().copied().filter(|fit| fit.at < len) else {
            return loess;
        };
        // As in the original program: the last point keeps the neighbours of the one before.
        loess.push(len, last.left, span.window);
        loess
    }

    /// Fits every point and the two one step outside.
    pub(super) fn beyond(len: usize, span: Span) -> Self {
        let mut loess = Self::empty(len, span);
        for at in 0..=len + 1 {
            loess.push(at, loess.left(at), span.window);
        }
        loess
    }

    fn empty(len: usize, span: Span) -> Self {
        let (width, degree) = (span.window.min(len), span.degree);
        Self { len, degree, width, fits: vec![], nearness: vec![], factors: vec![] }
    }

    /// The first neighbour: the point stands in the middle wherever there is room.
    fn left(&self, at: usize) -> usize {
        (at.saturating_sub((self.width - 1) / 2)).clamp(1, self.len + 1 - self.width)
    }

    fn push(&mut self, at: usize, left: usize, window: usize) {
        // In the middle all points have their neighbours alike.
        let alike =
            |last: &&Fit| at >= left && last.at >= last.left && last.at - last.left == at - left;
        let alike = self.fits.last().filter(alike).map(|last| last.row);
        let row = alike.unwrap_or_else(|| self.add_row(at, left, window));
        self.fits.push(Fit { at, left, row });
    }

    /// Writes how much each neighbour counts, and returns where.
    fn add_row(&mut self, at: usize, left: usize, window: usize) -> usize {
        let row = self.nearness.len();
        let right = left + self.width - 1;
        let reach =
            at.saturating_sub(left).max(right.saturating_sub(at)) + (window - self.width) / 2;
        self.nearness.extend((left..=right).map(|place| tricube(place.abs_diff(at), reach)));
        let nearness = &self.nearness[row..];
        let moments = Moments::of(nearness.iter().map(|nearness| (*nearness, 0.0)), at, left);
        let line = moments.line(self.degree, self.len);
        self.factors.extend(nearness.iter().zip(left..).map(|(nearness, place)| {
            nearness / moments.weight * (1.0 + line * (apart(place, at) - moments.centre()))
        }));
        row
    }

    /// How much of each value is in its own smooth, summed over the values: the parameters that a smoother is worth.
    pub(super) fn trace(&self) -> f64 {
        let inside = self.fits.iter().filter(|fit| (1..=self.len).contains(&fit.at));
        inside.map(|fit| self.factors[fit.row + fit.at - fit.left]).sum()
    }

    /// The smoothed values.
    pub(super) fn smooth(&self, values: &[f64], out: &mut [f64]) {
        for fit in &self.fits {
            let factors = &self.factors[fit.row..][..self.width];
            out[fit.at - 1] = dot(factors, &values[fit.left - 1..][..self.width]);
        }
        self.interpolate(out);
    }

    /// The smoothed values of points that have weights.
    pub(super) fn smooth_weighted(&self, values: &[f64], weights: &[f64], out: &mut [f64]) {
        let column = Column { values, weights, first: 0, stride: 1 };
        for fit in &self.fits {
            out[fit.at - 1] = self.fit_weighted(fit, column).unwrap_or(values[fit.at - 1]);
        }
        self.interpolate(out);
    }

    /// Smooths columns side by side, each `stride` apart; a smoother from [`Loess::beyond`] writes two rows more than it reads.
    pub(super) fn smooth_columns(
        &self,
        values: &[f64],
        stride: usize,
        columns: std::ops::Range<usize>,
        out: &mut [f64],
    ) {
        for fit in self.fits.iter().filter(|_| !columns.is_empty()) {
            let out = &mut out[fit.at * stride..][columns.clone()];
            out.fill(0.0);
            for (factor, place) in self.factors[fit.row..][..self.width].iter().zip(fit.left - 1..)
            {
                let values = &values[place * stride..][columns.clone()];
                out.iter_mut().zip(values).for_each(|(out, value)| *out += factor * value);
            }
        }
    }

    /// The same of one column, the points of which have weights.
    pub(super) fn smooth_column_weighted(&self, column: Column<'_>, out: &mut [f64]) {
        let Column { first, stride, .. } = column;
        for fit in &self.fits {
            let inside = fit.at.clamp(1, self.len) == fit.at;
            let otherwise =
                if inside { column.values[first + (fit.at - 1) * stride] } else { f64::NAN };
            out[first + fit.at * stride] = self.fit_weighted(fit, column).unwrap_or(otherwise);
        }
        // Outside there is no value to fall back on: the nearest smoothed one goes on.
        for (outside, nearest) in [(0, 1), (self.len + 1, self.len)] {
            if out[first + outside * stride].is_nan() {
                out[first + outside * stride] = out[first + nearest * stride];
            }
        }
    }

    /// `None` if no neighbour has weight.
    fn fit_weighted(&self, fit: &Fit, column: Column<'_>) -> Option<f64> {
        let nearness = &self.nearness[fit.row..][..self.width];
        let places = (fit.left - 1..).map(|place| column.first + place * column.stride);
        let points = nearness.iter().zip(places);
        let weighted = points.map(|(nearness, i)| (nearness * column.weights[i], column.values[i]));
        let moments = Moments::of(weighted, fit.at, fit.left);
        let line = moments.line(self.degree, self.len);
        (moments.weight > 0.0).then(|| {
            let mean = moments.values / moments.weight;
            mean + line * (moments.slopes / moments.weight - moments.centre() * mean)
        })
    }

    fn interpolate(&self, out: &mut [f64]) {
        for pair in self.fits.windows(2) {
            let (from, to) = (pair[0].at - 1, pair[1].at - 1);
            let step = (out[to] - out[from]) / (to - from) as f64;
            let start = out[from];
            for (i, out) in out[from..to].iter_mut().enumerate() {
                *out = start + step * i as f64;
            }
        }
    }
}

/// Sums over the neighbours of a point; distances count from the point.
struct Moments {
    weight: f64,
    first: f64,
    second: f64,
    values: f64,
    slopes: f64,
}

impl Moments {
    fn of(points: impl Iterator<Item = (f64, f64)>, at: usize, left: usize) -> Self {
        let mut sums = Self { weight: 0.0, first: 0.0, second: 0.0, values: 0.0, slopes: 0.0 };
        let mut distance = apart(left, at);
        for (weight, value) in points {
            let (lever, weighted) = (weight * distance, weight * value);
            sums.weight += weight;
            sums.first += lever;
            sums.second += lever * distance;
            sums.values += weighted;
            sums.slopes += weighted * distance;
            distance += 1.0;
        }
        sums
    }

    /// Where the weight lies, seen from the point.
    fn centre(&self) -> f64 {
        self.first / self.weight
    }

    /// By what a neighbour's distance from the centre changes its factor; 0 where a line cannot be told from a constant.
    fn line(&self, degree: Degree, len: usize) -> f64 {
        let spread = self.second / self.weight - self.centre().powi(2);
        let enough = spread.max(0.0).sqrt() > NEAR * (len as f64 - 1.0);
        if degree == Degree::Line && enough { -self.centre() / spread } else { 0.0 }
    }
}

fn apart(place: usize, at: usize) -> f64 {
    place as f64 - at as f64
}

fn tricube(distance: usize, reach: usize) -> f64 {
    let (distance, reach) = (distance as f64, reach as f64);
    if distance > (1.0 - NEAR) * reach {
        return 0.0;
    }
    if distance <= NEAR * reach { 1.0 } else { (1.0 - (distance / reach).powi(3)).powi(3) }
}
