//! From behaviours to statements: what one client may ask of one server, in as few statements as say it exactly.

use std::collections::{BTreeMap, BTreeSet};

use model::{Unit, Verb};

use super::Exactness;
use super::behaviour::{Behaviour, Key, Values};
use super::cast::{Cast, Id};
use super::evidence::Seen;
use super::ladder;
use super::manner::{Pace, Sessions, Wanted};
use super::touched::Touched;
use super::traffic::Traffic;
use super::yaml;

/// What a statement says, without how often it was seen: equal shapes of several pairs become one statement.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Shape {
    pub(super) protocol: &'static str,
    pub(super) verbs: BTreeSet<Verb>,
    /// The functions that it is limited to; none where its verbs say enough.
    pub(super) functions: BTreeSet<&'static str>,
    /// The units that it is limited to; none where it is for all, or for an asset that is one unit.
    pub(super) units: BTreeSet<Unit>,
    /// The targets that it is limited to.
    pub(super) targets: Option<Vec<String>>,
    /// The sessions that it is limited to.
    pub(super) session: Wanted,
}

/// What was seen of a statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    pub(super) seen: Seen,
    pub(super) touched: Touched,
    pub(super) functions: BTreeSet<&'static str>,
    pub(super) values: Values,
    pub(super) sessions: Sessions,
    pub(super) pace: Pace,
}

/// The statements of one pair, and their evidence.
pub(super) type Statements = BTreeMap<Shape, Evidence>;

/// Who asks whom.
pub(super) type Pair = (Id, Id);

/// What cannot be stated, or whose meaning nobody knows.
pub(super) struct Unstated {
    pub(super) pair: Pair,
    pub(super) key: Key,
    pub(super) count: u64,
    pub(super) why: &'static str,
}

impl Unstated {
    /// What it is, in words.
    pub(super) fn words(&self, cast: &Cast) -> String {
        let (client, server) = self.pair;
        let Key {
            protocol,
            verb,
            function,
            ..
        } = self.key;
        let (client, server) = (
            yaml::comment(cast.name(client)),
            yaml::comment(cast.name(server)),
        );
        let times = if self.count == 1 {
            "once".to_owned()
        } else {
            format!("{} times", self.count)
        };
        format!(
            "{client} to {server}: {protocol} `{verb}` by {function}, {times}: {}",
            self.why
        )
    }
}

/// The statements of every pair.
pub(super) struct Shaped {
    pub(super) granted: BTreeMap<Pair, Statements>,
    pub(super) proposed: BTreeMap<Pair, Statements>,
    pub(super) unstated: Vec<Unstated>,
    pub(super) allowed: u64,
    pub(super) proposed_count: u64,
}

/// What behaviours are put together by before their targets are looked at.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Kind {
    protocol: &'static str,
    unit: Option<Unit>,
    verb: Verb,
    function: Option<&'static str>,
}

impl Shaped {
    pub(super) fn of(traffic: &Traffic, cast: &Cast, exactness: Exactness) -> Self {
        let mut kinds: BTreeMap<Pair, BTreeMap<Kind, Evidence>> = BTreeMap::new();
        let mut unstated = Vec::new();
        for (key, behaviour) in &traffic.behaviours {
            let ends = cast.host(key.client).zip(cast.server(key.server, key.unit));
            let Some((client, (server, is_part))) = ends else {
                continue;
            };
            let pair = (client, server);
            let mut leave = |count, why| {
                if count > 0 {
                    unstated.push(Unstated {
                        pair,
                        key: *key,
                        count,
                        why,
                    });
                }
            };
            leave(
                behaviour.unstated.count,
                "no statement can name what it touches",
            );
            if key.verb == Verb::Other && traffic.is_nameless(key) {
                leave(behaviour.seen.count, "nobody knows what it means");
            } else if behaviour.seen.count > 0 {
                let kind = Kind::of(key, is_part);
                let evidence = kinds.entry(pair).or_default().entry(kind).or_default();
                evidence.add(key, behaviour, traffic);
            }
        }
        let mut shaped = Self {
            granted: BTreeMap::new(),
            proposed: BTreeMap::new(),
            unstated,
            allowed: 0,
            proposed_count: 0,
        };
        for (pair, kinds) in kinds {
            shaped.add(pair, kinds, traffic, exactness);
        }
        shaped
    }

