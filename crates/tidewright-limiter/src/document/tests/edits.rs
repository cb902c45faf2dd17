//! What an edit changes, and what it never does.

use proptest::prelude::*;
use tidewright_core::Limit;

use super::*;
use crate::error::{DocumentError, Fixed};

/// Sets `d/v` to `number` and compares.
fn check(text: &str, number: u32, expected: &str) {
    let edited = parse(text).with_numbers(&[(key(&[("K", "v")]), number)]).unwrap();
    assert_eq!(String::from_utf8(edited).unwrap(), expected);
}

fn fixed(text: &str) -> Fixed {
    match parse(text).with_numbers(&[(key(&[("K", "v")]), 77)]) {
        Err(DocumentError::Fixed { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn digits_change_and_nothing_else() {
    let bare = |number: &str| {
        file(&format!("{{ requests_per_unit : {number} ,unit: day}} # {number} \u{e9}"))
    };
    let text = bare("5").replace("# 5", "# x");
    check(&text, 12_345, &text.replace(": 5 ", ": 12345 "));
    check(&text.replace('\n', "\r\n"), 7, &text.replace(": 5 ", ": 7 ").replace('\n', "\r\n"));
    check(&format!("\u{feff}{text}"), 7, &format!("\u{feff}{}", text.replace(": 5 ", ": 7 ")));
}

#[test]
fn escaped_files_are_edited_in_place() {
    let json = |number: u32| {
        let inner = file(&format!("{{unit: day, requests_per_unit: {number}}}"));
        format!("{{\"kind\":\"ConfigMap\",\"data\":{{\"\\u0061.yaml\":{inner:?}}}}}")
    };
    check(&json(5), 4_294_967_295, &json(4_294_967_295));
    let folded = |number: u32| {
        format!(
            "kind: ConfigMap\ndata:\n  a.yaml: \"domain: \\\"d\\\"\\ndescriptors: [{{key: K,\n    value: v,\n\n    \
             rate_limit: {{unit: day, \\\n    requests_per_unit: {number}}}}}]\"\n"
        )
    };
    check(&folded(1000), 9, &folded(9));
    let single = |number: u32| {
        format!(
            "kind: ConfigMap\ndata:\n  a.yaml: '{{domain: ''d'', descriptors: [{{key: K, value: ''v'',\n   rate_limit: \
             {{unit: day, requests_per_unit: {number}}}}}]}}'\n"
        )
    };
    check(&single(1000), 9, &single(9));
}

#[test]
fn an_equal_number_keeps_its_spelling() {
    let text = file("{unit: day, requests_per_unit: 0x10}");
    check(&text, 16, &text);
    check(&text, 17, &text.replace("0x10", "17"));
}

#[test]
fn numbers_that_stand_elsewhere_too_are_not_changed() {
    let shared = "domain: d\ndescriptors:\n- {key: K, value: v, rate_limit: &l {unit: day, requests_per_unit: 5}}\n\
                  - {key: K, value: w, rate_limit: *l}\n";
    assert_eq!(fixed(shared), Fixed::Shared);
    let merged = shared.replace("rate_limit: *l", "rate_limit: {<<: *l, requests_per_unit: 6}");
    assert_eq!(fixed(&merged), Fixed::Shared);
    let own = parse(&merged).with_numbers(&[(key(&[("K", "w")]), 8)]).unwrap();
    assert_eq!(own, merged.replace("unit: 6", "unit: 8").into_bytes());
    let number = shared
        .replace("&l {unit: day, requests_per_unit: 5}", "{unit: day, requests_per_unit: &n 5}");
    let number = number.replace("*l", "{unit: day, requests_per_unit: *n}");
    assert_eq!(fixed(&number), Fixed::Shared);
    let whole = format!(
        "kind: ConfigMap\ndata:\n  a.yaml: &f |\n    {}\nother: *f\n",
        file("{unit: day, requests_per_unit: 5}").replace('\n', "\n    ")
    );
    assert_eq!(fixed(&whole), Fixed::Shared);
}

#[test]
fn numbers_that_are_not_written_plainly_are_not_changed() {
    assert_eq!(fixed(&file("{unit: day}")), Fixed::NoNumber);
    assert_eq!(fixed(&file("{unit: day, requests_per_unit: ~}")), Fixed::NoNumber);
    assert_eq!(fixed(&file("{unlimited: true}")), Fixed::NoNumber);
    let inner =
        format!("{:?}", file("{unit: day, requests_per_unit: 5}")).replace(": 5", r": \x35");
    assert_eq!(fixed(&format!("kind: ConfigMap\ndata:\n  a.yaml: {inner}\n")), Fixed::Escaped);
}

#[test]
fn changes_must_name_a_limit_once() {
    let document = parse(&file("{unit: day, requests_per_unit: 5}"));
    let (own, other) = (key(&[("K", "v")]), key(&[("K", "w")]));
    let unknown = document.with_numbers(&[(other.clone(), 1)]);
    assert_eq!(unknown, Err(DocumentError::UnknownLimit(other)));
    let twice = document.with_numbers(&[(own.clone(), 1), (own.clone(), 1)]);
    assert_eq!(twice, Err(DocumentError::ChangedTwice(own)));
}

#[test]
fn an_edit_that_makes_the_document_too_large_is_refused() {
    let text = file("{unit: day, requests_per_unit: 5}");
    let padding = crate::DOCUMENT_BYTES_MAX - text.len() - 1;
    let text = format!("{text}#{}", "x".repeat(padding));
    let error = parse(&text).with_numbers(&[(key(&[("K", "v")]), 10)]).unwrap_err();
    assert_eq!(error, DocumentError::TooLarge { bytes: crate::DOCUMENT_BYTES_MAX + 1 });
}

/// Each limit of the odd document that can be changed, with the number from `numbers` or its own.
fn changes(document: &Document, numbers: &[Option<u32>]) -> Vec<(LimitKey, u32)> {
    let free = document.entries().iter().filter(|entry| entry.fixed().is_none());
    let change = |(entry, number): (&Entry, &Option<u32>)| match entry.setting {
        Setting::Limited(Limit { requests_per_unit, .. }) => {
            (entry.key.clone(), number.unwrap_or(requests_per_unit))
        }
        Setting::Unlimited => panic!("unlimited is fixed"),
    };
    free.zip(numbers).map(change).collect()
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[test]
fn current_numbers_give_the_same_bytes() {
    let document = parse(ODD);
    let same = document.with_numbers(&changes(&document, &[None; 100])).unwrap();
    assert_eq!(same, ODD.as_bytes());
    assert_eq!(document.with_numbers(&[]).unwrap(), ODD.as_bytes());
}

/// The odd document's own `config.yaml`, as a bare file.
fn odd_file() -> String {
    let lines = ODD.lines().skip_while(|line| !line.contains("config.yaml")).skip(1);
    let inner = lines.take_while(|line| line.starts_with("    ") || line.is_empty());
    inner.map(|line| format!("{}\n", line.strip_prefix("      ").unwrap_or(line))).collect()
}

/// A ConfigMap around a file, in the styles that tools write.
fn embed(file: &str, style: usize) -> String {
    let scalar = match style {
        0 => format!("|{}", file.lines().map(|line| format!("\n   {line}")).collect::<String>()),
        1 => format!("{file:?}").replace("\\'", "'"),
        2 => format!("{file:?}").replace("\\'", "'").replace("\\n ", "\\n\\\n      \\ "),
        _ => {
            let text = format!("{file:?}").replace("\\'", "'");
            return format!("{{\"kind\":\"ConfigMap\",\"data\":{{\"a.yaml\":{text}}}}}");
        }
    };
    format!("kind: ConfigMap\ndata:\n  a.yaml: {scalar}\n")
}

proptest! {
    // Each case reads the odd document several times.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_edit_inside_equals_an_edit_outside(
        numbers in prop::collection::vec(prop::option::of(any::<u32>()), 12),
        style in 0..4_usize,
    ) {
        let bare = odd_file();
        let document = parse(&bare);
        let wanted = changes(&document, &numbers);
        let outside = String::from_utf8(document.with_numbers(&wanted).unwrap()).unwrap();
        let inside = parse(&embed(&bare, style)).with_numbers(&wanted).unwrap();
        prop_assert_eq!(String::from_utf8(inside).unwrap(), embed(&outside, style));
    }

    #[test]
    fn an_edit_changes_only_digits_and_undoes_itself(
        numbers in prop::collection::vec(prop::option::of(any::<u32>()), 12),
        line_ends in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let odd = ODD.replace("5_000_000", "5000000").replace("0x258", "600").replace('\n', line_ends);
        let document = parse(&odd);
        let wanted = changes(&document, &numbers);
        let edited = document.with_numbers(&wanted).unwrap();
        let text = String::from_utf8(edited.clone()).unwrap();
        prop_assert_eq!(without_digits(&text), without_digits(&odd));
        let again = parse(&text);
        prop_assert_eq!(&again.with_numbers(&wanted).unwrap(), &edited);
        let back = again.with_numbers(&changes(&document, &[None; 100])).unwrap();
        prop_assert_eq!(String::from_utf8(back).unwrap(), odd);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(text in "([a-z:\\-{}\\[\\],&*|>'\"\\\\ \n\t#!~<0-9]|domain: |descriptors: ){0,60}") {
        let _ = Document::parse(text.as_bytes());
        let map = format!("kind: ConfigMap\ndata:\n  a.yaml: {text}\n");
        let _ = Document::parse(map.as_bytes());
    }
}
