//! Which nodes the subscriptions of a connection watch, and which notification comes next.
//!
//! Follows OPC 10000-4, 5.13 (monitored items), 5.14 (subscriptions) and 7.26 (sequence numbers). Notifications name what changed by
//! a number that the client chose when it created the monitored item, so that creation is remembered: at most
//! [`SUBSCRIPTIONS`] subscriptions and [`Limits::monitored_items`](crate::Limits::monitored_items) items.

use std::collections::{HashMap, VecDeque};

use foldhash::quality::RandomState;
use model::{Anomaly, AnomalyKind, Step};

use super::answers::answers;
use super::items::{Item, items};
use super::login::LoginId;
use super::message::Body;
use super::notifications::Notifications;
use super::services::{self, Service};
use super::status;
use super::watched::{Watched, WatchedList};
use crate::reader::Reader;

/// The most subscriptions of one connection.
const SUBSCRIPTIONS: usize = 100;

/// The subscriptions of a connection.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Subscriptions {
    list: List,
    /// How many items all of them have.
    items: usize,
    limit: usize,
    seed: RandomState,
    /// Where the oldest make room for new ones: in the order that they were created.
    born: Option<VecDeque<u32>>,
}

/// Subscriptions by the server's numbers for them. The one that most connections have lies in place.
#[derive(Debug, Default)]
struct List {
    // INVARIANT: no number is in both.
    first: Option<(u32, Subscription)>,
    others: Option<Box<Others>>,
}

#[derive(Debug)]
struct Others(HashMap<u32, Subscription, RandomState>);

/// One subscription, and what it watches.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    login: Option<LoginId>,
    /// The number of the next notification.
    next: Option<u32>,
    items: WatchedList,
}

impl List {
    fn len(&self) -> usize {
        let others = self.others.as_deref().map_or(0, |others| others.0.len());
        usize::from(self.first.is_some()) + others
    }

