//! Unpacks chunks of numbers: Prometheus' form of the encoding of the Gorilla paper (Pelkonen et al., VLDB 2015).
//!
//! The rule: a chunk is read once, from front to back, without any memory but its last sample; bytes that end before the
//! samples do are an error. Moments are differences of differences, values are the exclusive or with the one before.

/// Widths of a difference of differences, by the number of ones in front of it; with four ones it is whole.
const WIDTHS: [u32; 4] = [0, 14, 17, 20];

/// A chunk begins with the number of its samples.
const COUNT_BYTES: usize = 2;

/// Bits that are read from the front of each byte on.
#[derive(Debug)]
struct Bits<'a> {
    bytes: &'a [u8],
    // The next byte that is not in `held`.
    at: usize,
    // Bits that were taken from the bytes and not read yet, at the high end.
    held: u64,
    count: u32,
}

/// How the value before was written.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    leading: u32,
    trailing: u32,
}

/// Gives each sample of a chunk to `take`, in milliseconds and as a number; `None` where the chunk makes no sense.
pub(super) fn samples(chunk: &[u8], mut take: impl FnMut(i64, f64)) -> Option<()> {
    let (head, bytes) = chunk.split_at_checked(COUNT_BYTES)?;
    let count = u16::from_be_bytes([head[0], head[1]]);
    let mut bits = Bits { bytes, at: 0, held: 0, count: 0 };
    let (mut millis, mut step, mut value, mut shape) = (0_i64, 0_i64, 0_u64, Shape::default());
    for sample in 0..count {
        match sample {
            0 => {
                millis = bits.signed()?;
                value = bits.take(64)?;
            }
            1 => {
                step = bits.unsigned()? as i64;
                millis = millis.wrapping_add(step);
                value = bits.next_value(value, &mut shape)?;
            }
            _ => {
                step = step.wrapping_add(bits.change()?);
                millis = millis.wrapping_add(step);
                value = bits.next_value(value, &mut shape)?;
            }
        }
        take(millis, f64::from_bits(value));
    }
    Some(())
}

