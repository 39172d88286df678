//! Opening the file: is it ours, is it readable, is it current.
//!
//! A new file is made readable by its owner alone: incidents name hosts and users of the plant.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::schema::{self, APPLICATION_ID, VERSION};
use crate::{Bounds, Store, StoreError};

/// How long a write waits for another process before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the database at `path`, makes it where there is none, and migrates an older one.
    ///
    /// # Errors
    /// When the file is no database, another program's, damaged, locked, from a newer release, or
    /// cannot be opened for writing.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        create(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags);
        Self::prepare(
            path.clone(),
            db.map_err(|error| StoreError::of(&path, error))?,
        )
    }

    /// A database that dies with the value, for tests and for runs that keep nothing.
    ///
    /// # Errors
    /// When memory is short.
    pub fn in_memory() -> Result<Self, StoreError> {
        let path = PathBuf::from(":memory:");
        let db = Connection::open_in_memory();
        Self::prepare(
            path.clone(),
            db.map_err(|error| StoreError::of(&path, error))?,
        )
    }

    /// Sets how long a write waits for another process before it says that the file is locked
    /// (default 5 seconds).
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn with_patience(self, patience: Duration) -> Result<Self, StoreError> {
        self.db
            .busy_timeout(patience)
            .map_err(|error| self.words(error))?;
        Ok(self)
    }

    /// Sets how many pages of 4 KiB the file may have, at least as many as it has: past that a
    /// write fails as on a full disk.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn with_page_limit(self, pages: u32) -> Result<Self, StoreError> {
        self.db
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .map_err(|error| self.words(error))?;
        Ok(self)
    }

    /// Reads every page and says what is wrong with the first bad one. Takes as long as reading the file.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn check(&self) -> Result<(), StoreError> {
        let found: String = self
            .db
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| self.words(error))?;
        if found == "ok" {
            return Ok(());
        }
        Err(StoreError::Corrupt {
            path: self.path.clone(),
            why: found,
        })
    }

    fn prepare(path: PathBuf, mut db: Connection) -> Result<Self, StoreError> {
        let version = identify(&path, &db)?;
        configure(&db)
            .and_then(|()| schema::migrate(&mut db, version))
            .map_err(|error| StoreError::of(&path, error))?;
        Ok(Self {
            db,
            path,
            bounds: Bounds::default(),
        })
    }

    pub(crate) fn words(&self, error: rusqlite::Error) -> StoreError {
        StoreError::of(&self.path, error)
    }
}

fn create(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|error| StoreError::Access {
            path: path.to_owned(),
            why: error.to_string(),
        })
}

/// The file's schema, where it is ours or empty.
fn identify(path: &Path, db: &Connection) -> Result<i64, StoreError> {
    let number = |query: &str| db.query_row(query, [], |row| row.get::<_, i64>(0));
    let words = |error| StoreError::of(path, error);
    db.busy_timeout(PATIENCE).map_err(words)?;
    let tables = number("SELECT count(*) FROM sqlite_schema").map_err(words)?;
    let application = number("PRAGMA application_id").map_err(words)?;
    let found = number("PRAGMA user_version").map_err(words)?;
    let path = path.to_owned();
    match application {
        APPLICATION_ID if found > VERSION => Err(StoreError::Newer {
            path,
            found,
            known: VERSION,
        }),
        APPLICATION_ID => Ok(found),
        0 if tables == 0 => Ok(0),
        _ => Err(StoreError::Foreign { path }),
    }
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "trusted_schema", "OFF")?;
    // a sensor in its sandbox reaches no folder for temporary files
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update_and_check(None, "journal_size_limit", 16 << 20, |_| Ok(()))
}
