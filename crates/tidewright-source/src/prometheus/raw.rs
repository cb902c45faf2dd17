//! Whether the counters of demand are read as chunks or by queries.
//!
//! The rule: chunks or queries for the whole of one read, never some of each: a server adds its own labels to chunks, and
//! a counter with other labels is another counter. Whatever is wrong with chunks, the queries decide. A server that reads
//! from others does not tell in chunks when one of them is silent, so it is queried.

use serde::Deserialize;
use tidewright_core::DemandMethod;

use super::failure::{QueryError, chain};
use super::measure::Measured;
use super::reading::Choice;
use super::remote::Selection;
use super::{Beginning, Fetch, Fetched, PrometheusSource, RawChunks};

/// The part of a server's configuration that names the servers it reads from.
const READS_FROM_OTHERS: &str = "remote_read:";

/// The answer to `/api/v1/status/config`.
#[derive(Deserialize)]
struct ConfigBody {
    data: Config,
}

#[derive(Deserialize)]
struct Config {
    yaml: String,
}

impl PrometheusSource {
    /// What `choice` reads, and what is to be added to its note.
    pub(super) async fn read_demand(
        &self,
        fetch: Fetch<'_>,
        choice: &Choice,
        measured: Option<Measured>,
    ) -> Result<(Fetched, &'static str), QueryError> {
        if let Some(selection) = self.selection(choice, measured).await {
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
    async fn selection(&self, choice: &Choice, measured: Option<Measured>) -> Option<Selection> {
        let measured = measured.filter(|_| choice.method == DemandMethod::Edges)?;
        let selection = Selection::new(&self.settings.mapping, measured.look_back_ms())?;
        let is_wanted = match self.settings.raw_chunks {
            RawChunks::Off => false,
            RawChunks::On => true,
            RawChunks::Auto => {
                self.settings.flavour.reads_remotely() && self.reads_from_nobody().await
            }
        };
        is_wanted.then_some(selection)
    }

    /// Whether the server says that all its samples are its own.
    async fn reads_from_nobody(&self) -> bool {
        let Ok(body) = self.client.small("status/config").await else { return false };
        let config = serde_json::from_slice::<ConfigBody>(&body);
        config.is_ok_and(|body| {
            !body.data.yaml.lines().any(|line| line.starts_with(READS_FROM_OTHERS))
        })
    }
}
