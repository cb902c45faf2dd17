//! The moments of a series while they are read: equally spaced ones are counted, not kept.
//!
//! Most files hold one row for each step, and ten million moments that follow from three numbers need no memory.

use tidewright_core::{Grid, Timestamp};

/// Ascending moments.
// Invariant: ascending; `Spaced` holds at least two.
#[derive(Clone, Debug)]
pub(super) enum Times {
    /// Each follows the one before it by the same step.
    Spaced(Grid),
    /// Anywhere.
    Listed(Vec<Timestamp>),
}

impl Times {
    pub(super) const fn new() -> Self {
        Self::Listed(Vec::new())
    }

    /// The last moment.
    pub(super) fn last(&self) -> Option<Timestamp> {
        match self {
            Self::Spaced(grid) => Some(grid.timestamp(grid.len() - 1)),
            Self::Listed(moments) => moments.last().copied(),
        }
    }

    /// Adds a moment, which must come after the last.
    pub(super) fn push(&mut self, moment: Timestamp) {
        match self {
            Self::Spaced(grid) if grid.end() == moment => *grid = longer(grid),
            Self::Spaced(grid) => {
                let mut moments: Vec<Timestamp> =
                    (0..grid.len()).map(|i| grid.timestamp(i)).collect();
                moments.push(moment);
                *self = Self::Listed(moments);
            }
            Self::Listed(moments) => match spaced(moments, moment) {
                Some(grid) => *self = Self::Spaced(grid),
                None => moments.push(moment),
            },
        }
    }

    /// All of them.
    pub(super) fn into_moments(self) -> Vec<Timestamp> {
        match self {
            Self::Spaced(grid) => (0..grid.len()).map(|i| grid.timestamp(i)).collect(),
            Self::Listed(moments) => moments,
        }
    }
}

/// The second moment makes the step.
fn spaced(moments: &[Timestamp], next: Timestamp) -> Option<Grid> {
    let [first] = moments else { return None };
    Grid::new(*first, next.as_millis() - first.as_millis(), 2).ok()
}

fn longer(grid: &Grid) -> Grid {
    Grid::new(grid.start(), grid.step_ms(), grid.len() + 1).expect("the step is as it was")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(secs: &[i64]) -> Times {
        let mut times = Times::new();
        secs.iter().for_each(|secs| times.push(Timestamp::from_secs(*secs)));
        times
    }

    #[test]
    fn equally_spaced_moments_are_counted() {
        let times = read(&[0, 60, 120, 180]);
        assert!(matches!(&times, Times::Spaced(grid) if grid.len() == 4));
        assert_eq!(times.last(), Some(Timestamp::from_secs(180)));
    }

    #[test]
    fn moments_read_back_as_they_came() {
        for secs in [vec![], vec![5], vec![0, 60], vec![0, 60, 120, 240, 300], vec![1, 2, 4, 8]] {
            let moments = read(&secs).into_moments();
            assert_eq!(moments.iter().map(|it| it.as_secs()).collect::<Vec<_>>(), secs);
        }
    }
}
