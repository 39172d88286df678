//! Incidents in: kept and owed to the sinks, in one transaction.

use model::Incident;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::{Bounds, Store, StoreError};

/// The place of a record in the outbox. Places only grow and are never given twice.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Seq(pub i64);

/// What became of incidents that were recorded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Recorded {
    /// New, or changed since they were recorded last.
    pub changed: u64,
    /// As they were recorded last; nothing was done.
    pub unchanged: u64,
    /// Records that left the outbox untaken because it was full.
    pub evicted: u64,
    /// Incidents that are no longer kept because there are too many.
    pub forgotten: u64,
}

/// What sinks have to do with a state of an incident that is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sinks {
    /// They are owed it, or took it.
    Owed = 0,
    /// They were told an earlier one.
    Behind = 1,
}

impl Store {
    /// Keeps incidents and puts those that changed into the outbox. All or nothing is on disk when
    /// this returns.
    ///
    /// # Errors
    /// When the disk is full, the file damaged or locked; then nothing was kept and the caller
    /// still has the incidents.
    pub fn record(&mut self, incidents: &[Incident]) -> Result<Recorded, StoreError> {
        let texts = self.texts_of(incidents)?;
        let result = record(&mut self.db, &self.bounds, incidents, &texts);
        result.map_err(|error| self.words(error))
    }

    /// How incidents are kept and told.
    pub(crate) fn texts_of(&self, incidents: &[Incident]) -> Result<Vec<String>, StoreError> {
        let texts = incidents.iter().map(serde_json::to_string);
        texts
            .collect::<Result<_, _>>()
            .map_err(|error| StoreError::Row {
                path: self.path.clone(),
                table: "incidents",
                why: error.to_string(),
            })
    }

    /// How many records ever left the outbox before every sink had taken them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn evicted(&self) -> Result<u64, StoreError> {
        total(&self.db, "outbox_evicted").map_err(|error| self.words(error))
    }

    /// Gives up a record that cannot be read, and counts it as evicted.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn discard(&mut self, seq: Seq) -> Result<(), StoreError> {
        let result = discard(&mut self.db, seq);
        result.map_err(|error| self.words(error))
    }
}

fn record(
    db: &mut Connection,
    bounds: &Bounds,
    incidents: &[Incident],
    texts: &[String],
) -> rusqlite::Result<Recorded> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let owed = is_owed(&transaction)?;
    let mut recorded = Recorded::default();
    for (incident, text) in incidents.iter().zip(texts) {
        if is_known(&transaction, incident, text, Sinks::Owed)? {
            recorded.unchanged += 1;
            continue;
        }
        recorded.changed += 1;
        keep(&transaction, incident, text, Sinks::Owed)?;
        if owed {
            append(&transaction, &incident.id, incident.priority, text)?;
        }
    }
    recorded.evicted = evict(&transaction, bounds)?;
    recorded.forgotten = forget(&transaction, bounds)?;
    transaction.commit()?;
    Ok(recorded)
}

pub(crate) fn is_owed(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row("SELECT EXISTS (SELECT 1 FROM cursors)", [], |row| {
        row.get(0)
    })
}

pub(crate) fn is_known(
    db: &Connection,
    incident: &Incident,
    text: &str,
    sinks: Sinks,
) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT json = ?2 AND grown <= ?3 FROM incidents WHERE id = ?1")?
        .query_row(params![incident.id, text, sinks as i64], |row| row.get(0))
        .optional()
        .map(|same| same.unwrap_or(false))
}

pub(crate) fn keep(
    db: &Connection,
    incident: &Incident,
    text: &str,
    sinks: Sinks,
) -> rusqlite::Result<()> {
    let (first, last) = (incident.first.as_nanos(), incident.last.as_nanos());
    db.prepare_cached(
        "INSERT INTO incidents (id, priority, first, last, json, grown) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET priority = ?2, first = ?3, last = ?4, json = ?5, grown = ?6",
    )?
    .execute(params![
        incident.id,
        incident.priority,
        first,
        last,
        text,
        sinks as i64
    ])
    .map(drop)
}

pub(crate) fn append(db: &Connection, id: &str, priority: u8, text: &str) -> rusqlite::Result<()> {
    // A trigger counts what a DELETE removes, but not what a REPLACE does.
    db.prepare_cached("DELETE FROM outbox WHERE incident = ?1")?
        .execute([id])?;
    db.prepare_cached(
        "INSERT INTO outbox (incident, priority, bytes, json) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![id, priority, text.len() as i64, text])
    .map(drop)
}

/// Removes the least urgent records, of those the oldest, until the outbox is within its bounds.
pub(crate) fn evict(transaction: &Transaction<'_>, bounds: &Bounds) -> rusqlite::Result<u64> {
    let mut rows = total(transaction, "outbox_rows")?;
    let mut bytes = total(transaction, "outbox_bytes")?;
    let mut victims = Vec::new();
    let mut statement =
        transaction.prepare_cached("SELECT seq, bytes FROM outbox ORDER BY priority DESC, seq")?;
    let mut candidates = statement.query([])?;
    while rows > bounds.outbox_rows || bytes > bounds.outbox_bytes {
        let Some(row) = candidates.next()? else { break };
        victims.push(row.get::<_, i64>(0)?);
        rows -= 1;
        bytes = bytes.saturating_sub(row.get::<_, i64>(1)?.unsigned_abs());
    }
    for seq in &victims {
        transaction
            .prepare_cached("DELETE FROM outbox WHERE seq = ?1")?
            .execute([seq])?;
    }
    count_evicted(transaction, victims.len())
}

fn discard(db: &mut Connection, seq: Seq) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let removed = transaction.execute("DELETE FROM outbox WHERE seq = ?1", [seq.0])?;
    count_evicted(&transaction, removed)?;
    transaction.commit()
}

fn count_evicted(db: &Connection, rows: usize) -> rusqlite::Result<u64> {
    if rows > 0 {
        db.execute(
            "UPDATE totals SET value = value + ?1 WHERE name = 'outbox_evicted'",
            [rows as i64],
        )?;
    }
    Ok(rows as u64)
}

pub(crate) fn forget(db: &Connection, bounds: &Bounds) -> rusqlite::Result<u64> {
    let excess = total(db, "incidents")?.saturating_sub(bounds.incidents);
    if excess == 0 {
        return Ok(0);
    }
    let oldest =
        "DELETE FROM incidents WHERE id IN (SELECT id FROM incidents ORDER BY last, id LIMIT ?1)";
    db.execute(oldest, [i64::try_from(excess).unwrap_or(i64::MAX)])
        .map(|rows| rows as u64)
}

fn total(db: &Connection, name: &str) -> rusqlite::Result<u64> {
    db.prepare_cached("SELECT value FROM totals WHERE name = ?1")?
        .query_row([name], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
}
