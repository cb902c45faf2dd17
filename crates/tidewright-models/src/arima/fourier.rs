//! Waves of the seasons with ARIMA errors: for long or several seasons, which lags cannot reach.
//!
//! Dynamic harmonic regression (Young, Pedregal, Tych 1999). Generalised least squares: values and waves go through the
//! errors' own filter, gaps and all, which leaves them uncorrelated; waves enter in the order of what they explain as
//! long as Akaike's corrected criterion likes it; errors get a model by search, and both are done again. Trends are the
//! errors' affair. Amplitudes are then taken for known; the bands are widened by the degrees of freedom that they cost.

use tidewright_numerics::{factor, solve_upper, weighted_gram};

use super::fit::ArimaFit;
use super::ground::mean;
use super::orders::{Order, Orders};
use super::search::{Limits, observed, search};
use super::waves::{Wave, candidates};
use super::{fit_orders, told};
use crate::FitError;
use crate::steps::{Past, StepFitted, StepForecast, StepForecaster};

/// Regression and errors in turn: a third time changes nothing that a forecast shows.
const ROUNDS: usize = 2;
/// Added to each diagonal element, as a share of it: waves that gaps make alike stay apart.
const RIDGE: f64 = 1e-9;
/// Numbers before the waves, and for each of them.
const HEAD: usize = 5;
const PER_WAVE: usize = 4;

/// Waves with the amplitudes of their cosines and sines.
type Waves = Vec<(Wave, [f64; 2])>;

/// Fourier terms with ARIMA errors.
#[derive(Clone, Copy, Debug, Default)]
pub struct FourierArma {
    /// How far the search for the errors' orders goes.
    pub limits: Limits,
}

/// Fitted waves and the model of what they leave.
#[derive(Clone, Debug)]
pub struct FourierFit {
    waves: Waves,
    offset: f64,
    /// What 1 stands for in the amplitudes and in the errors.
    unit: f64,
    /// How much wider the errors are than their model, which knows nothing of the waves, takes them for.
    widening: f64,
    /// Steps since the first value.
    steps: f64,
    errors: ArimaFit,
}

impl StepForecaster for FourierArma {
    fn name(&self) -> &'static str {
        "fourier-arma"
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        Ok(Box::new(FourierFit::new(past.values(), past.seasons(), &self.limits)?))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        Some(Box::new(FourierFit::from_numbers(numbers)?))
    }
}

impl FourierFit {
    /// Learns waves of these seasons and the model of their errors; NaN is a gap.
    ///
    /// # Errors
    /// [`FitError`] if there are fewer than three numbers.
    pub fn new(values: &[f64], seasons: &[usize], limits: &Limits) -> Result<Self, FitError> {
        let (values, after) = told(values)?;
        let there: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        let offset = mean(&there);
        let most = there.iter().fold(0.0f64, |most, value| most.max((value - offset).abs()));
        let unit = if most > 0.0 { most } else { 1.0 };
        let scaled: Vec<f64> = values.iter().map(|value| (value - offset) / unit).collect();
        let possible =
            if most > 0.0 { candidates(seasons, values.len(), there.len()) } else { Vec::new() };
        let (waves, errors) = alternate(&scaled, &possible, limits)?;
        let freedom = (there.len() - errors.orders().parameters()) as f64;
        let widening = (freedom / (freedom - 2.0 * waves.len() as f64)).sqrt();
        let steps = values.len() as f64;
        let mut fit = Self { waves, offset, unit, widening, steps, errors };
        (0..after).for_each(|_| fit.update(None));
        Ok(fit)
    }

    /// The model of what the waves leave.
    pub const fn errors(&self) -> &ArimaFit {
        &self.errors
    }

