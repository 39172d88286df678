//! System status lists: their records, where a list tells who the device is, in which mode it is and
//! how it is protected.
//!
//! A list is its number, an entry, the length and the count of its records, then the records; only
//! whole records are read. **Source:** A5E00739858-01 (System Software for S7-300/400, System and
//! Standard Functions, volume 2/2), 33.2 for the head, 33.5 for xy11, 33.11 for xy1C, 33.14 to 33.19 for xy32;
//! for entries 1 and 4 of 0132 also the manual of a compatible controller (VIPA SPEED7 operation list
//! HB00, 17.11). That edition has neither xy24 nor xy31: their records are as independent decoders
//! (Wireshark's of S7comm) read them, held against the captures that carry them.

use std::borrow::Cow;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::times::DateTime;
use super::{codes, identity, record::Hex};
use crate::reader::Reader;

/// The most records of one list that a record shows.
const SHOWN: usize = 64;

/// A system status list.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'a> {
    id: u16,
    index: u16,
    len: usize,
    count: u16,
    records: &'a [u8],
}

/// What a list tells about the mode and the protection of a controller.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct State {
    /// The operating mode.
    pub(super) mode: Option<&'static str>,
    /// The operating mode before.
    pub(super) previous_mode: Option<&'static str>,
    /// The protection level that holds.
    pub(super) protection_level: Option<u16>,
    /// Where the mode selector stands.
    pub(super) selector: Option<&'static str>,
}

impl<'a> List<'a> {
    /// Reads a list from its number on.
    pub(super) fn read(content: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(content);
        Some(Self {
            id: reader.u16("szl_id").ok()?,
            index: reader.u16("szl_index").ok()?,
            len: reader.u16("szl_record_length").ok()?.into(),
            count: reader.u16("szl_record_count").ok()?,
            records: reader.rest(),
        })
    }

    fn records(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let whole = self.records.chunks_exact(self.len.max(1));
        whole.take(self.count.into())
    }

    /// What the first record tells about mode and protection.
    pub(super) fn state(&self) -> State {
        let record = self.records().next().unwrap_or_default();
        match (self.id & 0xff, self.index, record) {
            (0x24, _, [_, _, _, modes, ..]) => State {
                mode: Some(codes::mode(modes & 0x0f)),
                previous_mode: Some(codes::mode(modes >> 4)),
                ..State::default()
            },
            (0x32, 4, [_, _, _, _, _, _, a, b, c, d, ..]) => State {
                protection_level: Some(u16::from_be_bytes([*a, *b])),
                selector: Some(codes::selector(u16::from_be_bytes([*c, *d]))),
                ..State::default()
            },
            _ => State::default(),
        }
    }
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("record_bytes", &self.len)?;
        map.serialize_entry("record_count", &self.count)?;
        let known = matches!(
            (self.id & 0xff, self.index),
            (0x11 | 0x1c | 0x24, _) | (0x31, 1) | (0x32, 1 | 4 | 5)
        );
        if known && self.records().next().is_some() {
            map.serialize_entry("records", &Records(self))?;
        }
        map.end()
    }
}

struct Records<'a>(&'a List<'a>);

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for record in self.0.records().take(SHOWN) {
            list.serialize_element(&Record {
                id: self.0.id & 0xff,
                record,
            })?;
        }
        list.end()
    }
}

struct Record<'a> {
    id: u16,
    record: &'a [u8],
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut reader = Reader::new(self.record);
        // A record that is shorter than its kind tells what it tells.
        let mut told = Told { map: &mut map };
        match self.id {
            0x11 => module(&mut reader, &mut told)?,
            0x1c => component(&mut reader, &mut told)?,
            0x24 => modes(&mut reader, &mut told)?,
            0x31 => words(&mut reader, &mut told, CAPABILITY)?,
            _ => status(&mut reader, &mut told)?,
        }
        map.end()
    }
}

struct Told<'a, M> {
    map: &'a mut M,
}

impl<M: SerializeMap> Told<'_, M> {
    fn some(&mut self, name: &'static str, value: Option<impl Serialize>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.map.serialize_entry(name, &value))
    }

    fn text(&mut self, name: &'static str, bytes: Option<&[u8]>) -> Result<(), M::Error> {
        let text = identity::text(bytes.unwrap_or_default());
        self.some(name, Some(text).filter(|text| !text.is_empty()))
    }
}

/// 33.5: order number, kind, version.
fn module<M: SerializeMap>(
    reader: &mut Reader<'_>,
    told: &mut Told<'_, M>,
) -> Result<(), M::Error> {
    let index = reader.u16("szl_entry").ok();
    told.some("index", index)?;
    told.text("order_number", reader.take("order_number", 20).ok())?;
    told.some("module_type", reader.u16("module_type").ok())?;
    match (index, reader.array("version").ok()) {
        (Some(1), Some([a, b, _, _])) => told.some("hardware", Some(u16::from_be_bytes([a, b]))),
        (Some(_), Some(version)) => told.some("version", self::version(version)),
        _ => Ok(()),
    }
}

