//! The bodies that hold more than cells: counters, logs, files, identifications.
//!
//! Each field is shown under one name, which records, rules and the vocabulary share. A field that the
//! body is too short for is not shown. MODBUS Application Protocol V1.1b3, 6.7 to 6.10, 6.13 to 6.15, 6.18
//! to 6.21. What CANopen's general reference (6.20) holds is another document's: its bytes are shown.

use std::borrow::Cow;

use model::Value;
use serde::{Serialize, Serializer};

use super::files::{FileRecord, FileRecords};
use super::functions::{CANOPEN, DIAGNOSTICS, ENCAPSULATED, IDENTIFICATION, UMAS};
use super::layout::{Half, word};
use super::message::Message;
use super::umas;
use crate::certificate::hex;

/// One field of a body.
#[derive(Clone, Debug)]
pub(super) enum Item<'a> {
    /// A number.
    Number(u32),
    /// A truth.
    Flag(bool),
    /// Words that were sent as such.
    Text(Cow<'a, str>),
    /// Bytes without a public meaning, as hexadecimal digits.
    Hex(&'a [u8]),
    /// Bytes that are numbers each.
    Bytes(&'a [u8]),
    /// Pairs of bytes that are numbers each.
    Words(&'a [u8]),
    /// File references.
    Records(FileRecords<'a>),
}

/// Hears the fields of a body, each with its name.
pub(super) type See<'s, 'a> = &'s mut dyn FnMut(&'static str, Item<'a>);

/// Shows the fields of a body in wire order. `umas_function` is UMAS's own, where it is known.
pub(super) fn walk<'a>(message: &Message<'a>, umas_function: Option<u16>, see: See<'_, 'a>) {
    let Some(half) = message.half() else {
        return;
    };
    let body = message.frame.body;
    match (message.frame.code, half) {
        (7, Half::Answer) => number(see, "exception_status", body.first().copied()),
        (DIAGNOSTICS, _) => see("diagnostic_data", Item::Words(tail(body, 2))),
        (11, Half::Answer) => counter(body, see),
        (12, Half::Answer) => log(message.block(1), see),
        (17, Half::Answer) => server(message.block(1), see),
        (20 | 21, _) => see("file_records", Item::Records(message.files())),
        (24, Half::Answer) => number(see, "fifo_count", word(body, 2)),
        (ENCAPSULATED, _) => encapsulated(half, body, see),
        (UMAS, _) => umas::walk(half, umas_function, body, see),
        _ => {}
    }
}

/// The status word (all ones while a command is being run) and the count (6.9).
fn counter<'a>(body: &'a [u8], see: See<'_, 'a>) {
    number(see, "status", word(body, 0));
    number(see, "event_count", word(body, 2));
}

/// The counter, how many messages were handled, and up to 64 events, the newest first (6.10).
fn log<'a>(block: &'a [u8], see: See<'_, 'a>) {
    counter(block, see);
    number(see, "message_count", word(block, 4));
    see("events", Item::Bytes(tail(block, 6)));
}

/// Device-specific bytes (6.13). Devices start with one byte of their own and the run indicator, which is
/// all zeroes or all ones; where the second byte is neither, none is shown.
fn server<'a>(block: &'a [u8], see: See<'_, 'a>) {
    see("server_id", Item::Hex(block));
    if let Some(indicator @ (0 | 0xff)) = block.get(1) {
        see("run_indicator", Item::Flag(*indicator == 0xff));
    }
}

fn encapsulated<'a>(half: Half, body: &'a [u8], see: See<'_, 'a>) {
    match (half, body) {
        (_, [CANOPEN, rest @ ..]) => see("canopen_data", Item::Hex(rest)),
        (Half::Request, [IDENTIFICATION, code, object, ..]) => {
            number(see, "read_device_id_code", Some(*code));
            number(see, "object_id", Some(*object));
        }
        (Half::Answer, [IDENTIFICATION, code, conformity, more, next, count, ..]) => {
            number(see, "read_device_id_code", Some(*code));
            number(see, "conformity_level", Some(*conformity));
            see(
                "individual_access",
                Item::Flag(conformity & INDIVIDUAL != 0),
            );
            see("more_follows", Item::Flag(*more == 0xff));
            number(see, "next_object_id", Some(*next));
            number(see, "object_count", Some(*count));
        }
        _ => {}
    }
}

/// Shows a number that is there.
pub(super) fn number(see: See<'_, '_>, name: &'static str, value: Option<impl Into<u32>>) {
    if let Some(value) = value {
        see(name, Item::Number(value.into()));
    }
}

/// What is behind the first `at` bytes.
pub(super) fn tail(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or(&[])
}

impl<'a> Item<'a> {
    /// The field as rules compare it.
    pub(super) fn value(self) -> Value<'a> {
        match self {
            Self::Number(number) => number.into(),
            Self::Flag(flag) => Value::Bool(flag),
            Self::Text(text) => Value::Text(text),
            Self::Hex(bytes) => Value::Text(hex(bytes).into()),
            Self::Bytes(bytes) => {
                Value::List(bytes.iter().map(|it| Value::Int((*it).into())).collect())
            }
            Self::Words(bytes) => {
                Value::List(words(bytes).map(|it| Value::Int(it.into())).collect())
            }
            Self::Records(records) => Value::List(
                records
                    .map(|it| Value::Text(it.to_string().into()))
                    .collect(),
            ),
        }
    }
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Hex(bytes) => serializer.serialize_str(&hex(bytes)),
            Self::Bytes(bytes) => serializer.collect_seq(*bytes),
            Self::Words(bytes) => serializer.collect_seq(words(bytes)),
            Self::Records(records) => serializer.collect_seq(records.clone()),
        }
    }
}

impl Serialize for FileRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        if let (Some(file), Some(record)) = (self.file, self.record) {
            map.serialize_entry("file", &file)?;
            map.serialize_entry("record", &record)?;
        }
        map.serialize_entry("length", &self.length)?;
        if let Some(data) = self.data {
            map.serialize_entry("data", &words(data).collect::<Vec<_>>())?;
        }
        map.end()
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes
        .chunks_exact(2)
        .filter_map(|pair| pair.try_into().ok().map(u16::from_be_bytes))
}

/// The bit of the conformity level that says that objects may be asked for one by one (6.21).
const INDIVIDUAL: u8 = 0x80;