    #[inline]
    fn get(&self, id: u32) -> Option<&Subscription> {
        match &self.first {
            Some((first, subscription)) if *first == id => Some(subscription),
            _ => self.others.as_deref()?.0.get(&id),
        }
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Subscription> {
        match &mut self.first {
            Some((first, subscription)) if *first == id => Some(subscription),
            _ => self.others.as_deref_mut()?.0.get_mut(&id),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (u32, &Subscription)> {
        let first = self.first.iter().map(|(id, it)| (*id, it));
        let others = self.others.iter().flat_map(|others| &others.0);
        first.chain(others.map(|(id, it)| (*id, it)))
    }

    fn values_mut(&mut self) -> impl Iterator<Item = &mut Subscription> {
        let others = self.others.iter_mut();
        let others = others.flat_map(|others| others.0.values_mut());
        self.first.iter_mut().map(|(_, it)| it).chain(others)
    }

    /// Adds one that is not there.
    fn insert(&mut self, id: u32, subscription: Subscription, seed: &RandomState) {
        if self.first.is_none() {
            self.first = Some((id, subscription));
            return;
        }
        let others = self.others.get_or_insert_with(|| {
            let none = HashMap::with_hasher(seed.clone());
            Box::new(Others(none))
        });
        others.0.insert(id, subscription);
    }

    fn remove(&mut self, id: u32) -> Option<Subscription> {
        match self.first.take_if(|(first, _)| *first == id) {
            Some((_, subscription)) => Some(subscription),
            None => self.others.as_deref_mut()?.0.remove(&id),
        }
    }

    fn retain(&mut self, keep: impl Fn(&Subscription) -> bool) {
        self.first.take_if(|(_, subscription)| !keep(subscription));
        if let Some(others) = &mut self.others {
            others.0.retain(|_, subscription| keep(subscription));
        }
    }

    fn held_bytes(&self) -> usize {
        let room = |others: &Others| {
            size_of::<Others>() + others.0.capacity() * size_of::<(u32, Subscription)>()
        };
        let each = self.iter().map(|(_, it)| it.items.held_bytes());
        self.others.as_deref().map_or(0, room) + each.sum::<usize>()
    }
}

impl Subscriptions {
    pub(super) fn new(limit: usize, seed: RandomState) -> Self {
        Self {
            list: List::default(),
            items: 0,
            limit,
            seed,
            born: None,
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
        self.list.get(subscription).is_some()
    }

    /// A subscription, for another connection.
    pub(super) fn copy(&self, subscription: u32) -> Option<Subscription> {
        self.list.get(subscription).cloned()
    }

    /// The subscriptions of a session.
    pub(super) fn of(&self, login: Option<LoginId>) -> Vec<u32> {
        let list = self.list.iter();
        list.filter(|(_, subscription)| subscription.login == login)
            .map(|(id, _)| id)
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
        self.list.insert(id, adopted, &self.seed);
        None
    }

    /// What the item with the server's number `id` watches.
    pub(super) fn by_id(&self, subscription: u32, id: u32) -> Option<&Watched> {
        self.list.get(subscription)?.items.by_id(id)
    }

    /// What the item with the client's number `handle` watches.
    pub(super) fn by_handle(&self, subscription: u32, handle: u32) -> Option<&Watched> {
        self.list.get(subscription)?.items.by_handle(handle)
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
                let items = &mut self.list.get_mut(named?)?.items;
                for (item, _) in well() {
                    if let (Some(id), Some(handle)) = (item.monitored, item.client_handle) {
                        items.rename(id, handle, &self.seed);
                    }
                }
            }
            services::DELETE_MONITORED_ITEMS => {
                let items = &mut self.list.get_mut(named?)?.items;
                for id in well().filter_map(|(item, _)| item.monitored) {
                    self.items -= usize::from(items.remove(id));
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
        let subscription = self.list.get_mut(message.subscription)?;
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
        if let Some(ended) = self.list.remove(subscription) {
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
        self.list.held_bytes()
    }

    /// Fetches what the next notification tells of: the items of the first subscription.
    pub(super) fn approach(&self, step: Step) {
        if let Some((_, first)) = &self.list.first {
            first.items.approach(step);
        }
    }

    /// The subscription, opened where it is not known yet.
    fn open(
        &mut self,
        id: u32,
        login: Option<LoginId>,
        next: Option<u32>,
    ) -> Result<&mut Subscription, Anomaly> {
        if !self.has(id) {
            if self.list.len() >= SUBSCRIPTIONS {
                self.make_room(id);
            }
            if self.list.len() >= SUBSCRIPTIONS {
                return Err(overflow(SUBSCRIPTIONS));
            }
            if let Some(born) = &mut self.born {
                born.push_back(id);
            }
            let opened = Subscription {
                login,
                next: None,
                items: WatchedList::default(),
            };
            self.list.insert(id, opened, &self.seed);
        }
        let subscription = self.list.get_mut(id);
        let subscription = subscription.ok_or_else(|| overflow(SUBSCRIPTIONS))?;
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
        let (others, limit, seed) = (self.items, self.limit, self.seed.clone());
        let mut room = limit.saturating_sub(others);
        let subscription = match self.open(subscription, login, None) {
            Ok(subscription) => subscription,
            Err(overflow) => return Some(overflow),
        };
        let (before, mut over) = (subscription.items.len(), None);
        for (item, id) in made {
            let Some(watched) = id.and_then(|id| Watched::new(&item, id, &seed)) else {
                continue;
            };
            room += usize::from(subscription.items.remove(watched.id()));
            if room == 0 {
                over = Some(overflow(limit));
                continue;
            }
            room -= 1;
            subscription.items.insert(watched, &seed);
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
        if let Some(subscription) = self.list.get_mut(id) {
            (subscription.login, subscription.next) = (login, None);
        }
    }

    fn leave(&mut self, login: Option<LoginId>) {
        self.list.retain(|subscription| subscription.login != login);
        self.items = self.list.iter().map(|(_, it)| it.items.len()).sum();
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
