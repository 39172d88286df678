//! S7comm-plus (protocol 0x72) and TLS inside of COTP: recognised, not read.
//!
//! The head of a message tells version, opcode, function and sequence; objects and values are left
//! alone. Long messages are cut into parts, each a COTP message with a head of its own; only the
//! last has a trailer. Version 3 puts a digest before the opcode. From some firmware on, everything
//! after the first exchange is TLS.

use model::{Function, Malformed};

use super::frame::Likeness;
use super::functions;
use crate::reader::Reader;

/// The first byte of every part.
pub(super) const PROTOCOL_ID: u8 = 0x72;

/// The session identifier of a client that has no session yet.
const NO_SESSION: u32 = 0x120;

/// One part of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    /// The protocol version: 1 to 3, or from 0xfe for signs of life.
    pub(super) version: u8,
    /// What it holds.
    content: &'a [u8],
    /// Whether it is the last part of its message.
    pub(super) last: bool,
}

/// The head of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Head {
    /// The protocol version.
    pub(super) version: u8,
    /// Request 0x31, response 0x32, notification 0x33; signs of life have none.
    pub(super) opcode: Option<u8>,
    /// The function, in requests and responses.
    pub(super) function: Option<u16>,
    /// The number that a response repeats.
    pub(super) sequence: Option<u16>,
    session: Option<u32>,
    flags: u8,
    object: Option<u32>,
}

impl<'a> Part<'a> {
    /// Reads a part.
    ///
    /// # Errors
    ///
    /// Where the part ends before its length.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.u8("protocol_id")?;
        let version = reader.u8("plus_version")?;
        let len = reader.u16("plus_length")?;
        let content = reader.take("plus_data", len.into())?;
        Ok(Self {
            version,
            content,
            last: version >= 0xfe || reader.peek().first() == Some(&PROTOCOL_ID),
        })
    }

    /// Reads the head, which the first part of a message has.
    pub(super) fn head(&self) -> Head {
        let mut head = Head {
            version: self.version,
            opcode: None,
            function: None,
            sequence: None,
            session: None,
            flags: 0,
            object: None,
        };
        if self.version < 0xfe {
            // A head that ends early tells what it tells.
            _ = head.read(&mut self.past_the_digest());
        }
        head
    }

    fn past_the_digest(&self) -> Reader<'a> {
        let reader = Reader::new(self.content);
        match self.content {
            [0x20, rest @ ..] if self.version == 3 => {
                Reader::new(rest.get(0x20..).unwrap_or_default())
            }
            _ => reader,
        }
    }
}

impl Head {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let opcode = reader.u8("plus_opcode")?;
        self.opcode = Some(opcode);
        if !matches!(opcode, 0x31 | 0x32 | 0x02) {
            return Ok(());
        }
        reader.u16("plus_reserved")?;
        self.function = Some(reader.u16("plus_function")?);
        reader.u16("plus_reserved")?;
        self.sequence = Some(reader.u16("plus_sequence")?);
        if opcode == 0x31 {
            self.session = Some(reader.u32("plus_session")?);
            self.flags = reader.u8("plus_flags")?;
            self.object = Some(reader.u32("plus_object")?);
        }
        Ok(())
    }

    /// Whether the client says that it wants no answer.
    pub(super) const fn wants_no_answer(&self) -> bool {
        self.flags & 0x40 != 0
    }

    /// Which function it is.
    pub(super) fn names(&self) -> Function {
        match (self.opcode, self.function) {
            (_, Some(0x04ca)) if self.session == Some(NO_SESSION) => functions::PLUS_CREATE_SESSION,
            (_, Some(0x04d4)) if self.session.is_some() && self.session == self.object => {
                functions::PLUS_DELETE_SESSION
            }
            (_, Some(code)) => functions::plus(code),
            (Some(0x33), None) => functions::PLUS_NOTIFICATION,
            _ if self.version >= 0xfe => functions::PLUS_SYSTEM_EVENT,
            (opcode, None) => functions::unknown(0x72_0000 | u32::from(opcode.unwrap_or(0))),
        }
    }
}

/// How much a message of `len` bytes, of which some are shown, looks like S7comm-plus: its length
/// must leave room for a trailer or for nothing.
pub(super) fn likeness(shown: &[u8], len: usize) -> Likeness {
    match shown {
        [_, 1..=3 | 0xfe | 0xff, high, low, ..] => {
            let content = usize::from(u16::from_be_bytes([*high, *low]));
            if content + 4 == len || content + 8 == len {
                Likeness::Full
            } else {
                Likeness::Foreign
            }
        }
        [_] | [_, 1..=3 | 0xfe | 0xff] | [_, 1..=3 | 0xfe | 0xff, _] if len >= 4 => Likeness::Short,
        _ => Likeness::Foreign,
    }
}

/// Whether bytes begin a TLS record (RFC 8446, 5.1).
pub(super) const fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x14..=0x17, 3, 0..=4, _, _, ..])
}

/// The handshake message that a TLS record begins with: 1 is the client's hello, 2 the server's.
pub(super) const fn handshake(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [0x16, 3, 0..=4, _, _, kind, ..] => Some(*kind),
        _ => None,
    }
}
