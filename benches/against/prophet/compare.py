"""Races the real Prophet against ours: the same series, the same machine, one run, processor time to processor time.

`python compare.py PROGRAM [--rounds N] [--per-round N] [--ahead ROWS] [--only TEXT]`, where PROGRAM is the built
example `against` of `tidewright-models`. In turns, Prophet fits one series and ours fits as many others, each once. The
time of Prophet is that of this process and of the Stan that it starts; the time of ours is that of the thread. Prints
tables: ratios of time, objectives, forecasts.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import scenarios
import specification

HERE = Path(__file__).resolve().parent


def cpu_seconds():
    """Processor time of this process and of those it waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def timed(action):
    begun = cpu_seconds()
    result = action()
    return result, cpu_seconds() - begun


def prophet_round(case, values, ahead, both):
    """Seconds of fit and of predict, the forecast, and the objective: the better of two optimisers if `both` are asked."""
    case = case | {"y": values.tolist()}
    table, prophet = specification.rows(case), specification.model(case)
    _, fit_seconds = timed(lambda: prophet.fit(table, sig_figs=specification.DIGITS))
    future = specification.moments(case)[-1] + case["step"] * np.arange(1, ahead + 1)
    future = pd.DataFrame({"ds": specification.stamps(future)})
    forecast, predict_seconds = timed(lambda: prophet.predict(future))
    reached = specification.objective(prophet)
    if both:
        reached = min(reached, specification.objective(specification.fit(case, algorithm="Newton")))
    shown = {name: forecast[name].to_numpy() for name in ("yhat", "yhat_lower", "yhat_upper")}
    return {"fit": fit_seconds, "predict": predict_seconds, "objective": reached, "scale": prophet.y_scale} | shown


def our_round(program, stem, first, count, ahead):
    """What the example prints for these series."""
    files = [stem.with_suffix(".json"), stem.with_suffix(".f64")]
    command = [program, *files, str(first), str(count), str(ahead)]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    if answer.returncode != 0:
        sys.exit(f"error: `{program}` failed: {answer.stderr.strip()}")
    return json.loads(answer.stdout)


def race(program, folder, scenario, options):
    """All rounds of one scenario."""
    count = options.rounds * options.per_round
    case, stem, series = scenarios.write(folder, scenario, specification.moments, count)
    theirs, ours = [], {"fit_us": [], "predict_us": [], "plan_us": [], "gaps": [], "apart": [], "widths": []}
    for turn in range(options.rounds):
        first = turn * options.per_round
        theirs.append(prophet_round(case, series[first], options.ahead, turn < options.newton))
        answer = our_round(program, stem, first, options.per_round, options.ahead)
        # The first fit of a process also pays for its first memory.
        ours["fit_us"] += answer["fit_us"][1:]
        ours["predict_us"] += answer["predict_us"][1:]
        ours["plan_us"].append(answer["plan_us"])
        compare(answer, theirs[-1], ours)
    stem.with_suffix(".f64").unlink()
    return summary(case, scenario, theirs, ours)


def compare(answer, prophet, ours):
    """The series that both sides fitted: objectives, forecasts and how wide the bands are."""
    ours["gaps"].append(answer["objective"][0] - prophet["objective"])
    ours["apart"].append(np.max(np.abs(answer["yhat"] - prophet["yhat"])) / prophet["scale"])
    width = np.subtract(answer["yhat_upper"], answer["yhat_lower"])
    ours["widths"].append(np.mean(width) / np.mean(prophet["yhat_upper"] - prophet["yhat_lower"]))


