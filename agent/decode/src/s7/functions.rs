//! Every function that this room can name, each with its one verb.
//!
//! Five tables, one per layer that names functions. A row's code is the number on the wire: the
//! function byte of a job; 0x28 for every program invocation, which is told apart by its name; for
//! userdata `group << 8 | subfunction`; for S7comm-plus `0x72 << 16 | function`; for COTP the TPDU
//! code. Names are unique, codes are not. The specifications are not public: the numbers are those
//! that independent decoders agree on and that captures show.

use model::{Function, Verb};

const fn row(code: u32, name: &'static str, verb: Verb) -> Function {
    Function { code, name, verb }
}

/// A function that no table names.
pub(super) const fn unknown(code: u32) -> Function {
    row(code, "unknown", Verb::Other)
}

/// Opening a transport connection (ISO 8073, 13.3 and 13.4).
pub(super) const CONNECT: Function = row(0xe0, "cotp_connect", Verb::Connect);
/// Closing a transport connection (ISO 8073, 13.5 and 13.6).
pub(super) const DISCONNECT: Function = row(0x80, "cotp_disconnect", Verb::Connect);
/// A TPDU that the receiver refused (ISO 8073, 13.12).
pub(super) const ERROR: Function = row(0x70, "cotp_error", Verb::Connect);
/// A TLS handshake inside of COTP data.
pub(super) const TLS_HANDSHAKE: Function = row(0x16, "tls_handshake", Verb::Connect);
/// Anything else of TLS inside of COTP data.
pub(super) const TLS_DATA: Function = row(0x17, "tls_data", Verb::Other);

const TRANSPORT: &[Function] = &[CONNECT, DISCONNECT, ERROR, TLS_HANDSHAKE, TLS_DATA];

/// Reading variables: the function that plants say most.
pub(super) const READ_VAR: Function = row(0x04, "read_var", Verb::Read);
/// Writing variables.
pub(super) const WRITE_VAR: Function = row(0x05, "write_var", Verb::Write);

const JOBS: &[Function] = &[
    row(0x00, "cpu_services", Verb::Diagnose),
    READ_VAR,
    WRITE_VAR,
    row(0x1a, "request_download", Verb::Download),
    row(0x1b, "download_block", Verb::Download),
    row(0x1c, "download_ended", Verb::Download),
    row(0x1d, "start_upload", Verb::Upload),
    row(0x1e, "upload", Verb::Upload),
    row(0x1f, "end_upload", Verb::Upload),
    row(0x28, "pi_service", Verb::Call),
    row(0x29, "plc_stop", Verb::Mode),
    row(0xf0, "setup_communication", Verb::Connect),
];

