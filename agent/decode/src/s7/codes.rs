//! Names of the codes with which a controller says no, and of the code numbers in its answers.
//!
//! Return codes stand before each item of an answer; an error class and code stand in the header
//! of an acknowledgement and in the parameters of a userdata answer. Error numbers that the table
//! does not list carry the name of their class. **Source:** for return codes and classes the usage
//! of independent decoders; for disconnects ISO 8073, 13.5.3; for block languages and types the
//! names that STEP 7 shows.

use super::errors;

/// The return code that says yes.
pub(super) const SUCCESS: u8 = 0xff;
/// The return code that says "no data", which an answer without a body carries.
pub(super) const NO_DATA: u8 = 0x0a;

/// The name of an item's return code.
pub(super) const fn return_code(code: u8) -> &'static str {
    match code {
        0x00 => "reserved",
        0x01 => "hardware_fault",
        0x03 => "access_not_allowed",
        0x05 => "address_out_of_range",
        0x06 => "type_not_supported",
        0x07 => "type_inconsistent",
        0x0a => "object_does_not_exist",
        0xff => "success",
        _ => "unknown_return_code",
    }
}

/// The name of an error class and code, read as one number.
pub(super) fn error(code: u16) -> &'static str {
    errors::name(code).unwrap_or_else(|| class((code >> 8) as u8))
}

const fn class(class: u8) -> &'static str {
    match class {
        0x81 => "application_relationship_error",
        0x82 => "object_definition_error",
        0x83 => "no_resources",
        0x84 => "service_processing_error",
        0x85 => "supplies_error",
        0x87 => "access_error",
        0xd0 | 0xd2 => "block_error",
        0xd4 => "list_error",
        0xd6 => "protection_error",
        0xd8 => "variable_error",
        _ => "unknown_error",
    }
}

/// The name of a disconnect reason (ISO 8073, 13.5.3).
pub(super) const fn disconnect(reason: u8) -> &'static str {
    match reason {
        0x01 => "congestion_at_tsap",
        0x02 => "session_not_attached",
        0x03 => "address_unknown",
        0x80 => "normal_disconnect",
        0x81 => "congestion_at_connect",
        0x82 => "negotiation_failed",
        0x83 => "duplicate_source_reference",
        0x84 => "mismatched_references",
        0x85 => "protocol_error",
        0x87 => "reference_overflow",
        0x88 => "connection_refused",
        0x8a => "invalid_length",
        _ => "reason_not_specified",
    }
}

/// The kind of a block, by the number that block information and lists use.
pub(super) const fn block_kind(code: u8) -> &'static str {
    match code {
        0x08 => "OB",
        0x0a => "DB",
        0x0b => "SDB",
        0x0c => "FC",
        0x0d => "SFC",
        0x0e => "FB",
        0x0f => "SFB",
        _ => "block",
    }
}

/// The language that a block was written in.
pub(super) const fn language(code: u8) -> &'static str {
    match code {
        0x00 => "undefined",
        0x01 => "stl",
        0x02 => "lad",
        0x03 => "fbd",
        0x04 => "scl",
        0x05 => "db",
        0x06 => "graph",
        0x07 => "sdb",
        0x08 => "cpu_db",
        0x11 => "sdb_after_reset",
        0x12 => "sdb_routing",
        0x29 => "encrypted",
        _ => "unknown",
    }
}

/// What a syntax identifier of a variable stands for.
pub(super) const fn syntax(code: u8) -> Option<&'static str> {
    Some(match code {
        0x10 => "s7any",
        0x11 => "parameter_short",
        0x12 => "parameter_extended",
        0x13 => "pbc_id",
        0x15 => "alarm_lock",
        0x16 => "alarm_indication",
        0x19 => "alarm_ack",
        0x1a => "alarm_query",
        0x1c => "notify_indication",
        0x82 => "nck",
        0x83 => "nck_metric",
        0x84 => "nck_inch",
        0xa2 => "drive_es",
        0xb0 => "db_read",
        0xb2 => "s7_1200_symbol",
        _ => return None,
    })
}

/// The type of an element, by the transport size that a variable names.
pub(super) const fn element(transport_size: u8) -> Option<&'static str> {
    Some(match transport_size {
        0x01 => "bit",
        0x02 => "byte",
        0x03 => "char",
        0x04 => "word",
        0x05 => "int",
        0x06 => "dword",
        0x07 => "dint",
        0x08 => "real",
        0x09 => "date",
        0x0a => "tod",
        0x0b => "time",
        0x0c => "s5time",
        0x0f => "date_and_time",
        0x1c => "counter",
        0x1d => "timer",
        0x1e => "iec_counter",
        0x1f => "iec_timer",
        0x20 => "hs_counter",
        _ => return None,
    })
}

/// What an area is that has no letter: records write its number as well.
pub(super) const fn area(code: u8) -> Option<&'static str> {
    Some(match code {
        0x01 => "data_record",
        0x03 => "system_info_200",
        0x05 => "system_flags_200",
        0x06 => "analog_inputs_200",
        0x07 => "analog_outputs_200",
        0x1e => "counters_200",
        0x1f => "timers_200",
        _ => return None,
    })
}

/// An operating mode (A5E00739858-01, chapter 33, SSL-ID W#16#xy24).
pub(super) const fn mode(code: u8) -> &'static str {
    match code {
        0x0 => "none",
        0x1 => "stop_update",
        0x2 => "stop_memory_reset",
        0x3 => "stop_self_initialisation",
        0x4 => "stop",
        0x5 => "startup_cold_restart",
        0x6 => "startup_warm_restart",
        0x7 => "startup_hot_restart",
        0x8 => "run",
        0x9 => "run_redundant",
        0xa => "hold",
        0xb => "link_up",
        0xc => "update",
        0xd => "defective",
        0xe => "self_test",
        0xf => "no_power",
        _ => "unknown",
    }
}

/// A setting of the mode selector (A5E00739858-01, 33.19).
pub(super) const fn selector(code: u16) -> &'static str {
    match code {
        1 => "run",
        2 => "run_p",
        3 => "stop",
        4 => "mres",
        _ => "undefined",
    }
}

/// A setting of the start-up switch (A5E00739858-01, 33.19).
pub(super) const fn startup(code: u16) -> &'static str {
    match code {
        1 => "cold_restart",
        2 => "warm_restart",
        _ => "undefined",
    }
}