def summary(case, scenario, theirs, ours):
    fit = statistics.median(turn["fit"] for turn in theirs)
    predict = statistics.median(turn["predict"] for turn in theirs)
    fit_us = statistics.median(ours["fit_us"])
    predict_us = statistics.median(ours["predict_us"])
    return {
        "name": case["name"], "bar": scenario[5], "aim": scenario[6], "forced": scenarios.is_forced(scenario),
        "their_fit": fit, "our_fit_us": fit_us, "fit_ratio": 1e6 * fit / fit_us,
        "their_predict": predict, "our_predict_us": predict_us, "predict_ratio": 1e6 * predict / predict_us,
        "plan_us": statistics.median(ours["plan_us"]),
        "gaps": ours["gaps"], "apart": ours["apart"], "widths": ours["widths"],
        "relative": max(gap / abs(turn["objective"]) for gap, turn in zip(ours["gaps"], theirs)),
    }  # fmt: skip


def show_times(results, ahead):
    print(f"\nProcessor time: fit, and forecast of {ahead:,} rows with intervals; medians\n")
    print("| case | Prophet fit | ours | ratio | wanted, aim | Prophet forecast | ours | ratio | plan, once |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in results:
        mark = "" if row["fit_ratio"] >= row["bar"] else " (short)"
        print(
            f"| {row['name']} | {row['their_fit']:.3f} s | {row['our_fit_us']:.1f} us "
            f"| {row['fit_ratio']:,.0f}{mark} | {row['bar']:,}, {row['aim']:,} "
            f"| {row['their_predict']:.3f} s | {row['our_predict_us']:.1f} us | {row['predict_ratio']:,.0f} "
            f"| {row['plan_us'] / 1000:.1f} ms |"
        )


def show_objectives(results):
    print("\nObjective: ours - Stan's, in nats; negative is better\n")
    print("| case | lower in | best | median | worst | worst, relative |")
    print("|---|---|---|---|---|---|")
    for row in results:
        gaps = row["gaps"]
        lower = sum(gap < 0.0 for gap in gaps)
        print(
            f"| {row['name']} | {lower} of {len(gaps)} | {min(gaps):.3g} | {statistics.median(gaps):.3g} "
            f"| {max(gaps):.3g} | {row['relative']:.1e} |"
        )


def show_forecasts(results):
    print("\nForecasts: farthest point from Prophet's as a share of the largest value, and width of the band / Prophet's\n")
    print("| case | median | farthest | narrowest | widest |")
    print("|---|---|---|---|---|")
    for row in results:
        apart, widths = row["apart"], row["widths"]
        print(
            f"| {row['name']} | {statistics.median(apart):.1e} | {max(apart):.1e} "
            f"| {min(widths):.2f} | {max(widths):.2f} |"
        )


def options_from(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program", help="the built example `against`")
    parser.add_argument("--rounds", type=int, default=3, help="how many series Prophet fits")
    parser.add_argument("--per-round", type=int, default=300, help="how many series ours fits for each of them")
    parser.add_argument("--newton", type=int, default=1, help="in how many rounds Stan's slower optimiser is asked too")
    parser.add_argument("--ahead", type=int, default=1440, help="how many rows are forecast")
    parser.add_argument("--only", default="", help="only cases whose name holds this text")
    return parser.parse_args(arguments)


def main(arguments):
    options = options_from(arguments)
    folder = HERE / "data"
    folder.mkdir(exist_ok=True)
    chosen = [s for s in scenarios.SCENARIOS if options.only in f"{s[0]}, {s[4]}"]
    if not chosen:
        sys.exit(f"error: no case is named like `{options.only}`")
    results = []
    for scenario in chosen:
        results.append(race(options.program, folder, scenario, options))
        print(f"{results[-1]['name']}: {results[-1]['fit_ratio']:,.0f} times", file=sys.stderr, flush=True)
    show_times(results, options.ahead)
    show_objectives(results)
    show_forecasts(results)
    short = [row["name"] for row in results if row["fit_ratio"] < row["bar"] and not row["forced"]]
    if short:
        sys.exit(f"error: below the wanted ratio: {'; '.join(short)}")


if __name__ == "__main__":
    main(sys.argv[1:])
