//! `modbus_detailed.log`: one row per transaction, written with its answer and timed by its request;
//! and the logs of functions that do not fit one row.
//!
//! A request that is not answered is written when that is certain, an answer without a request at
//! once, both with `matched` false. Functions that ICSNPP does not read have a row per message.
//!
//! Unlike ICSNPP, which pairs by transaction identifier alone and over all flows at once, requests
//! and answers are paired as the decoder paired them.

use std::collections::VecDeque;

use model::{Request, Stamp};
use serde_json::Value;

use super::super::folder::Folder;
use super::super::message::{Message, escaped};
use super::super::row::Row;
use super::{files, words};

/// One row per transaction.
pub(super) const LOG: &str = "modbus_detailed";
/// Both halves of every mask write.
pub(super) const MASK_WRITE: &str = "modbus_mask_write_register";
/// Both halves of every read that also writes.
pub(super) const READ_WRITE: &str = "modbus_read_write_multiple_registers";
/// Requests for identification, and a row per object of their answers.
pub(super) const IDENTIFICATION: &str = "modbus_read_device_identification";

/// The transactions of one flow.
#[derive(Default)]
pub(super) struct Detailed {
    // INVARIANT: at most `WAITING`, oldest first.
    waiting: VecDeque<Waiting>,
    /// How many links were given.
    links: u64,
}

/// A request that waits for its answer.
struct Waiting {
    signature: u64,
    asked: Stamp,
    transaction: Option<u64>,
    link: Option<String>,
    row: Row,
}

impl Detailed {
    /// Takes a message of this function code.
    pub(super) fn message(&mut self, message: &Message<'_>, code: u64, folder: &mut Folder) {
        if message.number("exception").is_some() {
            return self.exception(message, code, folder);
        }
        match code {
            1..=6 | 8 | 15 | 16 | 20..=24 | 43 if message.asks() => {
                self.request(message, code, folder);
            }
            1..=6 | 8 | 15 | 16 | 20..=24 | 43 => self.answer(message, code, folder),
            0x80.. => {}
            _ => folder.write(LOG, &head(message, code)),
        }
    }

    /// Writes a request that was never answered.
    pub(super) fn unanswered(&mut self, signature: u64, asked: Stamp, folder: &mut Folder) {
        let is_meant = |it: &Waiting| (it.signature, it.asked) == (signature, asked);
        if let Some(place) = self.waiting.iter().position(is_meant)
            && let Some(waiting) = self.waiting.remove(place)
        {
            unmatched(waiting.row, folder);
        }
    }

    /// Writes every request that was not answered when the flow ended.
    pub(super) fn closed(&mut self, folder: &mut Folder) {
        for waiting in self.waiting.drain(..) {
            unmatched(waiting.row, folder);
        }
    }

    fn request(&mut self, message: &Message<'_>, code: u64, folder: &mut Folder) {
        let transaction = message.number("transaction_id");
        let link = matches!(code, 22 | 23 | 43).then(|| {
            self.links += 1;
            message.conn.link(self.links)
        });
        let mut row = head(message, code);
        asked(message, code, &mut row);
        row.maybe("modbus_detailed_link_id", link.clone());
        aside(
            message,
            code,
            "REQUEST",
            link.as_deref().unwrap_or(""),
            folder,
        );
        self.waiting.push_back(Waiting {
            signature: message.operation.signature,
            asked: message.stamp,
            transaction,
            link,
            row,
        });
        if self.waiting.len() > WAITING
            && let Some(oldest) = self.waiting.pop_front()
        {
            unmatched(oldest.row, folder);
        }
    }

    fn answer(&mut self, message: &Message<'_>, code: u64, folder: &mut Folder) {
        let waiting = self.take(message);
        let link = waiting.as_ref().and_then(|waiting| waiting.link.clone());
        aside(
            message,
            code,
            "RESPONSE",
            link.as_deref().unwrap_or(""),
            folder,
        );
        let matched = waiting.is_some();
        let mut row = waiting.map_or_else(|| head(message, code), |waiting| waiting.row);
        answered(message, code, matched, &mut row);
        row.set("matched", matched);
        folder.write(LOG, &row);
    }

    fn exception(&mut self, message: &Message<'_>, code: u64, folder: &mut Folder) {
        let mut row = match self.take(message) {
            Some(mut waiting) => {
                waiting.row.set("matched", true);
                waiting.row
            }
            None => head(message, code),
        };
        let exception = message.number("exception").map(words::exception);
        row.maybe("exception_code", exception);
        folder.write(LOG, &row);
    }

    /// The request that the decoder found for an answer.
    fn take(&mut self, message: &Message<'_>) -> Option<Waiting> {
        let Request { signature, asked } = message.operation.answers?;
        let transaction = message.number("transaction_id");
        let place = self.waiting.iter().position(|it| {
            (it.signature, it.asked, it.transaction) == (signature, asked, transaction)
        })?;
        self.waiting.remove(place)
    }
}

fn unmatched(mut row: Row, folder: &mut Folder) {
    row.set("matched", false);
    folder.write(LOG, &row);
}

/// What every row of the detailed log begins with. It has no `is_orig`: a row has two senders.
fn head(message: &Message<'_>, code: u64) -> Row {
    let mut row = message.row();
    row.maybe("tid", message.number("transaction_id"));
    row.maybe("unit", message.number("unit_id"));
    row.set("func", words::function(code));
    row
}

