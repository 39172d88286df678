//! Serial framing on a network: what gateways send that put a serial line into a TCP stream or into UDP
//! datagrams without translating it.
//!
//! MODBUS over Serial Line V1.02, 2.5.1: unit, function, body, and a CRC-16. There is no header, no length
//! and no transaction identifier; on a line, silence tells messages apart, and a network keeps none. So a
//! length is what the function needs, as a request or as an answer, and the checksum decides. Bodies
//! whose length nothing tells (UMAS, unknown functions) end where their segment ends.

mod frame;
mod session;
mod stream;

pub(super) use frame::{is_message, probe};
pub(super) use session::Session;
