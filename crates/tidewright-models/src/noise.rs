//! Noise around what was expected: its width, its law, its clusters, its maxima.

mod scale;

pub use scale::Scale;
