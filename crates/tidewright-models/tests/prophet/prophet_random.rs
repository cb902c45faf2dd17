//! Held against Prophet 1.5.0 on 202 random specifications, and against flat growth solved in extended precision.
//!
//! Stan's optimisers stop short of the optimum, so the measure is the objective, never above the better of the two, and
//! the conditions of the optimum. With flat growth nothing stops anybody short: there forecasts agree digit by digit.
//! `benches/against/prophet` makes the files again.

use std::io::Read;

use serde_json::Value;
use tidewright_core::{Grid, Timestamp};
use tidewright_models::prophet::{
    Covariates, GridPlan, History, Intervals, ProphetFit, Settings, Uncertainty, fit_history,
    optimality_of,
};

#[path = "../against/specification.rs"]
mod specification;

/// Relative to Stan's objective: what the product promises.
const ABOVE_STAN_MAX: f64 = 1e-6;
/// The largest scaled violation of a condition of the optimum where the problem has only one.
const VIOLATION_MAX: f64 = 1e-6;
/// Between a forecast column and the reference, relative to the column's largest value.
const APART_MAX: f64 = 1e-9;
/// Where the posterior has several optima anyone may find the worse: in how many cases that is a fault of ours.
const HARD_LOST_MAX: usize = 2;

/// A series, what is to be made of it, and what Stan made of it.
struct Case {
    json: Value,
    settings: Settings,
    times: Vec<Timestamp>,
    values: Vec<f64>,
    covariates: Covariates,
}

/// How a fit compares with Stan's better one.
struct Verdict {
    name: String,
    kind: String,
    /// Natural logarithm units of the posterior; negative where ours is better.
    above: f64,
    relative: f64,
    violation: f64,
}

fn load(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/{name}.json.gz", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::File::open(path).expect("the file is there");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("the file is whole");
    serde_json::from_str(&text).expect("the file is whole")
}

impl Case {
    fn new(json: Value) -> Self {
        let values = specification::numbers(&json["y"]);
        Self {
            settings: specification::settings(&json),
            times: specification::times(&json, values.len()),
            covariates: specification::covariates(&json),
            values,
            json,
        }
    }

    fn name(&self) -> &str {
        specification::text(&self.json["name"])
    }

    fn kind(&self) -> &str {
        specification::text(&self.json["kind"])
    }

    fn history(&self) -> History<'_> {
        History { times: &self.times, values: &self.values, covariates: &self.covariates }
    }

    fn fit(&self) -> ProphetFit {
        fit_history(&self.history(), &self.settings)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name()))
    }

    /// The same by the shared-grid path, where that path serves such a case.
    fn fit_on_grid(&self) -> Option<ProphetFit> {
        if !self.json["times"].is_null() || !self.settings.shares_a_grid() {
            return None;
        }
        let step = self.times[1].as_millis() - self.times[0].as_millis();
        let grid = Grid::new(self.times[0], step, self.times.len()).expect("a positive step");
        let fit = GridPlan::new(grid, &self.settings).fit(&self.values);
        Some(fit.unwrap_or_else(|error| panic!("{}: {error}", self.name())))
    }

    /// The better of Stan's two optimisers.
    fn stan(&self) -> f64 {
        let reached = self.json["stan"].as_object().expect("the file is whole").values();
        reached.filter_map(Value::as_f64).fold(f64::INFINITY, f64::min)
    }

    fn violation(&self, fit: &ProphetFit) -> f64 {
        let measured = optimality_of(fit, &self.history());
        measured.unwrap_or_else(|error| panic!("{}: {error}", self.name())).residual
    }

    fn verdict(&self, fit: &ProphetFit) -> Verdict {
        let above = fit.objective() - self.stan();
        Verdict {
            name: self.name().to_owned(),
            kind: self.kind().to_owned(),
            above,
            relative: above / self.stan().abs(),
            violation: self.violation(fit),
        }
    }
}

fn verdicts(wanted: impl Fn(&Case) -> bool) -> Vec<Verdict> {
    let cases: Vec<Case> = load("random").into_iter().map(Case::new).filter(wanted).collect();
    cases.iter().map(|case| case.verdict(&case.fit())).collect()
}

/// Prints what a test is about, and hands back the names of what is not as it should be.
#[expect(
    clippy::print_stdout,
    reason = "how far we are below Stan is worth a line of a test's log"
)]
fn summary(title: &str, verdicts: &[Verdict], fails: impl Fn(&Verdict) -> bool) -> Vec<String> {
    let worst = verdicts.iter().map(|verdict| verdict.above).fold(f64::NEG_INFINITY, f64::max);
    let best = verdicts.iter().map(|verdict| verdict.above).fold(f64::INFINITY, f64::min);
    let lower = verdicts.iter().filter(|verdict| verdict.above < 0.0).count();
    let violation = verdicts.iter().map(|verdict| verdict.violation).fold(0.0, f64::max);
    println!(
        "{title}: {} cases, {lower} strictly below Stan; ours - Stan {best:.3e} to {worst:.3e} nats; \
         worst violation {violation:.1e}",
        verdicts.len()
    );
    let failed = verdicts.iter().filter(|verdict| fails(verdict));
    let told = failed.map(|verdict| {
        let Verdict { name, kind, above, relative, violation } = verdict;
        format!(
            "{name} ({kind}): {above:.3e} nats, {relative:.1e} relative, violation {violation:.1e}"
        )
    });
    told.collect()
}

