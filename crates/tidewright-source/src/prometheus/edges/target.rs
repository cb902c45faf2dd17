//! When each target was scraped, as its counters bear witness: one bit per target and edge.
//!
//! The rule: a target is one `job` and one `instance`. A counter without these labels has no witness but itself.

use std::collections::{BTreeSet, HashMap};

use super::super::decode::Labels;

/// A byte that no label holds.
const APART: char = '\u{1f}';

/// Targets by name, and when they were scraped.
#[derive(Clone, Debug)]
pub(in super::super) struct Targets {
    edges: usize,
    index: HashMap<String, usize>,
    scraped: Vec<Vec<u64>>,
    /// The jobs whose targets bear witness.
    jobs: BTreeSet<String>,
}

impl Targets {
    pub(in super::super) fn new(edges: usize) -> Self {
        Self { edges, index: HashMap::new(), scraped: Vec::new(), jobs: BTreeSet::new() }
    }

    pub(in super::super) fn find(&mut self, name: &str) -> usize {
        if let Some(&target) = self.index.get(name) {
            return target;
        }
        self.index.insert(name.to_owned(), self.scraped.len());
        self.scraped.push(vec![0; self.edges.div_ceil(64)]);
        self.scraped.len() - 1
    }

    /// Where a counter has a value, its target was scraped.
    pub(in super::super) fn witness(&mut self, target: usize, values: &[f64]) {
        for (word, values) in self.scraped[target].iter_mut().zip(values.chunks(64)) {
            let bits = values.iter().rev().fold(0, |bits, v| bits << 1 | u64::from(!v.is_nan()));
            *word |= bits;
        }
    }

    pub(super) fn is_scraped(&self, target: usize, edge: usize) -> bool {
        self.scraped[target][edge / 64] >> (edge % 64) & 1 == 1
    }

    /// The same knowledge, to bear witness for these jobs.
    pub(in super::super) fn for_jobs(self, jobs: &[String]) -> Self {
        Self { jobs: jobs.iter().cloned().collect(), ..self }
    }

    /// Whether, at both edges of each window, some target of the witnessing jobs was scraped.
    pub(in super::super) fn scraped_windows(&self) -> Vec<bool> {
        let targets: Vec<usize> = self
            .index
            .iter()
            .filter(|(name, _)| self.jobs.contains(job_of(name)))
            .map(|(_, &target)| target)
            .collect();
        let scraped = |edge| targets.iter().any(|&target| self.is_scraped(target, edge));
        let edges: Vec<bool> = (0..self.edges).map(scraped).collect();
        edges.windows(2).map(|pair| pair[0] && pair[1]).collect()
    }

    /// Takes over what another saw from edge `from` on; the numbers that its targets have here.
    pub(in super::super) fn merge(&mut self, from: usize, part: &Self) -> Vec<usize> {
        let mut places = vec![0; part.scraped.len()];
        for (name, &local) in &part.index {
            let target = self.find(name);
            places[local] = target;
            self.jobs.insert(job_of(name).to_owned());
            for edge in (0..part.edges).filter(|&edge| part.is_scraped(local, edge)) {
                self.scraped[target][(from + edge) / 64] |= 1 << ((from + edge) % 64);
            }
        }
        places
    }
}

/// The target that a counter belongs to; a byte that no label holds keeps the parts apart.
pub(in super::super) fn target_of(labels: &Labels) -> Option<String> {
    let (job, instance) = (labels.value("job"), labels.value("instance"));
    instance.map(|instance| format!("{}{APART}{instance}", job.unwrap_or_default()))
}

fn job_of(target: &str) -> &str {
    target.split_once(APART).map_or("", |(job, _)| job)
}

/// All labels in one text, whatever order they came in.
pub(super) fn identity(labels: &Labels) -> String {
    let mut pairs: Vec<_> = labels.iter().collect();
    pairs.sort_unstable();
    pairs.iter().flat_map(|(name, value)| [name, "\u{1f}", value, "\u{1e}"]).collect()
}
