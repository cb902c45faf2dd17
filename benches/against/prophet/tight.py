"""Writes forecasts of flat growth that are right to the last digit of a double.

Without bends the posterior is smooth, so Newton's method in extended precision (64 bits of mantissa) reaches its
maximum; Stan only gives the start, hence the basin. The formula is written out here once more, on the rows themselves
and with waves from exact remainders, and shares no code with the solver that it judges.

`python tight.py RANDOM.json.gz PEYTON.csv OUT.json.gz`: the flat ones among the random cases, and the page views of
Peyton Manning that Prophet's documentation begins with (`ds,y`).
"""

import gzip
import json
import sys

import numpy as np
import pandas as pd

import specification

WIDE = np.longdouble
DAY = 86_400
ROUNDS_MAX = 400
SHOWN_ROWS = 80


def solve(matrix, right):
    """Cholesky: numpy's own solver works in double precision only."""
    size = len(right)
    lower = np.zeros((size, size), dtype=WIDE)
    for j in range(size):
        lower[j:, j] = matrix[j:, j] - lower[j:, :j] @ lower[j, :j]
        lower[j:, j] /= np.sqrt(lower[j, j])
    half = np.zeros(size, dtype=WIDE)
    for i in range(size):
        half[i] = (right[i] - lower[i, :i] @ half[:i]) / lower[i, i]
    whole = np.zeros(size, dtype=WIDE)
    for i in reversed(range(size)):
        whole[i] = (half[i] - lower[i + 1 :, i] @ whole[i + 1 :]) / lower[i, i]
    return whole


def waves(seconds, season):
    """Sine and cosine of each order, from the exact remainder of a division by the period."""
    period = WIDE(season["period"]) * DAY
    columns = []
    for order in range(1, season["fourier_order"] + 1):
        turn = np.fmod(WIDE(order) * seconds.astype(WIDE), period) / period
        angle = 8 * np.arctan(WIDE(1)) * turn
        columns += [np.sin(angle), np.cos(angle)]
    return columns


