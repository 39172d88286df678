//! `s7comm_known_devices.log`: what a server said of itself, written when the flow is over.

use model::Stamp;
use serde_json::Value;

use super::super::conn::Conn;
use super::super::folder::Folder;
use super::super::message::{Message, escaped, unhex};
use super::super::row::Row;

/// The log.
pub(super) const LOG: &str = "s7comm_known_devices";

/// The texts that are logged: their number in the list 0x001c, their longest, their field.
const TEXTS: [(u64, usize, &str); 4] = [
    (1, 24, "automation_system_name"),
    (2, 24, "module_name"),
    (3, 32, "plant_name"),
    (5, 24, "module_serial"),
];

/// The last of each text that was said in one flow.
#[derive(Default)]
pub(super) struct Devices {
    texts: [Option<String>; TEXTS.len()],
}

impl Devices {
    /// Takes the texts of a component identification.
    pub(super) fn learn(&mut self, message: &Message<'_>) {
        for component in message.list("components").unwrap_or_default() {
            let Some([number, text]) = component.as_array().map(Vec::as_slice) else {
                continue;
            };
            let known = TEXTS.iter().zip(&mut self.texts);
            for ((_, longest, _), slot) in known.filter(|((it, ..), _)| number == it) {
                *slot = text.as_str().map(|text| shown(text, *longest));
            }
        }
    }

    /// Writes the row of a flow in which anything was said.
    pub(super) fn write(&self, conn: &Conn, stamp: Stamp, folder: &mut Folder) {
        if self.texts.iter().all(Option::is_none) {
            return;
        }
        let mut row = Row::new(conn, stamp);
        for ((.., field), text) in TEXTS.iter().zip(&self.texts) {
            row.maybe(field, text.clone().map(Value::from));
        }
        folder.write(LOG, &row);
    }
}

/// Hexadecimal digits as text, without the zeros that fill it.
fn shown(digits: &str, longest: usize) -> String {
    let mut bytes = unhex(digits).unwrap_or_default();
    bytes.truncate(longest);
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    escaped(&bytes)
}
