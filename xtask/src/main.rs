//! The build helper.
fn main() {}
