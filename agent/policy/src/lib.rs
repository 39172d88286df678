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
mod conditions;
mod edge;
pub mod enforce;
mod fields;
mod finding;
mod index;
mod judge;
mod level;
mod limits;
mod load;
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
mod search;
mod session;
mod shapes;
mod source;
mod space;
mod standing;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "what compares policies will use the rest"
    )
)]
mod tags;
mod template;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "what compares policies will use the rest")
)]
mod values;
mod verbs;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "what compares policies will use the rest"
    )
)]
mod when;
mod words;
mod zones;

#[cfg(test)]
mod tests;

pub use edge::Edge;
pub use level::Level;
pub use load::{Loaded, Sources, Text};
pub use permits::PermitTerms;
pub use policy::{Placed, Policy, Statement};
pub use response::Criticality;
pub use standing::Standing;
