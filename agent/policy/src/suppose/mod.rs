//! An operation that nobody sent: supposed by a person who asks what the policy would say of it.
//!
//! It has all that a decoded message would show, so that the judge that judges the wire judges it too: there is no second judge
//! whose answers could differ. Targets and values are owned (`thing`). What people write of it becomes one in `words`
//! and `said`, and who takes part in `party`; comparing policies makes its witnesses with [`Supposed::new`].
//!
//! Left out: what a session has said before. Each is judged as the first of its kind, or after so many of its like as it says.

mod party;
mod raw_value;
mod said;
mod thing;
mod words;

use std::fmt;

use model::{
    Detail, Event, Finding, Function, Host, Operation, Request, Stage, Stamp, Target, Timestamp,
    Unit, Value, Verdict, Written,
};
use serde::{Serialize, Serializer};

use crate::edge::Edge;
use crate::policy::Policy;
use crate::standing::Standing;

pub(crate) use thing::{Put, Thing};
pub(crate) use words::{Asked, KEYS};

/// An operation that nobody sent.
#[derive(Clone, Debug)]
pub struct Supposed {
    pub(crate) client: Host,
    pub(crate) server: Host,
    pub(crate) protocol: &'static str,
    pub(crate) function: Function,
    pub(crate) stage: Stage,
    pub(crate) unit: Option<Unit>,
    pub(crate) things: Vec<Thing>,
    /// What is put where; each of these is among `things`, too.
    pub(crate) written: Vec<(Thing, Put)>,
    /// What it shows of its session, by the names of the vocabularies' fields.
    pub(crate) shown: Vec<(&'static str, Shown)>,
    pub(crate) at: Timestamp,
    /// How many of its like went before it at the same moment.
    pub(crate) after: u32,
    /// How what the words left open was chosen.
    pub(crate) notes: Vec<String>,
}

/// What a field of a session shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Shown {
    Truth(bool),
    Text(String),
}

impl Supposed {
    /// A request from the first host to the second that touches nothing yet.
    pub(crate) const fn new(
        [client, server]: [Host; 2],
        protocol: &'static str,
        function: Function,
        at: Timestamp,
    ) -> Self {
        Self {
            client,
            server,
            protocol,
            function,
            stage: Stage::Request,
            unit: None,
            things: Vec::new(),
            written: Vec::new(),
            shown: Vec::new(),
            at,
            after: 0,
            notes: Vec::new(),
        }
    }

    /// It is for this part of the server.
    pub(crate) const fn for_unit(mut self, unit: Option<Unit>) -> Self {
        self.unit = unit;
        self
    }

    /// It touches this, too.
    pub(crate) fn on(mut self, thing: Thing) -> Self {
        self.things.push(thing);
        self
    }

    /// It touches this, and puts something there.
    pub(crate) fn put(mut self, thing: Thing, put: Put) -> Self {
        self.written.push((thing.clone(), put));
        self.on(thing)
    }

    /// It shows this of its session.
    pub(crate) fn showing(mut self, field: &'static str, value: Shown) -> Self {
        self.shown.push((field, value));
        self
    }

    /// When it would be.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// How what the words left open was chosen: a host for its zone, a function for its verb.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What a policy says of it.
    pub fn judge(&self, policy: &Policy) -> Verdict {
        self.judged(policy).0
    }

    /// What a policy says of it, with the edge and the standing that it was judged by.
    pub(crate) fn judged(&self, policy: &Policy) -> (Verdict, Edge, Standing) {
        let [client, server] = [self.client, self.server].map(|host| policy.place(&host));
        let edge = policy.edge(client, server, self.protocol);
        let mut standing = Standing::default();
        let operation = self.operation();
        for _ in 0..self.after {
            policy.judge(&edge, &mut standing, &operation, self.at);
        }
        let verdict = policy.judge(&edge, &mut standing, &operation, self.at);
        (verdict, edge, standing)
    }

    /// The finding that it would be, where its verdict is one.
    pub fn finding(&self, policy: &Policy) -> Option<Finding> {
        let (verdict, edge, standing) = self.judged(policy);
        let operation = self.operation();
        let event = self.event(policy, &edge, &operation);
        policy.finding(&edge, &standing, &event, verdict)
    }

    /// The message that it would be.
    pub(crate) fn operation(&self) -> Operation<'_> {
        let answers = Request {
            signature: 0,
            asked: self.stamp(),
        };
        Operation {
            protocol: self.protocol,
            stage: self.stage,
            function: self.function,
            unit: self.unit,
            outcome: None,
            signature: 0,
            answers: (self.stage == Stage::Response).then_some(answers),
            detail: self,
        }
    }

    /// The event that it would be.
    pub(crate) fn event<'a>(
        &self,
        policy: &'a Policy,
        edge: &Edge,
        operation: &'a Operation<'a>,
    ) -> Event<'a> {
        Event {
            stamp: self.stamp(),
            client: policy.party(self.client, policy.place(&self.client)),
            server: policy.party(self.server, edge.server(self.unit)),
            server_port: 0,
            operation,
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp::at(self.at)
    }
}

impl Detail for Supposed {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        self.things.iter().for_each(|thing| see(thing.target()));
    }

    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        // an answer is judged as its request is, which showed it
        let written = self.written.iter();
        written.for_each(|(thing, put)| see(thing.target(), put.written()));
    }

    fn field(&self, name: &str) -> Option<Value<'_>> {
        let (_, shown) = self.shown.iter().find(|(field, _)| *field == name)?;
        Some(match shown {
            Shown::Truth(truth) => Value::Bool(*truth),
            Shown::Text(text) => text.as_str().into(),
        })
    }
}

impl Serialize for Supposed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads as `modbus write_single_register (write) of holding:40 = 900 from 10.0.0.1 to 10.0.0.2, unit 1`.
impl fmt::Display for Supposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Function { name, verb, .. } = self.function;
        write!(f, "{} {name} ({verb})", self.protocol)?;
        for (place, thing) in self.things.iter().enumerate() {
            let before = if place == 0 { "of" } else { "and" };
            write!(f, " {before} {}", thing.target())?;
            if let Some((_, put)) = self.written.iter().find(|(of, _)| of == thing) {
                write!(f, " = {put}")?;
            }
        }
        write!(f, " from {} to {}", self.client, self.server)?;
        self.unit.map_or(Ok(()), |unit| write!(f, ", {unit}"))?;
        for (field, shown) in &self.shown {
            match shown {
                Shown::Truth(truth) => write!(f, ", {field} {truth}")?,
                Shown::Text(text) => write!(f, ", {field} `{text}`")?,
            }
        }
        match self.stage {
            Stage::Request => Ok(()),
            stage => write!(f, ", {}", stage.name()),
        }
    }
}
