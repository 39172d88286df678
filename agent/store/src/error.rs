//! What can go wrong with the database, in words that tell a person what to do.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::Seq;

/// Why the database could not do what was asked. Each names the file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not SQLite, or its first page is destroyed.
    #[error("`{}` is not a database; move it away or name another file", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is a database of some other program.
    #[error("`{}` is the database of another program; name another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer release wrote the file.
    #[error(
        "`{}` has schema {found} and this program knows up to {known}; install the newer release again",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that is known here.
        known: i64,
    },
    /// Pages contradict each other.
    #[error(
        "`{}` is damaged ({why}); keep a copy, save what `sqlite3 FILE .recover` can read, and start with a new file",
        path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        why: String,
    },
    /// No room to write.
    #[error("no room left on the disk of `{}`; nothing of this write was kept", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds the write lock for longer than the wait.
    #[error("`{}` is locked by another process; is a second sensor running on it?", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be opened or written.
    #[error("cannot open `{}` for writing: {why}", path.display())]
    Access {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// A record of the outbox cannot be read back. [`crate::Store::discard`] removes it.
    #[error("record {} of the outbox in `{}` cannot be read: {why}", seq.0, path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The record.
        seq: Seq,
        /// What is wrong with it.
        why: String,
    },
    /// A value cannot be written as or read from its text.
    #[error("a row of `{table}` in `{}` cannot be read or written: {why}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The sink was never registered.
    #[error("no sink `{sink}` is registered")]
    UnknownSink {
        /// The sink.
        sink: String,
    },
    /// Anything else that SQLite says.
    #[error("the database `{}` failed", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Words for what SQLite says of the file at `path`.
    pub(crate) fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt {
                path,
                why: source.to_string(),
            },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::Access {
                    path,
                    why: source.to_string(),
                }
            }
            _ => Self::Database { path, source },
        }
    }
}
