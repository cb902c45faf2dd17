"""Writes the random cases that the tests of `tidewright-models` hold our optimum against.

Each case is a specification drawn by a seeded generator, a series made up for it, and what Stan's two optimisers
reached. `python random_cases.py FILE.json.gz [COUNT]`; the same seed gives the same cases. A season is multiplicative
only where the history holds two of its cycles and a level to scale, for else the posterior has several optima and
comparing objectives says nothing. The kind `hard` breaks that rule on purpose.
"""

import gzip
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import specification

SEED = 20_261_120
KINDS = (["linear"] * 8 + ["flat"] * 4 + ["logistic"] * 4 + ["multiplicative"] * 3 + ["hard"])
# Cases beyond the first 200 that once found a fault: an awake bend on the wrong side of zero was accepted; jumps of the
# variance went in circles.
KEPT = (1141, 5123)
STEPS = (60, 300, 900, 3600, 3600, 86_400, 86_400)
DAY = 86_400


def log_uniform(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def digits(value, count):
    """Rounded to so many significant digits."""
    return float(f"{value:.{count - 1}e}")


def draw_rows(rng, case):
    """When rows are, and which of them are gaps."""
    case["step"] = int(rng.choice(STEPS))
    count = round(log_uniform(rng, 30, 1500))
    if case["kind"] == "hard":
        case["step"], count = 900, int(rng.integers(480, 900))
    case["start"] = int(rng.integers(1_000_000_000, 1_750_000_000) // case["step"] * case["step"])
    if rng.random() < 0.2:
        jumps = 1 + rng.geometric(2.0 / case["step"], size=count) if case["step"] > 60 else rng.integers(1, 120, count)
        case["times"] = [case["start"]] + [int(jump) for jump in jumps[1:]]
    gaps = np.zeros(count, dtype=bool)
    if rng.random() < 0.4:
        gaps |= rng.random(count) < rng.uniform(0.01, 0.1)
    if rng.random() < 0.2:
        begin = int(rng.integers(0, count))
        gaps[begin : begin + count // 8] = True
    return gaps


def draw_seasons(rng, case, days, rows_left):
    """Seasons of which the history holds two cycles; additive ones now and then with less."""
    hard = case["kind"] == "hard"
    case["seasonalities"] = []
    known = [("daily", 1.0, 4), ("weekly", 7.0, 3), ("yearly", 365.25, 10)]
    calendar = any(days >= 2.0 * period and 5.0 * case["spacing_days"] <= period for _, period, _ in known)
    if rng.random() < (0.2 if calendar else 0.95):
        shortest = max(days / 40, 6.0 * case["spacing_days"])
        period = float(f"{log_uniform(rng, shortest, max(days / 2.2, shortest)):.4g}")
        known.append(("own", period, int(rng.integers(1, 6))))
    for name, period, order in known:
        order = min(order, int(period / (2.5 * case["spacing_days"])), rows_left // 2)
        whole = days >= 2.0 * period and order > 0
        lucky = case["kind"] == "multiplicative" or rng.random() < (0.9 if name in ("daily", "own") else 0.6)
        brave = case["kind"] == "linear" and order > 0 and days >= 0.8 * period and rng.random() < 0.15
        if not (hard and name in ("daily", "weekly")) and not (lucky and (whole or brave)):
            continue
        if rng.random() < 0.3 and not hard:
            order = int(rng.integers(1, order + 1))
        rows_left -= 2 * order
        scale = digits(log_uniform(rng, 0.1, 20.0), 3) if rng.random() < 0.5 else 10.0
        mode = draw_mode(rng, case)
        season = {"name": name, "period": period, "fourier_order": order, "prior_scale": scale, "mode": mode}
        case["seasonalities"].append(season | {"condition": None})
    return rows_left


def draw_mode(rng, case):
    """Prophet forecasts a factor under minmax by another formula than it fits, so such cases have none."""
    if case.get("scaling") == "minmax":
        return "additive"
    share = {"linear": 0.0, "flat": 0.25, "logistic": 0.3, "multiplicative": 0.85, "hard": 1.0}[case["kind"]]
    return "multiplicative" if rng.random() < share else "additive"


def draw_growth(rng, case):
    """Growth and scaling."""
    kind = case["kind"]
    case["growth"] = kind if kind in ("flat", "logistic") else "linear"
    # What minmax maps to 0 no factor can scale.
    case["scaling"] = "minmax" if kind in ("linear", "flat", "logistic") and rng.random() < 0.25 else "absmax"


def draw_bends(rng, case, rows_left):
    """Where and how easily the trend bends."""
    wanted = int(rng.choice([0, 25, 25, 25, rng.integers(1, 41), rng.integers(1, 41)]))
    case["n_changepoints"] = int(min(wanted, max(rows_left, 0)))
    case["changepoint_range"] = 0.8 if rng.random() < 0.5 else round(float(rng.uniform(0.5, 1.0)), 3)
    case["changepoint_prior_scale"] = 0.05 if rng.random() < 0.4 else digits(log_uniform(rng, 0.001, 0.5), 3)


def draw_extras(rng, case, seconds):
    """Holidays, regressors and conditions, for one case in three."""
    count = len(seconds)
    case["covariates"] = {}
    if case["kind"] == "hard":
        return
    days = (seconds[-1] - seconds[0]) / DAY
    if days > 20 and case["step"] >= 3600 and rng.random() < 0.35:
        draw_holidays(rng, case, seconds)
    if rng.random() < 0.25:
        case["regressors"] = [draw_regressor(rng, case, i, count) for i in range(int(rng.integers(1, 3)))]
    additive = [season for season in case["seasonalities"] if season["mode"] == "additive"]
    if additive and rng.random() < 0.2:
        # Alternating halves of the history: neither is empty.
        case["covariates"]["open"] = [int(i * 6 // count % 2) for i in range(count)]
        additive[0]["condition"] = "open"
    if case["kind"] == "linear" and case["n_changepoints"] and rng.random() < 0.15:
        inner = rng.choice(seconds[1:-1], size=min(case["n_changepoints"], count - 2), replace=False)
        case["changepoints"] = sorted(int(second) for second in inner)


def draw_holidays(rng, case, seconds):
    case["holidays"] = []
    case["holidays_mode"] = draw_mode(rng, case)
    for name in ("fair", "match")[: int(rng.integers(1, 3))]:
        scale = digits(log_uniform(rng, 0.05, 10.0), 2) if rng.random() < 0.5 else None
        lower, upper = -int(rng.integers(0, 2)), int(rng.integers(0, 3))
        for second in rng.choice(seconds, size=3, replace=False):
            row = {"holiday": name, "ds": int(second) // DAY * DAY, "lower_window": lower, "upper_window": upper}
            if not any(row["ds"] == old["ds"] and name == old["holiday"] for old in case["holidays"]):
                case["holidays"].append(row | {"prior_scale": scale})


def draw_regressor(rng, case, index, count):
    name = f"extra{index}"
    shape = rng.integers(0, 3)
    if shape == 0:
        column = np.round(rng.normal(10.0, 3.0, count), 2)
    elif shape == 1:
        column = (rng.random(count) < 0.2).astype(float)
        column[:2] = (0.0, 1.0)
    else:
        column = np.round(np.cumsum(rng.normal(0.0, 1.0, count)), 1)
    # Prophet would leave a wild column as it is if told so; a scale of 1 keeps the problem one that has an optimum.
    wishes = ["auto", "auto", True] if shape else ["auto", "auto", False]
    case["covariates"][name] = [float(value) for value in column]
    standardize = wishes[int(rng.integers(0, 3))]
    scale = digits(log_uniform(rng, 0.1, 20.0), 3)
    return {"name": name, "prior_scale": scale, "standardize": standardize, "mode": draw_mode(rng, case)}


def make_series(rng, case, seconds):
    """A trend with bends, waves, effects of what was drawn, noise and now and then a spike."""
    t = (seconds - seconds[0]) / (seconds[-1] - seconds[0])
    trend = 1.0 + rng.uniform(-0.4, 0.8) * t
    for _ in range(int(rng.integers(0, 4))):
        trend += rng.laplace(0.0, 0.6) * np.maximum(t - rng.random(), 0.0)
    if case["growth"] == "flat":
        trend = 1.0 + 0.02 * t
    trend = np.maximum(trend, 0.25)
    if case["growth"] == "logistic":
        trend = 1.0 / (1.0 + np.exp(-rng.uniform(1.0, 8.0) * (t - rng.uniform(0.1, 0.9))))
    factor, addend = np.ones_like(t), np.zeros_like(t)
    for season in case["seasonalities"]:
        wave = np.zeros_like(t)
        for order in range(1, season["fourier_order"] + 1):
            angle = 2.0 * np.pi * order * seconds / (DAY * season["period"]) + rng.uniform(0.0, 6.3)
            wave += rng.exponential(0.12) / order * np.sin(angle)
        if season["condition"]:
            wave *= np.array(case["covariates"][season["condition"]])
        if season["mode"] == "multiplicative":
            factor += wave
        else:
            addend += wave
    for regressor in case.get("regressors", []):
        column = np.array(case["covariates"][regressor["name"]])
        addend += rng.normal(0.0, 0.1) * (column - column.mean()) / column.std()
    for holiday in case.get("holidays", []):
        day = seconds // DAY * DAY
        addend += np.where(day == holiday["ds"], rng.uniform(0.1, 0.6), 0.0)
    noise = log_uniform(rng, 0.01, 0.15) * rng.normal(size=len(t))
    spikes = (rng.random(len(t)) < 0.01) * (rng.random() < 0.3) * rng.exponential(1.0, len(t))
    return trend * factor + addend + noise + spikes


def place(rng, case, shape):
    """From around 1 to the units of the case, with cap and floor where growth wants them."""
    unit = 10.0 ** float(rng.integers(-2, 6))
    floor = round(float(rng.uniform(-2.0, 2.0)), 1) if case["growth"] == "logistic" and rng.random() < 0.3 else 0.0
    offset = floor + (1.0 if case["growth"] != "logistic" and rng.random() < 0.2 else 0.0)
    if case["growth"] == "logistic":
        cap = round(float(rng.uniform(0.9, 1.6)), 2) + floor
        climb = round(float(rng.uniform(0.0, 0.3)), 2) if rng.random() < 0.3 else 0.0
        for name, level in (("cap", cap), ("floor", floor)):
            if name == "cap" or floor:
                line = np.round(level + climb * np.arange(len(shape)) / len(shape), 3)
                case["covariates"][name] = [float(f"{value:.10g}") for value in line * unit]
    return np.round((shape + offset) * 1000.0) * unit / 1000.0


def draw(index):
    """One case: the same for the same index, whatever else is drawn."""
    rng = np.random.default_rng([SEED, index])
    case = {"name": f"case {index}", "kind": KINDS[index % len(KINDS)]}
    gaps = draw_rows(rng, case)
    case["y"] = [0.0] * len(gaps)
    seconds = specification.moments(case)
    days = (seconds[-1] - seconds[0]) / DAY
    case["spacing_days"] = days / len(seconds)
    # With more unknowns than rows the posterior has no maximum.
    rows_left = int(0.6 * (~gaps).sum()) - 8
    draw_growth(rng, case)
    rows_left = draw_seasons(rng, case, days, rows_left)
    draw_bends(rng, case, rows_left)
    draw_extras(rng, case, seconds)
    if "changepoints" in case:
        # Prophet wants them among the rows that were observed.
        known = seconds[~gaps]
        case["changepoints"] = [int(second) for second in np.clip(case["changepoints"], known[0], known[-1])]
    values = place(rng, case, make_series(rng, case, seconds))
    case["y"] = [None if gap else float(f"{value:.10g}") for gap, value in zip(gaps, values)]
    del case["spacing_days"]
    return case


def measured(index):
    case = draw(index)
    case["stan"] = specification.optima(case)
    print(f"{case['name']}: {case['kind']}, {len(case['y'])} rows, {case['stan']}", file=sys.stderr, flush=True)
    return case


def main(path, count=200):
    # Python only waits for Stan, so threads are enough.
    with ThreadPoolExecutor(2) as pool:
        cases = list(pool.map(measured, [*range(int(count)), *KEPT]))
    text = json.dumps(cases, separators=(",", ":")).encode()
    with open(path, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
