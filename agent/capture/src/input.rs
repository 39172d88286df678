//! The bytes of a capture file, unpacked on the way where they are gzipped (RFC 1952).
//!
//! What a file is told by its first bytes, never by its name. A gzip file may have several members,
//! as rotating recorders write them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};

use flate2::bufread::MultiGzDecoder;

/// An open file, read from its start to its end.
#[derive(Debug)]
pub(crate) enum Input {
    /// Bytes as they are.
    Plain(BufReader<File>),
    /// Bytes that are unpacked on the way.
    Gzip(Box<MultiGzDecoder<BufReader<File>>>),
}

impl Input {
    /// Looks at the first bytes to tell how the rest is to be read.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(PACKED_BYTES, file);
        Ok(if file.fill_buf()?.starts_with(&GZIP) {
            Self::Gzip(Box::new(MultiGzDecoder::new(file)))
        } else {
            Self::Plain(file)
        })
    }

    /// How many bytes of the file on disk were read; 0 where it is a pipe.
    pub(crate) fn position_bytes(&self) -> u64 {
        let reader = match self {
            Self::Plain(reader) => reader,
            Self::Gzip(decoder) => decoder.get_ref(),
        };
        let read = reader.get_ref().stream_position().unwrap_or(0);
        read.saturating_sub(reader.buffer().len() as u64)
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(into),
            Self::Gzip(decoder) => decoder.read(into),
        }
    }
}

/// How many packed bytes are read at once. Plain bytes pass this buffer by.
const PACKED_BYTES: usize = 32 << 10;

/// How every gzip member starts (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
