//! Changes of a document over fake places that write down what is asked of them, and that fail on demand.

use std::sync::Mutex;

use tidewright_core::{
    Applied, Calendar, Decision, DocumentHome, Event, Glob, GuardedTarget, Limit, LimitTarget,
    Pause, PlanMemory, PortError, PortErrorKind, PortFuture, Recurrence, ReviewedDocument,
    ReviewedLimit, RunId, RunRecord, Setting, TimeSpan, Zone,
};

use super::*;

/// A document in memory, and everything that is remembered.
#[derive(Default)]
struct Desk {
    document: Mutex<Option<String>>,
    /// What somebody else writes while ours is copied.
    meddler: Option<&'static str>,
    pause: Option<Pause>,
    approvals: Mutex<Vec<Approval>>,
    revisions: Mutex<Vec<Revision>>,
    diary: Mutex<Vec<&'static str>>,
    /// What fails, by its name in the diary.
    broken: Option<&'static str>,
    /// What never comes back.
    stuck: Option<&'static str>,
}

impl Desk {
    fn new(document: &str) -> Self {
        Self { document: Mutex::new(Some(document.to_owned())), ..Self::default() }
    }

    fn text(&self) -> String {
        self.document.lock().unwrap().clone().unwrap()
    }

    fn diary(&self) -> Vec<&'static str> {
        self.diary.lock().unwrap().clone()
    }

    async fn note(&self, what: &'static str) -> Result<(), PortError> {
        if self.stuck == Some(what) {
            std::future::pending::<()>().await;
        }
        if self.broken == Some(what) {
            return Err(PortError::new(PortErrorKind::Transient, "no space"));
        }
        self.diary.lock().unwrap().push(what);
        Ok(())
    }

    fn ports(&self) -> ApplyPorts<'_> {
        ApplyPorts { current: None, target: self, store: self, log: self }
    }
}

impl LimitTarget for Desk {
    fn describe(&self) -> String {
        "limits.yaml".to_owned()
    }

    fn load(&self) -> PortFuture<'_, Option<Vec<u8>>> {
        Box::pin(async { Ok(self.document.lock().unwrap().clone().map(String::into_bytes)) })
    }

    fn apply<'a>(&'a self, _document: &'a [u8]) -> PortFuture<'a, Applied> {
        Box::pin(async { Err(PortError::new(PortErrorKind::Refused, "only guarded writes")) })
    }
}

impl GuardedTarget for Desk {
    fn replace<'a>(
        &'a self,
        before: Option<&'a [u8]>,
        document: &'a [u8],
    ) -> PortFuture<'a, Applied> {
        Box::pin(async move {
            self.note("replace").await?;
            let mut now = self.document.lock().unwrap();
            if now.as_deref().map(str::as_bytes) != before {
                return Err(PortError::new(PortErrorKind::Conflict, "somebody else changed it"));
            }
            *now = Some(String::from_utf8_lossy(document).into_owned());
            Ok(Applied { place: self.describe(), changed: true })
        })
    }

    fn back_up<'a>(&'a self, _old: &'a [u8], before: &'a RevisionId) -> PortFuture<'a, String> {
        Box::pin(async move {
            self.note("copy").await?;
            if let Some(other) = self.meddler {
                *self.document.lock().unwrap() = Some(other.to_owned());
            }
            Ok(format!("limits.yaml.bak-{before}"))
        })
    }
}

impl Store for Desk {
    fn save_run<'a>(&'a self, _run: &'a RunRecord) -> PortFuture<'a, ()> {
        Box::pin(async { self.note("save run").await })
    }

    fn load_memory<'a>(&'a self, _place: &'a str) -> PortFuture<'a, PlanMemory> {
        let memory = PlanMemory { pause: self.pause.clone(), ..PlanMemory::default() };
        Box::pin(async { Ok(memory) })
    }

    fn save_memory<'a>(&'a self, _place: &'a str, _memory: &'a PlanMemory) -> PortFuture<'a, ()> {
        Box::pin(async { self.note("save memory").await })
    }

    fn save_approval<'a>(&'a self, _place: &'a str, approval: &'a Approval) -> PortFuture<'a, ()> {
        Box::pin(async {
            self.note("approve").await?;
            self.approvals.lock().unwrap().push(approval.clone());
            Ok(())
        })
    }

    fn save_pause<'a>(&'a self, _pause: Option<&'a Pause>) -> PortFuture<'a, ()> {
        Box::pin(async { self.note("pause").await })
    }

    fn load_latest_run(&self) -> PortFuture<'_, Option<RunRecord>> {
        Box::pin(async { Ok(None) })
    }

    fn load_run<'a>(&'a self, _id: &'a RunId) -> PortFuture<'a, Option<RunRecord>> {
        Box::pin(async { Ok(None) })
    }
}

