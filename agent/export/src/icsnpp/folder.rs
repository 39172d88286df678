//! The folder that the logs are in.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::row::Row;

/// A folder of logs. The first failure to write is kept and ends the writing.
pub(super) struct Folder {
    path: PathBuf,
    logs: BTreeMap<&'static str, BufWriter<File>>,
    failure: Option<io::Error>,
}

impl Folder {
    /// The folder at `path`, made where it is not there, without any of these logs.
    pub(super) fn open(path: &Path, logs: impl Iterator<Item = &'static str>) -> io::Result<Self> {
        if let Err(error) = fs::create_dir_all(path) {
            let is_file = path.exists() && !path.is_dir();
            return Err(if is_file {
                io::ErrorKind::NotADirectory.into()
            } else {
                error
            });
        }
        let folder = Self {
            path: path.to_owned(),
            logs: BTreeMap::new(),
            failure: None,
        };
        for log in logs {
            match fs::remove_file(folder.file(log)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(folder)
    }

    /// Writes a row at the end of a log, which is made with its first row.
    pub(super) fn write(&mut self, log: &'static str, row: &Row) {
        if self.failure.is_none() {
            self.failure = self.append(log, row).err();
        }
    }

    /// Puts everything on disk.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.logs.values_mut().try_for_each(Write::flush),
        }
    }

    fn append(&mut self, log: &'static str, row: &Row) -> io::Result<()> {
        if let Some(out) = self.logs.get_mut(log) {
            return row.write(out);
        }
        let mut out = BufWriter::new(File::create(self.file(log))?);
        row.write(&mut out)?;
        self.logs.insert(log, out);
        Ok(())
    }

    fn file(&self, log: &str) -> PathBuf {
        self.path.join(format!("{log}.log"))
    }
}
