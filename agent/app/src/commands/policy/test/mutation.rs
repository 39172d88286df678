//! How many changes of the policy its cases would notice.

use anyhow::Result;
use policy::{Cases, Mutant, Mutants, Policy};

use super::capture;
use crate::{clock, judges, output};

/// How many changes the cases notice, and which they do not.
pub(super) struct Score {
    pub(super) noticed: usize,
    pub(super) survivors: Vec<Mutant>,
    /// Changes that provably allow nothing more and nothing less; they do not count.
    pub(super) equivalent: usize,
}

impl Score {
    /// The share of the changes that is noticed.
    pub(super) fn percent(&self) -> f64 {
        let all = self.noticed + self.survivors.len();
        if all == 0 {
            return 100.0;
        }
        100.0 * self.noticed as f64 / all as f64
    }
}

/// Tries every change: the operations first, which cost nothing, then the captures.
///
/// # Errors
///
/// When a capture cannot be opened.
pub(super) fn score(policy: Policy, cases: &Cases) -> Result<Score> {
    let Mutants { list, equivalent } = policy.mutants(&judges::vocabularies());
    let mut score = Score {
        noticed: 0,
        survivors: Vec::new(),
        equivalent: equivalent.len(),
    };
    let bar = output::steps(list.len(), "mutants");
    let mut policy = policy;
    for mut mutant in list {
        policy.swap(&mut mutant);
        let noticed;
        (policy, noticed) = is_noticed(policy, cases, mutant.narrows)?;
        policy.swap(&mut mutant);
        if noticed {
            score.noticed += 1;
        } else {
            score.survivors.push(mutant);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(score)
}

/// Whether a case fails or an invariant breaks; the cheapest are asked first. Invariants say what must not be allowed: a change that
/// only `narrows` breaks none, and is not asked about.
fn is_noticed(policy: Policy, cases: &Cases, narrows: bool) -> Result<(Policy, bool)> {
    if cases.first_broken(&policy).is_some() {
        return Ok((policy, true));
    }
    if !narrows {
        let kept = policy.invariants(&judges::vocabularies(), clock::this_second());
        if !kept.broken.is_empty() {
            return Ok((policy, true));
        }
    }
    let mut policy = policy;
    for case in cases {
        let Some(path) = case.capture() else { continue };
        let played;
        (policy, played) = capture::play(policy, path)?;
        if !case.compare(&played.found).is_empty() {
            return Ok((policy, true));
        }
    }
    Ok((policy, false))
}