/// Program invocations. The wire's name is the row's, in capitals, less `pi_` and less the
/// underscores at its ends.
const SERVICES: &[Function] = &[
    row(0x28, "pi_p_program", Verb::Mode),
    row(0x28, "pi_inse", Verb::Download),
    row(0x28, "pi_ins2", Verb::Download),
    row(0x28, "pi_dele", Verb::Delete),
    row(0x28, "pi_modu", Verb::Configure),
    row(0x28, "pi_garb", Verb::Configure),
    row(0x28, "pi_n_login", Verb::Credential),
    row(0x28, "pi_n_logout", Verb::Credential),
    row(0x28, "pi_n_newpwd", Verb::Credential),
    row(0x28, "pi_n_locke", Verb::Configure),
    row(0x28, "pi_n_cancel", Verb::Alarm),
    row(0x28, "pi_n_dasave", Verb::Configure),
    row(0x28, "pi_n_digiof", Verb::Configure),
    row(0x28, "pi_n_digion", Verb::Configure),
    row(0x28, "pi_n_dzero", Verb::Configure),
    row(0x28, "pi_n_endext", Verb::Call),
    row(0x28, "pi_n_f_oper", Verb::Read),
    row(0x28, "pi_n_f_open", Verb::Read),
    row(0x28, "pi_n_f_clos", Verb::Read),
    row(0x28, "pi_n_f_seek", Verb::Read),
    row(0x28, "pi_n_findbl", Verb::Browse),
    row(0x28, "pi_n_f_copy", Verb::Write),
    row(0x28, "pi_n_f_rena", Verb::Write),
    row(0x28, "pi_n_f_xfer", Verb::Write),
    row(0x28, "pi_n_f_prot", Verb::Configure),
    row(0x28, "pi_n_f_dmda", Verb::Call),
    row(0x28, "pi_n_f_dele", Verb::Delete),
    row(0x28, "pi_n_f_delr", Verb::Delete),
    row(0x28, "pi_n_delvar", Verb::Delete),
    row(0x28, "pi_n_delece", Verb::Delete),
    row(0x28, "pi_n_deleto", Verb::Delete),
    row(0x28, "pi_n_creace", Verb::Configure),
    row(0x28, "pi_n_creato", Verb::Configure),
    row(0x28, "pi_n_crtoce", Verb::Configure),
    row(0x28, "pi_n_crcedn", Verb::Configure),
    row(0x28, "pi_n_chekdm", Verb::Diagnose),
    row(0x28, "pi_n_chkdno", Verb::Diagnose),
    row(0x28, "pi_n_config", Verb::Configure),
    row(0x28, "pi_n_setufr", Verb::Configure),
    row(0x28, "pi_n_settst", Verb::Mode),
    row(0x28, "pi_n_ibn_ss", Verb::Mode),
    row(0x28, "pi_n_nckmod", Verb::Mode),
    row(0x28, "pi_n_ost_of", Verb::Mode),
    row(0x28, "pi_n_ost_on", Verb::Mode),
    row(0x28, "pi_n_mmcsem", Verb::Call),
    row(0x28, "pi_n_asup", Verb::Call),
    row(0x28, "pi_n_scale", Verb::Configure),
    row(0x28, "pi_n_extern", Verb::Download),
    row(0x28, "pi_n_extmod", Verb::Download),
    row(0x28, "pi_n_select", Verb::Mode),
    row(0x28, "pi_n_sel_bl", Verb::Mode),
    row(0x28, "pi_n_srtext", Verb::Call),
    row(0x28, "pi_n_strtlk", Verb::Mode),
    row(0x28, "pi_n_strtul", Verb::Mode),
    row(0x28, "pi_n_tmrass", Verb::Configure),
    row(0x28, "pi_n_tmawco", Verb::Configure),
    row(0x28, "pi_n_tmcrtc", Verb::Configure),
    row(0x28, "pi_n_tmcrto", Verb::Configure),
    row(0x28, "pi_n_tmfdpl", Verb::Browse),
    row(0x28, "pi_n_tmfpbp", Verb::Browse),
    row(0x28, "pi_n_tmgett", Verb::Browse),
    row(0x28, "pi_n_tmmvtl", Verb::Call),
    row(0x28, "pi_n_tmpcit", Verb::Write),
    row(0x28, "pi_n_tmposm", Verb::Call),
    row(0x28, "pi_n_tresmo", Verb::Configure),
    row(0x28, "pi_n_tsearc", Verb::Browse),
];

/// Reading a system status list that tells who the device is.
pub(super) const SZL_IDENTIFY: Function = row(0x0401, "szl_identify", Verb::Identify);
/// Reading any other system status list.
pub(super) const SZL_READ: Function = row(0x0401, "szl_read", Verb::Diagnose);
/// Block-oriented sending between controllers; it has no subfunctions of its own.
const BSEND: Function = row(0x0600, "bsend", Verb::Write);
/// Uncoordinated sending between controllers; its code is that of its method.
pub(super) const USEND: Function = row(0x0613, "usend", Verb::Write);

