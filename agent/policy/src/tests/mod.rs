//! What the policy promises, tested from outside: texts in, verdicts, findings and problems out.

mod bad;
mod behind;
mod docs;
mod judged;
mod large;
mod naive;
mod nested;
mod placed;
mod plan;
mod plant;
mod robust;
mod said;
mod vocabulary;
