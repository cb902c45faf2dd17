//! The one thread pool. Work is cut into fixed pieces and results come back in order, so the number of threads shows
//! only in the time it takes.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use tidewright_core::Progress;

use crate::error::EngineError;

/// Series per piece: enough to hide the cost of handing work out, few enough to keep all threads busy to the end.
const PIECE: usize = 8;

/// Does two things at a time.
pub(crate) fn both<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    rayon::join(one, other)
}

/// Applies `work` to each item on the pool, in order; stops early where `progress` says so.
pub(crate) fn map<T, R, F>(
    items: &[T],
    progress: &dyn Progress,
    work: F,
) -> Result<Vec<R>, EngineError>
where
    T: Sync,
    R: Send,
    F: Fn(&T) -> R + Sync,
{
    let cancelled = AtomicBool::new(false);
    let pieces: Vec<Vec<R>> = items
        .par_chunks(PIECE)
        .map(|piece| {
            if cancelled.load(Ordering::Relaxed) || progress.is_cancelled() {
                cancelled.store(true, Ordering::Relaxed);
                return Vec::new();
            }
            let results = piece.iter().map(&work).collect();
            progress.advance(piece.len() as u64);
            results
        })
        .collect();
    if cancelled.into_inner() {
        Err(EngineError::Cancelled)
    } else {
        Ok(pieces.into_iter().flatten().collect())
    }
}

/// The same where each item is much work: they are handed out one by one, and the caller tells of progress.
pub(crate) fn each<T, R, F>(
    items: &[T],
    progress: &dyn Progress,
    work: F,
) -> Result<Vec<R>, EngineError>
where
    T: Sync,
    R: Send,
    F: Fn(&T) -> R + Sync,
{
    let one = |item: &T| (!progress.is_cancelled()).then(|| work(item));
    let made: Vec<Option<R>> = items.par_iter().with_max_len(1).map(one).collect();
    made.into_iter().collect::<Option<_>>().ok_or(EngineError::Cancelled)
}

/// Makes something of each item on the pool and hands it on in order, a few at a time: not all need to be held at once.
///
/// # Errors
/// The first error of `sink`, which ends it.
pub fn in_order<T: Sync, R: Send, E>(
    items: &[T],
    make: impl Fn(&T) -> R + Sync,
    mut sink: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    for piece in items.chunks(PIECE * rayon::current_num_threads()) {
        let made: Vec<R> = piece.par_iter().map(&make).collect();
        made.into_iter().try_for_each(&mut sink)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::Silent;

    #[derive(Debug)]
    struct Stopped;

    impl Progress for Stopped {
        fn begin(&self, _stage: &'static str, _total: u64) {}
        fn advance(&self, _steps: u64) {}
        fn is_cancelled(&self) -> bool {
            true
        }
    }

    #[test]
    fn results_come_back_in_order() {
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(map(&items, &Silent, |item| item * 2).unwrap()[999], 1998);
    }

    #[test]
    fn what_is_made_is_handed_on_in_order_until_an_error() {
        let items: Vec<usize> = (0..1000).collect();
        let mut seen = Vec::new();
        let taken = in_order(
            &items,
            |item| item * 2,
            |made| {
                seen.push(made);
                if made == 1500 { Err("full") } else { Ok(()) }
            },
        );
        assert_eq!((taken, seen.len(), seen[700]), (Err("full"), 751, 1400));
    }

    #[test]
    fn cancelled_work_gives_no_result() {
        assert!(matches!(map(&[1, 2, 3], &Stopped, |item| *item), Err(EngineError::Cancelled)));
    }
}
