//! Whether the counters of demand are read as chunks or by queries.
//!
//! The rule: chunks or queries for the whole of one read, never some of each: a server adds its own labels to chunks, and
//! a counter with other labels is another counter. Whatever is wrong with chunks, the queries decide.

use tidewright_core::DemandMethod;

use super::failure::{QueryError, chain};
use super::measure::Measured;
use super::reading::Choice;
use super::remote::Selection;
use super::{Beginning, Fetch, Fetched, PrometheusSource};

impl PrometheusSource {
    /// What `choice` reads, and what is to be added to its note.
    pub(super) async fn read_demand(
        &self,
        fetch: Fetch<'_>,
        choice: &Choice,
        measured: Option<Measured>,
    ) -> Result<(Fetched, &'static str), QueryError> {
        if let Some(selection) = self.selection(choice, measured) {
            let chunks = Fetch { remote: Some(&selection), ..fetch };
            match self.read(chunks, choice, Beginning::AtData).await {
                Ok(fetched) => return Ok((fetched, "; read as raw chunks")),
                Err(error) => {
                    let reason = chain(&error);
                    tracing::info!(
                        reason,
                        "no raw chunks can be read, so the counters are queried"
                    );
                }
            }
        }
        self.read(fetch, choice, Beginning::AtData).await.map(|fetched| (fetched, ""))
    }

    /// The samples that the edges of windows are made of, where they may be read as chunks.
    fn selection(&self, choice: &Choice, measured: Option<Measured>) -> Option<Selection> {
        let is_wanted = choice.method == DemandMethod::Edges && self.settings.reads_remotely();
        let measured = measured.filter(|_| is_wanted)?;
        Selection::new(&self.settings.mapping, measured.look_back_ms())
    }
}