fn check(title: &str, kinds: &[&str], fails: impl Fn(&Verdict) -> bool) {
    let found = verdicts(|case| kinds.contains(&case.kind()));
    let failed = summary(title, &found, fails);
    assert!(failed.is_empty(), "{title}: {failed:#?}");
}

#[test]
fn convex_cases_are_solved_to_the_conditions_of_the_optimum() {
    check("linear growth, additive", &["linear"], |verdict| {
        verdict.relative > ABOVE_STAN_MAX || verdict.violation > VIOLATION_MAX
    });
}

#[test]
fn flat_growth_is_never_above_stan() {
    check("flat growth", &["flat"], |verdict| {
        verdict.relative > ABOVE_STAN_MAX || verdict.violation > VIOLATION_MAX
    });
}

#[test]
fn logistic_growth_is_never_above_stan() {
    check("logistic growth", &["logistic"], |verdict| verdict.relative > ABOVE_STAN_MAX);
}

#[test]
fn identifiable_factors_are_never_above_stan() {
    check("factors", &["multiplicative"], |verdict| verdict.relative > ABOVE_STAN_MAX);
}

#[test]
fn a_weekly_factor_on_one_week_is_rarely_above_stan() {
    let found = verdicts(|case| case.kind() == "hard");
    let lost = summary("factors that nothing identifies", &found, |verdict| {
        verdict.relative > ABOVE_STAN_MAX
    });
    assert!(lost.len() <= HARD_LOST_MAX, "{lost:#?}");
}

#[test]
fn a_shared_grid_gives_the_objective_of_the_rows() {
    let mut shared = 0;
    for case in load("random").into_iter().map(Case::new).filter(|case| case.kind() != "hard") {
        let Some(fit) = case.fit_on_grid() else { continue };
        let generic = case.fit().objective();
        let gap = (fit.objective() - generic).abs();
        assert!(gap <= 1e-8 * generic.abs(), "{}: {gap} apart", case.name());
        shared += 1;
    }
    assert!(shared >= 20, "only {shared} cases lie on a grid");
}

#[test]
fn forecasts_of_flat_growth_agree_to_nine_digits() {
    let cases: Vec<Case> = load("random").into_iter().map(Case::new).collect();
    let mut worst: f64 = 0.0;
    for tight in load("tight") {
        let at_rows = cases.iter().find(|case| case.name() == specification::text(&tight["name"]));
        worst = worst.max(match at_rows {
            Some(case) => apart_at_rows(case, &tight),
            None => apart_at_moments(&tight),
        });
    }
    println!("flat growth against extended precision: at most {worst:.1e} of a column apart");
}

fn apart_at_rows(case: &Case, tight: &Value) -> f64 {
    let rows: Vec<usize> = specification::list(&tight["rows"])
        .map(|row| specification::number(row) as usize)
        .collect();
    let times: Vec<Timestamp> = rows.iter().map(|&row| case.times[row]).collect();
    let names = case.json["covariates"].as_object().into_iter().flatten().map(|(name, _)| name);
    let covariates = names.fold(Covariates::none(), |all, name| {
        let column = case.covariates.column(name).expect("it is a name of a column");
        all.with(name, rows.iter().map(|&row| column[row]).collect())
    });
    apart(&case.fit(), tight, (&times, &covariates))
}

fn apart_at_moments(tight: &Value) -> f64 {
    let case = Case::new(tight.clone());
    let shown = specification::moments(tight["shown"].as_array().expect("the file is whole"));
    apart(&case.fit(), tight, (&shown, &Covariates::none()))
}

/// How far the columns of a forecast are from the reference, relative to each column's largest value.
fn apart(fit: &ProphetFit, tight: &Value, (times, covariates): (&[Timestamp], &Covariates)) -> f64 {
    let name = specification::text(&tight["name"]);
    let uncertainty = Uncertainty { interval_width: 0.8, method: Intervals::Exact };
    let ours = fit.components(times, covariates, &uncertainty).expect("the columns are there");
    let wanted = specification::number(&tight["objective"]);
    assert!((fit.objective() - wanted).abs() <= 1e-10 * wanted.abs(), "{name}: {wanted}");
    let sigma = specification::number(&tight["sigma"]);
    assert!((fit.sigma() / sigma - 1.0).abs() <= APART_MAX, "{name}: {} {sigma}", fit.sigma());
    let columns = tight["columns"].as_object().expect("the file is whole");
    let each = columns.iter().map(|(column, values)| {
        let values = specification::numbers(values);
        let found = ours.column(column).unwrap_or_else(|| panic!("{name}: no column `{column}`"));
        let size = values.iter().map(|value| value.abs()).fold(f64::MIN_POSITIVE, f64::max);
        let gaps = found.point.iter().zip(&values).map(|(ours, wanted)| (ours - wanted).abs());
        let far = gaps.fold(0.0, f64::max) / size;
        assert!(far <= APART_MAX, "{name}: `{column}` is {far:.1e} of its size apart");
        far
    });
    each.fold(0.0, f64::max)
}
