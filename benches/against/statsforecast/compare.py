"""Races statsforecast against ours: the same series, the same machine, one run, one thread, processor time.

`python compare.py PROGRAM [TRAIN.csv[.gz] TEST.csv[.gz]] [--series N] [--only TEXT]`, where PROGRAM is the built example
`step_forecasts` of `tidewright-models`. Series by series, each side fits and forecasts 48 steps. Prints a table of times and
of errors. Ends with 1 if ours is not as many times faster as wanted, or if its MASE is more than 3 % above theirs.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import warnings

os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")})

import numpy as np
from statsforecast import models

import series

SEASONS = [series.DAY, series.WEEK]
# Our MASE may be so many times theirs.
MASE_RATIO_MAX = 1.03
# A normal law's 95 % lie within so many deviations.
NORMAL_975 = 1.959963984540054
# Our name, theirs, and how many times faster ours has to be.
RACES = [
    ("arima", "AutoARIMA, approximate", lambda: models.AutoARIMA(season_length=series.DAY, approximation=True), 3),
    ("ets", "AutoETS", lambda: models.AutoETS(season_length=series.DAY), 5),
    ("theta", "AutoTheta", lambda: models.AutoTheta(season_length=series.DAY), 10),
    ("mstl", "MSTL + AutoARIMA", lambda: models.MSTL(SEASONS, trend_forecaster=models.AutoARIMA()), 3),
    ("mstl-ets", "MSTL + AutoETS", lambda: models.MSTL(SEASONS, trend_forecaster=models.AutoETS(model="ZZN")), 5),
    ("snaive", "SeasonalNaive", lambda: models.SeasonalNaive(season_length=series.DAY), None),
]


def theirs(make, case):
    """Milliseconds of one forecast, and the forecast."""
    begun = time.process_time()
    forecast = make().forecast(y=case.known, h=len(case.future))["mean"]
    return 1e3 * (time.process_time() - begun), np.asarray(forecast, float)


def ours(program, name, cases):
    """The same of all series, as the example prints it, and the share of the future within the 95 % bands."""
    request = {
        "models": [name], "seasons": SEASONS, "horizon": max(len(case.future) for case in cases),
        "series": [case.known.tolist() for case in cases],
    }  # fmt: skip
    answer = subprocess.run([program], check=False, capture_output=True, text=True, input=json.dumps(request))
    if answer.returncode != 0:
        sys.exit(f"error: `{program}` failed: {answer.stderr.strip()}")
    answers = json.loads(answer.stdout)[name]
    refused = [f"{case.name}: {answer['error']}" for case, answer in zip(cases, answers) if "error" in answer]
    if refused:
        sys.exit(f"error: `{name}` gave no forecast for {'; '.join(refused)}")
    cut = {key: [np.array(a[key])[: len(c.future)] for c, a in zip(cases, answers)] for key in ("point", "deviation")}
    inside = [
        np.mean(np.abs(case.future - point) <= NORMAL_975 * width)
        for case, point, width in zip(cases, cut["point"], cut["deviation"])
    ]
    return [answer["micros"] / 1e3 for answer in answers], cut["point"], np.mean(inside)


def race(program, cases, contest):
    name, title, make, wanted = contest
    # What is compiled or imported by the first call is not part of a forecast.
    theirs(make, cases[0])
    their_times, their_forecasts = zip(*(theirs(make, case) for case in cases))
    our_times, our_forecasts, inside = ours(program, name, cases)
    row = {"name": name, "title": title, "wanted": wanted, "inside": inside}
    row |= {"theirs": series.scores(cases, their_forecasts), "ours": series.scores(cases, our_forecasts)}
    row |= {"their_ms": statistics.median(their_times), "our_ms": statistics.median(our_times)}
    row["faster"] = row["their_ms"] / row["our_ms"]
    row["mase"] = row["ours"]["mase"] / row["theirs"]["mase"]
    return row


def faults(row):
    """What of a race is not as wanted."""
    if row["wanted"] and row["faster"] < row["wanted"]:
        yield f"`{row['name']}` is {row['faster']:.1f} times faster, not {row['wanted']}"
    if row["mase"] > MASE_RATIO_MAX:
        yield f"the MASE of `{row['name']}` is {row['mase']:.3f} times theirs, not {MASE_RATIO_MAX}"


def show(rows, count):
    print(f"\n{count} series, {series.HORIZON} steps; medians of processor time, means of errors; theirs -> ours\n")
    print("| statsforecast | ours | time, ms | times faster | wanted | MASE | ratio | sMAPE | OWA | in our 95 % |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        wanted = row["wanted"] or ""
        pair = {key: f"{row['theirs'][key]:.3f} -> {row['ours'][key]:.3f}" for key in ("mase", "smape", "owa")}
        print(
            f"| {row['title']} | `{row['name']}` | {row['their_ms']:.3f} -> {row['our_ms']:.3f} | {row['faster']:,.1f} "
            f"| {wanted} | {pair['mase']} | {row['mase']:.3f} | {pair['smape']} | {pair['owa']} | {100 * row['inside']:.1f} % |"
        )


def options_from(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program", help="the built example `step_forecasts`")
    parser.add_argument("files", nargs="*", help="TRAIN.csv[.gz] TEST.csv[.gz] with `unique_id,ds,y`, in hours")
    parser.add_argument("--series", type=int, default=40, help="how many series, from the first on")
    parser.add_argument("--only", default="", help="only models of ours whose name holds this text")
    options = parser.parse_args(arguments)
    if len(options.files) not in (0, 2):
        parser.error("either no file, or one to learn from and one to compare with")
    return options


def refuse(what, hint):
    print(f"error: {what}\nhint: {hint}", file=sys.stderr)
    sys.exit(2)


def main(arguments):
    warnings.filterwarnings("ignore")
    options = options_from(arguments)
    try:
        cases = (series.read(*options.files) if options.files else series.default())[: options.series]
    except (OSError, KeyError, ValueError) as error:
        refuse(f"cannot read the series: {error}", "files of `unique_id,ds,y`")
    contests = [contest for contest in RACES if options.only in contest[0]]
    if not cases:
        refuse("no series is in both files", "the second holds what came after the first, under the same `unique_id`")
    if not contests:
        refuse(f"no model is named like `{options.only}`", ", ".join(contest[0] for contest in RACES))
    rows = []
    for contest in contests:
        rows.append(race(options.program, cases, contest))
        print(f"{rows[-1]['name']}: {rows[-1]['faster']:,.1f} times", file=sys.stderr, flush=True)
    show(rows, len(cases))
    short = [fault for row in rows for fault in faults(row)]
    if short:
        sys.exit(f"error: {'; '.join(short)}")


if __name__ == "__main__":
    main(sys.argv[1:])
