//! What was judged already: one record per edge and signature.

use detect::Matches;
use foldhash::quality::RandomState;
use hashbrown::HashMap;
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

/// What the judges said of one kind of message on one edge, and how often it was seen.
pub(crate) struct Judgement {
    pub(crate) count: u64,
    /// The policy's verdict; an answer has one only where its request was not seen.
    pub(crate) verdict: Option<Verdict>,
    /// Rules that matched.
    pub(crate) matches: Matches,
    /// Incidents that each such message is one more of.
    pub(crate) incidents: Box<[IncidentId]>,
    /// Nothing to do but count.
    pub(crate) quiet: bool,
}

/// Judgements since the judges were last changed, or since the memory was last full.
#[derive(Default)]
pub(crate) struct Judgements {
    known: HashMap<(EdgeId, u64), JudgementId, RandomState>,
    all: Vec<Judgement>,
    /// Grows when identifiers given out before no longer hold.
    pub(crate) generation: u32,
}

impl Judgements {
    #[inline]
    pub(crate) fn find(&self, edge: EdgeId, signature: u64) -> Option<JudgementId> {
        self.known.get(&(edge, signature)).copied()
    }

    #[inline]
    pub(crate) fn of_mut(&mut self, id: JudgementId) -> Option<&mut Judgement> {
        self.all.get_mut(id.0 as usize)
    }

    pub(crate) fn of(&self, id: JudgementId) -> Option<&Judgement> {
        self.all.get(id.0 as usize)
    }

    pub(crate) fn remember(
        &mut self,
        edge: EdgeId,
        signature: u64,
        judgement: Judgement,
    ) -> JudgementId {
        let id = JudgementId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(judgement);
        self.known.insert((edge, signature), id);
        id
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Judgement> {
        self.all.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.all.clear();
        self.generation = self.generation.wrapping_add(1);
    }
}
