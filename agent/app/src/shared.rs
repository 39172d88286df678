//! What the packet thread shows to those who serve metrics and health.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use model::{Counter, Metric, Sample, Tally};

/// The newest counters of the packet thread, and when it last showed itself.
pub(crate) struct Shared {
    samples: Mutex<Arc<Vec<Sample>>>,
    /// What is wrong with the ports.
    trouble: Mutex<Option<String>>,
    reloads: Mutex<Tally>,
    store_errors: AtomicU64,
    beat_seconds: AtomicI64,
    started_seconds: i64,
    /// What does not change while the sensor runs.
    fixed: Vec<Sample>,
}

impl Shared {
    /// Nothing yet, but for what never changes.
    pub(crate) fn new(fixed: Vec<Sample>) -> Self {
        Self {
            samples: Mutex::default(),
            trouble: Mutex::default(),
            reloads: Mutex::default(),
            store_errors: AtomicU64::new(0),
            beat_seconds: AtomicI64::new(0),
            started_seconds: unix_seconds(),
            fixed,
        }
    }

    /// The packet thread is alive, these are its counters, and this is wrong with its ports.
    pub(crate) fn publish(&self, samples: Vec<Sample>, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        *self.samples.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(samples);
        self.beat_seconds.store(unix_seconds(), Ordering::Relaxed);
    }

    /// Something was reloaded, or refused.
    pub(crate) fn count_reload(&self, result: Counter) {
        self.reloads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(result, 1);
    }

    /// The store did not take what incidents are.
    pub(crate) fn count_store_error(&self) {
        self.store_errors.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything that is exported, apart from what sinks say of themselves.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        let published = Arc::clone(&self.samples.lock().unwrap_or_else(PoisonError::into_inner));
        let reloads = self
            .reloads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let is_reload =
            |sample: &Sample| matches!(sample.metric, Metric::Reloads | Metric::CertificateReloads);
        let store_errors = self.store_errors.load(Ordering::Relaxed);
        let own = [
            (Metric::StoreErrors, store_errors as f64),
            (Metric::StartTime, self.started_seconds as f64),
        ];
        let own = own.map(|(metric, value)| Sample {
            metric,
            labels: Vec::new(),
            value,
        });
        published
            .iter()
            .filter(|sample| !is_reload(sample))
            .cloned()
            .chain(reloads.samples().filter(is_reload))
            .chain(own)
            .chain(self.fixed.iter().cloned())
            .collect()
    }

    /// Says that the sensor sees what it should: its packet thread showed itself within `limit` and no port is down.
    ///
    /// # Errors
    ///
    /// A sentence for whoever asks whether the sensor is ready.
    pub(crate) fn ready(&self, limit: Duration) -> Result<(), String> {
        self.check(limit)?;
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.clone().map_or(Ok(()), Err)
    }

    /// Says that the packet thread showed itself within `limit`, or since when it did not.
    ///
    /// # Errors
    ///
    /// A sentence for whoever asks after the sensor's health.
    pub(crate) fn check(&self, limit: Duration) -> Result<(), String> {
        let beat = self.beat_seconds.load(Ordering::Relaxed);
        let silence = u64::try_from(unix_seconds() - beat).unwrap_or(0);
        match beat {
            0 => Err("capture has not begun".to_owned()),
            _ if silence > limit.as_secs() => Err(format!("capture was silent for {silence} s")),
            _ => Ok(()),
        }
    }
}

fn unix_seconds() -> i64 {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
}
