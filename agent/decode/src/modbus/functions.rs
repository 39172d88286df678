//! Every function that this room can name, each with its one verb.
//!
//! Public codes: MODBUS Application Protocol V1.1b3, 5.1 and 6; sub-functions of code 8: 6.8.1;
//! transports of code 43: 6.19 to 6.21; exceptions: 7, and for exception 7, which the specification dropped, the Modicon Modbus
//! Protocol Reference Guide PI-MBUS-300 Rev. J, Appendix A. Code 90 is Schneider Electric's UMAS, which
//! has no public document: its functions are those on which reverse-engineered sources agree. The codes
//! that vendors took for themselves (9 to 14, 18, 19, 40, 41, 91, 125 to 127) have the names that Zeek's
//! public table of constants gives them (BSD licence); others are `unknown`.
//!
//! Those sources call 0x30 to 0x32 an upload and 0x33 to 0x35 a download, seen from the
//! controller. The names here say which way the program goes, and the verbs are the glossary's:
//! what goes into the device is a download.

use model::{Function, Outcome, Verb};

/// The code of Diagnostics, which has sub-functions.
pub(super) const DIAGNOSTICS: u8 = 8;
/// The code of Encapsulated Interface Transport, which has transport types.
pub(super) const ENCAPSULATED: u8 = 43;
/// The code of UMAS, which has functions of its own.
pub(super) const UMAS: u8 = 90;
/// The UMAS function that asks a controller what it is.
pub(super) const UMAS_READ_ID: u16 = 2;
/// The UMAS function that asks for the controller's reservation.
pub(super) const UMAS_RESERVE: u16 = 0x10;
/// The UMAS function that gives it back.
pub(super) const UMAS_RELEASE: u16 = 0x11;
/// The transport type of CANopen General Reference.
pub(super) const CANOPEN: u8 = 13;
/// The transport type of Read Device Identification.
pub(super) const IDENTIFICATION: u8 = 14;
/// The bit that makes a function code an exception's.
pub(super) const EXCEPTION_BIT: u8 = 0x80;

/// Every function, as the vocabulary lists it.
pub(super) static FUNCTIONS: [Function; TABLE.len() + SECURE.len()] = listed();

/// The functions of Modbus/TCP Security: what its TLS records are for. Codes are the content type (RFC 5246,
/// 6.2.1) in the upper byte, so that they are no Modbus function's.
const SECURE: [Function; 4] = [TLS_HANDSHAKE, TLS_ALERT, TLS_APPLICATION_DATA, TLS_CLOSE];
/// One side's part of a handshake.
pub(super) const TLS_HANDSHAKE: Function = secure(0x1600, "tls_handshake", Verb::Connect);
/// Why a handshake was given up.
pub(super) const TLS_ALERT: Function = secure(0x1500, "tls_alert", Verb::Connect);
/// What cannot be read.
pub(super) const TLS_APPLICATION_DATA: Function =
    secure(0x1700, "tls_application_data", Verb::Other);
/// The end of a conversation, with how much it carried.
pub(super) const TLS_CLOSE: Function = secure(0x1501, "tls_close", Verb::Connect);

/// The function of a code and, where the code has such and it was seen, its sub-function.
///
/// A code or sub-function that no table names is `unknown` and keeps its code.
pub(super) fn function(code: u8, sub: Option<u16>) -> Function {
    match sub {
        None => PLAIN.get(usize::from(code)).copied(),
        Some(_) => TABLE
            .iter()
            .find(|(place, function)| function.code == u32::from(code) && *place == sub)
            .map(|(_, function)| *function),
    }
    .unwrap_or_else(|| unknown(code))
}

/// Whether the table names the code, whatever its sub-function.
pub(super) fn is_public(code: u8) -> bool {
    matches!(code, 1..=8 | 11 | 12 | 15..=17 | 20..=24 | ENCAPSULATED | UMAS)
}

/// How a request ended that was answered with this exception code.
///
/// Acknowledge means that the server took the request and is busy with it (7): it is done as far
/// as the protocol can tell.
pub(super) fn outcome(exception: u8) -> Outcome {
    match exception {
        ACKNOWLEDGE => Outcome::Done,
        code => Outcome::Refused {
            code: code.into(),
            name: exception_name(code),
        },
    }
}

