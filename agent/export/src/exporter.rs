//! All sinks together: started, watched, stopped.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{Metric, Sample};
use store::{Store, StoreError};
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout_at};

use crate::backoff::Backoff;
use crate::config::{Destination, SinkPlan, TlsPlan, certificates, plans};
use crate::drain::{Counts, Drain, Signal};
use crate::file::FileSink;
use crate::syslog::{StreamSink, UdpSink};
use crate::{ConfigProblem, Sink, SinkConfig, StartError};

/// The running sinks. Clones are handles of the same ones.
#[derive(Clone)]
pub struct Exporter(Arc<Running>);

struct Running {
    store: Arc<Mutex<Store>>,
    signals: watch::Sender<Signal>,
    sinks: Vec<(Arc<str>, Arc<Counts>)>,
    /// What the sinks with certificates connect by.
    certificates: Vec<(Arc<str>, watch::Sender<TlsPlan>)>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// What a sink had not taken when export was stopped. It is still in the outbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Left {
    /// The sink.
    pub sink: String,
    /// How many records.
    pub records: u64,
}

impl Exporter {
    /// Starts a task per sink on the current runtime. Sinks that the store knows and the
    /// configuration does not are forgotten, so that they hold nothing back.
    ///
    /// # Errors
    /// When the configuration is wrong or the store cannot be written.
    pub async fn start(store: Arc<Mutex<Store>>, sinks: &[SinkConfig]) -> Result<Self, StartError> {
        let plans = plans(sinks).map_err(StartError::Config)?;
        let names = plans.iter().map(|plan| plan.name.clone()).collect();
        let shared = Arc::clone(&store);
        let enrolled = spawn_blocking(move || enrol(&mut lock(&shared), names));
        enrolled.await.unwrap_or(Ok(()))?;
        let (signals, _) = watch::channel(Signal::default());
        let mut running = Running {
            store,
            signals,
            sinks: Vec::new(),
            certificates: Vec::new(),
            tasks: Mutex::default(),
        };
        for plan in plans {
            running.spawn(plan);
        }
        Ok(Self(Arc::new(running)))
    }

    /// Says that there are new records in the outbox; without it they are found within half a second.
    pub fn wake(&self) {
        self.0.signals.send_modify(|signal| signal.wakes += 1);
    }

    /// Opens files anew, as after a rotation. Connections that rest are made anew too.
    pub fn reopen(&self) {
        self.0.signals.send_modify(|signal| signal.reopens += 1);
    }

    /// Reads the certificates of `sinks` again, those that export was started with. Connections that are made from now
    /// on use them; call [`reopen`](Self::reopen) for those that rest. Whether there are any.
    ///
    /// # Errors
    /// Everything that is wrong with them. The old ones stay, of every sink.
    pub fn renew(&self, sinks: &[SinkConfig]) -> Result<bool, Vec<ConfigProblem>> {
        for (name, tls) in certificates(sinks)? {
            let known = self.0.certificates.iter();
            for (_, newest) in known.filter(|(known, _)| **known == *name) {
                newest.send_replace(tls.clone());
            }
        }
        Ok(!self.0.certificates.is_empty())
    }

    /// The figures of every sink. Reads the store: call it where blocking is allowed.
    pub fn samples(&self) -> Vec<Sample> {
        let store = lock(&self.0.store);
        let sinks = self.0.sinks.iter();
        let mut samples: Vec<Sample> = sinks
            .flat_map(|(name, counts)| sink_samples(&store, name, counts))
            .collect();
        samples.extend(store.evicted().ok().map(|records| Sample {
            metric: Metric::OutboxEvicted,
            labels: Vec::new(),
            value: records as f64,
        }));
        samples
    }

    /// Hands over what is in the outbox, closes every sink in order, and says what is left after
    /// `deadline` at the latest. What is left is on disk and goes out after the next start.
    pub async fn stop(&self, deadline: Duration) -> Vec<Left> {
        self.0.signals.send_modify(|signal| signal.stopping = true);
        let end = Instant::now() + deadline;
        let tasks = std::mem::take(&mut *lock(&self.0.tasks));
        for mut task in tasks {
            if timeout_at(end, &mut task).await.is_err() {
                task.abort();
            }
        }
        let handle = self.clone();
        spawn_blocking(move || handle.left())
            .await
            .unwrap_or_default()
    }

    fn left(&self) -> Vec<Left> {
        let store = lock(&self.0.store);
        let left = |name: &Arc<str>| Left {
            sink: name.to_string(),
            records: store.outbox_len(name).unwrap_or(0),
        };
        let all = self.0.sinks.iter().map(|(name, _)| left(name));
        all.filter(|left| left.records > 0).collect()
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.sinks.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

impl Running {
    fn spawn(&mut self, plan: SinkPlan) {
        let name = Arc::from(plan.name.as_str());
        match plan.destination {
            Destination::File(path) => self.drain(name, plan.retry_cap, FileSink::new(path)),
            Destination::Udp(to) => self.drain(name, plan.retry_cap, UdpSink::new(to)),
            Destination::Stream(to, tls) => {
                let tls = tls.map(|tls| self.enlist(&name, tls));
                self.drain(name, plan.retry_cap, StreamSink::new(to, tls));
            }
        }
    }

    /// Keeps a sink's certificates where they can be renewed.
    fn enlist(&mut self, name: &Arc<str>, tls: TlsPlan) -> watch::Receiver<TlsPlan> {
        let (newest, seen) = watch::channel(tls);
        self.certificates.push((Arc::clone(name), newest));
        seen
    }

    fn drain(&mut self, name: Arc<str>, retry_cap: Duration, sink: impl Sink) {
        let counts = Arc::<Counts>::default();
        self.sinks.push((Arc::clone(&name), Arc::clone(&counts)));
        let drain = Drain {
            name,
            sink,
            store: Arc::clone(&self.store),
            counts,
            signals: self.signals.subscribe(),
            backoff: Backoff::new(retry_cap),
            under_way: Default::default(),
            reopens: 0,
        };
        lock(&self.tasks).push(tokio::spawn(drain.run()));
    }
}

fn enrol(store: &mut Store, names: Vec<String>) -> Result<(), StoreError> {
    for known in store.sinks()? {
        if !names.contains(&known) {
            let owed = store.forget_sink(&known)?;
            tracing::info!(
                sink = known,
                owed,
                "sink is no longer configured and was forgotten"
            );
        }
    }
    names.iter().try_for_each(|name| store.register_sink(name))
}

fn sink_samples(store: &Store, name: &str, counts: &Counts) -> [Sample; 3] {
    let sample = |metric, value: u64| Sample {
        metric,
        labels: vec![name.to_owned()],
        value: value as f64,
    };
    [
        sample(Metric::Outbox, store.outbox_len(name).unwrap_or(0)),
        sample(Metric::Sent, counts.sent.load(Ordering::Relaxed)),
        sample(Metric::SendErrors, counts.errors.load(Ordering::Relaxed)),
    ]
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
