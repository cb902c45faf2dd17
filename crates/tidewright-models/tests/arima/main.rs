//! ARIMA against its references, and its laws.

mod arima_laws;
mod arima_reference;
mod fourier_laws;
