//! What every store keeps, whatever holds its rows.
//!
//! `store_contract!(name, constructor)` makes one test per promise. The constructor answers, asynchronously, a store
//! that keeps three runs, and a guard that keeps its place alive.

use tidewright_core::{RunId, Store};

use crate::record;

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

pub(crate) async fn an_empty_store_has_no_run(store: &dyn Store) {
    assert_eq!(store.load_latest_run().await.unwrap(), None);
}

pub(crate) async fn a_run_reads_back_as_it_was_saved(store: &dyn Store) {
    let run = record::rich();
    store.save_run(&run).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(run.clone()));
    assert_eq!(store.load_run(&run.id).await.unwrap(), Some(run));
}

pub(crate) async fn a_run_without_proposals_reads_back(store: &dyn Store) {
    let run = record::plain("empty", 0);
    store.save_run(&run).await.unwrap();
    assert_eq!(store.load_run(&run.id).await.unwrap(), Some(run));
}

pub(crate) async fn the_run_saved_last_is_the_latest(store: &dyn Store) {
    for id in ["b", "c", "a"] {
        store.save_run(&record::plain(id, 2)).await.unwrap();
    }
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("a", 2)));
}

pub(crate) async fn a_run_with_the_same_id_is_replaced_and_becomes_the_latest(store: &dyn Store) {
    store.save_run(&record::plain("same", 5)).await.unwrap();
    store.save_run(&record::plain("other", 1)).await.unwrap();
    store.save_run(&record::plain("same", 2)).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("same", 2)));
    assert!(store.load_run(&RunId::stored("other")).await.unwrap().is_some());
}

pub(crate) async fn only_the_last_runs_are_kept(store: &dyn Store) {
    for id in ["a", "b", "c", "d"] {
        store.save_run(&record::plain(id, 1)).await.unwrap();
    }
    assert_eq!(store.load_run(&RunId::stored("a")).await.unwrap(), None);
    assert!(store.load_run(&RunId::stored("b")).await.unwrap().is_some());
}

pub(crate) async fn an_unknown_id_finds_nothing(store: &dyn Store) {
    store.save_run(&record::plain("a", 1)).await.unwrap();
    assert_eq!(store.load_run(&RunId::stored("b")).await.unwrap(), None);
}

pub(crate) async fn concurrent_saves_all_arrive(store: &dyn Store) {
    let runs = ["a", "b", "c"].map(|id| record::plain(id, 20));
    let [a, b, c] = &runs;
    let saved = tokio::join!(store.save_run(a), store.save_run(b), store.save_run(c));
    assert!(saved.0.is_ok() && saved.1.is_ok() && saved.2.is_ok(), "{saved:?}");
    for run in runs {
        assert_eq!(store.load_run(&run.id).await.unwrap(), Some(run));
    }
}

/// As Ctrl-C does it, at several points of the save.
pub(crate) async fn a_save_that_is_dropped_leaves_the_run_before(store: &dyn Store) {
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
