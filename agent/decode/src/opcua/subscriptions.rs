//! Which nodes the subscriptions of a connection watch, and which notification comes next.
//!
//! Follows OPC 10000-4, 5.13 (monitored items), 5.14 (subscriptions) and 7.26 (sequence numbers). Notifications name what changed by
//! a number that the client chose when it created the monitored item, so that creation is remembered: at most
//! [`SUBSCRIPTIONS`] subscriptions and [`Limits::monitored_items`](crate::Limits::monitored_items) items, with identifiers of at most
//! [`LONGEST`] bytes. A number that was given twice in a subscription belongs to nobody.

use std::collections::{HashMap, VecDeque};

use foldhash::quality::RandomState;
use model::{Anomaly, AnomalyKind, NodeKey};

use super::answers::answers;
use super::items::{Item, items};
use super::login::{LONGEST, LoginId};
use super::message::Body;
use super::notifications::Notifications;
use super::services::{self, Service};
use super::status;
use super::types::NodeId;
use crate::reader::Reader;

/// The most subscriptions of one connection.
const SUBSCRIPTIONS: usize = 100;

/// What a monitored item watches.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    namespace: u16,
    key: Key,
    pub(super) attribute: u32,
    client_handle: u32,
}

#[derive(Clone, Debug)]
enum Key {
    Numeric(u32),
    Text(Box<str>),
    Guid([u8; 16]),
    Opaque(Box<[u8]>),
}

impl Watched {
    fn new(item: &Item<'_>) -> Option<Self> {
        let node = item.node?;
        let key = match node.key {
            NodeKey::Numeric(number) => Key::Numeric(number),
            NodeKey::Guid(guid) => Key::Guid(guid),
            NodeKey::Text(text) if text.len() <= LONGEST => Key::Text(text.into()),
            NodeKey::Opaque(bytes) if bytes.len() <= LONGEST => Key::Opaque(bytes.into()),
            NodeKey::Text(_) | NodeKey::Opaque(_) => return None,
        };
        Some(Self {
            namespace: node.namespace,
            key,
            attribute: item.attribute?,
            client_handle: item.client_handle?,
        })
    }

    /// The node.
    pub(super) fn node(&self) -> Option<NodeId<'_>> {
        let key = match &self.key {
            Key::Numeric(number) => NodeKey::Numeric(*number),
            Key::Text(text) => NodeKey::Text(text),
            Key::Guid(guid) => NodeKey::Guid(*guid),
            Key::Opaque(bytes) => NodeKey::Opaque(bytes),
        };
        Some(NodeId {
            namespace: self.namespace,
            key,
        })
    }

    fn held_bytes(&self) -> usize {
        match &self.key {
            Key::Numeric(_) | Key::Guid(_) => 0,
            Key::Text(text) => text.len(),
            Key::Opaque(bytes) => bytes.len(),
        }
    }
}

/// The subscriptions of a connection, by the server's numbers for them.
#[derive(Debug)]
pub(super) struct Subscriptions {
    list: HashMap<u32, Subscription, RandomState>,
    /// How many items all of them have.
    items: usize,
    limit: usize,
    /// Where the oldest make room for new ones: in the order that they were created.
    born: Option<VecDeque<u32>>,
    seed: RandomState,
}

/// One subscription, and what it watches.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    login: Option<LoginId>,
    /// By the server's numbers for them.
    items: HashMap<u32, Watched, RandomState>,
    /// By the client's.
    handles: HashMap<u32, Owner, RandomState>,
    /// The number of the next notification.
    next: Option<u32>,
}

/// Whose a client's number is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Owner {
    One(u32),
    Several,
}

impl Subscriptions {
    pub(super) fn new(limit: usize, seed: RandomState) -> Self {
        Self {
            list: HashMap::with_hasher(seed.clone()),
            items: 0,
            limit,
            born: None,
            seed,
        }
    }

    /// Those of a server, of which the oldest make room for new ones.
    pub(super) fn that_make_room(limit: usize, seed: RandomState) -> Self {
        Self {
            born: Some(VecDeque::new()),
            ..Self::new(limit, seed)
        }
    }

    /// How many items are remembered at most.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Whether a subscription is known.
    pub(super) fn has(&self, subscription: u32) -> bool {
        self.list.contains_key(&subscription)
    }

    /// A subscription, for another connection.
    pub(super) fn copy(&self, subscription: u32) -> Option<Subscription> {
        self.list.get(&subscription).cloned()
    }

    /// The subscriptions of a session.
    pub(super) fn of(&self, login: Option<LoginId>) -> Vec<u32> {
        let list = self.list.iter();
        list.filter(|(_, subscription)| subscription.login == login)
            .map(|(id, _)| *id)
            .collect()
    }

