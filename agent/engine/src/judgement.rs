//! What was judged already: one record per edge and signature.
//!
//! Nearly all that is judged is quiet, and judged alike: such records share what the judges said, and take 32 bytes each, two to a line
//! of the cache. So do those whose messages are of one incident. A request and its answer are mostly judged for the first time one after the other, and lie in one line then.
//!
//! Devices repeat themselves, so each record also remembers which ones came after it on its flow. A flow keeps these guesses: they
//! are tried before the look-up, cost one comparison each, and tell what to touch before the next message comes.

use std::sync::Arc;

use detect::Matches;
use foldhash::quality::RandomState;
use hashbrown::{HashMap, HashTable};
use model::{Verdict, fetch, make_room};

use crate::deed::Slot;
use crate::edge::EdgeId;
use crate::scene::Scene;

/// A judgement's place in [`Judgements`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct JudgementId(u32);

impl JudgementId {
    /// No judgement: nothing is found under it.
    pub(crate) const NONE: Self = Self(u32::MAX);
}

impl Default for JudgementId {
    fn default() -> Self {
        Self::NONE
    }
}

/// What the judges said of one kind of message on one edge.
pub(crate) struct Judgement {
    /// The policy's verdict; an answer has one only where its request was not seen.
    pub(crate) verdict: Option<Verdict>,
    /// Rules that matched.
    pub(crate) matches: Matches,
    /// The incident that each such message is one more of.
    pub(crate) incident: Option<Slot>,
    /// Where such messages are seen, where correlations counted several.
    pub(crate) scene: Option<Arc<Scene>>,
}

impl Judgement {
    /// Whether there is nothing to do but count.
    fn is_quiet(&self) -> bool {
        self.incident.is_none() && !self.matches.feeds_correlations()
    }

    /// Whether it says no more than others may.
    fn is_common(&self) -> bool {
        self.scene.is_none() && !self.matches.feeds_correlations()
    }
}

/// The part of a judgement that every such message touches.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Seen {
    key: u64,
    count: u64,
    edge: EdgeId,
    next: Guesses,
    what: What,
}

/// What came after a judgement: devices that ask for the same more than once in a round go on in more than one way.
pub(crate) type Guesses = [JudgementId; 2];

/// A place among what the judges said, and in the lowest bit whether there is nothing to do but count.
#[derive(Clone, Copy)]
struct What(u32);

impl What {
    const fn new(place: usize, is_quiet: bool) -> Self {
        Self((place as u32) << 1 | is_quiet as u32)
    }

    const fn place(self) -> usize {
        (self.0 >> 1) as usize
    }

    const fn is_quiet(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Judgements since the judges were last changed, or since the memory was last full.
pub(crate) struct Judgements {
    known: HashTable<u32>,
    // INVARIANT: `what` of each is a place in `said`.
    seen: Vec<Seen>,
    said: Vec<Judgement>,
    /// Where those of `said` are that others may say, too.
    shared: HashMap<(Option<Verdict>, Matches, Option<Slot>), usize, RandomState>,
    /// How many of `said` are not quiet.
    loud: usize,
    /// The latest requests of a signature that does not tell how they were judged.
    // INVARIANT: at most one for each edge and signature that is remembered.
    asked: HashMap<(EdgeId, u64), JudgementId, RandomState>,
    /// The most that are remembered.
    limit: usize,
    /// Grows when identifiers given out before no longer hold.
    pub(crate) generation: u32,
}

impl Judgements {
    /// None yet, and room for so many.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            known: HashTable::default(),
            seen: Vec::new(),
            said: Vec::new(),
            shared: HashMap::default(),
            loud: 0,
            asked: HashMap::default(),
            limit,
            generation: 0,
        }
    }

    /// The judgement of `key` on `edge`, which may be one of the guesses, where `before` is that of the message before on the
    /// same flow.
    #[inline]
    pub(crate) fn after(
        &mut self,
        (before, [first, second]): (JudgementId, Guesses),
        edge: EdgeId,
        key: u64,
    ) -> Option<JudgementId> {
        if self.is(first, edge, key) {
            return Some(first);
        }
        if self.is(second, edge, key) {
            return Some(second);
        }
        let found = self.find(edge, key)?;
        self.follow(before, found);
        Some(found)
    }

