//! One pass over the values of a series: every sum that a fit needs of them.
//!
//! Values go by in blocks of 128. A block is multiplied with one small table of waves, which serves every block after a
//! turn by the phase at which the block begins: a shift in time only turns each pair of sine and cosine. Sums stay in eight
//! lanes until a segment, or the series, ends. Gaps count as zeros here; whether there are any is among the results.

use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, ask_for, run};

use super::moments::Detail;
use super::waves::{BLOCK, Waves};

/// Vectors of a block.
const VECTORS: usize = BLOCK / WIDTH;
/// Columns that are summed together: with their ramped sums they fill half of the registers.
const GROUP: usize = 8;

/// How many rows ahead values are asked for: memory answers within two blocks.
const AHEAD: usize = 2 * BLOCK;

/// A piece of at most [`BLOCK`] rows inside one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) segment: usize,
}

/// Sums over the values as they are, with rows counted from the first of the grid.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    /// `sum y` and `sum i y`, `[segments][2]`.
    pub(crate) ones: Vec<[f64; 2]>,
    /// `sum y x`, `[stride]`, with [`Detail::Whole`].
    pub(crate) whole: Lines,
    /// `sum y x` and `sum i y x`, `[segments][2][stride]`, with [`Detail::Segments`].
    pub(crate) edges: Lines,
    pub(crate) square: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// Whether a value is missing, if that was to be told.
    pub(crate) gaps: bool,
}

/// The pieces of segments with these bounds.
pub(crate) fn pieces(bounds: &[usize]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (segment, range) in bounds.windows(2).enumerate() {
        let count = (range[1] - range[0]).div_ceil(BLOCK).max(1);
        let length = (range[1] - range[0]).div_ceil(count).next_multiple_of(WIDTH);
        let starts = (range[0]..range[1]).step_by(length.max(1));
        pieces.extend(starts.map(|from| Piece {
            from,
            to: (from + length).min(range[1]),
            segment,
        }));
    }
    pieces
}

/// What is to be done about gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gaps {
    /// They are told; sums are then worth nothing.
    Tell,
    /// They count as zeros.
    Skip,
}

/// What all series of one layout have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'a> {
    pub(crate) pieces: &'a [Piece],
    pub(crate) waves: &'a Waves,
    /// The columns of each piece's first row, one after another.
    pub(crate) turns: &'a [f64],
    pub(crate) detail: Detail,
}

/// Sums the values of a series.
pub(crate) fn sum(values: &[f64], shape: Shape<'_>, gaps: Gaps) -> Sums {
    let Shape { pieces, waves, detail, .. } = shape;
    let segments = pieces.last().map_or(0, |piece| piece.segment + 1);
    let stride = waves.columns().next_multiple_of(WIDTH);
    let (whole, edges) = match detail {
        Detail::Whole => (stride, 0),
        Detail::Segments => (0, segments * 2 * stride),
    };
    let mut sums = Sums {
        ones: vec![[0.0; 2]; segments],
        whole: Lines::zeros(whole),
        edges: Lines::zeros(edges),
        square: 0.0,
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
        gaps: false,
    };
    run(Pass { values, shape, gaps, sums: &mut sums });
    sums
}

struct Pass<'a> {
    values: &'a [f64],
    shape: Shape<'a>,
    gaps: Gaps,
    sums: &'a mut Sums,
}

/// A block with zeros for gaps and beyond its end, and the same times the row's place in it.
struct Block {
    vectors: usize,
    plain: [[f64; WIDTH]; VECTORS],
    ramped: [[f64; WIDTH]; VECTORS],
}

/// What every value is looked at for.
#[derive(Clone, Copy)]
struct Look<L> {
    raw: L,
    square: L,
    min: L,
    max: L,
}

