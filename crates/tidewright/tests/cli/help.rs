//! What `--help` shows: examples that can be copied, and exit codes.

use crate::desk::Desk;

/// Every command, as it is typed.
const COMMANDS: [&str; 23] = [
    "",
    "run",
    "limits",
    "limits plan",
    "limits explain",
    "limits replay",
    "limits show",
    "limits check",
    "limits diff",
    "limits apply",
    "limits approve",
    "limits pause",
    "limits resume",
    "limits history",
    "limits rollback",
    "forecast",
    "backtest",
    "detect",
    "doctor",
    "config",
    "config check",
    "config show",
    "config reference",
];

fn help(command: &str) -> String {
    Desk::new().run(&format!("{command} --help")).done()
}

/// The examples of a help text, without the name of the program, redirections and remarks.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().filter_map(|line| line.strip_prefix("  tidewright "));
    let typed = |line: &str| {
        let line = line.split("   ").next().unwrap_or(line);
        let line = line.split(['>', '<', '|']).next().unwrap_or(line);
        line.replace('\'', "")
    };
    lines.map(typed).collect()
}

#[test]
fn the_help_of_every_command_shows_examples() {
    for command in COMMANDS {
        let help = help(command);
        assert!(help.contains("Examples:"), "`{command} --help` has no examples:\n{help}");
        assert!(!examples(&help).is_empty(), "`{command} --help` has nothing to copy");
    }
}

#[test]
fn every_example_can_be_typed() {
    let desk = Desk::new();
    for example in COMMANDS.iter().flat_map(|command| examples(&help(command))) {
        let ended = desk.run(&example);
        assert!(!ended.stderr.contains("--help"), "`{example}`: {}", ended.stderr);
    }
}

#[test]
fn the_help_tells_the_exit_codes() {
    let help = help("");
    for code in [
        "0 done",
        "1 our fault",
        "2 yours",
        "3 somebody should look",
        "4 a dependency's",
        "130 interrupted",
    ] {
        assert!(help.contains(code), "`{code}` is missing in:\n{help}");
    }
}

#[test]
fn an_unknown_command_or_flag_is_the_users_mistake() {
    let desk = Desk::new();
    for line in ["", "frobnicate", "run --frobnicate", "run --at yesterday", "limits explain :"] {
        assert_eq!(desk.run(line).code, Some(2), "`{line}`");
    }
}
