//! What ICSNPP calls the parts of COTP, S7comm and S7comm-plus, with its spelling.
//!
//! Source: cisagov/icsnpp-s7comm `scripts/consts.zeek` (BSD-3-Clause).

use std::borrow::Cow;

/// A transport unit's code and name, by the word of the operation record.
pub(super) fn unit(cotp: &str) -> (u8, &'static str) {
    match cotp {
        "connect_request" => (0x0e, "CR Connection Request"),
        "connect_confirm" => (0x0d, "CC Connection Confirm"),
        "disconnect" => (0x08, "DR Disconnect Request"),
        "disconnect_confirm" => (0x0c, "DC Disconnect Confirm"),
        "expedited_data" => (0x01, "ED Expedited Data"),
        "expedited_data_acknowledgement" => (0x02, "EA Expedited Data Acknowledgement"),
        "reject" => (0x05, "RJ Reject"),
        "data_acknowledgement" => (0x06, "AK Data Acknowledgement"),
        "error" => (0x07, "ER TPDU Error"),
        _ => (0x0f, "DT Data"),
    }
}

/// What a message is for.
pub(super) const fn rosctr(code: u64) -> &'static str {
    match code {
        0x01 => "Job-Request",
        0x02 => "ACK",
        0x03 => "ACK-Data",
        0x07 => "User-Data",
        _ => "unknown",
    }
}

/// The function of a job or of its answer.
pub(super) const fn function(code: u64) -> &'static str {
    match code {
        0x00 => "CPU Services",
        0x04 => "Read Variable",
        0x05 => "Write Variable",
        0x1a => "Request Download",
        0x1b => "Download Block",
        0x1c => "Download Ended",
        0x1d => "Start Upload",
        0x1e => "Upload",
        0x1f => "End Upload",
        0x28 => "PLC Control",
        0x29 => "PLC Stop",
        0xf0 => "Setup Communication",
        _ => "unknown",
    }
}

/// A group of userdata functions.
pub(super) const fn group(code: u64) -> &'static str {
    match code {
        0x00 => "Mode-Transition",
        0x01 => "Programmer Controls",
        0x02 => "Cyclic Services",
        0x03 => "Block Functions",
        0x04 => "CPU Functions",
        0x05 => "Security",
        0x06 => "PBC BSEND-BRECV",
        0x07 => "Time Functions",
        0x0f => "NC Programming",
        _ => "unknown",
    }
}

/// A userdata function of a group; `None` for groups whose functions have no names.
pub(super) const fn subfunction(group: u64, code: u64) -> Option<&'static str> {
    Some(match (group, code) {
        (0, 0x00) => "Stop",
        (0, 0x01) => "Warm Restart",
        (0, 0x02) => "Run",
        (0, 0x03) => "Hot Restart",
        (0, 0x04) => "Hold",
        (0, 0x06) => "Cold Restart",
        (0, 0x09) => "Run_R",
        (0, 0x0b) => "Link-Up",
        (0, 0x0c) => "Update",
        (1, 0x01) => "Block Status",
        (1, 0x02) => "Variable Status",
        (1, 0x03) => "Output ISTACK",
        (1, 0x04) => "Output BSTACK",
        (1, 0x05) => "Output LSTACK",
        (1, 0x06) => "Time Measurement",
        (1, 0x07) => "Force Selection",
        (1, 0x08) => "Modify Variable",
        (1, 0x09) => "Force",
        (1, 0x0a) => "Breakpoint",
        (1, 0x0b) => "Exit HOLD",
        (1, 0x0c) => "Memory Reset",
        (1, 0x0d) => "Disable Job",
        (1, 0x0e) => "Enable Job",
        (1, 0x0f) => "Delete Job",
        (1, 0x10) => "Read Job List",
        (1, 0x11) => "Read Job",
        (1, 0x12) => "Replace Job",
        (1, 0x13) => "Block Status v2",
        (1, 0x16) => "Flash LED",
        (2, 0x01) => "Cyclic Transfer",
        (2, 0x04) => "Unsubscribe",
        (2, 0x05) => "Change Driven Transfer",
        (2, 0x07) => "Change Driven Transfer Modify",
        (2, 0x08) => "RDREC",
        (3, 0x01) => "List Blocks",
        (3, 0x02) => "List Blocks of Type",
        (3, 0x03) => "Get Block Info",
        (4, 0x01) => "Read SZL",
        (4, 0x02) => "Message Service",
        (4, 0x03) => "Diagnostic Message",
        (4, 0x04) => "ALARM_8 Indication",
        (4, 0x05) => "NOTIFY Indication",
        (4, 0x06) => "ALARM_8 Lock",
        (4, 0x07) => "ALARM_8 Unlock",
        (4, 0x08) => "SCAN Indication",
        (4, 0x0b) => "ALARM_S Indication",
        (4, 0x0c) => "ALARM_SQ Indication",
        (4, 0x0d) => "ALARM Query",
        (4, 0x0e) => "ALARM ACK",
        (4, 0x11) => "ALARM ACK Indication",
        (4, 0x12) => "ALARM Lock Indication",
        (4, 0x13) => "ALARM Unlock Indication",
        (4, 0x16) => "NOTIFY_8 Indication",
        (5, 0x01) => "PLC Password",
        (7, 0x01) => "Read Clock",
        (7, 0x02) => "Set Clock",
        (7, 0x03) => "Read Clock (Following)",
        (7, 0x04) => "Set Clock (2)",
        (0..=5 | 7, _) => "unknown",
        _ => return None,
    })
}

