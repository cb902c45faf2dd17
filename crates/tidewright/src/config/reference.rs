//! The reference page, `docs/configuration.md`: one table for each group of keys.

use super::key::{Effect, Key};
use super::keys::GROUPS;
use super::reader;

/// What stands before the tables.
const HEAD: &str = "\
# Configuration

<!-- Made from the table of keys in `crates/tidewright/src/config/keys.rs`; change that and run
`UPDATE_DOCS=1 cargo test -p tidewright the_page_in_the_docs`. -->

A configuration is one YAML file, `config/config.yaml` unless `--config` names another:

```yaml
DEPLOYMENT:
  MODE: local            # local, testing or production
ENVIRONMENTS:
  local:                 # holds in this mode only
    OUTPUT_DIR: output
COMMON:                  # holds in every mode; may be absent
  RATE_CALCULATION:
    safety_margin: 1.3
```

- The entry of `ENVIRONMENTS` for the mode must be there; it may be empty. It is laid over `COMMON` key by key: maps are
  merged, lists replace one another. Every key below may stand in either, except `DEPLOYMENT`.
- The case of keys does not matter. A key that is not known is an error, and so is one that is given twice.
- A flag wins over an environment variable, that over the file, that over the default. For the keys under *Safety* the
  safest value wins instead: a flag or a variable can make a run safer than its file, never bolder. What holds changes
  back (bounds, guards, pins, pacing, the calendar) has neither flags nor variables.
- Some keys hold a list or a map of entries, whose fields stand in a table of their own. A list replaces that of `COMMON`
  as a whole, entries of a map are laid over it by name.
- A secret comes from the environment or from a file that is named here. It never stands in the configuration and is
  never printed.
- Paths are relative to the working directory; `~/` is the home folder.
- Durations are written `30s`, `5m`, `1h30m`, `7d`.
- `tidewright config check` tells all faults of a file at once; `tidewright config show` prints every value with where
  it came from.

Files of the predecessor load as they are. Old names take effect and are told as notices:
`RATE_CALCULATION.cache_adjustment_factor`, `EXCLUSIONS.global_partners`, `EXCLUSIONS.global_paths`,
`EXCLUDE_PARTNERS`, `EXCLUDE_PATHS`, `CACHE_RATIO`, `CONFIGMAP_NAME`, `ENV`, names of environments such as `staging`
where a mode belongs, `partner_paths` with a level of environments, `DEPLOYMENT_OVERRIDES`, and keys that stand outside
the sections. An old key without a counterpart is told with the reason, as `PARTNER_CONFIGS` is.
";

/// The whole page.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for group in &GROUPS {
        page.push_str(&format!("\n## {}\n\n", group.title));
        page.push_str(&table(group.keys));
        for key in group.keys.iter().filter(|key| !key.rule.fields().is_empty()) {
            page.push_str(&format!("\nAn entry of `{}` has\n\n", key.path));
            page.push_str(&table(key.rule.fields()));
        }
    }
    page
}

fn table(keys: &[Key]) -> String {
    let head = "| key | must be | default | meaning |\n|---|---|---|---|\n".to_owned();
    head + &keys.iter().map(row).collect::<String>()
}

fn row(key: &Key) -> String {
    let rule = reader::describe(&key.rule);
    format!("| `{}` | {rule} | {} | {} |\n", key.path, default(key), meaning(key))
}

fn default(key: &Key) -> String {
    if key.is_required {
        return "required".to_owned();
    }
    match (key.default, key.default_local) {
        (Some(text), Some(local)) => format!("`{text}`; `{local}` in local mode"),
        (Some(text), None) => format!("`{text}`"),
        (None, _) => "not set".to_owned(),
    }
}

fn meaning(key: &Key) -> String {
    let mut text = key.doc.to_owned();
    if let Some(name) = key.env {
        text.push_str(&format!(" Variable: `{name}`."));
    }
    if let Some(name) = key.flag {
        text.push_str(&format!(" Flag: `{name}`."));
    }
    match key.effect {
        Effect::Now => {}
        Effect::Later(step) => text.push_str(&format!(" **No effect yet: comes {step}.**")),
        Effect::Moot(reason) => text.push_str(&format!(" **No effect: {reason}.**")),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `UPDATE_DOCS=1` writes the page instead of comparing it.
    #[test]
    fn the_page_in_the_docs_is_the_page_that_the_table_makes() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == reference(),
            "docs/configuration.md is old; run this test with UPDATE_DOCS=1"
        );
    }
}
