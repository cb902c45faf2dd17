"""Makes fourier.json: a series with a day and a week, and statsmodels' regression on its waves with AR(1) errors."""
import json

import numpy as np
from statsmodels.tsa.statespace.sarimax import SARIMAX

rng = np.random.default_rng(11)
n, ahead = 24 * 28, 48
t = np.arange(n + ahead)
waves = [(24, 1), (24, 2), (168, 1)]
columns = [f(2 * np.pi * k * t / s) for s, k in waves for f in (np.cos, np.sin)]
x = np.array(columns).T
errors = np.zeros(n)
for i in range(1, n):
    errors[i] = 0.6 * errors[i - 1] + rng.normal()
y = np.round(50 + x[:n] @ [6, -3, 2, 1, -4, 2] + errors, 4)
gaps = [60, 61, 62, 200, 333, 500, 501]
y[gaps] = np.nan

exogenous = np.column_stack([np.ones(n + ahead), x])
fit = SARIMAX(y, exog=exogenous[:n], order=(1, 0, 0)).fit(disp=0)
forecast = fit.get_forecast(ahead, exog=exogenous[n:])
with open("fourier.json", "w") as out:
    json.dump({
        "values": [None if np.isnan(v) else float(v) for v in y],
        "mean": [float(v) for v in forecast.predicted_mean],
        "deviation": [float(v) for v in forecast.se_mean],
    }, out, separators=(",", ":"))
    out.write("\n")
