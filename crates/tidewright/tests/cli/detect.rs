//! `detect`: one answer for each row, by the rows before it and by nothing else.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::desk::Desk;

/// Twelve days of quarters of an hour, with a jump on the eleventh; `data/README.md` tells whose it is.
const JUMP: &[u8] = include_bytes!("../data/jumpsup.csv.gz");

const HEADER: &str = "timestamp,value,expected,lower,upper,score,alarm,probability,direction,severity,detector,state";

fn jump() -> String {
    let mut text = String::new();
    GzDecoder::new(JUMP).read_to_string(&mut text).expect("the fixture is whole");
    text
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("jump.csv", jump());
    desk
}

fn csv(desk: &Desk, flags: &str) -> Vec<String> {
    let line = format!("detect --output csv --input {flags}");
    desk.run(&line).done().lines().map(str::to_owned).collect()
}

/// The answers to a text of rows.
fn answers(text: &str) -> Vec<String> {
    let desk = Desk::new();
    desk.put("x.csv", text);
    csv(&desk, "x.csv")
}

/// The first `rows` rows of a text, under its header.
fn first(text: &str, rows: usize) -> String {
    text.lines().take(rows + 1).flat_map(|line| [line, "\n"]).collect()
}

/// A cell of a line without a name.
fn cell<'a>(line: &'a str, column: &str) -> &'a str {
    let place = HEADER.split(',').position(|name| name == column).expect("a column");
    line.split(',').nth(place).expect("every line has all cells")
}

fn number(line: &str, column: &str) -> f64 {
    cell(line, column).parse().expect("a number")
}

fn alarms(lines: &[String]) -> Vec<&str> {
    let alarming = lines.iter().skip(1).filter(|line| number(line, "alarm") >= 1.0);
    alarming.map(|line| cell(line, "timestamp")).collect()
}

#[test]
fn each_row_has_its_answer_in_its_place() {
    let (desk, input) = (desk(), jump());
    let lines = csv(&desk, "jump.csv");
    assert_eq!(lines[0], HEADER);
    assert_eq!(lines.len(), input.lines().count());
    for (line, row) in lines.iter().zip(input.lines()).skip(1) {
        let (time, value) = row.split_once(',').expect("two cells");
        assert_eq!(cell(line, "timestamp"), time.replace(' ', "T") + "Z");
        assert_eq!(number(line, "value"), value.parse::<f64>().expect("a number"));
        assert!(number(line, "score") >= 0.0 && number(line, "alarm") >= 0.0);
    }
    // The window in which the benchmark looks for the jump.
    let window = "2014-04-10T16:15:00Z".."2014-04-12T01:45:00Z";
    let inside = alarms(&lines).into_iter().filter(|at| window.contains(at)).count();
    assert!(inside >= 1, "{:?}", alarms(&lines));
    let worst =
        lines.iter().skip(1).max_by(|a, b| number(a, "alarm").total_cmp(&number(b, "alarm")));
    let worst = worst.expect("there are rows");
    assert!(window.contains(&cell(worst, "timestamp")) && !cell(worst, "severity").is_empty());
}

#[test]
fn the_first_rows_have_the_same_answers_whatever_comes_after_them() {
    let (desk, input) = (desk(), jump());
    let whole = csv(&desk, "jump.csv");
    for rows in [1, 2, 97, 500, 1_050, 1_151] {
        desk.put("part.csv", first(&input, rows));
        assert_eq!(csv(&desk, "part.csv"), whole[..=rows], "{rows} rows");
    }
}

#[test]
fn a_stream_has_the_answers_of_a_file() {
    let (desk, input) = (desk(), jump());
    let whole = desk.run("detect --input jump.csv --output csv").done();
    assert_eq!(desk.run_with_input("detect --stream", input.as_bytes()).done(), whole);
    assert_eq!(desk.run("detect --stream --input jump.csv --output csv").done(), whole);
    let list = desk.run("detect --input jump.csv --output json").json();
    let lines = desk.run_with_input("detect --stream --output json", input.as_bytes()).done();
    let lines = lines.lines().map(|line| serde_json::from_str(line).expect("a line is JSON"));
    assert_eq!(Value::Array(lines.collect()), list);
}

