//! The policy with one statement changed, in turn: dropped, widened, narrowed, flipped. What cases do not notice is not tested.
//!
//! A mutant is a statement that is put in the place of another, in the resolved policy, so that trying one costs nothing but judging the
//! cases again ([`Policy::swap`]). The unit is the statement (`of_grant`) and the limit of a role (`of_role`).
//!
//! What provably allows nothing more and nothing less is kept apart as equivalent: what concerns verbs that no function of the protocols
//! has, that no client's role may do, or that a statement without limits of the same conduit allows anyway; and limits of roles that no
//! client can come near (`live`). Where it cannot be told, the mutant counts.

mod live;
mod of_grant;
mod of_role;

use model::Vocabulary;

use crate::policy::{Grant, Policy, Role, Statement};
use live::Live;

/// All changes to the statements of a policy.
#[derive(Debug)]
pub struct Mutants {
    /// Each of them, in the order of the statements.
    pub list: Vec<Mutant>,
    /// Those that provably allow nothing more and nothing less; no case can be asked to notice them.
    pub equivalent: Vec<Mutant>,
}

/// One statement, changed.
#[derive(Debug)]
pub struct Mutant {
    /// The statement's conduit, permit, zone or role.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// What was changed, such as `without verb `write``.
    pub what: String,
    place: usize,
    change: Change,
}

/// What stands in the place of a statement.
#[derive(Debug)]
enum Change {
    Grant(Box<Grant>),
    Role(Box<Role>),
}

impl Policy {
    /// Every change that somebody should notice. `words` is what the sensor's protocols can name.
    pub fn mutants(&self, words: &[&'static Vocabulary]) -> Mutants {
        let live = Live::of(self, words);
        let mut made = Made {
            policy: self,
            mutants: Mutants {
                list: Vec::new(),
                equivalent: Vec::new(),
            },
        };
        for place in 0..self.grants.len() {
            made.of_grant(place, &live);
        }
        for place in 0..self.roles.len() {
            made.of_role(place, &live);
        }
        made.mutants
    }

    /// Puts a mutant into the policy, or takes it out again: twice is never.
    pub fn swap(&mut self, mutant: &mut Mutant) {
        match &mut mutant.change {
            Change::Grant(grant) => {
                if let Some(place) = self.grants.get_mut(mutant.place) {
                    std::mem::swap(place, grant);
                }
            }
            Change::Role(role) => {
                if let Some(place) = self.roles.get_mut(mutant.place) {
                    std::mem::swap(place, role);
                }
            }
        }
    }
}

/// The mutants so far.
struct Made<'p> {
    policy: &'p Policy,
    mutants: Mutants,
}

impl Made<'_> {
    /// A change that somebody should notice, if it `counts`.
    fn grant(&mut self, counts: bool, place: usize, what: impl Into<String>, grant: Grant) {
        let change = Change::Grant(Box::new(grant));
        let mutant = self.mutant(place, place, what.into(), change);
        self.push(counts, mutant);
    }

    /// The same of a role.
    fn role(&mut self, counts: bool, place: usize, what: impl Into<String>, role: Role) {
        let id = self.policy.grants.len() + place;
        let change = Change::Role(Box::new(role));
        let mutant = self.mutant(id, place, what.into(), change);
        self.push(counts, mutant);
    }

    fn push(&mut self, counts: bool, mutant: Mutant) {
        let Mutants { list, equivalent } = &mut self.mutants;
        if counts { list } else { equivalent }.push(mutant);
    }

    fn mutant(&self, id: usize, place: usize, what: String, change: Change) -> Mutant {
        let id = model::StatementId(crate::names::id(id));
        let Statement {
            conduit,
            file,
            line,
        } = self.policy.statement(id);
        Mutant {
            name: conduit.to_owned(),
            file: file.to_owned(),
            line,
            what,
            place,
            change,
        }
    }
}
