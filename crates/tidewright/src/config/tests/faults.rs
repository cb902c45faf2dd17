//! What is refused, and how it is told.

use super::*;

#[test]
fn an_unknown_key_is_told_with_the_nearest_known() {
    check_common(
        "  RATE_CALCULATION: {saftey_margin: 2}\n",
        "c.yaml:5: `COMMON.RATE_CALCULATION.saftey_margin` is not a known key\n  \
         hint: did you mean `RATE_CALCULATION.safety_margin`?",
    );
}

#[test]
fn a_known_key_in_the_wrong_group_is_sent_home() {
    check_common(
        "  safety_margin: 2\n",
        "c.yaml:5: `COMMON.safety_margin` is not a known key\n  \
         hint: did you mean `RATE_CALCULATION.safety_margin`?",
    );
}

#[test]
fn a_word_like_no_key_points_to_the_reference() {
    check_common(
        "  colour: red\n",
        "c.yaml:5: `COMMON.colour` is not a known key\n  \
         hint: the reference page docs/configuration.md lists all keys",
    );
}

#[test]
fn the_deployment_stands_only_at_the_root() {
    check_common(
        "  DEPLOYMENT: {MODE: production}\n",
        "c.yaml:5: `COMMON.DEPLOYMENT` is not a known key\n  \
         hint: it stands at the left margin, not below another section",
    );
}

#[test]
fn an_impossible_number_is_told_with_its_rule() {
    check_common(
        "  PRIME_TIME_CONFIG:\n    percentile_threshold: 130\n",
        "c.yaml:6: `COMMON.PRIME_TIME_CONFIG.percentile_threshold` must be a number between 0 and 100, got `130`\n  \
         hint: remove it to take the default, `75`",
    );
}

#[test]
fn a_quantile_lies_inside_the_unit_interval() {
    for bad in ["0", "1", "-0.5", ".nan", "ninety"] {
        let text = told(&format!("{HEAD}  RATE_CALCULATION: {{peak_quantile: {bad}}}\n"));
        let rule = format!("must be a number between 0 and 1, both excluded, got `{bad}`");
        assert!(text.contains(&rule), "{text}");
    }
}

#[test]
fn a_quoted_number_is_a_text() {
    check_common(
        "  RATE_CALCULATION: {safety_margin: \"1.5\"}\n",
        "c.yaml:5: `COMMON.RATE_CALCULATION.safety_margin` must be a number between 1 and 10, got `\"1.5\"`\n  \
         hint: write it without quotes",
    );
}

#[test]
fn yes_is_neither_true_nor_false() {
    check_common(
        "  DRY_RUN: yes\n",
        "c.yaml:5: `COMMON.DRY_RUN` must be true or false, got `yes`\n  hint: did you mean `true`?",
    );
}

#[test]
fn a_bare_number_is_a_duration_only_where_its_unit_is_known() {
    check_common(
        "  PROMETHEUS_TIMEOUT: 30\n",
        "c.yaml:5: `COMMON.PROMETHEUS_TIMEOUT` must be a duration like `30s`, `5m` or `7d`, between 100ms and 10m, got `30`\n  \
         hint: add a unit, such as `30s`",
    );
    assert!(told(&format!("{HEAD}  GUARDS: {{stale_after: soon}}\n")).contains("got `soon`"));
}

#[test]
fn negative_days_are_refused() {
    let text = told(&format!("{HEAD}  DAYS_TO_INSPECT: -7\n"));
    assert!(text.contains("must be a number of days or a duration"), "{text}");
}

#[test]
fn an_unknown_time_zone_is_refused() {
    let text = told(&format!("{HEAD}  PRIME_TIME_CONFIG: {{timezone: Mars/Olympus}}\n"));
    assert!(text.contains("must be an IANA time zone like `Europe/Paris`, got `Mars/Olympus`"));
}

#[test]
fn a_formula_that_nobody_knows_is_refused() {
    let text = told(&format!("{HEAD}  RATE_CALCULATION: {{formula_version: v4}}\n"));
    assert!(text.contains("must be one of v1, v2, v3, got `v4`"), "{text}");
}

#[test]
fn a_value_of_another_kind_is_told_as_such() {
    check_common(
        "  DRY_RUN: [true]\n",
        "c.yaml:5: `COMMON.DRY_RUN` must be true or false, got a list\n  \
         hint: remove it to take the default, `true`",
    );
    let text = told(&format!("{HEAD}  RATE_CALCULATION: 3\n"));
    assert!(text.contains("`COMMON.RATE_CALCULATION` must be a map of keys"), "{text}");
}

#[test]
fn a_key_without_a_value_is_a_fault() {
    check_common(
        "  OUTPUT_DIR:\n",
        "c.yaml:5: `COMMON.OUTPUT_DIR` must be a path, got nothing\n  \
         hint: write a value, or remove the line",
    );
}

