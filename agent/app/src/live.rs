//! `bulkhead run`: mirror ports in, incidents to the store and its sinks, until told to stop.
//!
//! Ports are opened first, while the judges are loaded, and the server's socket; then every right is given up (`confinement`),
//! and everything else happens without them.
//!
//! One thread owns the ports and the engine, with as many helpers as `shards` asks for, and never waits for anybody but the ports. It hands
//! incidents to the store before sinks see them. Signals, sinks and HTTP run on tokio and reach
//! the packet thread only through flags and a bounded channel.

use std::net::TcpListener;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use capture::{Clocks, Drops, Gather, Port, PortConfig, PortError, Ports, Suitability};
use engine::{Engine, Judges, Limits, Mode, PortReading, Reading, Settings};
use export::{Exporter, Probes, Server};
use model::{Counter, PortState, closest};
use store::{SignedPolicy, Store};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info, warn};

use crate::cli::Run;
use crate::clock::now;
use crate::config::{self, Config};
use crate::confinement::Confinement;
use crate::keeper::Keeper;
use crate::processors::Processors;
use crate::service::Service;
use crate::shared::Shared;
use crate::{Ending, certificates, judges, output, policies};

/// Within how long the kernel hands over what came: twice the age of a block.
const HANDED_OVER: Duration = Duration::from_millis(40);
/// How long a stopping sensor waits before it looks at its rings again.
const MOMENT: Duration = Duration::from_millis(5);
/// How long one look at the ports may wait for frames.
const WAIT: Duration = Duration::from_millis(20);
/// How long shards take frames before somebody looks how much is left in the rings.
const TOGETHER: Duration = Duration::from_millis(40);
/// How often incidents are stored, counters are published and drops are read.
const BEAT: Duration = Duration::from_secs(1);
/// How long the rings are read after the sensor was told to stop.
const DRAINED: Duration = Duration::from_secs(2);
/// How long sinks get to take the last incidents when the sensor stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// How old the newest beat of the packet thread may be for the sensor to be healthy.
const HEALTHY: Duration = Duration::from_secs(10);

