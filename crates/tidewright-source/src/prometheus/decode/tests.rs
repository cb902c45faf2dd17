//! Tests of the matrix decoder: every answer that was met, and every way to cut one into pieces.

use proptest::prelude::*;
use tidewright_core::{Grid, Timestamp};

use super::*;

/// Keeps everything.
#[derive(Debug, Default, PartialEq)]
struct Kept(Vec<(String, Vec<Option<f64>>)>);

impl MatrixSink for Kept {
    fn take(&mut self, labels: &Labels, values: &[f64]) -> Result<(), DecodeError> {
        let values = values.iter().map(|value| Some(*value).filter(|v| !v.is_nan())).collect();
        self.0.push((labels.to_string(), values));
        Ok(())
    }
}

/// Five moments from 1,000 s, 60 s apart.
fn grid() -> Grid {
    Grid::new(Timestamp::from_secs(1000), 60_000, 5).unwrap()
}

fn decode_pieces(pieces: &[&[u8]]) -> Result<(Kept, Notes), DecodeError> {
    let (mut decoder, mut kept) = (MatrixDecoder::new(grid()), Kept::default());
    for piece in pieces {
        decoder.push(piece, &mut kept)?;
    }
    decoder.finish().map(|notes| (kept, notes))
}

fn decode(text: &str) -> Result<(Kept, Notes), DecodeError> {
    decode_pieces(&[text.as_bytes()])
}

fn matrix(result: &str) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":{result}}}}}"#)
}

