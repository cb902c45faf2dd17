//! Forecasts of series from anywhere, by the models that limits rest on.
