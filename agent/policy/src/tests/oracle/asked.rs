//! A message that is asked about: as the sensor would see it, and as a person would suppose it.

use std::hash::{DefaultHasher, Hash, Hasher};

use model::{
    Detail, Function, Host, Operation, Request, Stage, Target, Timestamp, Unit, Value, Written,
};
use serde::{Serialize, Serializer};

use crate::Supposed;
use crate::pattern::Key;
use crate::suppose::{Put, Shown, Thing};

#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) client: Host,
    pub(super) server: Host,
    pub(super) protocol: &'static str,
    pub(super) function: Function,
    pub(super) unit: Option<Unit>,
    pub(super) targets: Vec<Target<'static>>,
    /// What is put where; nothing where no value is shown.
    pub(super) written: Vec<(Target<'static>, Wrote)>,
    /// What it shows of its session.
    pub(super) shown: Vec<(&'static str, &'static str)>,
    pub(super) encrypted: bool,
    pub(super) stage: Stage,
    /// Whether its request was seen, where it is an answer.
    pub(super) answers: bool,
    pub(super) at: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wrote {
    Put(Put),
    Other,
    Unseen,
}

impl Asked {
    /// Whether it answers a request that was not seen.
    pub(super) fn is_orphan(&self) -> bool {
        self.stage == Stage::Response && !self.answers
    }

    /// The protocol whose statements are for it.
    pub(super) fn governing(&self) -> &'static str {
        if self.protocol == "cotp" {
            "s7"
        } else {
            self.protocol
        }
    }

    pub(super) fn operation(&self) -> Operation<'_> {
        let request = Request {
            signature: 0,
            asked: model::Stamp::default(),
        };
        Operation {
            protocol: self.protocol,
            stage: self.stage,
            function: self.function,
            unit: self.unit,
            outcome: None,
            signature: self.signature(),
            answers: (self.stage == Stage::Response && self.answers).then_some(request),
            detail: self,
        }
    }

    /// What a decoder makes of it: everything but values.
    fn signature(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let message = (self.protocol, self.stage.name(), self.function, self.unit);
        (message, &self.targets, &self.shown, self.encrypted).hash(&mut hasher);
        hasher.finish()
    }

    /// The same as a person would suppose it; none where nobody can say it.
    pub(super) fn supposed(&self, after: u32) -> Option<Supposed> {
        if self.is_orphan() {
            return None;
        }
        let ends = [self.client, self.server];
        let mut said =
            Supposed::new(ends, self.protocol, self.function, self.at).for_unit(self.unit);
        said.things = self.targets.iter().map(thing).collect();
        for (target, wrote) in &self.written {
            let Wrote::Put(put) = wrote else { return None };
            said.written.push((thing(target), put.clone()));
        }
        for (field, text) in &self.shown {
            said = said.showing(field, Shown::Text((*text).to_owned()));
        }
        if self.encrypted {
            said = said.showing("encrypted", Shown::Truth(true));
        }
        said.stage = self.stage;
        said.after = after;
        Some(said)
    }
}

fn thing(target: &Target<'static>) -> Thing {
    match *target {
        Target::Cells {
            area,
            block,
            first,
            last,
        } => Thing::Cells {
            area,
            block,
            first,
            last,
        },
        Target::Block { kind, number } => Thing::Block { kind, number },
        Target::Node { namespace, key } => Thing::Node {
            namespace,
            key: match key {
                model::NodeKey::Numeric(number) => Key::Numeric(number),
                model::NodeKey::Text(text) => Key::Text(text.into()),
                model::NodeKey::Guid(guid) => Key::Guid(guid),
                model::NodeKey::Opaque(bytes) => Key::Opaque(bytes.into()),
            },
        },
        Target::Named { kind, name } => Thing::Named {
            kind,
            name: name.into(),
        },
    }
}

impl Detail for Asked {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        self.targets.iter().for_each(|target| see(*target));
    }

    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        if self.stage == Stage::Response {
            return;
        }
        for (target, wrote) in &self.written {
            match wrote {
                Wrote::Put(put) => see(*target, put.written()),
                Wrote::Other => see(*target, Written::Other),
                Wrote::Unseen => see(*target, Written::Unseen),
            }
        }
    }

    fn field(&self, name: &str) -> Option<Value<'_>> {
        let shown = self.shown.iter().find(|(field, _)| *field == name);
        shown
            .map(|(_, text)| Value::from(*text))
            .or_else(|| (name == "encrypted").then_some(Value::Bool(self.encrypted)))
    }
}

impl Serialize for Asked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}
