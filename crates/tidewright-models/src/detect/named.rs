//! The detectors by name: what the command line and its results call them.

use std::sync::Arc;

use super::{Detector, Settings};
use crate::DecodeError;

/// The detectors, in the order in which a person is told of them; the first is taken where none is named.
const KINDS: [(&str, Kind); 2] =
    [("auto", Kind::ResidualTails), ("residual-tails", Kind::ResidualTails)];

/// A kind of detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each departure from what is usual against the largest that the series has shown before.
    ResidualTails,
}

/// Names of the detectors, in the order in which a person is told of them.
pub fn names() -> impl Iterator<Item = &'static str> {
    KINDS.into_iter().map(|(name, _)| name)
}

impl Kind {
    /// The kind of this name.
    pub fn of(name: &str) -> Option<Self> {
        KINDS.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind)
    }

    /// A detector of this kind that has seen nothing.
    pub fn start(self, settings: Arc<Settings>) -> Detector {
        match self {
            Self::ResidualTails => Detector::new(settings),
        }
    }

    /// A detector of this kind from what [`Detector::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not what some version up to this one has saved.
    pub fn resume(self, settings: Arc<Settings>, bytes: &[u8]) -> Result<Detector, DecodeError> {
        match self {
            Self::ResidualTails => Detector::decode(settings, bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_a_kind_and_others_have_none() {
        assert!(names().all(|name| Kind::of(name).is_some()));
        assert_eq!(Kind::of("crystal-ball"), None);
    }

    #[test]
    fn a_detector_goes_on_under_its_name() {
        let settings = Arc::new(Settings::default());
        for kind in names().filter_map(Kind::of) {
            let bytes = kind.start(Arc::clone(&settings)).encode();
            assert_eq!(kind.resume(Arc::clone(&settings), &bytes).unwrap().encode(), bytes);
        }
    }
}
