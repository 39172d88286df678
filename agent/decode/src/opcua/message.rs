//! One message: what its chunks carry, typed.
//!
//! Follows OPC 10000-6, 7.1.2 (hello to error), 6.7.2.3 (the security headers), 6.7.2.4 (the sequence
//! header), and OPC 10000-4, 7.32 and 7.33 (the headers of requests and responses). A service's
//! parameters stay bytes; `items` and `answers` walk them when somebody looks.

use model::{Function, Malformed};

use super::frame::{Chunk, HEADER, Header, Kind};
use super::functions;
use super::schema::{self, Structure};
use super::services::{self, Half, Service};
use super::types::{DEPTH, bytes, diagnostic_info, each, extension_object, node_id, text};
use crate::reader::Reader;

/// What a chunk says before anything that may be encrypted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope<'a> {
    /// The whole chunk.
    pub(super) wire: &'a [u8],
    pub(super) kind: Kind,
    pub(super) chunk: Chunk,
    pub(super) channel_id: u32,
    pub(super) security: Security<'a>,
    /// The sequence header and all after it, which may be encrypted.
    pub(super) rest: Reader<'a>,
}

/// The security header.
#[derive(Clone, Copy, Debug)]
pub(super) enum Security<'a> {
    /// Of an `OPN`: the security policy's URI, the sender's certificate, the thumbprint of the receiver's.
    Asymmetric {
        policy: Option<&'a str>,
        certificate: Option<&'a [u8]>,
        receiver: Option<&'a [u8]>,
    },
    /// Of all else: which of the channel's tokens.
    Symmetric { token_id: u32 },
}

impl<'a> Envelope<'a> {
    /// Reads the headers of a chunk that belongs to a channel.
    pub(super) fn read(header: Header, chunk: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(chunk);
        reader.take("message_type", HEADER)?;
        let channel_id = reader.u32_le("channel_id")?;
        let security = match header.kind {
            Kind::Open => asymmetric(&mut reader)?,
            _ => Security::Symmetric {
                token_id: reader.u32_le("token_id")?,
            },
        };
        Ok(Self {
            wire: chunk,
            kind: header.kind,
            chunk: header.chunk,
            channel_id,
            security,
            rest: reader,
        })
    }
}

fn asymmetric<'a>(reader: &mut Reader<'a>) -> Result<Security<'a>, Malformed> {
    Ok(Security::Asymmetric {
        policy: text(reader, "security_policy")?,
        certificate: bytes(reader, "sender_certificate")?,
        receiver: bytes(reader, "receiver_thumbprint")?,
    })
}

/// The sequence header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sequence {
    pub(super) number: u32,
    pub(super) request_id: u32,
}

/// Reads the sequence header.
pub(super) fn sequence(reader: &mut Reader<'_>) -> Result<Sequence, Malformed> {
    Ok(Sequence {
        number: reader.u32_le("sequence")?,
        request_id: reader.u32_le("request_id")?,
    })
}

/// A message of the connection protocol.
#[derive(Clone, Copy, Debug)]
pub(super) struct Greeting<'a> {
    pub(super) endpoint: Option<&'a str>,
    /// Why the connection ends, of an `ERR`.
    pub(super) error: Option<u32>,
}

/// Reads `HEL`, `ACK`, `ERR` or `RHE`.
pub(super) fn greeting(kind: Kind, chunk: &[u8]) -> Result<Greeting<'_>, Malformed> {
    let mut reader = Reader::new(chunk);
    reader.take("message_type", HEADER)?;
    let (mut endpoint, mut error) = (None, None);
    match kind {
        Kind::Hello => {
            // Protocol version, buffer sizes, largest message, most chunks.
            reader.take("protocol_version", 20)?;
            endpoint = text(&mut reader, "endpoint_url")?;
        }
        Kind::ReverseHello => {
            text(&mut reader, "server_uri")?;
            endpoint = text(&mut reader, "endpoint_url")?;
        }
        Kind::Acknowledge => drop(reader.take("protocol_version", 20)?),
        _ => error = Some(reader.u32_le("error")?),
    }
    Ok(Greeting { endpoint, error })
}

