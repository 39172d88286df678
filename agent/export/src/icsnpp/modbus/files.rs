//! File records as Zeek prints them: records of its types `ModbusFileRecordResponse` (what was read)
//! and `ModbusFileReference` (what was written), parted by bars.
//!
//! Zeek counts the byte of the reference type to the data of an answer to a read, and so reads one byte
//! too many of each; here the data are as long as they are.

use serde_json::Value;

use super::super::message::{Message, escaped};

/// The only type of a reference (MODBUS Application Protocol V1.1b3, 6.14).
const TYPE: u64 = 6;

/// The file records of a message.
pub(super) fn records(message: &Message<'_>) -> Option<String> {
    let records = message.list("file_records")?.iter().map(record);
    Some(records.collect::<Vec<_>>().join(" | ")).filter(|records| !records.is_empty())
}

fn record(record: &Value) -> String {
    let number = |name: &str| record.get(name).and_then(Value::as_u64);
    let data = record.get("data").and_then(Value::as_array);
    let words = data.into_iter().flatten().filter_map(Value::as_u64);
    let bytes: Vec<u8> = words.flat_map(|word| (word as u16).to_be_bytes()).collect();
    let data = escaped(&bytes);
    match (number("file"), number("record")) {
        (Some(file), Some(place)) => {
            let count = number("length").unwrap_or(0);
            format!(
                "[ref_type={TYPE}, file_num={file}, record_num={place}, word_count={count}, record_data={data}]"
            )
        }
        _ => {
            let len = bytes.len() + 1;
            format!("[file_len={len}, ref_type={TYPE}, record_data={data}]")
        }
    }
}
