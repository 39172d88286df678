//! What is normal, as the baseline room wrote it. The texts are its own.

use model::Timestamp;
use rusqlite::{Connection, Row, TransactionBehavior, params};

use crate::{Store, StoreError};

/// One learned fact.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BaselineRow {
    /// What it is about.
    pub key: String,
    /// What was learned.
    pub state: String,
    /// How often it was seen.
    pub count: u64,
    /// When it was seen first.
    pub first: Timestamp,
    /// When it was seen last.
    pub last: Timestamp,
    /// Who said that it is right. Saving `None` keeps what was said.
    pub approved_by: Option<String>,
}

impl Store {
    /// Writes rows over those with the same keys; others stay.
    ///
    /// # Errors
    /// When the file cannot be written; then no row was.
    pub fn save_baseline(&mut self, rows: &[BaselineRow]) -> Result<(), StoreError> {
        let result = save(&mut self.db, rows);
        result.map_err(|error| self.words(error))
    }

    /// Removes the rows with these keys.
    ///
    /// # Errors
    /// When the file cannot be written; then no row was removed.
    pub fn forget_baseline(&mut self, keys: &[&str]) -> Result<(), StoreError> {
        let result = forget(&mut self.db, keys);
        result.map_err(|error| self.words(error))
    }

    /// Every row, by key.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load_baseline(&self) -> Result<Vec<BaselineRow>, StoreError> {
        load(&self.db).map_err(|error| self.words(error))
    }
}

fn save(db: &mut Connection, rows: &[BaselineRow]) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for row in rows {
        write(&transaction, row)?;
    }
    transaction.commit()
}

fn write(db: &Connection, row: &BaselineRow) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO baseline (key, state, count, first, last, approved_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (key) DO UPDATE SET state = ?2, count = ?3, first = ?4, last = ?5,
             approved_by = COALESCE(?6, approved_by)",
    )?
    .execute(params![
        row.key,
        row.state,
        i64::try_from(row.count).unwrap_or(i64::MAX),
        row.first.as_nanos(),
        row.last.as_nanos(),
        row.approved_by,
    ])
    .map(drop)
}

fn forget(db: &mut Connection, keys: &[&str]) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for key in keys {
        transaction
            .prepare_cached("DELETE FROM baseline WHERE key = ?1")?
            .execute([key])?;
    }
    transaction.commit()
}

fn load(db: &Connection) -> rusqlite::Result<Vec<BaselineRow>> {
    db.prepare_cached(
        "SELECT key, state, count, first, last, approved_by FROM baseline ORDER BY key",
    )?
    .query_map([], read)?
    .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<BaselineRow> {
    Ok(BaselineRow {
        key: row.get(0)?,
        state: row.get(1)?,
        count: row.get::<_, i64>(2)?.unsigned_abs(),
        first: Timestamp::from_nanos(row.get(3)?),
        last: Timestamp::from_nanos(row.get(4)?),
        approved_by: row.get(5)?,
    })
}