#[test]
fn each_line_of_a_stream_is_answered_at_once_and_a_bad_one_costs_no_other() {
    let mut command = Desk::new().command("detect --stream");
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
    let mut stderr = BufReader::new(child.stderr.take().expect("stderr is a pipe"));
    let mut say = |line: &str| writeln!(stdin, "{line}").expect("the program reads");
    let mut answer = || {
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the program answers");
        line
    };
    say("unique_id,ds,y");
    assert_eq!(answer(), format!("unique_id,{HEADER}\n"));
    say("a,2026-11-20 08:00:00,5");
    assert_eq!(answer(), "a,2026-11-20T08:00:00Z,5,,,,0,0,,,,,learning\n");
    let mut told = String::new();
    for (line, fault) in [
        (
            "a,2026-11-20 08:05:00,many",
            "line 3, column `y`: the value must be a finite number, got `many`",
        ),
        ("a,soon,5", "line 4, column `ds`: "),
        ("a,2026-11-20 08:05:00", "line 5: each line must have as many cells as the first"),
        ("\"a,2026-11-20 08:05:00,5", "line 6: each line must have"),
    ] {
        say(line);
        told.clear();
        while !told.contains("hint: ") {
            assert!(stderr.read_line(&mut told).expect("stderr is text") > 0, "{told}");
        }
        assert!(told.contains(fault) && told.starts_with("error: `-`, "), "{told}");
    }
    say("a,2026-11-20 08:05:00,6");
    assert!(answer().starts_with("a,2026-11-20T08:05:00Z,6,"));
    drop(stdin);
    assert_eq!(child.wait().expect("the program ends").code(), Some(0));
}

#[test]
fn a_restart_goes_on_with_the_same_answers() {
    let (desk, input) = (desk(), jump());
    let whole = csv(&desk, "jump.csv");
    for stream in ["", " --stream"] {
        let mut said = vec![whole[0].clone()];
        let lines: Vec<&str> = input.lines().collect();
        for (from, to) in [(1, 400), (400, 401), (401, 1_060), (1_060, lines.len())] {
            desk.put("part.csv", format!("{}\n{}\n", lines[0], lines[from..to].join("\n")));
            said.extend(
                csv(&desk, &format!("part.csv --state s.state{stream}")).into_iter().skip(1),
            );
        }
        assert_eq!(said, whole);
        std::fs::remove_file(desk.path("s.state")).expect("the state was saved");
    }
}

#[test]
fn a_state_takes_the_place_of_states_alone() {
    let desk = desk();
    let line = "detect --input jump.csv --state jump.csv";
    desk.run(line).refused(&["cannot go on from the state in `jump.csv`: this is no saved state"]);
    assert_eq!(desk.text("jump.csv"), jump());
    desk.run("detect --input jump.csv --state s").done();
    let mut bytes = std::fs::read(desk.path("s")).expect("it was saved");
    bytes.truncate(bytes.len() - 3);
    desk.put("s", &bytes);
    desk.run("detect --input jump.csv --state s").refused(&["damaged or cut short"]);
    assert_eq!(std::fs::read(desk.path("s")).expect("it is there"), bytes);
}

