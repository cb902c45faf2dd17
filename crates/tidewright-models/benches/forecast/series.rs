//! The series of the benchmark: each kind and seed another one, or a file's.

use std::f64::consts::TAU;
use std::fs::File;
use std::io::Read;

use flate2::read::GzDecoder;
use tidewright_numerics::Random;

const HOURS: usize = 960;
const SEEDS: u64 = 25;

/// Series that resemble each other.
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) series: Vec<Vec<f64>>,
}

impl Kind {
    /// Whether any value is missing.
    pub(crate) fn gaps(&self) -> bool {
        self.series.iter().flatten().any(|value| value.is_nan())
    }
}

/// What one kind is made of.
struct Recipe {
    name: &'static str,
    level: f64,
    /// Shares of the level.
    day: f64,
    week: f64,
    growth: f64,
    noise: f64,
    /// How much of the noise stays from hour to hour.
    persistence: f64,
    counts: bool,
    gaps: f64,
}

const PLAIN: Recipe = Recipe {
    name: "calm",
    level: 1000.0,
    day: 0.4,
    week: 0.15,
    growth: 0.0,
    noise: 0.02,
    persistence: 0.6,
    counts: false,
    gaps: 0.0,
};

const RECIPES: [Recipe; 5] = [
    PLAIN,
    Recipe { name: "noisy", noise: 0.15, persistence: 0.9, ..PLAIN },
    Recipe { name: "growing", growth: 1.5, noise: 0.05, ..PLAIN },
    Recipe { name: "counts", level: 1.5, noise: 0.6, persistence: 0.0, counts: true, ..PLAIN },
    Recipe { name: "gaps", noise: 0.05, gaps: 0.05, ..PLAIN },
];

/// Every kind of made-up series.
pub(crate) fn made_up() -> Vec<Kind> {
    let series = |recipe: &Recipe| (0..SEEDS).map(|seed| make(recipe, seed)).collect();
    RECIPES.iter().map(|r| Kind { name: r.name.to_owned(), series: series(r) }).collect()
}

fn make(recipe: &Recipe, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let phase = random.uniform();
    let innovation = (1.0 - recipe.persistence.powi(2)).sqrt();
    let mut noise = 0.0;
    let value = |hour: usize| {
        let day = TAU * (hour as f64 / 24.0 + phase);
        let week = TAU * (hour as f64 / 168.0 + phase);
        noise = recipe.persistence * noise + innovation * random.normal();
        let shape =
            1.0 + recipe.day * (day.sin() + 0.3 * (2.0 * day).cos()) + recipe.week * week.sin();
        let grown = 1.0 + recipe.growth * hour as f64 / HOURS as f64;
        let value = recipe.level * (grown * shape + recipe.noise * noise);
        let value = if recipe.counts { value.max(0.0).round() } else { value };
        if random.uniform() < recipe.gaps { f64::NAN } else { value }
    };
    (0..HOURS).map(value).collect()
}

/// The series of a file: a header, then the series' name first in each line and its value last.
pub(crate) fn read(path: &str) -> Result<Kind, String> {
    let text = text_of(path).map_err(|error| format!("cannot read `{path}`: {error}"))?;
    let (mut series, mut last): (Vec<Vec<f64>>, Option<&str>) = (Vec::new(), None);
    for (number, line) in text.lines().enumerate().skip(1) {
        let pair = line.split_once(',').zip(line.rsplit_once(','));
        let pair = pair.and_then(|((id, _), (_, value))| Some((id, value.parse().ok()?)));
        let (id, value) =
            pair.ok_or_else(|| format!("no value in line `{}` of `{path}`", number + 1))?;
        match series.last_mut().filter(|_| last == Some(id)) {
            Some(values) => values.push(value),
            None => series.push(vec![value]),
        }
        last = Some(id);
    }
    if series.is_empty() {
        Err(format!("no series in `{path}`"))
    } else {
        Ok(Kind { name: "file".to_owned(), series })
    }
}

fn text_of(path: &str) -> std::io::Result<String> {
    let (mut file, mut text) = (File::open(path)?, String::new());
    if path.ends_with(".gz") {
        GzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        file.read_to_string(&mut text)?;
    }
    Ok(text)
}
