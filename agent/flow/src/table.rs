//! The flow table: who talks with whom, found with one lookup.
//!
//! Flows live in a slab and are found by a randomly seeded hash of their two ends and transport,
//! which is the same for both directions. The VLAN is not part of the key: see
//! `docs/decisions/0002-flow-key.md`. Each flow is in the list of its class, newest first, so that
//! what is idle is always at the end; a flow moves to the front at most once a second, and one that is established at most once a minute,
//! which keeps other flows' memory out of the way of a frame. Nothing ever depends on the order of the hash.

use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::time::Duration;

use foldhash::quality::RandomState;
use model::{Address, Direction, End, Mac, Timestamp, Transport, fetch, fetch_behind, make_room};

use crate::Flow;
use crate::conversation::Conversation;
use crate::index::Index;
use crate::limits::Limits;

/// Every flow that is remembered.
#[derive(Debug)]
pub(crate) struct Table<S> {
    index: Index,
    /// The flow that was found last by short ends: a question, its answer and what acknowledges it often follow each other.
    last: u32,
    slots: Vec<Option<Slot<S>>>,
    free: Vec<u32>,
    lists: [List; Class::COUNT],
    /// The most flows that are remembered.
    limit: usize,
    seed: RandomState,
}

/// Two ends with IPv4 addresses, each in one number with what carries them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Short([u64; 2]);

/// One flow with what is needed to follow it: what every frame needs comes first, in as few lines of the cache as it takes.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Slot<S> {
    /// Its two ends, where they are short, else [`Short::NONE`].
    short: Short,
    /// When it was put at the front of its list.
    pub(crate) listed: Timestamp,
    pub(crate) class: Class,
    /// Whether it is among those whose holes are looked after.
    pub(crate) queued: bool,
    /// The source of the frame that opened it.
    pub(crate) opened_on: u16,
    newer: u32,
    older: u32,
    pub(crate) conversation: Conversation,
    pub(crate) flow: Flow<S>,
}

/// Where the flow of a frame was when somebody looked; it may be elsewhere by now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Near(u32);

/// How long a silent flow is kept, by what it has become.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    /// Ended by its hosts.
    Closed,
    /// TCP that nobody answered yet, or that one end closed.
    Brief,
    /// UDP.
    Datagram,
    /// TCP in use.
    Established,
}

#[derive(Clone, Copy, Debug)]
struct List {
    newest: u32,
    oldest: u32,
    len: usize,
}

impl Class {
    pub(crate) const ALL: [Self; Self::COUNT] =
        [Self::Closed, Self::Brief, Self::Datagram, Self::Established];
    const COUNT: usize = 4;

    pub(crate) const fn idle(self, limits: &Limits) -> Duration {
        match self {
            Self::Closed => limits.closed_linger,
            Self::Brief => limits.brief_idle,
            Self::Datagram => limits.datagram_idle,
            Self::Established => limits.established_idle,
        }
    }

    /// How long a flow keeps its place in its list, however often its frames come.
    pub(crate) fn relisted_nanos(self, limits: &Limits) -> u64 {
        let relisted = match self {
            Self::Established => SELDOM.min(limits.established_idle),
            Self::Closed | Self::Brief | Self::Datagram => OFTEN,
        };
        relisted.as_nanos() as u64
    }
}

impl Near {
    /// Nobody looked, or nothing was found.
    pub(crate) const FAR: Self = Self(NONE);
}

impl Short {
    /// Equal to no two ends.
    const NONE: Self = Self([u64::MAX; 2]);

    /// Two ends, each an address and a port.
    #[inline(always)]
    pub(crate) fn of([from, to]: [u32; 2], ports: [u16; 2], transport: Transport) -> Self {
        let carrier = (transport as u64) << 48;
        let end = |ip, port| carrier | u64::from(ip) << 16 | u64::from(port);
        let [source, destination] = ports;
        Self([end(from, source), end(to, destination)])
    }

    /// Two ends, where both have IPv4 addresses.
    #[inline]
    fn among(ends: &[End; 2], transport: Transport) -> Option<Self> {
        let [first, second] = ends;
        match (first.address, second.address) {
            (Address::Ip(IpAddr::V4(from)), Address::Ip(IpAddr::V4(to))) => Some(Self::of(
                [from.to_bits(), to.to_bits()],
                [first.port, second.port],
                transport,
            )),
            _ => None,
        }
    }

    /// Which way the first of the ends sends in a flow between `ends`, if it is between the same.
    #[inline(always)]
    fn way(self, ends: Self) -> Option<Direction> {
        let Self([source, destination]) = self;
        match ends.0 {
            [first, second] if first == source && second == destination => Some(Direction::Forward),
            [first, second] if first == destination && second == source => {
                Some(Direction::Backward)
            }
            _ => None,
        }
    }