def design(spec, prophet, seconds, covariates):
    """Columns at these moments: features, prior scales, whether they are factors, and the component of each."""
    columns, scales, factors, names = [], [], [], []

    def add(column, scale, mode, name):
        columns.append(np.asarray(column, dtype=WIDE))
        scales.append(WIDE(scale))
        factors.append(mode == "multiplicative")
        names.append(name)

    for season in spec["seasonalities"]:
        on = WIDE(1)
        if season["condition"]:
            on = np.array(covariates[season["condition"]], dtype=WIDE)
        for column in waves(seconds, season):
            add(column * on, season["prior_scale"], season["mode"], season["name"])
    for holiday, offset in sorted({(row["holiday"], o) for row in spec.get("holidays", []) for o in window(row)}):
        listed = [row for row in spec["holidays"] if row["holiday"] == holiday]
        days = [row["ds"] // DAY + offset for row in listed if offset in window(row)]
        scale = listed[0]["prior_scale"] or 10.0
        add(np.isin(seconds // DAY, days), scale, spec["holidays_mode"], holiday)
    for regressor in spec.get("regressors", []):
        scaling = prophet.extra_regressors[regressor["name"]]
        column = np.array(covariates[regressor["name"]], dtype=WIDE)
        column = (column - WIDE(scaling["mu"])) / WIDE(scaling["std"])
        add(column, regressor["prior_scale"], regressor["mode"], regressor["name"])
    matrix = np.array(columns, dtype=WIDE).reshape(len(columns), len(seconds)).T
    return matrix, np.array(scales, dtype=WIDE), np.array(factors, dtype=bool), names


def window(row):
    return range(row["lower_window"], row["upper_window"] + 1)


class Flat:
    """The posterior of one case: unknowns are the level, then one coefficient per column."""

    def __init__(self, matrix, scales, factors, values):
        self.factor = np.where(factors, matrix, WIDE(0))
        self.addend = np.where(factors, WIDE(0), matrix)
        self.values = values
        self.precision = np.concatenate([[1 / WIDE(25)], 1 / scales**2])

    def residuals(self, x):
        return x[0] * (1 + self.factor @ x[1:]) + self.addend @ x[1:] - self.values

    def slopes(self, x):
        level = 1 + self.factor @ x[1:]
        return np.column_stack([level, x[0] * self.factor + self.addend])

    def variance(self, x):
        rows, square = WIDE(len(self.values)), np.sum(self.residuals(x) ** 2)
        return 2 * square / (rows + np.sqrt(rows * rows + 16 * square))

    def objective(self, x, v):
        rows, square = len(self.values), np.sum(self.residuals(x) ** 2)
        return rows * np.log(v) / 2 + square / (2 * v) + 2 * v + np.sum(self.precision * x * x) / 2

    def optimum(self, x):
        """Newton for the unknowns and the closed form for the variance, in turns, until neither moves."""
        v = self.variance(x)
        for _ in range(ROUNDS_MAX):
            residuals, slopes = self.residuals(x), self.slopes(x)
            curvature = slopes.T @ slopes + np.diag(v * self.precision)
            common = self.factor.T @ residuals
            curvature[0, 1:] += common
            curvature[1:, 0] += common
            step = solve(curvature, -(slopes.T @ residuals + v * self.precision * x))
            x = x + step
            before, v = v, self.variance(x)
            if np.max(np.abs(step)) < 1e-17 and abs(v / before - 1) < 1e-17:
                return x, v
        raise ArithmeticError("the search did not come to rest")


def reference(spec, shown, covariates):
    """The optimum of one case and its forecast at the `shown` seconds."""
    prophet = specification.fit(spec)
    seconds = specification.moments(spec)
    keep = np.array([value is not None for value in spec["y"]])
    floor, scale = WIDE(prophet.y_min), WIDE(prophet.y_scale)
    values = np.array([value for value in spec["y"] if value is not None], dtype=WIDE)
    history = {name: np.array(column)[keep] for name, column in spec.get("covariates", {}).items()}
    matrix, scales, factors, names = design(spec, prophet, seconds[keep], history)
    start = np.concatenate([[prophet.params["m"][0, 0]], start_of(prophet, names, spec)]).astype(WIDE)
    problem = Flat(matrix, scales, factors, (values - floor) / scale)
    x, v = problem.optimum(start)
    columns = forecast(design(spec, prophet, shown, covariates), x, floor, scale)
    return {
        "objective": float(problem.objective(x, v)),
        "sigma": float(np.sqrt(v) * scale),
        "columns": {name: [float(value) for value in column] for name, column in columns.items()},
    }


def start_of(prophet, names, spec):
    """Stan's coefficients in our order; those of holidays start at 0, for Prophet sorts them otherwise."""
    beta = prophet.params["beta"][0][: len(names)]
    events = {row["holiday"] for row in spec.get("holidays", [])}
    return [0.0 if name in events else value for name, value in zip(names, beta)]


def forecast(parts, x, floor, scale):
    """The columns of a forecast, by Prophet's names, in the units of the data."""
    matrix, _, factors, names = parts
    trend = x[0] * scale + floor
    effects = matrix * x[1:]
    columns = {"trend": np.full(len(matrix), trend)}
    for name in dict.fromkeys(names):
        of_name = np.array([other == name for other in names])
        unit = WIDE(1) if factors[of_name][0] else scale
        columns[name] = effects[:, of_name].sum(axis=1) * unit
    columns["multiplicative_terms"] = effects[:, factors].sum(axis=1)
    columns["additive_terms"] = effects[:, ~factors].sum(axis=1) * scale
    columns["yhat"] = trend * (1 + columns["multiplicative_terms"]) + columns["additive_terms"]
    return columns


def of_random(case):
    """A random case, shown at some of its own rows: there its covariates are known."""
    seconds = specification.moments(case)
    at = np.unique(np.linspace(0, len(seconds) - 1, SHOWN_ROWS).astype(int))
    covariates = {name: np.array(column)[at] for name, column in case["covariates"].items()}
    return {"name": case["name"], "rows": at.tolist()} | reference(case, seconds[at], covariates)


def of_peyton(path):
    """Flat growth with Prophet's defaults, shown through history and the year after it."""
    table = pd.read_csv(path)
    seconds = pd.to_datetime(table["ds"]).astype("datetime64[s]").astype("int64").to_numpy()
    known = [("yearly", 365.25, 10), ("weekly", 7.0, 3)]
    spec = {
        "name": "peyton flat", "kind": "flat", "growth": "flat", "scaling": "absmax",
        "changepoint_prior_scale": 0.05, "n_changepoints": 25, "changepoint_range": 0.8,
        "seasonalities": [
            {"name": name, "period": period, "fourier_order": order, "prior_scale": 10.0,
             "mode": "additive", "condition": None}
            for name, period, order in known
        ],
        "start": int(seconds[0]), "step": DAY,
        "times": [int(seconds[0])] + np.diff(seconds).tolist(),
        "y": table["y"].tolist(), "covariates": {},
    }  # fmt: skip
    shown = np.linspace(seconds[0], seconds[-1] + 365 * DAY, SHOWN_ROWS).astype(np.int64) // DAY * DAY
    return spec | {"shown": shown.tolist()} | reference(spec, shown, {})


def main(random, peyton, out):
    with gzip.open(random) as file:
        cases = json.load(file)
    found = [of_random(case) for case in cases if case["growth"] == "flat"] + [of_peyton(peyton)]
    with open(out, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(json.dumps(found, separators=(",", ":")).encode())
    print(f"{len(found)} references", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