const USERDATA: &[Function] = &[
    row(0x0000, "mode_stop", Verb::Mode),
    row(0x0001, "mode_warm_restart", Verb::Mode),
    row(0x0002, "mode_run", Verb::Mode),
    row(0x0003, "mode_hot_restart", Verb::Mode),
    row(0x0004, "mode_hold", Verb::Mode),
    row(0x0006, "mode_cold_restart", Verb::Mode),
    row(0x0009, "mode_run_redundant", Verb::Mode),
    row(0x000b, "mode_link_up", Verb::Mode),
    row(0x000c, "mode_update", Verb::Mode),
    row(0x0101, "block_status", Verb::Diagnose),
    row(0x0102, "variable_table", Verb::Read),
    row(0x0103, "interrupt_stack", Verb::Diagnose),
    row(0x0104, "block_stack", Verb::Diagnose),
    row(0x0105, "local_stack", Verb::Diagnose),
    row(0x0106, "time_measurement", Verb::Diagnose),
    row(0x0107, "force_selection", Verb::Write),
    row(0x0108, "modify_variable", Verb::Write),
    row(0x0109, "force", Verb::Write),
    row(0x010a, "breakpoint", Verb::Mode),
    row(0x010b, "exit_hold", Verb::Mode),
    row(0x010c, "memory_reset", Verb::Delete),
    row(0x010d, "disable_job", Verb::Diagnose),
    row(0x010e, "enable_job", Verb::Diagnose),
    row(0x010f, "delete_job", Verb::Diagnose),
    row(0x0110, "read_job_list", Verb::Diagnose),
    row(0x0111, "read_job", Verb::Diagnose),
    row(0x0112, "replace_job", Verb::Write),
    row(0x0113, "block_status_2", Verb::Diagnose),
    row(0x0116, "flash_led", Verb::Diagnose),
    row(0x0201, "cyclic_memory", Verb::Subscribe),
    row(0x0204, "cyclic_unsubscribe", Verb::Subscribe),
    row(0x0205, "cyclic_on_change", Verb::Subscribe),
    row(0x0207, "cyclic_on_change_modify", Verb::Subscribe),
    row(0x0208, "cyclic_record", Verb::Subscribe),
    row(0x0301, "list_blocks", Verb::Browse),
    row(0x0302, "list_blocks_of_type", Verb::Browse),
    row(0x0303, "block_info", Verb::Browse),
    SZL_IDENTIFY,
    SZL_READ,
    row(0x0402, "message_service", Verb::Subscribe),
    row(0x0403, "diagnostic_message", Verb::Diagnose),
    row(0x0405, "alarm_8_indication", Verb::Alarm),
    row(0x0406, "notify_indication", Verb::Alarm),
    row(0x0407, "alarm_8_lock", Verb::Alarm),
    row(0x0408, "alarm_8_unlock", Verb::Alarm),
    row(0x0409, "scan_indication", Verb::Alarm),
    row(0x040b, "alarm_ack", Verb::Alarm),
    row(0x040c, "alarm_ack_indication", Verb::Alarm),
    row(0x040d, "alarm_8_lock_indication", Verb::Alarm),
    row(0x040e, "alarm_8_unlock_indication", Verb::Alarm),
    row(0x0410, "ar_send_indication", Verb::Alarm),
    row(0x0411, "alarm_sq_indication", Verb::Alarm),
    row(0x0412, "alarm_s_indication", Verb::Alarm),
    row(0x0413, "alarm_query", Verb::Alarm),
    row(0x0416, "notify_8_indication", Verb::Alarm),
    row(0x0501, "password", Verb::Credential),
    row(0x0502, "clear_password", Verb::Credential),
    BSEND,
    USEND,
    row(0x0701, "read_clock", Verb::Diagnose),
    row(0x0702, "set_clock", Verb::Time),
    row(0x0703, "read_clock_following", Verb::Diagnose),
    row(0x0704, "set_clock_following", Verb::Time),
    row(0x0f01, "nc_request_download", Verb::Download),
    row(0x0f02, "nc_download_block", Verb::Download),
    row(0x0f03, "nc_continue_download", Verb::Download),
    row(0x0f04, "nc_download_ended", Verb::Download),
    row(0x0f06, "nc_start_upload", Verb::Upload),
    row(0x0f07, "nc_upload", Verb::Upload),
    row(0x0f08, "nc_continue_upload", Verb::Upload),
    row(0x2001, "record_routing_begin", Verb::Connect),
    row(0x2002, "record_routing_end", Verb::Connect),
    row(0x2003, "record_routing", Verb::Configure),
];