    /// A hash that does not depend on which end comes first.
    #[inline(always)]
    pub(crate) fn hash(self, seed: &RandomState) -> u64 {
        let Self([source, destination]) = self;
        let mut hasher = seed.build_hasher();
        hasher.write_u64(source.min(destination));
        hasher.write_u64(source.max(destination));
        hasher.finish()
    }
}

impl<S> Slot<S> {
    /// Whether it was put at the front of its list less than this ago.
    #[inline]
    pub(crate) const fn is_fresh(&self, now: Timestamp, relisted_nanos: u64) -> bool {
        is_within(now, self.listed, relisted_nanos)
    }

    /// Whether its last frame came less than a second ago.
    #[inline]
    pub(crate) const fn is_in_use(&self, now: Timestamp) -> bool {
        is_within(now, self.conversation.last.time, OFTEN.as_nanos() as u64)
    }

    /// Fetches what the next frame needs of it.
    #[inline(always)]
    pub(crate) fn fetch(&self) {
        fetch(&self.short);
        self.conversation.fetch();
        fetch(&self.flow.macs);
        // the state, and what the listener has of it
        fetch_behind(&self.flow.midway, 1);
    }

    pub(crate) fn new(flow: Flow<S>, conversation: Conversation, class: Class) -> Self {
        Self {
            short: Short::among(&flow.ends, flow.transport).unwrap_or(Short::NONE),
            opened_on: conversation.last.source(),
            conversation,
            flow,
            listed: Timestamp::from_nanos(0),
            newer: NONE,
            older: NONE,
            class,
            queued: false,
        }
    }
}

impl<S> Table<S> {
    /// No flows yet, and room for so many. The index grows with them, so that few flows lie close together.
    pub(crate) fn new(seed: RandomState, limit: usize) -> Self {
        Self {
            index: Index::default(),
            last: NONE,
            slots: Vec::new(),
            free: Vec::new(),
            lists: [List::EMPTY; Class::COUNT],
            limit,
            seed,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.index.len()
    }

    /// How many places the slab has, used or free.
    pub(crate) const fn places(&self) -> usize {
        self.slots.len()
    }

    /// Every flow, in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot<S>> {
        self.slots.iter().flatten()
    }

    #[inline]
    pub(crate) fn slot(&mut self, at: u32) -> Option<&mut Slot<S>> {
        self.slots.get_mut(at as usize)?.as_mut()
    }

    /// The flow between two short ends with this hash, and which way the first of them sends in it.
    #[inline(always)]
    pub(crate) fn find_short(
        &mut self,
        short: Short,
        hash: u64,
        near: Near,
    ) -> Option<(&mut Slot<S>, Direction)> {
        let guess = match near {
            Near::FAR => self.last,
            Near(at) => at,
        };
        let guessed = self.near(Near(guess));
        let (at, from) = match guessed.and_then(|slot| short.way(slot.short)) {
            Some(from) => (guess, from),
            None => self.place_of_short(short, hash)?,
        };
        self.last = at;
        Some((self.slot(at)?, from))
    }

    /// Fetches what is needed to look for a flow with this hash.
    #[inline(always)]
    pub(crate) fn fetch(&self, hash: u64) {
        self.index.fetch(hash);
    }

    /// Where a flow between short ends with this hash is now, most likely: flows themselves are not looked at.
    #[inline(always)]
    pub(crate) fn look(&self, hash: u64) -> Near {
        self.index.find(hash, |_| true).map_or(Near::FAR, Near)
    }

    /// The flow at a place where one was.
    #[inline(always)]
    pub(crate) fn near(&self, Near(at): Near) -> Option<&Slot<S>> {
        self.slots.get(at as usize)?.as_ref()
    }

    #[inline(always)]
    fn place_of_short(&self, short: Short, hash: u64) -> Option<(u32, Direction)> {
        let mut from = Direction::Forward;
        let at = self.index.find(hash, |at| {
            let Some(Some(slot)) = self.slots.get(at as usize) else {
                return false;
            };
            let way = short.way(slot.short);
            from = way.unwrap_or(from);
            way.is_some()
        })?;
        Some((at, from))
    }

    /// Where the flow between the two ends is, and which way the first of them sends in it.
    #[inline]
    pub(crate) fn find(&self, ends: &[End; 2], transport: Transport) -> Option<(u32, Direction)> {
        if let Some(short) = Short::among(ends, transport) {
            return self.place_of_short(short, short.hash(&self.seed));
        }
        let [source, destination] = ends;
        let mut from = Direction::Forward;
        let at = self.index.find(self.hash(ends, transport), |at| {
            let Some(Some(slot)) = self.slots.get(at as usize) else {
                return false;
            };
            let [first, second] = &slot.flow.ends;
            if slot.flow.transport != transport {
                return false;
            }
            if first == source && second == destination {
                from = Direction::Forward;
                return true;
            }
            from = Direction::Backward;
            first == destination && second == source
        })?;
        Some((at, from))
    }