/// A service message: its type and header, and its parameters as bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'a> {
    /// The identifier of its binary encoding; `None` where it is not from namespace 0.
    pub(super) id: Option<u32>,
    pub(super) what: What,
    pub(super) header: Headers<'a>,
    /// Whether it came in an envelope, without a session.
    pub(super) enveloped: bool,
    /// All of it, from the identifier of its type on.
    pub(super) start: Reader<'a>,
    /// The parameters, and whatever trails them.
    pub(super) parameters: Reader<'a>,
}

/// Which service message.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Service(&'static Service, Half),
    Fault,
    Unknown,
}

/// The header of a request or response, as far as anybody asks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Headers<'a> {
    /// A request's authentication token as it is encoded; `None` where it is null.
    pub(super) session: Option<&'a [u8]>,
    pub(super) handle: Option<u32>,
    /// A response's service result.
    pub(super) result: Option<u32>,
}

impl<'a> Body<'a> {
    /// Reads a whole message's body.
    pub(super) fn read(start: Reader<'a>) -> Result<Self, Malformed> {
        let mut reader = start;
        let (id, outer) = kind(&mut reader)?;
        let (what, enveloped) = match outer {
            What::Service(service, half) if service.is(services::SESSIONLESS_INVOKE) => {
                (unwrapped(&mut reader, half)?, true)
            }
            _ => (outer, false),
        };
        let header = match what {
            What::Service(_, Half::Request) => request_header(&mut reader)?,
            What::Service(_, Half::Response) | What::Fault => response_header(&mut reader)?,
            What::Unknown => Headers::default(),
        };
        Ok(Self {
            id,
            what,
            header,
            enveloped,
            start,
            parameters: reader,
        })
    }

    /// Which half of which service.
    pub(super) const fn service(&self) -> Option<(&'static Service, Half)> {
        match self.what {
            What::Service(service, half) => Some((service, half)),
            What::Fault | What::Unknown => None,
        }
    }

    /// The name of the message's type, where it is known.
    pub(super) const fn name(&self) -> Option<&'static str> {
        match self.what {
            What::Service(service, Half::Request) => Some(service.request.name),
            What::Service(service, Half::Response) => Some(service.response.name),
            What::Fault => Some("ServiceFault"),
            What::Unknown => None,
        }
    }

    /// The shape of its parameters, where it is known.
    pub(super) const fn structure(&self) -> Option<&'static Structure> {
        match self.what {
            What::Service(service, Half::Request) => Some(service.request),
            What::Service(service, Half::Response) => Some(service.response),
            What::Fault | What::Unknown => None,
        }
    }

    /// Goes through its parameters.
    ///
    /// # Errors
    ///
    /// What is cut off, claims too much or nests too deep.
    pub(super) fn check(&self) -> Result<(), Malformed> {
        let mut parameters = self.parameters;
        self.structure().map_or(Ok(()), |structure| {
            schema::pass(structure, &mut parameters, DEPTH)
        })
    }

    /// What it asks or answers, as far as it can say so itself.
    pub(super) fn function(&self) -> Function {
        match self.what {
            What::Service(service, _) => service.function,
            What::Fault => functions::SERVICE_FAULT,
            What::Unknown => functions::unknown(self.id.unwrap_or(0)),
        }
    }

    /// Whether it is the request of this service.
    pub(super) fn asks(&self, request_id: u32) -> bool {
        self.is(request_id, Half::Request)
    }

    /// Whether it is this half of the service with this request.
    pub(super) fn is(&self, request_id: u32, wanted: Half) -> bool {
        self.service()
            .is_some_and(|(service, half)| service.is(request_id) && half == wanted)
    }
}

fn kind(reader: &mut Reader<'_>) -> Result<(Option<u32>, What), Malformed> {
    let id = node_id(reader, "service_id")?.standard();
    let what = match id {
        Some(services::SERVICE_FAULT) => What::Fault,
        Some(id) => services::find(id).map_or(What::Unknown, |(service, half)| {
            What::Service(service, half)
        }),
        None => What::Unknown,
    };
    Ok((id, what))
}

