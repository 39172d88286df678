//! A policy as what a packet filter can hold of it: sets of addresses and ports.
//!
//! Every rule allows; what no rule allows is denied, so their order means nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::Range;

use model::{Place, Service, Side, StatementId, Transport, Verb};

use super::labels::Labels;
use super::places::{Class, classes};
use super::residue::{self, Residue};
use super::set::AddressSet;
use crate::index::ConduitId;
use crate::policy::{Grant, Placed, Policy, at};
use crate::space::{RoleId, ZoneId};

/// The part of a policy that a packet filter can hold.
#[derive(Clone, Debug)]
pub struct Ruleset {
    /// The site's name.
    pub site: String,
    /// The version of the policy.
    pub version: String,
    /// The ports that protocols are told by.
    pub services: Vec<Service>,
    /// The sets of addresses that the rules name, no two alike.
    pub sets: Vec<Named>,
    /// What may pass.
    pub rules: Vec<Rule>,
    pub(super) residue: Vec<Residue>,
}

/// A set of addresses with a name of the policy.
#[derive(Clone, Debug)]
pub struct Named {
    /// Such as `asset hmi-1` or `zone office`.
    pub label: String,
    /// The addresses.
    pub addresses: AddressSet,
}

/// Packets that may open a conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule {
    /// The conduit, or `within` and the zone's name.
    pub title: String,
    /// Who answers for it.
    pub owner: String,
    /// The statements that ask for it.
    pub at: Vec<Place>,
    /// The protocols that it is for.
    pub protocols: Vec<&'static str>,
    /// Which end of the conduit sends the first packet: publishers are servers.
    pub opener: Side,
    /// Who sends the first packet, by place in [`Ruleset::sets`].
    pub from: usize,
    /// Who gets it.
    pub to: usize,
    /// The ports that it goes to, by transport, in order.
    pub ports: Ports,
}

/// Ports by transport, in order.
pub type Ports = BTreeMap<Transport, BTreeSet<u16>>;

impl Ruleset {
    /// What a packet filter can hold of a policy, where protocols are told by the ports of `services`.
    pub fn of(policy: &Policy, services: &[Service]) -> Self {
        let classes = classes(policy);
        let mut made = Made {
            policy,
            services,
            classes: &classes,
            labels: Labels::of(policy, &classes),
            rules: Vec::new(),
            residue: Vec::new(),
        };
        for way in ways(policy, &classes) {
            made.add(&way);
        }
        made.residue.extend(residue::of_hosts(policy));
        made.residue.extend(residue::of_roles(policy, &made.rules));
        Self {
            site: policy.site.name.clone(),
            version: policy.version.clone(),
            services: services.to_vec(),
            sets: made.labels.into_used(),
            rules: made.rules,
            residue: made.residue,
        }
    }

    /// Whether the filter lets the first packet of a conversation pass.
    pub fn admits(&self, from: IpAddr, to: IpAddr, transport: Transport, port: u16) -> bool {
        let has = |set: usize, ip| self.set(set).contains(ip);
        self.rules.iter().any(|rule| {
            let ports = rule.ports.get(&transport);
            ports.is_some_and(|ports| ports.contains(&port))
                && has(rule.from, from)
                && has(rule.to, to)
        })
    }

    pub(super) fn set(&self, place: usize) -> &AddressSet {
        self.sets.get(place).map_or(&EMPTY, |set| &set.addresses)
    }
}

impl Rule {
    /// Adds what the servers send: inside a zone everybody is both.
    fn merge(&mut self, ports: Ports) {
        for (transport, ports) in ports {
            self.ports.entry(transport).or_default().extend(ports);
        }
    }
}

/// Statements that join the same clients with the same servers.
struct Way {
    title: String,
    owner: String,
    /// Places in the list of classes.
    clients: Vec<usize>,
    servers: Vec<usize>,
    grants: Range<u32>,
}

