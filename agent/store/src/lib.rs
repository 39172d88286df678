//! The embedded database: incidents, the outbox with a cursor per sink, baseline, inventory, approvals,
//! accepted policies.
//!
//! One SQLite file (write-ahead log, `synchronous=FULL`), one writer. What [`Store::record`] was
//! told is on disk when it returns, so that a sink never sends what a crash could take back.
//!
//! **Outbox.** It holds what some registered sink has not taken, and nothing else. A sink is owed
//! what is recorded after it was registered, in that order; it takes records by acknowledging
//! them, and a record that every sink has taken leaves. A newer state of an incident replaces an
//! older one that still waits: the newer says everything that the older did (count, first, last),
//! so a link that was dead for a day gets each incident once, as it is now.
//!
//! **Growth.** What an incident came to since sinks were told is kept by [`Store::refresh`], and owed to nobody; a start after a
//! kill owes it ([`Store::record_refreshed`]).
//!
//! **Bounds.** [`Bounds`] caps the outbox and the kept incidents. A full outbox gives up the least
//! urgent records first and of those the oldest, counts each one durably ([`Store::evicted`]), and
//! still keeps the incident itself for `incidents list`.
//!
//! **Left out.** No clock: times are handed in. No judgement of what the texts of baseline and
//! inventory mean. No reading of a database that a newer program wrote.

mod approval;
mod baseline;
mod error;
mod grown;
mod incidents;
mod inventory;
mod open;
mod outbox;
mod policies;
mod schema;
mod sinks;

use std::path::PathBuf;

use rusqlite::Connection;

pub use approval::{Approval, Decision};
pub use baseline::BaselineRow;
pub use error::StoreError;
pub use incidents::Filter;
pub use inventory::HostRow;
pub use outbox::{Recorded, Seq};
pub use policies::{Acceptance, SignedPolicy};

/// The database, opened for reading and writing.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
    bounds: Bounds,
}

/// How much the database may hold, whatever strangers cause to be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// The most records in the outbox (default 100 000).
    pub outbox_rows: u64,
    /// The most bytes of JSON in the outbox (default 128 MiB).
    pub outbox_bytes: u64,
    /// The most incidents that are kept (default 200 000). Those whose last message is the oldest
    /// are forgotten first and counted in [`Recorded::forgotten`].
    pub incidents: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            outbox_rows: 100_000,
            outbox_bytes: 128 << 20,
            incidents: 200_000,
        }
    }
}

impl Store {
    /// Sets the bounds; they bite at the next [`Store::record`].
    pub fn with_bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }
}
