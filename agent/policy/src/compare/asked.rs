//! An operation of which only the outline is known, put to a policy: what a stored incident tells of it.

use model::{Function, Host, Timestamp, Unit, Verb, Vocabulary};

use super::witness::{NodeName, Place, Witness};
use super::{Said, said};
use crate::pattern::{Blocks, Name, Pattern};
use crate::policy::Policy;
use crate::standing::Standing;
use crate::words::governing;

/// The outline of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who asks and who answers.
    pub ends: [Host; 2],
    /// The protocol's name.
    pub protocol: &'a str,
    /// What is meant.
    pub verb: Verb,
    /// Which part of the server it is for.
    pub unit: Option<Unit>,
    /// What is touched, as policies write it.
    pub target: Option<&'a str>,
    /// When.
    pub at: Timestamp,
}

impl Policy {
    /// What the policy says of an operation of which only the outline is known: what hangs on the rest is unknown, and a
    /// function is any of the verb's. None where the words do not know it.
    pub fn ask(&self, asked: &Asked<'_>, words: &[&'static Vocabulary]) -> Option<Said> {
        let protocol = governing(asked.protocol);
        let words = words.iter().find(|of| of.name == protocol)?;
        let verb = |function: &&Function| function.verb == asked.verb;
        let target = asked.target.map(|text| place(text, words));
        if target == Some(None) {
            return None;
        }
        let [client, server] = asked.ends;
        let mut witness = Witness {
            client,
            server,
            protocol: words.name,
            function: *words.functions.iter().find(verb)?,
            unit: asked.unit,
            target: target.flatten(),
            written: None,
            session: Vec::new(),
            at: asked.at,
            after: 0,
            pause_secs: 0,
        };
        let edge = self.edge(self.place(&client), self.place(&server), words.name);
        let mut judge = |function: Function| {
            witness.function = function;
            let operation = witness.operation();
            said(
                self,
                self.judge(&edge, &mut Standing::default(), &operation, asked.at),
            )
        };
        let mut all = words
            .functions
            .iter()
            .filter(verb)
            .map(|function| judge(*function));
        let first = all.next()?;
        let same = all.all(|other| other.verdict == first.verdict);
        same.then_some(first)
    }
}

/// The one place that a text names.
fn place(text: &str, words: &'static Vocabulary) -> Option<Place> {
    Some(match Pattern::read(text, &[words]).ok()? {
        Pattern::Cells {
            area,
            block,
            first,
            last,
        } => Place::Cells {
            area,
            block: match block {
                Blocks::One(number) => Some(number),
                Blocks::Undivided => None,
                Blocks::All => return None,
            },
            first,
            last,
        },
        Pattern::Block { kind, number } => Place::Block {
            kind: kind?,
            number: number?,
        },
        Pattern::Node {
            namespace,
            key: Name::Exact(key),
        } => Place::Node {
            namespace,
            key: NodeName::from(&key),
        },
        Pattern::Named {
            kind,
            name: Name::Exact(name),
        } => Place::Named {
            kind,
            name: name.into(),
        },
        Pattern::Node { .. } | Pattern::Named { .. } => return None,
    })
}
