//! The build helper: `cargo run -p xtask -- tidy` holds the tree to the rules of the house.
//!
//! It has no dependencies, so that it builds in a second and may judge all the others. It changes nothing.

mod tidy;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    if words == ["tidy"] {
        return tidy::run();
    }
    let _ = writeln!(io::stderr(), "usage: cargo run -p xtask -- tidy");
    ExitCode::from(2)
}