impl RevisionLog for Desk {
    fn save_revision<'a>(
        &'a self,
        revision: &'a Revision,
        _before: Option<&'a [u8]>,
    ) -> PortFuture<'a, ()> {
        Box::pin(async {
            self.note("record").await?;
            self.revisions.lock().unwrap().push(revision.clone());
            Ok(())
        })
    }

    fn save_written<'a>(&'a self, id: &'a RevisionId) -> PortFuture<'a, ()> {
        Box::pin(async move {
            self.note("mark").await?;
            let mut revisions = self.revisions.lock().unwrap();
            revisions.iter_mut().filter(|it| it.id == *id).for_each(|it| it.written = true);
            Ok(())
        })
    }

    fn load_revisions(&self) -> PortFuture<'_, Vec<Revision>> {
        Box::pin(async { Ok(self.revisions.lock().unwrap().clone()) })
    }

    fn load_document_before<'a>(&'a self, _id: &'a RevisionId) -> PortFuture<'a, Option<Vec<u8>>> {
        Box::pin(async { Ok(None) })
    }
}

fn document(a: u32, b: u32) -> String {
    format!(
        "domain: edge # kept by hand\ndescriptors:\n\
         - {{key: PATH, value: /a, rate_limit: {{unit: minute, requests_per_unit: {a}}}}}\n\
         - {{key: PATH, value: /b, rate_limit: {{unit: minute, requests_per_unit: {b}}}}}\n"
    )
}

fn key(path: &str) -> LimitKey {
    LimitKey::new("edge", [("PATH", Some(path))])
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T08:00:00Z").unwrap()
}

/// `/a` rises from 100 to 150; `/b` is held at 500 and would fall to 400 on approval.
fn plan() -> ReviewedPlan {
    let limit = |path, current, decision, proposed, on_approval: Option<u32>| ReviewedLimit {
        key: key(path),
        current: Some(Setting::Limited(Limit::per_minute(current))),
        decision,
        proposed: Some(Limit::per_minute(proposed)),
        reason: "because".to_owned(),
        on_approval: on_approval.map(Limit::per_minute),
    };
    ReviewedPlan {
        run: RunId::stored("run-1"),
        created: now(),
        inputs_hash: String::new(),
        policy_hash: String::new(),
        document: Some(ReviewedDocument {
            place: "limits.yaml".to_owned(),
            sha256: sha256(document(100, 500).as_bytes()),
        }),
        home: DocumentHome {
            configmap: "limits".to_owned(),
            namespace: "edge".to_owned(),
            domain: "edge".to_owned(),
        },
        limits: vec![
            limit("/a", 100, Decision::Raise, 150, None),
            limit("/b", 500, Decision::Hold, 500, Some(400)),
        ],
        unsafe_limits: Vec::new(),
    }
}

/// Rules without a freeze.
fn free() -> &'static Policy {
    static FREE: std::sync::LazyLock<Policy> = std::sync::LazyLock::new(Policy::default);
    &FREE
}

fn order<'a>(plan: &'a ReviewedPlan, only: &[&str]) -> ApplyOrder<'a> {
    ApplyOrder {
        plan,
        policy: free(),
        only: only.iter().map(|path| key(path)).collect(),
        by: "ann".to_owned(),
        at: now(),
        now: now(),
        age_max: Duration::from_hours(24),
    }
}

async fn apply(desk: &Desk, only: &[&str]) -> Result<Change, ApplyError> {
    apply_plan(&desk.ports(), &order(&plan(), only)).await
}

/// The request is refused with these words, and no trace is left but what the diary says.
async fn refused(desk: &Desk, only: &[&str], said: &str, diary: &[&str]) {
    let before = desk.text();
    let error = apply(desk, only).await.unwrap_err();
    assert!(error.to_string().contains(said), "{error}");
    assert_eq!((desk.text(), desk.diary()), (before, diary.to_vec()));
}

