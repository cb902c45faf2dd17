//! A plan in a file, findings, and what was written into documents.

use tidewright_core::{
    Approval, DocumentHome, Finding, FindingKind, Limit, LimitKey, NumberChange, Pause, Proposal,
    ReviewedDocument, ReviewedLimit, ReviewedPlan, Revision, RevisionId, RevisionOrigin, RunId,
    RunRecord, Setting, Unit,
};
use tidewright_render::{
    ApprovalV1, ChangeV1, CheckV1, PauseV1, PlanFile, RevisionV1, RunV1, change_table,
    findings_table, history_table, reviewed_table, to_json,
};

use crate::fixture;

fn reviewed(run: &RunRecord) -> ReviewedPlan {
    let limit = |proposal: &Proposal| ReviewedLimit {
        key: proposal.key.clone(),
        current: proposal.current,
        decision: proposal.decision,
        proposed: proposal.proposed,
        reason: proposal.reason.to_string(),
        on_approval: proposal.on_approval,
    };
    ReviewedPlan {
        run: run.id.clone(),
        created: fixture::at(),
        inputs_hash: run.inputs_hash.clone(),
        policy_hash: "0123".repeat(16),
        document: Some(ReviewedDocument {
            place: "limits.yaml".to_owned(),
            sha256: "abcd".repeat(16),
        }),
        home: DocumentHome {
            configmap: "ratelimit-config".to_owned(),
            namespace: "istio-system".to_owned(),
            domain: "edge".to_owned(),
        },
        limits: run.plan.proposals.iter().map(limit).collect(),
        unsafe_limits: findings().into_iter().filter(|it| it.kind == FindingKind::Unsafe).collect(),
    }
}

fn key(path: Option<&str>) -> LimitKey {
    LimitKey::new("edge", [("PARTNER", Some("客户_4:a")), ("PATH", path)])
}

fn findings() -> Vec<Finding> {
    let limited = |number| Some(Setting::Limited(Limit::per_minute(number)));
    let finding = |kind, path, current, should_be: Option<u32>, why: &str| Finding {
        key: key(path),
        kind,
        current,
        should_be: should_be.map(Limit::per_minute),
        why: why.to_owned(),
    };
    vec![
        finding(FindingKind::Unsafe, Some("/a"), limited(50), None, "it is below the minimum"),
        finding(FindingKind::Edited, None, Some(Setting::Unlimited), Some(700), "bob set `700`"),
        finding(FindingKind::Drifted, Some("/a"), limited(50), Some(1_200), "demand is above it"),
    ]
}

fn revisions() -> Vec<Revision> {
    let hourly = |requests_per_unit| Limit { requests_per_unit, unit: Unit::Hour };
    let change = |from, to| NumberChange { key: key(Some("/a")), from, to };
    let revision = |id: &str, origin, changes, written| Revision {
        id: RevisionId::stored(id),
        at: fixture::at(),
        origin,
        by: "ann".to_owned(),
        place: "limits.yaml".to_owned(),
        changes,
        written,
    };
    let made = RevisionOrigin::Plan(RunId::stored("run-1"));
    let undone = RevisionOrigin::Undo(RevisionId::stored("revision-1"));
    let changes = vec![change(Some(hourly(60_000)), hourly(90_000)), change(None, hourly(5))];
    vec![
        revision("revision-1", made, changes, true),
        revision("revision-2", undone, vec![change(Some(hourly(90_000)), hourly(60_000))], false),
    ]
}

#[test]
fn a_plan_reads_back_from_its_file() {
    for (run, _) in [fixture::run(), fixture::suspect()] {
        let plan = reviewed(&run);
        let text = PlanFile::render(&plan, &RunV1::from(&run), "0.1.0");
        let file = PlanFile::parse(text.as_bytes()).expect("what was written can be read");
        assert_eq!(file.plan, plan);
        let printed: serde_json::Value =
            serde_json::from_str(&to_json(&RunV1::from(&run))).expect("JSON is printed");
        assert_eq!(file.run, printed);
    }
}

#[test]
fn a_plan_file_is_stable() {
    let (mut run, _) = fixture::suspect();
    run.plan.proposals[0].estimate = None;
    run.plan.proposals[0].replay = None;
    insta::assert_snapshot!(PlanFile::render(&reviewed(&run), &RunV1::from(&run), "0.1.0"));
}

