//! Who takes part in the averages.

use std::sync::LazyLock;

use crate::ets::Ets;
use crate::repeat::{Average, Repeat};
use crate::seasonal_ar::{Around, Explained, Lags, SeasonalAr};
use crate::steps::{Season, StepForecaster};

/// Cycles of a median that no burst owns, and that follows a change of level within three.
const MEDIAN_OF: usize = 5;

/// The median of the last cycles; `window` is their mean.
const MEDIAN: Repeat = Repeat::window().over(MEDIAN_OF, Average::Median).called("window-median");

type Models = Vec<Box<dyn StepForecaster>>;

/// The members, in the order in which saved models count them: new ones come last.
pub(super) static MEMBERS: LazyLock<Models> = LazyLock::new(|| {
    let autoregressions = [Explained::Value, Explained::Logarithm].into_iter().flat_map(family);
    autoregressions
        .map(boxed)
        .chain([boxed(Repeat::seasonal()), boxed(MEDIAN), boxed(Repeat::window_long()), boxed(Ets)])
        .collect()
});

/// What repeats step by step where steps are fine, in the order in which saved models count them.
pub(super) static REPEATS: LazyLock<Models> = LazyLock::new(|| {
    vec![
        boxed(Repeat::seasonal()),
        boxed(Repeat::longest()),
        boxed(MEDIAN),
        boxed(Repeat::window_long()),
    ]
});

/// The autoregressions of one scale: two on lags alone, and three on the distance from a usual day or week.
fn family(explained: Explained) -> [SeasonalAr; 5] {
    let is_value = explained == Explained::Value;
    let name = |value, logarithm| if is_value { value } else { logarithm };
    let of = |name, around, lags| SeasonalAr { name, explained, around, lags };
    let cycle = |of, half_life| Around::Cycle { of, half_life };
    [
        of(name("ar-neighbours", "log-ar-neighbours"), Around::Zero, Lags::Neighbours),
        of(name("ar-sums", "log-ar-sums"), Around::Zero, Lags::Sums),
        of(name("ar-short-3", "log-ar-short-3"), cycle(Season::Shortest, 3.0), Lags::Few),
        of(name("ar-long-3", "log-ar-long-3"), cycle(Season::Longest, 3.0), Lags::Few),
        of(name("ar-long-8", "log-ar-long-8"), cycle(Season::Longest, 8.0), Lags::Few),
    ]
}

fn boxed(model: impl StepForecaster + 'static) -> Box<dyn StepForecaster> {
    Box::new(model)
}
