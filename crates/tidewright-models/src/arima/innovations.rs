//! The exact innovations of eight models at once on one series without gaps.
//!
//! Chandrasekhar recursions (Morf, Sidhu, Kailath 1974): from a stationary beginning the filter's covariance changes by
//! one rank a step, so a step costs the length of the state, not its square. Once the variance has settled, so has the
//! gain, and only the state goes on. Eight parameter vectors stand side by side in the lanes. Gaps are not for here.

use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, run};

use super::covariance::Stationary;
use super::orders::Orders;
use super::polynomials::{Coefficients, Polynomials};

/// Steps between two looks at whether the filter has settled; the variances between fit into one product.
const STEPS_PER_LOOK: usize = 16;
/// A change of the variance below this is far below what anyone sees in a likelihood.
const SETTLED: f64 = 1e-14;

/// Standardised innovations of eight models, and the logarithms of their variances added up.
#[derive(Debug, Default)]
pub(super) struct Innovations {
    /// One row a step, one model a lane: `v / sqrt(F)`.
    pub(super) rows: Lines,
    /// For each model the sum of `ln F`.
    pub(super) log_variances: [f64; WIDTH],
    room: Room,
}

#[derive(Debug, Default)]
struct Room {
    ar: Lines,
    gain: Lines,
    state: Lines,
    change: Lines,
    constant: [f64; WIDTH],
    variance: [f64; WIDTH],
}

impl Innovations {
    /// Computes them for a series that is differenced already.
    pub(super) fn compute(&mut self, values: &[f64], orders: &Orders, models: &[Coefficients]) {
        let len = orders.state();
        self.room.reset(len);
        for (lane, model) in models.iter().take(WIDTH).enumerate() {
            self.room.set(lane, model, orders.season(), len);
        }
        self.rows.reset(values.len() * WIDTH);
        let rows = self.rows.rows_mut();
        self.log_variances = run(Filter { values, room: &mut self.room, rows });
    }
}

impl Room {
    fn reset(&mut self, len: usize) {
        self.ar.reset(len * WIDTH);
        self.gain.reset(len * WIDTH);
        self.state.reset((len + 1) * WIDTH);
        self.change.reset((len + 1) * WIDTH);
        self.constant = [0.0; WIDTH];
        self.variance = [1.0; WIDTH];
    }

    /// Puts a model into its lane; one that is not stationary yields NaN.
    fn set(&mut self, lane: usize, model: &Coefficients, season: usize, len: usize) {
        self.constant[lane] = model.constant;
        let Some(law) = Stationary::new(&Polynomials::new(model, season), len) else {
            self.variance[lane] = f64::NAN;
            return;
        };
        self.variance[lane] = law.with_value[0];
        for (i, gain) in law.gain().into_iter().enumerate() {
            self.ar[i * WIDTH + lane] = law.ar[i];
            self.gain[i * WIDTH + lane] = gain;
            self.change[i * WIDTH + lane] = gain;
        }
    }
}

struct Filter<'a> {
    values: &'a [f64],
    room: &'a mut Room,
    rows: &'a mut [[f64; WIDTH]],
}

/// What changes from step to step besides the state: the variance, its inverse, and the weight of its next change.
struct Moving<L> {
    variance: L,
    inverse: L,
    weight: L,
}

impl Kernel for Filter<'_> {
    type Output = [f64; WIDTH];

    #[inline(always)]
    fn run<L: Lanes>(self) -> [f64; WIDTH] {
        let Filter { values, room, rows } = self;
        let one = L::splat(1.0);
        let variance = L::load(&room.variance);
        let inverse = one.div(variance);
        let weight = L::splat(0.0).sub(inverse);
        let mut moving = Moving { variance, inverse, weight };
        let mut logs = [0.0; WIDTH];
        let mut done = 0;
        while done < values.len() && !is_settled::<L>(room, moving.weight) {
            let end = (done + STEPS_PER_LOOK).min(values.len());
            let mut product = one;
            for t in done..end {
                product = product.mul(moving.variance);
                step(room, values[t], &mut moving, &mut rows[t]);
            }
            add_logs(&mut logs, product, 1.0);
            done = end;
        }
        coast(room, &values[done..], &moving, &mut rows[done..]);
        add_logs(&mut logs, moving.variance, (values.len() - done) as f64);
        logs
    }
}

/// One step of the filter, its gain and the change of its covariance.
#[inline(always)]
fn step<L: Lanes>(room: &mut Room, value: f64, moving: &mut Moving<L>, out: &mut [f64; WIDTH]) {
    let ar = room.ar.rows();
    let (gain, state) = (room.gain.rows_mut(), room.state.rows_mut());
    let change = room.change.rows_mut();
    let expected = L::load(&state[0]);
    let miss = L::splat(value).sub(L::load(&room.constant)).sub(expected);
    miss.mul(moving.inverse.sqrt()).store(out);
    let first = L::load(&change[0]);
    let pull = moving.weight.mul(first);
    let variance = pull.mul_add(first, moving.variance).max(L::splat(1.0));
    let miss = miss.mul(moving.inverse);
    let shrink = first.mul(moving.inverse);
    for i in 0..ar.len() {
        let phi = L::load(&ar[i]);
        let old = L::load(&gain[i]);
        let next = phi.mul_add(expected, L::load(&state[i + 1]));
        old.mul_add(miss, next).store(&mut state[i]);
        let moved = phi.mul_add(first, L::load(&change[i + 1]));
        old.mul_sub_from(shrink, moved).store(&mut change[i]);
        moved.mul_add(pull, old).store(&mut gain[i]);
    }
    moving.inverse = L::splat(1.0).div(variance);
    moving.weight = moving.weight.mul(moving.variance).mul(moving.inverse);
    moving.variance = variance;
}

/// Goes on to the end with the gain as it is.
#[inline(always)]
fn coast<L: Lanes>(room: &mut Room, values: &[f64], moving: &Moving<L>, rows: &mut [[f64; WIDTH]]) {
    let ar = room.ar.rows();
    let (gain, state) = (room.gain.rows_mut(), room.state.rows_mut());
    let constant = L::load(&room.constant);
    let scale = moving.inverse.sqrt();
    for gain in gain.iter_mut() {
        L::load(gain).mul(moving.inverse).store(gain);
    }
    for (value, row) in values.iter().zip(rows) {
        let expected = L::load(&state[0]);
        let miss = L::splat(*value).sub(constant).sub(expected);
        miss.mul(scale).store(row);
        for i in 0..ar.len() {
            let next = L::load(&ar[i]).mul_add(expected, L::load(&state[i + 1]));
            L::load(&gain[i]).mul_add(miss, next).store(&mut state[i]);
        }
    }
}

#[inline(always)]
fn is_settled<L: Lanes>(room: &Room, weight: L) -> bool {
    let mut most = L::splat(0.0);
    for change in room.change.rows() {
        let change = L::load(change);
        most = change.mul(change).max(most);
    }
    let mut each = [0.0; WIDTH];
    most.mul(weight).store(&mut each);
    // A lane without a law is NaN for good and holds up nobody.
    let mut settled = true;
    for change in each {
        settled &= change.is_nan() || change.abs() < SETTLED;
    }
    settled
}

#[inline(always)]
fn add_logs<L: Lanes>(logs: &mut [f64; WIDTH], variance: L, times: f64) {
    let mut each = [0.0; WIDTH];
    variance.store(&mut each);
    for (log, variance) in logs.iter_mut().zip(each) {
        *log += times * variance.ln();
    }
}
