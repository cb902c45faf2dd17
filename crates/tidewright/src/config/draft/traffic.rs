//! What the keys of a counter say together: what its values become, and whether it is named at all.

use std::collections::BTreeMap;

use tidewright_core::Rewrite;

use super::Draft;
use crate::config::conflict::Conflict;
use crate::config::settings::TrafficPreset;

/// The steps of each descriptor; what is none was told before.
pub(super) fn steps(texts: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<Rewrite>> {
    let parsed = |(key, texts): (&String, &Vec<String>)| {
        (key.clone(), texts.iter().filter_map(|text| Rewrite::parse(text).ok()).collect())
    };
    texts.iter().map(parsed).collect()
}

impl Draft {
    pub(super) fn custom_without_counter(&self) -> Option<Conflict> {
        let traffic = &self.settings.traffic;
        let is_whole = traffic.metric.is_some() && !traffic.labels.is_empty();
        (traffic.preset == TrafficPreset::Custom && !is_whole).then(|| {
            Conflict::new(
                &["TRAFFIC.preset"],
                "`TRAFFIC.preset: custom` must come with `TRAFFIC.metric` and `TRAFFIC.labels`",
                "`tidewright init` finds the counter and writes both",
            )
        })
    }

    pub(super) fn broken_rewrites(&self) -> Option<Conflict> {
        let mut steps = self.rewrites.values().flatten();
        let error = steps.find_map(|step| Rewrite::parse(step).err())?;
        let hint = "write `PATTERN -> TEXT` in quotes, or one of the four words";
        Some(Conflict::new(&["TRAFFIC.rewrites"], format!("in `TRAFFIC.rewrites`, {error}"), hint))
    }

    pub(super) fn unmapped_rewrites(&self) -> Option<Conflict> {
        let labels = &self.settings.traffic.labels;
        let mut keys = self.rewrites.keys().filter(|_| !labels.is_empty());
        let key = keys.find(|key| !labels.contains_key(*key))?;
        Some(Conflict::new(
            &["TRAFFIC.rewrites"],
            format!("`TRAFFIC.rewrites` must name descriptors of `TRAFFIC.labels`, got `{key}`"),
            "map the descriptor to a label, or remove its steps",
        ))
    }
}