    /// Counts one more message; whether that is all there is to do, and what may come next.
    #[inline]
    pub(crate) fn count(&mut self, id: JudgementId) -> (bool, Guesses) {
        let Some(seen) = self.seen.get_mut(id.0 as usize) else {
            return (true, NOTHING);
        };
        seen.count += 1;
        (seen.what.is_quiet(), seen.next)
    }

    /// Fetches a judgement, before it is asked for.
    #[inline]
    pub(crate) fn fetch(&self, id: JudgementId) {
        self.seen.get(id.0 as usize).into_iter().for_each(fetch);
    }

    /// What came after a judgement.
    #[inline]
    pub(crate) fn next(&self, id: JudgementId) -> Guesses {
        let seen = self.seen.get(id.0 as usize);
        seen.map_or(NOTHING, |seen| seen.next)
    }

    /// Whether messages judged so need nothing but to be counted.
    pub(crate) fn is_quiet(&self, id: JudgementId) -> bool {
        let seen = self.seen.get(id.0 as usize);
        seen.is_some_and(|seen| seen.what.is_quiet())
    }

    pub(crate) fn of(&self, id: JudgementId) -> Option<&Judgement> {
        let seen = self.seen.get(id.0 as usize)?;
        self.said.get(seen.what.place())
    }

    /// Keeps where messages judged so are seen.
    pub(crate) fn keep_scene(&mut self, id: JudgementId, scene: &Arc<Scene>) {
        let seen = self.seen.get(id.0 as usize);
        let judgement = seen.and_then(|seen| self.said.get_mut(seen.what.place()));
        if let Some(judgement) = judgement {
            judgement.scene.get_or_insert_with(|| Arc::clone(scene));
        }
    }

    /// Remembers what was judged of the first such message, which came after `before`.
    pub(crate) fn remember(
        &mut self,
        edge: EdgeId,
        key: u64,
        before: JudgementId,
        judgement: Judgement,
    ) -> JudgementId {
        let place = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        let is_quiet = judgement.is_quiet();
        let what = What::new(self.say(judgement), is_quiet);
        make_room(&mut self.seen, self.limit);
        self.seen.push(Seen {
            key,
            count: 1,
            edge,
            next: NOTHING,
            what,
        });
        let seen = &self.seen;
        let hash_of = |place: &u32| {
            let seen = seen.get(*place as usize);
            seen.map_or(0, |seen| hash(seen.edge, seen.key))
        };
        self.known.insert_unique(hash(edge, key), place, hash_of);
        let id = JudgementId(place);
        self.follow(before, id);
        id
    }

    /// Whether one more is one too many.
    pub(crate) fn is_full(&self) -> bool {
        self.seen.len() >= self.limit
    }

    pub(crate) fn len(&self) -> usize {
        self.seen.len()
    }

    /// How much was said that is not quiet.
    pub(crate) const fn loud(&self) -> usize {
        self.loud
    }

    /// Every judgement with how often it was seen.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Judgement, u64)> {
        let of = |seen: &Seen| Some((self.said.get(seen.what.place())?, seen.count));
        self.seen.iter().filter_map(of)
    }

    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.seen.clear();
        self.said.clear();
        self.shared.clear();
        self.loud = 0;
        self.asked.clear();
        self.generation = self.generation.wrapping_add(1);
    }

    /// The place of what the judges said, which quiet judgements share, and those of one incident.
    fn say(&mut self, judgement: Judgement) -> usize {
        let place = self.said.len();
        if judgement.is_common() {
            let of = (
                judgement.verdict,
                judgement.matches.clone(),
                judgement.incident,
            );
            let shared = *self.shared.entry(of).or_insert(place);
            if shared != place {
                return shared;
            }
        }
        self.loud += usize::from(!judgement.is_quiet());
        self.said.push(judgement);
        place
    }

    #[inline]
    fn is(&self, id: JudgementId, edge: EdgeId, key: u64) -> bool {
        let seen = self.seen.get(id.0 as usize);
        seen.is_some_and(|seen| seen.edge == edge && seen.key == key)
    }

    /// Remembers how the latest request of that signature was judged, where the signature does not tell.
    pub(crate) fn ask(&mut self, edge: EdgeId, signature: u64, id: JudgementId) {
        self.asked.insert((edge, signature), id);
    }

    /// How the latest request of that signature was judged.
    pub(crate) fn request(&self, edge: EdgeId, signature: u64) -> Option<&Judgement> {
        let asked = self.asked.get(&(edge, signature)).copied();
        self.of(asked.or_else(|| self.find(edge, signature))?)
    }

    /// The judgement of `key` on `edge`.
    fn find(&self, edge: EdgeId, key: u64) -> Option<JudgementId> {
        let is_it = |place: &u32| self.is(JudgementId(*place), edge, key);
        self.known
            .find(hash(edge, key), is_it)
            .map(|place| JudgementId(*place))
    }

    /// Notes what came after a judgement, before what is known to have come after it.
    fn follow(&mut self, before: JudgementId, next: JudgementId) {
        let seen = self.seen.get_mut(before.0 as usize);
        if let Some(seen) = seen.filter(|seen| !seen.next.contains(&next)) {
            let [last, _] = seen.next;
            seen.next = [next, last];
        }
    }
}

