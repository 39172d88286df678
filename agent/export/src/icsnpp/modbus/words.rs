//! What Zeek and ICSNPP call Modbus functions, exceptions and objects.
//!
//! Source: Zeek `base/protocols/modbus/consts.zeek`; cisagov/icsnpp-modbus `scripts/consts.zeek` and
//! `scripts/main.zeek` (all BSD-3-Clause).

use std::borrow::Cow;

/// The name of a function code as it stands on the wire, with the bit that marks an exception.
pub(super) fn function(code: u64) -> Cow<'static, str> {
    match (plain(code), plain(code & 0x7f)) {
        (Some(name), _) => name.into(),
        (None, Some(name)) => format!("{name}_EXCEPTION").into(),
        (None, None) => unknown(code),
    }
}

fn plain(code: u64) -> Option<&'static str> {
    Some(match code {
        0x01 => "READ_COILS",
        0x02 => "READ_DISCRETE_INPUTS",
        0x03 => "READ_HOLDING_REGISTERS",
        0x04 => "READ_INPUT_REGISTERS",
        0x05 => "WRITE_SINGLE_COIL",
        0x06 => "WRITE_SINGLE_REGISTER",
        0x07 => "READ_EXCEPTION_STATUS",
        0x08 => "DIAGNOSTICS",
        0x09 => "PROGRAM_484",
        0x0a => "POLL_484",
        0x0b => "GET_COMM_EVENT_COUNTER",
        0x0c => "GET_COMM_EVENT_LOG",
        0x0d => "PROGRAM_584_984",
        0x0e => "POLL_584_984",
        0x0f => "WRITE_MULTIPLE_COILS",
        0x10 => "WRITE_MULTIPLE_REGISTERS",
        0x11 => "REPORT_SLAVE_ID",
        0x12 => "PROGRAM_884_U84",
        0x13 => "RESET_COMM_LINK_884_U84",
        0x14 => "READ_FILE_RECORD",
        0x15 => "WRITE_FILE_RECORD",
        0x16 => "MASK_WRITE_REGISTER",
        0x17 => "READ_WRITE_MULTIPLE_REGISTERS",
        0x18 => "READ_FIFO_QUEUE",
        0x28 => "PROGRAM_CONCEPT",
        0x29 => "MULTIPLE_FUNCTION_CODES",
        0x2b => "ENCAP_INTERFACE_TRANSPORT",
        0x5a => "PROGRAM_UNITY",
        0x5b => "OBJECT_MESSAGING",
        0x7d => "FIRMWARE_REPLACEMENT",
        0x7e => "PROGRAM_584_984_2",
        0x7f => "REPORT_LOCAL_ADDRESS",
        _ => return None,
    })
}

/// The name of an exception code.
pub(super) fn exception(code: u64) -> Cow<'static, str> {
    let name = match code {
        0x01 => "ILLEGAL_FUNCTION",
        0x02 => "ILLEGAL_DATA_ADDRESS",
        0x03 => "ILLEGAL_DATA_VALUE",
        0x04 => "SLAVE_DEVICE_FAILURE",
        0x05 => "ACKNOWLEDGE",
        0x06 => "SLAVE_DEVICE_BUSY",
        0x08 => "MEMORY_PARITY_ERROR",
        0x0a => "GATEWAY_PATH_UNAVAILABLE",
        0x0b => "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND",
        _ => return unknown(code),
    };
    name.into()
}

/// The name of a diagnostics sub-function.
pub(super) fn diagnostics(code: u64) -> Cow<'static, str> {
    let name = match code {
        0x00 => "Return Query Data",
        0x01 => "Restart Communications Option",
        0x02 => "Return Diagnostic Register",
        0x03 => "Change ASCII Input Delimiter",
        0x04 => "Force Listen Only Mode",
        0x0a => "Clear Counters and Diagnostic Register",
        0x0b => "Return Bus Message Count",
        0x0c => "Return Bus Communication Error Count",
        0x0d => "Return Bus Exception Error Count",
        0x0e => "Return Server Message Count",
        0x0f => "Return Server No Response Count",
        0x10 => "Return Server NAK Count",
        0x11 => "Return Server Busy Count",
        0x12 => "Return Bus Character Overrun Count",
        0x14 => "Clear Overrun Counter and Flag",
        _ => return unknown(code),
    };
    name.into()
}

/// What is carried by an encapsulated interface.
pub(super) fn mei(code: u64) -> Cow<'static, str> {
    match code {
        0x0d => "CANopen".into(),
        0x0e => "Read Device Identification".into(),
        _ => format!("invalid encapsulated interface transport mei-(0x{code:02x})").into(),
    }
}

/// How much of its identification a device offers. ICSNPP's table has 0x04 where the
/// specification (V1.1b3, 6.21) has 0x03.
pub(super) const fn conformity(code: u64) -> &'static str {
    match code {
        0x01 => "Basic Identification (Stream)",
        0x02 => "Regular Identification (Stream)",
        0x03 => "Extended Identification (Stream)",
        0x81 => "Basic Identification (Stream, Individual)",
        0x82 => "Regular Identification (Stream, Individual)",
        0x83 => "Extended Identification (Stream, Individual)",
        _ => "Unknown",
    }
}

/// An object of a device's identification.
pub(super) const fn object(id: u64) -> &'static str {
    match id {
        0x00 => "VendorName",
        0x01 => "ProductCode",
        0x02 => "MajorMinorVersion",
        0x03 => "VendorURL",
        0x04 => "ProductName",
        0x05 => "ModelName",
        0x06 => "UserApplicationName",
        _ => "Unknown",
    }
}

fn unknown(code: u64) -> Cow<'static, str> {
    format!("unknown-{code}").into()
}
