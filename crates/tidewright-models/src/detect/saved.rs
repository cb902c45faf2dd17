//! A detector's state as bytes and back: it goes on as if it had never stopped.

use std::sync::Arc;

use super::episode::Episode;
use super::pace::Pace;
use super::tail::Tail;
use super::views::{VIEWS, Views};
use super::{Detector, Settings};
use crate::DecodeError;
use crate::bytes::{Envelope, Writer};
use crate::numbers::Numbers;

const ENVELOPE: Envelope = Envelope { magic: b"TWDETECT", version: 1 };
const NOT_A_STATE: DecodeError = DecodeError::Impossible { what: "state" };

impl Detector {
    /// Its state; the settings are not part of it.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.numbers(&self.numbers());
        ENVELOPE.seal(writer)
    }

    /// The detector of this state.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not what some version up to this one has saved.
    pub fn decode(settings: Arc<Settings>, bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut body = ENVELOPE.open(bytes)?;
        let numbers = body.numbers("state")?;
        body.end()?;
        let numbers = Numbers::new(&numbers).ok_or(NOT_A_STATE)?;
        Self::read(settings, numbers).ok_or(NOT_A_STATE)
    }

    fn numbers(&self) -> Vec<f64> {
        // A moment in milliseconds is exact in a number for some 285,000 years.
        let last = self.last.map_or([0.0; 2], |last| [1.0, last as f64]);
        let mut out = vec![self.pace.step_s, last[0], last[1], self.filled, self.turned];
        out.extend(self.stretches.map(f64::from));
        self.tails.iter().flatten().for_each(|tail| tail.write(&mut out));
        self.episode.write(&mut out);
        self.views.write(&mut out);
        out
    }

    fn read(settings: Arc<Settings>, mut numbers: Numbers<'_>) -> Option<Self> {
        let [step_s, any, last, filled, turned] = *numbers.many(5)? else { return None };
        let stretches: [f64; VIEWS] = numbers.many(VIEWS)?.try_into().ok()?;
        let mut tails = [[Tail::default(); 2]; VIEWS];
        for tail in tails.iter_mut().flatten() {
            *tail = Tail::read(&mut numbers)?;
        }
        let episode = Episode::read(&mut numbers)?;
        let views = Views::read(&mut numbers)?;
        numbers.end()?;
        let counts = [step_s, filled, turned].into_iter().chain(stretches);
        let sound = counts.into_iter().all(|count| count >= 0.0);
        sound.then(|| Self {
            settings,
            pace: Pace { step_s },
            last: (any == 1.0).then_some(last as i64),
            views,
            tails,
            stretches: stretches.map(|count| count as f32),
            filled,
            turned,
            episode,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidewright_core::{Timestamp, Verdict};

    use super::*;

    /// Steps of twenty minutes, backwards now and then, and values of any size with gaps between them.
    fn rows() -> impl Strategy<Value = Vec<(i64, Option<f64>)>> {
        let value = prop_oneof![8 => 0.0..20.0_f64, 1 => -1e6..1e6_f64, 1 => -1e300..1e300_f64];
        prop::collection::vec((-1..9_i64, prop::option::weighted(0.9, value)), 1..300)
    }

    fn run(detector: &mut Detector, at: &mut i64, rows: &[(i64, Option<f64>)]) -> Vec<Verdict> {
        let mut next = |(step, value): &(i64, Option<f64>)| {
            *at += step * 1_200;
            detector.update(Timestamp::from_secs(*at), *value)
        };
        rows.iter().map(&mut next).collect()
    }

    proptest! {
        #[test]
        fn the_first_answers_are_the_same_whatever_follows_and_wherever_it_was_saved(
            rows in rows(), cut in 0.0..1.0_f64,
        ) {
            let settings = Arc::new(Settings { alert_budget: Some(1.0), ..Settings::default() });
            let cut = (cut * rows.len() as f64) as usize;
            let whole = run(&mut Detector::new(Arc::clone(&settings)), &mut 0, &rows);
            let (mut first, mut at) = (Detector::new(Arc::clone(&settings)), 0);
            let mut said = run(&mut first, &mut at, &rows[..cut]);
            prop_assert_eq!(&said[..], &whole[..cut]);
            let mut second = Detector::decode(settings, &first.encode()).expect("what was saved");
            said.extend(run(&mut second, &mut at, &rows[cut..]));
            prop_assert_eq!(said, whole);
        }
    }
}
