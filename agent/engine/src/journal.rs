//! What came of the work orders: which operations each permit covered, and which orders never came.
//!
//! Time is capture time. An order counts as never come only where its whole period was watched. Work that is
//! done again is counted by memory, and takes none.

use std::collections::BTreeMap;

use foldhash::quality::RandomState;
use hashbrown::HashMap;
use model::{Because, Event, Finding, Kind, Response, Severity, StatementId, Timestamp, Verb};
use policy::{PermitTerms, Policy};
use serde::Serialize;

use crate::edge::EdgeId;

/// What a work order covered so far.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// Its name.
    pub order: String,
    /// The file of the policy that states it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// From when it allows.
    pub from: Option<Timestamp>,
    /// The first moment at which it allows no longer.
    pub until: Option<Timestamp>,
    /// How many operations it covered.
    pub operations: u64,
    /// When it covered the first one.
    pub first: Option<Timestamp>,
    /// When it covered the last one.
    pub last: Option<Timestamp>,
    /// What it covered, by who did what to whom.
    pub work: Vec<Work>,
    /// Operations of more kinds than are listed.
    pub unlisted: u64,
}

/// One kind of work that was done under an order.
#[derive(Clone, Debug, Serialize)]
pub struct Work {
    /// Who asked.
    pub client: String,
    /// Who answered.
    pub server: String,
    /// Over which protocol.
    pub protocol: &'static str,
    /// What it meant.
    pub verb: Verb,
    /// By which function.
    pub function: &'static str,
    /// What it touched first.
    pub target: Option<String>,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
}

type Doing = (
    String,
    String,
    &'static str,
    Verb,
    &'static str,
    Option<String>,
);

/// What happened under one order.
#[derive(Clone, Debug, Default)]
struct Entry {
    operations: u64,
    span: Option<(Timestamp, Timestamp)>,
    // INVARIANT: at most `WORK_LIMIT` different kinds; the rest is only counted.
    work: Vec<(Doing, (u64, Timestamp, Timestamp))>,
    unlisted: u64,
}

/// What came of every work order, by its name: orders outlive the policy that is reloaded.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    orders: BTreeMap<String, Entry>,
    /// The place in an order's work of what was noted before; none of what is not listed.
    known: HashMap<(EdgeId, u64, StatementId), Option<usize>, RandomState>,
}

impl Journal {
    /// Writes down an operation that a statement allowed, if the statement is a permit's.
    pub(crate) fn note(
        &mut self,
        policy: &Policy,
        edge: EdgeId,
        to: StatementId,
        event: &Event<'_>,
    ) {
        let Some(terms) = policy.order(to) else {
            return;
        };
        if !self.orders.contains_key(terms.order) {
            self.orders.insert(terms.order.to_owned(), Entry::default());
        }
        let Some(entry) = self.orders.get_mut(terms.order) else {
            return;
        };
        let now = event.stamp.time;
        entry.see(now);
        let key = (edge, event.operation.signature, to);
        let known = self.known.entry(key);
        let place = *known.or_insert_with(|| entry.place(doing(event), now));
        entry.count(place, now);
    }

    /// Forgets which edges there were: what is done on new ones is looked up once more.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }

    /// Whether nothing was done under an order so far.
    pub(crate) fn is_idle(&self, order: &str) -> bool {
        self.orders
            .get(order)
            .is_none_or(|entry| entry.operations == 0)
    }

    /// Takes in what another noted.
    pub(crate) fn add(&mut self, other: &Self) {
        for (order, entry) in &other.orders {
            self.orders.entry(order.clone()).or_default().add(entry);
        }
    }

    /// What each order of a policy covered.
    pub(crate) fn orders(&self, policy: Option<&Policy>) -> Vec<Order> {
        let permits = policy.into_iter().flat_map(Policy::permits);
        permits.map(|terms| self.order(&terms)).collect()
    }

    fn order(&self, terms: &PermitTerms<'_>) -> Order {
        let mut entry = self.orders.get(terms.order).cloned().unwrap_or_default();
        entry.work.sort();
        Order {
            order: terms.order.to_owned(),
            file: terms.file.to_owned(),
            line: terms.line,
            from: terms.from,
            until: terms.until,
            operations: entry.operations,
            first: entry.span.map(|(first, _)| first),
            last: entry.span.map(|(_, last)| last),
            work: entry.work.into_iter().map(work).collect(),
            unlisted: entry.unlisted,
        }
    }
}