/// A value that an S7comm-plus server reports by itself.
pub(super) const PLUS_NOTIFICATION: Function = row(0x72_0033, "plus_notification", Verb::Subscribe);
/// The sign of life of an S7comm-plus connection.
pub(super) const PLUS_SYSTEM_EVENT: Function = row(0x72_00fe, "plus_system_event", Verb::Other);
/// Opening an S7comm-plus session.
pub(super) const PLUS_CREATE_SESSION: Function =
    row(0x72_04ca, "plus_create_session", Verb::Connect);
/// Closing an S7comm-plus session.
pub(super) const PLUS_DELETE_SESSION: Function =
    row(0x72_04d4, "plus_delete_session", Verb::Connect);

/// An alarm that an S7comm-plus server reports by itself.
pub(super) const PLUS_ALARM: Function = row(0x72_0033, "plus_alarm", Verb::Alarm);
/// Stopping the controller.
pub(super) const PLUS_STOP_PLC: Function = row(0x72_04f2, "plus_stop_plc", Verb::Mode);
/// Starting the controller.
pub(super) const PLUS_START_PLC: Function = row(0x72_04f2, "plus_start_plc", Verb::Mode);
/// Asking for any other operating state.
pub(super) const PLUS_CHANGE_MODE: Function = row(0x72_04f2, "plus_change_mode", Verb::Mode);
/// Setting the controller's clock.
pub(super) const PLUS_SET_CLOCK: Function = row(0x72_04f2, "plus_set_clock", Verb::Time);
/// Presenting a password, or the answer to a challenge.
pub(super) const PLUS_LEGITIMATE: Function = row(0x72_04f2, "plus_legitimate", Verb::Credential);
/// Settling a session: versions, keys, rights.
pub(super) const PLUS_SET_SESSION: Function = row(0x72_04f2, "plus_set_session", Verb::Connect);
/// Subscribing to values, states or alarms.
pub(super) const PLUS_CREATE_SUBSCRIPTION: Function =
    row(0x72_04ca, "plus_create_subscription", Verb::Subscribe);
/// Keeping a subscription going, or switching it off.
pub(super) const PLUS_SET_SUBSCRIPTION: Function =
    row(0x72_04f2, "plus_set_subscription", Verb::Subscribe);
/// Deleting an object that lives only as long as its session.
pub(super) const PLUS_RELEASE_OBJECT: Function = row(0x72_04d4, "plus_release_object", Verb::Other);
/// Creating an object of the program or of the configuration.
pub(super) const PLUS_DOWNLOAD: Function = row(0x72_04ca, "plus_download", Verb::Download);
/// Reading the code or source of blocks.
pub(super) const PLUS_UPLOAD: Function = row(0x72_04bb, "plus_upload", Verb::Upload);
/// Reading who the controller is.
pub(super) const PLUS_IDENTIFY: Function = row(0x72_0586, "plus_identify", Verb::Identify);