/// Opens the envelope of a service without a session, which has no header of its own (OPC 10000-4, 6.3.2, Table 107: `urisVersion`
/// is one `VersionTime`, four bytes): what it holds. It names the service by its data type; some name the binary encoding, two further on.
fn unwrapped(reader: &mut Reader<'_>, half: Half) -> Result<What, Malformed> {
    if half == Half::Request {
        reader.u32_le("uris_version")?;
        pass_texts(reader, "namespace_uris")?;
        pass_texts(reader, "server_uris")?;
        pass_texts(reader, "locale_ids")?;
    } else {
        pass_texts(reader, "namespace_uris")?;
        pass_texts(reader, "server_uris")?;
    }
    let id = reader.u32_le("service_id")?;
    if matches!(id, services::SERVICE_FAULT) || id == services::SERVICE_FAULT - 2 {
        return Ok(What::Fault);
    }
    let found = services::find(id).or_else(|| services::find(id.checked_add(2)?));
    Ok(match found.filter(|(_, found)| *found == half) {
        Some((service, _)) if !service.is(services::SESSIONLESS_INVOKE) => {
            What::Service(service, half)
        }
        _ => What::Unknown,
    })
}

fn pass_texts(reader: &mut Reader<'_>, field: &'static str) -> Result<(), Malformed> {
    let count = reader.u32_le(field)?;
    for _ in 0..if count == u32::MAX { 0 } else { count } {
        text(reader, field)?;
    }
    Ok(())
}

fn request_header<'a>(reader: &mut Reader<'a>) -> Result<Headers<'a>, Malformed> {
    let start = *reader;
    let token = node_id(reader, "authentication_token")?;
    let len = start.left() - reader.left();
    let session = start.peek().get(..len).filter(|_| !token.is_null());
    reader.take("timestamp", 8)?;
    let handle = Some(reader.u32_le("request_handle")?);
    reader.u32_le("return_diagnostics")?;
    bytes(reader, "audit_entry_id")?;
    reader.u32_le("timeout_hint")?;
    extension_object(reader, "additional_header")?;
    Ok(Headers {
        session,
        handle,
        result: None,
    })
}

fn response_header<'a>(reader: &mut Reader<'a>) -> Result<Headers<'a>, Malformed> {
    reader.take("timestamp", 8)?;
    let handle = Some(reader.u32_le("request_handle")?);
    let result = Some(reader.u32_le("service_result")?);
    diagnostic_info(reader, "service_diagnostics")?;
    each(reader, "string_table", 4, |reader| {
        bytes(reader, "string_table").map(drop)
    })?;
    extension_object(reader, "additional_header")?;
    Ok(Headers {
        session: None,
        handle,
        result,
    })
}

/// Whether the bytes after a sequence header look like the start of a message in clear: a known
/// encoding of namespace 0, and a header that can be read as far as the chunk goes and says nothing
/// that a header cannot. Ciphertext does so less than once in a hundred billion messages.
pub(super) fn is_clear(reader: Reader<'_>, chunk: Chunk) -> bool {
    let mut start = reader;
    let half = match kind(&mut start) {
        Ok((_, What::Service(_, half))) => half,
        Ok((_, What::Fault)) => Half::Response,
        Ok((_, What::Unknown)) | Err(_) => return false,
    };
    match is_proper(start, half) {
        Ok(proper) => proper && (chunk != Chunk::Final || Body::read(reader).is_ok()),
        Err(_) => chunk != Chunk::Final,
    }
}

/// Whether the fixed part of a header holds what it may hold: a time from 1601 to 2200, no diagnostics
/// that are not defined, no bits of a status code that are reserved (OPC 10000-4, 7.12, 7.32, 7.33, 7.38).
fn is_proper(mut reader: Reader<'_>, half: Half) -> Result<bool, Malformed> {
    if half == Half::Request {
        node_id(&mut reader, "authentication_token")?;
    }
    let time = reader.u64_le("timestamp")?;
    reader.u32_le("request_handle")?;
    let code = reader.u32_le("service_result")?;
    let proper = match half {
        Half::Request => code <= DIAGNOSTICS || code == u32::MAX,
        Half::Response => matches!(code >> 28, 0 | 4 | 8),
    };
    Ok(proper && time <= LATEST)
}

/// The year 2200 in units of 100 ns since 1601.
const LATEST: u64 = 189_025_920_000_000_000;
/// All diagnostics that a request can ask for.
const DIAGNOSTICS: u32 = 0x3ff;

/// The mode that the parameters of an `OpenSecureChannel` request ask for (OPC 10000-4, 5.5.2).
pub(super) fn security_mode(mut reader: Reader<'_>) -> Option<u32> {
    // Protocol version and request type stand before it.
    reader.take("client_protocol_version", 8).ok()?;
    reader.u32_le("security_mode").ok()
}
