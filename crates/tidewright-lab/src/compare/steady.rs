//! How restless limits are where nothing happens: daily runs over eight weeks, each seeing what the last one wrote.

use tidewright_core::{Decision, Frame, Grid, LimitPlan, Policy, SeriesKey, Timestamp, Zone};
use tidewright_limiter::{Document, ObjectName, create};

use super::report::SteadyV1;
use crate::error::LabError;
use crate::traffic::{Canvas, Rhythm, Traffic};
use crate::world::{DOMAIN, Lab, World};

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
/// What the product fetches.
const HISTORY_DAYS: i64 = 28;
/// How long it runs, once a day, after the first run.
const WEEKS: i64 = 8;
/// From hardly any traffic to a lot, in requests per minute.
const PEAKS: [f64; 6] = [8.0, 60.0, 300.0, 1_500.0, 8_000.0, 40_000.0];

/// Counts the changes.
pub(super) fn simulate(lab: &Lab) -> Result<SteadyV1, LabError> {
    let start = Timestamp::parse("2026-01-05T03:00:00Z").expect("a moment as the code writes it");
    let minutes = (HISTORY_DAYS + 7 * WEEKS) * DAY_MS / MINUTE_MS;
    let grid = Grid::new(start, MINUTE_MS, minutes as usize).expect("a minute is positive");
    let mut world = World::new(start.plus_millis(HISTORY_DAYS * DAY_MS), paint(grid));
    let limits = world.demand.keys().len();
    let first = lab.decide(&world, Policy::default())?;
    world.document = Some(document(&first.record.plan));
    let (mut raised, mut lowered) = (0, 0);
    for _ in 0..7 * WEEKS {
        world.at = world.at.plus_millis(DAY_MS);
        let outcome = lab.decide(&world, Policy::default())?;
        let plan = &outcome.record.plan;
        raised += decided(plan, Decision::Raise);
        lowered += decided(plan, Decision::Lower);
        world.document = outcome.new_document;
    }
    let weeks = WEEKS as usize;
    let changes = (raised + lowered) as f64 / (limits * weeks) as f64;
    Ok(SteadyV1 { limits, weeks, raised, lowered, changes_per_limit_and_week: changes })
}

/// Pairs of all heights and rhythms, half of them quieter at the weekend.
fn paint(grid: Grid) -> Frame {
    let zone = Zone::utc();
    let canvas = Canvas { grid, zone: &zone, seed: 1, includes_rejected: true };
    let pairs = PEAKS.iter().flat_map(|peak| [0, 1].map(|turn| (*peak, turn)));
    let traffic = pairs.enumerate().map(|(index, (peak, turn))| Traffic {
        weekend: if turn == 0 { 1.0 } else { 0.6 },
        noise: 0.03 + 0.01 * (index % 6) as f64,
        ..Traffic::ordinary(&format!("p{index:02}:/x"), peak, Rhythm::ALL[index % 5])
    });
    let mut keys = Vec::new();
    let mut values = Vec::new();
    for traffic in traffic {
        let (partner, path) = traffic.names();
        keys.push(SeriesKey::new([("PARTNER", partner), ("PATH", path)]));
        values.extend(traffic.paint(&canvas).counts);
    }
    Frame::new(grid, keys, values).expect("each column is painted on the grid")
}

/// The document that the first run would write.
fn document(plan: &LimitPlan) -> Vec<u8> {
    let numbers: Vec<_> =
        plan.proposals.iter().filter_map(|it| Some((it.key.clone(), it.proposed?))).collect();
    let object = ObjectName::new("ratelimit-config", "istio-system")
        .expect("both names are what Kubernetes allows");
    let document = create(&object, DOMAIN, &numbers).expect("numbers of a plan make a document");
    debug_assert!(Document::parse(&document).is_ok(), "what was written reads back");
    document
}

fn decided(plan: &LimitPlan, decision: Decision) -> usize {
    plan.proposals.iter().filter(|it| it.decision == decision).count()
}
