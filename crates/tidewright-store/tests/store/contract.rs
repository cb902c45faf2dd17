//! What every store keeps, whatever holds its rows.
//!
//! `store_contract!(name, constructor)` makes one test per promise. The constructor answers, asynchronously, a store
//! that keeps three runs, and a guard that keeps its place alive.

use tidewright_core::{PlanMemory, PortErrorKind, RevisionId, RevisionLog, RunId, Store};

use crate::memory::{self, PLACE, approval, pause};
use crate::record;

/// Everything that a store is asked for.
pub(crate) trait Memory: Store + RevisionLog {}

impl<T: Store + RevisionLog> Memory for T {}

/// One test per promise, against a store of three runs.
macro_rules! store_contract {
    ($name:ident, $constructor:path) => {
        mod $name {
            $crate::contract::store_contract!(
                @ $constructor,
                an_empty_store_has_no_run,
                a_run_reads_back_as_it_was_saved,
                a_run_without_proposals_reads_back,
                the_run_saved_last_is_the_latest,
                a_run_with_the_same_id_is_replaced_and_becomes_the_latest,
                only_the_last_runs_are_kept,
                an_unknown_id_finds_nothing,
                concurrent_saves_all_arrive,
                a_save_that_is_dropped_leaves_the_run_before,
                a_document_that_was_never_seen_has_no_memory,
                a_memory_reads_back_as_it_was_saved,
                a_memory_takes_the_place_of_the_one_before,
                a_memory_leaves_approvals_and_the_pause_alone,
                documents_have_memories_of_their_own,
                approvals_follow_one_another,
                a_pause_holds_until_somebody_resumes,
                a_second_pause_takes_the_place_of_the_first,
                revisions_read_back_in_their_order,
                a_revision_is_marked_when_its_document_is_written,
                a_revision_with_the_same_id_is_refused,
                the_document_before_a_revision_reads_back,
            );
        }
    };
    (@ $constructor:path, $($promise:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let (store, _guard) = $constructor().await;
                $crate::contract::$promise(&store).await;
            }
        )+
    };
}
pub(crate) use store_contract;

pub(crate) async fn an_empty_store_has_no_run(store: &dyn Memory) {
    assert_eq!(store.load_latest_run().await.unwrap(), None);
}

pub(crate) async fn a_run_reads_back_as_it_was_saved(store: &dyn Memory) {
    let run = record::rich();
    store.save_run(&run).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(run.clone()));
    assert_eq!(store.load_run(&run.id).await.unwrap(), Some(run));
}

pub(crate) async fn a_run_without_proposals_reads_back(store: &dyn Memory) {
    let run = record::plain("empty", 0);
    store.save_run(&run).await.unwrap();
    assert_eq!(store.load_run(&run.id).await.unwrap(), Some(run));
}

pub(crate) async fn the_run_saved_last_is_the_latest(store: &dyn Memory) {
    for id in ["b", "c", "a"] {
        store.save_run(&record::plain(id, 2)).await.unwrap();
    }
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("a", 2)));
}

pub(crate) async fn a_run_with_the_same_id_is_replaced_and_becomes_the_latest(store: &dyn Memory) {
    store.save_run(&record::plain("same", 5)).await.unwrap();
    store.save_run(&record::plain("other", 1)).await.unwrap();
    store.save_run(&record::plain("same", 2)).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("same", 2)));
    assert!(store.load_run(&RunId::stored("other")).await.unwrap().is_some());
}

pub(crate) async fn only_the_last_runs_are_kept(store: &dyn Memory) {
    for id in ["a", "b", "c", "d"] {
        store.save_run(&record::plain(id, 1)).await.unwrap();
    }
    assert_eq!(store.load_run(&RunId::stored("a")).await.unwrap(), None);
    assert!(store.load_run(&RunId::stored("b")).await.unwrap().is_some());
}

pub(crate) async fn an_unknown_id_finds_nothing(store: &dyn Memory) {
    store.save_run(&record::plain("a", 1)).await.unwrap();
    assert_eq!(store.load_run(&RunId::stored("b")).await.unwrap(), None);
}

pub(crate) async fn concurrent_saves_all_arrive(store: &dyn Memory) {
    let runs = ["a", "b", "c"].map(|id| record::plain(id, 20));
    let [a, b, c] = &runs;
    let saved = tokio::join!(store.save_run(a), store.save_run(b), store.save_run(c));
    assert!(saved.0.is_ok() && saved.1.is_ok() && saved.2.is_ok(), "{saved:?}");
    for run in runs {
        assert_eq!(store.load_run(&run.id).await.unwrap(), Some(run));
    }
}

/// As Ctrl-C does it, at several points of the save.
pub(crate) async fn a_save_that_is_dropped_leaves_the_run_before(store: &dyn Memory) {
    let (before, during) = (record::plain("before", 3), record::plain("during", 1_000));
    store.save_run(&before).await.unwrap();
    for polls in [0, 1, 5, 25, 125] {
        let patience = async {
            for _ in 0..polls {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = patience => {}
            saved = store.save_run(&during) => panic!("it was saved too soon: {saved:?}"),
        }
        assert_eq!(store.load_latest_run().await.unwrap().as_ref(), Some(&before));
    }
    store.save_run(&during).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(during));
}

