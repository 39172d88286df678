//! What the policy promises, tested from outside: texts in, verdicts, findings and problems out.

mod bad;
mod behind;
mod bundles;
mod cases;
mod changes;
mod compared;
mod conditions;
mod decided;
mod docs;
mod drafted;
mod enforced;
mod explain;
mod formatted;
mod invariants;
mod judged;
mod large;
mod linted;
mod nested;
mod oracle;
mod outlined;
mod placed;
mod plan;
mod plant;
mod robust;
mod said;
mod schema;
mod sites;
mod suppose;
mod tags;
mod templates;
mod vocabulary;

pub(crate) use vocabulary::{repository, yaml_files};
