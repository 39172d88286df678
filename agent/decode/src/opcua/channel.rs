//! The secure channel of a connection: which policy, mode and certificates bind its messages, whether their
//! bodies lie in clear, and whether their sequence numbers and tokens go on.
//!
//! Follows OPC 10000-6, 6.7.2 to 6.7.4. With a policy other than None the `OPN` is encrypted itself, so the
//! mode cannot be read; then the first message that can be read proves `Sign`, and until one does the channel
//! is taken to be encrypted. Each renewal is judged anew. What was opened before the capture began is judged
//! message by message. Nothing is ever decrypted.

use std::borrow::Cow;
use std::sync::Arc;

use model::{Anomaly, AnomalyKind, Direction, Timestamp};

use super::certificates::Certificate;
use super::frame::{Chunk, Kind};
use super::message::{self, Envelope, Security};
use super::policies::{self, Mode, NO_POLICY, Protection};
use super::tokens::{Token, Tokens};
use crate::reader::Reader;

/// The longest URI that is kept, in bytes; the profiles' are not half as long.
const LONGEST_URI: usize = 255;

/// What is known of the channel.
#[derive(Debug, Default)]
pub(super) struct Channel {
    id: Option<u32>,
    /// The last sequence number of each direction.
    last: [Option<u32>; 2],
    terms: Terms,
    tokens: Tokens,
    /// What an `OPN` asked for that was not answered yet.
    proposed: Option<Box<Terms>>,
    /// What protected this connection's messages until the last `OPN`.
    before: Option<Protection>,
    /// The most that the server's endpoints offer, as far as this connection tells.
    offered: Option<Protection>,
    /// Whether a message was read without help of the policy: all others can be, too.
    proven_clear: bool,
    /// Whether the mode is the one from before a renewal, until a message shows another.
    inherited: bool,
}

/// A policy and mode, and who agreed on them.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// Of a policy that many channels have no copy is kept.
    policy: Option<Cow<'static, str>>,
    mode: Option<Mode>,
    client: Option<Arc<Certificate>>,
    server: Option<Arc<Certificate>>,
}

impl Terms {
    /// What a client asks for.
    pub(super) fn asked(
        policy: Option<&str>,
        mode: Option<Mode>,
        client: Option<Arc<Certificate>>,
    ) -> Self {
        let kept = policy.filter(|policy| policy.len() <= LONGEST_URI);
        let mode = if policy == Some(NO_POLICY) {
            Some(Mode::None)
        } else {
            mode
        };
        Self {
            policy: kept.map(policies::uri),
            mode,
            client,
            server: None,
        }
    }

    fn held_bytes(&self) -> usize {
        match &self.policy {
            Some(Cow::Owned(policy)) => policy.capacity(),
            Some(Cow::Borrowed(_)) | None => 0,
        }
    }

