//! The limiter's document of a story.

use std::fmt::Write as _;

use super::story::Expected;
use crate::world::DOMAIN;

/// The document with the limits that exist; `None` if none does.
pub(super) fn write(limits: &[Expected]) -> Option<Vec<u8>> {
    let mut partners: Vec<&str> = Vec::new();
    for limit in limits.iter().filter(|limit| limit.setting().is_some()) {
        let (partner, _) = limit.names();
        if !partners.contains(&partner) {
            partners.push(partner);
        }
    }
    let mut text = format!("domain: {DOMAIN}\ndescriptors:\n");
    for partner in &partners {
        let _ = writeln!(text, "  - key: PARTNER\n    value: \"{partner}\"\n    descriptors:");
        for limit in limits.iter().filter(|limit| limit.names().0 == *partner) {
            text += &entry(limit);
        }
    }
    (!partners.is_empty()).then(|| text.into_bytes())
}

fn entry(limit: &Expected) -> String {
    let (_, path) = limit.names();
    let setting = match (limit.unlimited, limit.now) {
        (true, _) => "unlimited: true".to_owned(),
        (false, Some(number)) => format!("unit: {}, requests_per_unit: {number}", limit.unit),
        (false, None) => return String::new(),
    };
    format!("      - key: PATH\n        value: \"{path}\"\n        rate_limit: {{{setting}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{Limit, Setting};
    use tidewright_limiter::Document;

    fn limit(limit: &str, now: Option<u32>, unlimited: bool) -> Expected {
        Expected {
            limit: limit.to_owned(),
            now,
            unlimited,
            unit: "minute".to_owned(),
            wished: "hold".to_owned(),
            earlier: Vec::new(),
            decision: Vec::new(),
            reason: Vec::new(),
            number: None,
            because: String::new(),
        }
    }

    #[test]
    fn the_limiter_reads_the_limits_that_exist() {
        let limits = [
            limit("a:/x", Some(5), false),
            limit("b:/x", None, true),
            limit("a:/y", Some(0), false),
            limit("c:/new", None, false),
        ];
        let document = Document::parse(&write(&limits).unwrap()).unwrap();
        let read: Vec<_> = document.entries().iter().map(|entry| entry.setting).collect();
        let limited = |number| Setting::Limited(Limit::per_minute(number));
        assert_eq!(read, [limited(5), limited(0), Setting::Unlimited]);
        assert_eq!(write(&limits[3..]), None);
    }
}
