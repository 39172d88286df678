//! What changes between two policies: classes of operations that become allowed or denied, with a witness each.
//!
//! Both policies cut everything that can be asked (hosts, functions, units, times, sessions, targets, values, rates)
//! into classes that neither tells apart; of each class one operation, the [`Witness`], is judged by both with the
//! judge that the sensor uses, so that the comparison cannot disagree with it. Only hosts that a changed statement
//! joins are looked at.
//!
//! - `hosts`: hosts of every kind; `pairs`: which of them to compare; `prints`: what means the same;
//! - `tree`, `walk`, `touch`, `rates`: the classes between two hosts; `moments`, `sessions`, `targets`, `values`: what times,
//!   sessions, targets and values there are; `usual`: how witnesses become like traffic;
//! - `rows`, `naming`, `class`: the classes in few words; `asked`: an operation of which the outline is known.
//!
//! Compared are requests that were seen whole, with one target and one value; answers are judged as their requests,
//! and of a message with several targets each must be allowed. Left out: a write that covers several tags with
//! limits at once, values of single bits within registers beyond all-off and all-on, and times before the moment
//! from which is compared. What of that could matter is said ([`Difference::left_out`]), and so is what is not compared because a
//! bound is reached ([`Difference::gaps`]).

mod asked;
mod class;
pub(crate) mod hosts;
mod left_out;
mod moments;
mod naming;
pub(crate) mod pairs;
mod prints;
mod rates;
mod rows;
mod sessions;
mod targets;
mod touch;
pub(crate) mod tree;
mod usual;
mod values;
mod walk;
mod witness;

use std::collections::BTreeSet;

use model::{Timestamp, Verdict, Vocabulary};
use serde::Serialize;

use crate::policy::{Policy, at};
use class::rank;
use hosts::{Point, points};
use naming::Naming;
use pairs::{Members, Pairs};
use rows::{Like, Row};
use targets::Listed;
use tree::{Ground, Leaf};

pub use asked::Asked;
pub use class::{Change, Class, Said, Turn};
pub use witness::Witness;

/// How two policies differ.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// In one word.
    pub difference: Turn,
    /// What becomes allowed, what becomes denied, and what is decided otherwise.
    pub classes: Vec<Class>,
    /// What was not compared, because there is too much of it.
    pub gaps: Vec<String>,
    /// What no comparison asks, where one of these policies could decide it.
    pub left_out: Vec<&'static str>,
    #[cfg(test)]
    #[serde(skip)]
    pub(crate) points: Vec<Point>,
}

/// What was not looked at, each once.
#[derive(Debug, Default)]
pub(crate) struct Gaps(BTreeSet<&'static str>);

impl Gaps {
    pub(crate) fn add(&mut self, what: &'static str) {
        self.0.insert(what);
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.iter().map(|text| (*text).to_owned()).collect()
    }
}

impl Policy {
    /// What a verdict of this policy says, and where that stands.
    pub fn said(&self, verdict: Verdict) -> Said {
        said(self, verdict)
    }

    /// How this policy differs from an older one, from a moment on. `words` is what the sensor's protocols can name.
    pub fn difference(
        &self,
        old: &Self,
        words: &[&'static Vocabulary],
        from: Timestamp,
    ) -> Difference {
        let policies = [old, self];
        let mut gaps = Gaps::default();
        let points = points(policies, &mut gaps);
        let members = [Members::of(old, &points, 0), Members::of(self, &points, 1)];
        let pairs = Pairs::of(policies, &points, &members, &|_| 0);
        let changed = pairs.changed(&mut gaps);
        let mut comparison = Comparison {
            ground: Ground::of(policies, from, &mut gaps),
            points: &points,
            words,
            gaps,
            rows: Vec::new(),
        };
        for pair in changed {
            comparison.compare(pair);
        }
        let Comparison { gaps, rows, .. } = comparison;
        let naming = Naming {
            policies,
            points: &points,
            members: &members,
        };
        let rows = rows::merged(rows);
        let classes: Vec<Class> = rows.into_iter().map(|row| class(row, &naming)).collect();
        Difference {
            difference: turn(&classes),
            classes,
            gaps: gaps.texts(),
            left_out: left_out::left_out(policies),
            #[cfg(test)]
            points,
        }
    }
}

fn turn(classes: &[Class]) -> Turn {
    let any = |change| classes.iter().any(|class| class.change == change);
    match (any(Change::Allowed), any(Change::Denied)) {
        (false, false) => Turn::Equivalent,
        (true, false) => Turn::Wider,
        (false, true) => Turn::Narrower,
        (true, true) => Turn::Both,
    }
}

struct Comparison<'a> {
    ground: Ground<'a>,
    points: &'a [Point],
    words: &'a [&'static Vocabulary],
    gaps: Gaps,
    rows: Vec<Row>,
}

