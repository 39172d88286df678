//! The changes of one statement.

use model::{Verb, Vocabulary};

use super::Made;
use super::live::Live;
use crate::policy::Grant;
use crate::rate::Rate;
use crate::reach::Units;
use crate::session::Session;
use crate::verbs::{Class, VerbSet};
use crate::when::When;
use crate::words::Protocols;

impl Made<'_> {
    /// Every change of the statement at a place.
    pub(super) fn of_grant(&mut self, place: usize, live: &Live<'_>) {
        let Some(grant) = self.policy.grants.get(place) else {
            return;
        };
        let (verbs, open) = (live.verbs(grant), live.open(grant));
        // where it allows nothing that anybody can do, nothing that it says matters
        self.grant(!verbs.is_empty(), place, "dropped", grant.dropped());
        if !verbs.is_empty() {
            self.narrow(place, grant, verbs);
            self.flip(place, grant, open);
            self.protocols(place, grant, live);
            self.limits(place, grant, verbs);
            self.terms(place, grant);
        }
        let more = open.without(grant.verbs);
        let counts = !more.is_empty() && grant.functions.is_none();
        let any = grant.with_verbs(VerbSet::ALL);
        self.grant(counts, place, "with any verb", any);
    }

    /// One verb less; of `any` one class of verbs less.
    fn narrow(&mut self, place: usize, grant: &Grant, verbs: VerbSet) {
        if grant.verbs == VerbSet::ALL {
            for class in Class::ALL {
                let of_class = Verb::ALL
                    .into_iter()
                    .filter(|verb| Class::of(*verb) == class);
                let gone = of_class.fold(VerbSet::NONE, VerbSet::with);
                if verbs.intersection(gone).is_empty() {
                    continue;
                }
                let less = grant.with_verbs(grant.verbs.without(gone));
                self.grant(
                    true,
                    place,
                    format!("without the verbs that {}", class.name()),
                    less,
                );
            }
            return;
        }
        let single = grant.verbs.iter().count() == 1;
        for verb in grant.verbs.iter().filter(|_| !single) {
            let less = grant.with_verbs(grant.verbs.without(VerbSet::NONE.with(verb)));
            let counts = verbs.contains(verb);
            self.grant(counts, place, format!("without verb `{verb}`"), less);
        }
    }

    /// The other verbs, and shadow where there was none.
    fn flip(&mut self, place: usize, grant: &Grant, open: VerbSet) {
        let others = VerbSet::ALL.without(grant.verbs);
        if !open.without(grant.verbs).is_empty() && grant.functions.is_none() {
            self.grant(
                true,
                place,
                "with all other verbs",
                grant.with_verbs(others),
            );
        }
        let shadow = Grant {
            shadow: !grant.shadow,
            ..grant.clone()
        };
        let what = if grant.shadow {
            "out of shadow"
        } else {
            "in shadow"
        };
        self.grant(true, place, what, shadow);
    }

    fn protocols(&mut self, place: usize, grant: &Grant, live: &Live<'_>) {
        let (own, others): (Vec<_>, Vec<_>) =
            live.all().partition(|of| grant.protocols.contain(of.name));
        let decides = |of: &&'static Vocabulary| {
            let verbs = live.open_over(grant, of).intersection(grant.verbs);
            !verbs.is_empty()
        };
        if !others.is_empty() {
            let any = grant.with_protocols(Protocols::Any);
            // of its functions other protocols have none
            let counts = grant.functions.is_none() && others.iter().any(decides);
            self.grant(counts, place, "for any protocol", any);
        }
        for of in own.iter().filter(|_| own.len() > 1) {
            let rest = own.iter().map(|other| other.name);
            let rest = rest.filter(|name| *name != of.name);
            let less = grant.with_protocols(Protocols::These(rest.collect()));
            let what = format!("without protocol `{}`", of.name);
            self.grant(decides(of), place, what, less);
        }
    }

    /// Functions, units, targets and values.
    fn limits(&mut self, place: usize, grant: &Grant, verbs: VerbSet) {
        if let Some(functions) = &grant.functions {
            let mut all = grant.clone();
            all.functions = None;
            self.grant(true, place, "with all functions of its verbs", all);
            for name in functions.iter().filter(|_| functions.len() > 1) {
                let mut less = grant.clone();
                let rest = functions.iter().copied().filter(|other| other != name);
                less.functions = Some(rest.collect());
                self.grant(true, place, format!("without function `{name}`"), less);
            }
        }
        if let Some(units) = &grant.units {
            let mut all = grant.clone();
            all.units = None;
            self.grant(true, place, "with all units", all);
            let list: Vec<_> = units.iter().collect();
            if list.len() > 1 {
                let mut half = grant.clone();
                half.units = Some(Units::of(list.iter().copied().take(list.len() / 2)));
                self.grant(true, place, "without half of its units", half);
            }
        }
        if let Some(targets) = &grant.targets {
            let mut all = grant.clone();
            all.targets = None;
            self.grant(true, place, "with all targets", all);
            for (what, targets) in targets.smaller(MAX_PIECES) {
                let mut less = grant.clone();
                less.targets = Some(targets);
                self.grant(true, place, what, less);
            }
        }
        if let Some(values) = &grant.values {
            let counts = verbs.contains(Verb::Write);
            let mut all = grant.clone();
            all.values = None;
            self.grant(counts, place, "with all values", all);
            for (what, values) in values.smaller() {
                let mut less = grant.clone();
                less.values = Some(values);
                self.grant(counts, place, what, less);
            }
        }
    }

    /// Session, time and rate.
    fn terms(&mut self, place: usize, grant: &Grant) {
        if let Some(session) = &grant.session {
            for (what, less) in fewer_asks(session) {
                let mut wider = grant.clone();
                wider.session = (less != Session::default()).then_some(less);
                self.grant(true, place, what, wider);
            }
        }
        if let Some(when) = grant.when {
            if when.schedule.is_some() {
                let mut always = grant.clone();
                always.when = Some(When {
                    schedule: None,
                    ..when
                });
                self.grant(true, place, "at any time of the week", always);
            }
            // a permit's period is changed as a whole
            let permit = self.policy.permit_of(grant);
            if permit.is_none_or(|permit| permit.period != when.period) {
                for (what, period) in when.period.changes() {
                    let mut other = grant.clone();
                    other.when = Some(When { period, ..when });
                    self.grant(true, place, what, other);
                }
            }
        }
        if let Some(rate) = grant.rate {
            let mut often = grant.clone();
            often.rate = None;
            self.grant(true, place, "at any rate", often);
            if rate.requests > 1 {
                let mut seldom = grant.clone();
                let requests = rate.requests - 1;
                seldom.rate = Some(Rate { requests, ..rate });
                self.grant(true, place, "one request less", seldom);
            }
        }
    }
}