    /// Takes over a subscription that another connection created; tells where there is no room for it.
    pub(super) fn adopt(
        &mut self,
        id: u32,
        subscription: Subscription,
        login: Option<LoginId>,
    ) -> Option<Anomaly> {
        self.end(id);
        if self.list.len() >= SUBSCRIPTIONS {
            return Some(overflow(SUBSCRIPTIONS));
        }
        if self.items + subscription.items.len() > self.limit {
            return Some(overflow(self.limit));
        }
        self.items += subscription.items.len();
        let adopted = Subscription {
            login,
            next: None,
            ..subscription
        };
        self.list.insert(id, adopted);
        None
    }

    /// What the item with the server's number `id` watches.
    pub(super) fn by_id(&self, subscription: u32, id: u32) -> Option<&Watched> {
        self.list.get(&subscription)?.items.get(&id)
    }

    /// What the item with the client's number `handle` watches.
    pub(super) fn by_handle(&self, subscription: u32, handle: u32) -> Option<&Watched> {
        let subscription = self.list.get(&subscription)?;
        match subscription.handles.get(&handle)? {
            Owner::One(id) => subscription.items.get(id),
            Owner::Several => None,
        }
    }

    /// Learns what a request did that was answered well; tells where more was made than is remembered.
    pub(super) fn learn(
        &mut self,
        service: &Service,
        asked: Reader<'_>,
        answered: &Body<'_>,
        login: Option<LoginId>,
    ) -> Option<Anomaly> {
        let named = asked.clone().u32_le("subscription_id").ok();
        let well = || went_well(service, asked, answered);
        match service.function.code {
            services::CREATE_SUBSCRIPTION => {
                let mut parameters = answered.parameters;
                let id = parameters.u32_le("subscription_id").ok()?;
                self.end(id);
                return self.open(id, login, Some(1)).err();
            }
            services::CREATE_MONITORED_ITEMS => {
                return match named {
                    Some(subscription) => self.watch(subscription, login, well()),
                    // The request was too large to be kept.
                    None => Some(overflow(self.limit)),
                };
            }
            services::MODIFY_MONITORED_ITEMS => {
                let subscription = self.list.get_mut(&named?)?;
                well().for_each(|(item, _)| subscription.modify(&item));
            }
            services::DELETE_MONITORED_ITEMS => {
                let subscription = self.list.get_mut(&named?)?;
                for id in well().filter_map(|(item, _)| item.monitored) {
                    self.items -= usize::from(subscription.forget(id));
                }
            }
            services::DELETE_SUBSCRIPTIONS => {
                for id in well().filter_map(|(item, _)| item.subscription) {
                    self.end(id);
                }
            }
            services::TRANSFER_SUBSCRIPTIONS => {
                for id in well().filter_map(|(item, _)| item.subscription) {
                    self.transfer(id, login);
                }
            }
            services::CLOSE_SESSION if asked.peek().first() == Some(&1) => self.leave(login),
            _ => {}
        }
        None
    }

    /// Learns that a notification message came, and tells whether one is missing before it.
    pub(super) fn follow(&mut self, message: &Notifications<'_>) -> Option<Anomaly> {
        let subscription = self.list.get_mut(&message.subscription)?;
        let found = message.sequence_number;
        // One that has nothing to tell has the number of the next one (OPC 10000-4, 7.26).
        let next = if message.is_keep_alive() {
            found
        } else {
            found.checked_add(1).unwrap_or(1)
        };
        let expected = subscription.next.replace(next)?;
        (expected != found).then(|| Anomaly {
            kind: AnomalyKind::SequenceBreak,
            expected: expected.into(),
            found: found.into(),
        })
    }

    /// Learns that the server ended a subscription or gave it to another session.
    pub(super) fn end(&mut self, subscription: u32) {
        if let Some(ended) = self.list.remove(&subscription) {
            self.items -= ended.items.len();
        }
        if let Some(born) = &mut self.born {
            born.retain(|it| *it != subscription);
        }
    }

    /// Learns that notifications may have been lost.
    pub(super) fn lose(&mut self) {
        for subscription in self.list.values_mut() {
            subscription.next = None;
        }
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let each = self.list.values().map(Subscription::held_bytes);
        self.list.capacity() * size_of::<(u32, Subscription)>() + each.sum::<usize>()
    }

