//! What tests need of the world: a real Prometheus, an estate whose truth is known, an endpoint that misbehaves.
//!
//! It is for tests only, so a failure is a sentence for the developer. Each test starts its own servers, on a free port of
//! 127.0.0.1 and in a temporary folder, and stops them by their process id. It knows no rule of the product: what a limit
//! should be is never computed here.

pub mod chance;
pub mod estate;
pub mod faulty;
pub mod http;
pub mod prometheus;
pub mod trace;
