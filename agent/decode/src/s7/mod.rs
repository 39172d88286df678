//! Siemens S7: S7comm (0x32), S7comm-plus (0x72) and the COTP connections that carry them.
//!
//! **Follows** RFC 1006 and RFC 2126 for TPKT, ISO 8073 (X.224) for COTP. Siemens publishes no
//! specification of what is inside; `docs/protocols/s7.md` tells what is taken as fact and why.
//!
//! **Decoded:** connects and disconnects with their selectors, rack, slot and kind; messages cut by
//! segments or into several data units; every function of S7comm by name; the variables of reads,
//! writes and cyclic requests in every syntax, with values and return codes; uploads and downloads as
//! one transfer each, with the digest of the block; program invocations with their arguments;
//! userdata by group and subfunction, joined where it spans messages; clocks, blocks, variable
//! tables, data between controllers, and the system status lists that tell what the device is. Of
//! S7comm-plus: variables, objects with their attributes and values, results, and who opens a session.
//!
//! **Not decoded:** alarms, diagnosis buffers and stacks; of S7comm-plus, tag descriptions and
//! transactions; TLS inside of COTP, which is recognised as encrypted.
//!
//! **Limits:** a unit or message up to `Limits::message_bytes` per direction; requests up to
//! `Limits::pending_requests`, 2 KiB remembered of each; `transfers` and `fragments` name their own.

mod codes;
mod contents;
mod copying;
mod dissect;
mod errors;
mod exchange;
mod fragments;
mod frame;
mod functions;
mod identity;
mod items;
mod lists;
mod message;
mod modern;
mod operation;
mod pending;
mod plus;
mod program;
mod record;
mod selector;
mod session;
mod stream;
mod tables;
mod talk;
mod times;
mod transfers;
mod typed;
mod unfinished;
mod userdata;
mod written;

#[cfg(test)]
pub(crate) mod tests;

use model::{Area, Transport, Vocabulary};

use self::frame::Likeness;
use crate::{Probe, Protocol};

/// The room's face.
pub(crate) static PROTOCOL: Protocol = Protocol {
    vocabulary: &VOCABULARY,
    probe,
    steady: true,
    open: |limits, _| Box::new(session::Session::new(limits)),
};

static VOCABULARY: Vocabulary = Vocabulary {
    name: "s7",
    ports: &[102],
    functions: &functions::FUNCTIONS,
    areas: &[
        area("P", items::LAST, false),
        area("I", items::LAST, false),
        area("Q", items::LAST, false),
        area("M", items::LAST, false),
        area("DB", items::LAST, true),
        area("DI", items::LAST, true),
        area("L", items::LAST, false),
        area("V", items::LAST, false),
        area("C", items::LAST_NUMBER, false),
        area("T", items::LAST_NUMBER, false),
        area("other", items::LAST, false),
    ],
    kinds: &[
        "OB", "DB", "SDB", "FC", "SFC", "FB", "SFB", "block", "pi", "szl", "nck", "item", "object",
        "rid",
    ],
    fields: &[
        "cotp",
        "src_tsap",
        "dst_tsap",
        "reason",
        "connection_kind",
        "tpdu_size",
        "tpdu_class",
        "rack",
        "slot",
        "dialect",
        "encrypted",
        "rosctr",
        "function",
        "error_class",
        "error_code",
        "error_name",
        "pdu_size",
        "jobs_calling",
        "jobs_called",
        "syntax",
        "area",
        "db",
        "byte",
        "bit",
        "transport_size",
        "count",
        "return_code",
        "pi_service",
        "pi_argument",
        "restart",
        "block_type",
        "block_number",
        "filesystem",
        "block_sha256",
        "block_size",
        "stated_size",
        "transfer_complete",
        "inserted",
        "userdata_type",
        "userdata_group",
        "userdata_subfunction",
        "szl_id",
        "szl_index",
        "operating_mode",
        "previous_mode",
        "protection_level",
        "mode_selector",
        "r_id",
        "version",
        "opcode",
        "plus_function",
        "plus_object",
        "plus_class",
        "plus_attribute",
        "plus_method",
        "plus_return_code",
        "plus_unread",
        "integrity",
        "symbol_crc",
    ],
    volatile_fields: &[
        "pdu_ref",
        "sequence",
        "upload_id",
        "values",
        "plus_session",
        "plus_client",
        "clock",
    ],
    choices: &[],
};

const fn area(name: &'static str, last: u64, blocks: bool) -> Area {
    Area { name, last, blocks }
}

/// Sure where every header agrees with the next; unsure of other data over TPKT and COTP, which
/// may be the answer to ours.
fn probe(transport: Transport, bytes: &[u8]) -> Probe {
    if transport != Transport::Tcp {
        return Probe::Never;
    }
    match frame::likeness(bytes) {
        Likeness::Full => Probe::Sure,
        Likeness::Short | Likeness::Foreign => Probe::Unsure,
        Likeness::None => Probe::Never,
    }
}
