//! Likelihoods as statsmodels computes them, optima no worse than its own and statsforecast's, and the same forecasts.

use serde_json::Value;
use tidewright_models::arima::{Coefficients, Order, Orders, fit_orders, log_likelihood};
use tidewright_models::steps::StepFitted;

fn reference() -> Value {
    serde_json::from_str(include_str!("../data/arima/reference.json")).expect("JSON")
}

fn numbers(list: &Value) -> Vec<f64> {
    // `null` is a gap.
    list.as_array().expect("a list").iter().map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
}

fn orders(case: &Value) -> Orders {
    let order = |name: &str| {
        let counts = numbers(&case[name]);
        Order::new(counts[0] as usize, counts[1] as usize, counts[2] as usize)
    };
    let season = case["season"].as_u64().expect("a season") as usize;
    Orders::seasonal(order("order"), order("seasonal"), season).expect("orders")
}

fn coefficients(orders: &Orders, parameters: &[f64]) -> Coefficients {
    let (plain, seasonal) = (orders.plain(), orders.at_seasons());
    let mut rest = parameters.iter().copied();
    let mut take = |count: usize| rest.by_ref().take(count).collect::<Vec<f64>>();
    Coefficients {
        ar: take(plain.ar),
        ma: take(plain.ma),
        seasonal_ar: take(seasonal.ar),
        seasonal_ma: take(seasonal.ma),
        constant: take(1).first().copied().unwrap_or(0.0),
    }
}

#[test]
fn the_likelihood_is_that_of_statsmodels() {
    let reference = reference();
    for case in reference["at"].as_array().unwrap() {
        let name = case["series"].as_str().unwrap();
        let values = numbers(&reference["series"][name]);
        let orders = orders(case);
        let at = coefficients(&orders, &numbers(&case["parameters"]));
        let variance = case["variance"].as_f64().unwrap();
        let found = log_likelihood(&values, &orders, &at, variance).unwrap();
        let want = case["log_likelihood"].as_f64().unwrap();
        assert!((found - want).abs() < 1e-8 * want.abs(), "{name} {orders} {found} not {want}");
    }
}

#[test]
fn optima_are_no_worse_than_the_references_and_forecasts_are_alike() {
    let reference = reference();
    for case in reference["fits"].as_array().unwrap() {
        let name = case["series"].as_str().unwrap();
        let values = numbers(&reference["series"][name]);
        let orders = orders(case);
        let terms =
            orders.plain().ar + orders.plain().ma + orders.at_seasons().ar + orders.at_seasons().ma;
        let constant = case["constant"].as_bool().unwrap();
        let orders = if constant { orders.with_constant() } else { orders };
        let fit = fit_orders(&values, &orders).unwrap();
        let found = fit.log_likelihood();
        let want = case["log_likelihood"].as_f64().expect("a likelihood");
        assert!(found > want - 1e-3, "{name} {orders} {found} not {want}");
        if let Some(theirs) = case.get("statsforecast") {
            let at = coefficients(&orders, &numbers(&theirs["coefficients"]));
            let variance = theirs["variance"].as_f64().expect("a variance");
            let want = log_likelihood(&values, &orders, &at, variance).unwrap();
            assert!(found > want - 1e-3, "{name} {orders} {found} not {want}");
        }
        // The references' variance is the likelihood's own; ours has lost a degree of freedom for each parameter.
        let differences =
            orders.plain().differences + orders.at_seasons().differences * orders.season();
        let count = (values.iter().filter(|x| !x.is_nan()).count() - differences) as f64;
        let freedom = count - (terms + usize::from(constant)) as f64;
        let lost = (count / freedom).sqrt();
        let forecast = fit.predict(24);
        let (means, deviations) = (numbers(&case["mean"]), numbers(&case["deviation"]));
        for h in 0..24 {
            let miss = (forecast.point[h] - means[h]).abs() / deviations[h];
            assert!(miss < 0.02, "{name} {orders} {h} {} {}", forecast.point[h], means[h]);
            let ratio = forecast.deviation[h] / deviations[h] / lost;
            assert!((ratio - 1.0).abs() < 0.005, "{name} {orders} {h} {ratio}");
        }
    }
}
