//! What the process runs: one short function per command.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use tidewright_engine::EngineError;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{Arguments, Command, ConfigCommand, LimitsCommand};
use crate::command::{backtest, config, detect, doctor, forecast, init, limits, run};
use crate::exit;

/// After a first Ctrl-C, work that has not ended by itself is dropped; files are whole at any moment.
const GRACE: Duration = Duration::from_secs(2);

/// Runs the command of this process's arguments.
pub fn main() -> ExitCode {
    match dispatch(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error),
    }
}

fn dispatch(command: Command) -> Result<()> {
    match command {
        Command::Init(arguments) => stoppable(|_| init::init(arguments)),
        Command::Run(arguments) => stoppable(|stop| run::run(arguments, stop)),
        Command::Limits(command) => dispatch_limits(command),
        Command::Forecast(arguments) => stoppable(|stop| forecast::forecast(*arguments, stop)),
        Command::Backtest(arguments) => stoppable(|stop| backtest::backtest(arguments, stop)),
        Command::Detect(arguments) => stoppable(|stop| detect::detect(*arguments, stop)),
        Command::Doctor(arguments) => stoppable(|_| doctor::doctor(arguments)),
        Command::Config(ConfigCommand::Check(arguments)) => config::check(&arguments),
        Command::Config(ConfigCommand::Show(arguments)) => config::show(&arguments),
        Command::Config(ConfigCommand::Reference) => config::reference(),
    }
}

fn dispatch_limits(command: LimitsCommand) -> Result<()> {
    match command {
        LimitsCommand::Plan(arguments) => stoppable(|stop| run::plan(arguments, stop)),
        LimitsCommand::Show(arguments) => limits::show(&arguments),
        LimitsCommand::Explain(arguments) => stoppable(|_| limits::explain(arguments)),
        LimitsCommand::Replay(arguments) => stoppable(|_| limits::replay(arguments)),
        LimitsCommand::Check(arguments) => stoppable(|stop| limits::check(arguments, stop)),
        LimitsCommand::Diff(arguments) => stoppable(|_| limits::diff(arguments)),
        LimitsCommand::Apply(arguments) => stoppable(|_| limits::apply(arguments)),
        LimitsCommand::Approve(arguments) => stoppable(|_| limits::approve(arguments)),
        LimitsCommand::Pause(arguments) => stoppable(|_| limits::pause(arguments)),
        LimitsCommand::Resume(arguments) => stoppable(|_| limits::resume(arguments)),
        LimitsCommand::History(arguments) => stoppable(|_| limits::history(arguments)),
        LimitsCommand::Rollback(arguments) => stoppable(|_| limits::rollback(arguments)),
    }
}

/// Runs `work` until it ends or somebody stops it: the flag first, then the axe.
///
/// The work has a task of its own: it may compute for long without a pause, and whoever watches must not wait for it.
fn stoppable<F: Future<Output = Result<()>> + Send + 'static>(
    work: impl FnOnce(Arc<AtomicBool>) -> F,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stop = Arc::new(AtomicBool::new(false));
    let result = runtime.block_on(async {
        let interrupted = interrupted(&stop)?;
        tokio::select! {
            result = tokio::spawn(work(Arc::clone(&stop))) => result?,
            () = interrupted => Err(EngineError::Cancelled.into()),
        }
    });
    // A task that still waits for the network must not keep the process.
    runtime.shutdown_background();
    result
}

/// Listens from now on; ends some time after the flag is set.
fn interrupted(stop: &AtomicBool) -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.store(true, Ordering::Relaxed);
        tokio::time::sleep(GRACE).await;
    })
}
