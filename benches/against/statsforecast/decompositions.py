"""Writes `crates/tidewright-models/tests/data/stl/stl.json.gz`: what statsmodels' STL and MSTL find in short series.

`python decompositions.py stl.json.gz`
"""

import gzip
import json
import sys

import numpy as np
from statsforecast.utils import AirPassengers
from statsmodels.tsa.seasonal import MSTL, STL


def hours(count, seed):
    """A day, a week, a trend, autoregressive noise and outliers."""
    rng = np.random.default_rng(seed)
    t = np.arange(count)
    noise = np.zeros(count)
    for i in range(1, count):
        noise[i] = 0.7 * noise[i - 1] + rng.normal()
    day = 20 * np.sin(2 * np.pi * t / 24) + 6 * np.cos(4 * np.pi * t / 24)
    values = 100 + 0.02 * t + day + 10 * np.sin(2 * np.pi * t / 168) + 2 * noise
    values[rng.integers(0, count, count // 50)] += 60
    return np.round(values, 3)


def single(name, values, outer=None, **settings):
    robust = settings.get("robust", False)
    stl = STL(values, **settings)
    parts, used = stl.fit(outer_iter=outer), stl.config
    return {
        "kind": "stl", "name": name, "y": values.tolist(),
        "period": used["period"], "seasonal": used["seasonal"], "trend": used["trend"], "low_pass": used["low_pass"],
        "degrees": [used["seasonal_deg"], used["trend_deg"], used["low_pass_deg"]],
        "jumps": [used["trend_jump"], used["low_pass_jump"]],
        "inner": 2 if robust else 5, "outer": (outer or 15) if robust else 0,
        "seasonal_part": parts.seasonal.tolist(), "trend_part": parts.trend.tolist(),
        "weights": parts.weights.tolist() if robust else [],
    }  # fmt: skip


def several(name, values, periods):
    parts = MSTL(values, periods=periods, stl_kwargs={"seasonal_deg": 0}).fit()
    seasonal = parts.seasonal.reshape(len(values), len(periods)).T
    return {
        "kind": "mstl", "name": name, "y": values.tolist(), "periods": list(periods),
        "seasonal_parts": seasonal.tolist(), "trend_part": parts.trend.tolist(),
    }  # fmt: skip


def cases():
    air, days, weeks = AirPassengers.astype(float), hours(24 * 9 + 5, 1), hours(700, 2)
    constants = {"seasonal_deg": 0, "trend_deg": 0, "low_pass_deg": 0}
    return [
        single("air", air, period=12, seasonal=7),
        single("air, wide", air, period=12, seasonal=35),
        single("air, robust", air, period=12, seasonal=13, robust=True),
        single("air, robust, constants", air, outer=3, period=12, seasonal=7, robust=True, **constants),
        single("air, jumps", air, period=12, seasonal=7, trend_jump=3, low_pass_jump=2),
        single("air, two years", air[:24], period=12, seasonal=7),
        single("air, two years and a bit", air[:29], period=12, seasonal=11, seasonal_deg=0),
        single("days", days, period=24, seasonal=11, seasonal_deg=0),
        single("days, jumps", days, period=24, seasonal=11, seasonal_deg=0, trend_jump=5, low_pass_jump=3),
        single("days, robust, jumps", days, period=24, seasonal=9, trend_jump=5, low_pass_jump=3, robust=True),
        several("weeks", weeks, (24, 168)),
        several("air", air, (12,)),
    ]


if __name__ == "__main__":
    with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as out:
        out.write(json.dumps(cases(), separators=(",", ":")).encode())