/// Whether the code is one of the specification's exceptions.
pub(super) fn is_exception(code: u8) -> bool {
    code == ACKNOWLEDGE || exception_name(code) != "unknown"
}

fn exception_name(code: u8) -> &'static str {
    match code {
        1 => "illegal_function",
        2 => "illegal_data_address",
        3 => "illegal_data_value",
        4 => "server_device_failure",
        6 => "server_device_busy",
        7 => "negative_acknowledge",
        8 => "memory_parity_error",
        10 => "gateway_path_unavailable",
        11 => "gateway_target_failed_to_respond",
        _ => "unknown",
    }
}

const ACKNOWLEDGE: u8 = 5;

const fn unknown(code: u8) -> Function {
    function_of(code, "unknown", Verb::Other)
}

const fn secure(code: u32, name: &'static str, verb: Verb) -> Function {
    Function { code, name, verb }
}

const fn function_of(code: u8, name: &'static str, verb: Verb) -> Function {
    Function {
        code: code as u32,
        name,
        verb,
    }
}

/// A function that has no sub-functions, or one whose sub-function was not seen.
const fn plain(code: u8, name: &'static str, verb: Verb) -> (Option<u16>, Function) {
    (None, function_of(code, name, verb))
}

const fn diagnostics(sub: u16, name: &'static str, verb: Verb) -> (Option<u16>, Function) {
    (Some(sub), function_of(DIAGNOSTICS, name, verb))
}

const fn encapsulated(mei: u8, name: &'static str, verb: Verb) -> (Option<u16>, Function) {
    (Some(mei as u16), function_of(ENCAPSULATED, name, verb))
}

const fn umas(code: u8, name: &'static str, verb: Verb) -> (Option<u16>, Function) {
    (Some(code as u16), function_of(UMAS, name, verb))
}