impl Kernel for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Shape { pieces, waves, turns, detail } = self.shape;
        let columns = waves.columns();
        let stride = columns.next_multiple_of(WIDTH);
        let zero = L::splat(0.0);
        let (low, high) = (L::splat(f64::INFINITY), L::splat(f64::NEG_INFINITY));
        let mut look = Look { raw: zero, square: zero, min: low, max: high };
        let mut block =
            Block { vectors: 0, plain: [[0.0; WIDTH]; VECTORS], ramped: [[0.0; WIDTH]; VECTORS] };
        // Eight lanes per column: plain, then ramped.
        let mut lanes = Lines::zeros(2 * stride * WIDTH);
        for (index, piece) in pieces.iter().enumerate() {
            for ahead in (piece.from..piece.to).step_by(WIDTH) {
                ask_for(self.values, ahead + AHEAD);
            }
            let ones = block.fill::<L>(&self.values[piece.from..piece.to], &mut look);
            self.sums.ones[piece.segment][0] += ones[0];
            self.sums.ones[piece.segment][1] += ones[1] + piece.from as f64 * ones[0];
            let turn = &turns[index * stride..][..stride];
            for group in (0..columns).step_by(GROUP) {
                self.group::<L>(&block, (group, columns), (turn, piece.from as f64), &mut lanes);
            }
            let ends = pieces.get(index + 1).is_none_or(|next| next.segment != piece.segment);
            if ends && self.gaps == Gaps::Tell && look.raw.sum().is_nan() {
                self.sums.gaps = true;
                return;
            }
            if ends && detail == Detail::Segments {
                let edges = &mut self.sums.edges[piece.segment * 2 * stride..][..2 * stride];
                drain::<L>(&mut lanes, edges);
            }
        }
        if detail == Detail::Whole {
            drain::<L>(&mut lanes, &mut self.sums.whole);
        }
        self.sums.square = look.square.sum();
        let (mut lows, mut highs) = ([0.0; WIDTH], [0.0; WIDTH]);
        look.min.store(&mut lows);
        look.max.store(&mut highs);
        self.sums.min = lows.into_iter().fold(f64::INFINITY, f64::min);
        self.sums.max = highs.into_iter().fold(f64::NEG_INFINITY, f64::max);
    }
}

impl Block {
    /// Takes values in; their sum, and the sum of each times its place.
    #[inline(always)]
    fn fill<L: Lanes>(&mut self, values: &[f64], look: &mut Look<L>) -> [f64; 2] {
        let (whole, rest) = values.as_chunks::<WIDTH>();
        let (mut sum, mut ramp) = (L::splat(0.0), L::splat(0.0));
        let mut place = L::load(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        for (index, chunk) in whole.iter().enumerate() {
            let value = L::load(chunk);
            look.over(value);
            let plain = value.or_zero();
            let ramped = plain.mul(place);
            plain.store(&mut self.plain[index]);
            ramped.store(&mut self.ramped[index]);
            look.square = plain.mul_add(plain, look.square);
            sum = sum.add(plain);
            ramp = ramp.add(ramped);
            place = place.add(L::splat(WIDTH as f64));
        }
        self.vectors = whole.len();
        if let Some(last) = rest.last() {
            // What is beyond the end is neither small nor large, and adds nothing.
            let (mut padded, mut empty) = ([*last; WIDTH], [0.0; WIDTH]);
            padded[..rest.len()].copy_from_slice(rest);
            empty[..rest.len()].copy_from_slice(rest);
            look.over(L::load(&padded));
            let plain = L::load(&empty).or_zero();
            let ramped = plain.mul(place);
            plain.store(&mut self.plain[whole.len()]);
            ramped.store(&mut self.ramped[whole.len()]);
            look.square = plain.mul_add(plain, look.square);
            sum = sum.add(plain);
            ramp = ramp.add(ramped);
            self.vectors += 1;
        }
        [sum.sum(), ramp.sum()]
    }
}

impl<L: Lanes> Look<L> {
    #[inline(always)]
    fn over(&mut self, value: L) {
        self.raw = self.raw.add(value);
        // The first operand is the one that may be a gap.
        self.min = value.min(self.min);
        self.max = value.max(self.max);
    }
}

impl Pass<'_> {
    /// Some columns over one block, turned into the phase of the whole and added up.
    #[inline(always)]
    fn group<L: Lanes>(
        &self,
        block: &Block,
        (group, columns): (usize, usize),
        (turn, base): (&[f64], f64),
        lanes: &mut Lines,
    ) {
        match columns - group {
            2 => self.columns::<L, 2>(block, group, (turn, base), lanes),
            4 => self.columns::<L, 4>(block, group, (turn, base), lanes),
            6 => self.columns::<L, 6>(block, group, (turn, base), lanes),
            _ => self.columns::<L, GROUP>(block, group, (turn, base), lanes),
        }
    }

