//! What system status lists tell about a controller: 0x0011 module and 0x001c component
//! identification.
//!
//! A list is its number, an entry, the length and the count of its records, then the records. Only
//! whole records are read. Texts are filled with blanks or zeros, which are cut off.

use std::borrow::Cow;

use model::{Fact, Identity, Side, Unit};

use crate::reader::Reader;

/// Shows every fact of a list.
pub(super) fn facts(list: &[u8], unit: Option<Unit>, see: &mut dyn FnMut(Identity<'_>)) {
    let mut tell = |fact, value: Cow<'_, str>| {
        if !value.is_empty() {
            see(Identity {
                of: Side::Server,
                unit,
                fact,
                value,
            });
        }
    };
    _ = read(list, &mut tell);
}

type Tell<'a> = &'a mut dyn FnMut(Fact, Cow<'_, str>);

fn read(list: &[u8], tell: Tell<'_>) -> Result<(), model::Malformed> {
    let mut reader = Reader::new(list);
    let id = reader.u16("szl_id")?;
    reader.u16("szl_index")?;
    let len = reader.u16("szl_record_length")?;
    let count = reader.u16("szl_record_count")?;
    for _ in 0..count {
        let record = reader.take("szl_record", len.into())?;
        match (id & 0xff, record) {
            (0x11, [0, entry, rest @ ..]) => module(*entry, rest, tell),
            (0x1c, [_, entry, rest @ ..]) => component(*entry, rest, tell),
            _ => {}
        }
    }
    Ok(())
}

/// Entry 1 is the module, 7 its firmware: an order number of 20 characters, a kind, a version.
fn module(entry: u8, record: &[u8], tell: Tell<'_>) {
    let order = text(record.get(..20).unwrap_or_default());
    match (entry, record.get(22..26)) {
        (1, _) => {
            if order.starts_with('6') {
                tell(Fact::Vendor, "Siemens".into());
            }
            tell(Fact::Model, order);
        }
        (7, Some(&[b'V', major, minor, patch])) => {
            tell(Fact::Version, format!("V{major}.{minor}.{patch}").into());
        }
        _ => {}
    }
}

fn component(entry: u8, record: &[u8], tell: Tell<'_>) {
    match entry {
        1 => tell(Fact::Name, text(record.get(..24).unwrap_or(record))),
        5 => tell(Fact::Serial, text(record.get(..24).unwrap_or(record))),
        7 => tell(Fact::Product, text(record)),
        4 if text(record).contains("Siemens") => tell(Fact::Vendor, "Siemens".into()),
        _ => {}
    }
}

/// Printable text: up to the first zero, without blanks at its ends, Latin-1 beyond ASCII.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    let end = bytes.iter().position(|&byte| byte == 0);
    let bytes = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(bytes);
    let bytes = bytes.trim_ascii();
    match std::str::from_utf8(bytes) {
        Ok(plain) if plain.bytes().all(|byte| (0x20..0x7f).contains(&byte)) => plain.into(),
        _ => bytes
            .iter()
            .map(|&byte| char::from(byte))
            .filter(|letter| !letter.is_control())
            .collect::<String>()
            .into(),
    }
}
