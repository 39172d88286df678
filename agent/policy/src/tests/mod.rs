//! What the policy promises, tested from outside: texts in, verdicts, findings and problems out.

mod judged;
mod placed;
mod plant;
mod vocabulary;
