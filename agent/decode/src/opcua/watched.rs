//! What the monitored items of one subscription watch.
//!
//! Items are named by the server's numbers for them and by the client's. A client's number that was given twice belongs to nobody, until
//! all that it was given to are gone. Few items are looked through one by one; of more there is an index. Identifiers have at most
//! [`LONGEST`] bytes.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use model::{NodeKey, Step, fetch};

use super::items::Item;
use super::login::LONGEST;
use super::types::NodeId;

/// What a monitored item watches.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    id: u32,
    client_handle: u32,
    /// A hash of its node and attribute, so that a notification can be signed without a look at long names.
    print: u64,
    pub(super) attribute: u32,
    namespace: u16,
    key: Key,
}

#[derive(Clone, Debug)]
enum Key {
    Numeric(u32),
    Text(Box<str>),
    Guid([u8; 16]),
    Opaque(Box<[u8]>),
}

impl Watched {
    /// What an item with the server's number `id` is to watch.
    pub(super) fn new(item: &Item<'_>, id: u32, seed: &RandomState) -> Option<Self> {
        let node = item.node?;
        let key = match node.key {
            NodeKey::Numeric(number) => Key::Numeric(number),
            NodeKey::Guid(guid) => Key::Guid(guid),
            NodeKey::Text(text) if text.len() <= LONGEST => Key::Text(text.into()),
            NodeKey::Opaque(bytes) if bytes.len() <= LONGEST => Key::Opaque(bytes.into()),
            NodeKey::Text(_) | NodeKey::Opaque(_) => return None,
        };
        let attribute = item.attribute?;
        Some(Self {
            id,
            client_handle: item.client_handle?,
            print: seed.hash_one((node, attribute)),
            attribute,
            namespace: node.namespace,
            key,
        })
    }

    /// The server's number for it.
    pub(super) const fn id(&self) -> u32 {
        self.id
    }

    /// The same for all that watch the same.
    pub(super) const fn print(&self) -> u64 {
        self.print
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

/// The monitored items of a subscription.
#[derive(Clone, Debug, Default)]
pub(super) struct WatchedList {
    list: Vec<Watched>,
    /// Where they are, once they are more than [`FEW`].
    index: Option<Box<Index>>,
    /// The client's numbers that were given to several, and how many of these there are.
    several: Option<Box<Several>>,
}

/// Places in a list, by number.
#[derive(Clone, Debug)]
struct Index {
    // INVARIANT: every item's.
    ids: HashMap<u32, u32, RandomState>,
    // INVARIANT: that of every item whose number is not one of several.
    handles: HashMap<u32, u32, RandomState>,
}

#[derive(Clone, Debug)]
struct Several(HashMap<u32, u32, RandomState>);

impl WatchedList {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.list.len()
    }

    /// The one with the server's number `id`.
    pub(super) fn by_id(&self, id: u32) -> Option<&Watched> {
        self.list.get(self.place(id)?)
    }

    /// The one with the client's number `handle`.
    pub(super) fn by_handle(&self, handle: u32) -> Option<&Watched> {
        self.list.get(self.owner(handle)?)
    }

    /// Adds one, with a server's number that none has.
    pub(super) fn insert(&mut self, watched: Watched, seed: &RandomState) {
        let (id, handle) = (watched.id, watched.client_handle);
        let place = self.list.len();
        if place == FEW {
            self.index = Some(Box::new(self.places(seed)));
        }
        self.bind(handle, place, seed);
        if let Some(index) = &mut self.index {
            index.ids.insert(id, number(place));
        }
        self.list.push(watched);
    }

    /// Gives an item the client's new number for it.
    pub(super) fn rename(&mut self, id: u32, handle: u32, seed: &RandomState) {
        let Some(place) = self.place(id) else {
            return;
        };
        let Some(watched) = self.list.get_mut(place) else {
            return;
        };
        let before = std::mem::replace(&mut watched.client_handle, handle);
        if before != handle {
            self.unbind(before);
            self.bind(handle, place, seed);
        }
    }

    /// Forgets an item; whether there was one.
    pub(super) fn remove(&mut self, id: u32) -> bool {
        let Some(place) = self.place(id) else {
            return false;
        };
        let removed = self.list.swap_remove(place);
        if let Some(index) = &mut self.index {
            index.ids.remove(&id);
        }
        self.unbind(removed.client_handle);
        self.moved(place);
        true
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let nodes: usize = self.list.iter().map(Watched::held_bytes).sum();
        let index = |index: &Index| {
            size_of::<Index>() + (index.ids.capacity() + index.handles.capacity()) * PLACED
        };
        let several = |several: &Several| size_of::<Several>() + several.0.capacity() * PLACED;
        let tables =
            self.index.as_deref().map_or(0, index) + self.several.as_deref().map_or(0, several);
        nodes + tables + self.list.capacity() * size_of::<Watched>()
    }

    /// Fetches what the next notification tells of, where there are few items.
    pub(super) fn approach(&self, step: Step) {
        if step == Step::Second {
            self.list.iter().take(NEAR).for_each(fetch);
        }
    }

    fn place(&self, id: u32) -> Option<usize> {
        match &self.index {
            Some(index) => index.ids.get(&id).map(|place| *place as usize),
            None => self.list.iter().position(|watched| watched.id == id),
        }
    }

    fn owner(&self, handle: u32) -> Option<usize> {
        let is_theirs = |several: &Several| several.0.contains_key(&handle);
        if self.several.as_deref().is_some_and(is_theirs) {
            return None;
        }
        match &self.index {
            Some(index) => index.handles.get(&handle).map(|place| *place as usize),
            None => self.list.iter().position(|it| it.client_handle == handle),
        }
    }

    /// Notes that the item at a place, which may not be there yet, has a client's number.
    fn bind(&mut self, handle: u32, place: usize, seed: &RandomState) {
        let several = self.several.as_deref_mut();
        if let Some(several) = several.and_then(|several| several.0.get_mut(&handle)) {
            *several += 1;
            return;
        }
        let is_taken = match &mut self.index {
            Some(index) => index.handles.remove(&handle).is_some(),
            None => {
                let others = self.list.iter().enumerate().filter(|(at, _)| *at != place);
                others.into_iter().any(|(_, it)| it.client_handle == handle)
            }
        };
        if is_taken {
            let none = || Box::new(Several(HashMap::with_hasher(seed.clone())));
            let several = self.several.get_or_insert_with(none);
            several.0.insert(handle, 2);
        } else if let Some(index) = &mut self.index {
            index.handles.insert(handle, number(place));
        }
    }

    /// Notes that an item no longer has a client's number.
    fn unbind(&mut self, handle: u32) {
        let several = self.several.as_deref_mut();
        if let Some(Several(several)) = several
            && let Some(left) = several.get_mut(&handle)
        {
            *left -= 1;
            if *left == 0 {
                several.remove(&handle);
            }
        } else if let Some(index) = &mut self.index {
            index.handles.remove(&handle);
        }
    }

    /// Notes that the item at a place was at another before.
    fn moved(&mut self, place: usize) {
        if let (Some(index), Some(it)) = (&mut self.index, self.list.get(place)) {
            index.ids.insert(it.id, number(place));
            if let Some(at) = index.handles.get_mut(&it.client_handle) {
                *at = number(place);
            }
        }
    }

    /// Where all of them are.
    fn places(&self, seed: &RandomState) -> Index {
        let mut index = Index {
            ids: HashMap::with_hasher(seed.clone()),
            handles: HashMap::with_hasher(seed.clone()),
        };
        for (place, watched) in self.list.iter().enumerate() {
            index.ids.insert(watched.id, number(place));
            if self.owner(watched.client_handle).is_some() {
                index.handles.insert(watched.client_handle, number(place));
            }
        }
        index
    }
}

/// A place as it is kept: there are no more items than `Limits::monitored_items`.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// As many are looked through one by one.
const FEW: usize = 8;
/// So many are fetched before their notification comes.
const NEAR: usize = 4;
/// What an entry of an index takes.
const PLACED: usize = size_of::<(u32, u32)>();

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(id: u32, handle: u32) -> Watched {
        Watched {
            id,
            client_handle: handle,
            print: 0,
            attribute: 13,
            namespace: 0,
            key: Key::Numeric(id),
        }
    }