    fn add(
        &mut self,
        pair: Pair,
        kinds: BTreeMap<Kind, Evidence>,
        traffic: &Traffic,
        exactness: Exactness,
    ) {
        let (dangerous, harmless): (Vec<_>, Vec<_>) = kinds
            .into_iter()
            .partition(|(kind, _)| kind.verb.is_dangerous());
        let count = |kinds: &[(Kind, Evidence)]| -> u64 {
            kinds.iter().map(|(_, evidence)| evidence.seen.count).sum()
        };
        self.allowed += count(&harmless);
        self.proposed_count += count(&dangerous);
        for (all, kinds) in [
            (&mut self.granted, harmless),
            (&mut self.proposed, dangerous),
        ] {
            if !kinds.is_empty() {
                all.insert(pair, statements(kinds, traffic, exactness));
            }
        }
    }
}

impl Kind {
    fn of(key: &Key, is_part: bool) -> Self {
        let plain = matches!(
            key.verb,
            Verb::Connect | Verb::Identify | Verb::Browse | Verb::Read | Verb::Subscribe
        );
        Self {
            protocol: key.protocol,
            unit: key.unit.filter(|_| !is_part),
            verb: key.verb,
            function: (!plain).then_some(key.function),
        }
    }
}

impl Evidence {
    fn add(&mut self, key: &Key, behaviour: &Behaviour, traffic: &Traffic) {
        self.seen.join(&behaviour.seen);
        self.touched.join(&behaviour.touched, &traffic.bounds);
        self.functions.insert(key.function);
        self.values.join(&behaviour.values);
        self.sessions.join(&behaviour.sessions);
        self.pace.beside(&behaviour.pace);
    }

    /// Adds what was seen of the same statement elsewhere.
    pub(super) fn join(&mut self, other: &Self, traffic: &Traffic) {
        self.seen.join(&other.seen);
        self.touched.join(&other.touched, &traffic.bounds);
        self.functions.extend(&other.functions);
        self.values.join(&other.values);
        self.sessions.join(&other.sessions);
        self.pace.like(&other.pace);
    }

    /// Adds another part of the same pair's statement.
    fn beside(&mut self, other: &Self, traffic: &Traffic) {
        let mut pace = self.pace.clone();
        pace.beside(&other.pace);
        self.join(other, traffic);
        self.pace = pace;
    }
}

fn statements(kinds: Vec<(Kind, Evidence)>, traffic: &Traffic, exactness: Exactness) -> Statements {
    let single = kinds.into_iter().map(|(kind, evidence)| {
        let shape = Shape {
            protocol: kind.protocol,
            verbs: BTreeSet::from([kind.verb]),
            functions: kind.function.into_iter().collect(),
            units: kind.unit.into_iter().collect(),
            targets: ladder::rung(&evidence.touched, exactness, &traffic.words).targets,
            session: session(kind, &evidence, traffic),
        };
        (shape, evidence)
    });
    let by_unit = folded(
        single,
        traffic,
        |shape| {
            let units = std::mem::take(&mut shape.units);
            let limited = !units.is_empty();
            (units, limited)
        },
        |shape, units| shape.units.extend(units),
    );
    folded(
        by_unit.into_iter(),
        traffic,
        |shape| {
            let limited = !shape.functions.is_empty();
            let both = (
                std::mem::take(&mut shape.verbs),
                std::mem::take(&mut shape.functions),
            );
            (both, limited)
        },
        |shape, (verbs, functions)| {
            shape.verbs.extend(verbs);
            shape.functions.extend(functions);
        },
    )
}

/// What a statement asks of sessions. What opens a conversation cannot show yet what it will be.
fn session(kind: Kind, evidence: &Evidence, traffic: &Traffic) -> Wanted {
    if kind.verb == Verb::Connect {
        return Wanted::default();
    }
    let mut words = traffic.words.iter().copied();
    let of = words.find(|of| of.name == kind.protocol);
    evidence.sessions.wanted(of)
}

/// Makes one statement of those that are the same but for what `take` takes out of them, which `give` gives back together. What is
/// limited in it and what is not stay apart.
fn folded<T>(
    all: impl Iterator<Item = (Shape, Evidence)>,
    traffic: &Traffic,
    take: impl Fn(&mut Shape) -> (T, bool),
    give: impl Fn(&mut Shape, T),
) -> Statements {
    let mut parts: BTreeMap<(Shape, bool), (Vec<T>, Evidence)> = BTreeMap::new();
    for (mut shape, evidence) in all {
        let (part, limited) = take(&mut shape);
        let (taken, known) = parts.entry((shape, limited)).or_default();
        taken.push(part);
        known.beside(&evidence, traffic);
    }
    let whole = parts
        .into_iter()
        .map(|((mut shape, _), (taken, evidence))| {
            taken.into_iter().for_each(|part| give(&mut shape, part));
            (shape, evidence)
        });
    whole.collect()
}
