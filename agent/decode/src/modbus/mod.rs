//! Modbus/TCP, the same header over UDP, serial framing over both, and what TLS shows of it.
//!
//! Editions: MODBUS Messaging on TCP/IP Implementation Guide V1.0b; MODBUS Application Protocol
//! Specification V1.1b3; MODBUS over Serial Line V1.02; MODBUS/TCP Security V2.1. Ports 502 and, in TLS,
//! 802, but any port is looked at.
//!
//! Decoded: all public functions (1 to 8 with the sub-functions of 8, 11, 12, 15 to 17, 20 to 24,
//! 43 with device identification) with their bodies, exceptions, and the functions of Schneider Electric's
//! UMAS (90) with what is known of their bodies. Codes that vendors took are named. A code that no table
//! names is kept as `unknown`.
//!
//! Not decoded: the data of UMAS and of CANopen; serial framing in ASCII; what TLS hides.
//!
//! Limits: [`Limits::pending_requests`](crate::Limits::pending_requests) open requests a flow; one
//! unfinished message a direction.

mod body;
mod crc;
mod dialogue;
mod dissect;
mod door;
mod files;
mod frame;
mod functions;
mod identity;
mod layout;
mod message;
mod operation;
mod pending;
mod record;
mod roles;
mod rtu;
mod secure;
mod session;
mod stream;
mod umas;
mod written;

#[cfg(test)]
pub(crate) mod tests;

use model::{Area, Transport, Vocabulary};

use crate::{Probe, Protocol};

/// The room's face.
pub(crate) static PROTOCOL: Protocol = Protocol {
    vocabulary: &PLAIN_VOCABULARY,
    probe,
    steady: false,
    open: |limits, transport| Box::new(door::Door::new(limits, transport)),
};

/// The same room, where TLS hides what is said: TLS is Modbus on its port, or with a certificate that says so.
pub(crate) static SECURE: Protocol = Protocol {
    vocabulary: &SECURE_VOCABULARY,
    probe: secure::probe,
    steady: true,
    open: |limits, _| Box::new(secure::Session::new(limits)),
};

/// Looks at bytes that may start a message with either framing.
fn probe(transport: Transport, bytes: &[u8]) -> Probe {
    if transport == Transport::Ethernet {
        return Probe::Never;
    }
    match frame::probe(transport, bytes) {
        Probe::Sure => Probe::Sure,
        plain => match (plain, rtu::probe(transport, bytes)) {
            (_, Probe::Sure) => Probe::Sure,
            (Probe::Never, Probe::Never) => Probe::Never,
            _ => Probe::Unsure,
        },
    }
}

static PLAIN_VOCABULARY: Vocabulary = VOCABULARY;

static SECURE_VOCABULARY: Vocabulary = Vocabulary {
    ports: &[802],
    ..VOCABULARY
};

const VOCABULARY: Vocabulary = Vocabulary {
    name: NAME,
    ports: &[502],
    functions: &functions::FUNCTIONS,
    areas: &[area(COIL), area(DISCRETE), area(INPUT), area(HOLDING)],
    kinds: &[FILE],
    fields: &[
        "unit_id",
        "function",
        "exception",
        "subfunction",
        "mei",
        "address",
        "quantity",
        "write_address",
        "write_quantity",
        "umas",
        "framing",
        "encrypted",
        "tls_version",
        "server_name",
        "role",
        "subject",
        "certificate_thumbprint",
    ],
    volatile_fields: &[
        "transaction_id",
        "values",
        "and_mask",
        "or_mask",
        "objects",
        "exception_status",
        "diagnostic_data",
        "status",
        "event_count",
        "message_count",
        "events",
        "server_id",
        "run_indicator",
        "file_records",
        "fifo_count",
        "canopen_data",
        "read_device_id_code",
        "object_id",
        "conformity_level",
        "individual_access",
        "more_follows",
        "next_object_id",
        "object_count",
        "umas_key",
        "umas_needs_reservation",
        "umas_owner",
        "umas_error",
        "umas_block",
        "umas_offset",
        "umas_length",
        "umas_variables",
        "umas_blocks",
        "umas_max_frame",
        "umas_reservation",
        "umas_last",
        "thumbprint",
    ],
    choices: &[],
};

const fn area(name: &'static str) -> Area {
    Area {
        name,
        last: LAST_CELL,
        blocks: false,
    }
}

const NAME: &str = "modbus";
/// Outputs of one bit.
const COIL: &str = "coil";
/// Inputs of one bit.
const DISCRETE: &str = "discrete";
/// Inputs of 16 bits.
const INPUT: &str = "input";
/// Outputs of 16 bits.
const HOLDING: &str = "holding";
/// Extended memory, by file number.
const FILE: &str = "file";
/// The highest address of every area.
const LAST_CELL: u64 = 65_535;