/// A file with one text replaced is refused with these words.
#[track_caller]
fn check(old: &str, new: &str, said: &str) {
    let (run, _) = fixture::run();
    let text = PlanFile::render(&reviewed(&run), &RunV1::from(&run), "0.1.0");
    assert!(text.contains(old), "`{old}` is not in the file");
    let error = PlanFile::parse(text.replacen(old, new, 1).as_bytes()).expect_err(said);
    assert!(error.to_string().contains(said), "{error}");
}

#[test]
fn a_file_that_is_no_plan_is_refused_with_what_is_wrong() {
    check("{", "", "this is no saved plan");
    check("\"version\": \"v1\"", "\"version\": \"v2\"", "its `version` is `v2`");
    check("\"created_at\": \"2026", "\"created_at\": \"x", "`created_at` is no moment");
    check("\"decision\": \"raise\"", "\"decision\": \"double\"", "has the decision `double`");
    check("\"unit\": \"minute\"", "\"unit\": \"fortnight\"", "has a `unit` that is none");
    check("\"unlimited\": true", "\"unlimited\": false", "`unlimited: false`");
    check("\"requests_per_unit\": 700", "\"requests_per_unit\": -1", "this is no saved plan");
    check(
        "/api_v3/service/ENDPOINT_8playbackcontext\"\n",
        "/api_v3/service/configurations/action/servebydevice\"\n",
        "comes twice",
    );
}

#[test]
fn a_change_without_a_number_is_refused() {
    let (mut run, _) = fixture::run();
    run.plan.proposals[0].proposed = None;
    let text = PlanFile::render(&reviewed(&run), &RunV1::from(&run), "0.1.0");
    let error = PlanFile::parse(text.as_bytes()).expect_err("a raise needs a number");
    assert!(error.to_string().ends_with("is to change, and has no number in `proposed`"));
}

#[test]
fn fields_of_a_later_version_are_passed_over() {
    let (run, _) = fixture::suspect();
    let text = PlanFile::render(&reviewed(&run), &RunV1::from(&run), "0.1.0");
    let text = text.replacen("{", "{\"tidal_range\": 7,", 1);
    assert!(PlanFile::parse(text.as_bytes()).is_ok());
}

#[test]
fn a_saved_plan_reads_at_80_columns() {
    insta::assert_snapshot!(reviewed_table(&reviewed(&fixture::suspect().0), 80));
}

#[test]
fn findings_read_at_80_and_160_columns() {
    let texts = [80, 160].map(|width| findings_table(&findings(), width));
    insta::assert_snapshot!(texts.join("\n=====\n\n"));
    assert!(findings_table(&[], 80).starts_with("nothing to do"));
}

#[test]
fn what_was_written_reads_at_80_columns() {
    let revisions = revisions();
    let change = ChangeV1::new("limits.yaml".to_owned(), revisions.first())
        .beside(&[key(None)], &[key(Some("/a"))])
        .copied_to(Some("limits.yaml.bak-revision-1".to_owned()));
    let nothing = ChangeV1::new("limits.yaml".to_owned(), None).beside(&[key(None)], &[]);
    let texts = [
        change_table(&change, revisions.first(), 80),
        change_table(&nothing, None, 80),
        history_table(&revisions.iter().collect::<Vec<_>>(), 80),
        history_table(&[], 80),
    ];
    insta::assert_snapshot!(texts.join("\n=====\n\n"));
}

#[test]
fn findings_changes_and_words_are_stable_json() {
    let revisions = revisions();
    let approval = Approval {
        key: key(None),
        up_to: 900,
        by: "ann".to_owned(),
        at: fixture::at(),
        until: fixture::at().plus_millis(1),
    };
    let pause = Pause {
        by: "ann".to_owned(),
        why: "incident 7".to_owned(),
        since: fixture::at(),
        until: None,
    };
    let texts = [
        to_json(&CheckV1::new(&findings())),
        to_json(&ChangeV1::new("limits.yaml".to_owned(), revisions.first())),
        to_json(&RevisionV1::from(&revisions[1])),
        to_json(&ApprovalV1::new("limits.yaml", &approval)),
        to_json(&PauseV1::from(Some(&pause))),
        to_json(&PauseV1::from(None)),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}