/// Whether a userdata message asks or answers.
pub(super) const fn method(code: Option<u64>) -> &'static str {
    match code {
        Some(0x11) => "Request",
        Some(0x12) => "Response",
        _ => "Unknown",
    }
}

/// How userdata ended.
pub(super) const fn return_code(code: u64) -> &'static str {
    match code {
        0x00 => "Reserved",
        0x01 => "Hardware error",
        0x03 => "Accessing the bbject not allowed",
        0x05 => "Invalid address",
        0x06 => "Data type not supported",
        0x07 => "Data type inconsistent",
        0x0a => "Object does not exist",
        0xff => "Success",
        _ => "Unknown",
    }
}

/// A system status list, by the last byte of its number.
pub(super) const fn list(code: u64) -> &'static str {
    match code {
        0x00 => "List of all the SZL-IDs of a module",
        0x11 => "Module identification",
        0x12 => "CPU characteristics",
        0x13 => "User memory areas",
        0x14 => "System areas",
        0x15 => "Block types",
        0x16 => "Priority classes",
        0x17 => "List of the permitted SDBs with a number < 1000",
        0x18 => "Maximum S7-300 I/O configuration",
        0x19 => "Status of the module LEDs",
        0x1c => "Component Identification",
        0x21 => "Interrupt / error assignment",
        0x22 => "Interrupt status",
        0x23 => "Priority classes",
        0x24 => "Modes",
        0x25 => "Assignment between process image partitions and OBs",
        0x31 => "Communication capability parameters",
        0x32 => "Communication status data",
        0x33 => "Diagnostics: device logon list",
        0x37 => "Ethernet - Details of a Module",
        0x71 => "H CPU group information",
        0x74 => "Status of the module LEDs",
        0x75 => "Switched DP slaves in the H-system",
        0x81 => "Start information list",
        0x82 => "Start event list",
        0x91 => "Module status information",
        0x92 => "Rack / station status information",
        0x94 => "Rack / station status information",
        0x95 => "Extended DP master system information",
        0x96 => "Module status information, PROFINET IO and PROFIBUS DP",
        0xa0 => "Diagnostic buffer of the CPU",
        0xb1 => "Module diagnostic information (data record 0)",
        0xb2 => "Module diagnostic information (data record 1), geographical address",
        0xb3 => "Module diagnostic information (data record 1), logical address",
        0xb4 => "Diagnostic data of a DP slave",
        _ => "Unknown",
    }
}

/// The class of an error.
pub(super) fn error_class(code: u64) -> Cow<'static, str> {
    let name = match code {
        0x00 => "No error",
        0x81 => "Application relationship error",
        0x82 => "Object definition error",
        0x83 => "No ressources available error",
        0x84 => "Error on service processing",
        0x85 => "Error on supplies",
        0x87 => "Access error",
        _ => return format!("Unknown error class-0x{code:02x}").into(),
    };
    name.into()
}

/// The kind of a block, by its two characters.
pub(super) fn block(kind: &str) -> &'static str {
    match kind {
        "08" => "Organization Block",
        "0A" => "Data Block",
        "0B" => "System Data Block",
        "0C" => "Function",
        "0D" => "System Function",
        "0E" => "Function Block",
        "0F" => "System Function Block",
        _ => "Unknown",
    }
}

/// The file system of a block, by its letter.
pub(super) fn filesystem(letter: &str) -> &'static str {
    match letter {
        "P" => "Passive",
        "A" => "Active",
        _ => "Unknown",
    }
}

/// An opcode of S7comm-plus.
pub(super) fn opcode(code: u64) -> Cow<'static, str> {
    match code {
        0x31 => "Request".into(),
        0x32 => "Response".into(),
        0x33 => "Notification".into(),
        _ => format!("Unknown s7comm-plus opcode-0x{code:02x}").into(),
    }
}

