//! A policy as what a packet filter can hold of it: sets of addresses and ports.
//!
//! Every rule allows; what no rule allows is denied, so their order means nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::{Place, Service, Side, StatementId, Transport, Verb};

use super::Permits;
use super::labels::Labels;
use super::limits::period;
use super::places::{Class, classes};
use super::residue::{self, Residue};
use super::set::AddressSet;
use super::ways::{Join, Reach, joins};
use crate::policy::{Grant, Policy, at};
use crate::space::RoleId;

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
    pub protocols: BTreeSet<&'static str>,
    /// From when until when a work order lets it pass; nothing ends the rule by itself.
    pub period: Option<String>,
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
    pub fn of(policy: &Policy, services: &[Service], permits: Permits) -> Self {
        let classes = classes(policy);
        let mut made = Made {
            policy,
            services,
            classes: &classes,
            labels: Labels::of(policy, &classes),
            rules: Vec::new(),
            residue: Vec::new(),
            said: BTreeSet::new(),
        };
        for join in joins(policy, &classes, permits) {
            made.add(&join);
        }
        made.residue.extend(residue::of_permits(policy, permits));
        made.residue.extend(residue::of_hosts(policy));
        made.residue.extend(residue::of_tags(policy));
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
    /// Adds what goes the same way for another reason: inside a zone, and in a conduit of both
    /// directions, everybody is both.
    fn merge(&mut self, other: Self) {
        for (transport, ports) in other.ports {
            self.ports.entry(transport).or_default().extend(ports);
        }
        self.protocols.extend(other.protocols);
        self.at.extend(other.at);
        self.at.sort();
        self.at.dedup();
        if other.opener == Side::Client {
            self.opener = Side::Client;
        }
    }
}

/// The ruleset while it is made.
struct Made<'a> {
    policy: &'a Policy,
    services: &'a [Service],
    classes: &'a [Class],
    labels: Labels,
    rules: Vec<Rule>,
    residue: Vec<Residue>,
    /// The statements whose residue is said.
    said: BTreeSet<u32>,
}

/// Who sends to whom, and who of them opens the conversation.
#[derive(Eq, PartialEq)]
struct Parties {
    clients: Vec<usize>,
    servers: Vec<usize>,
    opener: Side,
}

/// What statements allow some parties.
#[derive(Default)]
struct Draft {
    grants: BTreeSet<u32>,
    protocols: BTreeSet<&'static str>,
    ports: Ports,
}