const PLUS: &[Function] = &[
    PLUS_NOTIFICATION,
    PLUS_SYSTEM_EVENT,
    row(0x72_04b1, "plus_error", Verb::Diagnose),
    row(0x72_04bb, "plus_explore", Verb::Browse),
    row(0x72_04ca, "plus_create_object", Verb::Call),
    PLUS_CREATE_SESSION,
    row(0x72_04d4, "plus_delete_object", Verb::Delete),
    PLUS_DELETE_SESSION,
    row(0x72_04f2, "plus_set_variable", Verb::Write),
    row(0x72_04fc, "plus_get_variable", Verb::Read),
    row(0x72_0524, "plus_get_link", Verb::Browse),
    row(0x72_0542, "plus_set_multi_variables", Verb::Write),
    row(0x72_054c, "plus_get_multi_variables", Verb::Read),
    row(0x72_0556, "plus_begin_sequence", Verb::Other),
    row(0x72_0560, "plus_end_sequence", Verb::Other),
    row(0x72_056b, "plus_invoke", Verb::Call),
    row(0x72_057c, "plus_set_var_substreamed", Verb::Write),
    row(0x72_0586, "plus_get_var_substreamed", Verb::Read),
    row(0x72_0590, "plus_get_variables_address", Verb::Browse),
    row(0x72_059a, "plus_abort", Verb::Other),
    row(0x72_05a9, "plus_error_2", Verb::Diagnose),
    row(0x72_05b3, "plus_init_ssl", Verb::Connect),
    PLUS_ALARM,
    PLUS_STOP_PLC,
    PLUS_START_PLC,
    PLUS_CHANGE_MODE,
    PLUS_SET_CLOCK,
    PLUS_LEGITIMATE,
    PLUS_SET_SESSION,
    PLUS_CREATE_SUBSCRIPTION,
    PLUS_SET_SUBSCRIPTION,
    PLUS_RELEASE_OBJECT,
    PLUS_DOWNLOAD,
    PLUS_UPLOAD,
    PLUS_IDENTIFY,
];

const TABLES: [&[Function]; 5] = [TRANSPORT, JOBS, SERVICES, USERDATA, PLUS];

/// Every row of every table.
pub(super) static FUNCTIONS: [Function; rows()] = joined();

/// The function of a job or its acknowledgement.
pub(super) fn job(code: u8) -> Function {
    match code {
        0x04 => READ_VAR,
        0x05 => WRITE_VAR,
        _ => named(JOBS, code.into()),
    }
}

/// The program invocation of that name on the wire.
pub(super) fn service(name: &[u8]) -> Function {
    let bare = name.trim_ascii();
    let bare = bare.strip_prefix(b"_").unwrap_or(bare);
    let bare = bare.strip_suffix(b"_").unwrap_or(bare);
    SERVICES
        .iter()
        .find(|row| {
            let known = row.name.strip_prefix("pi_").unwrap_or_default();
            known.as_bytes().eq_ignore_ascii_case(bare)
        })
        .copied()
        .unwrap_or_else(|| job(0x28))
}

/// The function of a userdata message that reads no system status list.
pub(super) fn userdata(group: u8, subfunction: u8) -> Function {
    match group {
        6 => BSEND,
        _ => named(USERDATA, u32::from(group) << 8 | u32::from(subfunction)),
    }
}

/// The function of an S7comm-plus message.
pub(super) fn plus(code: u16) -> Function {
    named(PLUS, 0x72_0000 | u32::from(code))
}

fn named(table: &[Function], code: u32) -> Function {
    table
        .iter()
        .find(|row| row.code == code)
        .copied()
        .unwrap_or_else(|| unknown(code))
}

const fn rows() -> usize {
    let [a, b, c, d, e] = TABLES;
    a.len() + b.len() + c.len() + d.len() + e.len()
}

#[expect(
    clippy::indexing_slicing,
    reason = "the compiler evaluates it, so a wrong index does not build"
)]
const fn joined() -> [Function; rows()] {
    let mut all = [unknown(0); rows()];
    let (mut table, mut place, mut at) = (0, 0, 0);
    while table < TABLES.len() {
        if place < TABLES[table].len() {
            all[at] = TABLES[table][place];
            place += 1;
            at += 1;
        } else {
            table += 1;
            place = 0;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_by_their_name_on_the_wire() {
        for (wire, name) in [
            ("P_PROGRAM", "pi_p_program"),
            ("_INSE", "pi_inse"),
            ("_N_LOGIN_", "pi_n_login"),
            ("_N_F_DELE", "pi_n_f_dele"),
            ("_NOBODY", "pi_service"),
            ("", "pi_service"),
        ] {
            assert_eq!(service(wire.as_bytes()).name, name, "{wire}");
        }
    }
}
