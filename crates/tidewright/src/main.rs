//! The binary: it hands everything to the library beside it, so that tests reach the same code.

use std::process::ExitCode;

fn main() -> ExitCode {
    tidewright::compose::main()
}
