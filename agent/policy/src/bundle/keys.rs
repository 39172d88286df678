//! The keys that sign bundles: Ed25519, by ring.
//!
//! A secret key is a PKCS#8 document (RFC 5958, RFC 8410) in PEM (RFC 7468), as `openssl genpkey
//! -algorithm ed25519` makes it too; a public key is one line of base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::hex;

/// A key that signs.
#[derive(Debug)]
pub struct SecretKey(Ed25519KeyPair);

/// A key that says who signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PublicKey([u8; BYTES]);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// It is no secret key in PEM.
    #[error("this is no Ed25519 key in PEM, as `bulkhead policy keygen` writes it")]
    Secret,
    /// It is no public key.
    #[error("this is no public key, which is one line of 44 characters")]
    Public,
    /// The system gave no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

impl SecretKey {
    /// A new key, as PEM. It comes from the system's random numbers, because no other would be secret.
    ///
    /// # Errors
    ///
    /// When the system gives none.
    pub fn generate() -> Result<String, KeyError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        let text = STANDARD.encode(document.map_err(|_| KeyError::Random)?);
        let mut pem = format!("{BEGIN}\n");
        let mut rest = text.as_str();
        while let Some((line, more)) = rest.split_at_checked(LINE) {
            pem.extend([line, "\n"]);
            rest = more;
        }
        if !rest.is_empty() {
            pem.extend([rest, "\n"]);
        }
        pem.extend([END, "\n"]);
        Ok(pem)
    }

    /// Reads a key from PEM.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let body = pem
            .trim()
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_suffix(END));
        let text: String = body.ok_or(KeyError::Secret)?.split_whitespace().collect();
        let document = STANDARD.decode(text).map_err(|_| KeyError::Secret)?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&document)
            .map(Self)
            .map_err(|_| KeyError::Secret)
    }

    /// The key by which others know this one.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; BYTES];
        for (byte, from) in bytes.iter_mut().zip(self.0.public_key().as_ref()) {
            *byte = *from;
        }
        PublicKey(bytes)
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }
}

impl PublicKey {
    /// Reads a key from its line.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| KeyError::Public)?;
        bytes.try_into().map(Self).map_err(|_| KeyError::Public)
    }

    /// The key as a line, without its end.
    pub fn to_text(self) -> String {
        STANDARD.encode(self.0)
    }

    /// What people and bundles call the key: the start of its SHA-256.
    pub fn id(&self) -> String {
        let digest = digest(&SHA256, &self.0);
        hex(digest.as_ref().get(..ID_BYTES).unwrap_or_default())
    }

    pub(super) fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        key.verify(bytes, signature).is_ok()
    }
}

/// The bytes of a public key.
const BYTES: usize = 32;

/// How much of its hash names a key.
const ID_BYTES: usize = 8;

/// The characters in a line of PEM.
const LINE: usize = 64;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