/// Runs the command.
pub(crate) fn run(arguments: &Run) -> Result<Ending> {
    let config = match Config::load(&arguments.config) {
        Ok(config) => config,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    let load = || judges::load_trusted(&config.judges(), &config.trust());
    // the kernel takes as long to make a large ring as a large policy takes to be read
    let (loaded, ports) = match arguments.check_config {
        true => (load(), None),
        false => thread::scope(|scope| {
            let ports = scope.spawn(|| open_all(&config));
            let loaded = load();
            let ports = ports.join();
            (
                loaded,
                Some(ports.unwrap_or_else(|panic| resume_unwind(panic))),
            )
        }),
    };
    let (judges, signed) = match loaded? {
        Ok(loaded) => loaded,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    let Some(ports) = ports else {
        policies::weigh(
            signed.as_ref(),
            config.policy_site.as_deref(),
            &config.store,
        )?;
        output::print(&format!("{}: fine", arguments.config.display()))?;
        return Ok(Ending::Fine);
    };
    watch(config, ports?, judges, signed)?;
    Ok(Ending::Fine)
}

fn watch(
    config: Config,
    ports: Vec<Port>,
    judges: Judges,
    signed: Option<SignedPolicy>,
) -> Result<()> {
    let processors = config.processors();
    let listener = config.http.as_ref().map(Server::bind).transpose()?;
    let service = Service::of_this_process();
    let confinement = Confinement::enter(&config, &ports)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let confinement = confinement.seal(config.sandbox.require)?;
    let mut store = Store::open(&config.store)
        .with_context(|| format!("cannot open store `{}`", config.store.display()))?;
    policies::admit(
        signed.as_ref(),
        config.policy_site.as_deref(),
        &mut store,
        now(),
    )?;
    let store = Arc::new(Mutex::new(store));
    let shared = Arc::new(Shared::new(confinement.samples()));
    let exporter = runtime.block_on(Exporter::start(Arc::clone(&store), &config.sinks))?;
    let exporter = Arc::new(exporter);
    let server = runtime.block_on(serve(&config, listener, &shared, &exporter))?;
    let server = server.map(Arc::new);
    let stop = Arc::new(AtomicBool::new(false));
    let (orders, judges_to_come) = sync_channel(1);
    let listening = Listening {
        stop: Arc::clone(&stop),
        orders,
        config: config.clone(),
        shared: Arc::clone(&shared),
        exporter: Arc::clone(&exporter),
        server: server.clone(),
        store: Arc::clone(&store),
    };
    runtime.spawn(listening.run());
    let keeper = Keeper::start(store, Arc::clone(&exporter), Arc::clone(&shared))?;
    let engine = Engine::new(settings(&config, &judges), judges, None);
    let sensor = Sensor {
        gather: (engine.shards() > 1).then(|| Gather::new(engine.tagger())),
        engine,
        drops: vec![Drops::default(); ports.len()],
        states: vec![PortState::Up; ports.len()],
        ports: Ports::new(ports),
        begun: Instant::now(),
        has_frames: false,
        keeper,
        shared: Arc::clone(&shared),
    };
    let names: Vec<_> = config
        .interfaces
        .iter()
        .map(|port| port.name.as_str())
        .collect();
    info!("watching {}", names.join(", "));
    if let Some(service) = service {
        service.watch_over(&runtime, Arc::clone(&shared), HEALTHY);
    }
    // only now: threads that were started before run where they like
    if let Some(processors) = &processors {
        processors.pin()?;
        info!("the ports are read on CPUs {processors}");
    }
    let (ended, ports) = sensor.run(&stop, &judges_to_come);
    for left in runtime.block_on(exporter.stop(FAREWELL)) {
        let export::Left { sink, records } = left;
        warn!(
            "sink `{sink}` has not taken {records} record(s); they are sent after the next start"
        );
    }
    drop(server);
    runtime.shutdown_timeout(Duration::from_secs(1));
    drop(confinement);
    // only now: nothing may be written to the number of a socket that listened, whoever has it next
    drop(ports);
    info!("stopped");
    ended
}

fn settings(config: &Config, judges: &Judges) -> Settings {
    let site = judges
        .policy
        .as_ref()
        .map_or("unnamed site", |policy| policy.site());
    let shards = config.interfaces.iter().map(|port| port.shards as usize);
    Settings {
        site: site.to_owned(),
        sensor: config.sensor.clone(),
        limits: Limits::default(),
        mode: Mode::Judge,
        shards: shards.max().unwrap_or(1),
    }
}

/// Serves metrics and health, where the configuration asks for it.
async fn serve(
    config: &Config,
    listener: Option<TcpListener>,
    shared: &Arc<Shared>,
    exporter: &Arc<Exporter>,
) -> Result<Option<Server>> {
    let (Some(http), Some(listener)) = (&config.http, listener) else {
        return Ok(None);
    };
    let (figures, sinks) = (Arc::clone(shared), Arc::clone(exporter));
    let (health, readiness) = (Arc::clone(shared), Arc::clone(shared));
    let probes = Probes {
        samples: Arc::new(move || {
            let mut samples = figures.samples();
            samples.extend(sinks.samples());
            samples
        }),
        healthy: Arc::new(move || health.check(HEALTHY)),
        ready: Arc::new(move || readiness.ready(HEALTHY)),
    };
    let server = Server::start_on(listener, http, probes).await?;
    info!(
        "metrics at http{}://{}/metrics",
        if http.tls.is_some() { "s" } else { "" },
        server.address()
    );
    Ok(Some(server))
}

/// Opens the ports. Those that are not there are listened to when they come, as long as there is one to watch.
fn open_all(config: &Config) -> Result<Vec<Port>> {
    config
        .processors()
        .as_ref()
        .map_or(Ok(()), Processors::check)?;
    let configured = config.interfaces.iter().enumerate();
    let opened: Vec<_> = configured
        .map(|(source, port)| {
            let settings = settings_of(source, port, config.ring_mib(port));
            (Port::open_shared(&settings, port.shards), settings, port)
        })
        .collect();
    let there = opened
        .iter()
        .find_map(|(opened, settings, _)| opened.as_ref().ok().map(|_| settings.interface.clone()));
    let mut all = Vec::new();
    for (opened, settings, port) in opened {
        match (opened, &there) {
            (Err(absent @ PortError::Absent { .. }), Some(there)) => {
                warn!(
                    "{absent}{}; listening begins when it is there",
                    meant(&settings.interface, config)
                );
                all.extend(Port::open_later(&settings, there, port.shards)?);
            }
            (opened, _) => all.extend(opened?),
        }
        info!(
            "`{}` has a ring of {} MiB{}",
            port.name,
            settings.ring_bytes >> 20,
            shared_by(port.shards)
        );
    }
    Ok(all)
}

fn settings_of(source: usize, port: &config::Port, ring_mib: u32) -> PortConfig {
    PortConfig {
        ring_bytes: ring_mib.saturating_mul(1 << 20),
        snap_len: port.snap_len,
        filter: port.filter.clone(),
        promiscuous: port.promiscuous,
        source: u16::try_from(source).unwrap_or(u16::MAX),
        ..PortConfig::new(&port.name)
    }
}

fn shared_by(sockets: u32) -> String {
    match sockets {
        1 => String::new(),
        sockets => format!(", shared by {sockets} sockets"),
    }
}

/// The interface that a name may have been meant for: one that would do, and that nobody named.
fn meant(name: &str, config: &Config) -> String {
    let mut all = capture::interfaces();
    let is_named = |name: &str| config.interfaces.iter().any(|port| port.name == name);
    all.retain(|it| it.suitability() == Suitability::Suitable && !is_named(&it.name));
    closest(name, all.iter().map(|it| it.name.as_str()))
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// What each interface counted; sockets that share one count together.
fn readings<'p>(ports: &'p [Port], drops: &[Drops], states: &[PortState]) -> Vec<PortReading<'p>> {
    let mut readings: Vec<PortReading<'p>> = Vec::new();
    for (port, (drops, state)) in ports.iter().zip(drops.iter().zip(states)) {
        let reading = PortReading {
            name: port.interface(),
            state: *state,
            frames: port.frames(),
            kernel_drops: drops.kernel,
            interface_drops: drops.interface,
        };
        match readings.last_mut() {
            Some(last) if last.name == reading.name => {
                last.frames += reading.frames;
                last.kernel_drops += reading.kernel_drops;
            }
            _ => readings.push(reading),
        }
    }
    readings
}

/// Which ports are down, in a sentence.
fn trouble(ports: &[PortReading<'_>]) -> Option<String> {
    let down = ports.iter().filter(|port| port.state != PortState::Up);
    let down: Vec<_> = down
        .map(|port| format!("`{}` {}", port.name, port.state))
        .collect();
    (!down.is_empty()).then(|| down.join(", "))
}

/// The packet thread: everything between the ports and the store.
struct Sensor {
    engine: Engine,
    /// Where frames come together for several shards.
    gather: Option<Gather>,
    ports: Ports,
    /// What each port lost, as it told last.
    drops: Vec<Drops>,
    /// What each port's interface was when it was looked at last.
    states: Vec<PortState>,
    begun: Instant,
    /// Whether a frame has come.
    has_frames: bool,
    keeper: Keeper,
    shared: Arc<Shared>,
}

impl Sensor {
    /// Watches until told to stop, or until a port is gone; either way what was found is on disk
    /// when it returns. The ports are still open then.
    fn run(mut self, stop: &AtomicBool, orders: &Receiver<Judges>) -> (Result<()>, Ports) {
        let watched = self.watch(stop, orders);
        let drained = self.drain();
        let ended = watched.and(drained);
        self.engine.finish();
        self.beat(true);
        (self.keeper.finish().and(ended), self.ports)
    }

    fn watch(&mut self, stop: &AtomicBool, orders: &Receiver<Judges>) -> Result<()> {
        self.look()?;
        self.beat(false);
        let mut last_beat = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            if let Ok(judges) = orders.try_recv() {
                self.engine.replace(judges);
                info!("judging by the new policy and rules");
            }
            self.poll(WAIT)?;
            let is_time = last_beat.elapsed() >= BEAT;
            // one that is there anew brings nothing until it was looked at
            if is_time || self.states.contains(&PortState::Gone) {
                self.look()?;
            }
            if is_time {
                last_beat = Instant::now();
                self.beat(false);
            }
        }
        Ok(())
    }

    /// Takes what the ports have, and tells the engine how much is left there.
    fn poll(&mut self, wait: Duration) -> Result<()> {
        let Self {
            engine,
            ports,
            gather,
            begun,
            ..
        } = self;
        let shown = match gather {
            Some(gather) => take_together(engine, ports, gather, wait)?,
            None => ports.dispatch(wait, &now, &mut |frame| engine.frame(&frame))?,
        };
        engine.filled(ports.fill_percent(Clocks {
            now: now(),
            steady: begun.elapsed(),
        })?);
        if shown > 0 && !self.has_frames {
            self.has_frames = true;
            info!("the first frames are judged");
        }
        Ok(())
    }

    /// Takes what is still in the rings, and what the kernel has yet to hand over, for a while: a flood fills them as fast as they
    /// are read.
    fn drain(&mut self) -> Result<()> {
        let begun = Instant::now();
        let Self { engine, ports, .. } = self;
        loop {
            let shown = ports.drain(&mut |frame| engine.frame(&frame))?;
            let lasted = begun.elapsed();
            if lasted > DRAINED {
                warn!("stopping although frames still come: the last of them are not judged");
                return Ok(());
            }
            match shown {
                0 if lasted >= HANDED_OVER => return Ok(()),
                0 => thread::sleep(MOMENT),
                _ => {}
            }
        }
    }

    /// Looks at the ports' interfaces; what became of one is said once.
    fn look(&mut self) -> Result<()> {
        for (port, known) in self.ports.ports_mut().iter_mut().zip(&mut self.states) {
            let state = port.look()?;
            if state != *known && state == PortState::Up {
                info!("`{}` is up again", port.interface());
            } else if state != *known {
                warn!("`{}` {state}", port.interface());
            }
            *known = state;
        }
        Ok(())
    }

    /// Hands over what changed, and publishes counters and that this thread is alive.
    fn beat(&mut self, last: bool) {
        self.read_drops();
        let ports = readings(self.ports.ports(), &self.drops, &self.states);
        self.engine.beat(&Reading {
            now: now(),
            steady: self.begun.elapsed(),
            ports: &ports,
        });
        self.keeper.keep(self.engine.changed(last));
        self.keeper.refresh(|| self.engine.grown());
        self.shared.publish(self.engine.samples(), trouble(&ports));
    }

    fn read_drops(&mut self) {
        for (port, known) in self.ports.ports_mut().iter_mut().zip(&mut self.drops) {
            match port.drops() {
                Ok(drops) => *known = drops,
                Err(problem) => warn!("drops cannot be read: {problem}"),
            }
        }
    }
}

/// Takes what the ports have as several shards do, and tells how many frames: one of their threads takes some out of the rings while
/// the others judge. A flood leaves time for other things.
fn take_together(
    engine: &mut Engine,
    ports: &mut Ports,
    gather: &mut Gather,
    wait: Duration,
) -> Result<usize> {
    let (mut wait, mut shown, mut failed) = (Some(wait), 0, None);
    let begun = Instant::now();
    engine.batches(|| {
        let wait = match wait.take() {
            Some(wait) => wait,
            None if failed.is_some() || begun.elapsed() > TOGETHER => return None,
            None => Duration::ZERO,
        };
        let gathered = ports.gather(wait, &now, gather);
        let batch = gathered.unwrap_or_else(|problem| {
            failed = Some(problem);
            // what came before it
            gather.take()
        })?;
        shown += batch.len();
        Some(batch)
    });
    failed.map_or(Ok(shown), |problem| Err(problem.into()))
}

/// Who waits for signals: SIGTERM and SIGINT stop the sensor, SIGHUP reloads its judges, reads certificates again and
/// opens files of sinks anew.
struct Listening {
    stop: Arc<AtomicBool>,
    orders: SyncSender<Judges>,
    config: Config,
    shared: Arc<Shared>,
    exporter: Arc<Exporter>,
    server: Option<Arc<Server>>,
    store: Arc<Mutex<Store>>,
}

impl Listening {
    async fn run(self) {
        if let Err(problem) = self.wait().await {
            error!("cannot listen for signals: {problem}");
        }
        info!("stopping");
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Waits until the sensor is to stop.
    async fn wait(&self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        loop {
            tokio::select! {
                _ = terminate.recv() => return Ok(()),
                _ = interrupt.recv() => return Ok(()),
                _ = hangup.recv() => tokio::task::block_in_place(|| self.reload()),
            }
        }
    }

    /// Loads policy, rules and baseline again; what is wrong with them is said, and the old stay.
    fn reload(&self) {
        let renewed = certificates::renew(&self.config, &self.exporter, self.server.as_deref());
        if let Some(result) = renewed {
            self.shared.count_reload(result);
        }
        self.exporter.reopen();
        let problems = match self.load() {
            Ok(judges) => return self.order(judges),
            Err(problems) => problems,
        };
        for problem in &problems {
            warn!("{problem}");
        }
        warn!(
            "reload refused, {} problem(s): the old policy and rules stay",
            problems.len()
        );
        self.shared.count_reload(Counter::ReloadsRefused);
    }

    /// The judges, where the policy may judge: signed where it must be, and none that is older.
    fn load(&self) -> Result<Judges, Vec<String>> {
        let whole = |problem: anyhow::Error| vec![format!("{problem:#}")];
        let loaded = judges::load_trusted(&self.config.judges(), &self.config.trust());
        let (judges, signed) = loaded
            .map_err(whole)?
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let site = self.config.policy_site.as_deref();
        policies::admit(signed.as_ref(), site, &mut store, now()).map_err(whole)?;
        Ok(judges)
    }

    fn order(&self, judges: Judges) {
        let version = judges
            .policy
            .as_ref()
            .map_or("none", |policy| policy.version())
            .to_owned();
        if self.orders.send(judges).is_ok() {
            info!("reloaded: policy version {version}");
            self.shared.count_reload(Counter::ReloadsDone);
        }
    }
}
