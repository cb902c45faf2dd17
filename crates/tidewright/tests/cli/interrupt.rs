//! Ctrl-C in the middle: exit 130, nothing written, nothing recorded.
//!
//! A program that did not stop would get its answer or the end of its input after a minute and end well; so no test
//! measures time.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::Duration;

use tidewright_testkit::faulty::{Act, FaultyEndpoint};

use crate::desk::{Desk, Ended};
use crate::traffic::{self, CONFIG, demand, prometheus};

/// An answer that comes after all others would have.
const LATE: Duration = Duration::from_secs(60);

/// Seconds of learning where optimised code takes milliseconds for each.
const LIMITS: usize = 60;

fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    let status = Command::new("sh").args(["-c", &kill]).status().expect("a shell starts");
    assert!(status.success(), "`{kill}` failed");
}

/// Waits until demand was asked for.
fn wait_for_question(metrics: &FaultyEndpoint) {
    while !metrics.asked().iter().any(|asked| asked.line.contains("query=last_over_time")) {
        thread::yield_now();
    }
}

/// Reads what the program says until it says this; the rest is read later.
fn wait_for_words(child: &mut Child, words: &str) -> BufReader<ChildStderr> {
    let mut lines = BufReader::new(child.stderr.take().expect("stderr is a pipe"));
    let mut said = String::new();
    while !said.lines().any(|line| line.contains(words)) {
        let read = lines.read_line(&mut said).expect("what is said can be read");
        assert!(read > 0, "`{words}` is never said:\n{said}");
    }
    lines
}

fn ended(child: Child) -> Ended {
    Ended::of(&child.wait_with_output().expect("the program ends"))
}

/// A run that is interrupted while Prometheus does not answer leaves all files alone.
fn check_fetch(name: &str) {
    let desk = traffic::desk();
    let metrics = prometheus(vec![Act::Wait(LATE, demand())]);
    let before = desk.files();
    let child = desk.start(&traffic::line(&metrics.url()));
    wait_for_question(&metrics);
    signal(&child, name);
    ended(child).failed(130, &["stopped before the run was finished"]);
    assert!(desk.files() == before, "a run that was stopped changed files");
    desk.run("limits replay --config config.yaml").refused(&["no run is recorded"]);
}

#[test]
fn ctrl_c_while_prometheus_is_slow_ends_with_130() {
    check_fetch("INT");
}

#[test]
fn a_request_to_terminate_is_heard_like_ctrl_c() {
    check_fetch("TERM");
}

#[test]
fn ctrl_c_while_learning_ends_with_130() {
    let desk = desk_with_much_to_learn();
    let before = desk.files();
    let mut child = desk.start(&traffic::line("http://127.0.0.1:9"));
    let mut rest = wait_for_words(&mut child, "demand fetched");
    signal(&child, "INT");
    // Both streams are read at once: a full pipe would stop the program for good.
    let talk = thread::spawn(move || {
        let mut said = String::new();
        rest.read_to_string(&mut said).map(|_| said).expect("what is said can be read")
    });
    let ended = ended(child);
    let said = talk.join().expect("reading does not panic");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{said}");
    assert!(said.contains("stopped before the run was finished"), "{said}");
    assert!(desk.files() == before, "a run that was stopped changed files");
    desk.run("limits replay --config config.yaml").refused(&["no run is recorded"]);
}

/// A folder with demand from a file for so many limits that learning takes far longer than a signal.
fn desk_with_much_to_learn() -> Desk {
    let desk = traffic::desk();
    let csv = "LOG_LEVEL: debug\n    TRAFFIC: {csv: traffic.csv}";
    desk.put("config.yaml", CONFIG.replace("LOG_LEVEL: debug", csv));
    let paths: Vec<String> = (0..LIMITS).map(|index| format!("/{index}")).collect();
    let pairs: Vec<(&str, &str)> = paths.iter().map(|path| ("A", path.as_str())).collect();
    desk.put("traffic.csv", traffic::csv(&pairs));
    let limit = |path: &String| {
        format!(
            "      - {{key: PATH, value: {path}, rate_limit: {{unit: minute, requests_per_unit: 9}}}}\n"
        )
    };
    let limits: String = paths.iter().map(limit).collect();
    let head = "domain: edge\ndescriptors:\n  - key: PARTNER\n    value: A\n    descriptors:\n";
    desk.put("limits.yaml", format!("{head}{limits}"));
    desk
}

#[test]
fn ctrl_c_while_stdin_is_silent_ends_with_130() {
    check_stdin("forecast --input - --horizon 2");
    check_stdin("backtest --input - --horizon 2");
    check_stdin("detect --input -");
}

#[test]
fn ctrl_c_ends_a_stream_with_130_and_keeps_its_state() {
    let desk = Desk::new();
    let mut command = desk.command("detect --stream --state s.state");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
    stdin.write_all(b"ds,y\n0,1\n").expect("the program reads its input");
    let mut said = String::new();
    while said.lines().count() < 2 {
        assert!(stdout.read_line(&mut said).expect("the program answers") > 0, "{said}");
    }
    signal(&child, "INT");
    assert_eq!(child.wait().expect("the program ends").code(), Some(130));
    drop(stdin);
    let again = desk.run_with_input("detect --stream --state s.state", b"ds,y\n0,1\n").done();
    assert!(again.ends_with(",late\n"), "{again}");
}

/// A line that reads stdin is interrupted before its end.
fn check_stdin(line: &str) {
    let desk = Desk::new();
    let mut command = desk.command(line);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    // More than a pipe holds: once it is written, the program reads.
    let rows: String = (0..20_000).map(|minute| format!("{},1\n", minute * 60)).collect();
    stdin.write_all(format!("ds,y\n{rows}").as_bytes()).expect("the program reads its input");
    signal(&child, "INT");
    // Nobody waits for this: it ends a program that hears no signal.
    thread::spawn(move || {
        thread::sleep(LATE);
        drop(stdin);
    });
    assert_eq!(child.wait().expect("the program ends").code(), Some(130));
}

/// So many series of so many hours keep unoptimised code busy for far longer than a signal takes.
const SERIES: usize = 4_000;
const HOURS: usize = 240;

#[test]
fn ctrl_c_while_forecasting_ends_with_130_and_leaves_nothing_behind() {
    let desk = Desk::new();
    let rows = (0..SERIES).flat_map(|id| {
        // Grids of their own: no plan is shared, so each fit takes its time.
        (0..HOURS)
            .map(move |hour| format!("{id},{},{}\n", id + hour * 3600, hour * 7919 % (101 + id)))
    });
    desk.put("many.csv", format!("unique_id,ds,y\n{}", rows.collect::<String>()));
    let before = desk.files();
    let line = "forecast --input - --horizon 48 --model prophet --save-model x.model --plot x.svg";
    let mut command = desk.command(&format!("{line} --output csv"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    stdin.write_all(desk.text("many.csv").as_bytes()).expect("the program reads its input");
    // The end of the input is where the forecasts begin.
    drop(stdin);
    signal(&child, "INT");
    ended(child).failed(130, &["stopped before"]);
    assert!(desk.files() == before, "a forecast that was stopped left files behind");
}
