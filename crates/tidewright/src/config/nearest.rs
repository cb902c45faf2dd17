//! The name that somebody meant: the nearest by edit distance.

/// The candidate that differs least from `name`, if it differs by few enough letters to be a slip.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let name = name.to_lowercase();
    let ranked =
        candidates.into_iter().map(|known| (distance(&name, &known.to_lowercase()), known));
    let best = ranked.min_by_key(|(edits, _)| *edits);
    // A third of the letters: `MODE` still finds `MOD`, and `colour` does not find `cache_ratio`.
    best.filter(|(edits, known)| *edits <= known.len().div_ceil(3)).map(|(_, known)| known)
}

/// Letters to insert, drop or replace, and neighbours to swap, until `a` reads `b` (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(last[j] + 1).min(row[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        let known = ["cache_ratio", "safety_margin", "MODE", "min_rate_limit", "max_rate_limit"];
        assert_eq!(nearest(name, known), expected);
    }

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        check("cache_ration", Some("cache_ratio"));
        check("saftey_margin", Some("safety_margin"));
        check("mod", Some("MODE"));
        check("MAX_RATE_LIMT", Some("max_rate_limit"));
    }

    #[test]
    fn another_word_finds_nothing() {
        check("colour", None);
        check("", None);
    }
}
