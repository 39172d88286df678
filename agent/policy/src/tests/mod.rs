//! What the policy promises, tested from outside: texts in, verdicts, findings and problems out.

mod bad;
mod behind;
mod bundles;
mod cases;
mod conditions;
mod docs;
mod enforced;
mod explain;
mod judged;
mod large;
mod naive;
mod nested;
mod placed;
mod plan;
mod plant;
mod robust;
mod said;
mod suppose;
mod tags;
mod templates;
mod vocabulary;