#[test]
fn a_key_given_twice_is_told_with_both_lines() {
    check_common(
        "  DRY_RUN: true\n  dry_run: false\n",
        "c.yaml:6: `COMMON.dry_run` is given twice, first on line 5\n  hint: keep one of the two",
    );
}

#[test]
fn a_key_beside_its_old_name_is_given_twice() {
    let text = told(&format!("{HEAD}  EXCLUSIONS:\n    partners: [a]\n    global_partners: [b]\n"));
    assert!(
        text.contains("c.yaml:7: `EXCLUSIONS.partners` is given twice, first on line 6"),
        "{text}"
    );
}

#[test]
fn bounds_cross_also_between_common_and_an_environment() {
    check(
        "DEPLOYMENT: {MODE: local}\nENVIRONMENTS:\n  local:\n    RATE_CALCULATION: {min_rate_limit: 500}\nCOMMON:\n  \
         RATE_CALCULATION: {max_rate_limit: 400}\n",
        "c.yaml:4: `RATE_CALCULATION.min_rate_limit` must not exceed `RATE_CALCULATION.max_rate_limit`, got `500` and `400`\n  \
         hint: swap the two, or set both in the same section",
    );
}

#[test]
fn an_environment_that_is_not_in_use_is_checked_too() {
    let text = "DEPLOYMENT: {MODE: local}\nENVIRONMENTS:\n  local:\n  production:\n    USE_MOCK_DATA: true\n    \
                HISTORY_DAYS: 3\n";
    let text = told(text);
    assert!(text.contains("`USE_MOCK_DATA` must be false in production mode"), "{text}");
    assert!(text.contains("`DAYS_TO_INSPECT` must not exceed `HISTORY_DAYS`, got `7` and `3`"));
}

