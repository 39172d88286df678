//! Hands incidents to the store, away from the packet thread.
//!
//! A write to disk may take as long as it likes; the packet thread only passes a list through a
//! bounded channel. What the store cannot take is tried again, and what cannot be kept in memory
//! either is counted and said: nothing is lost in silence. What incidents came to in the meantime is brought up to date
//! as soon as the store takes it, and told in the end. Trouble is said when it begins and when it is over, and each try counted.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use export::Exporter;
use model::Incident;
use store::Store;
use tracing::{error, info, warn};

use crate::shared::Shared;

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
    /// The last that grew, where they were not passed on; none is older than what was.
    ungrown: Vec<Incident>,
    thread: JoinHandle<usize>,
}

impl Keeper {
    /// Starts the thread that writes; it wakes the sinks when there is something for them, and at once for what a sensor that
    /// was killed could not tell them.
    ///
    /// # Errors
    ///
    /// When the machine gives no thread.
    pub(crate) fn start(
        store: Arc<Mutex<Store>>,
        exporter: Arc<Exporter>,
        shared: Arc<Shared>,
    ) -> Result<Self> {
        let (lists, to_keep) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || {
                catch_up(&store, &exporter);
                Writer::new(store, exporter, shared).run(&to_keep)
            })
            .context("cannot start the thread that writes incidents")?;
        Ok(Self {
            lists,
            unsent: Vec::new(),
            ungrown: Vec::new(),
            thread,
        })
    }

    /// Passes incidents on; never waits.
    pub(crate) fn keep(&mut self, changed: Vec<Incident>) {
        let is_newer = |old: &Incident| changed.iter().any(|new| new.id == old.id);
        self.ungrown.retain(|grown| !is_newer(grown));
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

    /// Passes on what incidents came to that nobody is to be told of, and asks for that only when there is room; never waits.
    pub(crate) fn refresh(&mut self, grown: impl FnOnce() -> Vec<Incident>) {
        // what was not passed on before is told first
        if !self.unsent.is_empty() {
            return;
        }
        if self.ungrown.is_empty() {
            self.ungrown = grown();
        }
        if self.ungrown.is_empty() {
            return;
        }
        let list = List::Grown(std::mem::take(&mut self.ungrown));
        if let Err(TrySendError::Full(list) | TrySendError::Disconnected(list)) =
            self.lists.try_send(list)
            && let List::Grown(list) = list
        {
            self.ungrown = list;
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
            ..
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

/// The thread's end.
struct Writer {
    store: Arc<Mutex<Store>>,
    exporter: Arc<Exporter>,
    shared: Arc<Shared>,
    /// What is to be kept and told, oldest first.
    // INVARIANT: at most `RECORDS`.
    waiting: Vec<Incident>,
    /// What is to be kept as it is now, by `id`; newer than what waits of the same.
    // INVARIANT: at most `RECORDS`.
    grown: BTreeMap<String, Incident>,
    /// What was last said of a store that takes nothing.
    trouble: Option<String>,
}

impl Writer {
    const fn new(store: Arc<Mutex<Store>>, exporter: Arc<Exporter>, shared: Arc<Shared>) -> Self {
        Self {
            store,
            exporter,
            shared,
            waiting: Vec::new(),
            grown: BTreeMap::new(),
            trouble: None,
        }
    }

    /// Writes what comes until nobody sends any more; says how many records it could not write.
    fn run(mut self, lists: &Receiver<List>) -> usize {
        loop {
            let next = if self.is_done() {
                lists.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                lists.recv_timeout(RETRY)
            };
            let is_over = matches!(next, Err(RecvTimeoutError::Disconnected));
            if let Ok(list) = next {
                self.take(list);
            }
            self.write();
            if is_over {
                return self.waiting.len();
            }
        }
    }

    fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.grown.is_empty()
    }

    fn take(&mut self, list: List) {
        match list {
            List::Changed(changed) => {
                for incident in &changed {
                    self.grown.remove(&incident.id);
                }
                self.waiting.extend(changed);
                self.waiting = bounded(std::mem::take(&mut self.waiting));
            }
            List::Grown(grown) => {
                let by_id = grown.into_iter().map(|it| (it.id.clone(), it));
                self.grown.extend(by_id);
                // those that are dropped are told in the end as all others
                while self.grown.len() > RECORDS {
                    self.grown.pop_first();
                }
            }
        }
    }

    /// Writes all that it has, as far as the store takes it.
    fn write(&mut self) {
        if !self.record() || !self.refresh() {
            self.shared.count_store_error();
        } else if self.trouble.take().is_some() {
            info!("incidents are stored again");
        }
    }

    /// Whether nothing waits any more.
    fn record(&mut self) -> bool {
        if self.waiting.is_empty() {
            return true;
        }
        let recorded = locked(&self.store).record(&self.waiting);
        match recorded {
            Ok(_) => {
                self.waiting.clear();
                self.exporter.wake();
            }
            Err(problem) => {
                let words = format!("incidents cannot be stored, will try again: {problem}");
                if self.is_new(&words) {
                    error!("{words}");
                }
            }
        }
        self.waiting.is_empty()
    }

    /// Whether everything is as new as it is known.
    fn refresh(&mut self) -> bool {
        if self.grown.is_empty() {
            return true;
        }
        let grown: Vec<_> = self.grown.values().cloned().collect();
        let refreshed = locked(&self.store).refresh(&grown);
        match refreshed {
            Ok(_) => self.grown.clear(),
            Err(problem) => {
                let words = format!(
                    "counts of incidents cannot be brought up to date, will try again: {problem}"
                );
                if self.is_new(&words) {
                    warn!("{words}");
                }
            }
        }
        self.grown.is_empty()
    }

    /// Whether this was not said last.
    fn is_new(&mut self, words: &str) -> bool {
        let is_new = self.trouble.as_deref() != Some(words);
        self.trouble = Some(words.to_owned());
        is_new
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
