//! One network message: its headers, typed; its payload as bytes.
//!
//! Follows OPC 10000-14 v1.05, 7.2.4.4 (headers), 7.2.4.4.3 (security header), 7.2.4.4.4 (chunks) and
//! 7.2.4.6 (discovery). Reserved bits and types make a message unreadable: what cannot be told is not guessed.

use std::fmt;

use model::Malformed;

use super::datasets::DataSets;
use crate::opcua::policies::Mode;
use crate::opcua::types::text;
use crate::reader::Reader;

/// A network message.
#[derive(Clone, Copy, Debug)]
pub(in crate::opcua) struct Message<'a> {
    pub(super) kind: Kind,
    pub(super) publisher: Option<Publisher<'a>>,
    pub(super) class: Option<[u8; 16]>,
    pub(super) group: Group,
    pub(super) writers: Option<Writers<'a>>,
    pub(super) security: Option<Security>,
    pub(super) chunk: Option<Chunk>,
    /// The first byte of a discovery message: what it asks for or tells.
    pub(super) subject: Option<u8>,
    /// What follows all headers: data sets with whatever trails them.
    pub(super) payload: Reader<'a>,
}

/// What a network message is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Kind {
    Data,
    Probe,
    Announcement,
}

/// Who publishes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Publisher<'a> {
    Number(u64),
    Text(&'a str),
}

impl fmt::Display for Publisher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The group header, whose fields may each be absent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    pub(super) id: Option<u16>,
    pub(super) version: Option<u32>,
    pub(super) number: Option<u16>,
    pub(super) sequence: Option<u16>,
}

/// The identifiers of the data set writers, two bytes each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writers<'a> {
    pub(super) ids: Reader<'a>,
}

impl Iterator for Writers<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        self.ids.u16_le("data_set_writer_id").ok()
    }
}

/// The security header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Security {
    pub(super) mode: Mode,
    pub(super) token_id: u32,
}

/// Which part of a larger message this one is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) sequence: u16,
    pub(super) offset: u32,
    pub(super) total: u32,
}

/// The flags of the first one to three bytes.
#[derive(Clone, Copy)]
struct Flags {
    first: u8,
    second: u8,
    third: u8,
}

impl Flags {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let at = *reader;
        let first = reader.u8("uadp_version")?;
        if first & 0x0f != 1 {
            return Err(at.malformed("uadp_version", "no version but 1 is defined"));
        }
        let mut flags = Self {
            first,
            second: 0,
            third: 0,
        };
        if first & 0x80 != 0 {
            flags.second = reader.u8("extended_flags_1")?;
        }
        if flags.second & 0x80 != 0 {
            flags.third = reader.u8("extended_flags_2")?;
        }
        Ok(flags)
    }

    const fn has_publisher(self) -> bool {
        self.first & 0x10 != 0
    }

    const fn has_group(self) -> bool {
        self.first & 0x20 != 0
    }

    const fn has_writers(self) -> bool {
        self.first & 0x40 != 0
    }

    const fn has_class(self) -> bool {
        self.second & 0x08 != 0
    }

    const fn is_secured(self) -> bool {
        self.second & 0x10 != 0
    }

    const fn is_chunk(self) -> bool {
        self.third & 0x01 != 0
    }
}

impl<'a> Message<'a> {
    /// Reads one message from the start of `bytes`; what trails it may be padding.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let flags = Flags::read(&mut reader)?;
        let kind = kind(reader, flags)?;
        let publisher = publisher(&mut reader, flags)?;
        let class = match flags.has_class() {
            true => Some(reader.array("data_set_class_id")?),
            false => None,
        };
        let group = match flags.has_group() {
            true => group(&mut reader)?,
            false => Group::default(),
        };
        let writers = writers(&mut reader, flags, kind)?;
        extended(&mut reader, flags)?;
        let security = match flags.is_secured() {
            true => Some(security(&mut reader)?),
            false => None,
        };
        let mut message = Self {
            kind,
            publisher,
            class,
            group,
            writers,
            security,
            chunk: None,
            subject: None,
            payload: reader,
        };
        message.open(flags)?;
        Ok(message)
    }

    /// Reads what stands before the payload proper, where that is clear.
    fn open(&mut self, flags: Flags) -> Result<(), Malformed> {
        if self.is_encrypted() {
            return Ok(());
        }
        if flags.is_chunk() {
            self.chunk = Some(Chunk {
                sequence: self.payload.u16_le("message_sequence_number")?,
                offset: self.payload.u32_le("chunk_offset")?,
                total: self.payload.u32_le("total_size")?,
            });
        } else if self.kind != Kind::Data {
            self.subject = Some(self.payload.u8("discovery_type")?);
        }
        Ok(())
    }

    /// Whether the payload cannot be read.
    pub(super) fn is_encrypted(&self) -> bool {
        let mode = self.security.map(|security| security.mode);
        mode == Some(Mode::SignAndEncrypt)
    }

    /// The data sets that can be read.
    pub(super) fn data_sets(&self) -> Option<DataSets<'a>> {
        let clear = !self.is_encrypted() && self.chunk.is_none();
        (clear && self.kind == Kind::Data).then(|| DataSets::new(self.payload, self.writers))
    }

    /// Whether it says who sends it and for what: as much as a datagram on any port must say.
    pub(super) fn is_named(&self) -> bool {
        let mut writers = self.writers.into_iter().flatten();
        let written = writers.next().is_some_and(|first| first != 0) && writers.all(|id| id != 0);
        let grouped = self.group.id.is_some_and(|id| id != 0);
        let named = match self.kind {
            Kind::Data if self.writers.is_some() => written,
            Kind::Data => grouped,
            Kind::Probe | Kind::Announcement => matches!(self.subject, Some(1..=6)),
        };
        self.publisher.is_some() && named
    }

    /// Whether all its bytes are accounted for in a way that hardly anything else is.
    pub(super) fn is_exact(&self) -> bool {
        match self.kind {
            Kind::Data => self.data_sets().is_some_and(|sets| sets.are_exact()),
            Kind::Probe => self.is_exact_probe(),
            Kind::Announcement => false,
        }
    }

    /// A probe for information of one of five kinds from so many writers.
    fn is_exact_probe(&self) -> bool {
        let mut rest = self.payload;
        let kind = rest.u8("information_type");
        let count = rest.u32_le("data_set_writer_ids");
        self.subject == Some(1)
            && matches!(kind, Ok(1..=5))
            && count.is_ok_and(|count| count as usize * 2 == rest.left())
    }

    /// What judges may look at, less what they never see.
    pub(super) fn identity(&self) -> impl std::hash::Hash + use<'a> {
        let writers = self.writers.map(|writers| writers.ids.peek());
        let mode = self.security.map(|security| security.mode);
        let chunk = self.chunk.is_some();
        (
            self.publisher,
            self.group.id,
            writers,
            mode,
            self.subject,
            chunk,
        )
    }
}