    /// The model that [`StepFitted::numbers`] told of; `None` if no fit could have.
    pub fn from_numbers(numbers: &[f64]) -> Option<Self> {
        let (head, rest) = numbers.split_first_chunk::<HEAD>()?;
        let [tag, offset, unit, widening, steps] = *head;
        let count = (tag < 0.0 && tag.fract() == 0.0 && tag > -1e6).then(|| -tag as usize - 1)?;
        let (waves, errors) = rest.split_at_checked(count * PER_WAVE)?;
        let (waves, _) = waves.as_chunks::<PER_WAVE>();
        let wave = |[season, harmonic, cosine, sine]: &[f64; PER_WAVE]| {
            let possible = cosine.is_finite() && sine.is_finite();
            let wave = Wave::from_numbers(*season, *harmonic).filter(|_| possible)?;
            Some((wave, [*cosine, *sine]))
        };
        let waves = waves.iter().map(wave).collect::<Option<Vec<_>>>()?;
        let possible = head.iter().all(|x| x.is_finite()) && unit > 0.0 && widening >= 1.0;
        let errors = ArimaFit::from_numbers(errors).filter(|_| possible && steps >= 0.0)?;
        Some(Self { waves, offset, unit, widening, steps, errors })
    }

    /// Whether numbers are those of such a fit rather than of an [`ArimaFit`]: an order is never negative.
    pub(super) fn is_told_by(numbers: &[f64]) -> bool {
        numbers.first().is_some_and(|tag| *tag < 0.0)
    }

    fn season(&self, step: f64) -> f64 {
        seasonal(&self.waves, step)
    }
}

impl StepFitted for FourierFit {
    fn predict(&self, steps: usize) -> StepForecast {
        let mut forecast = self.errors.predict(steps);
        for (ahead, point) in forecast.point.iter_mut().enumerate() {
            let scaled = *point + self.season(self.steps + ahead as f64);
            *point = (self.offset + self.unit * scaled).clamp(f64::MIN, f64::MAX);
        }
        let wide = |deviation: &mut f64| {
            *deviation = (*deviation * self.unit * self.widening).min(f64::MAX);
        };
        forecast.deviation.iter_mut().for_each(wide);
        forecast
    }

    fn update(&mut self, value: Option<f64>) {
        let season = self.season(self.steps);
        self.errors.update(value.map(|value| (value - self.offset) / self.unit - season));
        self.steps += 1.0;
    }

    fn numbers(&self) -> Vec<f64> {
        let tag = -(self.waves.len() as f64) - 1.0;
        let mut numbers = vec![tag, self.offset, self.unit, self.widening, self.steps];
        for (wave, [cosine, sine]) in &self.waves {
            numbers.extend([wave.season as f64, wave.harmonic as f64, *cosine, *sine]);
        }
        numbers.extend(self.errors.numbers());
        numbers
    }

    /// `6 waves [24: 4, 168: 2] with errors ARIMA(2,0,1) with mean`.
    fn describe(&self) -> String {
        let mut seasons: Vec<usize> = self.waves.iter().map(|(wave, _)| wave.season).collect();
        seasons.sort_unstable();
        let counts: Vec<String> = seasons
            .chunk_by(|a, b| a == b)
            .map(|same| format!("{}: {}", same[0], same.len()))
            .collect();
        let errors = self.errors.describe();
        format!("{} waves [{}] with errors {errors}", self.waves.len(), counts.join(", "))
    }
}

fn seasonal(waves: &[(Wave, [f64; 2])], step: f64) -> f64 {
    let each = waves.iter().map(|(wave, [a, b])| {
        let [cosine, sine] = wave.at(step);
        a * cosine + b * sine
    });
    each.sum()
}

/// Waves and errors in turn, from errors that wander.
fn alternate(
    values: &[f64],
    possible: &[Wave],
    limits: &Limits,
) -> Result<(Waves, ArimaFit), FitError> {
    if possible.is_empty() {
        return Ok((Vec::new(), search(values, 1, limits)?));
    }
    let wander = Orders::new(Order::new(0, 1, 0))?;
    let mut errors = fit_orders(values, &wander)?;
    let mut waves = Vec::new();
    for _ in 0..ROUNDS {
        waves = regress(values, possible, &errors);
        let left: Vec<f64> =
            values.iter().zip(0u32..).map(|(y, t)| y - seasonal(&waves, f64::from(t))).collect();
        errors = search(&left, 1, limits)?;
    }
    Ok((waves, errors))
}

