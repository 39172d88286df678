//! The security tokens of a channel: which were issued, which are in use, and whether one outlives its time.
//!
//! Follows OPC 10000-4, 5.5.2 (a token may be used for its lifetime and a quarter more; the next one is to
//! be asked for in time) and OPC 10000-6, 6.7.3. Each direction changes over by itself and never back: the
//! client at once, the server with the client's first message under the new token. Where the `OPN` is
//! encrypted, a token is learnt from the first message that has it, and its lifetime is not known.
//!
//! A token that seems to outlive its time across a long silence may have done so because the clock was set: such a silence
//! is taken for none, once for each token.

use std::time::Duration;

use model::{Anomaly, AnomalyKind, Direction, Timestamp};

use crate::reader::Reader;

/// A token that the server gave out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    issued: Timestamp,
    /// `None` until a message shows it, where the `OPN` is encrypted.
    id: Option<u32>,
    /// The last message that had it.
    used: Timestamp,
    /// 0 where it is not known.
    lifetime_millis: u32,
    /// Whether a silence was taken for none.
    excused: bool,
    /// Whether it was said that it is over.
    overdue: bool,
}

impl Token {
    /// The one in the parameters of an `OpenSecureChannel` response (OPC 10000-4, 5.5.2 and 7.37).
    pub(super) fn read(mut reader: Reader<'_>, issued: Timestamp) -> Self {
        let mut parts = || {
            reader.take("server_protocol_version", 8).ok()?;
            let id = reader.u32_le("token_id").ok()?;
            reader.take("created_at", 8).ok()?;
            Some((id, reader.u32_le("revised_lifetime").ok()?))
        };
        match parts() {
            Some((id, lifetime)) => Self::issued(id, lifetime, issued),
            None => Self::hidden(issued),
        }
    }

    /// One that a readable `OPN` issues for so many milliseconds; 0 says nothing.
    fn issued(id: u32, lifetime_millis: u32, issued: Timestamp) -> Self {
        Self {
            issued,
            used: issued,
            id: Some(id),
            lifetime_millis,
            excused: false,
            overdue: false,
        }
    }

    /// One that an encrypted `OPN` issues.
    pub(super) const fn hidden(issued: Timestamp) -> Self {
        Self {
            issued,
            used: issued,
            id: None,
            lifetime_millis: 0,
            excused: false,
            overdue: false,
        }
    }
}

/// The tokens of one channel.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// The newest.
    now: Option<Token>,
    /// The one before.
    before: Option<Token>,
    /// Which directions have changed over to the newest.
    changed: [bool; 2],
}

impl Tokens {
    /// Learns that a token was issued.
    pub(super) fn issue(&mut self, token: Token) {
        self.before = self.now.replace(token);
        self.changed = [false; 2];
    }

    /// Checks the token of a message, where every `OPN` was seen.
    pub(super) fn follow(&mut self, from: Direction, id: u32, now: Timestamp) -> Option<Anomaly> {
        let token = self.now.as_mut()?;
        let is_before = self.before.is_some_and(|before| before.id == Some(id));
        if token.id.is_none() && !is_before {
            token.id = Some(id);
        }
        if token.id == Some(id) {
            *from.of_mut(&mut self.changed) = true;
            return token.overdue(now);
        }
        if is_before && !from.of(&self.changed) {
            return self.before.as_mut().and_then(|before| before.overdue(now));
        }
        let expected = token.id.unwrap_or(0);
        if !is_before {
            // Said once: from here on it is as good as issued.
            self.issue(Token {
                id: Some(id),
                ..Token::hidden(now)
            });
        }
        Some(Anomaly {
            kind: AnomalyKind::SequenceBreak,
            expected: expected.into(),
            found: id.into(),
        })
    }
}

