//! The sessions of a connection, and who is behind them.
//!
//! Follows OPC 10000-4, 5.6: a session is known by the authentication token in every request's header,
//! gets its names when it is created and its user when it is activated. At most [`SESSIONS`] are kept,
//! the newest; of each text the first [`LONGEST`] bytes. Passwords never come here.
//!
//! Whoever shows a session's authentication token is in that session for as long as the server takes it: silence does not
//! tell that it is over, for the clock may have been set. A request without a token is no longer of a session that is
//! silent for longer than the server gave it, and a quarter more, so that a lost `CloseSession` leaves no user behind.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use foldhash::quality::RandomState;
use model::{Timestamp, fetch_list};

use super::certificates::Certificate;
use super::parameters::{ActivateSession, CreateSession, CreatedSession, Identity};
use crate::queue::Queue;

/// The most sessions of one connection.
const SESSIONS: usize = 16;
/// The most bytes that are kept of a name.
pub(super) const LONGEST: usize = 256;

/// Who asks, as far as the session tells.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Who<'a> {
    /// A hash of all the rest, where a session remembers it.
    print: Option<u64>,
    pub(super) application_uri: Option<&'a str>,
    pub(super) session_name: Option<&'a str>,
    pub(super) identity: Option<Identity>,
    pub(super) user: Option<&'a str>,
    /// The user's certificate.
    pub(super) certificate: Option<&'a Certificate>,
}

impl Hash for Who<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self.print {
            Some(print) => print.hash(hasher),
            None => self.fields().hash(hasher),
        }
    }
}

impl<'a> Who<'a> {
    fn fields(&self) -> impl Hash + use<'a> {
        (
            (self.application_uri, self.session_name),
            (self.identity, self.user, self.certificate),
        )
    }

    /// Whom a request to create a session names.
    pub(super) fn naming(uri: Option<&'a str>, name: Option<&'a str>) -> Self {
        Self {
            application_uri: clipped(uri),
            session_name: clipped(name),
            ..Self::default()
        }
    }

    /// The same session, as whom an activation names.
    pub(super) fn claiming(
        self,
        claim: &ActivateSession<'a>,
        certificate: Option<&'a Certificate>,
    ) -> Self {
        Self {
            print: None,
            identity: claim.identity,
            user: clipped(claim.user),
            certificate,
            ..self
        }
    }
}

/// Names a session for as long as the connection lasts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct LoginId(u32);

/// The sessions, oldest first. The one that most connections have lies in place.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Logins {
    // INVARIANT: at most `SESSIONS`.
    list: Queue<Login>,
    made: u32,
}

#[derive(Debug)]
struct Login {
    id: LoginId,
    /// A hash of who is behind it, so that no message but those that show it has to look at the names.
    print: Option<u64>,
    /// The last message of it, and how long it may be silent.
    last: Timestamp,
    timeout: Option<Duration>,
    token: Box<[u8]>,
    user: User,
    application_uri: Option<Box<str>>,
    session_name: Option<Box<str>>,
    /// Whom an activation names that was not answered yet.
    claimed: Option<Box<User>>,
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
        login.map_or_else(Who::default, Login::who)
    }

    /// Learns that a session was created.
    pub(super) fn create(
        &mut self,
        seed: &RandomState,
        created: &CreatedSession<'_>,
        asked: Option<&CreateSession<'_>>,
        now: Timestamp,
    ) -> LoginId {
        let id = self.add(created.token, asked, now);
        let secs = created.timeout_millis / 1000.0;
        let timeout = Duration::try_from_secs_f64(secs).ok();
        if let Some(login) = self.login(id) {
            login.timeout = timeout.filter(|timeout| !timeout.is_zero());
            login.sign(seed);
        }
        id
    }

    fn add(&mut self, token: &[u8], asked: Option<&CreateSession<'_>>, now: Timestamp) -> LoginId {
        self.forget(|login| *login.token == *token);
        if self.list.len() >= SESSIONS {
            let over = self.list.position(|login| login.is_over(now));
            self.list.close(over.unwrap_or(0));
        }
        self.made = self.made.wrapping_add(1);
        let id = LoginId(self.made);
        self.list.push(Login {
            id,
            print: None,
            last: now,
            timeout: None,
            token: token.get(..LONGEST).unwrap_or(token).into(),
            user: User::default(),
            application_uri: asked.and_then(|asked| kept(asked.client.uri)),
            session_name: asked.and_then(|asked| kept(asked.session_name)),
            claimed: None,
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
            login.claimed = Some(Box::new(User {
                identity: asked.identity,
                name: kept(asked.user),
                certificate,
            }));
        }
        id
    }

    /// Learns whether the server believed the claim.
    pub(super) fn settle(&mut self, seed: &RandomState, id: LoginId, believed: bool) {
        if let Some(login) = self.login(id) {
            let claimed = login.claimed.take();
            if let Some(user) = claimed.filter(|_| believed) {
                login.user = *user;
                login.sign(seed);
            }
        }
    }

    /// Learns that a session was closed.
    pub(super) fn close(&mut self, id: LoginId) {
        self.forget(|login| login.id == id);
    }

    fn forget(&mut self, is_over: impl Fn(&Login) -> bool) {
        while let Some(place) = self.list.position(&is_over) {
            self.list.close(place);
        }
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let held: usize = self.list.iter().map(Login::held_bytes).sum();
        held + self.list.held_bytes()
    }

    /// Fetches what the next request is told by.
    pub(super) fn fetch(&self) {
        if let Some(login) = self.list.first() {
            fetch_list(&login.token);
        }
    }

    fn login(&mut self, id: LoginId) -> Option<&mut Login> {
        self.list.iter_mut().find(|login| login.id == id)
    }
}

impl Login {
    /// Who is behind it.
    fn who(&self) -> Who<'_> {
        Who {
            print: self.print,
            application_uri: self.application_uri.as_deref(),
            session_name: self.session_name.as_deref(),
            identity: self.user.identity,
            user: self.user.name.as_deref(),
            certificate: self.user.certificate.as_deref(),
        }
    }

    /// Remembers the hash of who is behind it, where it is anybody.
    fn sign(&mut self, seed: &RandomState) {
        let nobody = seed.hash_one(Who::default().fields());
        let print = seed.hash_one(self.who().fields());
        self.print = (print != nobody).then_some(print);
    }

    /// Whether it was silent for its time and a quarter more.
    fn is_over(&self, now: Timestamp) -> bool {
        self.timeout
            .is_some_and(|timeout| now.since(self.last) > timeout.saturating_add(timeout / 4))
    }

    fn held_bytes(&self) -> usize {
        let claim = self.claimed.as_deref();
        let claimed = claim.and_then(|user| user.name.as_deref());
        let texts = [
            self.application_uri.as_deref(),
            self.session_name.as_deref(),
            self.user.name.as_deref(),
            claimed,
        ];
        let claim = claim.map_or(0, size_of_val);
        claim + self.token.len() + texts.into_iter().flatten().map(str::len).sum::<usize>()
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