    fn protection(&self) -> Option<Protection> {
        Some(Protection::of(self.policy.as_deref()?, self.mode?))
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

    /// The certificates that opened the channel: the client's, the server's.
    pub(super) fn certificates(&self) -> [Option<&Certificate>; 2] {
        [self.terms.client.as_deref(), self.terms.server.as_deref()]
    }

    /// How many bytes of the heap it uses; certificates count where they are remembered.
    pub(super) fn held_bytes(&self) -> usize {
        let proposed = self.proposed.as_deref();
        let proposed = proposed.map_or(0, |terms| size_of::<Terms>() + terms.held_bytes());
        self.terms.held_bytes() + proposed
    }

    /// Learns what a request to open or renew asks for.
    pub(super) fn propose(&mut self, terms: Terms) {
        self.proposed = Some(Box::new(terms));
    }

    /// Learns that the server opened or renewed the channel. Says so where it is protected less than before.
    pub(super) fn adopt(
        &mut self,
        id: u32,
        policy: Option<&str>,
        server: Option<Arc<Certificate>>,
        token: Token,
    ) -> Option<Anomaly> {
        let (proposed, client) = self
            .proposed
            .take()
            .map_or((None, None), |terms| (terms.mode, terms.client));
        let terms = Terms {
            server,
            ..Terms::asked(policy, proposed, client)
        };
        self.before = self.terms.protection().or(self.before);
        let before = std::mem::replace(&mut self.terms, terms);
        if self.id != Some(id) {
            self.tokens = Tokens::default();
        }
        self.tokens.issue(token);
        self.proven_clear = false;
        let weakened = self.weakened();
        let renewed = self.id == Some(id) && before.policy == self.terms.policy;
        self.inherited = renewed && self.terms.mode.is_none();
        if renewed {
            self.terms.mode = self.terms.mode.or(before.mode);
        }
        self.id = Some(id);
        weakened
    }

    /// What it means that the channel is protected less than this connection was before; said once.
    fn weakened(&mut self) -> Option<Anomaly> {
        let now = self.terms.protection()?;
        let before = self.before.take()?;
        now.is_weaker_than(before).then(|| Anomaly {
            kind: AnomalyKind::SecurityDowngrade,
            expected: before.number(),
            found: now.number(),
        })
    }

    /// Learns of an endpoint that the server has.
    pub(super) fn offer(&mut self, policy: &str, mode: Mode) {
        let offer = Protection::of(policy, mode);
        self.offered = Some(
            self.offered
                .map_or(offer, |offered| offered.stronger(offer)),
        );
    }

    /// Whether the server offers more than the channel has.
    pub(super) fn is_weaker_than_offered(&self) -> bool {
        let now = self.terms.protection();
        now.zip(self.offered)
            .is_some_and(|(now, offered)| now.is_weaker_than(offered))
    }

    /// Learns that the channel's messages carry this identifier.
    fn settle(&mut self, id: u32) {
        if self.id == Some(id) {
            return;
        }
        // The answer to the `OPN` was not seen, or the channel is another one.
        self.terms = self.proposed.take().map_or_else(Terms::default, |it| *it);
        self.proven_clear = false;
        self.tokens = Tokens::default();
        self.id = Some(id);
        self.last = [None; 2];
    }

    /// Whether what follows the security header can be read, and what is wrong with that.
    pub(super) fn is_clear(&mut self, envelope: &Envelope<'_>) -> (bool, Option<Anomaly>) {
        if let Security::Asymmetric { policy, .. } = envelope.security {
            let clear = policy == Some(NO_POLICY) || looks_clear(envelope);
            return (clear, None);
        }
        self.settle(envelope.channel_id);
        let clear = self.proven_clear
            || self.terms.mode == Some(Mode::None)
            || self.cannot_be_encrypted(envelope)
            || looks_clear(envelope);
        (clear, self.infer(clear))
    }

    fn cannot_be_encrypted(&self, envelope: &Envelope<'_>) -> bool {
        let bytes = envelope.rest.left();
        self.policy()
            .is_some_and(|policy| policies::is_never_encrypted(policy, bytes))
    }

    /// What can be read cannot be encrypted, and under a policy it is signed at least.
    fn infer(&mut self, clear: bool) -> Option<Anomaly> {
        self.proven_clear |= clear;
        let inherited = std::mem::take(&mut self.inherited);
        let mode = match self.terms.mode.filter(|_| !inherited) {
            None if self.terms.policy.is_none() => return None,
            None if clear => Mode::Sign,
            None => Mode::SignAndEncrypt,
            Some(Mode::SignAndEncrypt) if clear => {
                self.before = self.terms.protection();
                Mode::Sign
            }
            Some(_) => return None,
        };
        self.terms.mode = Some(mode);
        self.weakened()
    }

    /// A chunk's part of the message, without the signature that trails it where its length is known
    /// (OPC 10000-6, 6.7.2.5).
    pub(super) fn unsigned<'a>(&self, envelope: &Envelope<'_>, mut body: Reader<'a>) -> Reader<'a> {
        if envelope.kind == Kind::Open || self.terms.mode != Some(Mode::Sign) {
            return body;
        }
        let signature = self.policy().map_or(0, policies::signature_bytes);
        let len = body.left().saturating_sub(signature);
        body.sub("body", len).unwrap_or(body)
    }

    /// Checks that a sequence number is the next of its direction (OPC 10000-6, 6.7.2.4).
    pub(super) fn follow(&mut self, from: Direction, number: u32) -> Option<Anomaly> {
        let last = from.of_mut(&mut self.last).replace(number)?;
        let expected = last.wrapping_add(1);
        // Near its end the counter may start again below 1024.
        let restarts = last > u32::MAX - 1024 && number < 1024;
        (number != expected && !restarts).then(|| Anomaly {
            kind: AnomalyKind::SequenceBreak,
            expected: expected.into(),
            found: number.into(),
        })
    }

    /// Checks that a message's token is one that was issued and is not over.
    pub(super) fn follow_token(
        &mut self,
        from: Direction,
        envelope: &Envelope<'_>,
        now: Timestamp,
    ) -> Option<Anomaly> {
        match envelope.security {
            Security::Symmetric { token_id } => self.tokens.follow(from, token_id, now),
            Security::Asymmetric { .. } => None,
        }
    }

    /// Learns that a sequence number of this direction was used where it cannot be read: an encrypted `OPN`
    /// among signed messages.
    pub(super) fn pass(&mut self, from: Direction, kind: Kind) {
        let last = from.of_mut(&mut self.last);
        // The counter may have started again; then the next message tells.
        *last = last
            .filter(|last| kind == Kind::Open && *last < u32::MAX - 1024)
            .map(|last| last + 1);
    }

    /// Learns that sequence numbers and tokens of this direction were not seen.
    pub(super) fn lose(&mut self, from: Direction) {
        *from.of_mut(&mut self.last) = None;
        self.tokens = Tokens::default();
    }
}

fn looks_clear(envelope: &Envelope<'_>) -> bool {
    let mut rest = envelope.rest;
    let readable = message::sequence(&mut rest).is_ok() && envelope.chunk != Chunk::Abort;
    readable && message::is_clear(rest, envelope.chunk)
}
