//! Which value holds where several places name one.

use super::*;

const TESTING: &str =
    "DEPLOYMENT: {MODE: testing}\nENVIRONMENTS: {testing: {PROMETHEUS_URL: http://file}}\n";

fn url(overrides: &Overrides, env: Env<'_>) -> Option<String> {
    load(TESTING, "c.yaml", overrides, env).unwrap().settings.prometheus.url
}

/// `DRY_RUN` in the file, in the environment and whether the flag is there, and what holds.
fn check_dry_run(file: &str, env: &'static str, flag: bool, expected: bool) -> Vec<Notice> {
    let text = format!("{HEAD}  {file}\n");
    let overrides = Overrides::default().flag("--dry-run", flag.then(|| "true".to_owned()));
    let loaded = load(&text, "c.yaml", &overrides, &env_of("DRY_RUN", env)).unwrap();
    assert_eq!(loaded.settings.safety.dry_run, expected);
    loaded.notices
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let env = env_of("PROMETHEUS_URL", "http://env");
    let flag = Overrides::default().flag("--prometheus-url", Some("http://flag".into()));
    assert_eq!(url(&Overrides::default(), &no_env).as_deref(), Some("http://file"));
    assert_eq!(url(&Overrides::default(), &env).as_deref(), Some("http://env"));
    assert_eq!(url(&flag, &env).as_deref(), Some("http://flag"));
    assert_eq!(
        url(&Overrides::default().flag("--prometheus-url", None), &env).as_deref(),
        Some("http://env")
    );
}

#[test]
fn an_empty_variable_says_nothing() {
    let env = env_of("PROMETHEUS_URL", " ");
    assert_eq!(url(&Overrides::default(), &env).as_deref(), Some("http://file"));
}

#[test]
fn the_environment_can_make_a_run_safer() {
    assert!(check_dry_run("DRY_RUN: false", "true", false, true).is_empty());
    assert!(check_dry_run("DRY_RUN: false", "", true, true).is_empty());
}

#[test]
fn the_environment_can_never_make_a_run_bolder() {
    let notices = check_dry_run("DRY_RUN: true", "false", false, true);
    assert_eq!(
        notices[0].to_string(),
        "environment DRY_RUN: `DRY_RUN: false` is ignored: outside the file a run can only be made safer"
    );
    check_dry_run("OUTPUT_DIR: x", "false", false, true);
    check_dry_run("DRY_RUN: false", "false", true, true);
    check_dry_run("DRY_RUN: false", "false", false, false);
}

#[test]
fn a_faulty_variable_is_told_with_its_name() {
    let env = env_of("DRY_RUN", "perhaps");
    let faults = load(TESTING, "c.yaml", &Overrides::default(), &env).unwrap_err();
    assert_eq!(
        faults.to_string(),
        "environment DRY_RUN: `DRY_RUN` must be true or false, got `perhaps`\n  \
         hint: remove it to take the default, `true`"
    );
}

#[test]
fn a_faulty_flag_is_told_with_its_name() {
    let overrides = Overrides::default().flag("--prometheus-url", Some("localhost:9090".into()));
    let faults = load(TESTING, "c.yaml", &overrides, &no_env).unwrap_err();
    assert!(
        faults.to_string().starts_with("flag --prometheus-url: `PROMETHEUS_URL` must be a URL")
    );
}

#[test]
fn a_secret_comes_from_the_environment_and_is_shown_as_set() {
    let env = env_of("PROMETHEUS_TOKEN", "hunter2");
    let loaded = load(TESTING, "c.yaml", &Overrides::default(), &env).unwrap();
    let auth = &loaded.settings.prometheus.auth;
    assert_eq!(*auth, Auth::Bearer(SecretSource::Held(Secret::new("hunter2"))));
    let everything = format!("{loaded:?}{}{}", show_text("c", &loaded), show_json("c", &loaded));
    assert!(!everything.contains("hunter2") && everything.contains("(set, not shown)"));
    assert!(everything.contains("$PROMETHEUS_TOKEN"));
}

#[test]
fn a_login_may_come_from_both_places() {
    let text = TESTING.replace("http://file", "http://file, PROMETHEUS_AUTH: {password_file: /p}");
    let env = env_of("PROMETHEUS_USERNAME", "me");
    let settings = load(&text, "c.yaml", &Overrides::default(), &env).unwrap().settings;
    let password = SecretSource::File("/p".into());
    assert_eq!(settings.prometheus.auth, Auth::Basic { username: "me".into(), password });
}

#[test]
fn the_moment_of_the_command_line_wins() {
    let at = Timestamp::parse("2026-02-03").ok();
    let overrides = Overrides::default().at(at);
    let settings = load(HEAD, "c.yaml", &overrides, &no_env).unwrap().settings;
    assert_eq!(settings.at, at);
}

#[test]
fn the_home_folder_is_filled_in() {
    let text = format!("{HEAD}  OUTPUT_DIR: ~/out\n");
    let settings = load(&text, "c.yaml", &Overrides::default(), &env_of("HOME", "/home/me/"))
        .unwrap()
        .settings;
    assert_eq!(settings.places.output_dir, PathBuf::from("/home/me/out"));
}

#[test]
fn a_source_that_made_up_data_hide_is_told() {
    let overrides = Overrides::default().flag("--prometheus-url", Some("http://p".into()));
    let loaded = load(ISSUE_FILE, "c.yaml", &overrides, &no_env).unwrap();
    let told = "flag --prometheus-url: `PROMETHEUS_URL` is not read while `USE_MOCK_DATA` is true";
    assert!(loaded.notices.iter().any(|notice| notice.to_string() == told));
}

#[test]
fn every_value_is_shown_with_its_origin() {
    let env = env_of("LOG_LEVEL", "warning");
    let loaded = load(ISSUE_FILE, "c.yaml", &Overrides::default(), &env).unwrap();
    assert_eq!(loaded.settings.log.level, LogLevel::Warn);
    let origin = |path: &str| {
        let shown = loaded.values.iter().find(|shown| shown.key == path);
        shown.map(|shown| shown.origin.to_string()).unwrap_or_default()
    };
    assert_eq!(origin("LOG_LEVEL"), "environment LOG_LEVEL");
    assert_eq!(origin("RATE_CALCULATION.cache_ratio"), "c.yaml:37");
    assert_eq!(origin("STORE_PATH"), "default");
}
