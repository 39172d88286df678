//! Detection: Sigma rules over typed operations.
//!
//! A rule is one YAML file that a person can read, test and hand on. It is parsed and evaluated by
//! `rsigma`; what this room adds is the meaning of its fields ([`FIELDS`]), a header that names who
//! does what by when, and examples that must fire or stay quiet. A rule that lacks one of these, or
//! that names a field, function or verb that does not exist, does not load.
//!
//! - [`Rules::matching`] judges one event; it holds no state, so its answer can be remembered.
//! - [`Correlations`] counts over capture time: how often, how many different, both within a span.
//! - [`Rules::examine`] runs every example of every rule.
//!
//! Follows the Sigma specification 2.1.0 (rules and correlations); filters, keyword searches and
//! session or tumbling windows are refused. Reads no clock and touches no socket.

mod correlation;
mod detection;
mod duration;
mod examine;
mod example;
mod fields;
mod gate;
mod header;
mod load;
mod report;
mod rules;
mod shipped;
mod technique;
mod window;
mod words;
mod yaml;

#[cfg(test)]
mod tests;

pub use example::{Example, Step};
pub use fields::FIELDS;
pub use rules::{Matches, Rule, RuleIndex, Rules};
pub use technique::{TECHNIQUES, Technique};
pub use window::{Correlations, Feed};
