//! ICSNPP's logs of COTP, S7comm and S7comm-plus.
//!
//! References are shown with their bytes swapped, as ICSNPP and most analysts' tools show them.
//!
//! Unlike ICSNPP, messages are followed across segments, data units and lost bytes, at any port;
//! see `docs/ICSNPP.md`.

mod devices;
mod services;
mod transfer;
mod words;

use model::Stamp;

use super::conn::Conn;
use super::folder::Folder;
use super::message::{Heard, Message};
use super::row::Row;
use super::{Pen, Protocol};

use devices::Devices;

/// The logs of S7.
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "s7",
    logs: &[
        "cotp",
        "s7comm",
        "s7comm_plus",
        devices::LOG,
        LISTS,
        transfer::LOG,
    ],
    pen: || Box::<S7>::default(),
};

const LISTS: &str = "s7comm_read_szl";

/// The kind of userdata that answers.
const RESPONSE: u64 = 8;

/// Writes what is said in one flow.
#[derive(Default)]
struct S7 {
    devices: Devices,
    /// The number of the list whose parts are still coming.
    list: Option<u64>,
}

impl Pen for S7 {
    fn message(&mut self, message: &Message<'_>, folder: &mut Folder) {
        units(message, folder);
        match message.number("rosctr") {
            Some(rosctr) => self.classic(message, rosctr, folder),
            None if message.field("version").is_some() => plus(message, folder),
            None => {}
        }
    }

    fn part(&mut self, part: &Heard<'_>, folder: &mut Folder) {
        units(part, folder);
        if part.field("version").is_some() {
            plus(part, folder);
        }
    }

    fn closed(&mut self, conn: &Conn, stamp: Stamp, folder: &mut Folder) {
        self.devices.write(conn, stamp, folder);
    }
}

impl S7 {
    fn classic(&mut self, message: &Message<'_>, rosctr: u64, folder: &mut Folder) {
        let mut row = message.sided_row();
        row.set("rosctr_code", rosctr);
        row.set("rosctr_name", words::rosctr(rosctr));
        row.maybe("pdu_reference", reference(message));
        services::name(message, rosctr, &mut row);
        folder.write("s7comm", &row);
        if self.begins_list(message) {
            list(message, folder);
        }
        transfer::write(message, rosctr, folder);
        self.devices.learn(message);
    }

    /// Whether a message names a list: only the first part of an answer does.
    fn begins_list(&mut self, message: &Message<'_>) -> bool {
        let group = (
            message.number("userdata.group"),
            message.number("userdata.subfunction"),
        );
        if group != (Some(4), Some(1)) {
            return false;
        }
        if message.number("userdata.type") != Some(RESPONSE) {
            return message.field("data_szl").is_some();
        }
        let part = message.number("data_reference").filter(|&part| part != 0);
        let goes_on = part.is_some() && self.list == part;
        self.list = part.filter(|_| message.number("more_parts") != Some(0));
        !goes_on && message.field("data_szl").is_some()
    }
}

/// Zeek's `cotp.log`: a row per transport unit.
fn units(unit: &Heard<'_>, folder: &mut Folder) {
    let (code, name) = words::unit(unit.text("cotp").unwrap_or_default());
    let mut row = unit.sided_row();
    row.set("pdu_code", format!("0x{code:02x}"));
    row.set("pdu_name", name);
    folder.write("cotp", &row);
}

/// A row per part, each with what its own head says: only the first of several has the message's head.
fn plus(part: &Heard<'_>, folder: &mut Folder) {
    let mut row = part.sided_row();
    row.maybe("version", part.number("version"));
    let begins = part.field("in_parts").is_none();
    if let Some(opcode) = part.number("opcode").filter(|_| begins) {
        row.set("opcode", format!("0x{opcode:02x}"));
        row.set("opcode_name", words::opcode(opcode));
    }
    if let Some(function) = part.number("plus_function").filter(|_| begins) {
        row.set("function_code", format!("0x{function:04x}"));
        row.set("function_name", words::plus(function));
    }
    folder.write("s7comm_plus", &row);
}

fn list(message: &Message<'_>, folder: &mut Folder) {
    let mut row = message.sided_row();
    row.maybe("pdu_reference", reference(message));
    row.set("method", words::method(message.number("method")));
    if let Some([id, index]) = message.list("data_szl") {
        let (id, index) = (id.as_u64().unwrap_or(0), index.as_u64().unwrap_or(0));
        row.set("szl_id", format!("0x{id:04x}"));
        row.set("szl_id_name", words::list(id & 0xff));
        row.set("szl_index", format!("0x{index:04x}"));
    }
    if let Some(code) = message.number("data_return_code") {
        row.set("return_code", format!("0x{code:02x}"));
        row.set("return_code_name", words::return_code(code));
    }
    folder.write(LISTS, &row);
}

/// The reference, its bytes swapped.
fn reference(message: &Message<'_>) -> Option<u16> {
    let reference = u16::try_from(message.number("pdu_ref")?).ok()?;
    Some(reference.swap_bytes())
}

/// Sets a number that is shown in hexadecimal digits.
fn hexadecimal(row: &mut Row, name: &'static str, number: Option<u64>) {
    row.maybe(name, number.map(|number| format!("0x{number:02x}")));
}
