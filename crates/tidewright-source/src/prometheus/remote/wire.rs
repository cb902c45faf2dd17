//! The wire format of Protocol Buffers, as far as raw samples need it: numbers, and bytes with their length.
//!
//! The rule: bytes are borrowed, never copied, and a field that says that it is longer than the message breaks it.

/// Bits of a number of the longest kind, seven to a byte.
const NUMBER_BITS: u32 = 64;

/// A message that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Eight or four bytes, which no field of ours has.
    Fixed,
}

/// The fields of a message, in their order.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) const fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn field(&mut self) -> Result<(u64, Value<'a>), Broken> {
        let tag = self.number()?;
        let value = match tag & 7 {
            0 => Value::Number(self.number()?),
            1 => self.bytes(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.number()?;
                Value::Bytes(self.bytes(length)?)
            }
            5 => self.bytes(4).map(|_| Value::Fixed)?,
            _ => return Err(Broken),
        };
        Ok((tag >> 3, value))
    }

    fn number(&mut self) -> Result<u64, Broken> {
        let (number, length) = number(self.rest).ok_or(Broken)?;
        self.rest = &self.rest[length..];
        Ok(number)
    }

    fn bytes(&mut self, length: u64) -> Result<&'a [u8], Broken> {
        let length = usize::try_from(length).map_err(|_| Broken)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Broken)?;
        self.rest = rest;
        Ok(bytes)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// The number that `bytes` begin with, and its length; `None` where they end before it or it is too long.
pub(super) fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let shift = 7 * at as u32;
        if shift >= NUMBER_BITS {
            return None;
        }
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((number, at + 1));
        }
    }
    None
}

/// Appends a number.
pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a field of a number.
pub(super) fn put_number_field(out: &mut Vec<u8>, field: u64, number: u64) {
    put_number(out, field << 3);
    put_number(out, number);
}

/// Appends a field of bytes.
pub(super) fn put_bytes_field(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_number(out, field << 3 | 2);
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_read() {
        let mut message = Vec::new();
        put_number_field(&mut message, 1, u64::MAX);
        put_bytes_field(&mut message, 16, b"text");
        message.extend_from_slice(&[9 << 3 | 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        let fields: Vec<_> = Fields::new(&message).collect();
        let expected =
            [(1, Value::Number(u64::MAX)), (16, Value::Bytes(b"text")), (9, Value::Fixed)];
        assert_eq!(fields, expected.map(Ok));
    }

    #[test]
    fn a_field_that_is_longer_than_its_message_breaks_it() {
        for message in [
            &[10, 5, 1][..],
            &[8],
            &[8, 0xff],
            &[11],
            &[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
        ] {
            assert_eq!(Fields::new(message).collect::<Vec<_>>(), [Err(Broken)], "{message:?}");
        }
    }
}
