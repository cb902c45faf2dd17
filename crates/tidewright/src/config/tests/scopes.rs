//! Bounds of tiers, contracts and single limits; destinations and pins; pacing and the pause.

use tidewright_core::{Bounds, Combination, LimitKey, Quantile};

use super::*;

const ESTATE: &str = "  RATE_CALCULATION: {min_rate_limit: 100, max_rate_limit: 10000}\n  \
    TIERS:\n    gold: {contract_floor: 5000, max_rate_limit: 50000}\n    tin: {max_rate_limit: 900}\n  \
    CONTRACTS:\n    GOLDEN_*: gold\n    TIN: {tier: tin}\n  \
    BOUNDS:\n    - {path: '/login*', never_raise: true, name: login}\n    \
    - {partner: GOLDEN_1, path: /list, min_rate_limit: 7000}\n    \
    - {partner: OTHER, tier: tin, max_rate_limit: 800}\n";

/// Minimum, maximum, the rule of the floor and the rule that forbids a raise.
fn check_bounds(partner: &str, path: &str, expected: (f64, f64, Option<&str>, Option<&str>)) {
    let policy = common(ESTATE).policy;
    let key = LimitKey::new("edge", [("PARTNER", Some(partner)), ("PATH", Some(path))]);
    let found = policy.bounds_of(&key);
    let (min, max, floor, never) = expected;
    assert_eq!(found.bounds, Bounds { min, max }, "{partner} {path}");
    assert_eq!((found.floor_rule.as_deref(), found.never_raise_rule.as_deref()), (floor, never));
}

#[test]
fn a_contract_gives_its_partner_the_bounds_of_its_tier() {
    check_bounds("GOLDEN_2", "/list", (5000.0, 50_000.0, Some("gold"), None));
    check_bounds("TIN", "/list", (100.0, 900.0, None, None));
    check_bounds("NOBODY", "/list", (100.0, 10_000.0, None, None));
}

#[test]
fn a_rule_is_more_precise_than_a_contract_and_takes_from_its_tier_what_it_leaves_open() {
    check_bounds("GOLDEN_1", "/list", (7000.0, 50_000.0, None, None));
    check_bounds("OTHER", "/list", (100.0, 800.0, None, None));
    check_bounds("GOLDEN_2", "/login/start", (5000.0, 50_000.0, Some("gold"), Some("login")));
}

#[test]
fn an_unknown_tier_is_told_with_the_nearest() {
    check_common(
        "  TIERS: {gold: {never_raise: true}}\n  CONTRACTS:\n    A: goold\n",
        "c.yaml:7: `CONTRACTS.A.tier` must be a tier of `TIERS`, got `goold`\n  hint: did you mean `gold`?",
    );
    check_common(
        "  BOUNDS: [{partner: A, tier: gold}]\n",
        "c.yaml:5: `BOUNDS[0].tier` must be a tier of `TIERS`, got `gold`\n  hint: add `gold:` below `TIERS:`",
    );
}