    #[inline(always)]
    fn columns<L: Lanes, const N: usize>(
        &self,
        block: &Block,
        group: usize,
        (turn, base): (&[f64], f64),
        lanes: &mut Lines,
    ) {
        let table = self.shape.waves.table();
        let rows: [&[[f64; WIDTH]]; N] =
            std::array::from_fn(|c| &table[(group + c) * VECTORS..][..block.vectors]);
        let mut plain = [L::splat(0.0); N];
        let mut ramped = [L::splat(0.0); N];
        if self.shape.detail == Detail::Whole {
            for (i, y) in block.plain[..block.vectors].iter().enumerate() {
                let y = L::load(y);
                for (sum, row) in plain.iter_mut().zip(rows) {
                    *sum = y.mul_add(L::load(&row[i]), *sum);
                }
            }
        } else {
            for (i, (y, z)) in block.plain.iter().zip(&block.ramped).take(block.vectors).enumerate()
            {
                let (y, z) = (L::load(y), L::load(z));
                for ((sum, ramp), row) in plain.iter_mut().zip(&mut ramped).zip(rows) {
                    let x = L::load(&row[i]);
                    *sum = y.mul_add(x, *sum);
                    *ramp = z.mul_add(x, *ramp);
                }
            }
        }
        let (plain_lanes, ramped_lanes) = lanes.rows_mut().split_at_mut(turn.len());
        for pair in (0..N).step_by(2) {
            let (sin, cos) = (L::splat(turn[group + pair]), L::splat(turn[group + pair + 1]));
            let at = group + pair;
            let sums = turned::<L>((plain[pair], plain[pair + 1]), (sin, cos));
            grow::<L>(&mut plain_lanes[at..at + 2], sums);
            if self.shape.detail == Detail::Segments {
                let base = L::splat(base);
                let on_sin = base.mul_add(plain[pair], ramped[pair]);
                let on_cos = base.mul_add(plain[pair + 1], ramped[pair + 1]);
                let sums = turned::<L>((on_sin, on_cos), (sin, cos));
                grow::<L>(&mut ramped_lanes[at..at + 2], sums);
            }
        }
    }
}

/// A pair of sums in the phase of the whole.
#[inline(always)]
fn turned<L: Lanes>((on_sin, on_cos): (L, L), (sin, cos): (L, L)) -> (L, L) {
    let sines = cos.mul_add(on_sin, sin.mul(on_cos));
    let cosines = sin.mul_sub_from(on_sin, cos.mul(on_cos));
    (sines, cosines)
}

#[inline(always)]
fn grow<L: Lanes>(lanes: &mut [[f64; WIDTH]], (sines, cosines): (L, L)) {
    L::load(&lanes[0]).add(sines).store(&mut lanes[0]);
    L::load(&lanes[1]).add(cosines).store(&mut lanes[1]);
}

/// Adds up the lanes of each column, and leaves them empty.
#[inline(always)]
fn drain<L: Lanes>(lanes: &mut Lines, out: &mut [f64]) {
    for (lanes, out) in lanes.rows_mut().iter_mut().zip(out) {
        *out = L::load(lanes).sum();
        *lanes = [0.0; WIDTH];
    }
}
