//! A world in memory: demand, a document and what earlier runs left, behind the ports that the engine knows.
//!
//! The rule: the engine decides here exactly as it does for people, by the same function. Nothing is written but the
//! record of the run, and that only in memory.

use std::sync::{Mutex, PoisonError};

use tidewright_core::{
    Applied, Approval, Clock, DemandFrame, DemandMethod, DemandRequest, Frame, Grid, LimitTarget,
    MetricSource, Mode, Pause, PlanMemory, Policy, PortError, PortErrorKind, PortFuture, Progress,
    RunId, RunRecord, Signals, Silent, Store, Timestamp,
};
use tidewright_engine::{DocumentPlace, Order, Planned, Ports, run_limits};
use tidewright_limiter::ObjectName;
use tokio::runtime::{Builder, Runtime};

use crate::error::LabError;

/// The limiter's domain of every world.
pub const DOMAIN: &str = "edge";

/// What the engine sees.
#[derive(Debug)]
pub struct World {
    /// As of when.
    pub at: Timestamp,
    /// All demand there is, in minutes; what is asked for beyond it is a gap.
    pub demand: Frame,
    /// Whether requests that the limiter rejected are in it.
    pub includes_rejected: bool,
    /// What else is known of the same minutes.
    pub signals: Signals,
    /// The document with the current limits, if there is one.
    pub document: Option<Vec<u8>>,
    memory: Mutex<PlanMemory>,
}

/// Where worlds are decided in: the engine's road from ports to decisions.
#[derive(Debug)]
pub struct Lab {
    runtime: Runtime,
}

impl World {
    /// A world with this demand.
    pub fn new(at: Timestamp, demand: Frame) -> Self {
        Self {
            at,
            demand,
            includes_rejected: true,
            signals: Signals::default(),
            document: None,
            memory: Mutex::default(),
        }
    }

    /// The same world with what earlier runs left.
    #[must_use]
    pub fn with_memory(self, memory: PlanMemory) -> Self {
        Self { memory: Mutex::new(memory), ..self }
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, PlanMemory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of `frame` on `grid`, which has the same step.
fn cut(frame: &Frame, grid: Grid) -> Frame {
    let from =
        (grid.start().as_millis() - frame.grid().start().as_millis()).div_euclid(grid.step_ms());
    let columns = (0..frame.keys().len()).map(|column| frame.column(column));
    let values = columns.flat_map(|known| {
        (0..grid.len() as i64).map(move |index| {
            let at = usize::try_from(from + index).ok();
            at.and_then(|at| known.get(at)).copied().unwrap_or(f64::NAN)
        })
    });
    Frame::new(grid, frame.keys().to_vec(), values.collect())
        .expect("as many values as keys and windows, taken from a frame")
}

impl Lab {
    /// A laboratory.
    ///
    /// # Errors
    /// [`LabError::Threads`] if the system gives no threads.
    pub fn new() -> Result<Self, LabError> {
        let runtime = Builder::new_multi_thread().worker_threads(1).build();
        Ok(Self { runtime: runtime.map_err(LabError::Threads)? })
    }

    /// What the engine decides in this world.
    ///
    /// # Errors
    /// [`LabError::Engine`] if it cannot.
    pub fn decide(&self, world: &World, policy: Policy) -> Result<Planned, LabError> {
        let ports = Ports {
            source: world,
            current: world.document.is_some().then_some(world as &dyn LimitTarget),
            output: None,
            store: world,
            clock: world,
            progress: &Silent,
        };
        let object = ObjectName::new("ratelimit-config", "istio-system")
            .expect("both names are what Kubernetes allows");
        let place = DocumentPlace { object, domain: DOMAIN.to_owned() };
        let order = Order { at: world.at, mode: Mode::Testing, policy, place, add_missing: false };
        let run = self.runtime.handle().clone();
        let task = async { run_limits(&ports, &order).await };
        run.block_on(task).map(|outcome| outcome.planned).map_err(LabError::Engine)
    }
}

impl MetricSource for World {
    fn describe(&self) -> String {
        "a world in memory".to_owned()
    }

    fn fetch_demand<'a>(
        &'a self,
        request: &'a DemandRequest,
        _progress: &'a dyn Progress,
    ) -> PortFuture<'a, DemandFrame> {
        Box::pin(async move {
            let refused = |cause| {
                PortError::new(PortErrorKind::Refused, "cannot cut the world").caused_by(cause)
            };
            let grid = Grid::windows(request.span, request.window_ms).map_err(refused)?;
            Ok(DemandFrame {
                frame: cut(&self.demand, grid),
                method: DemandMethod::Synthetic,
                method_note: "from memory".to_owned(),
                scrape_interval_ms: None,
                warnings: Vec::new(),
                includes_rejected: self.includes_rejected,
                signals: self
                    .signals
                    .iter()
                    .fold(Signals::default(), |cutting, (signal, frame)| {
                        cutting.with(signal, cut(frame, grid))
                    }),
            })
        })
    }
}

impl LimitTarget for World {
    fn describe(&self) -> String {
        "memory".to_owned()
    }

    fn load(&self) -> PortFuture<'_, Option<Vec<u8>>> {
        Box::pin(async { Ok(self.document.clone()) })
    }

    fn apply<'a>(&'a self, _document: &'a [u8]) -> PortFuture<'a, Applied> {
        Box::pin(async {
            let refused = PortError::new(PortErrorKind::Refused, "cannot write to this world");
            Err(refused)
        })
    }
}

impl Store for World {
    fn save_run<'a>(&'a self, _run: &'a RunRecord) -> PortFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn load_memory<'a>(&'a self, _place: &'a str) -> PortFuture<'a, PlanMemory> {
        Box::pin(async { Ok(self.remembered().clone()) })
    }

    fn save_memory<'a>(&'a self, _place: &'a str, memory: &'a PlanMemory) -> PortFuture<'a, ()> {
        Box::pin(async {
            let mut known = self.remembered();
            (known.first_seen, known.limits) = (memory.first_seen, memory.limits.clone());
            Ok(())
        })
    }

    fn save_approval<'a>(&'a self, _place: &'a str, approval: &'a Approval) -> PortFuture<'a, ()> {
        Box::pin(async {
            self.remembered().approvals.push(approval.clone());
            Ok(())
        })
    }

    fn save_pause<'a>(&'a self, pause: Option<&'a Pause>) -> PortFuture<'a, ()> {
        Box::pin(async move {
            self.remembered().pause = pause.cloned();
            Ok(())
        })
    }

    fn load_latest_run(&self) -> PortFuture<'_, Option<RunRecord>> {
        Box::pin(async { Ok(None) })
    }

    fn load_run<'a>(&'a self, _id: &'a RunId) -> PortFuture<'a, Option<RunRecord>> {
        Box::pin(async { Ok(None) })
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.at
    }
}
