//! Who decided what, in the order of the decisions. Nothing is ever taken out of this journal.

use model::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};

use crate::{Store, StoreError};

/// A person's decision about an incident or a learned fact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Approval {
    /// The incident's identifier, or the baseline's key.
    pub subject: String,
    /// What was decided.
    pub decision: Decision,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why, in that person's words.
    pub note: String,
}

/// What a person can decide.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Decision {
    /// A learned fact is right.
    Approved,
    /// A learned fact is not right.
    Rejected,
    /// Somebody looks after the incident.
    Acknowledged,
    /// The incident is dealt with.
    Closed,
    /// The incident is known and wanted quiet.
    Muted,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 5] = [
        Self::Approved,
        Self::Rejected,
        Self::Acknowledged,
        Self::Closed,
        Self::Muted,
    ];

    /// The word that lists and the database use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
            Self::Muted => "muted",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

impl Store {
    /// Adds a decision to the journal; one that approves a learned fact is also noted on its row.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing was.
    pub fn approve(&mut self, approval: &Approval) -> Result<(), StoreError> {
        let result = write(&mut self.db, approval);
        result.map_err(|error| self.words(error))
    }

    /// The decisions about `subject`, or about everything, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn approvals(&self, subject: Option<&str>) -> Result<Vec<Approval>, StoreError> {
        load(&self.db, subject).map_err(|error| self.words(error))
    }
}

fn write(db: &mut Connection, approval: &Approval) -> rusqlite::Result<()> {
    let transaction = db.transaction()?;
    let Approval {
        subject,
        decision,
        by,
        at,
        note,
    } = approval;
    transaction.execute(
        "INSERT INTO approvals (subject, decision, by, at, note) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![subject, decision.name(), by, at.as_nanos(), note],
    )?;
    let approved_by = match decision {
        Decision::Approved => Some(Some(by)),
        Decision::Rejected => Some(None),
        Decision::Acknowledged | Decision::Closed | Decision::Muted => None,
    };
    if let Some(approved_by) = approved_by {
        let note = "UPDATE baseline SET approved_by = ?2 WHERE key = ?1";
        transaction.execute(note, params![subject, approved_by])?;
    }
    transaction.commit()
}

fn load(db: &Connection, subject: Option<&str>) -> rusqlite::Result<Vec<Approval>> {
    db.prepare_cached(
        "SELECT subject, decision, by, at, note FROM approvals
         WHERE subject = ?1 OR ?1 IS NULL ORDER BY number",
    )?
    .query_map([subject], read)?
    .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Approval> {
    let word: String = row.get(1)?;
    let unknown = || {
        let why = format!("`{word}` is no decision");
        rusqlite::Error::FromSqlConversionFailure(1, Type::Text, why.into())
    };
    Ok(Approval {
        subject: row.get(0)?,
        decision: Decision::named(&word).ok_or_else(unknown)?,
        by: row.get(2)?,
        at: Timestamp::from_nanos(row.get(3)?),
        note: row.get(4)?,
    })
}