/// What a request says.
fn asked(message: &Message<'_>, code: u64, row: &mut Row) {
    let values = message.field("values").cloned();
    match code {
        1..=4 => {
            row.maybe("address", message.number("address"));
            row.maybe("quantity", message.number("quantity"));
        }
        5 | 6 | 15 | 16 => {
            row.maybe("address", message.number("address"));
            row.set("quantity", message.list("values").map_or(0, <[_]>::len));
            row.maybe("request_values", values);
        }
        8 => {
            let name = message.number("subfunction").map(words::diagnostics);
            row.maybe("request_subfunction_code", name);
            row.maybe("request_data", data(message));
        }
        20 | 21 => row.maybe("quantity", message.list("file_records").map(<[_]>::len)),
        22 | 24 => row.maybe("address", message.number("address")),
        43 => row.maybe("mei_type", message.number("mei").map(words::mei)),
        _ => {}
    }
}

/// What an answer says; where its request was not seen, also what that would have said.
fn answered(message: &Message<'_>, code: u64, matched: bool, row: &mut Row) {
    let values = message.field("values").cloned();
    let count = message.list("values").map(<[_]>::len);
    match code {
        1..=4 => {
            row.maybe("response_values", values);
            row.maybe("response_data", padding(message));
            if !matched {
                row.maybe("quantity", count);
            }
        }
        5 | 6 => {
            row.maybe("address", message.number("address"));
            row.maybe("quantity", count);
            row.maybe("response_values", values);
        }
        15 if matched => {}
        15 | 16 => {
            row.maybe("address", message.number("address"));
            row.maybe("quantity", message.number("quantity"));
        }
        8 => {
            let name = message.number("subfunction").map(words::diagnostics);
            row.maybe("response_subfunction_code", name);
            row.maybe("response_data", data(message));
        }
        20 | 21 => row.maybe("response_data", files::records(message)),
        22 if !matched => row.maybe("address", message.number("address")),
        24 => {
            row.maybe("quantity", count);
            row.maybe("response_values", values.filter(|_| count != Some(0)));
        }
        43 if !matched => row.maybe("mei_type", message.number("mei").map(words::mei)),
        _ => {}
    }
}

/// Writes the rows of functions that have a log of their own.
fn aside(message: &Message<'_>, code: u64, half: &str, link: &str, folder: &mut Folder) {
    let mut row = message.sided_row();
    row.set("modbus_detailed_link_id", link);
    row.maybe("tid", message.number("transaction_id"));
    row.maybe("unit", message.number("unit_id"));
    row.set("func", words::function(code));
    row.set("request_response", half);
    match (code, message.number("mei")) {
        (22, _) => mask_write(message, row, folder),
        (23, _) => read_write(message, row, folder),
        (43, Some(0x0e)) => identification(message, row, folder),
        _ => {}
    }
}

fn mask_write(message: &Message<'_>, mut row: Row, folder: &mut Folder) {
    for field in ["address", "and_mask", "or_mask"] {
        row.maybe(field, message.number(field));
    }
    folder.write(MASK_WRITE, &row);
}

fn read_write(message: &Message<'_>, mut row: Row, folder: &mut Folder) {
    let values = message.field("values").cloned();
    if message.asks() {
        row.maybe("write_start_address", message.number("write_address"));
        row.maybe("write_registers", values);
        row.maybe("read_start_address", message.number("address"));
        row.maybe("read_quantity", message.number("quantity"));
    } else {
        row.maybe("read_registers", values);
    }
    folder.write(READ_WRITE, &row);
}

fn identification(message: &Message<'_>, mut row: Row, folder: &mut Folder) {
    row.set("mei_type", "READ-DEVICE-IDENTIFICATION");
    row.maybe("device_id_code", message.number("read_device_id_code"));
    if message.asks() {
        name_object(&mut row, message.number("object_id"));
        return folder.write(IDENTIFICATION, &row);
    }
    if let Some(level) = message.number("conformity_level") {
        let individual = message.field("individual_access") == Some(&Value::Bool(true));
        let level = level | if individual { 0x80 } else { 0 };
        row.set("conformity_level_code", format!("0x{level:02x}"));
        row.set("conformity_level", words::conformity(level));
    }
    for object in message.list("identification").unwrap_or_default() {
        let mut row = row.clone();
        name_object(&mut row, object.get("id").and_then(Value::as_u64));
        row.maybe("object_value", object.get("value").cloned());
        folder.write(IDENTIFICATION, &row);
    }
}

fn name_object(row: &mut Row, id: Option<u64>) {
    if let Some(id) = id {
        row.set("object_id_code", format!("0x{id:02x}"));
        row.set("object_id", words::object(id));
    }
}

/// The bits after the last coil that was asked for.
fn padding(message: &Message<'_>) -> Option<String> {
    let bits = message.list("padding")?.iter().map(Value::to_string);
    Some(bits.collect::<Vec<_>>().join(",")).filter(|bits| !bits.is_empty())
}

fn data(message: &Message<'_>) -> Option<String> {
    message.bytes("data").map(|bytes| escaped(&bytes))
}

/// How many requests of a flow wait for their answers at most.
const WAITING: usize = 256;