/// The waves that are worth their parameters, by least squares on what the errors' filter leaves uncorrelated.
fn regress(values: &[f64], possible: &[Wave], errors: &ArimaFit) -> Waves {
    let like = |column: &dyn Fn(f64) -> f64| -> Vec<f64> {
        let steps = values.iter().zip(0u32..);
        let gapped = steps.map(|(y, t)| if y.is_nan() { f64::NAN } else { column(f64::from(t)) });
        errors.whitened(&gapped.collect::<Vec<f64>>())
    };
    let len = values.len() as f64;
    // What the errors' own constant stands for must not be taken for a wave.
    let is_line = errors.orders().lost() > 0;
    let mut columns = vec![like(&|t| if is_line { t / len } else { 1.0 })];
    for wave in possible {
        columns.extend([0, 1].map(|part| like(&|t| wave.at(t)[part])));
    }
    columns.push(errors.whitened(values));
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let gram = weighted_gram(&views, &vec![1.0; columns[0].len()]);
    chosen(&gram, possible, observed(values) as f64)
}

/// From all products of the columns (a line, cosines and sines, the values): which waves, and how high they go.
fn chosen(gram: &[f64], possible: &[Wave], count: f64) -> Waves {
    let size = 2 * possible.len() + 2;
    let last = size - 1;
    let worth = |column: usize| {
        let own = gram[column * size + column];
        if own > 0.0 { gram[column * size + last].powi(2) / own } else { 0.0 }
    };
    let mut ranked: Vec<usize> = (0..possible.len()).collect();
    let of_wave = |wave: usize| worth(2 * wave + 1) + worth(2 * wave + 2);
    ranked.sort_by(|a, b| of_wave(*b).total_cmp(&of_wave(*a)));
    let waves = ranked.iter().flat_map(|wave| [2 * wave + 1, 2 * wave + 2]);
    let places: Vec<usize> = [0].into_iter().chain(waves).chain([last]).collect();
    let mut ordered = vec![0.0; size * size];
    for (i, from) in places.iter().enumerate() {
        for (k, to) in places.iter().enumerate() {
            ordered[i * size + k] = gram[from * size + to];
        }
        ordered[i * size + i] *= 1.0 + RIDGE;
    }
    if factor(&mut ordered, size, last).is_err() {
        return Vec::new();
    }
    let explained = |row: usize| ordered[row * size + last].powi(2);
    let worthwhile = best_prefix(gram[last * size + last], &explained, possible.len(), count);
    let kept = 1 + 2 * worthwhile;
    let mut amplitudes = vec![0.0; size];
    (0..kept).for_each(|row| amplitudes[row] = ordered[row * size + last]);
    solve_upper(&ordered, size, kept, &mut amplitudes);
    let pairs = amplitudes[1..kept].as_chunks::<2>().0;
    ranked.iter().zip(pairs).map(|(wave, pair)| (possible[*wave], *pair)).collect()
}

/// How many waves make Akaike's corrected criterion least.
fn best_prefix(squares: f64, explained: &dyn Fn(usize) -> f64, waves: usize, count: f64) -> usize {
    let mut left = squares - explained(0);
    let (mut best, mut least) = (0, f64::INFINITY);
    for used in 0..=waves {
        if used > 0 {
            left -= explained(2 * used - 1) + explained(2 * used);
        }
        let k = 2.0 * used as f64 + 2.0;
        let few = count - k - 1.0;
        // Rounding leaves a share of the squares even where nothing is left.
        let left = left.max(1e-14 * squares);
        let aicc = count * (left / count).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / few;
        if few > 0.0 && aicc < least {
            (best, least) = (used, aicc);
        }
    }
    best
}
