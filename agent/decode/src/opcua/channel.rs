//! The secure channel of a connection: which policy and mode bind its messages, whether their bodies
//! lie in clear, and whether their sequence numbers go on.
//!
//! Follows OPC 10000-6, 6.7.2 to 6.7.4 and OPC 10000-7, 6.6 (security policies). With a policy other
//! than None the `OPN` is encrypted itself, so the mode cannot be read; then the first message that can
//! be read proves `Sign`, and until one does the channel is taken to be encrypted. What was opened
//! before the capture began is judged message by message. Nothing is ever decrypted.

use model::{Anomaly, AnomalyKind, Direction};

use super::frame::{Chunk, Kind};
use super::message::{self, Envelope, Security};
use crate::reader::Reader;

/// How a channel protects its messages (OPC 10000-4, 7.20).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Mode {
    None,
    Sign,
    SignAndEncrypt,
}

impl Mode {
    /// The word that records and rules use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sign => "sign",
            Self::SignAndEncrypt => "sign_and_encrypt",
        }
    }

    /// The mode that an `OpenSecureChannel` request asks for.
    pub(super) const fn from_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(Self::None),
            2 => Some(Self::Sign),
            3 => Some(Self::SignAndEncrypt),
            _ => None,
        }
    }
}

/// The URI of the policy that protects nothing.
const NO_POLICY: &str = "http://opcfoundation.org/UA/SecurityPolicy#None";

/// The longest URI that is kept, in bytes; the profiles' are not half as long.
const LONGEST_URI: usize = 255;

/// What is known of the channel.
#[derive(Debug, Default)]
pub(super) struct Channel {
    id: Option<u32>,
    terms: Terms,
    /// What an `OPN` asked for that was not answered yet.
    proposed: Option<Terms>,
    /// Whether a message was read without help of the policy: all others can be, too.
    proven_clear: bool,
    /// The next sequence number of each direction.
    next: [Option<u32>; 2],
}

/// A policy and mode.
#[derive(Debug, Default)]
struct Terms {
    policy: Option<Box<str>>,
    mode: Option<Mode>,
}

impl Terms {
    fn of(policy: Option<&str>, mode: Option<Mode>) -> Self {
        let kept = policy.filter(|policy| policy.len() <= LONGEST_URI);
        let mode = if policy == Some(NO_POLICY) {
            Some(Mode::None)
        } else {
            mode
        };
        Self {
            policy: kept.map(Into::into),
            mode,
        }
    }
}

impl Channel {
    /// The channel's identifier, once it is known.
    pub(super) const fn id(&self) -> Option<u32> {
        self.id
    }

    /// The URI of the policy that binds the channel.
    pub(super) fn policy(&self) -> Option<&str> {
        self.terms.policy.as_deref()
    }

    /// The mode that binds the channel, read or inferred.
    pub(super) const fn mode(&self) -> Option<Mode> {
        self.terms.mode
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let proposed = self.proposed.as_ref();
        let proposed = proposed.and_then(|terms| terms.policy.as_deref());
        self.policy().map_or(0, str::len) + proposed.map_or(0, str::len)
    }

    /// Learns what a request to open or renew asks for.
    pub(super) fn propose(&mut self, policy: Option<&str>, mode: Option<Mode>) {
        self.proposed = Some(Terms::of(policy, mode));
    }

    /// Learns that the server opened or renewed the channel.
    pub(super) fn adopt(&mut self, id: u32, policy: Option<&str>) {
        let proposed = self.proposed.take().and_then(|terms| terms.mode);
        let mut terms = Terms::of(policy, proposed);
        let renewed = self.id == Some(id) && terms.policy == self.terms.policy;
        if renewed {
            terms.mode = terms.mode.or(self.terms.mode);
        } else {
            self.proven_clear = false;
        }
        self.terms = terms;
        self.id = Some(id);
    }

    /// Learns that the channel's messages carry this identifier.
    fn settle(&mut self, id: u32) {
        if self.id == Some(id) {
            return;
        }
        // The answer to the `OPN` was not seen, or the channel is another one.
        self.terms = self.proposed.take().unwrap_or_default();
        self.proven_clear = false;
        self.id = Some(id);
        self.next = [None; 2];
    }

    /// Whether what follows the security header can be read.
    pub(super) fn is_clear(&mut self, envelope: &Envelope<'_>) -> bool {
        if let Security::Asymmetric { policy } = envelope.security {
            return policy == Some(NO_POLICY) || looks_clear(envelope);
        }
        self.settle(envelope.channel_id);
        let clear =
            self.proven_clear || self.terms.mode == Some(Mode::None) || looks_clear(envelope);
        self.infer(clear);
        clear
    }

    /// What can be read cannot be encrypted, and under a policy it is signed at least.
    fn infer(&mut self, clear: bool) {
        self.proven_clear |= clear;
        let unknown = self.terms.policy.is_some() && self.terms.mode.is_none();
        self.terms.mode = match self.terms.mode {
            None if unknown && !clear => Some(Mode::SignAndEncrypt),
            None if unknown => Some(Mode::Sign),
            Some(Mode::SignAndEncrypt) if clear => Some(Mode::Sign),
            known => known,
        };
    }

    /// A chunk's part of the message, without the signature that trails it where its length is known
    /// (OPC 10000-6, 6.7.2.5).
    pub(super) fn unsigned<'a>(&self, envelope: &Envelope<'_>, mut body: Reader<'a>) -> Reader<'a> {
        if envelope.kind == Kind::Open || self.terms.mode != Some(Mode::Sign) {
            return body;
        }
        let signature = self.policy().map_or(0, signature_bytes);
        let len = body.left().saturating_sub(signature);
        body.sub("body", len).unwrap_or(body)
    }

    /// Checks that a sequence number is the next of its direction (OPC 10000-6, 6.7.2.4).
    pub(super) fn follow(&mut self, from: Direction, number: u32) -> Option<Anomaly> {
        let expected = from
            .of_mut(&mut self.next)
            .replace(number.wrapping_add(1))?;
        // Near its end the counter may start again below 1024.
        let restarts = expected > u32::MAX - 1024 && number < 1024;
        (number != expected && !restarts).then(|| Anomaly {
            kind: AnomalyKind::SequenceBreak,
            expected: expected.into(),
            found: number.into(),
        })
    }

    /// Learns that sequence numbers of this direction were not seen.
    pub(super) fn lose(&mut self, from: Direction) {
        *from.of_mut(&mut self.next) = None;
    }
}

fn looks_clear(envelope: &Envelope<'_>) -> bool {
    let mut rest = envelope.rest;
    let readable = message::sequence(&mut rest).is_ok() && envelope.chunk != Chunk::Abort;
    readable && message::is_clear(rest, envelope.chunk)
}

/// The length of a symmetric signature, by the policy's name after the `#`.
fn signature_bytes(policy: &str) -> usize {
    match policy.rsplit('#').next().unwrap_or("") {
        "Basic128Rsa15" | "Basic256" => 20,
        "Basic256Sha256"
        | "Aes128_Sha256_RsaOaep"
        | "Aes256_Sha256_RsaPss"
        | "ECC_nistP256"
        | "ECC_brainpoolP256r1" => 32,
        "ECC_nistP384" | "ECC_brainpoolP384r1" => 48,
        "ECC_curve25519" | "ECC_curve448" => 16,
        _ => 0,
    }
}