#[test]
fn a_fault_does_not_bring_others_with_it() {
    let text =
        told("DEPLOYMENT: {MODE: testing}\nENVIRONMENTS:\n  testing: {PROMETHEUS_URL: here}\n");
    assert!(
        text.starts_with("c.yaml:3: `ENVIRONMENTS.testing.PROMETHEUS_URL` must be a URL"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[test]
fn testing_needs_something_to_read() {
    check(
        "DEPLOYMENT: {MODE: testing}\nENVIRONMENTS: {testing: }\n",
        "c.yaml:1: `PROMETHEUS_URL` must be set in testing mode without synthetic data, got nothing\n  \
         hint: set `PROMETHEUS_URL`, here or in the environment, or `TRAFFIC.csv`",
    );
}

#[test]
fn a_mode_without_an_entry_is_told_at_the_line_of_the_mode() {
    check(
        "DEPLOYMENT:\n  MODE: testing\nENVIRONMENTS:\n  local:\n",
        "c.yaml:2: `ENVIRONMENTS` must have an entry for `DEPLOYMENT.MODE: testing`\n  \
         hint: add `testing:` below `ENVIRONMENTS:`; it may be empty",
    );
}

#[test]
fn an_unknown_mode_is_told_once() {
    check(
        "DEPLOYMENT:\n  MODE: prd1\nENVIRONMENTS: {local: }\n",
        "c.yaml:2: `DEPLOYMENT.MODE` must be local, testing or production, got `prd1`\n  \
         hint: local makes data up, testing reads and reports, production writes",
    );
    let text = told("DEPLOYMENT: {MODE: prodution}\nENVIRONMENTS: {local: }\n");
    assert!(text.contains("did you mean `production`?"), "{text}");
}

#[test]
fn a_file_without_a_mode_is_refused() {
    let text = told("ENVIRONMENTS: {local: }\n");
    assert!(text.contains("`DEPLOYMENT.MODE` must be local, testing or production, got nothing"));
}

#[test]
fn an_empty_file_is_refused() {
    check(
        "# nothing\n",
        "c.yaml: the file is empty\n  hint: start from one of the samples in config/",
    );
}

#[test]
fn what_is_not_yaml_is_refused_with_its_line() {
    let text = told("DEPLOYMENT:\n\tMODE: local\n");
    assert!(text.starts_with("c.yaml:2: the file is not YAML: "), "{text}");
    assert!(text.ends_with("hint: indent with spaces: YAML allows no tabs there"), "{text}");
    assert!(told("DEPLOYMENT: [local\n").contains("the file is not YAML"));
    assert!(told("just words\n").contains("the file must be a map of keys"));
}

#[test]
fn a_missing_file_is_told_with_a_way_out() {
    let faults =
        load_file(Path::new("/nowhere/c.yaml"), &Overrides::default(), &no_env).unwrap_err();
    let text = faults.to_string();
    assert!(text.starts_with("/nowhere/c.yaml: cannot read `/nowhere/c.yaml`: "), "{text}");
    assert!(text.contains("hint: "), "{text}");
}

#[test]
fn a_file_that_is_too_large_or_no_text_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("c.yaml");
    for content in [vec![b'#'; 1024 * 1024 + 1], vec![0xff, 0xfe, 0x00]] {
        std::fs::write(&path, content).unwrap();
        assert!(load_file(&path, &Overrides::default(), &no_env).is_err());
    }
}

#[test]
fn no_secret_stands_in_the_file_and_none_is_repeated() {
    let secrets = [
        "PROMETHEUS_TOKEN: hunter2",
        "PROMETHEUS_AUTH: {bearer_token: hunter2}",
        "PROMETHEUS_AUTH: {username: me, password: hunter2}",
        "PROMETHEUS_AUTH: {headers: {Authorization: Bearer hunter2}}",
        "PROMETHEUS_AUTH: {headers: {X-Scope-Key: hunter2}}",
        "PROMETHEUS_AUTH: {headers: {X-Scope: \"hunter2\\n\"}}",
        "PROMETHEUS_URL: http://me:hunter2@localhost",
        "PROMETHEUS_URL: http://localhost?token=hunter2",
    ];
    for line in secrets {
        let text = told(&format!("{HEAD}  {line}\n"));
        assert!(text != "right" && text.contains("hint: ") && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_token_in_the_file_is_sent_to_the_environment() {
    check_common(
        "  PROMETHEUS_TOKEN: hunter2\n",
        "c.yaml:5: `COMMON.PROMETHEUS_TOKEN` must not stand in the file, got a value that is not shown\n  \
         hint: set PROMETHEUS_TOKEN in the environment, or name a file in `PROMETHEUS_AUTH.bearer_token_file`",
    );
}

#[test]
fn a_login_is_whole_and_alone() {
    let half = told(&format!("{HEAD}  PROMETHEUS_AUTH: {{username: me}}\n"));
    assert!(half.contains("got a user name without a password"), "{half}");
    let both = "{username: me, password_file: p, bearer_token_file: t}";
    let both = told(&format!("{HEAD}  PROMETHEUS_AUTH: {both}\n"));
    assert!(
        both.contains("must hold one way to show who we are, got a token and a user name"),
        "{both}"
    );
}

#[test]
fn a_query_and_a_method_agree() {
    let missing = told(&format!("{HEAD}  TRAFFIC: {{method: query}}\n"));
    assert!(missing.contains("`TRAFFIC.query` must be set"), "{missing}");
    let other = told(&format!("{HEAD}  TRAFFIC: {{method: edges, query: 'sum(x)'}}\n"));
    assert!(other.contains("must be `query` or `auto` beside `TRAFFIC.query`"), "{other}");
}

#[test]
fn a_file_cut_off_anywhere_is_read_or_told_and_never_breaks() {
    let ends = ISSUE_FILE.char_indices().map(|(end, _)| end);
    let read = ends.filter(|end| load_text(&ISSUE_FILE[..*end]).is_ok()).count();
    assert!(read > 0 && read < ISSUE_FILE.len());
}

#[test]
fn an_odd_value_anywhere_is_read_or_told_and_never_breaks() {
    let odd = [
        "",
        "~",
        "[]",
        "{}",
        "[[1]]",
        "{a: {b: c}}",
        "-1",
        "1e999",
        "\"\"",
        "'\u{0}'",
        "*a",
        "!!x y",
    ];
    let lines: Vec<&str> = ISSUE_FILE.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let Some((key, _)) = line.split_once(':') else { continue };
        for value in odd {
            let changed = format!("{key}: {value}");
            let mut text = lines.clone();
            text[index] = &changed;
            let told = told(&text.join("\n"));
            assert!(told == "right" || told.contains("hint: "), "{changed}: {told}");
        }
    }
}

#[test]
fn faults_have_a_form_for_programs() {
    let faults = load_text(&format!("{HEAD}  DRY_RUN: 3\n")).unwrap_err();
    let json: serde_json::Value = serde_json::from_str(&faults_json("c.yaml", &faults)).unwrap();
    assert_eq!(json["valid"], false);
    assert_eq!(json["faults"][0]["origin"]["line"], 5);
    assert_eq!(json["faults"][0]["key"], "COMMON.DRY_RUN");
    let whole = load_text("").unwrap_err();
    let json: serde_json::Value = serde_json::from_str(&faults_json("c.yaml", &whole)).unwrap();
    assert_eq!(json["faults"][0]["origin"]["name"], "c.yaml");
    assert!(json["faults"][0]["origin"]["line"].is_null());
}
