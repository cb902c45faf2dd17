//! How fast the matrix decoder is: a body of 10 MB that comes in pieces of odd sizes, as it does from a network.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tidewright_core::{Grid, Timestamp};
use tidewright_source::prometheus::{DecodeError, Labels, MatrixDecoder, MatrixSink};

/// Points of a series: a week of minutes.
const POINTS: usize = 10_080;

/// Pieces are of no round size, so that almost every one cuts through a point.
const PIECE_BYTES: usize = 16_381;

/// Adds up what it takes, so that no work can be left out.
struct Sum(f64);

impl MatrixSink for Sum {
    fn take(&mut self, _labels: &Labels, values: &[f64]) -> Result<(), DecodeError> {
        self.0 += values.iter().filter(|value| !value.is_nan()).sum::<f64>();
        Ok(())
    }
}

/// An answer of about 10 MB.
fn body(value: impl Fn(usize) -> String) -> String {
    let mut body = r#"{"status":"success","data":{"resultType":"matrix","result":["#.to_owned();
    let mut series = 0;
    while body.len() < 10_000_000 {
        let comma = if series == 0 { "" } else { "," };
        let _ =
            write!(body, r#"{comma}{{"metric":{{"partner":"p{series}","path":"/api"}},"values":["#);
        for point in 0..POINTS {
            let comma = if point == 0 { "" } else { "," };
            let at = 1_700_000_000 + 60 * point;
            let _ = write!(body, r#"{comma}[{at},"{}"]"#, value(point));
        }
        body.push_str("]}");
        series += 1;
    }
    body.push_str("]}}");
    body
}

fn decode(body: &[u8], grid: Grid) -> f64 {
    let (mut decoder, mut sum) = (MatrixDecoder::new(grid), Sum(0.0));
    for piece in body.chunks(PIECE_BYTES) {
        decoder.push(piece, &mut sum).expect("the body is well formed");
    }
    decoder.finish().expect("the body is whole");
    sum.0
}

fn bench(criterion: &mut Criterion) {
    let start = Timestamp::from_secs(1_700_000_000);
    let grid = Grid::new(start, 60_000, POINTS).expect("a minute is positive");
    let bodies = [
        ("counts", body(|i| (i * 7919 % 1000).to_string())),
        ("counters", body(|i| (1_000_000 + 137 * i).to_string())),
        ("rates", body(|i| format!("{:.6}", i as f64 * 0.731_235))),
        ("extrapolated", body(|i| format!("{}", i as f64 * 1.000_066_671_111_407_4))),
    ];
    let mut group = criterion.benchmark_group("decode");
    for (name, body) in bodies {
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| decode(black_box(body.as_bytes()), grid));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
