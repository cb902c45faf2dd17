//! The shared-grid path and the generic path are two roads to one optimum: held together on random specifications.
//!
//! Any grid, gaps, number of changepoints, up to 64 columns, additive, multiplicative and mixed. Seasons may nearly
//! coincide: then the objectives agree long before the unknowns do.

use proptest::prelude::*;
use tidewright_core::{Grid, SeasonalityMode, Timestamp};
use tidewright_models::prophet::{
    GridPlan, ProphetFit, Seasonality, Settings, fit_rows, optimality,
};
use tidewright_numerics::Random;

/// A specification and a history for it.
#[derive(Clone, Debug)]
struct Case {
    settings: Settings,
    grid: Grid,
    values: Vec<f64>,
}

fn mode() -> impl Strategy<Value = SeasonalityMode> {
    prop_oneof![Just(SeasonalityMode::Additive), Just(SeasonalityMode::Multiplicative)]
}

/// Seasons by period in rows, so that each history holds them several times.
fn seasons(mixed: bool) -> impl Strategy<Value = Vec<(f64, usize, f64, SeasonalityMode)>> {
    let season = (5.0..40.0f64, 1..11usize, 0.1..20.0f64, mode());
    prop::collection::vec(season, 0..4).prop_map(move |mut seasons| {
        let first = seasons.first().map(|season| season.3);
        for season in &mut seasons {
            season.3 = if mixed { season.3 } else { first.unwrap_or(season.3) };
            // As many harmonics as rows can tell apart.
            season.1 = season.1.min((season.0 / 2.5) as usize).max(1);
        }
        seasons
    })
}

fn case() -> impl Strategy<Value = Case> {
    let size =
        (120..700usize, prop_oneof![Just(1_000i64), Just(60_000), Just(3_600_000), 1..90_000i64]);
    let trend = (0..60usize, 0.3..1.0f64, 0.005..1.0f64);
    let gaps = prop_oneof![2 => Just(0.0), 1 => 0.0..0.4f64];
    (size, any::<bool>().prop_flat_map(seasons), trend, gaps, 0..u64::MAX).prop_map(
        |((len, step), seasons, (n_changepoints, changepoint_range, tau), gaps, seed)| {
            let mut settings = Settings::new(SeasonalityMode::Additive);
            (settings.n_changepoints, settings.changepoint_range) =
                (n_changepoints, changepoint_range);
            settings.changepoint_prior_scale = tau;
            for (number, (period, fourier_order, prior_scale, mode)) in
                seasons.into_iter().enumerate()
            {
                settings.seasonalities.push(Seasonality {
                    name: format!("season_{number}"),
                    period: period * step as f64 / 86_400_000.0,
                    fourier_order,
                    prior_scale,
                    mode,
                    condition: None,
                });
            }
            let start = Timestamp::from_secs((seed % 2_000_000_000) as i64);
            let grid = Grid::new(start, step, len).expect("a positive step");
            Case { settings, grid, values: history(len, gaps, seed) }
        },
    )
}

/// A level that bends, waves that grow with it, noise and gaps.
fn history(len: usize, gaps: f64, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let (mut level, mut rate) = (100.0, 0.0);
    let period = 5.0 + 35.0 * random.uniform();
    let value = |i: usize| {
        if i.is_multiple_of(60) {
            rate = 0.4 * (random.uniform() - 0.5);
        }
        level = f64::clamp(level + rate, 40.0, 400.0);
        let wave = 1.0 + 0.4 * (std::f64::consts::TAU * i as f64 / period).sin();
        let seen = level * wave + 5.0 * random.normal();
        if random.uniform() < gaps { f64::NAN } else { seen }
    };
    (0..len).map(value).collect()
}

impl Case {
    fn is_convex(&self) -> bool {
        self.settings.seasonalities.iter().all(|season| season.mode == SeasonalityMode::Additive)
    }

    fn times(&self) -> Vec<Timestamp> {
        (0..self.grid.len()).map(|row| self.grid.timestamp(row)).collect()
    }

    fn measured(&self, fit: &ProphetFit) -> f64 {
        optimality(fit, &self.times(), &self.values).residual
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn both_paths_reach_the_same_optimum(case in case()) {
        let shared = GridPlan::new(case.grid, &case.settings).fit(&case.values).expect("enough rows");
        let generic = fit_rows(&case.times(), &case.values, &case.settings).expect("enough rows");
        let size = generic.objective().abs().max(1.0);
        let apart = (shared.objective() - generic.objective()).abs();
        if case.is_convex() {
            prop_assert!(apart <= 1e-9 * size, "{apart}");
            prop_assert!(case.measured(&shared) <= 1e-5, "{}", case.measured(&shared));
            prop_assert!(case.measured(&generic) <= 1e-5, "{}", case.measured(&generic));
        } else {
            prop_assert!(apart <= 1e-6 * size, "{apart}");
        }
    }
}
