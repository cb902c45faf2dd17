//! How long a large document takes: read once and edited once in each cycle.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tidewright_core::{Limit, LimitKey};
use tidewright_limiter::{Document, ObjectName, create};

/// As many limits as fit a ConfigMap.
const LIMITS: u32 = 4_000;

fn limits() -> Vec<(LimitKey, Limit)> {
    let limit = |number: u32| {
        let (partner, path) =
            (format!("CUSTOMER_ID_{}", number / 20), format!("/api/service/action/{number}"));
        let path = [("PARTNER", Some(partner.as_str())), ("PATH", Some(path.as_str()))];
        (LimitKey::new("edge", path), Limit::per_minute(1000 + number))
    };
    (0..LIMITS).map(limit).collect()
}

fn large_document(criterion: &mut Criterion) {
    let object = ObjectName::new("ratelimit-config", "default").expect("a plain name");
    let text = create(&object, "edge", &limits()).expect("the limits differ");
    let document = Document::parse(&text).expect("it was read back");
    let doubled = |(key, limit): (LimitKey, Limit)| (key, limit.requests_per_unit * 2);
    let changes: Vec<_> = limits().into_iter().map(doubled).collect();
    let _ = criterion.bench_function("read 4,000 limits", |bencher| {
        bencher.iter(|| Document::parse(black_box(&text)));
    });
    let _ = criterion.bench_function("edit 4,000 limits", |bencher| {
        bencher.iter(|| document.with_numbers(black_box(&changes)));
    });
}

criterion_group!(benches, large_document);
criterion_main!(benches);