    /// Adds a flow that is not there yet.
    pub(crate) fn insert(&mut self, slot: Slot<S>, now: Timestamp) -> u32 {
        let (hash, class) = (self.hash(&slot.flow.ends, slot.flow.transport), slot.class);
        let at = self.free.pop().unwrap_or_else(|| {
            make_room(&mut self.slots, self.limit);
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        if let Some(place) = self.slots.get_mut(at as usize) {
            *place = Some(slot);
        }
        self.index.insert(hash, at);
        self.link(at, class, now);
        at
    }

    /// Takes a flow out.
    pub(crate) fn remove(&mut self, at: u32) -> Option<Slot<S>> {
        self.unlink(at);
        let slot = self.slots.get_mut(at as usize)?.take()?;
        let hash = self.hash(&slot.flow.ends, slot.flow.transport);
        self.index.remove(hash, at);
        self.free.push(at);
        Some(slot)
    }

    /// Notes that a flow is in use: puts it at the front of the list of its class.
    pub(crate) fn file(&mut self, at: u32, class: Class, now: Timestamp) {
        self.unlink(at);
        self.link(at, class, now);
    }

    /// Puts a flow at the front of its list that was in use since it was put there last, and lately; whether it was.
    pub(crate) fn spare(&mut self, at: u32, now: Timestamp) -> bool {
        let Some(slot) = self.slot(at) else {
            return false;
        };
        let (class, last) = (slot.class, slot.conversation.last.time);
        // then it is as it says, and is not spared twice
        let is_used = last.since(slot.listed) >= OFTEN && now.since(last) < SELDOM;
        if is_used {
            self.file(at, class, last);
        }
        is_used
    }

    /// The flow of a class that was silent longest, but for those that were in use since they were put at the front.
    pub(crate) fn oldest(&self, class: Class) -> Option<u32> {
        let oldest = self.list(class).oldest;
        (oldest != NONE).then_some(oldest)
    }

    /// The flow to forget when there is no room: one that is over; else one that never came to be
    /// where these take more than a quarter, so that a scan does not push out those in use; else
    /// the one that was silent longest.
    pub(crate) fn victim(&self) -> Option<u32> {
        let crowded = self.list(Class::Brief).len > self.len() / 4;
        self.oldest(Class::Closed)
            .or_else(|| self.oldest(Class::Brief).filter(|_| crowded))
            .or_else(|| {
                let oldest = Class::ALL
                    .into_iter()
                    .filter_map(|class| self.oldest(class));
                oldest.min_by_key(|at| self.slots.get(*at as usize)?.as_ref().map(|s| s.listed))
            })
    }

    const fn list(&self, class: Class) -> &List {
        let [closed, brief, datagram, established] = &self.lists;
        match class {
            Class::Closed => closed,
            Class::Brief => brief,
            Class::Datagram => datagram,
            Class::Established => established,
        }
    }

    const fn list_mut(&mut self, class: Class) -> &mut List {
        let [closed, brief, datagram, established] = &mut self.lists;
        match class {
            Class::Closed => closed,
            Class::Brief => brief,
            Class::Datagram => datagram,
            Class::Established => established,
        }
    }

    fn link(&mut self, at: u32, class: Class, now: Timestamp) {
        let list = self.list_mut(class);
        let older = std::mem::replace(&mut list.newest, at);
        list.len += 1;
        if older == NONE {
            list.oldest = at;
        }
        if let Some(slot) = self.slot(at) {
            (slot.newer, slot.older) = (NONE, older);
            (slot.class, slot.listed) = (class, now);
        }
        if let Some(slot) = self.slot(older) {
            slot.newer = at;
        }
    }

    fn unlink(&mut self, at: u32) {
        let Some(slot) = self.slot(at) else {
            return;
        };
        let (newer, older, class) = (slot.newer, slot.older, slot.class);
        match self.slot(newer) {
            Some(slot) => slot.older = older,
            None => self.list_mut(class).newest = older,
        }
        match self.slot(older) {
            Some(slot) => slot.newer = newer,
            None => self.list_mut(class).oldest = newer,
        }
        self.list_mut(class).len -= 1;
    }

    #[inline]
    fn hash(&self, ends: &[End; 2], transport: Transport) -> u64 {
        mix(&self.seed, ends, transport)
    }
}

impl List {
    const EMPTY: Self = Self {
        newest: NONE,
        oldest: NONE,
        len: 0,
    };
}

/// A hash that does not depend on which end comes first.
#[inline]
fn mix(seed: &RandomState, ends: &[End; 2], transport: Transport) -> u64 {
    if let Some(short) = Short::among(ends, transport) {
        return short.hash(seed);
    }
    let [first, second] = ends;
    let sum = hash_end(seed, first).wrapping_add(hash_end(seed, second));
    match transport {
        Transport::Tcp => sum,
        Transport::Udp => !sum,
        Transport::Ethernet => sum.swap_bytes(),
    }
}

#[inline]
fn hash_end(seed: &RandomState, end: &End) -> u64 {
    let mut hasher = seed.build_hasher();
    match end.address {
        Address::Ip(IpAddr::V4(ip)) => {
            hasher.write_u64((u64::from(ip.to_bits()) << 16) | u64::from(end.port))
        }
        Address::Ip(IpAddr::V6(ip)) => {
            hasher.write_u128(ip.to_bits());
            hasher.write_u16(end.port);
        }
        Address::Mac(Mac(bytes)) => hasher.write(&bytes),
    }
    hasher.finish()
}

/// Whether two times are less than this apart.
#[inline]
const fn is_within(now: Timestamp, then: Timestamp, limit_nanos: u64) -> bool {
    let apart = now.as_nanos().wrapping_sub(then.as_nanos());
    apart.unsigned_abs() < limit_nanos
}

/// How long flows keep their place in their list: those that stay, which are many, and others.
const SELDOM: Duration = Duration::from_secs(60);
const OFTEN: Duration = Duration::from_secs(1);

const NONE: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(port: u16, class: Class) -> Slot<()> {
        let end = |port| End {
            address: Address::Ip(IpAddr::from([10, 0, 0, 1])),
            port,
        };
        let flow = Flow {
            ends: [end(port), end(502)],
            macs: Default::default(),
            vlans: Default::default(),
            transport: Transport::Tcp,
            midway: false,
            state: (),
        };
        Slot::new(flow, Conversation::default(), class)
    }

    fn port(table: &mut Table<()>, at: Option<u32>) -> Option<u16> {
        Some(table.slot(at?)?.flow.ends[0].port)
    }

    #[test]
    fn the_one_that_was_silent_longest_makes_room() {
        let mut table = Table::new(RandomState::default(), 1_000);
        let second = |secs: i64| Timestamp::from_nanos(secs * 1_000_000_000);
        let places: Vec<u32> = (1u16..=3)
            .map(|n| table.insert(slot(n, Class::Established), second(n.into())))
            .collect();
        table.file(places[0], Class::Established, second(4));
        let victim = table.victim();
        assert_eq!(port(&mut table, victim), Some(2));
        let over = table.insert(slot(9, Class::Closed), second(5));
        assert_eq!(table.victim(), Some(over));
        assert!(table.remove(over).is_some());
        assert!(table.remove(over).is_none());
        assert_eq!((table.len(), table.places()), (3, 4));
    }

    #[test]
    fn what_is_remembered_of_a_flow_stays_small() {
        let (conversation, slot) = (size_of::<Conversation>(), size_of::<Option<Slot<()>>>());
        assert!(conversation <= 184 && slot <= 320, "{conversation} {slot}");
    }

    #[test]
    fn both_directions_find_the_same_flow() {
        let mut table = Table::new(RandomState::default(), 1_000);
        let slot = slot(7, Class::Established);
        let [a, b] = slot.flow.ends;
        let at = table.insert(slot, Timestamp::default());
        let find = |ends, transport| table.find(&ends, transport);
        assert_eq!(find([a, b], Transport::Tcp), Some((at, Direction::Forward)));
        assert_eq!(
            find([b, a], Transport::Tcp),
            Some((at, Direction::Backward))
        );
        assert_eq!(find([b, a], Transport::Udp), None);
        assert_eq!(find([a, a], Transport::Tcp), None);
    }

    #[test]
    fn the_flow_that_was_found_last_is_found_only_as_long_as_it_is_there() {
        let mut table = Table::new(RandomState::default(), 1_000);
        let short = |port| Short::of([0x0a00_0001; 2], [port, 502], Transport::Tcp);
        let found = |table: &mut Table<()>, port| {
            let hash = short(port).hash(&table.seed);
            let slot = table.find_short(short(port), hash, Near::FAR);
            slot.map(|(slot, _)| slot.flow.ends[0].port)
        };
        let first = table.insert(slot(7, Class::Established), Timestamp::default());
        assert_eq!(
            [7, 8, 7].map(|port| found(&mut table, port)),
            [Some(7), None, Some(7)]
        );
        table.remove(first);
        assert_eq!(found(&mut table, 7), None);
        let again = table.insert(slot(8, Class::Established), Timestamp::default());
        assert_eq!(again, first);
        assert_eq!([7, 8].map(|port| found(&mut table, port)), [None, Some(8)]);
    }
}
