//! What happened: the incidents that are kept, newest first.

use model::{Incident, Timestamp};
use rusqlite::{OptionalExtension, params};

use crate::{Store, StoreError};

/// Which incidents are asked for; the default is every one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// Only those whose last message is not before this moment.
    pub since: Option<Timestamp>,
    /// Only those at least this urgent: 1 asks for priority 1 alone, 4 for all.
    pub priority: Option<u8>,
    /// At most this many.
    pub limit: Option<usize>,
}

impl Store {
    /// The incidents that pass `filter`, the one with the newest message first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn incidents(&self, filter: &Filter) -> Result<Vec<Incident>, StoreError> {
        let texts = self.texts(filter).map_err(|error| self.words(error))?;
        texts.iter().map(|text| self.read_incident(text)).collect()
    }

    /// The incident with this identifier, if it is kept.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn incident(&self, id: &str) -> Result<Option<Incident>, StoreError> {
        let find = "SELECT json FROM incidents WHERE id = ?1";
        let text = self.db.query_row(find, [id], |row| row.get::<_, String>(0));
        let text = text.optional().map_err(|error| self.words(error))?;
        text.map(|text| self.read_incident(&text)).transpose()
    }

    fn texts(&self, filter: &Filter) -> rusqlite::Result<Vec<String>> {
        let since = filter.since.map_or(i64::MIN, Timestamp::as_nanos);
        let limit = filter.limit.and_then(|limit| i64::try_from(limit).ok());
        self.db
            .prepare_cached(
                "SELECT json FROM incidents WHERE last >= ?1 AND priority <= ?2
                 ORDER BY last DESC, id LIMIT ?3",
            )?
            .query_map(
                params![
                    since,
                    filter.priority.unwrap_or(u8::MAX),
                    limit.unwrap_or(-1)
                ],
                |row| row.get(0),
            )?
            .collect()
    }

    fn read_incident(&self, text: &str) -> Result<Incident, StoreError> {
        serde_json::from_str(text).map_err(|error| StoreError::Row {
            path: self.path.clone(),
            table: "incidents",
            why: error.to_string(),
        })
    }
}
