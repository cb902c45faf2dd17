//! The arithmetic of the Numenta Anomaly Benchmark 1.1 (Lavin and Ahmad 2015).
//!
//! The first alarm in a window counts the more the earlier it comes, each alarm outside of windows costs the more the longer
//! the last window is gone, and a window without an alarm costs a miss. 0 is the score of silence, 100 that of an alarm
//! at the start of each window and nowhere else.

/// What alarms count for.
#[derive(Clone, Copy)]
pub(crate) struct Costs {
    pub(crate) name: &'static str,
    false_positive: f64,
    miss: f64,
}

/// The benchmark's three: standard, few false positives, few misses.
pub(crate) const PROFILES: [Costs; 3] = [
    Costs { name: "standard", false_positive: 0.11, miss: 1.0 },
    Costs { name: "low FP", false_positive: 0.22, miss: 1.0 },
    Costs { name: "low FN", false_positive: 0.11, miss: 2.0 },
];

/// The part at the start of a file that is not judged, and of how many rows at the most.
const PROBATION: (f64, f64) = (0.15, 5000.0);
/// Beyond so many widths after a window an alarm costs all.
const FAR: f64 = 3.0;

/// A row that counts.
pub(crate) struct Point {
    alarm: f64,
    weight: Weight,
}

#[derive(Clone, Copy)]
enum Weight {
    /// Within a window, of this number among all; what an alarm here earns.
    In(usize, f64),
    /// Outside: the share of a false positive.
    Out(f64),
}

/// The result at one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Result {
    pub(crate) score: f64,
    pub(crate) threshold: f64,
    pub(crate) caught: usize,
    pub(crate) windows: usize,
    /// Alarms outside of windows.
    pub(crate) wrong: usize,
}

/// All rows of all files that are judged.
#[derive(Default)]
pub(crate) struct Corpus {
    points: Vec<Point>,
    /// All windows, and how many of them can be reached.
    windows: usize,
    reachable: Vec<bool>,
}

impl Corpus {
    /// Adds a file: an alarm for each row, and the first and last rows of its windows.
    pub(crate) fn add(&mut self, alarms: &[f64], windows: &[(usize, usize)]) {
        let first = self.windows;
        self.windows += windows.len();
        self.reachable.resize(self.windows, false);
        let (share, most) = PROBATION;
        let skipped = (share * alarms.len() as f64).floor().min(share * most).ceil() as usize;
        for (row, alarm) in alarms.iter().enumerate().skip(skipped) {
            let inside = windows.iter().rposition(|(left, right)| (*left..=*right).contains(&row));
            let weight = match inside {
                Some(window) => {
                    let (left, right) = windows[window];
                    let place = -((right - row + 1) as f64) / (right - left + 1) as f64;
                    self.reachable[first + window] = true;
                    Weight::In(first + window, sigmoid(place) / sigmoid(-1.0))
                }
                None => Weight::Out(match windows.iter().rfind(|(_, right)| *right < row) {
                    Some((left, right)) => sigmoid((row - right) as f64 / (right - left) as f64),
                    None => -1.0,
                }),
            };
            self.points.push(Point { alarm: *alarm, weight });
        }
    }

    /// The result where an alarm is what reaches `threshold`.
    pub(crate) fn at(&self, threshold: f64, costs: Costs) -> Result {
        let mut caught: Vec<Option<f64>> = vec![None; self.windows];
        let (mut sum, mut wrong) = (0.0, 0);
        for point in self.points.iter().filter(|point| point.alarm >= threshold) {
            match point.weight {
                Weight::In(window, earned) => {
                    let best = caught[window].get_or_insert(earned);
                    *best = best.max(earned);
                }
                Weight::Out(share) => {
                    sum += share * costs.false_positive;
                    wrong += 1;
                }
            }
        }
        let missed = self.reachable.iter().filter(|reachable| **reachable).count() as f64;
        let silence = -costs.miss * missed;
        let earned: f64 = caught.iter().flatten().map(|earned| earned + costs.miss).sum();
        let score = 100.0 * (sum + earned) / (self.windows as f64 - silence);
        let caught = caught.iter().flatten().count();
        Result { score, threshold, caught, windows: self.windows, wrong }
    }

    /// The result at the best single threshold, as the benchmark reports it.
    pub(crate) fn best(&self, costs: Costs) -> Result {
        let mut levels: Vec<f64> =
            self.points.iter().map(|point| point.alarm).filter(|alarm| *alarm > 0.0).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let results = levels.into_iter().map(|level| self.at(level, costs));
        let silence = self.at(f64::INFINITY, costs);
        results.fold(silence, |best, one| if one.score > best.score { one } else { best })
    }
}

fn sigmoid(place: f64) -> f64 {
    if place > FAR { -1.0 } else { 2.0 / (1.0 + (5.0 * place).exp()) - 1.0 }
}
