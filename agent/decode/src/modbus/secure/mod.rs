//! Modbus/TCP Security: Modbus in TLS. What the handshake shows in clear is read, what it hides is counted.
//!
//! MODBUS/TCP Security Protocol Specification V2.1; TLS 1.2: RFC 5246; TLS 1.3: RFC 8446. Up to TLS 1.2 both
//! certificates are in clear, and the client's names the role that the server grants rights by; TLS 1.3
//! hides both. Nothing is decrypted and nothing verified.
//!
//! Whether TLS is Modbus cannot be seen in it. It is taken for that on a port of the room, or where a
//! certificate names a Modbus role; other TLS is none of ours.
//!
//! The messages are read by this room's own [`Reader`](crate::reader::Reader): four fields of three messages
//! are wanted, which does not pay for a parser of all of TLS.

mod handshake;
mod operation;
mod record;
mod session;

use model::Transport;

use crate::Probe;
pub(super) use session::Session;

/// Looks at bytes that may be TLS: only a certificate with a Modbus role makes them surely ours.
pub(super) fn probe(transport: Transport, bytes: &[u8]) -> Probe {
    if transport == Transport::Udp || !record::may_begin(bytes) {
        return Probe::Never;
    }
    match bytes.windows(ROLE.len()).any(|window| window == ROLE) {
        true => Probe::Sure,
        false => Probe::Unsure,
    }
}

/// The object identifier 1.3.6.1.4.1.50316.802.1 in DER (MODBUS/TCP Security V2.1, 8.3).
const ROLE: &[u8] = &[
    0x06, 0x0b, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0x89, 0x0c, 0x86, 0x22, 0x01,
];
