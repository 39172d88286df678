//! The hosts that were seen, as the engine described them.

use rusqlite::{Connection, TransactionBehavior};
use serde_json::Value;

use crate::{Store, StoreError};

/// One host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostRow {
    /// What tells it from the others, such as its address.
    pub host: String,
    /// What is known of it.
    pub facts: Value,
}

impl Store {
    /// Writes hosts over those with the same keys; others stay.
    ///
    /// # Errors
    /// When the file cannot be written; then no host was.
    pub fn save_inventory(&mut self, hosts: &[HostRow]) -> Result<(), StoreError> {
        let result = save(&mut self.db, hosts);
        result.map_err(|error| self.words(error))
    }

    /// Every host, by key.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load_inventory(&self) -> Result<Vec<HostRow>, StoreError> {
        let rows = load(&self.db).map_err(|error| self.words(error))?;
        rows.into_iter()
            .map(|(host, text)| self.read_host(host, &text))
            .collect()
    }

    fn read_host(&self, host: String, text: &str) -> Result<HostRow, StoreError> {
        let facts = serde_json::from_str(text).map_err(|error| StoreError::Row {
            path: self.path.clone(),
            table: "inventory",
            why: format!("host `{host}`: {error}"),
        })?;
        Ok(HostRow { host, facts })
    }
}

fn save(db: &mut Connection, hosts: &[HostRow]) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for HostRow { host, facts } in hosts {
        transaction
            .prepare_cached(
                "INSERT INTO inventory (host, facts) VALUES (?1, ?2)
                 ON CONFLICT (host) DO UPDATE SET facts = ?2",
            )?
            .execute([host, &facts.to_string()])?;
    }
    transaction.commit()
}

fn load(db: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    db.prepare_cached("SELECT host, facts FROM inventory ORDER BY host")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