#[test]
fn series_of_one_file_do_not_touch_one_another() {
    let input = jump();
    let rows: Vec<&str> = input.lines().skip(1).collect();
    let mut both = "unique_id,ds,y\n".to_owned();
    for (i, row) in rows.iter().enumerate() {
        let (time, value) = row.split_once(',').expect("two cells");
        writeln!(both, "up,{row}\ndown,{time},-{}", value.trim_start_matches('-'))
            .expect("it grows");
        if i % 100 == 7 {
            writeln!(both, "rare,{time},1").expect("it grows");
        }
    }
    let lines = answers(&both);
    let of = |id: &str| -> Vec<String> {
        let lines = lines.iter().filter_map(|line| line.strip_prefix(&format!("{id},")));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(of("up"), answers(&input)[1..]);
    assert_eq!((of("down").len(), of("rare").len()), (rows.len(), rows.len().div_ceil(100)));
}

#[test]
fn gaps_duplicates_and_late_rows_are_told_and_teach_nothing() {
    let input = jump();
    let plain = answers(&input);
    let mut odd = String::new();
    for (i, line) in input.lines().enumerate() {
        writeln!(odd, "{line}").expect("it grows");
        match (i, line.split_once(',')) {
            (100, Some((time, _))) => writeln!(odd, "{time},5000"),
            (200, _) => writeln!(odd, "2014-04-01 00:00:00,-5000"),
            (300, Some((time, _))) => writeln!(odd, "{time},\n{time},NaN"),
            _ => Ok(()),
        }
        .expect("it grows");
    }
    let lines = answers(&odd);
    let silent = |state: &str| lines.iter().filter(|line| line.ends_with(state)).count();
    assert_eq!((silent(",5000,,,,,0,,,,,late"), silent(",-5000,,,,,0,,,,,late")), (1, 1));
    assert_eq!(silent(",,,,,,0,,,,,gap"), 2);
    let told = lines.into_iter().filter(|line| !line.ends_with(",late") && !line.ends_with(",gap"));
    assert_eq!(told.collect::<Vec<_>>(), plain);
}

#[test]
fn a_constant_never_alarms_until_it_moves() {
    let rows = |last: f64| {
        let value = |hour: i32| if hour < 400 { 7.0 } else { last };
        let rows = (0..420).map(|hour| format!("{},{}\n", i64::from(hour) * 3600, value(hour)));
        format!("ds,y\n{}", rows.collect::<String>())
    };
    assert_eq!(alarms(&answers(&rows(7.0))).len(), 0);
    assert_eq!(alarms(&answers(&rows(8.0))), ["1970-01-17T16:00:00Z"]);
}

#[test]
fn a_bad_cell_is_named_and_nothing_is_printed() {
    let refused = |text: &str, said: &[&str]| {
        let desk = Desk::new();
        desk.put("bad.csv", text);
        desk.run("detect --input bad.csv --output csv --state s --plot p.html").refused(said);
        assert_eq!(desk.names(""), ["bad.csv"]);
    };
    refused(
        "ds,y\n0,1\n60,x\n",
        &["`bad.csv`, line 3, column `y`: the value must be a finite number, got `x`"],
    );
    refused(
        "timestamp,value\nsoon,1\n",
        &["`bad.csv`, line 2, column `timestamp`: ", "got `soon`"],
    );
    refused("ds,y,z\n0,1,2\n", &["no other columns are known"]);
    refused("ds,y\n", &["has no rows"]);
    Desk::new().run("detect --input none.csv").refused(&["cannot read `none.csv`"]);
}

/// A wave with one spike every `every` hours of forty days.
fn spikes(every: usize) -> String {
    let row = |hour: usize| {
        let wave = (hour as f64 / 24.0 * std::f64::consts::TAU).sin() * 5.0;
        let spike =
            if hour > 300 && hour.is_multiple_of(every) { 400.0 * hour as f64 } else { 0.0 };
        format!("{},{:.3}\n", hour * 3600, wave + (hour * 7919 % 13) as f64 + spike)
    };
    format!("ds,y\n{}", (0..960).map(row).collect::<String>())
}

#[test]
fn a_budget_bounds_alarms_and_what_does_not_fit_is_held() {
    let desk = Desk::new();
    desk.put("x.csv", spikes(20));
    let free = csv(&desk, "x.csv");
    let held = csv(&desk, "x.csv --alert-budget 1");
    let (all, told) = (alarms(&free), alarms(&held));
    assert!(all.len() > 6, "{all:?}");
    // 27 days: one at once, and one more in each week.
    assert!((2..=4).contains(&told.len()), "{told:?}");
    assert!(told.iter().all(|at| all.contains(at)));
    let near = held.iter().skip(1).filter(|line| cell(line, "alarm") == "0.99").count();
    assert_eq!(near + told.len(), all.len());
    for (free, held) in free.iter().zip(&held).skip(1) {
        assert_eq!(cell(free, "score"), cell(held, "score"));
    }
}

#[test]
fn weight_makes_the_same_alarms_more_severe() {
    let desk = Desk::new();
    desk.put("x.csv", spikes(20));
    let usual = csv(&desk, "x.csv");
    let heavy = csv(&desk, "x.csv --weight 10");
    assert_eq!(alarms(&usual), alarms(&heavy));
    let emergencies = |lines: &[String]| {
        lines.iter().skip(1).filter(|line| cell(line, "severity") == "emergency").count()
    };
    assert!(emergencies(&heavy) > emergencies(&usual));
}

#[test]
fn settings_change_what_alarms() {
    let desk = Desk::new();
    desk.put("x.csv", spikes(20));
    let alarming = |flags: &str| alarms(&csv(&desk, &format!("x.csv {flags}"))).len();
    let usual = alarming("");
    assert_eq!(
        alarming("--level 3.5 --quiet-hours 8 --detector residual-tails --time-zone UTC"),
        usual
    );
    assert!(alarming("--level 50") < usual);
    assert!(alarming("--quiet-hours 100") < usual);
    let lines = csv(&desk, "x.csv --max 100 --min -50");
    assert!(lines.iter().any(|line| line.ends_with(",range,judged")));
    assert_ne!(csv(&desk, "x.csv --time-zone Asia/Kolkata"), csv(&desk, "x.csv"));
}

#[test]
fn what_makes_no_sense_is_refused_with_a_hint() {
    let desk = desk();
    let refused = |flags: &str, said: &str| {
        desk.run(&format!("detect --input jump.csv {flags}")).refused(&[said]);
    };
    refused("--detector residual-tail", "did you mean `residual-tails`? the detectors are auto, ");
    refused("--min 5 --max 5", "`--min` must be below `--max`, got `5` and `5`");
    refused("--stream --output table", "`--output table` does not go with `--stream`");
    refused("--plot picture.png", "`--plot` must end in `.svg` or `.html`");
    for flags in ["--level 0", "--quiet-hours -1", "--alert-budget 0", "--time-zone Nowhere"] {
        assert_eq!(desk.run(&format!("detect --input jump.csv {flags}")).code, Some(2), "{flags}");
    }
    for flags in ["--stream --plot a.html", "--stream --explain 2014-04-11", ""] {
        assert_eq!(desk.run(&format!("detect {flags}")).code, Some(2), "{flags}");
    }
}

#[test]
fn a_row_is_explained_and_a_moment_without_one_is_answered_with_its_neighbours() {
    let desk = desk();
    let lines = csv(&desk, "jump.csv");
    let at = alarms(&lines)[0].to_owned();
    let table = desk.run(&format!("detect --input jump.csv --explain {at}")).done();
    for words in
        [&format!("at {at}: an alarm, too "), "expected", "jump", "profile", "chance in 4 hours"]
    {
        assert!(table.contains(words), "`{words}` is missing in:\n{table}");
    }
    let beside = desk.run(&format!("detect --input jump.csv --output csv --explain {at}"));
    assert!(beside.stderr.contains(&format!("at {at}: an alarm")), "{}", beside.stderr);
    assert_eq!(beside.done().lines().collect::<Vec<_>>(), lines);
    let json = desk.run(&format!("detect --input jump.csv --output json --explain {at}")).json();
    let rows = json.as_array().expect("a list");
    let told: Vec<&Value> = rows.iter().filter(|row| row.get("views").is_some()).collect();
    assert_eq!((told.len(), told[0]["timestamp"].as_str()), (1, Some(at.as_str())));
    let said = [
        "`--explain` must name the time of a row, got `2014-04-11T00:05:00Z`",
        "hint: the nearest rows are at `2014-04-11T00:00:00Z` and `2014-04-11T00:15:00Z`",
    ];
    desk.run("detect --input jump.csv --explain 2014-04-11T00:05:00Z").refused(&said);
}

#[test]
fn the_table_is_a_summary() {
    let desk = desk();
    let table = desk.run("detect --input jump.csv").done();
    let lines = csv(&desk, "jump.csv");
    assert!(table.lines().count() < 30 && table.starts_with("  1,152 rows, "), "{table}");
    for at in alarms(&lines) {
        assert!(table.contains(at), "{table}");
    }
}

#[test]
fn every_form_holds_every_row() {
    let desk = desk();
    let json = desk.run("detect --input jump.csv --output json").json();
    let yaml = desk.run("detect --input jump.csv --output yaml").done();
    let yaml: Vec<Value> = serde_saphyr::from_str(&yaml).expect("it is YAML");
    assert_eq!(json.as_array().map(Vec::len), Some(1_152));
    assert_eq!(yaml.len(), 1_152);
    for (row, same) in json.as_array().into_iter().flatten().zip(&yaml) {
        assert_eq!(
            (row["timestamp"].as_str(), row["state"].as_str()),
            (same["timestamp"].as_str(), same["state"].as_str())
        );
    }
}

#[test]
fn alarms_are_marked_in_a_picture() {
    let desk = desk();
    desk.run("detect --input jump.csv --plot a.html").done();
    let page = desk.text("a.html");
    assert!(page.contains("class=\"alarm\"") && page.contains("class=\"band80\""));
    assert!(page.contains("1,152 points, "));
    let rows = (0..13).flat_map(|id| (0..50).map(move |row| format!("s{id},{},{row}\n", row * 60)));
    desk.put("many.csv", format!("unique_id,ds,y\n{}", rows.collect::<String>()));
    desk.run("detect --input many.csv --plot b.svg").done();
    assert!(desk.text("b.svg").contains("12 of 13 series are drawn."));
}