    /// The subscription, opened where it is not known yet.
    fn open(
        &mut self,
        id: u32,
        login: Option<LoginId>,
        next: Option<u32>,
    ) -> Result<&mut Subscription, Anomaly> {
        if !self.list.contains_key(&id) {
            if self.list.len() >= SUBSCRIPTIONS {
                self.make_room(id);
            }
            if self.list.len() >= SUBSCRIPTIONS {
                return Err(overflow(SUBSCRIPTIONS));
            }
            if let Some(born) = &mut self.born {
                born.push_back(id);
            }
        }
        let subscription = self.list.entry(id).or_insert_with(|| Subscription {
            login,
            items: HashMap::with_hasher(self.seed.clone()),
            handles: HashMap::with_hasher(self.seed.clone()),
            next: None,
        });
        subscription.next = next.or(subscription.next);
        Ok(subscription)
    }

    fn watch<'a>(
        &mut self,
        subscription: u32,
        login: Option<LoginId>,
        made: impl Iterator<Item = (Item<'a>, Option<u32>)>,
    ) -> Option<Anomaly> {
        if self.items >= self.limit {
            self.make_room(subscription);
        }
        let (others, limit) = (self.items, self.limit);
        let mut room = limit.saturating_sub(others);
        let subscription = match self.open(subscription, login, None) {
            Ok(subscription) => subscription,
            Err(overflow) => return Some(overflow),
        };
        let (before, mut over) = (subscription.items.len(), None);
        for (item, id) in made {
            let (Some(watched), Some(id)) = (Watched::new(&item), id) else {
                continue;
            };
            room += usize::from(subscription.forget(id));
            if room == 0 {
                over = Some(overflow(limit));
                continue;
            }
            room -= 1;
            subscription.bind(watched.client_handle, id);
            subscription.items.insert(id, watched);
        }
        self.items = others + subscription.items.len() - before;
        over
    }

    /// Ends the oldest subscription but this one, where the oldest make room.
    fn make_room(&mut self, but: u32) {
        let born = self.born.as_ref();
        let oldest = born.and_then(|born| born.iter().copied().find(|id| *id != but));
        if let Some(oldest) = oldest {
            self.end(oldest);
        }
    }

    fn transfer(&mut self, id: u32, login: Option<LoginId>) {
        if let Some(subscription) = self.list.get_mut(&id) {
            (subscription.login, subscription.next) = (login, None);
        }
    }

    fn leave(&mut self, login: Option<LoginId>) {
        self.list
            .retain(|_, subscription| subscription.login != login);
        self.items = self.list.values().map(|it| it.items.len()).sum();
    }
}

impl Subscription {
    fn bind(&mut self, handle: u32, id: u32) {
        let owner = self.handles.entry(handle).or_insert(Owner::One(id));
        if *owner != Owner::One(id) {
            *owner = Owner::Several;
        }
    }

    fn unbind(&mut self, handle: u32, id: u32) {
        if self.handles.get(&handle) == Some(&Owner::One(id)) {
            self.handles.remove(&handle);
        }
    }

    /// Gives an item the client's new number for it.
    fn modify(&mut self, item: &Item<'_>) {
        let (Some(id), Some(handle)) = (item.monitored, item.client_handle) else {
            return;
        };
        let Some(watched) = self.items.get_mut(&id) else {
            return;
        };
        let before = std::mem::replace(&mut watched.client_handle, handle);
        if before != handle {
            self.unbind(before, id);
            self.bind(handle, id);
        }
    }

    /// Forgets an item; tells whether there was one.
    fn forget(&mut self, id: u32) -> bool {
        let Some(watched) = self.items.remove(&id) else {
            return false;
        };
        self.unbind(watched.client_handle, id);
        true
    }

    fn held_bytes(&self) -> usize {
        let items = self.items.capacity() * size_of::<(u32, Watched)>();
        let handles = self.handles.capacity() * size_of::<(u32, Owner)>();
        let nodes: usize = self.items.values().map(Watched::held_bytes).sum();
        items + handles + nodes
    }
}

/// The subscriptions that a request had transferred to its own session.
pub(super) fn transferred<'a>(
    service: &Service,
    asked: Reader<'a>,
    answered: &Body<'a>,
) -> impl Iterator<Item = u32> {
    went_well(service, asked, answered).filter_map(|(item, _)| item.subscription)
}

/// The items of a request that went well, with the server's numbers for those that it made.
fn went_well<'a>(
    service: &Service,
    asked: Reader<'a>,
    answered: &Body<'a>,
) -> impl Iterator<Item = (Item<'a>, Option<u32>)> {
    let items = items(service.items, asked, None);
    let answers = answers(service.answers, answered.parameters, None, 0);
    items.zip(answers).filter_map(|(item, answer)| {
        let well = answer.status.is_some_and(|code| !status::is_bad(code));
        well.then_some((item, answer.monitored))
    })
}

fn overflow(limit: usize) -> Anomaly {
    Anomaly {
        kind: AnomalyKind::PendingOverflow,
        expected: limit as u64,
        found: limit as u64 + 1,
    }
}
