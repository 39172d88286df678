//! One capture file: pcap or pcapng, plain or gzipped, in either byte order.
//!
//! Reading streams through a window of bounded size, so that a file may be larger than memory, may
//! be a pipe, and may be cut short while it is read. What can be read is read; then the damage is
//! told, once, with its place; then the file is over. A length that cannot be true is damage and is
//! never allocated: a frame has at most 256 KiB.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use model::Frame;

use crate::input::Input;
use crate::record::{Flaw, Record};
use crate::window::Window;
use crate::{pcap_format, pcapng_format};

/// A capture file that is read frame by frame.
#[derive(Debug)]
pub struct CaptureFile {
    path: PathBuf,
    len_bytes: u64,
    window: Window,
    format: Format,
    /// The frame that was read last.
    current: Record,
    frames: u64,
    source: u16,
}

/// How the rest of a file is to be read.
#[derive(Debug)]
enum Format {
    Pcap(pcap_format::Reader),
    Pcapng(pcapng_format::Reader),
    /// Nothing more: the file ended, or is damaged.
    Over,
}

impl CaptureFile {
    /// Opens a file and reads its header. The first bytes tell what it is, not its name.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is no capture.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let failed = |source| OpenError::Io {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let len_bytes = file.metadata().map_err(failed)?.len();
        let mut window = Window::new(Input::new(file).map_err(failed)?);
        Ok(Self {
            format: format(path, &mut window)?,
            path: path.to_owned(),
            len_bytes,
            window,
            current: Record::NONE,
            frames: 0,
            source: 0,
        })
    }

    /// Reads the next frame. Its bytes are lent until the next call.
    ///
    /// # Errors
    ///
    /// Once, when the file is damaged; all frames before the damage were read, and no more follow.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator cannot lend what its items borrow"
    )]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, Damage> {
        Ok(self.advance()?.then(|| self.frame()))
    }

    /// The file as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes the file has on disk: the end of a progress bar. A pipe has 0.
    pub fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// How many bytes of the file on disk were used: at most [`Self::len_bytes`] while nobody
    /// writes to it.
    pub fn position_bytes(&self) -> u64 {
        self.window.position_bytes()
    }

    /// The same file, counted as the `source`th of several.
    pub(crate) fn numbered(self, source: u16) -> Self {
        Self { source, ..self }
    }

    /// Moves to the next frame, if there is one.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<bool, Damage> {
        let found = match &mut self.format {
            Format::Pcap(reader) => reader.next(&mut self.window, &mut self.current),
            Format::Pcapng(reader) => reader.next(&mut self.window, &mut self.current),
            Format::Over => Ok(false),
        };
        match found {
            Ok(true) => {
                self.frames += 1;
                Ok(true)
            }
            Ok(false) => self.finish(),
            Err(flaw) => self.give_up(*flaw),
        }
    }

    /// The frame that was moved to last.
    #[inline]
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame {
            number: self.frames,
            time: self.current.time,
            link: self.current.link,
            bytes: self.window.slice(self.current.place.clone()),
            wire_len: self.current.wire_len,
            source: self.source,
        }
    }

    #[cold]
    fn finish(&mut self) -> Result<bool, Damage> {
        self.format = Format::Over;
        Ok(false)
    }

    #[cold]
    fn give_up(&mut self, flaw: Flaw) -> Result<bool, Damage> {
        self.format = Format::Over;
        Err(Damage {
            path: self.path.clone(),
            offset: flaw.offset,
            frames: self.frames,
            why: flaw.why,
        })
    }
}

/// Why a file cannot be opened as a capture.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read at all.
    #[error("cannot open `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else.
    #[error(
        "`{}` is not a capture: {found}; pcap and pcapng are read, also in gzip",
        path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it starts with.
        found: String,
    },
    /// The file starts as a capture, but its header cannot be used.
    #[error("`{}` cannot be read as a capture: {why}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// A file stops making sense: what came before was read, what comes after was not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// Where the record starts that cannot be read, in bytes of the unpacked file.
    pub offset: u64,
    /// How many frames were read before it.
    pub frames: u64,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            offset,
            frames,
            why,
        } = self;
        let path = path.display();
        write!(
            f,
            "`{path}` is damaged at byte {offset}, after frame {frames}: {why}"
        )
    }
}

impl std::error::Error for Damage {}

/// Tells the format by the first bytes, and reads the header.
fn format(path: &Path, window: &mut Window) -> Result<Format, OpenError> {
    let header = |flaw: Box<Flaw>| OpenError::Header {
        path: path.to_owned(),
        why: flaw.why,
    };
    let magic = magic(window).map_err(|found| OpenError::Unknown {
        path: path.to_owned(),
        found,
    })?;
    if let Some(reader) = pcap_format::Reader::open(magic, window).map_err(header)? {
        return Ok(Format::Pcap(reader));
    }
    if let Some(reader) = pcapng_format::Reader::open(magic, window).map_err(header)? {
        return Ok(Format::Pcapng(reader));
    }
    Err(OpenError::Unknown {
        path: path.to_owned(),
        found: describe(magic),
    })
}

/// The first four bytes, or what there is instead of them.
fn magic(window: &mut Window) -> Result<[u8; 4], String> {
    match window.peek(4) {
        Ok(bytes) => Ok(bytes.first_chunk().copied().unwrap_or_default()),
        Err(short) => Err(match (short.failed, short.have) {
            (Some(error), _) => error.to_string(),
            (None, 0) => "it is empty".to_owned(),
            (None, have) => format!("it has {have} bytes"),
        }),
    }
}

/// The first bytes as text, with what they are known to start.
fn describe(magic: [u8; 4]) -> String {
    let [a, b, c, d] = magic;
    let known = KNOWN.iter().find(|(start, _)| magic.starts_with(start));
    let name = known.map_or(String::new(), |(_, name)| format!(", as {name} does"));
    format!("it starts with `{a:02x} {b:02x} {c:02x} {d:02x}`{name}")
}

/// What captures are often packed in, or mistaken for.
const KNOWN: [(&[u8], &str); 7] = [
    (b"PK\x03\x04", "a zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"\x04\x22\x4d\x18", "an lz4 file"),
    (b"\xfd7zX", "an xz file"),
    (b"BZh", "a bzip2 file"),
    (b"snoo", "a snoop capture"),
    (b"\x1f\x8b", "a gzip file within a gzip file"),
];
