//! The tables, and how an older file becomes a current one.
//!
//! `PRAGMA user_version` counts the migrations that a file has had; each runs in one transaction
//! with its count, so that a crash leaves the old schema or the new one. A migration that was
//! released is never edited. `PRAGMA application_id` tells our files from other programs'.
//!
//! Triggers keep the totals (rows and bytes of the outbox, rows of incidents) in `totals`, so that
//! the bounds cost a look-up per write and not a count.

use rusqlite::{Connection, TransactionBehavior};

/// The first four bytes of "bulkhead", as SQLite's application identifier.
pub(crate) const APPLICATION_ID: i64 = 0x62_75_6c_6b;

/// The newest schema.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

const MIGRATIONS: &[&str] = &[FIRST, POLICIES, GROWN];

const FIRST: &str = "
CREATE TABLE incidents (
    id       TEXT PRIMARY KEY,
    priority INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    json     TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX incidents_last ON incidents (last);

CREATE TABLE outbox (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    incident TEXT NOT NULL UNIQUE,
    priority INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    json     TEXT NOT NULL
);
CREATE INDEX outbox_urgency ON outbox (priority DESC, seq);

CREATE TABLE cursors (
    sink TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE baseline (
    key         TEXT PRIMARY KEY,
    state       TEXT NOT NULL,
    count       INTEGER NOT NULL,
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    approved_by TEXT
) WITHOUT ROWID;

CREATE TABLE approvals (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    subject  TEXT NOT NULL,
    decision TEXT NOT NULL,
    by       TEXT NOT NULL,
    at       INTEGER NOT NULL,
    note     TEXT NOT NULL
);
CREATE INDEX approvals_subject ON approvals (subject, number);

CREATE TABLE inventory (
    host  TEXT PRIMARY KEY,
    facts TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE totals (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO totals VALUES ('incidents', 0), ('outbox_bytes', 0), ('outbox_evicted', 0), ('outbox_rows', 0);

CREATE TRIGGER outbox_grows AFTER INSERT ON outbox BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'outbox_rows';
    UPDATE totals SET value = value + new.bytes WHERE name = 'outbox_bytes';
END;
CREATE TRIGGER outbox_shrinks AFTER DELETE ON outbox BEGIN
    UPDATE totals SET value = value - 1 WHERE name = 'outbox_rows';
    UPDATE totals SET value = value - old.bytes WHERE name = 'outbox_bytes';
END;
CREATE TRIGGER incidents_grow AFTER INSERT ON incidents BEGIN
    UPDATE totals SET value = value + 1 WHERE name = 'incidents';
END;
CREATE TRIGGER incidents_shrink AFTER DELETE ON incidents BEGIN
    UPDATE totals SET value = value - 1 WHERE name = 'incidents';
END;
";

const POLICIES: &str = "
CREATE TABLE policies (
    site    TEXT PRIMARY KEY,
    number  INTEGER NOT NULL,
    digest  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    current INTEGER NOT NULL
) WITHOUT ROWID;
";

/// Incidents that grew since sinks were told.
const GROWN: &str = "
ALTER TABLE incidents ADD COLUMN grown INTEGER NOT NULL DEFAULT 0;
CREATE INDEX incidents_grown ON incidents (id) WHERE grown = 1;
";

/// Brings a file from schema `version` to the newest.
pub(crate) fn migrate(db: &mut Connection, version: i64) -> rusqlite::Result<()> {
    let done = usize::try_from(version).unwrap_or(0);
    for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(done) {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}
