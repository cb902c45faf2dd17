//! Lists and maps of entries: what is wrong with one is told with its place in the file.

use super::*;

#[test]
fn an_unknown_field_is_told_with_its_entry_and_the_nearest_known() {
    check_common(
        "  EVENTS:\n    - {name: a, from: 2026-11-27, effect: keep}\n    - name: b\n      form: 2026-11-27\n      effect: keep\n",
        "c.yaml:7: `COMMON.EVENTS[1].from` must be a time like `2026-11-27 18:00` or \
         `2026-11-27T18:00:00+01:00`, or a date, got nothing\n  \
         hint: add `from:` to this entry\n\
         c.yaml:8: `COMMON.EVENTS[1].form` is not a known key\n  \
         hint: did you mean `from`?",
    );
}

#[test]
fn a_field_is_checked_by_its_own_rule() {
    check_common(
        "  DESTINATIONS:\n    - name: api\n      capacity: plenty\n",
        "c.yaml:7: `COMMON.DESTINATIONS[0].capacity` must be a number between 1 and 1000000000000, \
         got `plenty`\n  hint: the reference page docs/configuration.md tells what it does",
    );
    check_common(
        "  EVENTS:\n    - {name: a, from: 2026-11-27, effect: freze}\n",
        "c.yaml:6: `COMMON.EVENTS[0].effect` must be one of keep, ignore, expect, freeze, got \
         `freze`\n  hint: did you mean `freeze`?",
    );
}

#[test]
fn a_field_given_twice_is_told_in_whatever_case() {
    check_common(
        "  PINS:\n    - {path: /a, PATH: /b}\n",
        "c.yaml:6: `COMMON.PINS[0].PATH` is given twice\n  \
         hint: keep one of the two; the other would be lost",
    );
}

#[test]
fn a_map_where_a_list_belongs_is_told_how_to_become_one() {
    let text = told(&format!("{HEAD}  EVENTS: {{name: a}}\n"));
    assert!(text.contains("`COMMON.EVENTS` must be a list of maps with name, from, to"), "{text}");
    assert!(text.ends_with("got a map\n  hint: begin each entry with `- `"), "{text}");
}

#[test]
fn an_entry_that_is_no_map_is_told() {
    check_common(
        "  DESTINATIONS: [api]\n",
        "c.yaml:5: `COMMON.DESTINATIONS[0]` must be a map with name, partner, path, limit, capacity\n  \
         hint: write `FIELD: value` lines below it",
    );
}

#[test]
fn a_tier_given_twice_is_told_by_its_name() {
    check_common(
        "  TIERS:\n    gold: {contract_floor: 5}\n    gold: {contract_floor: 6}\n",
        "c.yaml:7: `COMMON.TIERS.gold` is given twice\n  \
         hint: keep one of the two; the other would be lost",
    );
}

#[test]
fn an_environment_replaces_lists_of_entries_and_merges_maps_of_them() {
    let text = "DEPLOYMENT: {MODE: local}\n\
                ENVIRONMENTS: {local: {PINS: [b], TIERS: {gold: {contract_floor: 2}}}}\n\
                COMMON: {PINS: [a], TIERS: {gold: {contract_floor: 1}, tin: {never_raise: true}}, CONTRACTS: {g: gold, t: tin}}\n";
    let policy = settings(text).policy;
    assert_eq!(policy.pins.iter().map(ToString::to_string).collect::<Vec<_>>(), ["limit b"]);
    let floors: Vec<_> =
        policy.bounds_rules.iter().map(|rule| (rule.floor, rule.never_raise)).collect();
    assert_eq!(floors, [(Some(2.0), None), (None, Some(true))]);
    let none = text.replace("PINS: [b]", "PINS: []");
    assert!(settings(&none).policy.pins.is_empty());
}

#[test]
fn entries_are_shown_with_the_line_of_each() {
    let text = format!(
        "{HEAD}  TIERS:\n    gold: {{contract_floor: 5000}}\n  PINS:\n    - CUSTOMER_ID_1:/login\n    - path: /otp/*\n"
    );
    let shown = show_text("c.yaml", &load_text(&text).unwrap());
    let line = |start: &str| shown.lines().find(|line| line.contains(start)).unwrap().to_owned();
    assert_eq!(line("TIERS"), format!("{:24}{:34}  line 6", "TIERS", "gold: contract_floor: 5000"));
    assert_eq!(line("PINS"), format!("{:24}{:34}  line 8", "PINS", "limit: CUSTOMER_ID_1:/login"));
    assert_eq!(line("/otp"), format!("{:24}{:34}  line 9", "", "path: /otp/*"));
}

#[test]
fn no_key_of_entries_can_be_set_outside_the_file() {
    let with_entries: Vec<_> = keys::all().filter(|key| !key.rule.fields().is_empty()).collect();
    assert!(with_entries.len() > 4);
    assert!(with_entries.into_iter().all(|key| key.env.is_none() && key.flag.is_none()));
}

#[test]
fn nothing_that_holds_changes_back_can_be_loosened_outside_the_file() {
    let holds = ["PACING.", "GUARDS.", "EXCLUSIONS", "RATE_CALCULATION.m", "HOLIDAYS"];
    let keys = keys::all().filter(|key| holds.iter().any(|start| key.path.starts_with(start)));
    let loose: Vec<_> = keys.filter(|key| key.env.is_some() || key.flag.is_some()).collect();
    assert!(loose.is_empty(), "{loose:?}");
}

#[test]
fn an_odd_value_in_any_field_is_read_or_told_and_never_breaks() {
    let odd =
        ["", "~", "[]", "{}", "[[1]]", "{a: {b: c}}", "-1", "1e999", "\"\"", "2026-13-45", "0"];
    for key in keys::all() {
        for field in key.rule.fields() {
            for value in odd {
                let entry = format!("{{{}: {value}}}", field.path);
                let text = match key.rule {
                    key::Rule::Named(_) => format!("{HEAD}  {}: {{a: {entry}}}\n", key.path),
                    _ => format!("{HEAD}  {}: [{entry}]\n", key.path),
                };
                let told = told(&text);
                assert!(told == "right" || told.contains("hint: "), "{text}: {told}");
            }
        }
    }
}

#[test]
fn an_entry_with_a_fault_hides_no_fault_of_another() {
    check_common(
        "  EVENTS:\n    - {name: a, from: never, effect: keep}\n    - {name: b, from: 2026-11-28, to: 2026-11-27, effect: freeze}\n",
        "c.yaml:6: `COMMON.EVENTS[0].from` must be a time like `2026-11-27 18:00` or \
         `2026-11-27T18:00:00+01:00`, or a date, got `never`\n  \
         hint: write year, month and day, and hours and minutes where they matter\n\
         c.yaml:7: `EVENTS[1].to` must be later than `from`, got `2026-11-27` and `2026-11-28`\n  \
         hint: swap the two",
    );
}
