//! Takes a stream apart into frames: a length, a checksum, and as many bytes.
//!
//! The rule: where the network cut the stream makes no difference; no more than one frame is kept; a frame whose checksum
//! does not match ends the reading.

use super::{QueryError, RemoteError, wire};

/// Servers cut at one megabyte, at the next whole chunk behind it.
const FRAME_BYTES_MAX: u64 = 16 << 20;

/// The checksum is Castagnoli's, in the reversed order of its bits.
const POLYNOMIAL: u32 = 0x82f6_3b78;

const CHECKSUM_BYTES: usize = 4;

/// Longest length in front of a frame.
const LENGTH_BYTES_MAX: usize = 10;

/// The part of the stream that is no whole frame yet.
#[derive(Debug, Default)]
pub(super) struct Frames {
    rest: Vec<u8>,
    /// Where in the stream it begins.
    at: u64,
}

impl Frames {
    /// Takes the next bytes and gives each frame that they complete to `take`, with where it begins.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(u64, &[u8]) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        self.rest.extend_from_slice(bytes);
        let mut read = 0;
        while let Some((start, end)) = self.frame(read)? {
            let at = self.at + read as u64;
            let (head, frame) = (&self.rest[start - CHECKSUM_BYTES..start], &self.rest[start..end]);
            if head != checksum(frame).to_be_bytes() {
                return Err(RemoteError::Checksum { at }.into());
            }
            take(at, frame)?;
            read = end;
        }
        self.rest.drain(..read);
        self.at += read as u64;
        Ok(())
    }

    /// The stream is over.
    pub(super) fn finish(self) -> Result<(), RemoteError> {
        if self.rest.is_empty() { Ok(()) } else { Err(RemoteError::Truncated) }
    }

    /// Where the content of the frame at `from` begins and ends, if it is there whole.
    fn frame(&self, from: usize) -> Result<Option<(usize, usize)>, RemoteError> {
        let rest = &self.rest[from..];
        let Some((bytes, length)) = wire::number(rest) else {
            let at = self.at + from as u64;
            let is_endless = rest.len() >= LENGTH_BYTES_MAX;
            return if is_endless { Err(RemoteError::Shape { at }) } else { Ok(None) };
        };
        if bytes > FRAME_BYTES_MAX {
            return Err(RemoteError::TooLong { bytes, most: FRAME_BYTES_MAX });
        }
        let start = from + length + CHECKSUM_BYTES;
        let end = start + bytes as usize;
        Ok((end <= self.rest.len()).then_some((start, end)))
    }
}

/// CRC-32C.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    let step = |sum: u32, &byte: &u8| sum >> 8 ^ TABLE[(sum as u8 ^ byte) as usize];
    !bytes.iter().fold(!0, step)
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut bit) = (byte as u32, 0);
        while bit < 8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ POLYNOMIAL } else { sum >> 1 };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(content: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        wire::put_number(&mut frame, content.len() as u64);
        frame.extend_from_slice(&checksum(content).to_be_bytes());
        frame.extend_from_slice(content);
        frame
    }

    fn read(stream: &[u8], piece: usize) -> Result<Vec<Vec<u8>>, String> {
        let (mut frames, mut found) = (Frames::default(), Vec::new());
        for bytes in stream.chunks(piece) {
            let mut take = |_, frame: &[u8]| {
                found.push(frame.to_vec());
                Ok(())
            };
            frames.push(bytes, &mut take).map_err(|error| error.to_string())?;
        }
        frames.finish().map_err(|error| error.to_string())?;
        Ok(found)
    }

    #[test]
    fn the_checksum_is_the_one_of_rfc_3720() {
        assert_eq!(checksum(&[0; 32]), 0x8a91_36aa);
        assert_eq!(checksum(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn frames_are_found_wherever_the_stream_is_cut() {
        let contents = [vec![1; 300], Vec::new(), vec![2]];
        let stream: Vec<u8> = contents.iter().flat_map(|content| framed(content)).collect();
        for piece in [1, 2, 3, 7, 100, 1000] {
            assert_eq!(read(&stream, piece).as_deref(), Ok(&contents[..]), "{piece}");
        }
    }

    #[test]
    fn a_stream_that_is_damaged_or_cut_is_told() {
        let mut damaged = framed(b"content");
        *damaged.last_mut().unwrap() ^= 1;
        let whole = framed(b"content");
        let (cut, endless) = (&whole[..5], [0xff; 20]);
        assert_eq!(
            read(&damaged, 99).unwrap_err(),
            "the frame at byte 0 does not match its checksum"
        );
        assert_eq!(read(cut, 99).unwrap_err(), "the answer ended in the middle of a frame");
        assert_eq!(read(&endless, 99).unwrap_err(), "the frame at byte 0 makes no sense");
        let long = [0x81, 0x80, 0x80, 0x08];
        assert_eq!(
            read(&long, 9).unwrap_err(),
            "a frame of `16777217` bytes is longer than `16777216`"
        );
    }
}