pub(crate) async fn a_document_that_was_never_seen_has_no_memory(store: &dyn Memory) {
    assert_eq!(store.load_memory("never.yaml").await.unwrap(), PlanMemory::default());
}

/// Without approvals and a pause, which have ways of their own.
fn seen() -> PlanMemory {
    PlanMemory { approvals: Vec::new(), pause: None, ..memory::rich() }
}

pub(crate) async fn a_memory_reads_back_as_it_was_saved(store: &dyn Memory) {
    store.save_memory(PLACE, &seen()).await.unwrap();
    assert_eq!(store.load_memory(PLACE).await.unwrap(), seen());
}

pub(crate) async fn a_memory_takes_the_place_of_the_one_before(store: &dyn Memory) {
    store.save_memory(PLACE, &seen()).await.unwrap();
    let mut after = seen();
    after.limits.remove(&memory::key("a"));
    after.first_seen = None;
    store.save_memory(PLACE, &after).await.unwrap();
    assert_eq!(store.load_memory(PLACE).await.unwrap(), after);
}

pub(crate) async fn a_memory_leaves_approvals_and_the_pause_alone(store: &dyn Memory) {
    store.save_approval(PLACE, &approval("a", 9)).await.unwrap();
    store.save_pause(Some(&pause(None))).await.unwrap();
    // What a memory says of them is not saved with it.
    store.save_memory(PLACE, &memory::rich()).await.unwrap();
    let loaded = store.load_memory(PLACE).await.unwrap();
    assert_eq!((loaded.approvals, loaded.pause), (vec![approval("a", 9)], Some(pause(None))));
}

pub(crate) async fn documents_have_memories_of_their_own(store: &dyn Memory) {
    store.save_memory(PLACE, &seen()).await.unwrap();
    store.save_approval(PLACE, &approval("a", 9)).await.unwrap();
    store.save_memory("other.yaml", &PlanMemory::default()).await.unwrap();
    assert_eq!(store.load_memory("other.yaml").await.unwrap(), PlanMemory::default());
    assert_eq!(store.load_memory(PLACE).await.unwrap().limits, seen().limits);
}

pub(crate) async fn approvals_follow_one_another(store: &dyn Memory) {
    let approvals = [approval("a", 900), approval("b", 1), approval("a", 800), approval("a", 800)];
    for approval in &approvals {
        store.save_approval(PLACE, approval).await.unwrap();
    }
    assert_eq!(store.load_memory(PLACE).await.unwrap().approvals, approvals);
}

pub(crate) async fn a_pause_holds_until_somebody_resumes(store: &dyn Memory) {
    store.save_pause(Some(&pause(None))).await.unwrap();
    for place in [PLACE, "never.yaml"] {
        assert_eq!(store.load_memory(place).await.unwrap().pause, Some(pause(None)));
    }
    store.save_pause(None).await.unwrap();
    assert_eq!(store.load_memory(PLACE).await.unwrap().pause, None);
    store.save_pause(None).await.unwrap();
}

pub(crate) async fn a_second_pause_takes_the_place_of_the_first(store: &dyn Memory) {
    store.save_pause(Some(&pause(None))).await.unwrap();
    store.save_pause(Some(&pause(Some(7)))).await.unwrap();
    assert_eq!(store.load_memory(PLACE).await.unwrap().pause, Some(pause(Some(7))));
}

pub(crate) async fn revisions_read_back_in_their_order(store: &dyn Memory) {
    assert_eq!(store.load_revisions().await.unwrap(), []);
    for revision in memory::revisions() {
        store.save_revision(&revision, Some(memory::DOCUMENT)).await.unwrap();
    }
    assert_eq!(store.load_revisions().await.unwrap(), memory::revisions());
}

pub(crate) async fn a_revision_is_marked_when_its_document_is_written(store: &dyn Memory) {
    let [_, open] = memory::revisions().try_into().unwrap();
    store.save_revision(&open, None).await.unwrap();
    store.save_written(&open.id).await.unwrap();
    assert!(store.load_revisions().await.unwrap()[0].written);
}

pub(crate) async fn a_revision_with_the_same_id_is_refused(store: &dyn Memory) {
    let [made, _] = memory::revisions().try_into().unwrap();
    store.save_revision(&made, Some(memory::DOCUMENT)).await.unwrap();
    let error = store.save_revision(&made, None).await.unwrap_err();
    assert_eq!(error.kind(), PortErrorKind::Conflict, "its undo would be lost");
    let before = store.load_document_before(&made.id).await.unwrap();
    assert_eq!(before.as_deref(), Some(memory::DOCUMENT));
}

pub(crate) async fn the_document_before_a_revision_reads_back(store: &dyn Memory) {
    let [made, undone] = memory::revisions().try_into().unwrap();
    store.save_revision(&made, Some(memory::DOCUMENT)).await.unwrap();
    store.save_revision(&undone, None).await.unwrap();
    let before = store.load_document_before(&made.id).await.unwrap();
    assert_eq!(before.as_deref(), Some(memory::DOCUMENT));
    assert_eq!(store.load_document_before(&undone.id).await.unwrap(), None);
    assert_eq!(store.load_document_before(&RevisionId::stored("no")).await.unwrap(), None);
}