fn kind(at: Reader<'_>, flags: Flags) -> Result<Kind, Malformed> {
    if flags.third & 0xe0 != 0 {
        return Err(at.malformed("extended_flags_2", "reserved bits are set"));
    }
    match (flags.third >> 2) & 7 {
        0 => Ok(Kind::Data),
        1 => Ok(Kind::Probe),
        2 => Ok(Kind::Announcement),
        _ => Err(at.malformed("extended_flags_2", "no such type of network message")),
    }
}

fn publisher<'a>(
    reader: &mut Reader<'a>,
    flags: Flags,
) -> Result<Option<Publisher<'a>>, Malformed> {
    const FIELD: &str = "publisher_id";
    if !flags.has_publisher() {
        return Ok(None);
    }
    let publisher = match flags.second & 7 {
        0 => Publisher::Number(reader.u8(FIELD)?.into()),
        1 => Publisher::Number(reader.u16_le(FIELD)?.into()),
        2 => Publisher::Number(reader.u32_le(FIELD)?.into()),
        3 => Publisher::Number(reader.u64_le(FIELD)?),
        4 => Publisher::Text(text(reader, FIELD)?.unwrap_or("")),
        _ => return Err(reader.malformed(FIELD, "no such type of publisher identifier")),
    };
    Ok(Some(publisher))
}

fn group(reader: &mut Reader<'_>) -> Result<Group, Malformed> {
    let at = *reader;
    let flags = reader.u8("group_flags")?;
    if flags & 0xf0 != 0 {
        return Err(at.malformed("group_flags", "reserved bits are set"));
    }
    let mut group = Group::default();
    if flags & 1 != 0 {
        group.id = Some(reader.u16_le("writer_group_id")?);
    }
    if flags & 2 != 0 {
        group.version = Some(reader.u32_le("group_version")?);
    }
    if flags & 4 != 0 {
        group.number = Some(reader.u16_le("network_message_number")?);
    }
    if flags & 8 != 0 {
        group.sequence = Some(reader.u16_le("sequence_number")?);
    }
    Ok(group)
}

/// The payload header: of data sets a count and that many identifiers, of a chunk one identifier.
fn writers<'a>(
    reader: &mut Reader<'a>,
    flags: Flags,
    kind: Kind,
) -> Result<Option<Writers<'a>>, Malformed> {
    if !flags.has_writers() || kind != Kind::Data {
        return Ok(None);
    }
    let count = match flags.is_chunk() {
        true => 1,
        false => reader.u8("count")?.into(),
    };
    let ids = reader.sub("data_set_writer_id", 2 * count)?;
    Ok(Some(Writers { ids }))
}

/// Passes over time and promoted fields.
fn extended(reader: &mut Reader<'_>, flags: Flags) -> Result<(), Malformed> {
    if flags.second & 0x20 != 0 {
        reader.take("timestamp", 8)?;
    }
    if flags.second & 0x40 != 0 {
        reader.take("picoseconds", 2)?;
    }
    if flags.third & 0x02 != 0 {
        let size = reader.u16_le("promoted_fields")?;
        reader.take("promoted_fields", size.into())?;
    }
    Ok(())
}

fn security(reader: &mut Reader<'_>) -> Result<Security, Malformed> {
    let at = *reader;
    let flags = reader.u8("security_flags")?;
    let mode = match flags & 3 {
        0 => Mode::None,
        1 => Mode::Sign,
        3 => Mode::SignAndEncrypt,
        _ => return Err(at.malformed("security_flags", "encrypted and not signed")),
    };
    if flags & 0xf0 != 0 {
        return Err(at.malformed("security_flags", "reserved bits are set"));
    }
    let token_id = reader.u32_le("security_token_id")?;
    let nonce = reader.u8("nonce_length")?;
    reader.take("message_nonce", nonce.into())?;
    if flags & 4 != 0 {
        reader.u16_le("security_footer_size")?;
    }
    Ok(Security { mode, token_id })
}
