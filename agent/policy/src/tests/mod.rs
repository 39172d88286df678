//! What the policy promises, tested from outside: texts in, verdicts, findings and problems out.

mod bad;
mod docs;
mod enforced;
mod judged;
mod naive;
mod placed;
mod plan;
mod plant;
mod robust;
mod said;
mod vocabulary;
