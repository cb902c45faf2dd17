//! A real Prometheus answers what the estate says. Each test starts its own server.

use serde_json::Value;
use tidewright_core::TimeSpan;
use tidewright_testkit::estate::{
    END, Estate, EstateSettings, Event, EventKind, METRIC, Pair, Scrape,
};
use tidewright_testkit::prometheus::{Blocks, Prometheus, ServerError};

fn serve(estates: &[Estate], scrapes: &[Scrape]) -> Prometheus {
    let span = estates[0].span();
    let blocks = Blocks::filled(span, |piece, text| {
        let each = estates.iter().flat_map(|estate| scrapes.iter().map(move |s| (estate, *s)));
        { each }.try_for_each(|(estate, scrape)| estate.write(scrape, piece, text))
    });
    Prometheus::start(blocks.expect("history can be made")).expect("Prometheus starts")
}

fn number(server: &Prometheus, query: &str, at_secs: i64) -> f64 {
    let answer = server.query(query, at_secs).expect("the server answers");
    let answer: Value = serde_json::from_str(&answer).expect("the answer is JSON");
    let value = answer["data"]["result"][0]["value"][1].as_str();
    value.unwrap_or_else(|| panic!("no number in {answer} for {query}")).parse().expect("a number")
}

/// Whether the pair lives an undisturbed hour before minute `to`.
fn undisturbed(pair: &Pair, to: usize) -> bool {
    let hour = TimeSpan { start: pair.truth.moment(to - 70), end: pair.truth.moment(to + 10) };
    let outside = |event: &Event| event.span.end <= hour.start || hour.end <= event.span.start;
    let lasting = |event: &Event| matches!(event.kind, EventKind::Launch | EventKind::SlowAttack);
    pair.truth.events.iter().filter(|event| !lasting(event)).all(outside)
}

#[test]
fn hourly_increases_are_what_was_asked() {
    let estate = Estate::new(EstateSettings::short(3));
    let server = serve(std::slice::from_ref(&estate), &Scrape::ALL);
    for (scrape, pair) in Scrape::ALL.iter().flat_map(|s| estate.pairs.iter().map(move |p| (s, p)))
    {
        let (partner, path, scrape) = (&pair.partner, &pair.path, scrape.label());
        let one = format!("partner=\"{partner}\",path=\"{path}\",scrape=\"{scrape}\",seed=\"3\"");
        let query = format!("sum(increase({METRIC}{{{one}}}[1h]))");
        let hours =
            (600..pair.truth.actual.len()).step_by(1009).filter(|to| undisturbed(pair, *to));
        for to in hours {
            let counted = number(&server, &query, pair.truth.moment(to).as_secs());
            let asked = pair.truth.asked(to - 60, to) as f64;
            let ratio = counted / asked;
            assert!((0.95..1.05).contains(&ratio), "{} {one} at {to}: {ratio}", pair.name());
        }
    }
}

#[test]
fn resets_gaps_and_codes_are_there() {
    let estate = Estate::new(EstateSettings::new(4));
    let server = serve(std::slice::from_ref(&estate), &[Scrape::Every60s]);
    let end = END.as_secs();
    assert!(number(&server, &format!("sum(resets({METRIC}{{code=\"200\"}}[15d]))"), end) >= 5.0);
    assert!(
        number(&server, &format!("count(count by (code) (last_over_time({METRIC}[15d])))"), end)
            >= 2.0
    );
    let gap = estate.pairs[0].events(EventKind::ScrapeGap).next().expect("there is a gap");
    let query = format!("absent({METRIC}{{partner=\"NASA_1\"}})");
    assert_eq!(number(&server, &query, gap.span.start.as_secs() + 50 * 60), 1.0);
}

#[test]
fn a_server_is_gone_when_it_is_dropped() {
    let server = Prometheus::start(Blocks::empty().expect("a folder")).expect("Prometheus starts");
    let address = server.address();
    assert!(server.log().contains("Server is ready"));
    drop(server);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn servers_in_parallel_do_not_meet() {
    let start = || Prometheus::start(Blocks::empty()?);
    std::thread::scope(|scope| {
        let servers: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
        let urls: Result<Vec<String>, ServerError> = servers
            .into_iter()
            .map(|server| server.join().expect("no panic").map(|server| server.url()))
            .collect();
        assert_eq!(urls.expect("all start").len(), 4);
    });
}

#[test]
fn several_estates_at_two_scrape_intervals_share_one_server() {
    let estates: Vec<_> = (0..3).map(|seed| Estate::new(EstateSettings::short(seed))).collect();
    let server = serve(&estates, &Scrape::ALL);
    let worlds = format!("count(count by (seed, scrape) (last_over_time({METRIC}[1h])))");
    assert_eq!(number(&server, &worlds, END.as_secs()), 6.0);
}
