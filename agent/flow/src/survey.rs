//! A look over all flows: what only many of them together tell about the mirror port.
//!
//! It visits every flow and is meant to be taken every few seconds; frames pay nothing for it.

use std::iter::Sum;
use std::ops::RangeInclusive;

use model::{Timestamp, Transport};

use crate::Flows;
use crate::table::{Class, Slot};

/// How many of the flows that spoke lately are of which kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Survey {
    /// TCP conversations that came to be: more than an unanswered SYN.
    pub talking: u64,
    /// Those of which frames of one end only were ever seen.
    pub one_sided: u64,
    /// Flows that began with a VLAN tag.
    pub tagged: u64,
    /// Flows whose newest frame came from another source than their first.
    pub split: u64,
}

impl<S: Default> Flows<S> {
    /// Looks over all flows whose newest frame came within `span`: not those either that were last heard before a clock was set
    /// back, and seem ahead of it.
    pub fn survey(&self, span: &RangeInclusive<Timestamp>) -> Survey {
        let mut survey = Survey::default();
        for slot in self.table.iter() {
            if span.contains(&slot.conversation.last.time) {
                survey.add(slot);
            }
        }
        survey
    }
}

impl Sum for Survey {
    fn sum<I: Iterator<Item = Self>>(surveys: I) -> Self {
        surveys.fold(Self::default(), |sum, survey| Self {
            talking: sum.talking + survey.talking,
            one_sided: sum.one_sided + survey.one_sided,
            tagged: sum.tagged + survey.tagged,
            split: sum.split + survey.split,
        })
    }
}

impl Survey {
    fn add<S>(&mut self, slot: &Slot<S>) {
        let came_to_be = match slot.class {
            Class::Established | Class::Closed => slot.flow.transport == Transport::Tcp,
            Class::Brief => slot.conversation.is_ended(Class::Brief),
            Class::Datagram => false,
        };
        self.talking += u64::from(came_to_be);
        self.one_sided += u64::from(came_to_be && slot.conversation.is_one_sided());
        self.tagged += u64::from(slot.flow.vlans.innermost().is_some());
        self.split += u64::from(slot.opened_on != slot.conversation.last.source());
    }
}
