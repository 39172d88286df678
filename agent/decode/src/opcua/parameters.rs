//! The parameters of the services that say who is who: sessions, identities and discovery.
//!
//! Follows OPC 10000-4, 5.4 (discovery), 5.6 (session), 7.2 (application description), 7.14 (endpoint
//! description), 7.40 (user identity tokens), and OPC 10000-5, 12.4 (build information). A password is
//! passed over where it lies: nothing here gives it out.

use model::Malformed;

use super::types::{bytes, each, extension_object, localized_text, node_id, text};
use crate::reader::Reader;

/// An application, as it describes itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Application<'a> {
    pub(super) uri: Option<&'a str>,
    pub(super) product: Option<&'a str>,
    pub(super) name: Option<&'a str>,
}

/// `ApplicationDescription` (7.2).
pub(super) fn application<'a>(reader: &mut Reader<'a>) -> Result<Application<'a>, Malformed> {
    let uri = text(reader, "application_uri")?;
    let product = text(reader, "product_uri")?;
    let name = localized_text(reader, "application_name")?;
    reader.u32_le("application_type")?;
    text(reader, "gateway_server_uri")?;
    text(reader, "discovery_profile_uri")?;
    each(reader, "discovery_urls", 4, |reader| {
        text(reader, "discovery_urls").map(drop)
    })?;
    Ok(Application { uri, product, name })
}

/// What a client says of itself when it creates a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct CreateSession<'a> {
    pub(super) client: Application<'a>,
    pub(super) endpoint: Option<&'a str>,
    pub(super) session_name: Option<&'a str>,
    pub(super) certificate: Option<&'a [u8]>,
}

/// The parameters of a `CreateSession` request.
pub(super) fn create_session(mut reader: Reader<'_>) -> Result<CreateSession<'_>, Malformed> {
    let client = application(&mut reader)?;
    text(&mut reader, "server_uri")?;
    Ok(CreateSession {
        client,
        endpoint: text(&mut reader, "endpoint_url")?,
        session_name: text(&mut reader, "session_name")?,
        certificate: certificate(reader),
    })
}

/// The certificate behind a nonce, or behind a policy's name; none where the message ends before it.
fn certificate(mut reader: Reader<'_>) -> Option<&[u8]> {
    bytes(&mut reader, "nonce").ok()?;
    bytes(&mut reader, "certificate").ok()?
}

/// What a server gives with a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct CreatedSession<'a> {
    /// The authentication token as it is encoded.
    pub(super) token: &'a [u8],
    /// After how many milliseconds without a request the session ends.
    pub(super) timeout_millis: f64,
    pub(super) certificate: Option<&'a [u8]>,
    /// The array of the server's endpoints, and what follows it.
    pub(super) endpoints: Reader<'a>,
    /// The server, as its first endpoint describes it.
    pub(super) server: Option<Application<'a>>,
}

/// The parameters of a `CreateSession` response.
pub(super) fn created_session(mut reader: Reader<'_>) -> Result<CreatedSession<'_>, Malformed> {
    node_id(&mut reader, "session_id")?;
    let start = reader;
    node_id(&mut reader, "authentication_token")?;
    let len = start.left() - reader.left();
    let token = start.peek().get(..len).unwrap_or(&[]);
    let timeout_millis = f64::from_bits(reader.u64_le("revised_session_timeout")?);
    bytes(&mut reader, "server_nonce")?;
    Ok(CreatedSession {
        token,
        timeout_millis,
        certificate: bytes(&mut reader, "server_certificate")?,
        endpoints: reader,
        server: first_endpoint(reader).ok().flatten(),
    })
}

/// The server of the first of several endpoints.
pub(super) fn first_endpoint(mut reader: Reader<'_>) -> Result<Option<Application<'_>>, Malformed> {
    if reader.u32_le("endpoints")?.wrapping_add(1) <= 1 {
        return Ok(None);
    }
    text(&mut reader, "endpoint_url")?;
    application(&mut reader).map(Some)
}

/// How a user proves who they are.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Identity {
    Anonymous,
    Username,
    Certificate,
    Issued,
}

impl Identity {
    /// The word that records and rules use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Username => "username",
            Self::Certificate => "certificate",
            Self::Issued => "issued",
        }
    }
}

/// Who wants to use a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActivateSession<'a> {
    pub(super) identity: Option<Identity>,
    pub(super) user: Option<&'a str>,
    /// Whether a password lies open in the message.
    pub(super) clear_password: bool,
    /// The user's certificate, where that is the proof.
    pub(super) certificate: Option<&'a [u8]>,
}

/// The parameters of an `ActivateSession` request.
pub(super) fn activate_session(mut reader: Reader<'_>) -> Result<ActivateSession<'_>, Malformed> {
    text(&mut reader, "algorithm")?;
    bytes(&mut reader, "client_signature")?;
    each(&mut reader, "client_software_certificates", 8, |reader| {
        bytes(reader, "client_software_certificates")?;
        bytes(reader, "client_software_certificates").map(drop)
    })?;
    each(&mut reader, "locale_ids", 4, |reader| {
        text(reader, "locale_ids").map(drop)
    })?;
    let token = extension_object(&mut reader, "user_identity_token")?;
    let identity = match token.type_id.standard() {
        // No token at all stands for an anonymous user.
        Some(0 | ANONYMOUS) => Some(Identity::Anonymous),
        Some(USERNAME) => Some(Identity::Username),
        Some(CERTIFICATE) => Some(Identity::Certificate),
        Some(ISSUED) => Some(Identity::Issued),
        _ => None,
    };
    let (user, clear_password) = match token.holding(USERNAME) {
        Some(body) => username(body)?,
        None => (None, false),
    };
    Ok(ActivateSession {
        identity,
        user,
        clear_password,
        certificate: token.holding(CERTIFICATE).and_then(certificate),
    })
}

/// The name in a user name token, and whether its password is not encrypted.
fn username(mut token: Reader<'_>) -> Result<(Option<&str>, bool), Malformed> {
    text(&mut token, "policy_id")?;
    let user = text(&mut token, "user_name")?;
    let has_password = bytes(&mut token, "password")?.is_some_and(|secret| !secret.is_empty());
    let encryption = text(&mut token, "encryption_algorithm")?;
    Ok((user, has_password && encryption.is_none_or(str::is_empty)))
}

const ANONYMOUS: u32 = 321;
const USERNAME: u32 = 324;
const CERTIFICATE: u32 = 327;
const ISSUED: u32 = 940;

/// What a server says of its build.
#[derive(Clone, Copy, Debug)]
pub(super) struct BuildInfo<'a> {
    pub(super) vendor: Option<&'a str>,
    pub(super) product: Option<&'a str>,
    pub(super) version: Option<&'a str>,
}

/// `BuildInfo`, at the reader.
pub(super) fn build_info(mut reader: Reader<'_>) -> Result<BuildInfo<'_>, Malformed> {
    text(&mut reader, "product_uri")?;
    Ok(BuildInfo {
        vendor: text(&mut reader, "manufacturer_name")?,
        product: text(&mut reader, "product_name")?,
        version: text(&mut reader, "software_version")?,
    })
}
