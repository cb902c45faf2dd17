//! Saved models as bytes: an envelope that notices damage, and the numbers and texts inside.
//!
//! An envelope is a magic word, the version, the length of the body, the body, and a CRC-32 of all that, little-endian.
//! Numbers are kept to the last bit. Whatever comes back is checked as if a stranger had written it: a count never makes
//! a reader allocate more than the bytes that are left could fill. What a body means is each model's own.

use tidewright_core::Timestamp;

use crate::DecodeError;

/// Magic, version and length.
pub(crate) const HEAD: usize = 20;
/// The checksum.
pub(crate) const TAIL: usize = 4;

/// What a kind of model's bytes begin with, and the last version that is known of them.
pub(crate) struct Envelope {
    pub(crate) magic: &'static [u8; 8],
    pub(crate) version: u32,
}

impl Envelope {
    /// The body in its envelope.
    pub(crate) fn seal(&self, body: Writer) -> Vec<u8> {
        let body = body.bytes;
        let mut bytes = self.magic.to_vec();
        bytes.extend(self.version.to_le_bytes());
        bytes.extend((body.len() as u64).to_le_bytes());
        bytes.extend(body);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// What stands between a sound head and a sound checksum.
    pub(crate) fn open<'a>(&self, bytes: &'a [u8]) -> Read<Reader<'a>> {
        if !bytes.starts_with(self.magic) {
            return Err(DecodeError::NotAModel);
        }
        let short = DecodeError::Length { expected: HEAD + TAIL, found: bytes.len() };
        let mut head = Reader::new(bytes.get(self.magic.len()..HEAD).ok_or(short)?);
        let found = head.word("version")?;
        if found == 0 || found > self.version {
            return Err(DecodeError::Version { found, known: self.version });
        }
        let expected = head.count("length")?.saturating_add(HEAD + TAIL);
        if bytes.len() != expected {
            return Err(DecodeError::Length { expected, found: bytes.len() });
        }
        let (content, checksum) = bytes.split_at(expected - TAIL);
        if crc32fast::hash(content).to_le_bytes() != checksum {
            return Err(DecodeError::Damaged);
        }
        Ok(Reader::new(&content[HEAD..]))
    }
}

/// Bytes to be saved.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

/// Saved bytes, read from the front.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

/// What is read, or why it cannot be.
pub(crate) type Read<T> = Result<T, DecodeError>;

impl Writer {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.bytes.extend((count as u64).to_le_bytes());
    }

    pub(crate) fn number(&mut self, number: f64) {
        self.bytes.extend(number.to_le_bytes());
    }

    pub(crate) fn numbers(&mut self, numbers: &[f64]) {
        self.count(numbers.len());
        numbers.iter().for_each(|number| self.number(*number));
    }

    pub(crate) fn integer(&mut self, integer: i64) {
        self.bytes.extend(integer.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend(text.as_bytes());
    }

    /// A flag, and the thing if it is there.
    pub(crate) fn option<T>(&mut self, thing: Option<&T>, write: impl FnOnce(&mut Self, &T)) {
        self.byte(u8::from(thing.is_some()));
        if let Some(thing) = thing {
            write(self, thing);
        }
    }

    pub(crate) fn list<T>(&mut self, things: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.count(things.len());
        things.iter().for_each(|thing| write(self, thing));
    }
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// That nothing is left.
    pub(crate) fn end(&self) -> Read<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::Impossible { what: "end" }) }
    }

    pub(crate) fn take<const N: usize>(&mut self, what: &'static str) -> Read<[u8; N]> {
        let (head, rest) =
            self.rest.split_first_chunk::<N>().ok_or(DecodeError::Impossible { what })?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn word(&mut self, what: &'static str) -> Read<u32> {
        self.take(what).map(u32::from_le_bytes)
    }

    pub(crate) fn count(&mut self, what: &'static str) -> Read<usize> {
        let count = self.take(what).map(u64::from_le_bytes)?;
        usize::try_from(count).map_err(|_| DecodeError::Impossible { what })
    }

    /// How many things follow, each of which takes at least `size` bytes.
    pub(crate) fn len(&mut self, what: &'static str, size: usize) -> Read<usize> {
        let count = self.count(what)?;
        if count > self.rest.len() / size {
            return Err(DecodeError::Impossible { what });
        }
        Ok(count)
    }

    pub(crate) fn number(&mut self, what: &'static str) -> Read<f64> {
        let number = self.take(what).map(f64::from_le_bytes)?;
        if number.is_finite() { Ok(number) } else { Err(DecodeError::Impossible { what }) }
    }

    pub(crate) fn numbers(&mut self, what: &'static str) -> Read<Vec<f64>> {
        (0..self.len(what, 8)?).map(|_| self.number(what)).collect()
    }

    pub(crate) fn flag(&mut self, what: &'static str) -> Read<bool> {
        self.choice(what, &[false, true])
    }

    pub(crate) fn choice<T: Copy>(&mut self, what: &'static str, of: &[T]) -> Read<T> {
        let [index] = self.take(what)?;
        of.get(usize::from(index)).copied().ok_or(DecodeError::Impossible { what })
    }

    pub(crate) fn integer(&mut self, what: &'static str) -> Read<i64> {
        self.take(what).map(i64::from_le_bytes)
    }

    pub(crate) fn days(&mut self, what: &'static str) -> Read<i32> {
        i32::try_from(self.integer(what)?).map_err(|_| DecodeError::Impossible { what })
    }

    pub(crate) fn moment(&mut self, what: &'static str) -> Read<Timestamp> {
        self.integer(what).map(Timestamp::from_millis)
    }

    pub(crate) fn text(&mut self, what: &'static str) -> Read<String> {
        let len = self.len(what, 1)?;
        let (head, rest) = self.rest.split_at(len);
        self.rest = rest;
        String::from_utf8(head.to_vec()).map_err(|_| DecodeError::Impossible { what })
    }

    pub(crate) fn option<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<Option<T>> {
        self.flag(what)?.then(|| read(self)).transpose()
    }

    pub(crate) fn list<T>(
        &mut self,
        what: &'static str,
        mut read: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        (0..self.len(what, 1)?).map(|_| read(self)).collect()
    }
}
