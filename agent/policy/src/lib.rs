//! Zones, roles and conduits: files in, verdicts with reasons out.
//!
//! A policy says who may do what to which controller; what it does not allow is a violation. It
//! goes three steps, each of which cannot be left half done:
//!
//! 1. YAML texts become what was read, with the place of every word (`node`, `fields`, `shapes`, `read`,
//!    `raw`); before that, what they take from templates is put in its place (`source`, `template`);
//! 2. that becomes a [`Policy`] in which every name is looked up (`resolve`, `names`, `addresses`, `words`,
//!    `pattern`, `reach`); everything that is wrong is said at once as [`model::Problem`]s;
//! 3. for two hosts and a protocol it gives an [`Edge`] (`index`, `edge`), against which one
//!    operation is judged without allocating (`judge`), and a violation is put in words (`finding`).
//!
//! [`enforce`] turns a policy into what a packet filter can hold of it.
//!
//! docs/POLICIES.md describes the language. This room knows no protocol: what functions, areas and
//! kinds there are is handed in as [`model::Vocabulary`]. It reads no clock.

mod addresses;
mod behind;
pub mod bundle;
mod cases;
mod compare;
mod conditions;
pub mod draft;
mod edge;
pub mod enforce;
mod explain;
mod fields;
mod finding;
mod format;
mod index;
mod invariant;
mod judge;
mod level;
mod limits;
mod lint;
mod load;
mod mutants;
mod names;
mod node;
mod number;
mod pattern;
mod permits;
mod policy;
mod problems;
mod rate;
mod raw;
mod reach;
mod read;
pub mod report;
mod resolve;
mod response;
mod schema;
mod search;
mod session;
mod shape;
mod shapes;
mod source;
mod space;
mod standing;
mod suppose;
mod tags;
mod template;
mod values;
mod verbs;
mod when;
mod words;
mod zones;

#[cfg(test)]
mod tests;

pub use cases::{Case, Cases, Found, Outcome};
pub use compare::{Asked, Change, Class, Difference, Said, Turn, Witness};
pub use edge::Edge;
pub use explain::{Considered, Explanation, Met, Placing};
pub use format::format;
pub use invariant::Kept;
pub use level::Level;
pub use load::{Loaded, Sources, Text};
pub use mutants::{Mutant, Mutants};
pub use permits::PermitTerms;
pub use policy::{Placed, Policy, Statement};
pub use response::Criticality;
pub use schema::schema;
pub use standing::Standing;
pub use suppose::Supposed;
pub use template::Template;
