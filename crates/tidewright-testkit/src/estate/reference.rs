//! The clean truth as a file that the product itself can read: what its formula makes of it is the reference.

use std::fmt::Write;

use super::{Estate, Pair};

/// The column of times.
pub const TIME_COLUMN: &str = "ds";
/// The column of counts.
pub const VALUE_COLUMN: &str = "requests";

/// Clean demand of all pairs as `ds,PARTNER,PATH,requests`, one row a minute; unknown minutes have no row.
pub fn clean_csv(estate: &Estate) -> String {
    let mut text = format!("{TIME_COLUMN},PARTNER,PATH,{VALUE_COLUMN}\n");
    for pair in &estate.pairs {
        rows(pair, &mut text);
    }
    text
}

fn rows(pair: &Pair, text: &mut String) {
    let counts = pair.truth.clean.iter().enumerate();
    for (minute, count) in counts.filter_map(|(minute, count)| count.map(|count| (minute, count))) {
        let moment = pair.truth.moment(minute);
        let row = writeln!(text, "{moment},{},{},{count}", pair.partner, pair.path);
        row.expect("memory can be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::EstateSettings;

    #[test]
    fn the_clean_truth_is_a_row_for_each_known_minute() {
        let estate = Estate::new(EstateSettings::short(2));
        let text = clean_csv(&estate);
        let known = |pair: &Pair| pair.truth.clean.iter().flatten().count();
        assert_eq!(text.lines().count(), 1 + estate.pairs.iter().map(known).sum::<usize>());
        let first = text.lines().nth(1).expect("there is a first row");
        assert!(first.starts_with("2025-11-07T04:00:00Z,NASA_1,/api/v3/"), "{first}");
    }
}
