"""Makes reference.json: likelihoods by statsmodels at given parameters, optima by both and forecasts by statsmodels."""
import json
import math

import numpy as np
from statsforecast.models import ARIMA
from statsforecast.utils import AirPassengers
from statsmodels.datasets import nile, sunspots
from statsmodels.tsa.statespace.sarimax import SARIMAX

rng = np.random.default_rng(7)


def sarima(n, ar, ma, season, sar, sma, differences, drift=0.0):
    """A synthetic series; `differences` are lags that are added up again."""
    phi = np.convolve(np.r_[1, -np.array(ar)], expand(-np.array(sar), season))
    theta = np.convolve(np.r_[1, np.array(ma)], expand(np.array(sma), season))
    shocks = rng.normal(size=n + 500)
    y = np.zeros(n + 500)
    for t in range(len(y)):
        y[t] = sum(theta[k] * shocks[t - k] for k in range(min(t + 1, len(theta))))
        y[t] -= sum(phi[k] * y[t - k] for k in range(1, min(t + 1, len(phi))))
    y = y[500:] + drift
    for lag in differences:
        for t in range(lag, len(y)):
            y[t] += y[t - lag]
    return [round(float(v), 4) for v in y]


def expand(coefficients, season):
    out = np.zeros(season * len(coefficients) + 1)
    out[0] = 1
    for k, c in enumerate(coefficients):
        out[(k + 1) * season] = c
    return out


def with_gaps(values, every):
    return [None if i % every in (5, 6) and i > 60 else v for i, v in enumerate(values)]


series = {
    "air_log": [round(math.log(v), 6) for v in AirPassengers],
    "nile": [float(v) for v in nile.load_pandas().data["volume"]],
    "sunspots": [float(v) for v in sunspots.load_pandas().data["SUNACTIVITY"]],
    "walk": sarima(200, [], [], 1, [], [], [1], 0.3),
    "arma": sarima(300, [0.7, -0.3], [0.5], 1, [], [], []),
    "hourly": sarima(480, [0.5], [0.2], 24, [], [-0.6], [24, 1]),
    "daily": sarima(420, [0.6], [], 7, [0.4], [], [7]),
}
series["arma_gaps"] = with_gaps(series["arma"], 11)
series["hourly_gaps"] = with_gaps(series["hourly"], 37)
series["daily_gaps"] = with_gaps(series["daily"], 9)


def likelihood(values, order, seasonal, season, parameters, variance):
    """Of the values given those that differencing costs."""
    y = np.array([np.nan if v is None else v for v in values], float)
    complete = not np.isnan(y).any()
    model = SARIMAX(
        y, order=order, seasonal_order=(*seasonal, season if season > 1 else 0),
        simple_differencing=complete, use_exact_diffuse=not complete,
        concentrate_scale=False, enforce_stationarity=True, enforce_invertibility=True,
    )
    out = model.filter([*parameters, variance])
    lost = 0 if complete else order[1] + seasonal[1] * season
    return float(out.llf_obs[lost:].sum())


AT = [
    ("air_log", (0, 1, 1), (0, 1, 1), 12, [-0.4, -0.55], 0.0013),
    ("air_log", (2, 1, 1), (1, 1, 1), 12, [0.3, -0.2, -0.6, 0.2, -0.7], 0.0015),
    ("nile", (1, 0, 1), (0, 0, 0), 1, [0.999, -0.8], 20000.0),
    ("nile", (0, 1, 1), (0, 0, 0), 1, [-0.7], 20000.0),
    ("sunspots", (3, 0, 2), (0, 0, 0), 1, [0.9, 0.2, -0.3, 0.4, 0.1], 250.0),
    ("arma", (2, 0, 1), (0, 0, 0), 1, [0.7, -0.3, 0.5], 1.1),
    ("arma_gaps", (2, 0, 1), (0, 0, 0), 1, [0.7, -0.3, 0.5], 1.1),
    ("hourly", (1, 1, 1), (0, 1, 1), 24, [0.5, 0.2, -0.6], 1.0),
    ("hourly", (0, 1, 2), (2, 1, 1), 24, [0.3, 0.1, 0.2, -0.1, -0.5], 1.2),
    ("hourly_gaps", (1, 1, 1), (0, 1, 1), 24, [0.5, 0.2, -0.6], 1.0),
    ("daily", (1, 0, 0), (1, 1, 0), 7, [0.6, 0.4], 0.9),
    ("daily_gaps", (1, 0, 0), (1, 1, 0), 7, [0.6, 0.4], 0.9),
]

