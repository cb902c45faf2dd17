//! Benches come with the model.
fn main() {}