#[test]
fn a_fault_in_a_tier_brings_no_other_with_it() {
    let text = told(&format!(
        "{HEAD}  TIERS: {{gold: {{contract_floor: -1}}}}\n  CONTRACTS: {{A: gold}}\n"
    ));
    assert!(
        text.starts_with("c.yaml:5: `COMMON.TIERS.gold.contract_floor` must be a whole number"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[test]
fn a_minimum_above_its_maximum_is_told_where_it_stands() {
    check_common(
        "  BOUNDS:\n    - partner: A\n      max_rate_limit: 50\n",
        "c.yaml:7: `BOUNDS[0].max_rate_limit` must not be below the minimum of `100`, got `50`\n  \
         hint: set `min_rate_limit` beside it; where it is absent, that of all limits holds",
    );
    check_common(
        "  TIERS: {gold: {max_rate_limit: 500}}\n  BOUNDS:\n    - {partner: A, tier: gold, min_rate_limit: 600}\n",
        "c.yaml:7: `BOUNDS[0].min_rate_limit` must not exceed the maximum of `500`, got `600`\n  \
         hint: set `max_rate_limit` beside it; where it is absent, that of all limits holds",
    );
    let tier = told(&format!("{HEAD}  TIERS: {{tin: {{max_rate_limit: 50}}}}\n"));
    assert!(tier.contains("`TIERS.tin.max_rate_limit` must not be below the minimum"), "{tier}");
}

#[test]
fn a_floor_above_the_maximum_is_told_and_the_maximum_wins() {
    let text = format!("{HEAD}  TIERS:\n    gold: {{contract_floor: 900, max_rate_limit: 500}}\n");
    assert_eq!(
        notices(&text),
        [
            "c.yaml:6: `TIERS.gold.contract_floor` lies above the maximum of `500`, got `900`; the maximum wins"
        ]
    );
}

#[test]
fn a_rule_must_bound_something_and_say_of_which_limits() {
    let text = told(&format!(
        "{HEAD}  BOUNDS: [{{partner: A}}, {{never_raise: true}}]\n  TIERS: {{gold: {{}}}}\n"
    ));
    assert!(text.contains("`BOUNDS[0]` must say at least one bound, got none"), "{text}");
    assert!(text.contains("`BOUNDS[1]` must name a `partner`, a `path` or a `limit`"), "{text}");
    assert!(text.contains("`TIERS.gold` must say at least one bound"), "{text}");
}

#[test]
fn a_destination_has_a_capacity_and_a_name_of_its_own() {
    let one = "{name: api, path: '/api/*', capacity: 90000}";
    let found = common(&format!("  DESTINATIONS: [{one}]\n")).policy.destinations;
    assert_eq!((found[0].name.as_str(), found[0].capacity), ("api", 90_000.0));
    assert_eq!(found[0].selector.to_string(), "path /api/*");
    check_common(
        &format!("  DESTINATIONS:\n    - {one}\n    - {one}\n"),
        "c.yaml:7: `DESTINATIONS[1].name` must differ from that on line 6, got `api`\n  \
         hint: join the two by wildcards, or rename one",
    );
}

#[test]
fn a_pin_is_a_map_or_the_name_of_a_limit() {
    let pins = common("  PINS: ['A:/login', {partner: B, path: '/x*'}]\n").policy.pins;
    let pins: Vec<_> = pins.iter().map(ToString::to_string).collect();
    assert_eq!(pins, ["limit A:/login", "partner B, path /x*"]);
    let all = told(&format!("{HEAD}  PINS: [{{}}]\n"));
    assert!(
        all.contains("`PINS[0]` must name a `partner`") && all.contains("`PAUSED: true`"),
        "{all}"
    );
}

#[test]
fn pacing_is_read_and_stays_within_reason() {
    let lines = "  PACING: {raise_per_day: 0.5, lower_per_day: 0.1, agreement: 2d, between_changes: 12h, lower_slack: 0.5, first_day_changes: 0}\n";
    let pacing = common(lines).policy.guards.pacing;
    assert_eq!((pacing.raise_per_day, pacing.lower_per_day, pacing.lower_slack), (0.5, 0.1, 0.5));
    assert_eq!(pacing.agreement, Duration::from_hours(48));
    assert_eq!((pacing.between_changes, pacing.first_day_changes), (Duration::from_hours(12), 0));
    for bad in ["raise_per_day: 0", "lower_per_day: 1", "agreement: 1h", "lower_slack: -1"] {
        let text = told(&format!("{HEAD}  PACING: {{{bad}}}\n"));
        assert!(text.contains("`COMMON.PACING.") && text.contains("between"), "{bad}: {text}");
    }
}

/// `PAUSED` in the file and in the environment, and what holds.
fn check_paused(file: bool, env: &'static str, expected: bool) -> Vec<Notice> {
    let text = format!("{HEAD}  PAUSED: {file}\n");
    let loaded = load(&text, "c.yaml", &Overrides::default(), &env_of("PAUSED", env)).unwrap();
    assert_eq!(loaded.settings.policy.guards.paused, expected);
    loaded.notices
}

#[test]
fn the_environment_can_pause_and_never_resume() {
    assert!(check_paused(false, "true", true).is_empty());
    assert!(check_paused(false, "", false).is_empty());
    let notices = check_paused(true, "false", true);
    assert!(notices[0].message.contains("can only be made safer"), "{notices:?}");
}

#[test]
fn another_formula_is_shown_beside_and_never_decides() {
    let text = format!("{HEAD}  RATE_CALCULATION: {{formula_version: v1}}\n");
    assert_eq!(settings(&text).policy.beside, Some(tidewright_core::Formula::V1));
    assert_eq!(
        notices(&text),
        ["c.yaml:5: the number of `formula_version: v1` is shown beside; formula v2 decides"]
    );
    let overrides = Overrides::default().flag("--formula", Some("v3".into()));
    let loaded = load(&text, "c.yaml", &overrides, &no_env).unwrap();
    assert_eq!(loaded.settings.policy.beside, Some(tidewright_core::Formula::V3));
    assert!(common("  RATE_CALCULATION: {formula_version: v2}\n").policy.beside.is_none());
}

#[test]
fn values_are_combined_as_it_is_said() {
    let read = |text: &str| {
        common(&format!("  RATE_CALCULATION: {{combination: {text}}}\n")).policy.combination
    };
    assert_eq!(read("largest"), Combination::Largest);
    assert_eq!(read("quantile 0.9"), Combination::Quantile(Quantile::new(0.9).unwrap()));
    let bad = told(&format!("{HEAD}  RATE_CALCULATION: {{combination: quantile 95}}\n"));
    assert!(
        bad.contains(
            "must be `largest`, or `quantile Q` with `Q` between 0 and 1, got `quantile 95`"
        ),
        "{bad}"
    );
}
