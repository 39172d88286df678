//! The endpoints that a server tells of: what each is protected by, and the certificate behind it.
//!
//! Follows OPC 10000-4, 5.4.4 (`GetEndpoints`), 5.6.2 (`CreateSession`) and 7.14 (the description).

use super::parameters::application;
use super::policies::Mode;
use super::types::{bytes, count, each, text};
use crate::reader::Reader;

/// The most endpoints that are looked at; servers have one for each address, policy and mode.
const ENDPOINTS: u32 = 64;

/// One way to open a channel to a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint<'a> {
    pub(super) certificate: Option<&'a [u8]>,
    pub(super) mode: Option<Mode>,
    pub(super) policy: Option<&'a str>,
}

/// Shows the endpoints at the reader, as far as they can be read.
pub(super) fn walk<'a>(mut reader: Reader<'a>, see: &mut dyn FnMut(Endpoint<'a>)) {
    let count = count(&mut reader, "endpoints", 32).unwrap_or(0);
    for _ in 0..count.min(ENDPOINTS) {
        let Some(endpoint) = endpoint(&mut reader) else {
            return;
        };
        see(endpoint);
    }
}

fn endpoint<'a>(reader: &mut Reader<'a>) -> Option<Endpoint<'a>> {
    text(reader, "endpoint_url").ok()?;
    application(reader).ok()?;
    let endpoint = Endpoint {
        certificate: bytes(reader, "server_certificate").ok()?,
        mode: Mode::from_code(reader.u32_le("security_mode").ok()?),
        policy: text(reader, "security_policy").ok()?,
    };
    each(reader, "user_identity_tokens", 20, |reader| {
        text(reader, "policy_id")?;
        reader.u32_le("token_type")?;
        text(reader, "issued_token_type")?;
        text(reader, "issuer_endpoint_url")?;
        text(reader, "security_policy").map(drop)
    })
    .ok()?;
    text(reader, "transport_profile").ok()?;
    reader.u8("security_level").ok()?;
    Some(endpoint)
}
