//! What stands in the document before the run: for each pair a number that makes its story tellable.

use tidewright_testkit::chance::Chance;
use tidewright_testkit::estate::{Estate, Event, EventKind, Pair, Wanted, document};

/// The margin of the product's defaults; a number that is meant to be right only has to be near.
const MARGIN: f64 = 1.3;
const WEEK: usize = 7 * 1440;

/// What stands in the document for a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// About right, so that an incident has something to break.
    Right,
    /// What was right before the launch.
    BeforeLaunch,
    /// A quarter of what is right.
    TooLow,
    /// Five times what is right.
    TooHigh,
    /// `unlimited: true`.
    Unlimited,
    /// 0, which blocks on purpose.
    Blocked,
}

/// Drawn from where a pair has no story; numbers that may change more often than those that may not.
const DRAWN: [Scene; 7] = [
    Scene::TooLow,
    Scene::TooLow,
    Scene::TooHigh,
    Scene::TooHigh,
    Scene::Right,
    Scene::Unlimited,
    Scene::Blocked,
];

/// The scene of a pair: its story decides, and where it has none the seed.
pub(crate) fn scene(estate: &Estate, pair: &Pair) -> Scene {
    match pair {
        _ if pair.has(EventKind::Launch) => Scene::BeforeLaunch,
        _ if pair.has(EventKind::Outage) || pair.has(EventKind::SlowAttack) => Scene::Right,
        _ => DRAWN[Chance::new(estate.seed, &pair.name()).between(0, DRAWN.len())],
    }
}

/// The document of an estate.
pub(crate) fn current_document(estate: &Estate) -> String {
    document(estate, |pair| match number(pair, scene(estate, pair)) {
        Some(number) => Wanted::PerMinute(number),
        None => Wanted::Unlimited,
    })
}

/// The number that a scene writes; `None` where it is none.
pub(crate) fn number(pair: &Pair, scene: Scene) -> Option<u32> {
    let end = pair.truth.clean.len();
    let right = |end: usize| peak(&pair.truth.clean[end - WEEK..end]) * MARGIN;
    let number = match scene {
        Scene::Right => right(end),
        Scene::BeforeLaunch => right(launch(pair).unwrap_or(end)),
        Scene::TooLow => right(end) / 4.0,
        Scene::TooHigh => right(end) * 5.0,
        Scene::Blocked => 0.0,
        Scene::Unlimited => return None,
    };
    Some(number.round() as u32)
}

/// The minute of the launch.
fn launch(pair: &Pair) -> Option<usize> {
    let since = |event: &Event| event.span.start.as_secs() - pair.truth.start.as_secs();
    pair.events(EventKind::Launch).next().map(|event| (since(event) / 60) as usize)
}

/// What all but one minute in two hundred stay below.
fn peak(clean: &[Option<u64>]) -> f64 {
    let mut known: Vec<u64> = clean.iter().copied().flatten().collect();
    known.sort_unstable();
    known.get(known.len() * 199 / 200).copied().unwrap_or(0) as f64
}
