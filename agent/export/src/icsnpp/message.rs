//! A message as pens read it: the operation, its flow, and its fields.
//!
//! Fields are those of the operation record, joined with what [`model::Detail::dissect`] shows
//! beyond it. They are read by path, such as `userdata.group`.

use std::ops::Deref;

use model::{Direction, Operation, Stage, Stamp};
use serde::Serialize;
use serde_json::Value;

use super::conn::Conn;
use super::row::Row;

/// What was heard: a message, or a transport unit that completes none.
pub(super) struct Heard<'a> {
    /// Its flow.
    pub(super) conn: &'a Conn,
    /// The frame that completed it.
    pub(super) stamp: Stamp,
    /// Which end it is from.
    pub(super) from: Direction,
    fields: Value,
}

/// One decoded message: what was heard, and what it means.
pub(super) struct Message<'a> {
    heard: Heard<'a>,
    /// What it means.
    pub(super) operation: &'a Operation<'a>,
}

impl<'a> Deref for Message<'a> {
    type Target = Heard<'a>;

    fn deref(&self) -> &Heard<'a> {
        &self.heard
    }
}

impl<'a> Message<'a> {
    /// A message with all its fields.
    pub(super) fn new(
        conn: &'a Conn,
        stamp: Stamp,
        from: Direction,
        operation: &'a Operation<'a>,
    ) -> Self {
        let mut heard = Heard::new(conn, stamp, from, &operation.detail);
        operation.detail.dissect(&mut |shown| {
            let shown = serde_json::to_value(shown).unwrap_or_default();
            if let (Value::Object(fields), Value::Object(shown)) = (&mut heard.fields, shown) {
                fields.extend(shown);
            }
        });
        Self { heard, operation }
    }

    /// Whether it asks; where that cannot be told, whether the flow's originator sent it.
    pub(super) fn asks(&self) -> bool {
        match self.operation.stage {
            Stage::Request => true,
            Stage::Response => false,
            Stage::Other => self.is_orig(),
        }
    }
}

impl<'a> Heard<'a> {
    /// What was heard, with its fields.
    pub(super) fn new(
        conn: &'a Conn,
        stamp: Stamp,
        from: Direction,
        fields: &(impl Serialize + ?Sized),
    ) -> Self {
        Self {
            conn,
            stamp,
            from,
            fields: serde_json::to_value(fields).unwrap_or_default(),
        }
    }

    /// A row of a Zeek log about this message.
    pub(super) fn row(&self) -> Row {
        Row::new(self.conn, self.stamp)
    }

    /// A row of an ICSNPP log about this message: it also says who sent it.
    pub(super) fn sided_row(&self) -> Row {
        Row::from(self.conn, self.stamp, self.from)
    }

    /// Whether the flow's originator sent it.
    pub(super) fn is_orig(&self) -> bool {
        self.conn.is_orig(self.from)
    }

    /// All its fields.
    pub(super) const fn fields(&self) -> &Value {
        &self.fields
    }

    /// A field.
    pub(super) fn field(&self, path: &str) -> Option<&Value> {
        let found = path
            .split('.')
            .try_fold(&self.fields, |object, key| object.get(key));
        found.filter(|value| !value.is_null())
    }

    /// A field that is a number.
    pub(super) fn number(&self, path: &str) -> Option<u64> {
        self.field(path)?.as_u64()
    }

    /// A field that is text.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.field(path)?.as_str()
    }

    /// A field that is a list.
    pub(super) fn list(&self, path: &str) -> Option<&[Value]> {
        self.field(path)?.as_array().map(Vec::as_slice)
    }

    /// A field of hexadecimal digits, as bytes.
    pub(super) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        unhex(self.text(path)?)
    }
}

/// Hexadecimal digits as the bytes that they stand for.
pub(super) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Bytes as Zeek writes them in JSON: what is not printable as `\xNN`.
pub(super) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                _ if letter.is_ascii_control() => hex(&mut text, letter as u8),
                _ => text.push(letter),
            }
        }
        chunk
            .invalid()
            .iter()
            .for_each(|byte| hex(&mut text, *byte));
    }
    text
}

fn hex(text: &mut String, byte: u8) {
    text.push_str(&format!("\\x{byte:02x}"));
}
