//! The certificates of a connection: read once each, then known by their bytes.
//!
//! Follows OPC 10000-6, 6.2.2 (application instance certificates) and 6.7.2.3 (who shows which in an
//! `OPN`), OPC 10000-4, 5.5.2, 5.6.2 and 5.6.3. At most [`KNOWN`] are remembered, the newest; of each text
//! the first [`LONGEST`](super::login::LONGEST) bytes. Nothing is verified: that a peer holds the private
//! key is believed once the other side answers with success.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use foldhash::quality::RandomState;
use model::Timestamp;
use serde::{Serialize, Serializer};

use super::login::clipped;
use super::types::printable;
use crate::certificate;

/// The most certificates that one connection remembers.
const KNOWN: usize = 8;

/// A certificate as records and rules have it.
#[derive(Debug, Serialize)]
pub(super) struct Certificate {
    /// A seeded hash of its bytes: stands for all the others in signatures.
    #[serde(skip)]
    print: u64,
    pub(super) thumbprint: Box<str>,
    pub(super) subject: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) application_uri: Option<Box<str>>,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    pub(super) key: &'static str,
    pub(super) key_bits: usize,
    pub(super) self_signed: bool,
}

impl Certificate {
    fn read(print: u64, der: &[u8]) -> Option<Self> {
        let read = certificate::Certificate::read(der)?;
        Some(Self {
            print,
            thumbprint: read.thumbprint.into(),
            subject: kept(&read.subject).unwrap_or_default(),
            application_uri: read.application_uri.as_deref().and_then(kept),
            not_before: read.not_before,
            not_after: read.not_after,
            key: read.key,
            key_bits: read.key_bits,
            self_signed: read.self_signed,
        })
    }

    /// Whether its time is over.
    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        now > self.not_after
    }

    /// How many bytes of the heap it uses, without itself.
    fn held_bytes(&self) -> usize {
        let uri = self.application_uri.as_deref().map_or(0, str::len);
        self.thumbprint.len() + self.subject.len() + uri
    }
}

fn kept(text: &str) -> Option<Box<str>> {
    clipped(Some(text)).map(|text| printable(text).into())
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.print == other.print
    }
}

impl Eq for Certificate {}

impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.print.hash(state);
    }
}

/// Whose certificate it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Of {
    Client,
    Server,
    User,
}

/// A certificate that lies in a message.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
pub(super) struct Carried {
    pub(super) of: Of,
    #[serde(flatten, serialize_with = "lent")]
    pub(super) certificate: Arc<Certificate>,
}

fn lent<S: Serializer>(certificate: &Arc<Certificate>, serializer: S) -> Result<S::Ok, S::Error> {
    certificate.as_ref().serialize(serializer)
}

/// The certificates that a connection has seen, oldest first.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    // INVARIANT: at most `KNOWN`. What could not be read is remembered, too, not to be tried again.
    list: Vec<(u64, Option<Arc<Certificate>>)>,
}

impl Certificates {
    /// The certificate that these bytes are; `None` where they are none that can be read.
    pub(super) fn read(
        &mut self,
        seed: &RandomState,
        der: Option<&[u8]>,
    ) -> Option<Arc<Certificate>> {
        let der = der.filter(|der| !der.is_empty())?;
        let print = seed.hash_one(der);
        if let Some((_, known)) = self.list.iter().find(|(known, _)| *known == print) {
            return known.clone();
        }
        if self.list.len() >= KNOWN {
            self.list.remove(0);
        }
        let read = Certificate::read(print, der).map(Arc::new);
        self.list.push((print, read.clone()));
        read
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let known = self.list.iter().filter_map(|(_, known)| known.as_deref());
        let held: usize = known
            .map(|known| size_of::<Certificate>() + known.held_bytes())
            .sum();
        held + self.list.capacity() * size_of::<(u64, Option<Arc<Certificate>>)>()
    }
}
