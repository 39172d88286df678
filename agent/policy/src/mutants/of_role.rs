//! The changes of the limit that a role is.

use super::Made;
use super::live::Live;
use crate::names::id;
use crate::policy::Role;
use crate::space::RoleId;
use crate::verbs::VerbSet;

impl Made<'_> {
    /// Every change of the role at a place that changes a verdict: what a role may do and no statement carries is a violation
    /// with or without it.
    pub(super) fn of_role(&mut self, place: usize, live: &Live<'_>) {
        let Some(role) = self.policy.roles.get(place) else {
            return;
        };
        let wanted = live.wanted(RoleId(id(place)));
        let sum = |verbs: &dyn Fn(&str, VerbSet) -> VerbSet| {
            let all = wanted.iter();
            all.fold(VerbSet::NONE, |set, (protocol, wanted)| {
                set.union(verbs(protocol, *wanted))
            })
        };
        let used = sum(&|protocol, wanted| wanted.intersection(role.verbs(protocol)));
        let refused = sum(&|protocol, wanted| wanted.without(role.verbs(protocol)));
        self.role(
            !refused.is_empty(),
            place,
            "without limit",
            role.with(|_| VerbSet::ALL),
        );
        let shadow = Role {
            shadow: !role.shadow,
            ..role.clone()
        };
        let what = if role.shadow {
            "out of shadow"
        } else {
            "in shadow"
        };
        self.role(!refused.is_empty(), place, what, shadow);
        for verb in used.iter() {
            let gone = VerbSet::NONE.with(verb);
            let less = role.with(|verbs| verbs.without(gone));
            self.role(true, place, format!("without verb `{verb}`"), less);
        }
        if !used.union(refused).is_empty() {
            let flipped = role.with(|verbs| VerbSet::ALL.without(verbs));
            self.role(true, place, "with all other verbs", flipped);
        }
    }
}

impl Role {
    fn with(&self, change: impl Fn(VerbSet) -> VerbSet) -> Self {
        let protocols = self.protocols.iter();
        Self {
            verbs: change(self.verbs),
            protocols: protocols
                .map(|(name, verbs)| (*name, change(*verbs)))
                .collect(),
            ..self.clone()
        }
    }

    /// Whether it allows nothing that another does not. Of a role in shadow it is not known.
    pub(super) fn is_less_of(&self, other: &Self) -> bool {
        let mut protocols = self.protocols.iter().zip(other.protocols.iter());
        let fewer = |own: VerbSet, others: VerbSet| own.without(others).is_empty();
        !self.shadow
            && fewer(self.verbs, other.verbs)
            && protocols.all(|((_, own), (_, others))| fewer(*own, *others))
    }
}
