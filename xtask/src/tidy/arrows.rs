//! Who may use whom: the arrows between our crates, and the walls around what only some of them may touch.
//!
//! The two tables here are the rule; `ARCHITECTURE.md` shows the first one to people and is checked against it.
//! A new arrow is a decision: change the table, the page and add a line in `docs/decisions/` in one commit.

use super::Finding;
use super::manifest::{Dependency, Kind, Manifest};
use super::tree::{Page, Tree};

/// A crate of ours (without `tidewright-`) and the ones it may use.
pub(crate) const ROOMS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("numerics", &[]),
    ("models", &["core", "numerics"]),
    ("plan", &["core", "numerics"]),
    ("limiter", &["core"]),
    ("render", &["core"]),
    ("engine", &["core", "models", "plan", "limiter"]),
    ("source", &["core"]),
    ("files", &["core", "limiter"]),
    ("store", &["core"]),
    (
        "tidewright",
        &[
            "core", "numerics", "models", "plan", "limiter", "render", "engine", "source", "files",
            "store",
        ],
    ),
    ("testkit", &["core", "source"]),
    ("lab", &["core", "numerics", "plan", "limiter", "render", "engine"]),
    ("xtask", &[]),
];

/// A crate of others and the ones of ours whose product may touch it. What is not listed is free; tests may read
/// fixtures in any format.
const WALLS: &[(&str, &[&str])] = &[
    // The edge: arguments, exit codes, telemetry, the terminal.
    ("anyhow", &["tidewright"]),
    ("clap", &["tidewright"]),
    ("indicatif", &["tidewright"]),
    ("tracing-subscriber", &["tidewright"]),
    // One pool of threads, and nobody else starts any.
    ("rayon", &["engine"]),
    // The outside world, each part of it behind one adapter.
    ("reqwest", &["source"]),
    ("sqlx", &["store"]),
    ("tokio", &["engine", "source", "files", "store", "tidewright", "testkit", "lab"]),
    ("tokio-util", &["engine", "source", "tidewright"]),
    // Formats. `core`, `plan` and `numerics` have none at all, `models` one of its own for saved models.
    ("serde", &["limiter", "render", "source", "files", "store", "tidewright", "testkit", "lab"]),
    (
        "serde_json",
        &["limiter", "render", "source", "files", "store", "tidewright", "testkit", "lab"],
    ),
    ("serde-saphyr", &["render", "lab"]),
    ("granit-parser", &["limiter", "tidewright"]),
    ("askama", &["render"]),
    ("similar", &["render"]),
    ("csv", &["source"]),
    // Calendars stay behind `core`'s `Timestamp` and `Zone`, but for reading a file's dates.
    ("jiff", &["core", "source", "tidewright"]),
];

/// Every manifest against both tables.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.packages().flat_map(check_manifest).collect()
}

/// The short name of a crate of ours.
pub(crate) fn short(name: &str) -> &str {
    name.strip_prefix("tidewright-").unwrap_or(name)
}

/// The crates that `name` may use, if it is in the table.
pub(crate) fn allowed(name: &str) -> Option<&'static [&'static str]> {
    ROOMS.iter().find(|(room, _)| *room == short(name)).map(|(_, may_use)| *may_use)
}

fn check_manifest(page: Page<'_>) -> Vec<Finding> {
    let manifest = Manifest::parse(page.text);
    let finding = |line, advice: String| Finding::new(page.path, line, "arrows", advice);
    let Some(may_use) = allowed(&manifest.name) else {
        let advice = format!("add `{}` to the table in `xtask/src/tidy/arrows.rs`", manifest.name);
        return vec![finding(1, advice)];
    };
    let mut findings = Vec::new();
    if !manifest.has_house_lints {
        findings.push(finding(1, "add `[lints]` with `workspace = true`".to_owned()));
    }
    for line in &manifest.renames {
        findings.push(finding(*line, "call the dependency by its own name".to_owned()));
    }
    for dependency in &manifest.dependencies {
        if let Some(advice) = judge(&manifest.name, may_use, dependency) {
            findings.push(finding(dependency.line, advice));
        }
    }
    findings
}

