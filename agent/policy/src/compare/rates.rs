//! How often: rates are used up by sending requests at once, and waited for. Then both policies judge.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{Timestamp, Verdict};

use super::tree::Leaf;
use super::walk::{Draft, Walk};
use crate::standing::Standing;

impl Walk<'_, '_, '_> {
    pub(super) fn rates(&mut self, draft: &Draft) -> bool {
        let grants = self.of(&draft.grants);
        if grants.iter().all(|(_, grant)| grant.rate.is_none()) {
            return self.leaf(draft, 0, 0, Vec::new());
        }
        let mut bursts = BTreeSet::from([0_u32]);
        let mut pauses = BTreeSet::from([0_u64]);
        let mut sums = [0_u32; 2];
        for (side, grant) in &grants {
            if let (Some(rate), Some(sum)) = (grant.rate, sums.get_mut(*side)) {
                *sum = sum.saturating_add(rate.requests);
                bursts.extend([*sum, rate.requests]);
                pauses.insert(rate.span.as_secs());
            }
        }
        if bursts.last().is_some_and(|most| *most > MAX_BURST) {
            self.gaps.add("rates of more than 10000 requests");
            bursts.retain(|burst| *burst <= MAX_BURST);
        }
        let mut seen: Vec<[&'static str; 2]> = Vec::new();
        for burst in bursts {
            for pause in &pauses {
                if burst == 0 && *pause > 0 {
                    continue;
                }
                let verdicts = self.judged(draft, burst, *pause);
                let names = verdicts.map(|verdict| verdict.name());
                if seen.contains(&names) {
                    continue;
                }
                seen.push(names);
                let text = match (burst, *pause) {
                    (0, _) => Vec::new(),
                    (burst, 0) => vec![format!("after {burst} like it at once")],
                    (burst, pause) => vec![format!("{pause} s after {burst} like it")],
                };
                if !self.leaf(draft, burst, *pause, text) {
                    return false;
                }
            }
        }
        true
    }

    pub(super) fn leaf(
        &mut self,
        draft: &Draft,
        after: u32,
        pause_secs: u64,
        rate: Vec<String>,
    ) -> bool {
        if self.left == 0 {
            self.gaps
                .add("all classes of operations between some pairs of hosts");
            return false;
        }
        self.left -= 1;
        let mut leaf = Leaf {
            witness: draft.witness.clone(),
            texts: draft.texts.clone(),
            verdicts: self.judged(draft, after, pause_secs),
        };
        leaf.witness.after = after;
        leaf.witness.pause_secs = pause_secs;
        leaf.texts.rate = rate;
        let leaves = self.at_moments(draft, leaf);
        leaves.into_iter().all(|leaf| (self.see)(leaf))
    }

    /// A class once more for each moment at which a work order makes the verdict another one, though it cannot allow it.
    fn at_moments(&self, draft: &Draft, leaf: Leaf) -> Vec<Leaf> {
        let mut leaves = vec![leaf.clone()];
        let (after, pause_secs) = (leaf.witness.after, leaf.witness.pause_secs);
        for (at, _) in draft.moments.iter().skip(1) {
            let verdicts = self.judged_at(draft, *at, (after, pause_secs));
            if leaves.iter().all(|leaf| leaf.verdicts != verdicts) {
                let mut other = leaf.clone();
                (other.verdicts, other.witness.at) = (verdicts, *at);
                leaves.push(other);
            }
        }
        if leaves.len() > 1 {
            for leaf in &mut leaves {
                let own = draft.moments.iter().find(|(at, _)| *at == leaf.witness.at);
                let words = own.map(|(_, words)| words.clone());
                leaf.texts.times.extend(words.unwrap_or_default());
            }
        }
        leaves
    }

    fn judged(&self, draft: &Draft, after: u32, pause_secs: u64) -> [Verdict; 2] {
        self.judged_at(draft, draft.witness.at, (after, pause_secs))
    }

    /// What both policies say at a moment of the last of some operations that are alike.
    fn judged_at(
        &self,
        draft: &Draft,
        at: Timestamp,
        (after, pause_secs): (u32, u64),
    ) -> [Verdict; 2] {
        let operation = draft.witness.operation();
        [0, 1].map(|side| {
            let (policy, edge) = (self.lanes.policy(side), self.lanes.edge(side));
            let mut standing = Standing::default();
            for _ in 0..after {
                policy.judge(edge, &mut standing, &operation, at);
            }
            let now = at.after(Duration::from_secs(pause_secs));
            policy.judge(edge, &mut standing, &operation, now)
        })
    }
}

/// How many requests are sent at once to use up a rate.
const MAX_BURST: u32 = 10_000;
