//! What a new document looks like, and that it reads back. Edits of existing documents are tested elsewhere.

use std::slice;

use proptest::prelude::*;
use tidewright_core::Unit;

use super::*;

fn object() -> ObjectName {
    ObjectName::new("ratelimit-config", "istio-system").unwrap()
}

fn limit(path: &[(&str, Option<&str>)], number: u32) -> (LimitKey, Limit) {
    (LimitKey::new("edge", path.iter().copied()), Limit::per_minute(number))
}

#[test]
fn a_new_document_groups_partners_and_quotes_all_texts() {
    let limits = [
        limit(&[("PARTNER", Some("b")), ("PATH", Some("/list: #1"))], 300),
        limit(&[("PARTNER", Some("a")), ("PATH", Some("*x\"y"))], 200),
        limit(&[("PARTNER", Some("a"))], 100),
        limit(&[("PARTNER", None)], 5),
    ];
    let text = String::from_utf8(create(&object(), "edge", &limits).unwrap()).unwrap();
    assert_eq!(text, include_str!("../../tests/data/created-configmap.yaml"));
    let mut reversed = limits.to_vec();
    reversed.reverse();
    assert_eq!(create(&object(), "edge", &reversed).unwrap(), text.as_bytes());
}

#[test]
fn a_document_without_limits_is_one() {
    let text = create(&object(), "edge", &[]).unwrap();
    assert!(Document::parse(&text).unwrap().entries().is_empty());
}

#[test]
fn limits_that_cannot_stand_there_are_refused() {
    let (foreign, empty) = (limit(&[("A", Some("a"))], 1), limit(&[("A", Some(""))], 1));
    let misplaced = |domain: &str, limits: &[(LimitKey, Limit)]| {
        let error = create(&object(), domain, limits).unwrap_err();
        matches!(error, DocumentError::Misplaced { .. })
    };
    assert!(misplaced("other", slice::from_ref(&foreign)));
    assert!(misplaced("edge", &[empty]));
    assert!(misplaced("edge", &[limit(&[], 1)]));
    let twice = create(&object(), "edge", &[foreign.clone(), foreign.clone()]);
    assert_eq!(twice, Err(DocumentError::ChangedTwice(foreign.0)));
}

#[test]
fn the_limiter_would_mix_up_two_descriptors_with_one_composite_key() {
    let limits = [limit(&[("A", Some("b_c"))], 1), limit(&[("A_b", Some("c"))], 1)];
    let error = create(&object(), "edge", &limits).unwrap_err();
    assert!(error.to_string().contains("duplicate descriptor composite key 'edge.A_b_c'"));
}

#[test]
fn names_that_kubernetes_does_not_take_are_refused() {
    for (name, namespace) in [("", "a"), ("A", "a"), ("a", "a.b"), ("-a", "a"), ("a..b", "a")] {
        assert!(ObjectName::new(name, namespace).is_err(), "{name} {namespace}");
    }
    assert!(ObjectName::new("a.b-1", "a").is_ok());
    assert!(ObjectName::new("a", &"a".repeat(64)).is_err());
}

fn any_limit() -> impl Strategy<Value = (LimitKey, Limit)> {
    let text = prop_oneof!["\\PC{1,12}", "[ -~]{1,12}", any::<char>().prop_map(String::from)];
    let descriptor = ("[A-Z]{1,4}", prop::option::weighted(0.9, text));
    let path = prop::collection::vec(descriptor, 1..4);
    (path, any::<u32>(), 0..Unit::ALL.len()).prop_map(|(path, requests_per_unit, unit)| {
        let path = path.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
        (LimitKey::new("edge", path), Limit { requests_per_unit, unit: Unit::ALL[unit] })
    })
}

proptest! {
    #[test]
    fn what_was_created_reads_back(limits in prop::collection::vec(any_limit(), 0..12)) {
        let mut wanted: Vec<_> = limits.clone();
        wanted.sort_by(|(one, _), (other, _)| one.cmp(other));
        match create(&object(), "edge", &limits) {
            Ok(text) => {
                let entries = Document::parse(&text).unwrap();
                let found: Vec<_> = entries.entries().iter().map(|e| (e.key.clone(), e.setting)).collect();
                let wanted: Vec<_> = wanted.into_iter().map(|(k, l)| (k, Setting::Limited(l))).collect();
                prop_assert_eq!(found, wanted);
            }
            // Two equal keys, or two with one composite key, cannot stand beside each other.
            Err(DocumentError::ChangedTwice(_) | DocumentError::Refused { .. }) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