#[tokio::test]
async fn a_change_is_recorded_and_copied_before_it_is_written() {
    let desk = Desk::new(&document(100, 500));
    let change = apply(&desk, &[]).await.unwrap();
    assert_eq!(desk.text(), document(150, 500));
    assert_eq!(desk.diary(), ["record", "copy", "replace", "mark"]);
    let revision = change.revision.unwrap();
    assert_eq!(desk.revisions.lock().unwrap()[..], [revision]);
    assert!(!change.preview.is_other_document);
}

#[tokio::test]
async fn what_is_there_already_is_not_written_again() {
    let desk = Desk::new(&document(100, 500));
    apply(&desk, &[]).await.unwrap();
    let again = apply(&desk, &[]).await.unwrap();
    assert_eq!((again.revision, again.preview.already), (None, vec![key("/a")]));
    assert_eq!(desk.diary().len(), 4);
}

#[tokio::test]
async fn a_number_that_moved_makes_the_plan_stale() {
    let desk = Desk::new(&document(120, 500));
    refused(&desk, &[], "`edge//a` is `120/minute` where `100/minute` was seen", &[]).await;
    let gone = Desk::new("domain: edge\ndescriptors: []\n");
    refused(&gone, &[], "`edge//a` is `nothing`", &[]).await;
    let hourly = Desk::new(&document(100, 500).replacen("unit: minute", "unit: hour", 1));
    refused(&hourly, &[], "`100/hour` where `100/minute`", &[]).await;
}

#[tokio::test]
async fn other_bytes_of_today_stay_as_they_are() {
    let today = format!("# a new line of today\n{}", document(100, 777));
    let desk = Desk::new(&today);
    let change = apply(&desk, &[]).await.unwrap();
    assert_eq!(desk.text(), today.replace("100", "150"));
    assert!(change.preview.is_other_document);
}

#[tokio::test]
async fn a_person_releases_a_held_limit_by_naming_it() {
    let desk = Desk::new(&document(100, 500));
    let change = apply(&desk, &["/b"]).await.unwrap();
    assert_eq!(desk.text(), document(100, 400));
    assert_eq!(desk.diary()[0], "approve");
    let approval = desk.approvals.lock().unwrap()[0].clone();
    assert_eq!((approval.up_to, approval.by.as_str()), (400, "ann"));
    assert_eq!(change.revision.unwrap().by, "ann");
}

#[tokio::test]
async fn a_held_limit_without_a_number_is_refused_with_its_reason() {
    let (desk, mut plan) = (Desk::new(&document(100, 500)), plan());
    plan.limits[1].on_approval = None;
    let error = apply_plan(&desk.ports(), &order(&plan, &["/b"])).await.unwrap_err();
    assert!(matches!(error, ApplyError::Held { .. }) && error.to_string().ends_with("because"));
    assert!(matches!(
        apply_plan(&desk.ports(), &order(&plan, &["/c"])).await,
        Err(ApplyError::Unknown { .. })
    ));
    assert!(desk.diary().is_empty());
}

#[tokio::test]
async fn a_pause_stops_every_change_and_no_undo() {
    let pause = |until| Pause { by: "bob".to_owned(), why: "7".to_owned(), since: now(), until };
    let mut desk = Desk::new(&document(100, 500));
    desk.pause = Some(pause(None));
    refused(&desk, &[], "paused by bob: 7", &[]).await;
    desk.pause = Some(pause(Some(now())));
    let revision = apply(&desk, &[]).await.unwrap().revision.unwrap();
    desk.pause = Some(pause(None));
    let order = UndoOrder { revision: &revision, by: "ann".to_owned(), now: now() };
    undo_revision(&desk.ports(), &order).await.unwrap();
    assert_eq!(desk.text(), document(100, 500));
}

#[tokio::test]
async fn an_old_plan_is_stale() {
    let (desk, mut plan) = (Desk::new(&document(100, 500)), plan());
    plan.created = now().plus_millis(-86_400_001);
    let error = apply_plan(&desk.ports(), &order(&plan, &[])).await.unwrap_err();
    assert!(matches!(error, ApplyError::Old { .. }), "{error}");
    plan.created = now().plus_millis(-86_400_000);
    apply_plan(&desk.ports(), &order(&plan, &[])).await.unwrap();
}

