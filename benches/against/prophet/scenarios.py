"""The series that both sides fit when they race, and with which settings.

Everything is drawn by seeded generators. Values go into a file of doubles, so that both sides read the same bytes.
"""

import json

import numpy as np

SEED = 4
START = 1_700_006_400  # midnight
DAY = 86_400
DAILY = {"name": "daily", "period": 1.0, "fourier_order": 4}
WEEKLY = {"name": "weekly", "period": 7.0, "fourier_order": 3}
# name, series, rows and step, seasons, mode, the ratio that is wanted and the ratio aimed at
WEEK, MONTH, IRREGULAR = (10_080, 60), (720, 3600), (10_080, None)
SCENARIOS = [
    ("week, seed", "seed", WEEK, [DAILY], "additive", 10_000, 60_000),
    ("week, rich", "rich", WEEK, [DAILY], "additive", 10_000, 60_000),
    ("week, seed, weekly forced", "seed", WEEK, [WEEKLY, DAILY], "additive", 10_000, 60_000),
    ("week, rich, weekly forced", "rich", WEEK, [WEEKLY, DAILY], "additive", 10_000, 60_000),
    ("week, seed", "seed", WEEK, [DAILY], "multiplicative", 5_000, 15_000),
    ("week, rich", "rich", WEEK, [DAILY], "multiplicative", 5_000, 15_000),
    ("week, seed, weekly forced", "seed", WEEK, [WEEKLY, DAILY], "multiplicative", 5_000, 15_000),
    ("week, rich, weekly forced", "rich", WEEK, [WEEKLY, DAILY], "multiplicative", 5_000, 15_000),
    ("720 hours, seed", "seed", MONTH, [WEEKLY, DAILY], "additive", 500, 3_000),
    ("720 hours, rich", "rich", MONTH, [WEEKLY, DAILY], "additive", 500, 3_000),
    ("720 hours, seed", "seed", MONTH, [WEEKLY, DAILY], "multiplicative", 500, 3_000),
    ("720 hours, rich", "rich", MONTH, [WEEKLY, DAILY], "multiplicative", 500, 3_000),
    ("irregular, rich", "rich", IRREGULAR, [DAILY], "additive", 300, 2_000),
    ("irregular, rich", "rich", IRREGULAR, [DAILY], "multiplicative", 300, 2_000),
]


def seed_like(rng, seconds):
    """Counts around a daily wave, noise, and spikes of twice the level in one row of a hundred."""
    level = 50.0 + 20.0 * np.sin(2.0 * np.pi * seconds / DAY)
    spikes = np.where(rng.random(len(seconds)) < 0.01, 2.0 * level, 0.0)
    return np.maximum(rng.poisson(level) + rng.normal(0.0, 2.0, len(seconds)) + spikes, 0.0)


def rich(rng, seconds):
    """A daily shape that weekends flatten, level shifts, and a trend that bends in a dozen places."""
    t = (seconds - seconds[0]) / (seconds[-1] - seconds[0])
    trend = 100.0 + rng.uniform(-20.0, 40.0) * t
    for _ in range(12):
        trend += rng.laplace(0.0, 60.0) * np.maximum(t - rng.random(), 0.0)
    for _ in range(3):
        trend += rng.normal(0.0, 15.0) * (t > rng.random())
    trend = np.maximum(trend, 20.0)
    angle = 2.0 * np.pi * seconds / DAY
    shape = 0.35 * np.sin(angle + rng.uniform(0.0, 6.3)) + 0.15 * np.sin(2.0 * angle + rng.uniform(0.0, 6.3))
    weekend = (seconds // DAY + 3) % 7 >= 5
    level = trend * (1.0 + np.where(weekend, 0.5, 1.0) * shape) * np.where(weekend, 0.75, 1.0)
    spikes = np.where(rng.random(len(seconds)) < 0.01, 2.0 * level, 0.0)
    return np.maximum(level + np.sqrt(level) * rng.normal(0.0, 1.0, len(seconds)) + spikes, 0.0)


def is_forced(scenario):
    """Whether Prophet itself would leave a season out that is fitted here."""
    return "forced" in scenario[0]


MAKERS = {"seed": seed_like, "rich": rich}


def specification(scenario):
    """The JSON that both sides read, without values."""
    name, _, (rows, step), seasons, mode, _, _ = scenario
    case = {
        "name": f"{name}, {mode}", "growth": "linear", "scaling": "absmax", "rows": rows,
        "changepoint_prior_scale": 0.05, "n_changepoints": 25, "changepoint_range": 0.8,
        "seasonalities": [season | {"prior_scale": 10.0, "mode": mode, "condition": None} for season in seasons],
        "start": START, "step": step or 60,
    }  # fmt: skip
    if step is None:
        steps = np.random.default_rng(SEED).integers(1, 120, rows)
        case["times"] = [START] + steps[1:].tolist()
    return case


def write(folder, scenario, moments, count):
    """Writes the specification and `count` series; says where."""
    case = specification(scenario)
    seconds = moments(case | {"y": [0.0] * case["rows"]})
    stem = folder / case["name"].replace(", ", "_").replace(" ", "-")
    maker = MAKERS[scenario[1]]
    # The same series for every way to fit them.
    rng = np.random.default_rng([SEED, case["rows"]])
    series = np.array([maker(rng, seconds) for _ in range(count)], dtype="<f8")
    stem.with_suffix(".json").write_text(json.dumps(case))
    series.tofile(stem.with_suffix(".f64"))
    return case, stem, series
