"""Makes reference.json: what scikit-learn finds in made-up rows with outliers and gaps between their clouds."""
import json
import sys

import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.svm import OneClassSVM

rng = np.random.default_rng(11)


def rounded(values, digits=4):
    return np.round(np.asarray(values, float), digits)


def flat(rows):
    return [float(value) for value in rows.ravel()]


def bent(count, outliers):
    """Two columns around an arc, and some far from it."""
    angle = rng.uniform(0, np.pi, count)
    arc = np.c_[np.cos(angle), np.sin(angle)] * 3 + rng.normal(scale=0.3, size=(count, 2))
    return rounded(np.r_[arc, rng.uniform(-6, 6, (outliers, 2))])


def clouds(count, outliers):
    """Four columns, two clouds, outliers at random: those among the clouds cannot be told."""
    centre = np.where(rng.uniform(size=(count, 1)) < 0.5, -2.0, 2.0)
    normal = centre + rng.normal(size=(count, 4))
    return rounded(np.r_[normal, rng.uniform(-4, 4, (outliers, 4))])


def one_class(name, rows, asked, nu, gamma="scale", tolerance=1e-9):
    model = OneClassSVM(nu=nu, gamma=gamma, tol=tolerance, cache_size=500).fit(rows)
    return {
        "name": name, "rows": flat(rows), "columns": rows.shape[1], "asked": flat(asked), "nu": nu,
        "gamma": None if gamma == "scale" else gamma, "tolerance": tolerance,
        "support": int(len(model.support_)), "rho": float(-model.intercept_[0]),
        "decisions": [float(value) for value in model.decision_function(asked)],
    }


def dbscan(name, rows, eps, least):
    labels = DBSCAN(eps=eps, min_samples=least).fit_predict(rows)
    return {
        "name": name, "rows": flat(rows), "columns": rows.shape[1], "eps": eps, "least": least,
        "labels": [int(label) for label in labels],
    }


def forest(rows, outliers):
    truth = np.r_[np.zeros(len(rows) - outliers), np.ones(outliers)]
    fits = [IsolationForest(random_state=seed).fit(rows) for seed in range(10)]
    areas = [roc_auc_score(truth, -fit.score_samples(rows)) for fit in fits]
    scores = np.mean([-fit.score_samples(rows) for fit in fits], axis=0)
    return {
        "rows": flat(rows), "columns": rows.shape[1], "outliers": outliers,
        "area": float(np.mean(areas)), "scores": flat(rounded(scores, 6)),
    }


arc, four = bent(190, 10), clouds(380, 20)
copies = rounded(np.r_[np.repeat(arc[:20], 4, axis=0), arc[20:40]])
far = rounded(arc[:80] + 1e5)
grid = rounded(rng.uniform(-6, 6, (25, 2)))
reference = {
    "one_class": [
        one_class("usual", arc, grid, 0.5),
        one_class("few outside", arc, grid, 0.05),
        one_class("sharp", arc, grid, 0.1, 2.0),
        one_class("four columns", four, four[::16], 0.2),
        one_class("copies", copies, grid, 0.3),
        one_class("nearly all outside", arc[:37], grid, 0.99),
        one_class("far from 0", far, rounded(grid + 1e5), 0.3, 0.2),
        one_class("as it comes", arc, grid, 0.5, tolerance=1e-3),
    ],
    "dbscan": [
        dbscan("arc", arc, 0.5, 5),
        dbscan("arc, dense", arc, 0.2, 4),
        dbscan("four columns", four, 1.5, 6),
        dbscan("copies", copies, 0.3, 5),
        dbscan("one column", arc[:, :1], 0.05, 4),
        dbscan("pods", rounded(np.r_[rng.normal(20, 1, 30), 35, 3, rng.normal(50, 1, 8)])[:, None], 1.5, 3),
    ],
    "forest": forest(four, 20),
}
json.dump(reference, sys.stdout, separators=(",", ":"))
print()