impl Token {
    /// Says once that it is used past its time; in milliseconds.
    fn overdue(&mut self, now: Timestamp) -> Option<Anomaly> {
        if self.lifetime_millis == 0 {
            return None;
        }
        let lifetime = Duration::from_millis(self.lifetime_millis.into());
        let silence = now.since(std::mem::replace(&mut self.used, now));
        let allowed = lifetime + lifetime / 4;
        let age = now.since(self.issued);
        if self.overdue || age <= allowed {
            return None;
        }
        if silence > lifetime / 4 && !self.excused {
            self.excused = true;
            self.issued = self.issued.after(silence);
            return None;
        }
        self.overdue = true;
        Some(Anomaly {
            kind: AnomalyKind::SequenceBreak,
            expected: millis(allowed),
            found: millis(age),
        })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use model::Direction::{Backward, Forward};

    use super::*;

    /// Tokens, the first of which lives a minute, at second 0.
    fn opened() -> Tokens {
        let mut tokens = Tokens::default();
        tokens.issue(Token::issued(1, 60_000, at(0)));
        tokens
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_nanos(secs * 1_000_000_000)
    }

    fn check(tokens: &mut Tokens, from: Direction, id: u32, secs: i64, want: Option<(u64, u64)>) {
        let found = tokens.follow(from, id, at(secs));
        let numbers = found.map(|anomaly| (anomaly.expected, anomaly.found));
        assert_eq!(numbers, want, "token {id} at second {secs}");
    }

    #[test]
    fn each_direction_changes_over_to_a_renewed_token_and_never_back() {
        let mut tokens = opened();
        check(&mut tokens, Forward, 1, 1, None);
        tokens.issue(Token::issued(2, 60_000, at(45)));
        check(&mut tokens, Forward, 1, 46, None);
        check(&mut tokens, Forward, 2, 46, None);
        check(&mut tokens, Backward, 1, 46, None);
        check(&mut tokens, Backward, 2, 47, None);
        check(&mut tokens, Backward, 1, 48, Some((2, 1)));
        check(&mut tokens, Forward, 1, 48, Some((2, 1)));
    }

    #[test]
    fn a_token_that_nobody_issued_is_said_once() {
        let mut tokens = opened();
        check(&mut tokens, Forward, 1, 1, None);
        check(&mut tokens, Forward, 9, 2, Some((1, 9)));
        check(&mut tokens, Backward, 9, 2, None);
    }

    #[test]
    fn a_token_lives_its_time_and_a_quarter_more() {
        let mut tokens = opened();
        check(&mut tokens, Forward, 1, 75, None);
        check(&mut tokens, Forward, 1, 76, Some((75_000, 76_000)));
        check(&mut tokens, Forward, 1, 77, None);
        tokens.issue(Token::issued(2, 0, at(80)));
        check(&mut tokens, Forward, 2, 9_999, None);
    }

    #[test]
    fn a_clock_that_is_set_forward_makes_no_token_old() {
        let mut tokens = opened();
        check(&mut tokens, Forward, 1, 30, None);
        // ten minutes forward: the token is half a minute old, and lives on
        check(&mut tokens, Forward, 1, 631, None);
        check(&mut tokens, Backward, 1, 632, None);
        tokens.issue(Token::issued(2, 60_000, at(645)));
        check(&mut tokens, Forward, 2, 646, None);
        check(&mut tokens, Backward, 1, 646, None);
        check(&mut tokens, Backward, 2, 646, None);
    }

    #[test]
    fn a_token_that_lives_on_behind_a_silence_is_overdue_by_what_is_seen_of_it() {
        let mut tokens = opened();
        check(&mut tokens, Forward, 1, 30, None);
        for secs in (630..=675).step_by(5) {
            check(&mut tokens, Forward, 1, secs, None);
        }
        check(&mut tokens, Forward, 1, 676, Some((75_000, 76_000)));
    }

    #[test]
    fn a_silence_is_taken_for_none_once() {
        let mut tokens = opened();
        for secs in [20, 40, 60] {
            check(&mut tokens, Forward, 1, secs, None);
        }
        check(&mut tokens, Forward, 1, 80, None);
        check(&mut tokens, Forward, 1, 100, Some((75_000, 80_000)));
    }

    #[test]
    fn a_hidden_token_is_learnt_from_its_first_message() {
        let mut tokens = Tokens::default();
        tokens.issue(Token::hidden(at(0)));
        check(&mut tokens, Forward, 5, 1, None);
        check(&mut tokens, Backward, 6, 1, Some((5, 6)));
        let mut tokens = Tokens::default();
        tokens.issue(Token::hidden(at(0)));
        check(&mut tokens, Forward, 5, 1, None);
        tokens.issue(Token::hidden(at(60)));
        check(&mut tokens, Backward, 5, 61, None);
        check(&mut tokens, Forward, 6, 61, None);
        check(&mut tokens, Backward, 6, 62, None);
    }

    #[test]
    fn where_no_token_was_issued_nothing_is_checked() {
        check(&mut Tokens::default(), Forward, 7, 0, None);
    }
}
