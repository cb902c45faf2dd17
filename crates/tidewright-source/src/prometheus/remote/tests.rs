//! Tests of answers in chunks, from bytes that are made here. That they are what a server sends is tested on a real one.

use proptest::prelude::*;
use tidewright_core::Timestamp;

use super::frame::checksum;
use super::wire::{put_bytes_field, put_number, put_number_field};
use super::xor::tests::pack;
use super::*;

/// Keeps what it takes, in text.
#[derive(Default)]
struct Kept(Vec<String>);

impl MatrixSink for Kept {
    fn take(&mut self, labels: &Labels, values: &[f64]) -> Result<(), DecodeError> {
        let path = labels.value("path").unwrap_or_default();
        self.0.push(format!("{path} {values:?}"));
        Ok(())
    }
}

fn grid() -> Grid {
    Grid::new(Timestamp::from_secs(60), 60_000, 3).unwrap()
}

fn series(path: &str, chunks: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut label = Vec::new();
    put_bytes_field(&mut label, 1, b"path");
    put_bytes_field(&mut label, 2, path.as_bytes());
    let mut series = Vec::new();
    put_bytes_field(&mut series, 1, &label);
    for (encoding, data) in chunks {
        let mut chunk = Vec::new();
        put_number_field(&mut chunk, 1, 0);
        put_number_field(&mut chunk, 3, *encoding);
        put_bytes_field(&mut chunk, 4, data);
        put_bytes_field(&mut series, 2, &chunk);
    }
    let mut message = Vec::new();
    put_bytes_field(&mut message, 1, &series);
    message
}

/// What comes of these messages, each in a frame of its own.
fn take(messages: &[Vec<u8>]) -> Result<(Vec<String>, u64), String> {
    let mut kept = Kept::default();
    let mut taker = Taker { sink: &mut kept, look: Look::new(grid(), 33_000), labels: None };
    let mut frames = Frames::default();
    for message in messages {
        let mut bytes = Vec::new();
        put_number(&mut bytes, message.len() as u64);
        bytes.extend_from_slice(&checksum(message).to_be_bytes());
        bytes.extend_from_slice(message);
        let taken =
            frames.push(&bytes, |at, frame| taker.take(frame).map_err(|error| error.at(at)));
        taken.map_err(|error| error.to_string())?;
    }
    frames.finish().map_err(|error| error.to_string())?;
    let infinite = taker.finish().map_err(|error| error.to_string())?;
    Ok((kept.0, infinite))
}

fn xor(samples: &[(i64, f64)]) -> (u64, Vec<u8>) {
    (XOR, pack(&samples.iter().map(|&(secs, value)| (secs * 1000, value)).collect::<Vec<_>>()))
}

#[test]
fn a_series_may_come_in_several_frames_and_chunks() {
    let a = series("/a", &[xor(&[(30, 1.0), (59, 2.0)]), xor(&[(89, 3.0), (119, 4.0)])]);
    let (more, b) = (
        series("/a", &[xor(&[(149, 5.0)])]),
        series("/b", &[xor(&[(180, f64::INFINITY), (181, 1.0)])]),
    );
    let expected = vec!["/a [2.0, 4.0, 5.0]".to_owned()];
    assert_eq!(take(&[a, more, b]), Ok((expected, 1)));
}

#[test]
fn histograms_are_no_counters_and_an_unknown_encoding_ends_the_reading() {
    let histogram = series("/h", &[(2, vec![1, 2, 3])]);
    assert_eq!(take(&[histogram]), Ok((Vec::new(), 0)));
    let error = take(&[series("/n", &[(9, Vec::new())])]).unwrap_err();
    assert_eq!(error, r#"the series `{path="/n"}` has a chunk in the unknown encoding `9`"#);
    let error = take(&[series("/c", &[(XOR, vec![0, 9, 1])])]).unwrap_err();
    assert_eq!(error, r#"the series `{path="/c"}` has a chunk that makes no sense"#);
}

proptest! {
    #[test]
    fn no_message_makes_it_panic(message in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = take(&[message]);
    }
}
