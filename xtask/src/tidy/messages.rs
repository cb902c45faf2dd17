//! What the program says when it logs or fails: fixed lower-case text without a stop, so that both read well after a colon.
//!
//! Log messages hold no values (those are fields); error messages may. Text for people (reports, help) is not judged.

use super::Finding;
use super::rust::{self, RustFile, line_at};
use super::tree::Tree;

/// The macros of `tracing` that take a message.
const LOGS: &[&str] = &["trace!(", "debug!(", "info!(", "warn!(", "error!("];

/// Names that keep their capital at the start of a message.
const PROPER_NAMES: &[&str] =
    &["Prometheus", "Kubernetes", "ConfigMap", "SQLite", "Debian", "Envoy", "Istio"];

/// Every Rust file's product.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    rust::files(tree).flat_map(|file| check_file(&file)).collect()
}

fn check_file(file: &RustFile<'_>) -> Vec<Finding> {
    let logs = LOGS.iter().flat_map(|opening| messages(file, opening));
    let logs = logs.map(|(at, message)| (at, "log-message", log_fault(message)));
    let errors = messages(file, "#[error(");
    let errors = errors.map(|(at, message)| (at, "error-message", error_fault(message)));
    let judged = logs.chain(errors).filter_map(|(at, rule, advice)| {
        advice.map(|advice| Finding::new(file.path, line_at(file.text, at), rule, advice))
    });
    judged.collect()
}

/// The messages of all calls that open so, each with its place.
fn messages<'a>(
    file: &'a RustFile<'_>,
    opening: &'a str,
) -> impl Iterator<Item = (usize, &'a str)> + 'a {
    let calls = file.product.match_indices(opening);
    calls.filter_map(|(at, opening)| message_in(file, at + opening.len()))
}

/// The string that is an argument of its own in the call whose arguments start at `from`, and its place.
fn message_in<'a>(file: &RustFile<'a>, from: usize) -> Option<(usize, &'a str)> {
    let arguments = &file.code[from..from + closing(&file.code[from..])?];
    let mut at = 0;
    for argument in split_top(arguments) {
        let lead = argument.len() - argument.trim_start().len();
        let inside = argument.trim();
        if inside.len() >= 2 && inside.starts_with('"') && inside.ends_with('"') {
            let start = from + at + lead + 1;
            return Some((start, &file.text[start..start + inside.len() - 2]));
        }
        at += argument.len() + 1;
    }
    None
}

/// Where the bracket that is open at the start of `code` closes.
fn closing(code: &str) -> Option<usize> {
    let mut depth = 1_usize;
    code.bytes().position(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

/// Splits at the commas that stand in no bracket.
fn split_top(arguments: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    arguments.split(move |letter| {
        depth += match letter {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            _ => 0,
        };
        letter == ',' && depth == 0
    })
}

fn log_fault(message: &str) -> Option<&'static str> {
    if message.contains('{') { Some("put the value into a field") } else { words_fault(message) }
}

fn error_fault(message: &str) -> Option<&'static str> {
    let shows_source = message.contains("{source");
    let advice = "leave the source out: whoever prints the error prints the chain";
    if shows_source { Some(advice) } else { words_fault(message) }
}

/// What is wrong with the words of a message.
fn words_fault(message: &str) -> Option<&'static str> {
    let first = message.split_whitespace().next().unwrap_or_default();
    let is_acronym = first.chars().all(|letter| !letter.is_lowercase());
    let is_name = PROPER_NAMES.iter().any(|name| first.starts_with(name));
    if message.ends_with(['.', '!']) {
        return Some("end the message without a stop");
    }
    let is_capital = first.starts_with(char::is_uppercase) && !is_acronym && !is_name;
    is_capital.then_some("start the message in lower case")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::of(&[("src/a.rs", text)]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_log_message_with_a_capital_or_a_stop_is_found() {
        let capital = found("fn a() { info!(id = %x(1, 2), \"Limit applied\"); }");
        assert_eq!(capital, ["src/a.rs:1: log-message: start the message in lower case"]);
        let stop = found("fn a() {\n    warn!(\n        \"limit held.\"\n    );\n}");
        assert_eq!(stop, ["src/a.rs:3: log-message: end the message without a stop"]);
    }

    #[test]
    fn a_value_inside_a_log_message_is_found() {
        let expected = ["src/a.rs:1: log-message: put the value into a field"];
        assert_eq!(found("fn a() { error!(\"limit {x} held\"); }"), expected);
    }

    #[test]
    fn an_error_message_with_a_capital_or_a_stop_is_found() {
        let capital = found("#[error(\"Cannot read `{path}`\")]\nstruct A;");
        assert_eq!(capital, ["src/a.rs:1: error-message: start the message in lower case"]);
        let stop = found("#[error(\"cannot read `{0}`.\", x)]\nstruct A;");
        assert_eq!(stop, ["src/a.rs:1: error-message: end the message without a stop"]);
    }

    #[test]
    fn an_error_message_that_shows_its_source_is_found() {
        let text = "#[error(\"cannot read `{path}`: {source}\")]\nstruct A;";
        assert!(found(text)[0].starts_with("src/a.rs:1: error-message: leave the source out"));
    }

    #[test]
    fn good_messages_pass() {
        let text = "fn a() { info!(n, reason = ?r, \"limit applied\"); debug!(\"HTTP answered\"); }\n\
                    #[error(\"`{key}` must be above 0\")]\nstruct A;\n#[error(transparent)]\nstruct B;\n\
                    #[error(\"Prometheus answered `{status}`\")]\nstruct C;\n";
        assert_eq!(found(text), Vec::<String>::new());
    }
}
