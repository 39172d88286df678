//! Names of the codes with which a controller says no.
//!
//! Return codes stand before each item of an answer; an error class and code stand in the header
//! of an acknowledgement and in the parameters of a userdata answer. Codes that are not listed
//! carry the name of their class.

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
pub(super) const fn error(code: u16) -> &'static str {
    match code {
        0x0000 => "no_error",
        0x0110 => "invalid_block_number",
        0x0111 => "invalid_request_length",
        0x0112 => "invalid_parameter",
        0x0113 => "invalid_block_type",
        0x0114 => "block_not_found",
        0x0115 => "block_already_exists",
        0x0116 => "block_write_protected",
        0x0119 => "wrong_password",
        0x011c => "protocol_error",
        0x011f => "buffer_too_short",
        0x01f0 => "not_implemented",
        0x8001 => "wrong_operating_state",
        0x8104 => "function_not_supported",
        0x8404 => "request_not_possible",
        0x8500 => "wrong_pdu_size",
        0xd201 => "block_name_syntax",
        0xd202 => "function_parameter_syntax",
        0xd209 => "block_not_found_on_device",
        0xd241 => "operation_not_permitted",
        0xd401 => "unknown_list_id",
        0xd402 => "unknown_list_index",
        0xd406 => "information_not_available",
        0xd602 => "wrong_password_for_level",
        0xd801 => "invalid_variable_address",
        0xd802 => "unknown_request",
        0xd803 => "invalid_request_status",
        _ => class((code >> 8) as u8),
    }
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
        0x85 => "protocol_error",
        0x88 => "connection_refused",
        _ => "reason_not_specified",
    }
}