#[tokio::test]
async fn whoever_comes_in_between_is_noticed() {
    let mut desk = Desk::new(&document(100, 500));
    desk.meddler = Some("domain: edge\ndescriptors: []\n");
    let error = apply(&desk, &[]).await.unwrap_err();
    let ApplyError::Write { source, .. } = error else { panic!("{error}") };
    assert_eq!(source.kind(), PortErrorKind::Conflict);
    assert_eq!(Some(desk.text().as_str()), desk.meddler);
    assert!(!desk.revisions.lock().unwrap()[0].written);
}

#[tokio::test]
async fn nothing_is_written_that_is_not_recorded_and_copied() {
    for (broken, diary) in
        [("record", vec![]), ("copy", vec!["record"]), ("replace", vec!["record", "copy"])]
    {
        let desk = Desk { broken: Some(broken), ..Desk::new(&document(100, 500)) };
        refused(&desk, &[], "cannot", &diary).await;
    }
    let desk = Desk { broken: Some("approve"), ..Desk::new(&document(100, 500)) };
    refused(&desk, &["/b"], "cannot record the change", &[]).await;
}

#[tokio::test]
async fn a_mark_that_fails_says_that_the_numbers_are_there() {
    let desk = Desk { broken: Some("mark"), ..Desk::new(&document(100, 500)) };
    let error = apply(&desk, &[]).await.unwrap_err();
    assert!(error.to_string().starts_with("the new limits are written"), "{error}");
    assert_eq!(desk.text(), document(150, 500));
}

