//! Asks for raw samples: which series, from when to when.
//!
//! The rule: the matchers mean what they mean in PromQL. A text that cannot be translated with certainty yields no
//! request, and the question is asked in PromQL.

use tidewright_core::Grid;

use super::wire::{put_bytes_field, put_number_field};
use crate::prometheus::mapping::Mapping;

/// The kind of answer that streams whole chunks.
const STREAMED_CHUNKS: u8 = 1;

/// Which samples are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::prometheus) struct Selection {
    matchers: Vec<Matcher>,
    /// How old a sample may be at a moment.
    pub(in crate::prometheus) look_back_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Matcher {
    kind: Kind,
    name: String,
    value: String,
}

/// How a label is compared, with its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Equal = 0,
    NotEqual = 1,
    Matches = 2,
    MatchesNot = 3,
}

impl Selection {
    /// The samples of a mapping's counter; `None` where a matcher cannot be translated.
    pub(in crate::prometheus) fn new(mapping: &Mapping, look_back_ms: i64) -> Option<Self> {
        let metric = Matcher {
            kind: Kind::Equal,
            name: "__name__".to_owned(),
            value: mapping.metric.clone(),
        };
        let others = mapping.matchers.iter().map(|text| Matcher::parse(text));
        let matchers = std::iter::once(Some(metric)).chain(others).collect::<Option<_>>()?;
        Some(Self { matchers, look_back_ms })
    }

    /// The request for what counts at the moments of `grid`: a `ReadRequest`, packed by snappy.
    pub(super) fn request(&self, grid: Grid) -> Vec<u8> {
        let start = grid.start().plus_millis(-self.look_back_ms);
        let end = grid.timestamp(grid.len().saturating_sub(1));
        let mut query = Vec::new();
        put_number_field(&mut query, 1, start.as_millis() as u64);
        put_number_field(&mut query, 2, end.as_millis() as u64);
        for matcher in &self.matchers {
            put_bytes_field(&mut query, 3, &matcher.message());
        }
        let mut request = Vec::new();
        put_bytes_field(&mut request, 1, &query);
        put_bytes_field(&mut request, 2, &[STREAMED_CHUNKS]);
        let packed = snap::raw::Encoder::new().compress_vec(&request);
        packed.expect("a request is far below the 4 GiB that snappy takes")
    }
}

impl Matcher {
    /// A matcher as PromQL writes it: `label=~"value"`.
    fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_at(text.find(['=', '!'])?);
        let kinds = [
            ("=~", Kind::Matches),
            ("!~", Kind::MatchesNot),
            ("!=", Kind::NotEqual),
            ("=", Kind::Equal),
        ];
        let (kind, value) =
            kinds.into_iter().find_map(|(sign, kind)| Some((kind, rest.strip_prefix(sign)?)))?;
        let quoted = value.trim().strip_prefix('"')?.strip_suffix('"')?;
        Some(Self { kind, name: name.trim().to_owned(), value: unquoted(quoted)? })
    }

    fn message(&self) -> Vec<u8> {
        let mut message = Vec::new();
        put_number_field(&mut message, 1, self.kind as u64);
        put_bytes_field(&mut message, 2, self.name.as_bytes());
        put_bytes_field(&mut message, 3, self.value.as_bytes());
        message
    }
}

/// The text that stands between quotes; `None` where an escape is not one of the usual.
fn unquoted(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        plain.push(match rest.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            same @ ('\\' | '"' | '\'') => same,
            _ => return None,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use tidewright_core::Timestamp;

    use super::super::wire::{Fields, Value};
    use super::*;

    fn selection(matchers: &str) -> Option<Selection> {
        let mut mapping = Mapping::nginx();
        mapping.matchers = vec![matchers.to_owned()];
        Selection::new(&mapping, 33_000)
    }

    #[test]
    fn matchers_are_translated_or_there_is_no_request() {
        let check = |text: &str, kind, value: &str| {
            let name = "path".to_owned();
            let expected = Matcher { kind, name, value: value.to_owned() };
            assert_eq!(selection(text).unwrap().matchers[1], expected, "{text}");
        };
        check(r#"path!="""#, Kind::NotEqual, "");
        check(r#"path =~ "/a\\.b|\"c\"""#, Kind::Matches, r#"/a\.b|"c""#);
        check(r#"path!~"x\ny""#, Kind::MatchesNot, "x\ny");
        check(r#"path="=~""#, Kind::Equal, "=~");
        assert_eq!(selection(r#"path="\u0041""#), None);
    }

    #[test]
    fn a_request_names_series_and_span_and_wants_chunks() {
        let grid = Grid::new(Timestamp::from_secs(600), 60_000, 11).unwrap();
        let packed = selection(r#"path="/a""#).unwrap().request(grid);
        let bytes = snap::raw::Decoder::new().decompress_vec(&packed).unwrap();
        let fields: Vec<_> = Fields::new(&bytes).map(Result::unwrap).collect();
        let [(1, Value::Bytes(query)), (2, Value::Bytes(&[STREAMED_CHUNKS]))] = fields[..] else {
            panic!("{fields:?}")
        };
        let query: Vec<_> = Fields::new(query).map(Result::unwrap).collect();
        assert_eq!(query[..2], [(1, Value::Number(567_000)), (2, Value::Number(1_200_000))]);
        assert_eq!(query.len(), 4);
    }
}