/// Everything that joins two parties: zones inside, then conduits.
fn ways(policy: &Policy, classes: &[Class]) -> Vec<Way> {
    let mut ways: Vec<_> = (0..)
        .zip(&policy.zones)
        .filter_map(|(id, zone)| {
            let within = zone.within?;
            let members = places(classes, |placed| is_within(policy, placed, ZoneId(id)));
            Some(Way {
                title: format!("within {}", zone.name),
                owner: zone.owner.as_ref().unwrap_or(&policy.site.owner).clone(),
                clients: members.clone(),
                servers: members,
                grants: within.0..within.0 + 1,
            })
        })
        .collect();
    let mut from: BTreeMap<ConduitId, Vec<usize>> = BTreeMap::new();
    let mut to = from.clone();
    for (place, class) in classes.iter().enumerate() {
        for way in policy.index.leaving(class.placed) {
            from.entry(way).or_default().push(place);
        }
        let entering = personas(policy, class.placed).into_iter();
        let entering: BTreeSet<_> = entering
            .flat_map(|persona| policy.index.entering(persona))
            .collect();
        for way in entering {
            to.entry(way).or_default().push(place);
        }
    }
    let conduits = (0..).map(ConduitId).zip(&policy.conduits);
    ways.extend(conduits.map(|(id, conduit)| {
        let first = policy.grant(StatementId(conduit.grants.0));
        Way {
            title: first.map_or_else(String::new, |grant| grant.title.clone()),
            owner: conduit
                .duty
                .owner
                .as_ref()
                .unwrap_or(&policy.site.owner)
                .clone(),
            clients: from.remove(&id).unwrap_or_default(),
            servers: to.remove(&id).unwrap_or_default(),
            grants: conduit.grants.0..conduit.grants.1,
        }
    }));
    ways
}

/// Whether what a zone says of traffic inside it is for a host.
fn is_within(_policy: &Policy, placed: Placed, zone: ZoneId) -> bool {
    placed.zone == Some(zone)
}

/// Everything that the policy calls a host when it is asked.
fn personas(_policy: &Policy, placed: Placed) -> Vec<Placed> {
    vec![placed]
}

fn places(classes: &[Class], fits: impl Fn(Placed) -> bool) -> Vec<usize> {
    let fitting = classes.iter().enumerate();
    let fitting = fitting.filter(|(_, class)| fits(class.placed));
    fitting.map(|(place, _)| place).collect()
}

/// The ruleset while it is made.
struct Made<'a> {
    policy: &'a Policy,
    services: &'a [Service],
    classes: &'a [Class],
    labels: Labels,
    rules: Vec<Rule>,
    residue: Vec<Residue>,
}

/// What one way allows some of its clients.
#[derive(Default)]
struct Draft {
    grants: BTreeSet<u32>,
    protocols: BTreeSet<&'static str>,
    ports: Ports,
}