/// As a kill does it: the work is dropped where it stands, and begun again later.
#[tokio::test]
async fn a_kill_between_record_and_write_leaves_the_old_numbers_and_a_second_try_works() {
    for stuck in ["copy", "replace"] {
        let mut desk = Desk { stuck: Some(stuck), ..Desk::new(&document(100, 500)) };
        tokio::select! {
            biased;
            done = apply(&desk, &[]) => panic!("{done:?}"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!((desk.text(), desk.revisions.lock().unwrap().len()), (document(100, 500), 1));
        desk.stuck = None;
        let (plan, later) = (plan(), now().plus_millis(1));
        let again = ApplyOrder { now: later, ..order(&plan, &[]) };
        apply_plan(&desk.ports(), &again).await.unwrap();
        assert_eq!(desk.text(), document(150, 500));
        let written: Vec<bool> =
            desk.revisions.lock().unwrap().iter().map(|it| it.written).collect();
        assert_eq!(written, [false, true]);
    }
}

#[tokio::test]
async fn a_plan_without_a_document_makes_one_for_an_empty_place() {
    let (desk, mut plan) = (Desk::default(), plan());
    plan.document = None;
    for limit in &mut plan.limits {
        (limit.current, limit.decision) = (None, Decision::Create);
    }
    let change = apply_plan(&desk.ports(), &order(&plan, &[])).await.unwrap();
    assert_eq!(desk.diary(), ["record", "replace", "mark"]);
    assert!(desk.text().contains("requests_per_unit: 150"));
    let revision = change.revision.unwrap();
    let undo = UndoOrder { revision: &revision, by: String::new(), now: now() };
    let error = undo_revision(&desk.ports(), &undo).await.unwrap_err();
    assert!(matches!(error, ApplyError::Created { .. }), "{error}");
}

#[tokio::test]
async fn a_new_limit_stands_beside_its_kin_and_stays_when_the_rest_is_undone() {
    let spread = |number: u32| {
        let limit = |path: &str, number: u32| {
            format!(
                "  - key: PATH\n    value: {path}\n    rate_limit:\n      unit: minute\n      \
                 requests_per_unit: {number}\n"
            )
        };
        format!("domain: edge\ndescriptors:\n{}{}", limit("/a", number), limit("/b", 500))
    };
    let (desk, mut plan) = (Desk::new(&spread(100)), plan());
    plan.limits.push(ReviewedLimit {
        key: key("/c"),
        current: None,
        decision: Decision::Create,
        ..plan.limits[0].clone()
    });
    let change = apply_plan(&desk.ports(), &order(&plan, &[])).await.unwrap();
    assert!(desk.text().starts_with(spread(150).trim_end()), "{}", desk.text());
    assert!(desk.text().contains("/c"), "{}", desk.text());
    let revision = change.revision.unwrap();
    let undo = UndoOrder { revision: &revision, by: String::new(), now: now().plus_millis(1) };
    let undone = undo_revision(&desk.ports(), &undo).await.unwrap();
    assert_eq!(undone.preview.kept, [key("/c")]);
    assert!(desk.text().starts_with(spread(100).trim_end()) && desk.text().contains("/c"));
}

#[tokio::test]
async fn a_freeze_holds_for_what_was_reviewed_before_it() {
    let event = Event {
        name: "black friday".to_owned(),
        selector: Selector { path: Some(Glob::new("/a")), ..Selector::default() },
        effect: Effect::Freeze,
        first: TimeSpan { start: now(), end: now().plus_millis(60_000) },
        recurrence: Recurrence::Once,
        zone: Zone::utc(),
    };
    let calendar = Calendar { events: vec![event] };
    let policy = Policy { calendar, ..Policy::default() };
    let (desk, plan) = (Desk::new(&document(100, 500)), plan());
    let frozen = ApplyOrder { policy: &policy, ..order(&plan, &[]) };
    let error = apply_plan(&desk.ports(), &frozen).await.unwrap_err();
    assert!(error.to_string().contains("frozen by `black friday`"), "{error}");
    assert!(desk.diary().is_empty());
    let other = ApplyOrder { policy: &policy, ..order(&plan, &["/b"]) };
    apply_plan(&desk.ports(), &other).await.unwrap();
}

#[tokio::test]
async fn the_numbers_beside_the_target_must_not_have_moved_either() {
    let (target, live) = (Desk::default(), Desk::new(&document(100, 500)));
    let ports = ApplyPorts { current: Some(&live), ..target.ports() };
    apply_plan(&ports, &order(&plan(), &[])).await.unwrap();
    assert_eq!((target.text(), live.text()), (document(150, 500), document(100, 500)));
    let (target, live) = (Desk::new(&document(100, 500)), Desk::new(&document(101, 500)));
    let ports = ApplyPorts { current: Some(&live), ..target.ports() };
    let error = apply_plan(&ports, &order(&plan(), &[])).await.unwrap_err();
    assert!(matches!(error, ApplyError::Stale { .. }), "{error}");
}

#[tokio::test]
async fn an_undo_restores_only_its_own_numbers_and_only_where_they_stand() {
    let desk = Desk::new(&document(100, 500));
    let revision = apply(&desk, &[]).await.unwrap().revision.unwrap();
    let order = UndoOrder { revision: &revision, by: "bob".to_owned(), now: now() };
    *desk.document.lock().unwrap() = Some(document(150, 777));
    let undone = undo_revision(&desk.ports(), &order).await.unwrap().revision.unwrap();
    assert_eq!((desk.text(), undone.by.as_str()), (document(100, 777), "bob"));
    assert_eq!(undone.origin, RevisionOrigin::Undo(revision.id.clone()));
    let again = undo_revision(&desk.ports(), &order).await.unwrap();
    assert_eq!(again.revision, None);
    *desk.document.lock().unwrap() = Some(document(160, 777));
    let error = undo_revision(&desk.ports(), &order).await.unwrap_err();
    assert!(matches!(error, ApplyError::Stale { .. }), "{error}");
}

#[tokio::test]
async fn undoing_again_and_again_walks_back() {
    let made = |id: &str, origin, written| Revision {
        id: RevisionId::stored(id),
        at: now(),
        origin,
        by: String::new(),
        place: String::new(),
        changes: Vec::new(),
        written,
    };
    let of_plan = || RevisionOrigin::Plan(RunId::stored("run"));
    let undo = |id: &str| RevisionOrigin::Undo(RevisionId::stored(id));
    let mut revisions = vec![made("1", of_plan(), true), made("2", of_plan(), true)];
    revisions.push(made("3", of_plan(), false));
    let latest = |revisions: &[Revision]| latest_to_undo(revisions).map(|it| it.id.to_string());
    assert_eq!(latest(&revisions).as_deref(), Some("2"));
    revisions.push(made("4", undo("2"), false));
    assert_eq!(latest(&revisions).as_deref(), Some("2"), "an undo that was not written is none");
    revisions.push(made("5", undo("2"), true));
    assert_eq!(latest(&revisions).as_deref(), Some("1"));
    revisions.push(made("6", undo("1"), true));
    assert_eq!(latest(&revisions), None);
}
