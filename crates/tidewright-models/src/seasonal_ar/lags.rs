//! Which earlier values an autoregression looks at.

/// A choice of lags, relative to the seasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lags {
    /// The last two values and one season with its neighbours: for what a profile leaves over.
    Few,
    /// The last values, the last three short seasons and the last long one, each with its neighbours.
    Neighbours,
    /// The last values, one of each season, and their sums, each with its neighbours.
    Sums,
}

/// Rows that there should be for each lag.
const ROWS_PER_LAG: usize = 3;

/// The lags, ascending, of a history of `len` values: none that would leave it too few rows.
pub(super) fn lags(choice: Lags, seasons: &[usize], len: usize) -> Vec<usize> {
    let came_twice = |season: &&usize| 2 * **season <= len;
    let mut seasons = seasons.iter().filter(came_twice).copied();
    let (short, long) = (seasons.next(), seasons.next_back());
    let mut lags: Vec<usize> = match choice {
        Lags::Few => (1..=2).chain(short.into_iter().flat_map(beside)).collect(),
        Lags::Neighbours => {
            let days = short.into_iter().flat_map(|s| (1..=3).flat_map(move |k| beside(k * s)));
            let after = short.map(|s| s + 2);
            (1..=4).chain(days).chain(after).chain(long.into_iter().flat_map(beside)).collect()
        }
        Lags::Sums => {
            let both = short.map(|s| s + long.unwrap_or(s));
            let parts = [short, long, both];
            (1..=3).chain(parts.into_iter().flatten().flat_map(beside)).collect()
        }
    };
    lags.sort_unstable();
    lags.dedup();
    lags.retain(|lag| 2 * lag <= len.max(4));
    let most = (len / ROWS_PER_LAG).max(1);
    while lags.last().is_some_and(|last| {
        lags.len() > 1 && (lags.len() > most || len - last < ROWS_PER_LAG * lags.len())
    }) {
        lags.pop();
    }
    lags
}

fn beside(lag: usize) -> impl Iterator<Item = usize> {
    lag - 1..=lag + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_stand_beside_their_seasons() {
        assert_eq!(lags(Lags::Few, &[24, 168], 960), [1, 2, 23, 24, 25]);
        let sums = [1, 2, 3, 23, 24, 25, 167, 168, 169, 191, 192, 193];
        assert_eq!(lags(Lags::Sums, &[24, 168], 960), sums);
        let neighbours = [1, 2, 3, 4, 23, 24, 25, 26, 47, 48, 49, 71, 72, 73, 167, 168, 169];
        assert_eq!(lags(Lags::Neighbours, &[24, 168], 960), neighbours);
    }

    #[test]
    fn a_short_history_is_not_asked_for_what_it_cannot_tell() {
        assert_eq!(lags(Lags::Neighbours, &[24, 168], 100).last(), Some(&49));
        assert_eq!(lags(Lags::Neighbours, &[24, 168], 20), [1, 2, 3, 4]);
        assert_eq!(lags(Lags::Neighbours, &[7], 3), [1]);
        assert_eq!(lags(Lags::Few, &[], 1), [1]);
    }
}
