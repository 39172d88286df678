//! Incidents out: each sink with a cursor of its own.
//!
//! A cursor is the place of the newest record that its sink has taken. It never goes back, and
//! what every cursor has passed leaves the outbox in the same transaction.

use model::Incident;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::{Seq, Store, StoreError};

impl Store {
    /// Makes a sink known. It is owed what is recorded from now on; a known one keeps its place.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn register_sink(&mut self, sink: &str) -> Result<(), StoreError> {
        let register = "INSERT INTO cursors (sink, seq)
            VALUES (?1, COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0))
            ON CONFLICT (sink) DO NOTHING";
        let result = self.db.execute(register, [sink]);
        result.map(drop).map_err(|error| self.words(error))
    }

    /// Forgets a sink and what it was owed, and says how many records that were.
    ///
    /// # Errors
    /// When the sink is unknown or the file cannot be written.
    pub fn forget_sink(&mut self, sink: &str) -> Result<u64, StoreError> {
        let owed = self.outbox_len(sink)?;
        let result = forget(&mut self.db, sink);
        result.map(|()| owed).map_err(|error| self.words(error))
    }

    /// The known sinks, by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sinks(&self) -> Result<Vec<String>, StoreError> {
        sinks(&self.db).map_err(|error| self.words(error))
    }

    /// The oldest records that `sink` has not taken, at most `limit`, oldest first.
    ///
    /// # Errors
    /// When the sink is unknown, the file cannot be read, or a record is unreadable.
    pub fn pending(&self, sink: &str, limit: usize) -> Result<Vec<(Seq, Incident)>, StoreError> {
        self.pending_after(sink, Seq::default(), limit)
    }

    /// As [`Store::pending`], but only those after `after`: for a sink that sends ahead of what it
    /// has acknowledged.
    ///
    /// # Errors
    /// As [`Store::pending`]. Where records before the unreadable one exist they are given first.
    pub fn pending_after(
        &self,
        sink: &str,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<(Seq, Incident)>, StoreError> {
        let from = self.cursor(sink)?.max(after);
        let texts = texts(&self.db, from, limit).map_err(|error| self.words(error))?;
        let mut pending = Vec::with_capacity(texts.len());
        for (seq, text) in texts {
            match serde_json::from_str(&text) {
                Ok(incident) => pending.push((seq, incident)),
                Err(_) if !pending.is_empty() => break,
                Err(error) => {
                    return Err(StoreError::Unreadable {
                        path: self.path.clone(),
                        seq,
                        why: error.to_string(),
                    });
                }
            }
        }
        Ok(pending)
    }

    /// Notes that `sink` has taken every record up to and with `seq`.
    ///
    /// # Errors
    /// When the sink is unknown or the file cannot be written.
    pub fn acknowledge(&mut self, sink: &str, seq: Seq) -> Result<(), StoreError> {
        self.cursor(sink)?;
        let result = advance(&mut self.db, sink, seq);
        result.map_err(|error| self.words(error))
    }

    /// How many records `sink` has not taken.
    ///
    /// # Errors
    /// When the sink is unknown or the file cannot be read.
    pub fn outbox_len(&self, sink: &str) -> Result<u64, StoreError> {
        let from = self.cursor(sink)?;
        let count = "SELECT count(*) FROM outbox WHERE seq > ?1";
        let rows = self
            .db
            .query_row(count, [from.0], |row| row.get::<_, i64>(0));
        rows.map(i64::unsigned_abs)
            .map_err(|error| self.words(error))
    }

    /// The newest record that `sink` has taken.
    ///
    /// # Errors
    /// When the sink is unknown or the file cannot be read.
    pub fn cursor(&self, sink: &str) -> Result<Seq, StoreError> {
        let find = "SELECT seq FROM cursors WHERE sink = ?1";
        let found = self.db.query_row(find, [sink], |row| row.get(0).map(Seq));
        found
            .optional()
            .map_err(|error| self.words(error))?
            .ok_or_else(|| StoreError::UnknownSink { sink: sink.into() })
    }
}

fn sinks(db: &Connection) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached("SELECT sink FROM cursors ORDER BY sink")?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn texts(db: &Connection, from: Seq, limit: usize) -> rusqlite::Result<Vec<(Seq, String)>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.prepare_cached("SELECT seq, json FROM outbox WHERE seq > ?1 ORDER BY seq LIMIT ?2")?
        .query_map([from.0, limit], |row| Ok((Seq(row.get(0)?), row.get(1)?)))?
        .collect()
}

fn advance(db: &mut Connection, sink: &str, seq: Seq) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Never back, and never past what exists: a wrong place must not swallow what is recorded later.
    transaction.execute(
        "UPDATE cursors SET seq = max(seq, min(?2,
            COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0))) WHERE sink = ?1",
        params![sink, seq.0],
    )?;
    prune(&transaction)?;
    transaction.commit()
}

fn forget(db: &mut Connection, sink: &str) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("DELETE FROM cursors WHERE sink = ?1", [sink])?;
    prune(&transaction)?;
    transaction.commit()
}

fn prune(db: &Connection) -> rusqlite::Result<()> {
    let taken = "DELETE FROM outbox WHERE seq <=
        COALESCE((SELECT min(seq) FROM cursors), (SELECT max(seq) FROM outbox))";
    db.execute(taken, []).map(drop)
}