/// A function of S7comm-plus.
pub(super) fn plus(code: u64) -> Cow<'static, str> {
    let name = match code {
        0x04bb => "Explore",
        0x04ca => "Create Object",
        0x04d4 => "Delete Object",
        0x04f2 => "Set Variable",
        0x0524 => "Get Link",
        0x0542 => "Set Multi Variables",
        0x054c => "Get Multi Variables",
        0x0556 => "Begin Sequence",
        0x0560 => "End Sequence",
        0x056b => "Invoke",
        0x0586 => "Get Variable Sub Streamed",
        _ => return format!("Unknown s7comm-plus function-0x{code:04x}").into(),
    };
    name.into()
}

/// A program invocation service.
pub(super) fn service(name: &str) -> &'static str {
    match name {
        "_INSE" => "Activates a PLC module",
        "_INS2" => "Activates a PLC module",
        "_DELE" => "Removes module from the PLC's passive file system",
        "P_PROGRAM" => "PLC Start / Stop",
        "_MODU" => "PLC Copy Ram to Rom",
        "_GARB" => "Compress PLC memory",
        "_N_LOGIN_" => "Login",
        "_N_LOGOUT" => "Logout",
        "_N_CANCEL" => "Cancels NC alarm",
        "_N_DASAVE" => "PI-Service for copying data from SRAM to FLASH",
        "_N_DIGIOF" => "Turns off digitizing",
        "_N_DIGION" => "Turns on digitizing",
        "_N_DZERO_" => "Set all D numbers invalid for function",
        "_N_F_OPER" => "Opens a file read-only",
        "_N_OST_OF" => "Overstore OFF",
        "_N_OST_ON" => "Overstore ON",
        "_N_SCALE_" => "Unit of measurement setting (metric<->INCH)",
        "_N_SETUFR" => "Activates user frame",
        "_N_STRTLK" => "The global start disable is set",
        "_N_STRTUL" => "The global start disable is reset",
        "_N_TMRASS" => "Resets the Active status",
        "_N_F_DELE" => "Deletes file",
        "_N_EXTERN" => "Selects external program for execution",
        "_N_EXTMOD" => "Selects external program for execution",
        "_N_F_DELR" => "Delete file even without access rights",
        "_N_F_XFER" => "Selects file for uploading",
        "_N_LOCKE_" => "Locks the active file for editing",
        "_N_SELECT" => "Selects program for execution",
        "_N_SRTEXT" => "A file is being marked in _N_EXT_DIR",
        "_N_F_CLOS" => "Closes file",
        "_N_F_OPEN" => "Opens file",
        "_N_F_SEEK" => "Position the file search pointer",
        "_N_ASUP__" => "Assigns interrupt",
        "_N_CHEKDM" => "Start uniqueness check on D numbers",
        "_N_CHKDNO" => "Check whether the tools have unique D numbers",
        "_N_CONFIG" => "Reconfigures machine data",
        "_N_CRCEDN" => "Creates a cutting edge by specifying an edge number",
        "_N_DELECE" => "Deletes a cutting edge",
        "_N_CREACE" => "Creates a cutting edge",
        "_N_CREATO" => "Creates a tool",
        "_N_DELETO" => "Deletes tool",
        "_N_CRTOCE" => "Generate tool with specified edge number",
        "_N_DELVAR" => "Delete data block",
        "_N_F_COPY" => "Copies file within the NCK",
        "_N_F_DMDA" => "Deletes MDA memory",
        "_N_F_PROT" => "Assigns a protection level to a file",
        "_N_F_RENA" => "Renames file",
        "_N_FINDBL" => "Activates search",
        "_N_IBN_SS" => "Sets the set-up switch",
        "_N_MMCSEM" => "MMC-Semaphore",
        "_N_NCKMOD" => "The mode in which the NCK will work is being set",
        "_N_NEWPWD" => "New password",
        "_N_SEL_BL" => "Selects a new block",
        "_N_SETTST" => "Activate tools for replacement tool group",
        "_N_TMAWCO" => "Set the active wear group in one magazine",
        "_N_TMCRTC" => "Create tool with specified edge number",
        "_N_TMCRTO" => "Creates tool in the tool management",
        "_N_TMFDPL" => "Searches an empty place for loading",
        "_N_TMFPBP" => "Searches for empty location",
        "_N_TMGETT" => "Determines T-number for specific toolID with Duplono",
        "_N_TMMVTL" => "Loads or unloads a tool",
        "_N_TMPCIT" => "Sets increment value of the piece counter",
        "_N_TMPOSM" => "Positions a magazine or tool",
        "_N_TRESMO" => "Reset monitoring values",
        "_N_TSEARC" => "Complex search via search screenforms",
        _ => "unknown",
    }
}
