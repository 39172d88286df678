//! What a shard has to say to the desk: whatever is about more than the conversations of one pair of hosts.
//!
//! Shards may run side by side; the desk takes their deeds in the order of the frames that brought them, so that it comes to
//! the same whoever ran where. Steady traffic brings none.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use detect::Feed;
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use model::{Finding, Host, Outcome, Stamp, Timestamp};

use crate::edge::EdgeId;
use crate::incidents::leading;
use crate::inventory::Lesson;
use crate::scene::Scene;

/// An incident as the shard knows it whose messages opened it: the desk keeps which incident that is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Slot(pub(crate) u32);

/// Something for the desk.
pub(crate) enum Deed {
    /// A host showed itself.
    Sighted(Host, Timestamp),
    /// An operation taught something of its two parties.
    Learned(Box<Lesson>),
    /// Something was found in one message.
    Found(Box<Found>),
    /// One more message of an incident.
    Again(Slot, Stamp),
    /// How a message of an incident ended; `None` where nobody answered.
    Ended(Slot, Option<Outcome>),
    /// A message that correlations count.
    Fed(Box<Fed>),
    /// The shard gives out its slots anew.
    Forgot,
}

/// What the judges found in one message.
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    pub(crate) stamp: Stamp,
    pub(crate) scene: Arc<Scene>,
    /// The slot that stands for its incident, where more such messages may come.
    pub(crate) slot: Option<Slot>,
}

/// What one message adds to correlations, and where it was seen.
pub(crate) struct Fed {
    pub(crate) feeds: Vec<Feed>,
    pub(crate) stamp: Stamp,
    pub(crate) scene: Arc<Scene>,
    pub(crate) function: &'static str,
    pub(crate) outcome: Option<Outcome>,
}

/// What a shard has not handed over yet, each with the place of its frame in what is being taken.
#[derive(Default)]
pub(crate) struct Deeds {
    /// The place of the frame that is being taken.
    pub(crate) at: u32,
    list: Vec<(u32, Deed)>,
    /// The slots that were given out, by what their incidents have in common.
    slots: HashMap<(EdgeId, u64), Slot, RandomState>,
}

impl Deeds {
    pub(crate) fn push(&mut self, deed: Deed) {
        self.list.push((self.at, deed));
    }

    /// Says what was found in messages of a kind on an edge; more of them are told by the slot, which is the same for kinds that
    /// are folded into one incident.
    pub(crate) fn found(
        &mut self,
        edge: EdgeId,
        findings: Vec<Finding>,
        stamp: Stamp,
        scene: Arc<Scene>,
    ) -> Slot {
        let rule = leading(&findings).map(|finding| finding.rule.as_str());
        let cause = (scene.part, scene.verb, rule);
        let cause = (edge, self.slots.hasher().hash_one(cause));
        let next = Slot(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        let slot = *self.slots.entry(cause).or_insert(next);
        self.push(Deed::Found(Box::new(Found {
            findings,
            stamp,
            scene,
            slot: Some(slot),
        })));
        slot
    }

    /// Says what was found in one message that tells nothing of others.
    pub(crate) fn found_once(&mut self, findings: Vec<Finding>, stamp: Stamp, scene: Scene) {
        self.push(Deed::Found(Box::new(Found {
            findings,
            stamp,
            scene: Arc::new(scene),
            slot: None,
        })));
    }

    /// Gives out slots anew.
    pub(crate) fn forget(&mut self) {
        if !self.slots.is_empty() {
            self.slots.clear();
            self.push(Deed::Forgot);
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    /// Hands all of them over, in order.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = (u32, Deed)> + '_ {
        self.list.drain(..)
    }
}
