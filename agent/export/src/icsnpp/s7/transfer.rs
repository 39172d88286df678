//! `s7comm_upload_download.log`: the steps of copying a block, jobs 0x1a to 0x1f.

use super::super::folder::Folder;
use super::super::message::{Message, escaped};
use super::super::row::Row;
use super::{hexadecimal, reference, words};

/// The log.
pub(super) const LOG: &str = "s7comm_upload_download";

/// Writes the row of a step.
pub(super) fn write(message: &Message<'_>, rosctr: u64, folder: &mut Folder) {
    let Some(function @ 0x1a..=0x1f) = message.number("function") else {
        return;
    };
    if !matches!(rosctr, 1 | 3) {
        return;
    }
    let mut row = message.sided_row();
    row.set("rosctr", words::rosctr(rosctr));
    row.maybe("pdu_reference", reference(message));
    row.set("function_name", words::function(function));
    if rosctr == 1 || matches!(function, 0x1d | 0x1e) {
        hexadecimal(
            &mut row,
            "function_status",
            message.number("function_status"),
        );
    }
    row.maybe("session_id", message.number("session_id"));
    row.maybe("blocklength", message.number("block_length"));
    if let Some(name) = message.bytes("filename") {
        file(&name, &mut row);
    }
    folder.write(LOG, &row);
}

/// A name such as `_0A00001P`: a mark, the kind of block, its number, the file system.
fn file(name: &[u8], row: &mut Row) {
    let part = |from: usize, to: usize| escaped(name.get(from..to).unwrap_or_default());
    row.set("filename", escaped(name));
    row.set("block_type", words::block(&part(1, 3)));
    row.set("block_number", part(3, 8));
    row.set("destination_filesystem", words::filesystem(&part(8, 9)));
}
