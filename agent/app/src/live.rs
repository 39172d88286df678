//! `bulkhead run`: mirror ports in, incidents to the store and its sinks, until told to stop.
//!
//! One thread owns the ports and the engine and never waits for anybody but the ports. It hands
//! incidents to the store before sinks see them. Signals, sinks and HTTP run on tokio and reach
//! the packet thread only through flags and a bounded channel.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, anyhow};
use capture::{Port, PortConfig};
use engine::{Engine, Judges, Limits, Mode, Settings};
use export::Exporter;
use model::{Counter, Incident, Timestamp};
use store::Store;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info, warn};

use crate::cli::Run;
use crate::config::Config;
use crate::shared::Shared;
use crate::{Ending, judges, output};

/// How long one look at the ports may wait for frames.
const WAIT: Duration = Duration::from_millis(20);
/// How often incidents are stored, counters are published and drops are read.
const BEAT: Duration = Duration::from_secs(1);
/// How long sinks get to take the last incidents when the sensor stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// How old the newest beat of the packet thread may be for the sensor to be healthy.
pub(crate) const HEALTHY: Duration = Duration::from_secs(10);

/// Runs the command.
pub(crate) fn run(arguments: &Run) -> Result<Ending> {
    let config = match Config::load(&arguments.config) {
        Ok(config) => config,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    let judges = match judges::load(&config.judges())? {
        Ok(judges) => judges,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    if arguments.check_config {
        output::print(&format!("{}: fine", arguments.config.display()))?;
        return Ok(Ending::Fine);
    }
    watch(config, judges)?;
    Ok(Ending::Fine)
}

fn watch(config: Config, judges: Judges) -> Result<()> {
    let ports = config.interfaces.iter().map(open).collect::<Result<Vec<_>>>()?;
    let store = Store::open(&config.store)
        .with_context(|| format!("cannot open store `{}`", config.store.display()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let shared = Arc::new(Shared::new());
    let exporter = start_exporter(&runtime, &config, &shared)?;
    let stop = Arc::new(AtomicBool::new(false));
    let (reloads, orders) = sync_channel(1);
    runtime.spawn(listen(Arc::clone(&stop), reloads, config.clone(), Arc::clone(&shared)));
    let site = judges.policy.as_ref().map_or("unnamed site", |policy| policy.site()).to_owned();
    let settings = Settings {
        site,
        sensor: config.sensor.clone(),
        limits: Limits::default(),
        mode: Mode::Judge,
    };
    let sensor = Sensor {
        engine: Engine::new(settings, judges, None),
        ports,
        store,
        shared: Arc::clone(&shared),
        unstored: Vec::new(),
    };
    let names: Vec<_> = config.interfaces.iter().map(|port| port.name.as_str()).collect();
    info!("watching {}", names.join(", "));
    let ended = sensor.run(&stop, &orders);
    runtime.block_on(exporter.stop(FAREWELL));
    runtime.shutdown_timeout(Duration::from_secs(1));
    info!("stopped");
    ended
}

fn open(port: &crate::config::Port) -> Result<Port> {
    let config = PortConfig {
        interface: port.name.clone(),
        ring_bytes: port.ring_mib << 20,
        filter: port.filter.clone(),
        promiscuous: port.promiscuous,
        ..PortConfig::default()
    };
    Port::open(&config).map_err(|error| anyhow!("{error}"))
}

/// The packet thread: everything between the ports and the store.
struct Sensor {
    engine: Engine,
    ports: Vec<Port>,
    store: Store,
    shared: Arc<Shared>,
    // INVARIANT: at most `UNSTORED_LIMIT`.
    unstored: Vec<Incident>,
}

/// How many incidents wait in memory while the store cannot be written.
const UNSTORED_LIMIT: usize = 10_000;

impl Sensor {
    fn run(mut self, stop: &AtomicBool, orders: &Receiver<Judges>) -> Result<()> {
        let mut last_beat = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            if let Ok(judges) = orders.try_recv() {
                self.engine.replace(judges);
                info!("judging by the new policy and rules");
            }
            self.poll(WAIT)?;
            if last_beat.elapsed() >= BEAT {
                last_beat = Instant::now();
                self.engine.advance(now());
                self.beat(false);
            }
        }
        self.drain()?;
        self.engine.finish();
        self.beat(true);
        self.farewell()
    }

    /// Takes what the ports have; the first may wait for it.
    fn poll(&mut self, wait: Duration) -> Result<usize> {
        let share = wait / u32::try_from(self.ports.len()).unwrap_or(1).max(1);
        let mut frames = 0;
        for port in &mut self.ports {
            let engine = &mut self.engine;
            frames += port
                .dispatch(share, &mut |frame| engine.frame(&frame))
                .map_err(|error| anyhow!("{error}"))?;
        }
        Ok(frames)
    }

    /// Takes what is still in the rings.
    fn drain(&mut self) -> Result<()> {
        while self.poll(Duration::ZERO)? > 0 {}
        Ok(())
    }

    /// Stores what changed, and publishes counters and that this thread is alive.
    fn beat(&mut self, last: bool) {
        let (mut kernel, mut interface) = (0, 0);
        for port in &mut self.ports {
            let drops = port.drops();
            kernel += drops.kernel;
            interface += drops.interface;
        }
        self.engine.set_drops(kernel, interface);
        self.unstored.extend(self.engine.changed(last));
        self.keep();
        self.shared.publish(self.engine.samples());
    }

    /// Hands incidents to the store; what it cannot take now is tried again.
    fn keep(&mut self) {
        if self.unstored.is_empty() {
            return;
        }
        match self.store.record(&self.unstored) {
            Ok(_) => self.unstored.clear(),
            Err(problem) => {
                error!("incidents cannot be stored, will try again: {problem}");
                let surplus = self.unstored.len().saturating_sub(UNSTORED_LIMIT);
                if surplus > 0 {
                    error!("{surplus} incident records are lost: memory for them is full");
                    self.unstored.drain(..surplus);
                }
            }
        }
    }

    fn farewell(self) -> Result<()> {
        if self.unstored.is_empty() {
            return Ok(());
        }
        Err(anyhow!("{} incident records could not be stored", self.unstored.len()))
    }
}

/// The machine's clock, as capture time.
fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}

/// Waits for signals: SIGTERM and SIGINT stop the sensor, SIGHUP reloads its judges.
async fn listen(
    stop: Arc<AtomicBool>,
    orders: SyncSender<Judges>,
    config: Config,
    shared: Arc<Shared>,
) {
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    );
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) = signals else {
        error!("cannot listen for signals; stopping");
        stop.store(true, Ordering::Relaxed);
        return;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => {
                let (config, orders, shared) = (config.clone(), orders.clone(), Arc::clone(&shared));
                let _ = tokio::task::spawn_blocking(move || reload(&config, &orders, &shared)).await;
            }
        }
    }
    info!("stopping");
    stop.store(true, Ordering::Relaxed);
}

/// Loads policy, rules and baseline again; what is wrong with them is said, and the old ones stay.
fn reload(config: &Config, orders: &SyncSender<Judges>, shared: &Shared) {
    let problems: Vec<String> = match judges::load(&config.judges()) {
        Ok(Ok(judges)) => {
            let version = judges.policy.as_ref().map_or("none", |policy| policy.version()).to_owned();
            if orders.send(judges).is_ok() {
                info!("reloaded: policy version {version}");
                shared.count_reload(Counter::ReloadsDone);
            }
            return;
        }
        Ok(Err(problems)) => problems.iter().map(ToString::to_string).collect(),
        Err(problem) => vec![format!("{problem:#}")],
    };
    for problem in &problems {
        warn!("{problem}");
    }
    warn!("reload refused: {} problem(s); the old policy and rules stay", problems.len());
    shared.count_reload(Counter::ReloadsRefused);
}
