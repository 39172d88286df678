//! The policy with one thing changed, in turn: dropped, widened, narrowed, flipped. What cases do not notice is not tested.
//!
//! A mutant is what is put in the place of something, in the resolved policy, so that trying one costs nothing but judging the cases
//! again ([`Policy::swap`]). What is changed is a statement (`of_grant`), the ends of a conduit (`of_ends`), the role and the
//! period of a permit (`of_permit`), the limit that a role is (`of_role`), and the limits of a tag (`of_tag`).
//!
//! What provably allows nothing more and nothing less is kept apart as equivalent: what concerns verbs that no function of the protocols
//! has, that no client's role may do, or that a statement without limits of the same conduit allows anyway; and limits of roles that no
//! client can come near, and of tags that nobody may write to (`live`). Where it cannot be told, the mutant counts.

mod live;
mod of_ends;
mod of_grant;
mod of_permit;
mod of_role;
mod of_tag;

use model::Vocabulary;

use crate::index::Toggle;
use crate::number::Number;
use crate::policy::{Grant, Policy, Role};
use crate::problems::Spot;
use crate::space::RoleId;
use live::Live;

/// All changes to the statements of a policy.
#[derive(Debug)]
pub struct Mutants {
    /// Each of them, in the order of the statements.
    pub list: Vec<Mutant>,
    /// Those that provably allow nothing more and nothing less; no case can be asked to notice them.
    pub equivalent: Vec<Mutant>,
}

/// One thing, changed.
#[derive(Debug)]
pub struct Mutant {
    /// The statement's conduit, permit, zone or role; the tag's name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// What was changed, such as `without verb `write``.
    pub what: String,
    /// Whether it provably allows nothing that was not allowed: no invariant can break by it.
    pub narrows: bool,
    place: usize,
    change: Change,
}

/// What stands in the place of something.
#[derive(Debug)]
enum Change {
    Grant(Box<Grant>),
    /// All statements of a permit.
    Grants(Vec<Grant>),
    Role(Box<Role>),
    /// Who is at which end of a conduit.
    Ends(Vec<Toggle>),
    /// What a permit's client plays.
    Plays(Option<RoleId>),
    /// The least and the most that may be written to a tag.
    Limits([Option<Number>; 2]),
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
        for place in 0..self.conduits.len() {
            made.of_ends(place, &live);
        }
        for place in 0..self.permits.len() {
            made.of_permit(place, &live);
        }
        for place in 0..self.roles.len() {
            made.of_role(place, &live);
        }
        made.of_tags(&live);
        made.mutants
    }

    /// Puts a mutant into the policy, or takes it out again: twice is never.
    pub fn swap(&mut self, mutant: &mut Mutant) {
        let place = mutant.place;
        match &mut mutant.change {
            Change::Grant(grant) => {
                if let Some(place) = self.grants.get_mut(place) {
                    std::mem::swap(place, grant);
                }
            }
            Change::Grants(grants) => {
                let places = self.grants.iter_mut().skip(place);
                places
                    .zip(grants)
                    .for_each(|(one, other)| std::mem::swap(one, other));
            }
            Change::Role(role) => {
                if let Some(place) = self.roles.get_mut(place) {
                    std::mem::swap(place, role);
                }
            }
            Change::Ends(toggles) => self.index.toggle(toggles),
            Change::Plays(role) => {
                if let Some(permit) = self.permits.get_mut(place) {
                    std::mem::swap(&mut permit.role, role);
                }
            }
            Change::Limits(limits) => self.tags.swap_limits(place, limits),
        }
    }
}

/// The mutants so far.
struct Made<'p> {
    policy: &'p Policy,
    mutants: Mutants,
}

impl Made<'_> {
    /// A change of a statement, which somebody should notice if it `counts`.
    fn grant(&mut self, counts: bool, place: usize, what: impl Into<String>, grant: Grant) {
        let (name, at) = (grant.title.clone(), grant.at);
        let change = Change::Grant(Box::new(grant));
        self.push(counts, (name, at), what, place, change);
    }

    /// The same of a role.
    fn role(&mut self, counts: bool, place: usize, what: impl Into<String>, role: Role) {
        let (name, at) = (role.title.clone(), role.at);
        let change = Change::Role(Box::new(role));
        self.push(counts, (name, at), what, place, change);
    }

    fn push(
        &mut self,
        counts: bool,
        (name, at): (String, Spot),
        what: impl Into<String>,
        place: usize,
        change: Change,
    ) {
        let narrows = match &change {
            Change::Grant(grant) => {
                let own = self.policy.grants.get(place);
                own.is_some_and(|own| grant.is_less_of(own))
            }
            Change::Role(role) => {
                let own = self.policy.roles.get(place);
                own.is_some_and(|own| role.is_less_of(own))
            }
            Change::Ends(toggles) => self.policy.index.only_takes(toggles),
            Change::Grants(_) | Change::Plays(_) | Change::Limits(_) => false,
        };
        let mutant = Mutant {
            narrows,
            name,
            file: self.policy.files.name(at).to_owned(),
            line: at.line,
            what: what.into(),
            place,
            change,
        };
        let Mutants { list, equivalent } = &mut self.mutants;
        if counts { list } else { equivalent }.push(mutant);
    }
}
