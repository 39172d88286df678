//! Hands incidents to the store, away from the packet thread.
//!
//! A write to disk may take as long as it likes; the packet thread only passes a list through a
//! bounded channel. What the store cannot take is tried again, and what cannot be kept in memory
//! either is counted and said: nothing is lost in silence. What incidents came to in the meantime is brought up to date
//! where the store keeps up; where it does not, they are told of in the end.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use export::Exporter;
use model::Incident;
use store::Store;
use tracing::{error, info, warn};

/// How many lists of changed incidents wait for the store.
const WAITING: usize = 16;
/// How many incident records wait in memory, on either side of the channel.
const RECORDS: usize = 10_000;
/// How long after a failure the store is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// What the packet thread hands over.
enum List {
    /// Incidents to be kept, and told to sinks.
    Changed(Vec<Incident>),
    /// Incidents that are to be kept as they are now.
    Grown(Vec<Incident>),
}

/// The packet thread's end of the way to the store.
pub(crate) struct Keeper {
    lists: SyncSender<List>,
    // INVARIANT: at most `RECORDS`.
    unsent: Vec<Incident>,
    thread: JoinHandle<usize>,
}

impl Keeper {
    /// Starts the thread that writes; it wakes the sinks when there is something for them, and at once for what a sensor that
    /// was killed could not tell them.
    ///
    /// # Errors
    ///
    /// When the machine gives no thread.
    pub(crate) fn start(store: Arc<Mutex<Store>>, exporter: Arc<Exporter>) -> Result<Self> {
        let (lists, to_keep) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || {
                catch_up(&store, &exporter);
                write(&to_keep, &store, &exporter)
            })
            .context("cannot start the thread that writes incidents")?;
        Ok(Self {
            lists,
            unsent: Vec::new(),
            thread,
        })
    }

    /// Passes incidents on; never waits.
    pub(crate) fn keep(&mut self, changed: Vec<Incident>) {
        self.unsent.extend(changed);
        if self.unsent.is_empty() {
            return;
        }
        let list = List::Changed(std::mem::take(&mut self.unsent));
        if let Err(TrySendError::Full(list) | TrySendError::Disconnected(list)) =
            self.lists.try_send(list)
            && let List::Changed(list) = list
        {
            self.unsent = bounded(list);
        }
    }

    /// Passes on what incidents came to that nobody is to be told of; never waits, and drops it where there is no room.
    pub(crate) fn refresh(&self, grown: Vec<Incident>) {
        // what was not passed on before is told first
        if !grown.is_empty() && self.unsent.is_empty() {
            let _ = self.lists.try_send(List::Grown(grown));
        }
    }

    /// Passes on what is left, and waits until it is on disk.
    ///
    /// # Errors
    ///
    /// When records could not be stored.
    pub(crate) fn finish(self) -> Result<()> {
        let Self {
            lists,
            unsent,
            thread,
        } = self;
        if !unsent.is_empty() {
            let _ = lists.send(List::Changed(unsent));
        }
        drop(lists);
        match thread.join() {
            Ok(0) => Ok(()),
            Ok(lost) => Err(anyhow!("{lost} incident records could not be stored")),
            Err(_) => Err(anyhow!("the thread that writes incidents failed")),
        }
    }
}

/// Lets sinks be told what incidents came to before the sensor was killed.
fn catch_up(store: &Mutex<Store>, exporter: &Exporter) {
    let recorded = locked(store).record_refreshed();
    match recorded {
        Ok(0) => {}
        Ok(count) => {
            info!("{count} incident(s) had grown when the sensor was ended: they are told again");
            exporter.wake();
        }
        Err(problem) => error!("what incidents had come to cannot be told: {problem}"),
    }
}

/// Writes what comes until nobody sends any more; says how many records it could not write.
fn write(lists: &Receiver<List>, store: &Mutex<Store>, exporter: &Exporter) -> usize {
    let mut waiting: Vec<Incident> = Vec::new();
    loop {
        let next = if waiting.is_empty() {
            lists.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            lists.recv_timeout(RETRY)
        };
        let is_over = matches!(next, Err(RecvTimeoutError::Disconnected));
        match next {
            Ok(List::Grown(grown)) if waiting.is_empty() => {
                refresh(store, &grown);
                continue;
            }
            Ok(List::Changed(changed)) => waiting.extend(changed),
            // what waits may be newer
            Ok(List::Grown(_)) | Err(_) => {}
        }
        waiting = bounded(waiting);
        let recorded = locked(store).record(&waiting);
        match recorded {
            Ok(_) => {
                waiting.clear();
                exporter.wake();
            }
            Err(problem) => error!("incidents cannot be stored, will try again: {problem}"),
        }
        if is_over {
            return waiting.len();
        }
    }
}

fn refresh(store: &Mutex<Store>, grown: &[Incident]) {
    if let Err(problem) = locked(store).refresh(grown) {
        warn!(
            "counts of incidents cannot be brought up to date, will be told in the end: {problem}"
        );
    }
}

fn locked(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// At most `RECORDS`, the newest; what is dropped is said.
fn bounded(mut records: Vec<Incident>) -> Vec<Incident> {
    let surplus = records.len().saturating_sub(RECORDS);
    if surplus > 0 {
        error!(
            "{surplus} incident records are lost: the store cannot take them and memory is full"
        );
        records.drain(..surplus);
    }
    records
}
