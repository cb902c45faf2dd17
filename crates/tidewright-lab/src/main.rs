//! The binary of the laboratory: `compare` and `gallery`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tidewright_lab::main()
}