impl Bits<'_> {
    /// The next `width` bits, at most 64.
    #[inline]
    fn take(&mut self, width: u32) -> Option<u64> {
        if width > 32 {
            let high = self.take(32)?;
            return Some(high << (width - 32) | self.take(width - 32)?);
        }
        if self.count < width {
            self.fill();
        }
        if self.count < width {
            return None;
        }
        // In two steps: a shift by all 64 bits is none.
        let bits = self.held >> 1 >> (63 - width);
        self.held <<= width;
        self.count -= width;
        Some(bits)
    }

    #[inline]
    fn fill(&mut self) {
        if let Some(Ok(eight)) = self.bytes.get(self.at..self.at + 8).map(<[u8; 8]>::try_from) {
            // Bits below the last whole byte are read again by the next filling, and are the same then.
            self.held |= u64::from_be_bytes(eight) >> self.count;
            self.at += (63 - self.count as usize) / 8;
            self.count |= 56;
            return;
        }
        while self.count <= 56
            && let Some(&byte) = self.bytes.get(self.at)
        {
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
            self.at += 1;
        }
    }

    /// A difference of differences.
    #[inline]
    fn change(&mut self) -> Option<i64> {
        for width in WIDTHS {
            if self.take(1)? == 1 {
                continue;
            }
            if width == 0 {
                return Some(0);
            }
            let bits = self.take(width)? as i64;
            let is_negative = bits > 1 << (width - 1);
            return Some(if is_negative { bits - (1 << width) } else { bits });
        }
        self.take(64).map(|bits| bits as i64)
    }

    #[inline]
    fn next_value(&mut self, last: u64, shape: &mut Shape) -> Option<u64> {
        if self.take(1)? == 0 {
            return Some(last);
        }
        if self.take(1)? == 1 {
            let leading = self.take(5)? as u32;
            // 64 does not fit into six bits, and 0 is of no use.
            let width = match self.take(6)? as u32 {
                0 => 64,
                width => width,
            };
            let trailing = 64_u32.checked_sub(leading + width)?;
            *shape = Shape { leading, trailing };
        }
        let width = 64 - shape.leading - shape.trailing;
        Some(last ^ self.take(width)? << shape.trailing)
    }

    /// A number in bytes of seven bits.
    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(8)?;
            number |= (byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// The same with its sign in the last bit.
    fn signed(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bits as they are written.
    #[derive(Default)]
    struct Out {
        bytes: Vec<u8>,
        used: u32,
    }

    impl Out {
        fn put(&mut self, bits: u64, width: u32) {
            for bit in (0..width).rev() {
                if self.used.is_multiple_of(8) {
                    self.bytes.push(0);
                }
                let last = self.bytes.last_mut().unwrap();
                *last |= ((bits >> bit & 1) as u8) << (7 - self.used % 8);
                self.used += 1;
            }
        }

        fn put_unsigned(&mut self, mut number: u64) {
            while number >= 0x80 {
                self.put(number & 0x7f | 0x80, 8);
                number >>= 7;
            }
            self.put(number, 8);
        }

        fn put_change(&mut self, change: i64) {
            let fits = |width: u32| (-(1 << (width - 1)) < change) && change <= 1 << (width - 1);
            if change == 0 {
                return self.put(0, 1);
            }
            match (1..4).find(|&ones| fits(WIDTHS[ones])) {
                Some(ones) => {
                    self.put((1 << (ones + 1)) - 2, ones as u32 + 1);
                    self.put(change as u64 & ((1 << WIDTHS[ones]) - 1), WIDTHS[ones]);
                }
                None => {
                    self.put(0b1111, 4);
                    self.put(change as u64, 64);
                }
            }
        }

        fn put_value(&mut self, last: u64, value: u64, shape: &mut Option<Shape>) {
            let difference = last ^ value;
            if difference == 0 {
                return self.put(0, 1);
            }
            let own = Shape {
                leading: difference.leading_zeros().min(31),
                trailing: difference.trailing_zeros(),
            };
            let fits = shape.filter(|s| s.leading <= own.leading && s.trailing <= own.trailing);
            let used = fits.unwrap_or(own);
            let width = 64 - used.leading - used.trailing;
            if fits.is_some() {
                self.put(0b10, 2);
            } else {
                self.put(0b11, 2);
                self.put(u64::from(own.leading), 5);
                self.put(u64::from(width % 64), 6);
                *shape = Some(own);
            }
            self.put(difference >> used.trailing, width);
        }
    }

    /// A chunk of these samples.
    pub(in super::super) fn pack(samples: &[(i64, f64)]) -> Vec<u8> {
        let mut out = Out::default();
        out.put(samples.len() as u64, 16);
        let (mut last, mut step, mut shape) = ((0, 0), 0, None);
        for (index, &(millis, value)) in samples.iter().enumerate() {
            let bits = value.to_bits();
            match index {
                0 => {
                    out.put_unsigned((millis << 1 ^ millis >> 63) as u64);
                    out.put(bits, 64);
                }
                1 => {
                    step = millis - last.0;
                    out.put_unsigned(step as u64);
                    out.put_value(last.1, bits, &mut shape);
                }
                _ => {
                    out.put_change(millis - last.0 - step);
                    step = millis - last.0;
                    out.put_value(last.1, bits, &mut shape);
                }
            }
            last = (millis, bits);
        }
        out.bytes
    }

    fn unpack(chunk: &[u8]) -> Option<Vec<(i64, u64)>> {
        let mut found = Vec::new();
        samples(chunk, |millis, value| found.push((millis, value.to_bits()))).map(|()| found)
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(
            start in -1_000_000_000_000_i64..2_000_000_000_000,
            samples in proptest::collection::vec((1_i64..100_000_000, prop_oneof![
                any::<f64>(), (0_u32..100_000).prop_map(f64::from),
            ]), 0..150),
        ) {
            let mut at = start;
            let samples: Vec<_> = samples.into_iter().map(|(step, value)| { at += step; (at, value) }).collect();
            let chunk = pack(&samples);
            let expected: Vec<_> = samples.iter().map(|(at, value)| (*at, value.to_bits())).collect();
            prop_assert_eq!(unpack(&chunk), Some(expected));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn a_chunk_that_ends_early_makes_no_sense() {
        let chunk = pack(&[(1000, 1.0), (2000, 2.0), (3000, 4.0)]);
        for length in 0..chunk.len() - 1 {
            assert_eq!(unpack(&chunk[..length]), None, "{length}");
        }
    }
}