    /// A list of items of the given numbers, beside so many others.
    fn list(beside: u32, items: &[(u32, u32)]) -> WatchedList {
        let others = (0..beside).map(|other| (1_000 + other, 2_000 + other));
        let mut list = WatchedList::default();
        for (id, handle) in others.chain(items.iter().copied()) {
            list.insert(watched(id, handle), &RandomState::default());
        }
        list
    }

    fn owner(list: &WatchedList, handle: u32) -> Option<u32> {
        list.by_handle(handle).map(Watched::id)
    }

    #[test]
    fn items_are_found_by_either_number_among_few_and_among_many() {
        for beside in [0, 7, 8, 9, 100] {
            let mut list = list(beside, &[(1, 10), (2, 20)]);
            assert_eq!(
                [10, 20, 30].map(|it| owner(&list, it)),
                [Some(1), Some(2), None]
            );
            list.rename(1, 30, &RandomState::default());
            assert_eq!(
                [10, 20, 30].map(|it| owner(&list, it)),
                [None, Some(2), Some(1)]
            );
            assert!(list.remove(2) && !list.remove(2));
            assert_eq!([20, 30].map(|it| owner(&list, it)), [None, Some(1)]);
            assert_eq!(list.by_id(1).map(Watched::id), Some(1));
            for other in 0..beside {
                assert_eq!(owner(&list, 2_000 + other), Some(1_000 + other));
                assert!(list.remove(1_000 + other));
            }
            assert_eq!((list.len(), owner(&list, 30)), (1, Some(1)));
        }
    }

    #[test]
    fn a_number_that_several_items_have_is_nobodys_until_all_of_them_are_gone() {
        for beside in [0, 7, 8, 100] {
            let mut list = list(beside, &[(1, 10), (2, 10), (3, 30)]);
            assert_eq!([10, 30].map(|it| owner(&list, it)), [None, Some(3)]);
            list.rename(3, 10, &RandomState::default());
            assert!(list.remove(1) && list.remove(3));
            assert_eq!([10, 30].map(|it| owner(&list, it)), [None, None]);
            assert!(list.remove(2));
            list.insert(watched(4, 10), &RandomState::default());
            assert_eq!(owner(&list, 10), Some(4));
        }
    }
}
