"""Times scikit-learn and ours on the same 10,000 rows, one thread each, and prints how many times faster ours are."""
import os

# Before numpy is there to read them.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.svm import OneClassSVM

ROWS, COLUMNS, OUTLIERS = 10_000, 10, 100
ROUNDS = 5


def made_up():
    """Correlated normal columns; the last rows are outliers, wider and not correlated."""
    rng = np.random.default_rng(17)
    plain = ROWS - OUTLIERS
    normal = 0.6 * rng.normal(size=(plain, 1)) + 0.8 * rng.normal(size=(plain, COLUMNS))
    return np.r_[normal, 2.0 * rng.normal(size=(OUTLIERS, COLUMNS))]


def theirs(rows):
    """Milliseconds of processor time and area under the curve by the name of our row."""
    truth = np.r_[np.zeros(ROWS - OUTLIERS), np.ones(OUTLIERS)]
    out = {}

    def measure(name, work):
        work()
        spent = []
        for _ in range(ROUNDS):
            begun = time.process_time()
            result = work()
            spent.append((time.process_time() - begun) * 1e3)
        out[name] = (min(spent), None)
        return result

    def judge(name, scores):
        out[name] = (out[name][0], roc_auc_score(truth, scores))

    def race(name, fit, score):
        model = measure(f"{name}, fit", fit)
        scores = measure(f"{name}, score 10,000", lambda: score(model, rows))
        judge(f"{name}, score 10,000", -scores)
        measure(f"{name}, score 1", lambda: score(model, rows[7:8]))

    race("isolation forest", lambda: IsolationForest(random_state=1, n_jobs=1).fit(rows), IsolationForest.score_samples)
    for nu in (0.01, 0.5):
        race(f"one-class svm, nu {nu}", lambda: OneClassSVM(nu=nu).fit(rows), OneClassSVM.decision_function)
    labels = measure("dbscan", lambda: DBSCAN(eps=2.5, min_samples=10, n_jobs=1).fit_predict(rows))
    judge("dbscan", labels == -1)
    return out


def ours(rows, root):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rows.csv"
        np.savetxt(path, rows, fmt="%.17g", delimiter=",")
        command = ["cargo", "bench", "--quiet", "-p", "tidewright-models", "--bench", "detect", "--", str(path)]
        text = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout
    out = {}
    for line in text.splitlines()[1:]:
        name, figures = line[:40].strip(), line[40:].split()
        out[name] = (float(figures[0]), float(figures[2]) if len(figures) > 2 else None)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", help="the work tree")
    root = parser.parse_args().root
    rows = made_up()
    mine, other = ours(rows, root), theirs(rows)
    print(f"{'least milliseconds of processor time':40}{'theirs':>12}{'ours':>12}{'times':>9}{'their area':>12}{'our area':>10}")
    slower = False
    for name, (spent, area) in other.items():
        own, own_area = mine[name]
        areas = "" if area is None else f"{area:>12.3f}{own_area:>10.3f}"
        print(f"{name:40}{spent:>12.4f}{own:>12.4f}{spent / own:>9.1f}{areas}")
        slower |= own > spent
    return int(slower)


if __name__ == "__main__":
    sys.exit(main())