impl Entry {
    /// One more operation under this order.
    fn see(&mut self, now: Timestamp) {
        self.operations += 1;
        let (first, last) = self.span.unwrap_or((now, now));
        self.span = Some((first.min(now), last.max(now)));
    }

    /// The place of a kind of work, which gets one where there is room.
    fn place(&mut self, doing: Doing, now: Timestamp) -> Option<usize> {
        let known = self.work.iter().position(|(known, _)| *known == doing);
        if known.is_some() || self.work.len() >= WORK_LIMIT {
            return known;
        }
        self.work.push((doing, (0, now, now)));
        Some(self.work.len() - 1)
    }

    fn add(&mut self, other: &Self) {
        self.operations += other.operations;
        self.unlisted += other.unlisted;
        if let Some((first, last)) = other.span {
            let (since, until) = self.span.unwrap_or((first, last));
            self.span = Some((since.min(first), until.max(last)));
        }
        for (doing, (count, first, last)) in &other.work {
            let place = self.place(doing.clone(), *first);
            match place.and_then(|place| self.work.get_mut(place)) {
                Some((_, (known, since, until))) => {
                    *known += count;
                    *since = (*since).min(*first);
                    *until = (*until).max(*last);
                }
                None => self.unlisted += count,
            }
        }
    }

    fn count(&mut self, place: Option<usize>, now: Timestamp) {
        match place.and_then(|place| self.work.get_mut(place)) {
            Some((_, (count, _, last))) => {
                *count += 1;
                *last = now.max(*last);
            }
            None => self.unlisted += 1,
        }
    }
}

fn doing(event: &Event<'_>) -> Doing {
    let mut target = None;
    event.operation.detail.targets(&mut |shown| {
        target.get_or_insert_with(|| shown.to_string());
    });
    let function = event.operation.function;
    let name = |party: &model::Party<'_>| match (party.asset, party.host.ip) {
        (Some(asset), _) => asset.to_owned(),
        (None, Some(ip)) => ip.to_string(),
        (None, None) => party
            .host
            .mac
            .map_or_else(String::new, |mac| mac.to_string()),
    };
    (
        name(&event.client),
        name(&event.server),
        event.operation.protocol,
        function.verb,
        function.name,
        target,
    )
}

fn work((doing, (count, first, last)): (Doing, (u64, Timestamp, Timestamp))) -> Work {
    let (client, server, protocol, verb, function, target) = doing;
    Work {
        client,
        server,
        protocol,
        verb,
        function,
        target,
        count,
        first,
        last,
    }
}

/// Whether an order is over that was watched from its beginning to its end.
pub(crate) fn is_over(terms: &PermitTerms<'_>, (first, last): (Timestamp, Timestamp)) -> bool {
    terms.from.is_some_and(|from| first <= from) && terms.until.is_some_and(|until| last >= until)
}

/// The finding for an order under which nothing was done.
pub(crate) fn unused(terms: &PermitTerms<'_>, version: &str) -> Finding {
    Finding {
        kind: Kind::Policy,
        rule: "policy.permit_unused".to_owned(),
        title: format!("work order {} never came", terms.order),
        severity: Severity::Low,
        confidence: 100,
        because: Because {
            reason: format!(
                "permit `{}` is over, and nothing that it allows was seen while it held",
                terms.order
            ),
            file: Some(terms.file.to_owned()),
            line: Some(terms.line),
            policy_version: Some(version.to_owned()),
            would_be_allowed_if: None,
        },
        technique: None,
        response: Response {
            owner: terms.owner.to_owned(),
            action: "ask whether the work was put off, or done another way than over the network \
                     that is watched; then renew the permit or take it out"
                .to_owned(),
            consequence: "planned work may have been done where nobody sees it".to_owned(),
            respond_within: "2d".to_owned(),
        },
    }
}

/// The most kinds of work that are listed for an order.
const WORK_LIMIT: usize = 256;
