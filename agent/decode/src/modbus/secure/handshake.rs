//! The messages of a TLS handshake that are in clear, and what is wanted of them.
//!
//! RFC 5246, 7.4: a type, a length of three bytes, a body; several to a record, one over several records.
//! Server name: RFC 6066, 3; application protocol: RFC 7301, 3.1; versions: RFC 8446, 4.2.1.

use model::Malformed;

use crate::certificate::Certificate;
use crate::reader::Reader;

/// What a client or a server proposes or chooses.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Hello {
    /// The highest version.
    pub(super) version: u16,
    /// What the server chose; 0 in a client's.
    pub(super) cipher_suite: u16,
    /// The host that the client wants.
    pub(super) server_name: Option<String>,
    /// The first application protocol.
    pub(super) alpn: Option<String>,
}

/// One message.
#[derive(Debug)]
pub(super) enum Message {
    ClientHello(Hello),
    ServerHello(Hello),
    /// The first of a chain; `None` where the list is empty or it cannot be read.
    Certificate(Option<Box<Certificate>>),
    CertificateRequest,
    ServerHelloDone,
    Other,
}

/// The handshake bytes of one direction that form no message yet.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    // INVARIANT: fewer than `LIMIT` bytes and those of one payload.
    held: Vec<u8>,
    is_given_up: bool,
}

/// What the bytes of a direction give.
pub(super) enum Next {
    Message(Result<Message, Malformed>),
    /// A message says that it has so many bytes, which is more than is held.
    TooLarge(u64),
    Starved,
}

impl Handshake {
    /// Takes more bytes.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        if !self.is_given_up {
            self.held.extend_from_slice(bytes);
        }
    }

    /// Gives back what it holds: the rest is encrypted, or unreadable.
    pub(super) fn give_up(&mut self) {
        *self = Self {
            held: Vec::new(),
            is_given_up: true,
        };
    }

    /// How many bytes it holds on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.capacity()
    }

    /// The next whole message.
    pub(super) fn next(&mut self) -> Next {
        let [code, length @ ..] = self
            .held
            .first_chunk::<HEADER>()
            .copied()
            .unwrap_or_default();
        let [a, b, c] = length;
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let total = HEADER + length;
        if self.held.len() < HEADER {
            return Next::Starved;
        }
        if total > LIMIT {
            self.give_up();
            return Next::TooLarge(total as u64);
        }
        let Some(body) = self.held.get(HEADER..total) else {
            return Next::Starved;
        };
        let message = read(code, body);
        self.held.drain(..total);
        Next::Message(message)
    }
}

fn read(code: u8, body: &[u8]) -> Result<Message, Malformed> {
    let reader = Reader::at(body, HEADER);
    Ok(match code {
        1 => Message::ClientHello(client_hello(reader)?),
        2 => Message::ServerHello(server_hello(reader)?),
        11 => Message::Certificate(certificate(reader)?),
        13 => Message::CertificateRequest,
        14 => Message::ServerHelloDone,
        _ => Message::Other,
    })
}

fn client_hello(mut reader: Reader<'_>) -> Result<Hello, Malformed> {
    let mut hello = opening(&mut reader)?;
    let suites = reader.u16("cipher_suites")?;
    reader.take("cipher_suites", suites.into())?;
    let methods = reader.u8("compression_methods")?;
    reader.take("compression_methods", methods.into())?;
    extensions(reader, &mut hello, highest)?;
    Ok(hello)
}

fn server_hello(mut reader: Reader<'_>) -> Result<Hello, Malformed> {
    let mut hello = opening(&mut reader)?;
    hello.cipher_suite = reader.u16("cipher_suite")?;
    reader.u8("compression_method")?;
    extensions(reader, &mut hello, |mut it| it.u16("selected_version"))?;
    Ok(hello)
}

/// Version, random and session identifier, which both hellos start with.
fn opening(reader: &mut Reader<'_>) -> Result<Hello, Malformed> {
    let version = reader.u16("version")?;
    reader.take("random", RANDOM)?;
    let session = reader.u8("session_id")?;
    reader.take("session_id", session.into())?;
    Ok(Hello {
        version,
        ..Hello::default()
    })
}

fn extensions(
    mut reader: Reader<'_>,
    hello: &mut Hello,
    version: fn(Reader<'_>) -> Result<u16, Malformed>,
) -> Result<(), Malformed> {
    if reader.is_empty() {
        return Ok(());
    }
    let length = reader.u16("extensions")?;
    let mut extensions = reader.sub("extensions", length.into())?;
    while !extensions.is_empty() {
        let code = extensions.u16("extension_type")?;
        let length = extensions.u16("extension")?;
        let body = extensions.sub("extension", length.into())?;
        match code {
            SERVER_NAME if !body.is_empty() => hello.server_name = server_name(body)?,
            ALPN => hello.alpn = alpn(body)?,
            SUPPORTED_VERSIONS => hello.version = version(body)?,
            _ => {}
        }
    }
    Ok(())
}

fn server_name(mut reader: Reader<'_>) -> Result<Option<String>, Malformed> {
    reader.u16("server_name_list")?;
    let kind = reader.u8("name_type")?;
    let length = reader.u16("host_name")?;
    let name = reader.take("host_name", length.into())?;
    Ok((kind == HOST_NAME).then(|| printable(name)))
}

fn alpn(mut reader: Reader<'_>) -> Result<Option<String>, Malformed> {
    reader.u16("protocol_name_list")?;
    let length = reader.u8("protocol_name")?;
    Ok(Some(printable(
        reader.take("protocol_name", length.into())?,
    )))
}

/// The highest of a client's versions that is one: others are put in to keep servers from growing stiff.
fn highest(mut reader: Reader<'_>) -> Result<u16, Malformed> {
    reader.u8("versions")?;
    let mut highest = 0;
    while !reader.is_empty() {
        let version = reader.u16("versions")?;
        if version <= LAST_VERSION {
            highest = highest.max(version);
        }
    }
    Ok(highest)
}

fn certificate(mut reader: Reader<'_>) -> Result<Option<Box<Certificate>>, Malformed> {
    if reader.u24("certificate_list")? == 0 {
        return Ok(None);
    }
    let length = reader.u24("certificate")?;
    let der = reader.take("certificate", length as usize)?;
    Ok(Certificate::read(der).map(Box::new))
}

fn printable(bytes: &[u8]) -> String {
    crate::modbus::identity::text(bytes).into_owned()
}

/// Type and length.
const HEADER: usize = 4;
/// The most bytes that are held of a message; certificate chains have a few thousand.
pub(super) const LIMIT: usize = 24 << 10;
const RANDOM: usize = 32;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;
const HOST_NAME: u8 = 0;
const LAST_VERSION: u16 = 0x0304;