/// What to do about a dependency that must not be; `None` if it may.
fn judge(user: &str, may_use: &[&str], dependency: &Dependency) -> Option<String> {
    let used = dependency.name.as_str();
    if used == "tidewright-testkit" {
        let shown = "move `tidewright-testkit` to `[dev-dependencies]`";
        return (dependency.kind != Kind::Dev).then(|| shown.to_owned());
    }
    if let Some((room, _)) = ROOMS.iter().find(|(room, _)| *room == short(used) && is_ours(used)) {
        let allowed = may_use.contains(room);
        return (!allowed)
            .then(|| format!("`{user}` must not use `{used}`; move the code or argue the arrow"));
    }
    let (_, inside) = WALLS.iter().find(|(outside, _)| *outside == used)?;
    let allowed = dependency.kind == Kind::Dev || inside.contains(&short(user));
    (!allowed).then(|| format!("only {} may touch `{used}`", inside.join(", ")))
}

fn is_ours(name: &str) -> bool {
    name == "tidewright" || name == "xtask" || name.starts_with("tidewright-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, body: &str) -> Vec<String> {
        let text = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{body}");
        let tree = Tree::of(&[("crates/x/Cargo.toml", text.as_str())]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_arrow_against_the_table_is_found_in_every_kind_of_dependency() {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let body = format!("[{section}]\ntidewright-store.workspace = true\n");
            let expected = "crates/x/Cargo.toml:6: arrows: `tidewright-plan` must not use `tidewright-store`; \
                            move the code or argue the arrow";
            assert_eq!(found("tidewright-plan", &body), [expected]);
        }
    }

    #[test]
    fn a_wall_lets_only_its_own_crates_through() {
        let body = "[build-dependencies]\nreqwest.workspace = true\n";
        let expected = "crates/x/Cargo.toml:6: arrows: only source may touch `reqwest`";
        assert_eq!(found("tidewright-engine", body), [expected]);
        assert!(found("tidewright-source", body).is_empty());
        let tests = "[dev-dependencies]\nserde_json.workspace = true\n";
        assert!(found("tidewright-models", tests).is_empty());
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        let dev = "[dev-dependencies]\ntidewright-testkit.workspace = true\n";
        assert!(found("tidewright-core", dev).is_empty());
        let normal = "[dependencies]\ntidewright-testkit.workspace = true\n";
        assert_eq!(found("tidewright-core", normal).len(), 1);
    }

    #[test]
    fn a_crate_outside_the_table_is_found() {
        assert!(found("tidewright-cellar", "")[0].contains("add `tidewright-cellar` to the table"));
    }

    #[test]
    fn a_crate_without_the_house_lints_and_a_renamed_dependency_are_found() {
        let text =
            "[package]\nname = \"tidewright-core\"\n[dependencies]\nx = { package = \"y\" }\n";
        let tree = Tree::of(&[("crates/x/Cargo.toml", text)]);
        let findings: Vec<String> = check(&tree).into_iter().map(|f| f.advice).collect();
        let expected =
            ["add `[lints]` with `workspace = true`", "call the dependency by its own name"];
        assert_eq!(findings, expected);
    }

    #[test]
    fn the_walls_name_only_crates_of_the_table() {
        let inside = WALLS.iter().flat_map(|(_, inside)| inside.iter());
        assert!(inside.copied().all(|room| allowed(room).is_some()));
    }

    #[test]
    fn the_table_has_no_circle() {
        assert!(ROOMS.iter().all(|(room, _)| ends(room, ROOMS.len())));
    }

    /// Whether every path of arrows from `room` ends within `left` steps.
    fn ends(room: &str, left: usize) -> bool {
        let may_use = allowed(room).unwrap_or_default();
        left > 0 && may_use.iter().all(|used| ends(used, left - 1))
    }
}
