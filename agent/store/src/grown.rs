//! Incidents that grew since sinks were told: kept as they are now, so that a sensor that is killed loses little of what they
//! came to, and owed to sinks when they are recorded, or by the next start.

use model::Incident;
use rusqlite::{Connection, TransactionBehavior};

use crate::outbox::{Sinks, append, evict, forget, is_known, is_owed, keep};
use crate::{Bounds, Store, StoreError};

impl Store {
    /// Brings what is kept of incidents up to date, and owes it to nobody until they are recorded again. All or nothing is on
    /// disk when this returns. The number of those that changed.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn refresh(&mut self, incidents: &[Incident]) -> Result<u64, StoreError> {
        let texts = self.texts_of(incidents)?;
        let result = refresh(&mut self.db, &self.bounds, incidents, &texts);
        result.map_err(|error| self.words(error))
    }

    /// Owes to the sinks what incidents came to that were refreshed and never recorded again, because the sensor was killed.
    /// Their number.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_refreshed(&mut self) -> Result<u64, StoreError> {
        let result = record_refreshed(&mut self.db, &self.bounds);
        result.map_err(|error| self.words(error))
    }
}

fn refresh(
    db: &mut Connection,
    bounds: &Bounds,
    incidents: &[Incident],
    texts: &[String],
) -> rusqlite::Result<u64> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut changed = 0;
    for (incident, text) in incidents.iter().zip(texts) {
        if !is_known(&transaction, incident, text, Sinks::Behind)? {
            changed += 1;
            keep(&transaction, incident, text, Sinks::Behind)?;
        }
    }
    forget(&transaction, bounds)?;
    transaction.commit()?;
    Ok(changed)
}

fn record_refreshed(db: &mut Connection, bounds: &Bounds) -> rusqlite::Result<u64> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if is_owed(&transaction)? {
        let mut statement = transaction.prepare_cached(
            "SELECT id, priority, json FROM incidents WHERE grown = 1 ORDER BY last, id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, text): (String, String) = (row.get(0)?, row.get(2)?);
            append(&transaction, &id, row.get(1)?, &text)?;
        }
    }
    let settled = transaction.execute("UPDATE incidents SET grown = 0 WHERE grown = 1", [])?;
    evict(&transaction, bounds)?;
    transaction.commit()?;
    Ok(settled as u64)
}
