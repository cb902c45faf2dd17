#!/usr/bin/env python3
"""Writes ets/statsforecast.json and theta/statsforecast.json beside itself: what statsforecast 2.1.1 fits and forecasts.

    python3 smooth.py        # needs numpy and statsforecast==2.1.1
"""
import json
import pathlib
import warnings

import numpy as np
from statsforecast.ets import ets_f, forecast_ets
from statsforecast.theta import auto_theta, forecast_theta
from statsforecast.utils import AirPassengers

STEPS = 30
NORMAL_975 = 1.959963984540054
HERE = pathlib.Path(__file__).parent


def all_series():
    random = np.random.default_rng(7)
    t = np.arange
    yield "air", 12, np.asarray(AirPassengers, float)
    day = 1 + 0.5 * np.sin(2 * np.pi * t(240) / 24) + 0.2 * np.cos(4 * np.pi * t(240) / 24)
    yield "hours", 24, np.round((200 + 20 * np.sin(t(240) / 60)) * day * np.exp(0.05 * random.standard_normal(240)), 2)
    yield "trend", 1, np.round(50 + 0.8 * t(80) + np.cumsum(random.standard_normal(80)), 3)
    yield "counts", 7, np.maximum(0, random.poisson(1.2, 140) * (1 + (t(140) % 7 < 2))).astype(float)
    wave = 8 * np.sin(2 * np.pi * t(96) / 12)
    yield "signs", 12, np.round(wave + np.cumsum(0.5 * random.standard_normal(96)) + random.standard_normal(96), 3)
    short = np.array([30, 21, 29, 31, 33, 22, 32, 36, 36, 27, 35, 42, 40, 31])
    yield "short", 4, np.round(short + random.standard_normal(14), 2)
    yield "walk", 1, np.round(1000 + np.cumsum(3 * random.standard_normal(120)), 3)
    level = np.where(t(105) < 60, 100, 160)
    yield "shift", 7, np.round(level + 10 * (t(105) % 7 > 4) + 4 * random.standard_normal(105), 2)
    yield "noise", 1, np.round(20 + 2 * random.standard_normal(60), 3)


def ets(values, season, model, damped):
    fit = ets_f(values, season, model=model, damped=damped)
    if not np.isfinite(fit["aicc"]):
        return None
    forecast = forecast_ets(fit, STEPS, level=[95])
    return {
        "components": fit["components"],
        "par": [None if np.isnan(number) else float(number) for number in fit["par"]],
        "aicc": float(fit["aicc"]),
        "sigma2": float(fit["sigma2"]),
        "mean": forecast["mean"].tolist(),
        "deviation": ((forecast["hi-95"] - forecast["lo-95"]) / 2 / NORMAL_975).tolist(),
    }


def each_ets(values, season):
    for errors in "AM":
        for trend, damped in (("N", False), ("A", False), ("A", True)):
            for shape in "NAM" if season > 1 else "N":
                if errors + shape != "AM":
                    yield ets(values, season, errors + trend + shape, damped)


def theta(values, season, variant):
    fit = auto_theta(values.copy(), season, model=variant)
    return {
        "variant": variant,
        "alpha": float(fit["par"]["alpha"]),
        "theta": float(fit["par"]["theta"]),
        "level": float(fit["par"]["initial_smoothed"]),
        "mse": float(fit["mse"]),
        "season": fit["decomposition_type"] if fit.get("decompose") else None,
        "mean": forecast_theta(fit, STEPS)["mean"].tolist(),
    }


def save(name, cases):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (HERE / name / "statsforecast.json").write_text(f"[\n{lines}\n]\n")


warnings.filterwarnings("ignore")
smooth, thetas = [], []
for name, season, values in all_series():
    case = {"name": name, "season": season, "values": values.tolist()}
    each = each_ets(values, season) if name in ("air", "short", "walk") else []
    each = [fit for fit in each if fit is not None]
    smooth.append(case | {"automatic": ets(values, season, "ZZZ", None), "each": each})
    variants = ("STM", "OTM", "DSTM", "DOTM")
    thetas.append(case | {"models": [theta(values, season, variant) for variant in variants]})
save("ets", smooth)
save("theta", thetas)
