//! What an X.509 certificate says about who shows it: shared by the rooms whose protocols carry some.
//!
//! Follows RFC 5280, 4.1 (the certificate) and 4.2.1.6 (alternative names), OPC 10000-6, 6.2.2 (the
//! application's URI and the thumbprint, which is SHA-1) and MODBUS/TCP Security V3.6, 8.3 (the role).
//! Nothing is verified: a sensor has neither the roots nor the plant's clock to judge by.

use model::Timestamp;
use ring::digest;
use serde::Serialize;
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};
use x509_parser::public_key::PublicKey;

/// The largest certificate that is looked at, in bytes; a chain's first certificate has a twentieth.
const LARGEST: usize = 64 << 10;

/// The extension that names a Modbus client's role (MODBUS/TCP Security V3.6, 8.3).
const MODBUS_ROLE: &[u64] = &[1, 3, 6, 1, 4, 1, 50316, 802, 1];

/// A certificate as incidents, inventories and policies speak of it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Certificate {
    /// SHA-1 of the whole certificate, as 40 hexadecimal digits.
    pub(crate) thumbprint: String,
    /// The distinguished name of its holder.
    pub(crate) subject: String,
    /// The distinguished name of who signed it.
    pub(crate) issuer: String,
    /// The first alternative name that is a URI: an OPC UA application's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) application_uri: Option<String>,
    /// The alternative names that are hosts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hosts: Vec<String>,
    /// The role that Modbus servers grant rights by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    /// The first moment that it is valid.
    pub(crate) not_before: Timestamp,
    /// The last moment that it is valid.
    pub(crate) not_after: Timestamp,
    /// The kind of its public key.
    pub(crate) key: &'static str,
    /// The size of its public key, in bits; 0 where it cannot be told.
    pub(crate) key_bits: usize,
    /// Whether subject and issuer are the same.
    pub(crate) self_signed: bool,
}

impl Certificate {
    /// Reads the first certificate of a chain in DER, one behind the other. `None` where there is none
    /// that can be read.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let der = der.get(..LARGEST).unwrap_or(der);
        let (rest, it) = X509Certificate::from_der(der).ok()?;
        let whole = der.get(..der.len() - rest.len())?;
        let (key, key_bits) = key(&it);
        let mut read = Self {
            thumbprint: hex(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, whole).as_ref()),
            subject: it.subject().to_string(),
            issuer: it.issuer().to_string(),
            application_uri: None,
            hosts: Vec::new(),
            role: None,
            not_before: moment(it.validity().not_before.timestamp()),
            not_after: moment(it.validity().not_after.timestamp()),
            key,
            key_bits,
            self_signed: it.subject().as_raw() == it.issuer().as_raw(),
        };
        read.extensions(&it);
        Some(read)
    }

    fn extensions(&mut self, it: &X509Certificate<'_>) {
        for extension in it.iter_extensions() {
            match extension.parsed_extension() {
                ParsedExtension::SubjectAlternativeName(names) => {
                    names.general_names.iter().for_each(|name| self.name(name));
                }
                _ if is(&extension.oid, MODBUS_ROLE) => self.role = utf8(extension.value),
                _ => {}
            }
        }
    }

    fn name(&mut self, name: &GeneralName<'_>) {
        match name {
            GeneralName::URI(uri) if self.application_uri.is_none() => {
                self.application_uri = Some((*uri).to_owned());
            }
            GeneralName::DNSName(host) => self.hosts.push((*host).to_owned()),
            GeneralName::IPAddress(octets) => self.hosts.extend(address(octets)),
            _ => {}
        }
    }
}

fn key(it: &X509Certificate<'_>) -> (&'static str, usize) {
    match it.public_key().parsed() {
        Ok(PublicKey::RSA(rsa)) => ("rsa", rsa.key_size()),
        Ok(PublicKey::EC(point)) => ("ec", point.key_size()),
        Ok(PublicKey::DSA(bytes)) => ("dsa", bytes.len() * 8),
        _ => ("other", 0),
    }
}

/// A moment in whole seconds since 1970; one that is past what can be told is the last that can.
fn moment(secs: i64) -> Timestamp {
    Timestamp::from_nanos(secs.saturating_mul(1_000_000_000))
}

fn is(oid: &Oid<'_>, numbers: &[u64]) -> bool {
    oid.iter()
        .is_some_and(|arcs| arcs.eq(numbers.iter().copied()))
}

/// The text of a DER `UTF8String` (X.690, 8.23).
fn utf8(der: &[u8]) -> Option<String> {
    let [0x0c, len, text @ ..] = der else {
        return None;
    };
    let text = text.get(..usize::from(*len))?;
    str::from_utf8(text).ok().map(str::to_owned)
}

fn address(octets: &[u8]) -> Option<String> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets)
            .ok()
            .map(|it| std::net::Ipv4Addr::from(it).to_string()),
        16 => <[u8; 16]>::try_from(octets)
            .ok()
            .map(|it| std::net::Ipv6Addr::from(it).to_string()),
        _ => None,
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    let pair = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().flat_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CustomExtension, DnType, KeyPair, SanType};

    use super::*;

    fn issued() -> Vec<u8> {
        let mut params = CertificateParams::new(["plc-7.plant".to_owned()]).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "pump controller");
        let uri = "urn:plant:plc-7".try_into().unwrap();
        params.subject_alt_names.push(SanType::URI(uri));
        let role = b"\x0c\x08operator".to_vec();
        let role = CustomExtension::from_oid_content(MODBUS_ROLE, role);
        params.custom_extensions.push(role);
        params.not_after = rcgen::date_time_ymd(9999, 12, 31);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_tells_its_holder_uri_hosts_role_and_key() {
        let read = Certificate::read(&issued()).unwrap();
        assert_eq!(read.subject, "CN=pump controller");
        assert_eq!(read.application_uri.as_deref(), Some("urn:plant:plc-7"));
        assert_eq!(read.hosts, ["plc-7.plant"]);
        assert_eq!(read.role.as_deref(), Some("operator"));
        assert_eq!((read.key, read.key_bits), ("ec", 256));
        assert!(read.self_signed);
        assert_eq!(read.thumbprint.len(), 40);
    }

    #[test]
    fn a_time_past_what_can_be_told_is_the_last_that_can() {
        let read = Certificate::read(&issued()).unwrap();
        assert_eq!(read.not_after.as_nanos(), i64::MAX);
    }

    #[test]
    fn a_chain_is_read_as_its_first_certificate() {
        let (first, second) = (issued(), issued());
        let chain = [first.clone(), second].concat();
        assert_eq!(Certificate::read(&chain), Certificate::read(&first));
    }

    #[test]
    fn a_certificate_that_is_cut_short_is_none() {
        let der = issued();
        for len in 0..der.len() {
            assert_eq!(Certificate::read(&der[..len]), None);
        }
    }
}
