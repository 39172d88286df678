//! The desk: what spans shards comes together here.
//!
//! Incidents, the inventory, the counts of correlations and the orders that never came are kept once, whatever number of shards
//! there is. Deeds are taken in the order of the frames that brought them.

use std::collections::BTreeSet;
use std::sync::Arc;

use detect::{Correlations, Rules};
use model::{Stamp, Tally, Timestamp};
use policy::Policy;

use crate::deed::{Deed, Fed, Found, Slot};
use crate::incidents::{IncidentId, Incidents};
use crate::inventory::Inventory;
use crate::journal;
use crate::mirror::Book;
use crate::scene::Scene;
use crate::shard::Shard;

/// What spans shards.
pub(crate) struct Desk {
    pub(crate) incidents: Incidents,
    pub(crate) inventory: Inventory,
    pub(crate) tally: Tally,
    rules: Option<Arc<Rules>>,
    correlations: Correlations,
    /// For each shard which incident each of its slots stands for.
    slots: Vec<Vec<IncidentId>>,
    /// Orders that were said to have never come.
    missed: BTreeSet<String>,
}

impl Desk {
    pub(crate) fn new(
        incidents: Incidents,
        inventory: Inventory,
        rules: Option<Arc<Rules>>,
        shards: usize,
    ) -> Self {
        let mut desk = Self {
            incidents,
            inventory,
            tally: Tally::default(),
            rules: None,
            correlations: Correlations::default(),
            slots: vec![Vec::new(); shards],
            missed: BTreeSet::new(),
        };
        desk.judge_by(rules);
        desk
    }

    /// Counts by other rules from now on.
    pub(crate) fn judge_by(&mut self, rules: Option<Arc<Rules>>) {
        self.correlations = rules.as_deref().map(Correlations::new).unwrap_or_default();
        self.rules = rules;
    }

    /// Takes what shards have to say, by the order of the frames that brought it, then by shard.
    pub(crate) fn take(&mut self, shards: &mut [Shard]) {
        let mut deeds = shards.iter_mut().map(Shard::deeds).enumerate();
        let mut speaking = deeds.by_ref().filter(|(_, deeds)| !deeds.is_empty());
        let Some((first, only)) = speaking.next() else {
            return;
        };
        let Some(second) = speaking.next() else {
            return only.drain().for_each(|(_, deed)| self.hear(first, deed));
        };
        let mut all = Vec::new();
        let speaking: Vec<_> = [(first, only), second]
            .into_iter()
            .chain(speaking)
            .collect();
        for (shard, deeds) in speaking {
            all.extend(deeds.drain().map(|(at, deed)| (at, shard, deed)));
        }
        // it is stable: what one shard said of one frame stays in order
        all.sort_by_key(|(at, shard, _)| (*at, *shard));
        for (_, shard, deed) in all {
            self.hear(shard, deed);
        }
    }

    fn hear(&mut self, shard: usize, deed: Deed) {
        match deed {
            Deed::Sighted(host, at) => self.inventory.sight(host, at, &mut self.tally),
            Deed::Learned(lesson) => self.inventory.learn(*lesson, &mut self.tally),
            Deed::Found(found) => self.found(shard, *found),
            Deed::Again(slot, stamp) => {
                if let Some(incident) = self.slot(shard, slot.0) {
                    let incident = self.incidents.again(incident, stamp);
                    self.stands_for(shard, slot.0, incident);
                }
            }
            Deed::Ended(slot, outcome) => {
                if let Some(incident) = self.slot(shard, slot.0) {
                    self.incidents.end(incident, outcome);
                }
            }
            Deed::Fed(fed) => self.correlate(*fed),
            Deed::Forgot => self.slots.get_mut(shard).into_iter().for_each(Vec::clear),
        }
    }

    fn slot(&self, shard: usize, slot: u32) -> Option<IncidentId> {
        self.slots.get(shard)?.get(slot as usize).copied()
    }

    fn stands_for(&mut self, shard: usize, slot: u32, incident: IncidentId) {
        let slots = self.slots.get_mut(shard);
        if let Some(known) = slots.and_then(|slots| slots.get_mut(slot as usize)) {
            *known = incident;
        }
    }

    fn found(&mut self, shard: usize, found: Found) {
        let Found {
            findings,
            stamp,
            scene,
            slot,
        } = found;
        let incident = self
            .incidents
            .fold(findings, stamp, &scene, &mut self.tally);
        if let (Some(Slot(slot)), Some(slots)) = (slot, self.slots.get_mut(shard)) {
            // slots are given out in order
            if slots.len() <= slot as usize {
                slots.push(IncidentId::NONE);
            }
            self.stands_for(shard, slot, incident.unwrap_or(IncidentId::NONE));
        }
    }

    fn correlate(&mut self, fed: Fed) {
        let Some(rules) = self.rules.clone() else {
            return;
        };
        let Fed {
            feeds,
            stamp,
            scene,
            function,
            outcome,
        } = fed;
        for rule in self.correlations.count(&rules, &feeds, stamp.time) {
            let finding = rules.finding(rule, function);
            // it tells of many messages, and of others than the next one
            let incident = self
                .incidents
                .fold(vec![finding], stamp, &scene, &mut self.tally);
            if let Some(incident) = incident {
                self.incidents.end(incident, outcome);
            }
        }
    }

    /// Says which work orders are over and never came; `watched` is the time that was.
    pub(crate) fn settle_orders(
        &mut self,
        policy: &Policy,
        watched: (Timestamp, Timestamp),
        shards: &[Shard],
    ) {
        for terms in policy.permits() {
            let is_idle = |shard: &Shard| shard.judging().journal.is_idle(terms.order);
            let is_missed = journal::is_over(&terms, watched)
                && shards.iter().all(is_idle)
                && self.missed.insert(terms.order.to_owned());
            if is_missed {
                let stamp = Stamp::at(watched.1);
                let finding = journal::unused(&terms, policy.version());
                let scene = Scene::of_subject(Some(terms.order));
                self.incidents
                    .fold(vec![finding], stamp, &scene, &mut self.tally);
            }
        }
    }

    /// Where the mirror's faults are written down.
    pub(crate) const fn book(&mut self) -> Book<'_> {
        Book {
            incidents: &mut self.incidents,
            tally: &mut self.tally,
        }
    }
}
