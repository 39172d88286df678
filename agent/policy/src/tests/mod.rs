//! What the policy promises, tested from outside: texts in, verdicts, findings and problems out.

mod bad;
mod behind;
mod bundles;
mod conditions;
mod docs;
mod enforced;
mod judged;
mod large;
mod naive;
mod nested;
mod outlined;
mod placed;
mod plan;
mod plant;
mod robust;
mod said;
mod tags;
mod templates;
mod vocabulary;