/// The sub-function, where the code has such, and the function.
static TABLE: [(Option<u16>, Function); 80] = [
    plain(3, "read_holding_registers", Verb::Read),
    plain(1, "read_coils", Verb::Read),
    plain(2, "read_discrete_inputs", Verb::Read),
    plain(4, "read_input_registers", Verb::Read),
    plain(16, "write_multiple_registers", Verb::Write),
    plain(15, "write_multiple_coils", Verb::Write),
    plain(6, "write_single_register", Verb::Write),
    plain(5, "write_single_coil", Verb::Write),
    plain(23, "read_write_multiple_registers", Verb::Write),
    plain(22, "mask_write_register", Verb::Write),
    plain(24, "read_fifo_queue", Verb::Read),
    plain(20, "read_file_record", Verb::Read),
    plain(21, "write_file_record", Verb::Write),
    plain(7, "read_exception_status", Verb::Diagnose),
    plain(11, "get_comm_event_counter", Verb::Diagnose),
    plain(12, "get_comm_event_log", Verb::Diagnose),
    plain(17, "report_server_id", Verb::Identify),
    plain(DIAGNOSTICS, "diagnostics", Verb::Diagnose),
    diagnostics(0, "return_query_data", Verb::Diagnose),
    diagnostics(1, "restart_communications", Verb::Mode),
    diagnostics(2, "return_diagnostic_register", Verb::Diagnose),
    diagnostics(3, "change_ascii_input_delimiter", Verb::Configure),
    diagnostics(4, "force_listen_only_mode", Verb::Mode),
    diagnostics(10, "clear_counters", Verb::Diagnose),
    diagnostics(11, "return_bus_message_count", Verb::Diagnose),
    diagnostics(12, "return_bus_communication_error_count", Verb::Diagnose),
    diagnostics(13, "return_bus_exception_error_count", Verb::Diagnose),
    diagnostics(14, "return_server_message_count", Verb::Diagnose),
    diagnostics(15, "return_server_no_response_count", Verb::Diagnose),
    diagnostics(16, "return_server_nak_count", Verb::Diagnose),
    diagnostics(17, "return_server_busy_count", Verb::Diagnose),
    diagnostics(18, "return_bus_character_overrun_count", Verb::Diagnose),
    diagnostics(20, "clear_overrun_counter", Verb::Diagnose),
    plain(
        ENCAPSULATED,
        "encapsulated_interface_transport",
        Verb::Other,
    ),
    encapsulated(CANOPEN, "canopen_general_reference", Verb::Write),
    encapsulated(IDENTIFICATION, "read_device_identification", Verb::Identify),
    plain(9, "program_484", Verb::Download),
    plain(10, "poll_484", Verb::Diagnose),
    plain(13, "program_584_984", Verb::Download),
    plain(14, "poll_584_984", Verb::Diagnose),
    plain(18, "program_884_u84", Verb::Download),
    plain(19, "reset_comm_link_884_u84", Verb::Mode),
    plain(40, "program_concept", Verb::Download),
    plain(41, "multiple_function_codes", Verb::Call),
    plain(91, "object_messaging", Verb::Call),
    plain(125, "firmware_replacement", Verb::Firmware),
    plain(126, "program_584_984_2", Verb::Download),
    plain(127, "report_local_address", Verb::Identify),
    plain(UMAS, "umas", Verb::Other),
    umas(0x01, "umas_init_comm", Verb::Connect),
    umas(0x02, "umas_read_id", Verb::Identify),
    umas(0x03, "umas_read_project_info", Verb::Identify),
    umas(0x04, "umas_read_plc_info", Verb::Diagnose),
    umas(0x06, "umas_read_card_info", Verb::Identify),
    umas(0x0a, "umas_repeat", Verb::Diagnose),
    umas(0x10, "umas_take_plc_reservation", Verb::Connect),
    umas(0x11, "umas_release_plc_reservation", Verb::Connect),
    umas(0x12, "umas_keep_alive", Verb::Connect),
    umas(0x20, "umas_read_memory_block", Verb::Read),
    umas(0x22, "umas_read_variables", Verb::Read),
    umas(0x23, "umas_write_variables", Verb::Write),
    umas(0x24, "umas_read_coils_registers", Verb::Read),
    umas(0x25, "umas_write_coils_registers", Verb::Write),
    umas(0x26, "umas_read_data_dictionary", Verb::Browse),
    umas(0x28, "umas_read_physical_address", Verb::Read),
    umas(0x29, "umas_write_physical_address", Verb::Write),
    umas(0x30, "umas_begin_program_to_plc", Verb::Download),
    umas(0x31, "umas_program_block_to_plc", Verb::Download),
    umas(0x32, "umas_end_program_to_plc", Verb::Download),
    umas(0x33, "umas_begin_program_from_plc", Verb::Upload),
    umas(0x34, "umas_program_block_from_plc", Verb::Upload),
    umas(0x35, "umas_end_program_from_plc", Verb::Upload),
    umas(0x39, "umas_read_ethernet_master_data", Verb::Read),
    umas(0x40, "umas_start_plc", Verb::Mode),
    umas(0x41, "umas_stop_plc", Verb::Mode),
    umas(0x50, "umas_monitor_plc", Verb::Read),
    umas(0x58, "umas_check_plc", Verb::Diagnose),
    umas(0x70, "umas_read_io_object", Verb::Read),
    umas(0x71, "umas_write_io_object", Verb::Write),
    umas(0x73, "umas_get_status_module", Verb::Diagnose),
];

/// The functions without sub-function, by their code: what most messages need.
static PLAIN: [Function; EXCEPTION_BIT as usize] = plain_by_code();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated when the table is compiled, within its length"
)]
const fn listed() -> [Function; TABLE.len() + SECURE.len()] {
    let mut functions = [unknown(0); TABLE.len() + SECURE.len()];
    let mut place = 0;
    while place < functions.len() {
        functions[place] = match place.checked_sub(TABLE.len()) {
            None => TABLE[place].1,
            Some(place) => SECURE[place],
        };
        place += 1;
    }
    functions
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated when the table is compiled, within its length"
)]
const fn plain_by_code() -> [Function; EXCEPTION_BIT as usize] {
    let mut functions = [unknown(0); EXCEPTION_BIT as usize];
    let mut code = 0;
    while code < EXCEPTION_BIT {
        functions[code as usize] = unknown(code);
        code += 1;
    }
    let mut place = 0;
    while place < TABLE.len() {
        if let (None, function) = TABLE[place] {
            functions[function.code as usize] = function;
        }
        place += 1;
    }
    functions
}