FITS = [
    ("air_log", (0, 1, 1), (0, 1, 1), 12, False),
    ("air_log", (2, 1, 1), (0, 1, 0), 12, False),
    ("nile", (0, 1, 1), (0, 0, 0), 1, False),
    ("nile", (1, 0, 1), (0, 0, 0), 1, True),
    ("sunspots", (2, 0, 1), (0, 0, 0), 1, True),
    ("walk", (0, 1, 1), (0, 0, 0), 1, True),
    ("arma", (2, 0, 1), (0, 0, 0), 1, True),
    ("hourly", (1, 1, 1), (0, 1, 1), 24, False),
    ("daily", (1, 0, 0), (1, 1, 0), 7, True),
]


def fitted(name, order, seasonal, season, constant):
    """Where statsforecast's `ARIMA` ends; it fails on missing values. The last coefficient is the differences' mean."""
    y = np.array(series[name], float)
    differences = order[1] + seasonal[1]
    model = ARIMA(
        order=order, season_length=season, seasonal_order=seasonal,
        include_mean=constant and differences == 0, include_drift=constant and differences == 1,
    )
    fit = model.fit(y).model_
    coefficients = {name: float(c) for name, c in fit["coef"].items()}
    drift = coefficients.pop("drift", 0.0) * (season if seasonal[1] else 1)
    last = coefficients.pop("intercept", drift)
    return {"coefficients": [*coefficients.values(), last], "variance": float(fit["sigma2"])}


def best(name, order, seasonal, season, constant):
    """The best of several fits by statsmodels from random starts: likelihoods have several hills."""
    y = np.array([np.nan if v is None else v for v in series[name]], float)
    # Of the differenced series: a mean, or else a drift.
    trend = "c" if constant else None
    complete = not np.isnan(y).any()
    make = lambda **how: SARIMAX(
        y, order=order, seasonal_order=(*seasonal, season if season > 1 else 0), trend=trend, **how,
    )
    # Differencing first is the same likelihood and much faster; forecasts need the levels.
    whole = make(use_exact_diffuse=True)
    model = make(simple_differencing=True) if complete else whole
    starts = [model.start_params]
    for _ in range(6 if complete and season <= 12 else 0):
        start = model.start_params.copy()
        terms = slice(1 if trend else 0, -1)
        start[terms] = rng.uniform(-0.4, 0.4, size=len(start[terms]))
        starts.append(start)
    lost = 0 if complete else order[1] + seasonal[1] * season
    fits = []
    for start in starts:
        fit = model.fit(start, disp=0, maxiter=200)
        fits.append((float(fit.llf_obs[lost:].sum()), fit.params))
    likelihood, parameters = max(fits, key=lambda pair: pair[0])
    ahead = whole.filter(parameters).get_forecast(24)
    return {
        "log_likelihood": likelihood,
        "mean": [float(v) for v in ahead.predicted_mean],
        "deviation": [float(v) for v in ahead.se_mean],
    }


GAPPY = [
    ("arma_gaps", (2, 0, 1), (0, 0, 0), 1, True),
    ("daily_gaps", (1, 0, 0), (1, 1, 0), 7, False),
    ("hourly_gaps", (1, 1, 1), (0, 1, 1), 24, False),
]

cases = {
    "series": series,
    "at": [
        dict(series=s, order=o, seasonal=so, season=m, parameters=p, variance=v,
             log_likelihood=likelihood(series[s], o, so, m, p, v))
        for s, o, so, m, p, v in AT
    ],
    "fits": [
        dict(series=s, order=o, seasonal=so, season=m, constant=c,
             statsforecast=fitted(s, o, so, m, c), **best(s, o, so, m, c))
        for s, o, so, m, c in FITS
    ] + [
        dict(series=s, order=o, seasonal=so, season=m, constant=c, **best(s, o, so, m, c))
        for s, o, so, m, c in GAPPY
    ],
}
with open("reference.json", "w") as out:
    json.dump(cases, out, separators=(",", ":"))
    out.write("\n")
