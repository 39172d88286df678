//! Random sites with every feature of the language, random changes to them, and random messages that love edges.

mod changes;
mod messages;
mod sites;

pub(super) use changes::changed;
pub(super) use messages::{Scene, edges};
pub(super) use sites::a_site;