impl Made<'_> {
    fn add(&mut self, way: &Way) {
        let mut drafts: Vec<((Vec<usize>, Side), Draft)> = Vec::new();
        let mut used = BTreeSet::new();
        for service in self.services {
            let (clients, grants) = self.users(way, service);
            if clients.is_empty() {
                continue;
            }
            used.extend(grants.iter().copied());
            if service.transport == Transport::Ethernet {
                continue;
            }
            let key = (clients, service.opener);
            let place = drafts.iter().position(|(of, _)| *of == key);
            let place = place.unwrap_or_else(|| {
                drafts.push((key, Draft::default()));
                drafts.len() - 1
            });
            if let Some((_, draft)) = drafts.get_mut(place) {
                draft.grants.extend(grants);
                draft.protocols.insert(service.vocabulary.name);
                let ports = draft.ports.entry(service.transport).or_default();
                ports.insert(service.port);
            }
        }
        for ((clients, opener), draft) in drafts {
            self.add_rule(way, &clients, opener, draft);
        }
        let grants = way.grants.clone().filter(|id| used.contains(id));
        for id in grants.filter(|_| !way.clients.is_empty() && !way.servers.is_empty()) {
            self.residue.extend(residue::of_statement(self.policy, id));
        }
        if way.clients.is_empty() || way.servers.is_empty() {
            self.residue.push(residue::of_nobody(
                self.policy,
                &way.title,
                way.grants.start,
            ));
        }
    }

    fn add_rule(&mut self, way: &Way, clients: &[usize], opener: Side, draft: Draft) {
        let (clients, servers) = (self.union(clients), self.union(&way.servers));
        if !clients.meets(&servers) {
            let first = draft.grants.first().copied().unwrap_or_default();
            if !clients.is_empty() && !servers.is_empty() {
                let residue = residue::of_families(self.policy, &way.title, first);
                self.residue.push(residue);
            }
            return;
        }
        let from = self
            .labels
            .place(clients, &format!("clients of {}", way.title));
        let to = self
            .labels
            .place(servers, &format!("servers of {}", way.title));
        let (from, to) = match opener {
            Side::Client => (from, to),
            Side::Server => (to, from),
        };
        let mut same = self.rules.iter_mut();
        let same = same.find(|rule| (&rule.title, rule.from, rule.to) == (&way.title, from, to));
        if let Some(rule) = same {
            rule.merge(draft.ports);
            return;
        }
        self.rules.push(Rule {
            title: way.title.clone(),
            owner: way.owner.clone(),
            at: draft
                .grants
                .iter()
                .map(|id| place(self.policy, *id))
                .collect(),
            protocols: draft.protocols.into_iter().collect(),
            opener,
            from,
            to,
            ports: draft.ports,
        });
    }

    /// The clients of a way that may use a service in some manner, and the statements that let them.
    fn users(&self, way: &Way, service: &Service) -> (Vec<usize>, BTreeSet<u32>) {
        let mut known: BTreeMap<Option<RoleId>, Vec<u32>> = BTreeMap::new();
        let (mut clients, mut grants) = (Vec::new(), BTreeSet::new());
        for client in &way.clients {
            let Some(class) = self.classes.get(*client) else {
                continue;
            };
            let role = class.placed.role;
            let letting = known.entry(role).or_insert_with(|| {
                let ids = way.grants.clone();
                ids.filter(|id| self.lets(*id, service, role)).collect()
            });
            if !letting.is_empty() {
                clients.push(*client);
                grants.extend(letting.iter().copied());
            }
        }
        (clients, grants)
    }

    /// Whether a statement lets a client with a role do anything at all by a service.
    fn lets(&self, id: u32, service: &Service, role: Option<RoleId>) -> bool {
        let Some(grant) = self.policy.grant(StatementId(id)) else {
            return false;
        };
        let protocol = service.vocabulary.name;
        let role = role.and_then(|role| at(&self.policy.roles, role.0));
        let able = |verb| role.is_none_or(|role| role.verbs(protocol).contains(verb));
        let mut functions = service.functions.iter();
        grant.protocols.contain(protocol)
            && functions.any(|function| {
                grant.verbs.contains(function.verb)
                    && able(function.verb)
                    && names(grant, function.name)
                    && touches(grant, function.verb, service)
            })
    }

    fn union(&self, places: &[usize]) -> AddressSet {
        let classes = places.iter().filter_map(|place| self.classes.get(*place));
        AddressSet::of(classes.flat_map(|class| class.addresses.all()))
    }
}

fn names(grant: &Grant, function: &str) -> bool {
    let functions = grant.functions.as_ref();
    functions.is_none_or(|names| names.contains(&function))
}

/// Whether the statement's targets leave the verb anything on the protocol: what always touches
/// something needs one of the protocol's own.
fn touches(grant: &Grant, verb: Verb, service: &Service) -> bool {
    let needs_one = matches!(verb, Verb::Write | Verb::Call | Verb::Delete);
    let targets = grant.targets.as_ref().filter(|_| needs_one);
    targets.is_none_or(|targets| targets.reach(service.vocabulary))
}

/// The place of a statement.
pub(super) fn place(policy: &Policy, id: u32) -> Place {
    let spot = policy
        .grant(StatementId(id))
        .map_or(policy.site.at, |grant| grant.at);
    policy.files.place(spot)
}

static EMPTY: AddressSet = AddressSet::EMPTY;