impl Made<'_> {
    fn add(&mut self, join: &Join) {
        let mut drafts: Vec<(Parties, Draft)> = Vec::new();
        let mut used = BTreeSet::new();
        for service in self.services {
            for (parties, grants) in self.parties(join, service) {
                used.extend(grants.iter().copied());
                if service.transport != Transport::Ethernet {
                    draft(&mut drafts, parties, service, grants);
                }
            }
        }
        for (parties, draft) in drafts {
            self.add_rule(join, &parties, draft);
        }
        self.add_residue(join, &used);
    }

    fn add_residue(&mut self, join: &Join, used: &BTreeSet<u32>) {
        if join.is_open_ended() {
            let first = join.grants.start;
            let residue = residue::of_nobody(self.policy, &join.title, first);
            self.residue.push(residue);
            return;
        }
        for id in join.grants.clone() {
            let grant = self.policy.grant(StatementId(id));
            let is_shadow = grant.is_some_and(|grant| grant.shadow);
            if (is_shadow || used.contains(&id)) && self.said.insert(id) {
                self.residue.extend(residue::of_statement(self.policy, id));
            }
        }
    }

    fn add_rule(&mut self, join: &Join, parties: &Parties, draft: Draft) {
        let clients = self.union(&parties.clients);
        let servers = self.union(&parties.servers);
        let first = draft.grants.first().copied().unwrap_or_default();
        if !clients.meets(&servers) {
            if !clients.is_empty() && !servers.is_empty() {
                let residue = residue::of_families(self.policy, &join.title, first);
                self.residue.push(residue);
            }
            return;
        }
        let mut name = |set, end: &str| {
            let otherwise = format!("{end} of {}", join.title);
            self.labels.place(set, &otherwise)
        };
        let (from, to) = (name(clients, "clients"), name(servers, "servers"));
        let (from, to) = match parties.opener {
            Side::Client => (from, to),
            Side::Server => (to, from),
        };
        let places = draft.grants.iter().map(|id| place(self.policy, *id));
        let rule = Rule {
            title: join.title.clone(),
            owner: join.owner.clone(),
            at: places.collect(),
            protocols: draft.protocols,
            period: period(self.policy, first),
            opener: parties.opener,
            from,
            to,
            ports: draft.ports,
        };
        let mut same = self.rules.iter_mut();
        let same = same.find(|it| (&it.title, it.from, it.to) == (&rule.title, from, to));
        match same {
            Some(known) => known.merge(rule),
            None => self.rules.push(rule),
        }
    }

    /// Who may use a service with whom, and the statements that let them.
    fn parties(&self, join: &Join, service: &Service) -> Vec<(Parties, BTreeSet<u32>)> {
        let mut by_clients: BTreeMap<_, (BTreeSet<usize>, BTreeSet<u32>)> = BTreeMap::new();
        for (reach, servers) in &join.servers {
            let (clients, grants) = self.users(join, service, *reach);
            if !clients.is_empty() {
                let (known, by) = by_clients.entry(clients).or_default();
                known.extend(servers);
                by.extend(grants);
            }
        }
        let parties = by_clients.into_iter().map(|(clients, (servers, grants))| {
            let parties = Parties {
                clients,
                servers: servers.into_iter().collect(),
                opener: service.opener,
            };
            (parties, grants)
        });
        parties.collect()
    }

    /// The clients that may use a service in some manner, and the statements that let them.
    fn users(&self, join: &Join, service: &Service, reach: Reach) -> (Vec<usize>, BTreeSet<u32>) {
        let mut known: BTreeMap<Option<RoleId>, Vec<u32>> = BTreeMap::new();
        let (mut clients, mut grants) = (Vec::new(), BTreeSet::new());
        for client in &join.clients {
            let Some(class) = self.classes.get(*client) else {
                continue;
            };
            let role = class.placed.role;
            let letting = known.entry(role).or_insert_with(|| {
                let ids = join.grants.clone();
                ids.filter(|id| self.lets(*id, service, role, reach))
                    .collect()
            });
            if !letting.is_empty() {
                clients.push(*client);
                grants.extend(letting.iter().copied());
            }
        }
        (clients, grants)
    }

    /// Whether a statement lets a client with a role do anything at all by a service.
    fn lets(&self, id: u32, service: &Service, role: Option<RoleId>, reach: Reach) -> bool {
        let Some(grant) = self.policy.grant(StatementId(id)) else {
            return false;
        };
        let protocol = service.vocabulary.name;
        // A work order lets its client play another role, or any.
        let role = match self.policy.permit_of(grant) {
            Some(permit) => permit.role,
            None => role,
        };
        let role = role.and_then(|role| at(&self.policy.roles, role.0));
        let able = |verb| role.is_none_or(|role| role.verbs(protocol).contains(verb));
        let mut functions = service.functions.iter();
        !grant.shadow
            && grant.protocols.contain(protocol)
            && reach.is_within(grant, protocol, self.policy)
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

/// Adds what statements allow by a service to what the same parties may do by others.
fn draft(
    drafts: &mut Vec<(Parties, Draft)>,
    parties: Parties,
    service: &Service,
    grants: BTreeSet<u32>,
) {
    let place = drafts.iter().position(|(of, _)| *of == parties);
    let place = place.unwrap_or_else(|| {
        drafts.push((parties, Draft::default()));
        drafts.len() - 1
    });
    if let Some((_, draft)) = drafts.get_mut(place) {
        draft.grants.extend(grants);
        draft.protocols.insert(service.vocabulary.name);
        let ports = draft.ports.entry(service.transport).or_default();
        ports.insert(service.port);
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
