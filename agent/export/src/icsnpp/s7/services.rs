//! What a message of S7comm is for, and how it ended: functions, sub-functions, errors.

use super::super::message::Message;
use super::super::row::Row;
use super::{hexadecimal, words};

const USERDATA: u64 = 7;
/// The method of userdata that answers, or that asks for the next part of an answer.
const ANSWERS: u64 = 0x12;

/// Names the function and the error of a message.
pub(super) fn name(message: &Message<'_>, rosctr: u64, row: &mut Row) {
    if rosctr == USERDATA {
        userdata(message, row);
    } else {
        job(message, rosctr, row);
    }
}

fn job(message: &Message<'_>, rosctr: u64, row: &mut Row) {
    let function = message.number("function");
    hexadecimal(row, "function_code", function);
    row.maybe("function_name", function.map(words::function));
    if (rosctr, function) == (1, Some(0x28)) {
        let service = message.text("pi_service").unwrap_or_default();
        row.set("subfunction_code", service);
        row.set("subfunction_name", words::service(service));
    }
    if let Some(class) = message.number("error_class") {
        row.set("error_class", words::error_class(class));
        hexadecimal(row, "error_code", message.number("error_code"));
    }
}

fn userdata(message: &Message<'_>, row: &mut Row) {
    let number = |path| message.number(path).unwrap_or(0);
    let (kind, group) = (number("userdata.type"), number("userdata.group"));
    let subfunction = number("userdata.subfunction");
    let kind_name = match kind {
        0 => "Push",
        4 => "Request",
        8 => "Response",
        _ => "Unknown",
    };
    hexadecimal(row, "function_code", Some(kind << 4 | group));
    row.set(
        "function_name",
        format!("{kind_name}: {}", words::group(group)),
    );
    hexadecimal(row, "subfunction_code", Some(subfunction));
    row.maybe("subfunction_name", words::subfunction(group, subfunction));
    if message.number("method") == Some(ANSWERS) {
        let error = message.number("userdata.error");
        row.maybe(
            "error_class",
            error.map(|error| match error {
                0 => "No error",
                _ => "Parameter Error",
            }),
        );
        hexadecimal(row, "error_code", error);
    }
}
