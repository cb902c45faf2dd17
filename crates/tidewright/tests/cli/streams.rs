//! stdout is data, stderr is talk, and neither shows a secret.

use tidewright_testkit::faulty::{Act, Reply};

use crate::desk::{Desk, Ended};
use crate::traffic::{self, CONFIG, healthy, prometheus};

const TOKEN: &str = "token-that-nobody-may-see";
const PASSWORD: &str = "password-that-nobody-may-see";
/// The user and the password as basic authentication writes them.
const PACKED: &str = "bWU6cGFzc3dvcmQtdGhhdC1ub2JvZHktbWF5LXNlZQ==";

/// A folder whose runs say all that they can say.
fn talkative() -> Desk {
    let desk = traffic::desk();
    let talk = "LOG_LEVEL: trace\n    VERBOSE_LOGGING: true";
    desk.put("config.yaml", CONFIG.replace("LOG_LEVEL: debug", talk));
    desk
}

/// Neither what was said nor any file, the record included, holds one of the secrets.
fn check_silence(desk: &Desk, ended: &Ended) {
    for secret in [TOKEN, PASSWORD, PACKED] {
        let holds =
            |bytes: &[u8]| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!ended.stdout.contains(secret), "stdout shows a secret");
        assert!(!ended.stderr.contains(secret), "stderr shows a secret:\n{}", ended.stderr);
        let files = desk.all_files();
        let mut leaks = files.iter().filter(|(_, bytes)| holds(bytes));
        assert_eq!(leaks.next().map(|(path, _)| path), None);
    }
}

fn run_with(desk: &Desk, line: &str, variables: &[(&str, &str)]) -> Ended {
    let mut command = desk.command(line);
    command.envs(variables.iter().copied());
    Ended::of(&command.output().expect("the program starts"))
}

#[test]
fn json_is_all_that_stdout_holds() {
    let (desk, metrics) = (talkative(), healthy());
    let line = traffic::line(&metrics.url());
    let ended = desk.run(&line);
    assert!(ended.stderr.contains("demand fetched") && ended.stderr.contains("written: "));
    ended.json();
    desk.run(&line.replacen("run", "limits plan", 1)).json();
}

#[test]
fn a_pipe_shows_no_progress_and_no_colour() {
    let desk = Desk::with_issue_config();
    for line in ["run", "limits plan", "limits replay", "doctor", "config show"] {
        let ended = desk.run(line);
        let both = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!both.contains(['\u{1b}', '\r']), "`{line}` draws:\n{both}");
        ended.done();
    }
}

#[test]
fn what_a_configuration_does_not_do_is_told_on_stderr() {
    let ended = Desk::with_issue_config().run("run");
    assert!(ended.stderr.contains("note: without effect in this version: "), "{}", ended.stderr);
    assert!(!ended.done().contains("note: "));
}

#[test]
fn a_token_reaches_prometheus_and_nobody_else() {
    let (desk, metrics) = (talkative(), healthy());
    let ended = run_with(&desk, &traffic::line(&metrics.url()), &[("PROMETHEUS_TOKEN", TOKEN)]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let bearer = format!("authorization: Bearer {TOKEN}");
    for asked in metrics.asked() {
        let sent = asked.headers.iter().any(|line| line.eq_ignore_ascii_case(&bearer));
        assert!(sent, "no token with {}", asked.line);
    }
    check_silence(&desk, &ended);
}

#[test]
fn a_password_reaches_prometheus_and_nobody_else() {
    let (desk, metrics) = (talkative(), healthy());
    let variables = [("PROMETHEUS_USERNAME", "me"), ("PROMETHEUS_PASSWORD", PASSWORD)];
    let ended = run_with(&desk, &traffic::line(&metrics.url()), &variables);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let basic = format!("authorization: Basic {PACKED}");
    let sent = |line: &String| line.eq_ignore_ascii_case(&basic);
    assert!(metrics.asked().iter().all(|asked| asked.headers.iter().any(sent)));
    check_silence(&desk, &ended);
}

#[test]
fn a_token_from_a_file_is_not_shown_either() {
    let (desk, metrics) = (talkative(), healthy());
    let auth = "PROMETHEUS_AUTH: {bearer_token_file: ../token}\n    LOG_LEVEL";
    desk.put("work/config.yaml", desk.text("config.yaml").replacen("LOG_LEVEL", auth, 1));
    desk.put("work/limits.yaml", traffic::DOCUMENT);
    desk.put("token", format!("{TOKEN}\n"));
    let mut command = desk.command(&traffic::line(&metrics.url()));
    let output = command.current_dir(desk.path("work")).output().expect("the program starts");
    std::fs::remove_file(desk.path("token")).expect("the secret can be removed");
    let ended = Ended::of(&output);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    check_silence(&desk, &ended);
}

#[test]
fn a_failure_shows_no_secret() {
    let variables = [("PROMETHEUS_TOKEN", TOKEN)];
    for reply in [Reply::error(401, "unauthorized", "no"), Reply::html(200), Reply::html(403)] {
        let (desk, metrics) = (talkative(), prometheus(vec![Act::Reply(reply)]));
        let ended = run_with(&desk, &traffic::line(&metrics.url()), &variables);
        assert_ne!(ended.code, Some(0));
        check_silence(&desk, &ended);
    }
}

#[test]
fn the_configuration_is_shown_without_its_secrets() {
    let desk = talkative();
    for variables in [[("PROMETHEUS_TOKEN", TOKEN)], [("PROMETHEUS_PASSWORD", PASSWORD)]] {
        for line in ["config show", "config show --output json", "config check", "doctor"] {
            let ended = run_with(&desk, &format!("{line} --config config.yaml"), &variables);
            check_silence(&desk, &ended);
        }
    }
}
