//! JSON Lines in a file or on standard output.
//!
//! A batch is one write and one `fdatasync` before it counts as taken (standard output: a flush).
//! A line that a crash cut short is ended before the next one is written, and written again whole
//! because it was never taken. Rotation: before each batch the open file is compared with what has
//! its name now; a file that was moved or removed is made anew. Files are made readable by owner
//! and group.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use store::Seq;
use tokio::task::spawn_blocking;

use crate::{Record, Sink, SinkError};

/// A file that incidents are appended to.
#[derive(Debug)]
pub(crate) struct FileSink {
    path: PathBuf,
    open: Option<File>,
    taken: Option<Seq>,
}

impl FileSink {
    /// The sink at `path`, which is opened with the first batch.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            open: None,
            taken: None,
        }
    }

    async fn append(&mut self, lines: Vec<u8>) -> io::Result<()> {
        let (path, open) = (self.path.clone(), self.open.take());
        let written = spawn_blocking(move || {
            if path == Path::new("-") {
                return print(&lines).map(|()| None);
            }
            append(&path, open, &lines).map(Some)
        });
        self.open = written.await.map_err(io::Error::other)??;
        Ok(())
    }
}

impl Sink for FileSink {
    async fn send(&mut self, records: &[Record]) -> Result<(), SinkError> {
        let mut lines = Vec::new();
        for (_, incident) in records {
            serde_json::to_writer(&mut lines, incident)?;
            lines.push(b'\n');
        }
        let written = self.append(lines).await;
        written.map_err(|source| SinkError::File {
            path: self.path.display().to_string(),
            source,
        })?;
        self.taken = records.last().map(|(seq, _)| *seq);
        Ok(())
    }

    async fn taken(&mut self) -> Result<Option<Seq>, SinkError> {
        Ok(self.taken.take())
    }

    async fn close(&mut self) -> Result<Option<Seq>, SinkError> {
        self.open = None;
        Ok(self.taken.take())
    }

    fn abandon(&mut self) {
        self.open = None;
    }

    fn window(&self) -> usize {
        1024
    }
}

fn print(lines: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(lines)?;
    out.flush()
}

fn append(path: &Path, open: Option<File>, lines: &[u8]) -> io::Result<File> {
    let still_named = |file: &File| is_at(file, path).unwrap_or(false);
    let mut file = match open.filter(still_named) {
        Some(file) => file,
        None => create(path)?,
    };
    file.write_all(lines)?;
    if file.metadata()?.is_file() {
        file.sync_data()?;
    }
    Ok(file)
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let (held, named) = (file.metadata()?, fs::metadata(path)?);
    Ok((held.dev(), held.ino()) == (named.dev(), named.ino()))
}

fn create(path: &Path) -> io::Result<File> {
    let new = !path.exists();
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o640);
    let mut file = options.open(path)?;
    if new {
        sync_folder(path)?;
    } else if file.metadata()?.is_file() && is_cut_short(path)? {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

fn is_cut_short(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}
