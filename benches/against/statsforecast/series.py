"""The series that both sides forecast, and what a forecast of them is worth."""

import csv
import gzip
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
TRACES = [ROOT / "crates/tidewright-lab/data" / name for name in ("nasa.csv.gz", "twitter.csv.gz")]
DAY, WEEK = 24, 168
HORIZON = 48
# Pieces of the traces: so many hours are known, and the next piece begins so many later.
KNOWN, APART = 504, 48
MADE_UP_HOURS = 720
SEED = 11


class Case:
    """A name, what is known, and what came then."""

    def __init__(self, name, known, future):
        self.name, self.known, self.future = name, np.asarray(known, float), np.asarray(future, float)


def read(train, test):
    """The series of two files with `unique_id,ds,y`, in the order of the first."""
    known, future = columns(train), columns(test)
    return [Case(name, values, future[name]) for name, values in known.items() if name in future]


def columns(path):
    series = {}
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt", newline="") as rows:
        for row in csv.DictReader(rows):
            series.setdefault(row.get("unique_id", ""), []).append(float(row["y"]))
    return series


def default():
    """Pieces of real traces by hours, and made-up hours."""
    cases = [piece for trace in TRACES for piece in pieces(trace)]
    kinds = [(0.02, 0.6, 0.0), (0.15, 0.9, 0.0), (0.05, 0.3, 1.0)]
    rng = np.random.default_rng(SEED)
    for number in range(40 - len(cases)):
        cases.append(made_up(f"made up {number}", rng, kinds[number % len(kinds)]))
    return cases


def pieces(trace):
    (minutes,) = columns(trace).values()
    hours = np.reshape(minutes[: len(minutes) // 60 * 60], (-1, 60)).sum(axis=1)
    known = min(KNOWN, len(hours) - HORIZON)
    for start in range(0, len(hours) - known - HORIZON + 1, APART):
        end = start + known
        yield Case(f"{trace.name} from {start}", hours[start:end], hours[end : end + HORIZON])


def made_up(name, rng, kind):
    """Hours with a day, a week, growth and autoregressive noise."""
    noise, persistence, growth = kind
    t = np.arange(MADE_UP_HOURS + HORIZON)
    phase = rng.random()
    day, week = 2 * np.pi * (t / DAY + phase), 2 * np.pi * (t / WEEK + phase)
    shape = 1 + 0.4 * (np.sin(day) + 0.3 * np.cos(2 * day)) + 0.15 * np.sin(week)
    state, errors = 0.0, []
    for _ in t:
        state = persistence * state + np.sqrt(1 - persistence**2) * rng.normal()
        errors.append(state)
    values = 1000 * (shape * (1 + growth * t / len(t)) + noise * np.array(errors))
    return Case(name, values[:MADE_UP_HOURS], values[MADE_UP_HOURS:])


def smape(case, forecast):
    """Symmetric percentage error as in the M4 competition, 0 to 200."""
    size = np.abs(case.future) + np.abs(forecast)
    return float(np.mean(np.divide(200 * np.abs(case.future - forecast), size, out=np.zeros_like(size), where=size > 0)))


def mase(case, forecast):
    """Absolute error beside that of repeating the day within what is known (Hyndman, Koehler 2006)."""
    scale = np.mean(np.abs(case.known[DAY:] - case.known[:-DAY]))
    return float(np.mean(np.abs(case.future - forecast)) / scale)


def naive2(case):
    """The M4 competition's yardstick: the last value, after classical seasonal adjustment where the season is significant."""
    x, steps = case.known, np.arange(len(case.future))
    if not is_seasonal(x):
        return np.full(len(steps), x[-1])
    weights = np.r_[0.5, np.ones(DAY - 1), 0.5] / DAY
    trend = np.convolve(x, weights, "valid")
    half = DAY // 2
    places = half + np.flatnonzero(trend)
    ratios = x[places] / trend[places - half]
    figure = np.array([ratios[places % DAY == phase].mean() for phase in range(DAY)])
    figure /= figure.mean()
    return x[-1] / figure[(len(x) - 1) % DAY] * figure[(len(x) + steps) % DAY]


def is_seasonal(x):
    """Whether the autocorrelation at a day is significant at 90 %, as the competition asked."""
    if len(x) < 3 * DAY or np.ptp(x) == 0:
        return False
    centred = x - x.mean()
    acf = np.array([centred[:-lag] @ centred[lag:] for lag in range(1, DAY + 1)]) / (centred @ centred)
    return abs(acf[-1]) > 1.645 * np.sqrt((1 + 2 * np.sum(acf[:-1] ** 2)) / len(x))


def scores(cases, forecasts):
    """Means of sMAPE and MASE, and OWA: both relative to Naive2's, averaged."""
    base = np.mean([(smape(case, f), mase(case, f)) for case, f in ((c, naive2(c)) for c in cases)], axis=0)
    found = np.mean([(smape(case, f), mase(case, f)) for case, f in zip(cases, forecasts)], axis=0)
    return {"smape": found[0], "mase": found[1], "owa": np.mean(found / base)}
