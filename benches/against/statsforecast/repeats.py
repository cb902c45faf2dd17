"""Writes `crates/tidewright-models/tests/data/repeat/repeat.json.gz`: statsforecast's simple and intermittent models.

`python repeats.py repeat.json.gz`
"""

import gzip
import json
import sys

import numpy as np
from statsforecast import models
from statsforecast.utils import AirPassengers

SEASON = 12
# The upper end of a 95 % interval lies so many deviations from the middle.
NORMAL_975 = 1.959963984540054


def case(name, model, values, steps, with_width):
    forecast = model.forecast(y=values, h=steps, level=[95] if with_width else None)
    width = (forecast["hi-95"] - forecast["mean"]) / NORMAL_975 if with_width else np.array([])
    point = np.asarray(forecast["mean"], float)
    return {"model": name, "season": SEASON, "y": values.tolist(), "point": point.tolist(), "deviation": width.tolist()}


def cases():
    rng = np.random.default_rng(3)
    air = AirPassengers.astype(float)
    rare = np.where(rng.random(120) < 0.25, rng.poisson(6, 120) + 1, 0).astype(float)
    late = np.concatenate([np.zeros(7), rare[:40]])
    for values in (air, rare):
        yield case("snaive", models.SeasonalNaive(SEASON), values, 30, True)
        yield case("naive", models.Naive(), values, 30, True)
        yield case("mean", models.HistoricAverage(), values, 30, True)
        yield case("drift", models.RandomWalkWithDrift(), values, 30, True)
        yield case("window", models.SeasonalWindowAverage(SEASON, 4), values, 30, False)
    for values in (rare, late, air):
        yield case("croston", models.CrostonSBA(), values, 5, False)
        yield case("tsb", models.TSB(0.1, 0.1), values, 5, False)


if __name__ == "__main__":
    with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as out:
        out.write(json.dumps(list(cases()), separators=(",", ":")).encode())
