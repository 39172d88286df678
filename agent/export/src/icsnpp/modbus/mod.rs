//! Zeek's `modbus.log` and ICSNPP's detailed logs.

mod detailed;
mod files;
mod words;

use model::Stamp;

use super::conn::Conn;
use super::folder::Folder;
use super::message::Message;
use super::{Pen, Protocol};

use detailed::Detailed;

/// The logs of Modbus.
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "modbus",
    logs: &[
        "modbus",
        detailed::LOG,
        detailed::MASK_WRITE,
        detailed::READ_WRITE,
        detailed::IDENTIFICATION,
    ],
    pen: || Box::<Modbus>::default(),
};

/// Writes what is said in one flow.
#[derive(Default)]
struct Modbus {
    detailed: Detailed,
}

impl Pen for Modbus {
    fn message(&mut self, message: &Message<'_>, folder: &mut Folder) {
        if let Some(code) = code(message) {
            every_message(message, code, folder);
            self.detailed.message(message, code, folder);
        }
    }

    fn unanswered(&mut self, signature: u64, asked: Stamp, folder: &mut Folder) {
        self.detailed.unanswered(signature, asked, folder);
    }

    fn closed(&mut self, _: &Conn, _: Stamp, folder: &mut Folder) {
        self.detailed.closed(folder);
    }
}

/// The function code as it stands on the wire, with the bit that marks an exception.
fn code(message: &Message<'_>) -> Option<u64> {
    let function = message.number("function")?;
    let is_exception =
        message.field("is_exception").is_some() || message.field("exception").is_some();
    Some(function | if is_exception { 0x80 } else { 0 })
}

fn every_message(message: &Message<'_>, code: u64, folder: &mut Folder) {
    let mut row = message.row();
    row.maybe("tid", message.number("transaction_id"));
    row.maybe("unit", message.number("unit_id"));
    row.set("func", words::function(code));
    row.set("pdu_type", if message.asks() { "REQ" } else { "RESP" });
    row.maybe(
        "exception",
        message.number("exception").map(words::exception),
    );
    folder.write("modbus", &row);
}
