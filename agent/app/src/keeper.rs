//! Hands incidents to the store, away from the packet thread.
//!
//! A write to disk may take as long as it likes; the packet thread only passes a list through a
//! bounded channel. What the store cannot take is tried again, and what cannot be kept in memory
//! either is counted and said: nothing is lost in silence.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use export::Exporter;
use model::Incident;
use store::Store;
use tracing::error;

/// How many lists of changed incidents wait for the store.
const WAITING: usize = 16;
/// How many incident records wait in memory, on either side of the channel.
const RECORDS: usize = 10_000;
/// How long after a failure the store is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// The packet thread's end of the way to the store.
pub(crate) struct Keeper {
    lists: SyncSender<Vec<Incident>>,
    // INVARIANT: at most `RECORDS`.
    unsent: Vec<Incident>,
    thread: JoinHandle<usize>,
}

impl Keeper {
    /// Starts the thread that writes; it wakes the sinks when there is something for them.
    ///
    /// # Errors
    ///
    /// When the machine gives no thread.
    pub(crate) fn start(store: Arc<Mutex<Store>>, exporter: Arc<Exporter>) -> Result<Self> {
        let (lists, to_keep) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || write(&to_keep, &store, &exporter))
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
        let list = std::mem::take(&mut self.unsent);
        if let Err(TrySendError::Full(list) | TrySendError::Disconnected(list)) =
            self.lists.try_send(list)
        {
            self.unsent = bounded(list);
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
            let _ = lists.send(unsent);
        }
        drop(lists);
        match thread.join() {
            Ok(0) => Ok(()),
            Ok(lost) => Err(anyhow!("{lost} incident records could not be stored")),
            Err(_) => Err(anyhow!("the thread that writes incidents failed")),
        }
    }
}

/// Writes what comes until nobody sends any more; says how many records it could not write.
fn write(lists: &Receiver<Vec<Incident>>, store: &Mutex<Store>, exporter: &Exporter) -> usize {
    let mut waiting: Vec<Incident> = Vec::new();
    loop {
        let next = if waiting.is_empty() {
            lists.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            lists.recv_timeout(RETRY)
        };
        let is_over = next == Err(RecvTimeoutError::Disconnected);
        waiting = bounded({
            waiting.extend(next.unwrap_or_default());
            waiting
        });
        let recorded = store
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .record(&waiting);
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
