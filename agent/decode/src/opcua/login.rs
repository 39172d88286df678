//! The sessions of a connection, and who is behind them.
//!
//! Follows OPC 10000-4, 5.6: a session is known by the authentication token in every request's header,
//! gets its names when it is created and its user when it is activated. At most [`SESSIONS`] are kept,
//! the newest; of each text the first [`LONGEST`] bytes. Passwords never come here.
//!
//! Whoever shows a session's authentication token is in that session for as long as the server takes it: silence does not
//! tell that it is over, for the clock may have been set. A request without a token is no longer of a session that is
//! silent for longer than the server gave it, and a quarter more, so that a lost `CloseSession` leaves no user behind.

use std::sync::Arc;
use std::time::Duration;

use model::{Step, Timestamp, fetch, fetch_list};

use super::certificates::Certificate;
use super::parameters::{ActivateSession, CreateSession, CreatedSession, Identity};

/// The most sessions of one connection.
const SESSIONS: usize = 16;
/// The most bytes that are kept of a name.
pub(super) const LONGEST: usize = 256;

/// Who asks, as far as the session tells.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Who<'a> {
    pub(super) application_uri: Option<&'a str>,
    pub(super) session_name: Option<&'a str>,
    pub(super) identity: Option<Identity>,
    pub(super) user: Option<&'a str>,
    /// The user's certificate.
    pub(super) certificate: Option<&'a Certificate>,
}

/// Names a session for as long as the connection lasts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct LoginId(u32);

/// The sessions, oldest first.
#[derive(Debug, Default)]
pub(super) struct Logins {
    // INVARIANT: at most `SESSIONS`.
    list: Vec<Login>,
    made: u32,
}

#[derive(Debug)]
struct Login {
    id: LoginId,
    token: Box<[u8]>,
    application_uri: Option<Box<str>>,
    session_name: Option<Box<str>>,
    user: User,
    /// Whom an activation names that was not answered yet.
    claimed: Option<User>,
    /// The last message of it, and how long it may be silent.
    last: Timestamp,
    timeout: Option<Duration>,
}

#[derive(Debug, Default)]
struct User {
    identity: Option<Identity>,
    name: Option<Box<str>>,
    certificate: Option<Arc<Certificate>>,
}

impl Logins {
    /// The session of an authentication token; the newest where the request has none, unless that was silent
    /// past its time, for then the server has closed it (OPC 10000-4, 5.6.2).
    pub(super) fn find(&mut self, token: Option<&[u8]>, now: Timestamp) -> Option<LoginId> {
        let login = match token {
            Some(token) => self.list.iter_mut().find(|login| *login.token == *token),
            None => self.list.last_mut().filter(|login| !login.is_over(now)),
        }?;
        login.last = now;
        Some(login.id)
    }

    /// Learns that a session is in use.
    pub(super) fn touch(&mut self, id: Option<LoginId>, now: Timestamp) {
        if let Some(login) = id.and_then(|id| self.login(id)) {
            login.last = now;
        }
    }

    /// Who is behind a session.
    pub(super) fn who(&self, id: Option<LoginId>) -> Who<'_> {
        let login = self.list.iter().find(|login| Some(login.id) == id);
        login.map_or_else(Who::default, |login| Who {
            application_uri: login.application_uri.as_deref(),
            session_name: login.session_name.as_deref(),
            identity: login.user.identity,
            user: login.user.name.as_deref(),
            certificate: login.user.certificate.as_deref(),
        })
    }

    /// Learns that a session was created.
    pub(super) fn create(
        &mut self,
        created: &CreatedSession<'_>,
        asked: Option<&CreateSession<'_>>,
        now: Timestamp,
    ) -> LoginId {
        let id = self.add(created.token, asked, now);
        let secs = created.timeout_millis / 1000.0;
        let timeout = Duration::try_from_secs_f64(secs).ok();
        if let Some(login) = self.login(id) {
            login.timeout = timeout.filter(|timeout| !timeout.is_zero());
        }
        id
    }

    fn add(&mut self, token: &[u8], asked: Option<&CreateSession<'_>>, now: Timestamp) -> LoginId {
        self.list.retain(|login| *login.token != *token);
        if self.list.len() >= SESSIONS {
            let over = self.list.iter().position(|login| login.is_over(now));
            self.list.remove(over.unwrap_or(0));
        }
        self.made = self.made.wrapping_add(1);
        let id = LoginId(self.made);
        self.list.push(Login {
            id,
            token: token.get(..LONGEST).unwrap_or(token).into(),
            application_uri: asked.and_then(|asked| kept(asked.client.uri)),
            session_name: asked.and_then(|asked| kept(asked.session_name)),
            user: User::default(),
            claimed: None,
            last: now,
            timeout: None,
        });
        id
    }

    /// Learns whom an activation names; of a session whose creation was not seen, too.
    pub(super) fn claim(
        &mut self,
        token: &[u8],
        asked: &ActivateSession<'_>,
        certificate: Option<Arc<Certificate>>,
        now: Timestamp,
    ) -> LoginId {
        let known = self.find(Some(token), now);
        let id = known.unwrap_or_else(|| self.add(token, None, now));
        if let Some(login) = self.login(id) {
            login.claimed = Some(User {
                identity: asked.identity,
                name: kept(asked.user),
                certificate,
            });
        }
        id
    }

    /// Learns whether the server believed the claim.
    pub(super) fn settle(&mut self, id: LoginId, believed: bool) {
        if let Some(login) = self.login(id) {
            let claimed = login.claimed.take();
            if let Some(user) = claimed.filter(|_| believed) {
                login.user = user;
            }
        }
    }

    /// Learns that a session was closed.
    pub(super) fn close(&mut self, id: LoginId) {
        self.list.retain(|login| login.id != id);
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let held: usize = self.list.iter().map(Login::held_bytes).sum();
        held + self.list.capacity() * size_of::<Login>()
    }

    /// Fetches what the next request needs.
    pub(super) fn approach(&self, step: Step) {
        let Some(login) = self.list.first() else {
            return;
        };
        match step {
            Step::First => {}
            Step::Second => fetch(login),
            Step::Third => {
                fetch_list(&login.token);
                let texts = [
                    &login.application_uri,
                    &login.session_name,
                    &login.user.name,
                ];
                let texts = texts.into_iter().flatten();
                texts.for_each(|text| fetch_list(text.as_bytes()));
            }
        }
    }

    fn login(&mut self, id: LoginId) -> Option<&mut Login> {
        self.list.iter_mut().find(|login| login.id == id)
    }
}

impl Login {
    /// Whether it was silent for its time and a quarter more.
    fn is_over(&self, now: Timestamp) -> bool {
        self.timeout
            .is_some_and(|timeout| now.since(self.last) > timeout.saturating_add(timeout / 4))
    }

    fn held_bytes(&self) -> usize {
        let claimed = self.claimed.as_ref().and_then(|user| user.name.as_deref());
        let texts = [
            self.application_uri.as_deref(),
            self.session_name.as_deref(),
            self.user.name.as_deref(),
            claimed,
        ];
        self.token.len() + texts.into_iter().flatten().map(str::len).sum::<usize>()
    }
}

fn kept(text: Option<&str>) -> Option<Box<str>> {
    clipped(text).map(Into::into)
}

/// A text that is there and not empty, at most [`LONGEST`] bytes of it.
pub(super) fn clipped(text: Option<&str>) -> Option<&str> {
    let text = text.filter(|text| !text.is_empty())?;
    text.get(..text.floor_char_boundary(LONGEST))
}
