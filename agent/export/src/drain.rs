//! One sink's task: outbox in, sink out, cursor forward.
//!
//! Records are handed over ahead of the cursor, up to the sink's window; the cursor follows what
//! the sink says is taken. After any error what is not taken is handed over again from the cursor.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::{Seq, Store, StoreError};
use tokio::sync::watch;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::timeout;

use crate::backoff::Backoff;
use crate::{Record, Sink, SinkError};

/// The most records that are read from the store at a time.
const BATCH: usize = 256;
/// How often to look for new records that nobody announced.
const LOOK: Duration = Duration::from_millis(500);
/// How often to ask what was taken, while something is under way.
const ASK: Duration = Duration::from_millis(100);

/// What the exporter tells all its sinks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signal {
    /// Grows when there may be new records.
    pub(crate) wakes: u64,
    /// Grows when files are to be opened anew.
    pub(crate) reopens: u64,
    /// Everything is to be handed over and closed.
    pub(crate) stopping: bool,
}

/// What a sink has done.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) sent: AtomicU64,
    pub(crate) errors: AtomicU64,
}

/// The task of one sink.
pub(crate) struct Drain<S> {
    pub(crate) name: Arc<str>,
    pub(crate) sink: S,
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) signals: watch::Receiver<Signal>,
    pub(crate) backoff: Backoff,
    // INVARIANT: what was handed over and not taken, in order, at most `Sink::window`.
    pub(crate) under_way: VecDeque<Seq>,
    pub(crate) reopens: u64,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Sink(#[from] SinkError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a task of the store failed: {0}")]
    Task(#[from] JoinError),
}

impl<S: Sink> Drain<S> {
    /// Runs until everything is handed over after a stop was asked for.
    pub(crate) async fn run(mut self) {
        loop {
            let stopping = self.signals.borrow_and_update().stopping;
            match self.round().await {
                Err(trouble) => self.recover(&trouble, stopping).await,
                Ok(true) => {}
                Ok(false) if stopping => match self.finish().await {
                    Ok(()) => return,
                    Err(trouble) => self.recover(&trouble, stopping).await,
                },
                Ok(false) => self.rest().await,
            }
        }
    }

    /// Hands over what is new and notes what was taken. Whether anything was new.
    async fn round(&mut self) -> Result<bool, Trouble> {
        self.reopen();
        let records = self.pending().await?;
        if !records.is_empty() {
            self.sink.send(&records).await?;
            self.under_way.extend(records.iter().map(|(seq, _)| *seq));
        }
        let taken = self.sink.taken().await?;
        self.acknowledge(taken).await?;
        Ok(!records.is_empty())
    }

    async fn finish(&mut self) -> Result<(), Trouble> {
        let taken = self.sink.close().await?;
        self.acknowledge(taken).await
    }

    async fn pending(&mut self) -> Result<Vec<Record>, Trouble> {
        let room = self.sink.window().saturating_sub(self.under_way.len());
        if room == 0 {
            return Ok(Vec::new());
        }
        let after = self.under_way.back().copied().unwrap_or_default();
        let name = Arc::clone(&self.name);
        let read = move |store: &mut Store| {
            let found = store.pending_after(&name, after, room.min(BATCH));
            if let Err(StoreError::Unreadable { seq, .. }) = &found {
                store.discard(*seq)?;
            }
            found
        };
        with_store(&self.store, read).await
    }

    async fn acknowledge(&mut self, taken: Option<Seq>) -> Result<(), Trouble> {
        let Some(taken) = taken else { return Ok(()) };
        let name = Arc::clone(&self.name);
        let note = move |store: &mut Store| store.acknowledge(&name, taken);
        with_store(&self.store, note).await?;
        let before = self.under_way.len();
        self.under_way.retain(|seq| *seq > taken);
        let count = before - self.under_way.len();
        self.counts.sent.fetch_add(count as u64, Ordering::Relaxed);
        self.backoff.reset();
        Ok(())
    }

    async fn recover(&mut self, trouble: &Trouble, stopping: bool) {
        self.counts.errors.fetch_add(1, Ordering::Relaxed);
        self.sink.abandon();
        self.under_way.clear();
        let pause = self.backoff.pause();
        let pause = if stopping { pause.min(ASK) } else { pause };
        match trouble {
            Trouble::Store(error) => tracing::error!(sink = %self.name, "{error}"),
            Trouble::Sink(_) | Trouble::Task(_) => {
                tracing::warn!(sink = %self.name, retry_in = ?pause, "{trouble}");
            }
        }
        // Only a stop cuts the pause short: new records must not turn it into a storm.
        let stop = self.signals.wait_for(|signal| signal.stopping != stopping);
        let _ = timeout(pause, stop).await;
    }

    async fn rest(&mut self) {
        let pause = if self.under_way.is_empty() { LOOK } else { ASK };
        let _ = timeout(pause, self.signals.changed()).await;
    }

    fn reopen(&mut self) {
        let reopens = self.signals.borrow().reopens;
        // A file has nothing under way here, and a connection with something must not be dropped.
        if reopens != self.reopens && self.under_way.is_empty() {
            self.reopens = reopens;
            self.sink.abandon();
        }
    }
}

async fn with_store<T: Send + 'static>(
    store: &Arc<Mutex<Store>>,
    act: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Trouble> {
    let store = Arc::clone(store);
    let acted = spawn_blocking(move || {
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut store)
    });
    Ok(acted.await??)
}
