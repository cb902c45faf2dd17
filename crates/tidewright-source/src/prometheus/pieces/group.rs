//! A group of series: those whose mapped labels have some of their values.
//!
//! The rule: the groups that one is divided into hold each of its series exactly once, also those without the label. A
//! value is text to the server, never a pattern.

use crate::prometheus::mapping::Mapping;
use crate::prometheus::promql::{escaped, pattern};

/// Values of one query, in bytes: with escapes it stays below the 16 KiB that VictoriaMetrics takes.
const VALUES_BYTES_MAX: usize = 4 * 1024;

/// Series whose labels match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Matchers for the labels that are settled, one per label.
    settled: Vec<String>,
    /// The label that is being divided, and its values.
    open: Option<(String, Vec<String>)>,
}

impl Group {
    /// All series.
    pub(super) const fn all() -> Self {
        Self { settled: Vec::new(), open: None }
    }

    /// How many labels are settled, or will be once the open one has a single value.
    pub(super) const fn depth(&self) -> usize {
        self.settled.len() + self.open.is_some() as usize
    }

    /// Two groups with half of the values each.
    pub(super) fn halves(&self) -> Option<[Self; 2]> {
        let (label, values) = self.open.as_ref().filter(|(_, values)| values.len() > 1)?;
        let (first, second) = values.split_at(values.len() / 2);
        let half =
            |part: &[String]| Self { open: Some((label.clone(), part.to_vec())), ..self.clone() };
        Some([half(first), half(second)])
    }

    /// Groups by the values of one more label; the last is that of the series without it.
    pub(super) fn by_label(&self, label: &str, values: Vec<String>) -> Vec<Self> {
        let settled = self.matchers();
        let mut without = settled.clone();
        without.push(format!("{label}=\"\""));
        let mut parts: Vec<Vec<String>> = Vec::new();
        let mut room = 0;
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            if value.len() > room || parts.is_empty() {
                parts.push(Vec::new());
                room = VALUES_BYTES_MAX;
            }
            room = room.saturating_sub(value.len() + 1);
            parts.last_mut().expect("there is a part by now").push(value);
        }
        let open = |part| Self { settled: settled.clone(), open: Some((label.to_owned(), part)) };
        let groups = parts.into_iter().map(open);
        // All in one group is what was too large.
        let groups = groups.flat_map(|group| match group.halves() {
            Some(halves) => halves.to_vec(),
            None => vec![group],
        });
        groups.chain([Self { settled: without, open: None }]).collect()
    }

    /// The query for this group alone.
    pub(super) fn narrow(&self, query: &str, mapping: &Mapping) -> String {
        let whole = mapping.selector();
        let mut narrow = mapping.clone();
        narrow.matchers.extend(self.matchers());
        query.replace(&whole, &narrow.selector())
    }

    fn matchers(&self) -> Vec<String> {
        let mut matchers = self.settled.clone();
        matchers.extend(self.open.iter().map(|(label, values)| match values.as_slice() {
            [value] => format!("{label}=\"{}\"", escaped(value)),
            values => {
                let values: Vec<_> = values.iter().map(|value| pattern(value)).collect();
                format!("{label}=~\"{}\"", escaped(&values.join("|")))
            }
        }));
        matchers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|&value| value.to_owned()).collect()
    }

    fn matchers(groups: &[Group]) -> Vec<String> {
        groups.iter().map(|group| group.matchers().join(",")).collect()
    }

    #[test]
    fn groups_divide_values_and_do_not_forget_those_without() {
        let groups = Group::all().by_label("path", texts(&["/a", "/b.c", "/d\"", ""]));
        let expected = [r#"path="/a""#, r#"path=~"/b\\.c|/d\"""#, r#"path="""#];
        assert_eq!(matchers(&groups), expected);
        assert_eq!(groups[0].halves(), None);
        assert_eq!(matchers(&groups[1].halves().unwrap()), [r#"path="/b.c""#, r#"path="/d\"""#]);
    }

    #[test]
    fn a_single_value_is_divided_by_the_next_label() {
        let partner = Group::all().by_label("partner", texts(&["p"]));
        assert_eq!((partner[0].depth(), partner[1].depth()), (1, 1));
        let paths = partner[0].by_label("path", texts(&["/a", "/b"]));
        let expected =
            [r#"partner="p",path="/a""#, r#"partner="p",path="/b""#, r#"partner="p",path="""#];
        assert_eq!(matchers(&paths), expected);
        assert_eq!(paths[0].depth(), 2);
    }

    #[test]
    fn no_query_grows_too_long() {
        let values: Vec<String> =
            (0..1000).map(|i| format!("/some/rather/long/path/{i}")).collect();
        let groups = Group::all().by_label("path", values);
        assert!(matchers(&groups).iter().all(|text| text.len() < 2 * VALUES_BYTES_MAX));
        let count: usize =
            groups.iter().filter_map(|group| Some(group.open.as_ref()?.1.len())).sum();
        assert_eq!(count, 1000);
    }

    #[test]
    fn a_query_is_narrowed_where_its_selector_stands() {
        let mapping = Mapping::nginx();
        let query = format!("sum by (partner) (increase({}[1m]))", mapping.selector());
        let group = &Group::all().by_label("partner", texts(&["p"]))[0];
        let expected = r#"sum by (partner) (increase(service_nginx_request_time_s_count{partner!="",path!="",partner="p"}[1m]))"#;
        assert_eq!(group.narrow(&query, &mapping), expected);
    }
}