/// No guess.
pub(crate) const NOTHING: Guesses = [JudgementId::NONE; 2];

/// Keys are seeded hashes already: edges only have to part them.
const fn hash(edge: EdgeId, key: u64) -> u64 {
    key ^ edge.number().wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use model::{Host, Side};

    use super::*;
    use crate::edge::Edges;

    fn edge() -> EdgeId {
        let host = Host {
            ip: None,
            mac: None,
            vlan: None,
        };
        Edges::default().resolve(None, host, host, 502, "modbus")
    }

    fn unzoned(side: Side, incident: Option<Slot>) -> Judgement {
        Judgement {
            verdict: Some(Verdict::Unzoned { side }),
            matches: Matches::default(),
            incident,
            scene: None,
        }
    }

    #[test]
    fn quiet_judgements_that_say_the_same_share_it_and_are_counted_apart() {
        let (mut judgements, edge) = (Judgements::new(1_000), edge());
        let mut last = JudgementId::NONE;
        for key in 0..100 {
            let side = if key < 60 { Side::Client } else { Side::Server };
            last = judgements.remember(edge, key, last, unzoned(side, None));
        }
        assert_eq!(
            (judgements.len(), judgements.said.len(), judgements.loud()),
            (100, 2, 0)
        );
        let found = judgements.find(edge, 59).unwrap();
        assert!(judgements.count(found).0, "quiet");
        let clients = judgements.iter().filter(|(judgement, _)| {
            let verdict = judgement.verdict;
            verdict == Some(Verdict::Unzoned { side: Side::Client })
        });
        assert_eq!(clients.map(|(_, count)| count).sum::<u64>(), 61);
    }

    #[test]
    fn both_ways_that_a_device_goes_on_in_are_guessed() {
        let (mut judgements, edge) = (Judgements::new(1_000), edge());
        let mut remember =
            |key, before| judgements.remember(edge, key, before, unzoned(Side::Client, None));
        let read = remember(1, JudgementId::NONE);
        let [write, scan, last] = [2, 3, 4].map(|key| remember(key, read));
        assert_eq!(judgements.next(read), [last, scan]);
        let mut after = |guesses, key| judgements.after((read, guesses), edge, key);
        assert_eq!(after([last, scan], 3), Some(scan));
        assert_eq!(after([last, scan], 2), Some(write));
        assert_eq!(after(NOTHING, 5), None);
        assert_eq!(judgements.count(read), (true, [write, last]));
        assert_eq!(size_of::<Seen>(), 32);
    }

    #[test]
    fn judgements_share_what_was_said_with_those_of_their_incident_alone() {
        let (mut judgements, edge) = (Judgements::new(1_000), edge());
        let quiet = judgements.remember(edge, 1, JudgementId::NONE, unzoned(Side::Client, None));
        let loud = [(2, 7), (3, 7), (4, 8)].map(|(key, slot)| {
            let judgement = unzoned(Side::Client, Some(Slot(slot)));
            judgements.remember(edge, key, quiet, judgement)
        });
        let incident = |id| judgements.of(id).unwrap().incident;
        assert_eq!(loud.map(incident), [7, 7, 8].map(|slot| Some(Slot(slot))));
        assert_eq!(incident(quiet), None);
        assert_eq!((judgements.loud(), judgements.said.len()), (2, 3));
        judgements.clear();
        assert!(judgements.of(quiet).is_none());
        assert_eq!((judgements.len(), judgements.loud()), (0, 0));
    }
}
