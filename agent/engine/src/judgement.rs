//! What was judged already: one record per edge and signature.
//!
//! Devices repeat themselves, so each record also remembers which one came after it on its flow: that guess is tried
//! before the look-up, and costs one comparison.

use detect::Matches;
use hashbrown::HashTable;
use model::Verdict;

use crate::edge::EdgeId;
use crate::incidents::IncidentId;

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
    /// Incidents that each such message is one more of.
    pub(crate) incidents: Box<[IncidentId]>,
}

impl Judgement {
    /// Whether there is nothing to do but count.
    fn is_quiet(&self) -> bool {
        self.incidents.is_empty() && !self.matches.feeds_correlations()
    }
}

/// The part of a judgement that every such message touches.
#[derive(Clone, Copy)]
struct Seen {
    key: u64,
    count: u64,
    edge: EdgeId,
    /// What came after it last.
    next: JudgementId,
    quiet: bool,
}

/// Judgements since the judges were last changed, or since the memory was last full.
#[derive(Default)]
pub(crate) struct Judgements {
    known: HashTable<u32>,
    // INVARIANT: as many as there are in `all`, in the same order.
    seen: Vec<Seen>,
    all: Vec<Judgement>,
    /// Grows when identifiers given out before no longer hold.
    pub(crate) generation: u32,
}

impl Judgements {
    /// The judgement of `key` on `edge`, where `before` is that of the message before on the same flow.
    #[inline]
    pub(crate) fn after(
        &mut self,
        before: JudgementId,
        edge: EdgeId,
        key: u64,
    ) -> Option<JudgementId> {
        let guess = self.seen.get(before.0 as usize).map(|seen| seen.next);
        if let Some(guess) = guess
            && self.is(guess, edge, key)
        {
            return Some(guess);
        }
        let found = self.find(edge, key)?;
        self.follow(before, found);
        Some(found)
    }

    /// Counts one more message; whether that is all there is to do.
    #[inline]
    pub(crate) fn count(&mut self, id: JudgementId) -> bool {
        let Some(seen) = self.seen.get_mut(id.0 as usize) else {
            return true;
        };
        seen.count += 1;
        seen.quiet
    }

    pub(crate) fn of_mut(&mut self, id: JudgementId) -> Option<&mut Judgement> {
        self.all.get_mut(id.0 as usize)
    }

    pub(crate) fn of(&self, id: JudgementId) -> Option<&Judgement> {
        self.all.get(id.0 as usize)
    }

    /// Remembers what was judged of the first such message, which came after `before`.
    pub(crate) fn remember(
        &mut self,
        edge: EdgeId,
        key: u64,
        before: JudgementId,
        judgement: Judgement,
    ) -> JudgementId {
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.seen.push(Seen {
            key,
            count: 1,
            edge,
            next: JudgementId::NONE,
            quiet: judgement.is_quiet(),
        });
        self.all.push(judgement);
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

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Every judgement with how often it was seen.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Judgement, u64)> {
        self.all.iter().zip(self.seen.iter().map(|seen| seen.count))
    }

    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.seen.clear();
        self.all.clear();
        self.generation = self.generation.wrapping_add(1);
    }

    #[inline]
    fn is(&self, id: JudgementId, edge: EdgeId, key: u64) -> bool {
        let seen = self.seen.get(id.0 as usize);
        seen.is_some_and(|seen| seen.edge == edge && seen.key == key)
    }

    /// The judgement of `key` on `edge`.
    pub(crate) fn find(&self, edge: EdgeId, key: u64) -> Option<JudgementId> {
        let is_it = |place: &u32| self.is(JudgementId(*place), edge, key);
        self.known
            .find(hash(edge, key), is_it)
            .map(|place| JudgementId(*place))
    }

    fn follow(&mut self, before: JudgementId, next: JudgementId) {
        if let Some(seen) = self.seen.get_mut(before.0 as usize) {
            seen.next = next;
        }
    }
}

/// Keys are seeded hashes already: edges only have to part them.
const fn hash(edge: EdgeId, key: u64) -> u64 {
    key ^ edge.number().wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
