"""A specification in plain JSON, and the real Prophet made from it.

The same JSON is read by the tests of `tidewright-models`, so both sides fit the same rows with the same settings.
Moments are whole seconds since 1970; a value of `null` is a gap. Objectives are negative log posteriors in the form of
Stan's `~` statements (constants dropped): smaller is better. Not here: making data up.
"""

import logging
import math
import warnings

import numpy as np
import pandas as pd

logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)  # it misses plotly

from prophet import Prophet

warnings.filterwarnings("ignore")
for speaker in ("prophet", "cmdstanpy"):
    # A handler of its own keeps cmdstanpy from adding one that talks.
    logging.getLogger(speaker).addHandler(logging.NullHandler())
    logging.getLogger(speaker).setLevel(logging.CRITICAL)
    logging.getLogger(speaker).propagate = False

# Stan prints eight digits unless told otherwise: too few to compare objectives.
DIGITS = 17


def moments(spec):
    """The seconds of every row."""
    if spec.get("times"):
        return np.cumsum(np.array(spec["times"], dtype=np.int64))
    return spec["start"] + spec["step"] * np.arange(len(spec["y"]), dtype=np.int64)


def stamps(seconds):
    """Seconds as Prophet wants them."""
    return pd.to_datetime(pd.Series(np.asarray(seconds, dtype=np.int64)), unit="s")


def rows(spec):
    """The table that Prophet fits."""
    values = [math.nan if value is None else value for value in spec["y"]]
    table = pd.DataFrame({"ds": stamps(moments(spec)), "y": np.array(values, dtype=float)})
    for name, column in spec.get("covariates", {}).items():
        condition = any(season["condition"] == name for season in spec["seasonalities"])
        table[name] = np.array(column, dtype=bool if condition else float)
    return table


def holidays(spec):
    """The table of holidays, or none."""
    listed = spec.get("holidays", [])
    if not listed:
        return None
    table = pd.DataFrame(listed)
    table["ds"] = stamps(table["ds"])
    table["prior_scale"] = table["prior_scale"].astype(float)
    return table


def model(spec):
    """A Prophet with these settings, not fitted yet."""
    given = spec.get("changepoints")
    prophet = Prophet(
        growth=spec["growth"],
        changepoints=None if given is None else list(stamps(given)),
        n_changepoints=spec["n_changepoints"],
        changepoint_range=spec["changepoint_range"],
        changepoint_prior_scale=spec["changepoint_prior_scale"],
        yearly_seasonality=False,
        weekly_seasonality=False,
        daily_seasonality=False,
        holidays=holidays(spec),
        holidays_mode=spec.get("holidays_mode", "additive"),
        scaling=spec["scaling"],
    )
    for season in spec["seasonalities"]:
        prophet.add_seasonality(
            season["name"],
            season["period"],
            season["fourier_order"],
            prior_scale=season["prior_scale"],
            mode=season["mode"],
            condition_name=season["condition"],
        )
    for regressor in spec.get("regressors", []):
        prophet.add_regressor(
            regressor["name"],
            prior_scale=regressor["prior_scale"],
            standardize=regressor["standardize"],
            mode=regressor["mode"],
        )
    return prophet


def fit(spec, **options):
    """A fitted Prophet; `options` go to Stan."""
    prophet = model(spec)
    prophet.fit(rows(spec), sig_figs=DIGITS, **options)
    return prophet


def objective(prophet):
    """What Stan reached."""
    return -float(prophet.stan_fit.optimized_params_dict["lp__"])


def optima(spec):
    """What each of Stan's two optimisers reached; `None` where one of them failed."""
    reached = {}
    for algorithm in ("LBFGS", "Newton"):
        try:
            prophet = model(spec)
            prophet.stan_backend.set_options(newton_fallback=False)
            prophet.fit(rows(spec), sig_figs=DIGITS, algorithm=algorithm)
            reached[algorithm] = objective(prophet)
        except RuntimeError:
            reached[algorithm] = None
    return reached