impl Comparison<'_> {
    fn compare(&mut self, (clients, servers): pairs::Pair<'_>) {
        let first = |list: &[u32]| list.first().and_then(|id| at(self.points, *id));
        let (Some(client), Some(server)) = (first(clients), first(servers)) else {
            return;
        };
        for words in self.words {
            let Some(lanes) = self.ground.lanes(client, server, words) else {
                continue;
            };
            if lanes.are_alike() {
                continue;
            }
            let rows = &mut self.rows;
            let policies = self.ground.policies;
            lanes.walk(&mut self.gaps, &mut |leaf| {
                rows.extend(row(policies, leaf, clients, servers));
                rows.len() < MAX_ROWS
            });
        }
        if self.rows.len() >= MAX_ROWS {
            self.gaps.add("all changes: there are too many to list");
        }
    }
}

/// A class of operations of which the policies say different things.
fn row(policies: [&Policy; 2], leaf: Leaf, clients: &[u32], servers: &[u32]) -> Option<Row> {
    let [old, new] = policies;
    let [was, now] = leaf.verdicts;
    let ends = Change::of(was, now);
    let allowed = rank(now) > 0;
    let (was, now) = (said(old, was), said(new, now));
    let change = match ends {
        Some(change) => change,
        None if allowed && was.statement != now.statement => Change::Otherwise,
        None => return None,
    };
    Some(Row {
        like: Like {
            change,
            was,
            now,
            clients: clients.to_vec(),
            servers: servers.to_vec(),
            texts: leaf.texts,
        },
        witness: leaf.witness,
        count: 1,
    })
}

pub(crate) fn said(policy: &Policy, verdict: Verdict) -> Said {
    let (reason, of) = match verdict {
        Verdict::Conforms { to } => (None, Some(to)),
        Verdict::Shadow { of } => (None, Some(of)),
        Verdict::Violates { because, of } => (Some(because.name()), of),
        Verdict::Unzoned { side } => (Some(side.name()), None),
        Verdict::Unknown { .. } => (None, None),
    };
    let statement = of.map(|id| policy.statement(id));
    Said {
        verdict: verdict.name(),
        reason,
        statement: statement.map(|it| it.conduit.to_owned()),
        file: statement.map(|it| it.file.to_owned()),
        line: statement.map(|it| it.line),
    }
}

fn class(row: Row, naming: &Naming<'_>) -> Class {
    let Row { like, witness, .. } = row;
    let texts = like.texts;
    let set = |list: &[u32]| list.iter().copied().collect::<BTreeSet<u32>>();
    Class {
        change: like.change,
        from: naming.texts(&set(&like.clients), true),
        to: naming.texts(&set(&like.servers), false),
        protocol: texts.protocol,
        verbs: texts.verbs,
        functions: texts.functions,
        units: rows::units(&texts.units),
        targets: Listed(&texts.targets).texts(),
        values: texts.values,
        sessions: texts.session,
        times: texts.times,
        rates: texts.rate,
        was: like.was,
        now: like.now,
        explain: witness.arguments(),
        witness,
        #[cfg(test)]
        ends: [like.clients, like.servers],
    }
}

/// How many classes are kept before they are merged.
const MAX_ROWS: usize = 200_000;
