//! What all connections of one server created: a subscription outlives its connection, and its
//! client may have it transferred to another (OPC 10000-4, 5.14.7).
//!
//! Every connection notes here what its requests made, changed and deleted. One that is given a
//! subscription which another created, or goes on with a session of another, takes what that watches from here. A server's number for a
//! subscription belongs to one at a time, so the newest that was seen created counts.
//!
//! Bounded: [`SERVERS`] servers, the one that was longest without change makes room; for each what one
//! connection may have, the oldest subscriptions make room. What was forgotten is shown by the client's
//! numbers, as if its creation had not been seen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::quality::RandomState;
use model::{Anomaly, Direction, End};

use super::login::LoginId;
use super::message::Body;
use super::services::{self, Service};
use super::subscriptions::{Subscription, Subscriptions, transferred};
use crate::reader::Reader;

/// The most servers whose subscriptions are remembered beyond their connections.
const SERVERS: usize = 64;

/// What the OPC UA connections that one engine follows know in common.
#[derive(Clone, Debug, Default)]
pub struct Servers(Arc<Mutex<Vec<Server>>>);

/// One server, and what it has subscribed.
#[derive(Debug)]
struct Server {
    end: End,
    subscriptions: Subscriptions,
}

/// A connection's way to its server's other connections.
#[derive(Debug)]
pub(super) struct Common {
    servers: Servers,
    /// The two ends of the connection.
    ends: [End; 2],
    limit: usize,
    seed: RandomState,
}

/// Learns what a request did that a server answered well, for its own connection and for others.
pub(super) fn learn(
    (common, server): (Option<&Common>, Direction),
    own: &mut Subscriptions,
    service: &Service,
    asked: Reader<'_>,
    answered: &Body<'_>,
    login: Option<LoginId>,
) -> Option<Anomaly> {
    let Some(common) = common.filter(|_| service.subscribes()) else {
        return own.learn(service, asked, answered, login);
    };
    let server = *server.of(&common.ends);
    match service.function.code {
        services::TRANSFER_SUBSCRIPTIONS => {
            let given = transferred(service, asked, answered);
            let known = given.filter_map(|id| Some((id, common.copy(server, id)?)));
            let over = known.filter_map(|(id, it)| own.adopt(id, it, login)).last();
            let learned = own.learn(service, asked, answered, login);
            over.or(learned)
        }
        services::CLOSE_SESSION => {
            let mut ended = own.of(login);
            let over = own.learn(service, asked, answered, login);
            ended.retain(|id| !own.has(*id));
            common.end(server, &ended);
            over
        }
        _ => {
            common.learn(server, service, asked, answered);
            own.learn(service, asked, answered, login)
        }
    }
}

/// Takes over what a subscription watches whose session was created in another connection, where it is not known yet.
pub(super) fn go_on(
    (common, server): (Option<&Common>, Direction),
    own: &mut Subscriptions,
    subscription: u32,
    login: Option<LoginId>,
) -> Option<Anomaly> {
    let common = common.filter(|_| !own.has(subscription))?;
    let known = common.copy(*server.of(&common.ends), subscription)?;
    own.adopt(subscription, known, login)
}

impl Common {
    pub(super) fn new(servers: &Servers, ends: [End; 2], limit: usize, seed: RandomState) -> Self {
        Self {
            servers: servers.clone(),
            ends,
            limit,
            seed,
        }
    }

    /// Notes what a request did that the server answered well.
    fn learn(&self, server: End, service: &Service, asked: Reader<'_>, answered: &Body<'_>) {
        let mut servers = self.servers.lock();
        let subscriptions = self.of(&mut servers, server);
        let _overflow = subscriptions.learn(service, asked, answered, None);
    }

    /// Notes that subscriptions went with their session.
    fn end(&self, server: End, ended: &[u32]) {
        let mut servers = self.servers.lock();
        let subscriptions = self.of(&mut servers, server);
        ended.iter().for_each(|id| subscriptions.end(*id));
    }

    /// What a subscription watches, as far as it is known.
    fn copy(&self, server: End, subscription: u32) -> Option<Subscription> {
        let servers = self.servers.lock();
        let known = servers.iter().find(|known| known.end == server)?;
        known.subscriptions.copy(subscription)
    }

    /// The subscriptions of a server, which is moved to the end as the last that changed.
    fn of<'a>(&self, servers: &'a mut Vec<Server>, end: End) -> &'a mut Subscriptions {
        let found = servers.iter().position(|known| known.end == end);
        let server = match found {
            Some(at) => servers.remove(at),
            None => Server {
                end,
                subscriptions: Subscriptions::that_make_room(self.limit, self.seed.clone()),
            },
        };
        if servers.len() >= SERVERS {
            servers.remove(0);
        }
        &mut servers.push_mut(server).subscriptions
    }
}

impl Servers {
    fn lock(&self) -> MutexGuard<'_, Vec<Server>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
