//! One walk through a file: from frame to frame, whatever its format.

use std::path::Path;

use crate::file::OpenError;
use crate::record::{Flaw, Record};
use crate::window::Window;
use crate::{pcap_format, pcapng_format};

/// Where reading stands in a file.
#[derive(Debug)]
pub(crate) struct Walk {
    pub(crate) window: Window,
    format: Format,
}

/// How the rest of a file is to be read.
#[derive(Debug)]
enum Format {
    Pcap(pcap_format::Reader),
    Pcapng(pcapng_format::Reader),
}

impl Walk {
    /// Tells the format by the first bytes, and reads the header.
    ///
    /// # Errors
    ///
    /// When it is no capture, or its header cannot be used.
    pub(crate) fn start(path: &Path, mut window: Window) -> Result<Self, OpenError> {
        let header = |flaw: Box<Flaw>| OpenError::Header {
            path: path.to_owned(),
            why: flaw.why,
        };
        let unknown = |found| OpenError::Unknown {
            path: path.to_owned(),
            found,
        };
        let magic = magic(&mut window).map_err(unknown)?;
        if let Some(reader) = pcap_format::Reader::open(magic, &mut window).map_err(header)? {
            let format = Format::Pcap(reader);
            return Ok(Self { window, format });
        }
        if let Some(reader) = pcapng_format::Reader::open(magic, &mut window).map_err(header)? {
            let format = Format::Pcapng(reader);
            return Ok(Self { window, format });
        }
        Err(unknown(describe(magic)))
    }

    /// Moves `record` to the next frame; false where the file ends between two of them.
    ///
    /// # Errors
    ///
    /// When the file makes no sense from there on.
    #[inline]
    pub(crate) fn next(&mut self, record: &mut Record) -> Result<bool, Box<Flaw>> {
        match &mut self.format {
            Format::Pcap(reader) => reader.next(&mut self.window, record),
            Format::Pcapng(reader) => reader.next(&mut self.window, record),
        }
    }
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
