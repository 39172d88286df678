//! The changes of a permit beside those of its statements and its ends: what its client plays, and when it holds.

use super::live::Live;
use super::{Change, Made};
use crate::names::id;
use crate::policy::{Conduit, Grant, Permit, PermitId, at};
use crate::when::{Period, When};

impl Made<'_> {
    /// Every change of the permit at a place.
    pub(super) fn of_permit(&mut self, place: usize, live: &Live<'_>) {
        let policy = self.policy;
        let Some(permit) = policy.permits.get(place) else {
            return;
        };
        let title = || (permit.name.clone(), permit.at);
        if permit.role.is_some() {
            let counts = live.is_bound(PermitId(id(place)));
            let what = "whatever its client plays";
            self.push(counts, title(), what, place, Change::Plays(None));
        }
        let conduit = policy.conduit_of_permit(PermitId(id(place)));
        for (what, period) in permit.period.changes() {
            let Some(conduit) = conduit else { continue };
            let grants = self.valid(permit, conduit, period);
            let first = usize::try_from(conduit.grants.0).unwrap_or(usize::MAX);
            self.push(true, title(), what, first, Change::Grants(grants));
        }
    }

    /// The statements of a permit with another period, but for those that have one of their own.
    fn valid(&self, permit: &Permit, conduit: &Conduit, period: Period) -> Vec<Grant> {
        let ids = conduit.grants.0..conduit.grants.1;
        let grants = ids.filter_map(|id| at(&self.policy.grants, id)).cloned();
        grants
            .map(|mut grant| {
                if let Some(when) = grant.when.filter(|when| when.period == permit.period) {
                    grant.when = Some(When { period, ..when });
                }
                grant
            })
            .collect()
    }
}

impl crate::policy::Policy {
    /// The conduit that a permit is.
    fn conduit_of_permit(&self, permit: PermitId) -> Option<&Conduit> {
        let mut grants = self.grants.iter();
        let grant = grants.find(|grant| grant.permit == Some(permit))?;
        self.conduit_of(grant)
    }
}

impl Live<'_> {
    /// Whether the role that a permit's client plays keeps it from anything that the permit's statements carry.
    fn is_bound(&self, permit: PermitId) -> bool {
        let policy = self.policy();
        let role = at(&policy.permits, permit.0).and_then(|it| policy.role_at(it.role?));
        let grants = policy.grants.iter().filter(|it| it.permit == Some(permit));
        let mut pairs = grants.flat_map(|grant| {
            let own = self.all().filter(|of| grant.protocols.contain(of.name));
            own.map(move |of| (grant, of))
        });
        pairs.any(|(grant, of)| {
            let carried = super::live::verbs_of(of).intersection(grant.verbs);
            role.is_some_and(|role| !carried.without(role.verbs(of.name)).is_empty())
        })
    }
}