fn one_series(values: &str) -> String {
    matrix(&format!(r#"[{{"metric":{{"path":"/a"}},"values":{values}}}]"#))
}

fn check(values: &str, expected: [Option<f64>; 5]) {
    let (kept, _) = decode(&one_series(values)).unwrap();
    assert_eq!(kept.0, [(r#"{path="/a"}"#.to_owned(), expected.to_vec())], "{values}");
}

fn check_error(text: &str, expected: &str) {
    assert_eq!(decode(text).unwrap_err().to_string(), expected, "{text}");
}

/// An answer with every oddity that is allowed.
const ODD: &str = r#" {"status":"success", "isPartial":false,"stats":{"a":[1,{"b":"}\""}],"c":null},
 "data":{"resultType":"matrix","analysis":[], "result":[
  {"metric":{"__name__":"m","path":"/\"a\"\\é","partner":"p, [q]"},"values":[[1000,"1"],[1060.000,"2.5"] , [1180,"NaN"],[1240,"3e2"]]},
  {"values":[[1120,"+Inf"]],"metric":{}},
  {"metric":{"path":"/h"},"histograms":[[1000,{"count":"1","buckets":[[0,"1","2","3"]]}]]}
 ]},
 "warnings":["the answer is \"partial\""],"infos":["be quick"]} 
"#;

#[test]
fn points_fall_on_their_step_and_the_rest_are_gaps() {
    check(r#"[[1000,"1"],[1060,"2"],[1180,"3"]]"#, [Some(1.0), Some(2.0), None, Some(3.0), None]);
    check(r#"[[1240,"7"]]"#, [None, None, None, None, Some(7.0)]);
    check("[]", [None; 5]);
}

#[test]
fn what_is_no_finite_number_is_a_gap_and_infinities_are_counted() {
    let (kept, notes) =
        decode(&one_series(r#"[[1000,"NaN"],[1060,"+Inf"],[1120,"-Inf"],[1180,"1"]]"#)).unwrap();
    assert_eq!(kept.0[0].1, [None, None, None, Some(1.0), None]);
    assert_eq!(notes.infinite, 2);
}

#[test]
fn an_empty_result_is_no_error() {
    assert_eq!(decode(&matrix("[]")).unwrap(), (Kept::default(), Notes::default()));
    assert_eq!(decode(&matrix("null")).unwrap(), (Kept::default(), Notes::default()));
}

#[test]
fn unknown_fields_escapes_and_white_space_are_no_hindrance() {
    let (kept, notes) = decode(ODD).unwrap();
    assert_eq!(kept.0.len(), 3);
    assert_eq!(kept.0[0].0, r#"{__name__="m",path="/\"a\"\\é",partner="p, [q]"}"#);
    assert_eq!(kept.0[0].1, [Some(1.0), Some(2.5), None, None, Some(300.0)]);
    assert_eq!(kept.0[1], ("{}".to_owned(), vec![None; 5]));
    assert_eq!(notes.warnings, [r#"the answer is "partial""#, "be quick"]);
    assert_eq!(notes.infinite, 1);
}

#[test]
fn points_out_of_order_or_given_twice_name_their_series() {
    let expected =
        r#"the series `{path="/a"}` has its point at `1970-01-01T00:17:40Z` out of order or twice"#;
    check_error(&one_series(r#"[[1060,"1"],[1060,"1"]]"#), expected);
    check_error(&one_series(r#"[[1120,"1"],[1060,"1"]]"#), expected);
}

#[test]
fn a_point_that_was_not_asked_for_is_an_error() {
    let expected = |at: &str| {
        format!(r#"the series `{{path="/a"}}` has a point at `{at}`, which was not asked for"#)
    };
    check_error(&one_series(r#"[[1001,"1"]]"#), &expected("1970-01-01T00:16:41Z"));
    check_error(&one_series(r#"[[1300,"1"]]"#), &expected("1970-01-01T00:21:40Z"));
    check_error(&one_series(r#"[[940,"1"]]"#), &expected("1970-01-01T00:15:40Z"));
}

#[test]
fn what_is_no_matrix_is_refused() {
    check_error("", "the answer ended early, after 0 bytes");
    check_error(
        "<html><body>Sign in</body></html>",
        "the answer is not what a range query returns: at byte 0 it reads `<html><body>Sign in</body></html>`",
    );
    check_error(
        r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
        "the answer is a `vector`, not a matrix",
    );
    check_error(r#"{"status":"success"}"#, "the answer holds no result");
    check_error(
        r#"{"status":"error","errorType":"execution","error":"it broke"}"#,
        "the query failed: it broke",
    );
    check_error(
        &format!("{}x", matrix("[]")),
        "the answer is not what a range query returns: at byte 63 it reads `x`",
    );
    check_error(
        &one_series(r#"[[1000,"1"][1060,"2"]]"#),
        r#"the answer is not what a range query returns: at byte 104 it reads `[1060,"2"]]}]}}`"#,
    );
}

#[test]
fn a_string_without_end_is_not_waited_for() {
    let (mut decoder, mut kept) = (MatrixDecoder::new(grid()), Kept::default());
    let endless = vec![b'a'; PIECE_BYTES_MAX];
    decoder.push(b"{\"", &mut kept).unwrap();
    let error = decoder.push(&endless, &mut kept).unwrap_err();
    assert!(matches!(error, DecodeError::Shape { .. }), "{error}");
}

proptest! {
    #[test]
    fn any_cut_into_pieces_gives_the_same_as_one_piece(cuts in prop::collection::vec(0_usize..ODD.len(), 0..12)) {
        let mut cuts = cuts;
        cuts.extend([0, ODD.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|pair| &ODD.as_bytes()[pair[0]..pair[1]]).collect();
        prop_assert_eq!(decode_pieces(&pieces), decode(ODD));
    }

    #[test]
    fn any_damage_is_an_error_or_an_answer_but_never_a_panic(at in 0_usize..ODD.len(), byte in any::<u8>()) {
        let mut damaged = ODD.as_bytes().to_vec();
        damaged[at] = byte;
        let _ = decode_pieces(&[&damaged]);
    }
}

#[test]
fn byte_by_byte_gives_the_same_as_one_piece() {
    let pieces: Vec<_> = ODD.as_bytes().chunks(1).collect();
    assert_eq!(decode_pieces(&pieces), decode(ODD));
}

#[test]
fn every_truncation_is_an_error() {
    let whole = ODD.trim_end();
    for end in 0..whole.len() {
        let error = decode_pieces(&[&whole.as_bytes()[..end]]).unwrap_err();
        assert_eq!(error, DecodeError::Truncated { bytes: end as u64 });
    }
}