/// A letter and three numbers, of which a blank is none.
fn version([letter, major, minor, patch]: [u8; 4]) -> Option<String> {
    let numbers: Vec<String> = [major, minor, patch]
        .into_iter()
        .filter(|&number| number != b' ')
        .map(|number| number.to_string())
        .collect();
    let letter = char::from(letter);
    letter
        .is_ascii_alphabetic()
        .then(|| format!("{letter}{}", numbers.join(".")))
}

/// 33.11: one fact for each entry, told by the entry's low byte.
fn component<M: SerializeMap>(
    reader: &mut Reader<'_>,
    told: &mut Told<'_, M>,
) -> Result<(), M::Error> {
    let index = reader.u16("szl_entry").ok();
    told.some("index", index)?;
    let rest = reader.peek();
    let name = match index.unwrap_or(0) & 0xff {
        0x1 => "station_name",
        0x2 => "module_name",
        0x3 => "plant",
        0x4 => "copyright",
        0x5 => "serial",
        0x7 => "product",
        0x8 => "memory_card",
        0x9 => return words(reader, told, MAKER),
        0xa => "oem",
        0xb => "location",
        _ => return Ok(()),
    };
    let len = if name == "oem" { 20 } else { rest.len() };
    told.text(name, rest.get(..len.min(rest.len())))
}

/// Mode transitions: the event, both modes, and when.
fn modes<M: SerializeMap>(reader: &mut Reader<'_>, told: &mut Told<'_, M>) -> Result<(), M::Error> {
    told.some("event", reader.u16("event").ok())?;
    _ = reader.u8("event_reserved");
    let modes = reader.u8("modes").ok();
    told.some("mode", modes.map(|modes| codes::mode(modes & 0x0f)))?;
    told.some("previous_mode", modes.map(|modes| codes::mode(modes >> 4)))?;
    _ = reader.u32("modes_reserved");
    told.some("startup_info", reader.take("startup_info", 4).ok().map(Hex))?;
    told.some("time", reader.array("time").ok().and_then(DateTime::parse))
}

/// 33.14, 33.15 and 33.19: what it is about stands in the entry's low byte.
fn status<M: SerializeMap>(
    reader: &mut Reader<'_>,
    told: &mut Told<'_, M>,
) -> Result<(), M::Error> {
    let index = reader.u16("szl_entry").unwrap_or(0);
    match index & 0xff {
        1 => words(reader, told, CONNECTIONS),
        4 => protection(reader, told),
        5 => words(reader, told, DIAGNOSTICS),
        _ => Ok(()),
    }
}

fn protection<M: SerializeMap>(
    reader: &mut Reader<'_>,
    told: &mut Told<'_, M>,
) -> Result<(), M::Error> {
    words(reader, told, LEVELS)?;
    let selector = reader.u16("selector").ok();
    told.some("selector", selector.map(codes::selector))?;
    let startup = reader.u16("startup_switch").ok();
    told.some("startup_switch", startup.map(codes::startup))
}

/// Numbers of a name and a width in bytes; those without a name are reserved.
type Words = &'static [(&'static str, usize)];

const MAKER: Words = &[
    ("manufacturer_id", 2),
    ("profile_id", 2),
    ("profile_type", 2),
];
const LEVELS: Words = &[
    ("selector_level", 2),
    ("parameter_level", 2),
    ("valid_level", 2),
];
const DIAGNOSTICS: Words = &[("extended", 2), ("sending", 2), ("user_messages", 2)];
const CAPABILITY: Words = &[
    ("index", 2),
    ("max_pdu", 2),
    ("max_connections", 2),
    ("mpi_bps", 4),
    ("bus_bps", 4),
];
const CONNECTIONS: Words = &[
    ("pg_reserved", 2),
    ("op_reserved", 2),
    ("pg_used", 2),
    ("op_used", 2),
    ("s7_configured", 2),
    ("s7_used", 2),
    ("unused", 2),
    ("", 2),
    ("max_load_percent", 2),
];

fn words<M: SerializeMap>(
    reader: &mut Reader<'_>,
    told: &mut Told<'_, M>,
    words: Words,
) -> Result<(), M::Error> {
    for (name, width) in words {
        let number = reader.take(name, *width).ok().map(number);
        told.some(name, number.filter(|_| !name.is_empty()))?;
    }
    Ok(())
}

/// A number, most significant byte first.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Text that a fixed place holds, without what fills it.
pub(super) fn filled(bytes: &[u8]) -> Cow<'_, str> {
    identity::text(bytes)
}
