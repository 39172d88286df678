//! Invariants: sentences about paths that must stay true whatever else a policy says.
//!
//! | sentence | is broken by |
//! |---|---|
//! | `no path from zone office to verb write at level 1` | an operation of such hosts that a statement allows |
//! | `only role engineering has a path to verb download at level 1` | one from anybody else |
//! | `every path from zone dmz to zone cells is encrypted` | one that can be read on the way |
//!
//! A path is an operation that some statement allows at some time from now on. Permits open paths while they hold, unless the
//! sentence ends with `except by permit`; statements in shadow open none, because they allow nothing.
//!
//! Sentences are read with the policy (`grammar`), so that a name that nothing has is an error like any other. Whether
//! they are true is looked for when a policy is checked or signed, not whenever it is loaded (`check`): with the
//! classes and the judge of `compare`, so that a path that is found is one, and its witness is shown.

mod check;
mod grammar;
mod paths;

use crate::names::Names;
use crate::node::Word;
use crate::problems::{Problems, Spot};
use crate::space::{AssetId, RoleId, ZoneId};
use crate::verbs::VerbSet;
use crate::words::Words;

pub use check::Kept;

/// A sentence that must stay true.
#[derive(Debug)]
pub(crate) struct Invariant {
    pub(crate) at: Spot,
    pub(crate) text: String,
    pub(crate) form: Form,
    pub(crate) from: Who,
    pub(crate) to: Who,
    pub(crate) verbs: VerbSet,
    /// The protocols that it is about; all where none is named.
    pub(crate) protocols: Vec<&'static str>,
    /// Whether a work order may open a path.
    pub(crate) except_permits: bool,
}

/// What is said of paths.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// There is none.
    No,
    /// There is none from anybody else.
    Only,
    /// Each is encrypted.
    Encrypted,
}

/// Hosts, by what the policy calls them: any of these.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Who(pub(crate) Vec<Item>);

/// One kind of host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Item {
    Any,
    /// A host in no zone.
    Nowhere,
    Zone(ZoneId),
    Asset(AssetId),
    Role(RoleId),
    RoleInZone(RoleId, ZoneId),
    /// Ten times the level.
    Level(u8),
}

/// Reads all sentences.
pub(crate) fn read(
    sentences: &[Word],
    names: &Names,
    words: Words<'_>,
    problems: &mut Problems,
) -> Vec<Invariant> {
    let read = sentences.iter();
    read.filter_map(|sentence| grammar::read(sentence, names, words, problems))
        .collect()
}
