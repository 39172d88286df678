//! What one function touches: runs of cells, and things with names, by area.
//!
//! Bounded: a behaviour keeps at most [`TARGETS`] runs and names. A reader that goes past that reads
//! any of the areas it touches, which then is one fact each (`holding:*`); one that touches as many
//! areas reads anything (`*`). Whoever writes is never given a whole area; what does not fit is not
//! learned.

use std::collections::BTreeMap;

use model::{Operation, Target};

use crate::runs::{Run, Runs};
use crate::seen::{Seen, State};
use crate::text::Text;

/// The most runs and names that are kept of one behaviour.
pub(crate) const TARGETS: usize = 256;

/// Everything that one function of one client touches on one unit.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Targets {
    /// The operation without any target.
    pub(crate) bare: Option<Seen>,
    /// Anything at all.
    pub(crate) all: Option<Seen>,
    pub(crate) areas: BTreeMap<Box<str>, Area>,
}

/// What is touched of an area: `holding`, `DB10`, `ns=2`, `block`, `pi`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Area {
    pub(crate) any: Option<Seen>,
    pub(crate) runs: Runs,
    pub(crate) names: BTreeMap<Box<str>, Seen>,
}

/// What is known of the targets of an operation: the worst of them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Known {
    /// All are normal.
    Normal,
    /// One was seen in learning and awaits approval.
    Pending,
    /// One was never seen.
    New,
}

/// Whether something was learned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Room {
    Enough,
    None,
}

impl Targets {
    /// Learns every target of an operation. Answers whether there was room.
    pub(crate) fn learn(&mut self, operation: &Operation<'_>, seen: &Seen) -> Room {
        let mut room = Room::Enough;
        let mut none = true;
        operation.detail.targets(&mut |target| {
            none = false;
            if self.learn_one(target, seen) == Room::None {
                room = Room::None;
            }
        });
        if none {
            add(&mut self.bare, seen);
        }
        room
    }

    /// What is known of the targets of an operation.
    pub(crate) fn judge(&self, operation: &Operation<'_>) -> Known {
        let mut worst = None;
        operation.detail.targets(&mut |target| {
            worst = worst.max(Some(self.known(target)));
        });
        worst.unwrap_or_else(|| named(self.bare.as_ref()))
    }

    /// What is known of one target.
    pub(crate) fn known(&self, target: Target<'_>) -> Known {
        if let Some(all) = &self.all {
            return named(Some(all));
        }
        let Some(area) = self.areas.get(area_of(target).as_str()) else {
            return Known::New;
        };
        if let Some(any) = &area.any {
            return named(Some(any));
        }
        match cells(target) {
            Some((first, last)) => area.known(first, last),
            None => named(area.names.get(Text::of(target).as_str())),
        }
    }

    fn learn_one(&mut self, target: Target<'_>, seen: &Seen) -> Room {
        if let Some(all) = &mut self.all {
            all.add(seen);
            return Room::Enough;
        }
        let area = area_of(target);
        let full = self.known(target) == Known::New && self.len() >= TARGETS;
        match (full, seen.state == State::Pending) {
            (true, true) => return Room::None,
            (true, false) => self.widen(area.as_str(), seen),
            (false, _) => {}
        }
        if self.all.is_none() && !self.areas.contains_key(area.as_str()) {
            self.areas.insert(area.as_str().into(), Area::default());
        }
        if let Some(area) = self.areas.get_mut(area.as_str()) {
            area.learn(target, seen);
        }
        Room::Enough
    }

    fn len(&self) -> usize {
        let facts =
            |area: &Area| usize::from(area.any.is_some()) + area.runs.len() + area.names.len();
        self.areas.values().map(facts).sum()
    }

    /// Makes one fact of each area, and of one more; where areas are too many, one of all.
    fn widen(&mut self, one_more: &str, seen: &Seen) {
        self.areas.values_mut().for_each(Area::widen);
        if self.areas.len() < TARGETS {
            let area = self.areas.entry(one_more.into()).or_default();
            area.any.get_or_insert_with(|| Seen {
                count: 0,
                ..seen.clone()
            });
            return;
        }
        add(&mut self.all, seen);
        for area in std::mem::take(&mut self.areas).into_values() {
            area.any.iter().for_each(|any| add(&mut self.all, any));
        }
    }
}

impl Area {
    fn known(&self, first: u64, last: u64) -> Known {
        if self
            .runs
            .cover(first, last, |state| *state != State::Pending)
        {
            Known::Normal
        } else if self.runs.cover(first, last, |_| true) {
            Known::Pending
        } else {
            Known::New
        }
    }

    fn learn(&mut self, target: Target<'_>, seen: &Seen) {
        if let Some(any) = &mut self.any {
            return any.add(seen);
        }
        match cells(target) {
            Some((first, last)) if self.known(first, last) != Known::New => {
                self.runs.count(first, seen);
            }
            Some((first, last)) => self.runs.add(Run {
                first,
                last,
                seen: seen.clone(),
            }),
            None => self.name(Text::of(target).as_str(), seen),
        }
    }

    /// Adds a name, or what was seen of it; a state that is there already stays.
    pub(crate) fn name(&mut self, name: &str, seen: &Seen) {
        match self.names.get_mut(name) {
            Some(old) => old.add(seen),
            None => {
                self.names.insert(name.into(), seen.clone());
            }
        }
    }

    fn widen(&mut self) {
        let runs = self.runs.take(|_| true).into_iter().map(|run| run.seen);
        let names = std::mem::take(&mut self.names).into_values();
        for seen in runs.chain(names) {
            let state = State::Learned;
            add(&mut self.any, &Seen { state, ..seen });
        }
    }
}

/// The area that a target lies in.
fn area_of(target: Target<'_>) -> Text {
    match target {
        Target::Cells {
            area,
            block: Some(block),
            ..
        } => Text::of(format_args!("{area}{block}")),
        Target::Cells {
            area, block: None, ..
        } => Text::of(area),
        Target::Block { .. } => Text::of("block"),
        Target::Node { namespace, .. } => Text::of(format_args!("ns={namespace}")),
        Target::Named { kind, .. } => Text::of(kind),
    }
}

/// The cells of a target that has cells; in order, whatever a message says.
const fn cells(target: Target<'_>) -> Option<(u64, u64)> {
    match target {
        Target::Cells { first, last, .. } if first <= last => Some((first, last)),
        Target::Cells { first, last, .. } => Some((last, first)),
        _ => None,
    }
}

fn named(seen: Option<&Seen>) -> Known {
    match seen.map(|seen| &seen.state) {
        None => Known::New,
        Some(State::Pending) => Known::Pending,
        Some(State::Learned | State::Approved { .. }) => Known::Normal,
    }
}

/// Adds what was seen to a fact that may be new.
pub(crate) fn add(fact: &mut Option<Seen>, seen: &Seen) {
    match fact {
        Some(fact) => fact.add(seen),
        None => *fact = Some(seen.clone()),
    }
}