/// What a session must be, with one demand less each.
fn fewer_asks(session: &Session) -> Vec<(&'static str, Session)> {
    let without = |change: fn(&mut Session)| {
        let mut less = session.clone();
        change(&mut less);
        less
    };
    let all = [
        ("without encryption", without(|it| it.encrypted = false)),
        ("with any security mode", without(|it| it.modes = None)),
        ("with any security policy", without(|it| it.policies = None)),
        ("with any identity", without(|it| it.identities = None)),
        ("for any user", without(|it| it.users = None)),
        ("with any certificate", without(|it| it.certificates = None)),
        ("for any application", without(|it| it.applications = None)),
    ];
    all.into_iter()
        .filter(|(_, less)| less != session)
        .collect()
}

impl Grant {
    fn with_verbs(&self, verbs: VerbSet) -> Self {
        Self {
            verbs,
            ..self.clone()
        }
    }

    fn with_protocols(&self, protocols: Protocols) -> Self {
        Self {
            protocols,
            ..self.clone()
        }
    }

    /// As if it did not stand there.
    fn dropped(&self) -> Self {
        Self {
            verbs: VerbSet::NONE,
            protocols: Protocols::These(Box::default()),
            ..self.clone()
        }
    }

    /// Whether it allows nothing that another does not: it is dropped, in shadow, or has fewer of the other's verbs and nothing
    /// else is changed. Of other changes it is not known.
    pub(super) fn is_less_of(&self, other: &Self) -> bool {
        let rest = Self {
            verbs: other.verbs,
            shadow: other.shadow,
            ..self.clone()
        };
        let fewer = self.verbs.without(other.verbs).is_empty() && (self.shadow || !other.shadow);
        self.is_dropped() || (fewer && format!("{rest:?}") == format!("{other:?}"))
    }

    /// Whether it is as if it did not stand there.
    pub(crate) fn is_dropped(&self) -> bool {
        self.verbs.is_empty()
            && matches!(&self.protocols, Protocols::These(names) if names.is_empty())
    }
}

/// The most pieces of a statement's targets that are tried.
const MAX_PIECES: usize = 32;
