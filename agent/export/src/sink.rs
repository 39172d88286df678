//! The seam: what every kind of sink offers to the task that drains the outbox into it.

use std::io;

use model::Incident;
use store::Seq;

/// An incident with its place in the outbox.
pub type Record = (Seq, Incident);

/// A place that incidents go to.
///
/// To hand over and to be taken are two things: a record counts as taken only when nothing that
/// may still happen to the connection can lose it. After an error the caller forgets what was
/// handed over but not taken, and hands it over again.
pub trait Sink: Send + 'static {
    /// Hands records over, in order.
    ///
    /// # Errors
    /// When the far side cannot be reached or does not listen.
    fn send(&mut self, records: &[Record]) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// The newest record that is known to be taken since the last call, without waiting for more.
    ///
    /// # Errors
    /// When records that were handed over must be held for lost.
    fn taken(&mut self) -> impl Future<Output = Result<Option<Seq>, SinkError>> + Send;

    /// Ends in order and says which was the newest record taken.
    ///
    /// # Errors
    /// When records that were handed over must be held for lost.
    fn close(&mut self) -> impl Future<Output = Result<Option<Seq>, SinkError>> + Send;

    /// Drops the connection or file as it is; the next [`Sink::send`] opens a new one.
    fn abandon(&mut self);

    /// How many records may be handed over and not taken.
    fn window(&self) -> usize;
}

/// Why records were not taken.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// Nobody is there, or they do not want us.
    #[error("cannot connect to `{address}`: {why}")]
    Connect {
        /// Where.
        address: String,
        /// Why.
        why: String,
    },
    /// The far side ended the connection.
    #[error("`{address}` ended the connection{}: {unsettled} records are sent again", because(.why))]
    Closed {
        /// Who.
        address: String,
        /// Why, as far as that is known.
        why: String,
        /// How many records it may not have taken.
        unsettled: usize,
    },
    /// The far side takes nothing any more.
    #[error("`{address}` takes no data for {secs} seconds")]
    Stalled {
        /// Who.
        address: String,
        /// How long.
        secs: u64,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// An incident has no text.
    #[error("an incident cannot be written as JSON: {0}")]
    Text(#[from] serde_json::Error),
}

fn because(why: &str) -> String {
    if why.is_empty() {
        return String::new();
    }
    format!(" ({why})")
}
