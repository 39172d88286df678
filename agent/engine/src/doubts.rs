//! Answers that nobody seems to have asked for, until it is known whether the question was lost.
//!
//! The answer to a request that the mirror lost comes before the loss is known, for a stream waits a little for what is
//! missing. So such an answer waits as well: where bytes of its conversation turn out to be lost
//! around it, it says nothing; else it is told.

use std::time::Duration;

use model::{Finding, Stamp, Timestamp};

use crate::edge::EdgeId;

/// Answers that wait, and where bytes were lost.
#[derive(Default)]
pub(crate) struct Doubts {
    // INVARIANT: at most `LIMIT` of each.
    answers: Vec<Doubt>,
    losses: Vec<(EdgeId, Timestamp)>,
}

/// An answer that waits.
pub(crate) struct Doubt {
    pub(crate) edge: EdgeId,
    pub(crate) stamp: Stamp,
    pub(crate) finding: Finding,
}

impl Doubts {
    /// Lets an answer wait; gives it back where too many do.
    pub(crate) fn wait(&mut self, doubt: Doubt) -> Option<Doubt> {
        if self.answers.len() >= LIMIT {
            return Some(doubt);
        }
        self.answers.push(doubt);
        None
    }

    /// Bytes of a conversation were lost.
    pub(crate) fn lose(&mut self, edge: EdgeId, at: Timestamp) {
        if self.losses.len() < LIMIT {
            self.losses.push((edge, at));
        }
    }

    /// The answers that have waited long enough, all of them without `now`, and that no loss explains.
    pub(crate) fn settle(&mut self, now: Option<Timestamp>) -> Vec<Doubt> {
        let is_over = |at: Timestamp, wait| {
            now.is_none_or(|now| now.since(at) >= wait || now.is_set_back(at))
        };
        let answers = std::mem::take(&mut self.answers);
        let (ripe, waiting): (Vec<_>, _) = answers
            .into_iter()
            .partition(|doubt| is_over(doubt.stamp.time, WAIT));
        self.answers = waiting;
        let losses = &self.losses;
        let told = ripe.into_iter().filter(|doubt| !doubt.is_explained(losses));
        let told = told.collect();
        self.losses.retain(|(_, at)| !is_over(*at, WAIT * 2));
        told
    }
}

impl Doubt {
    fn is_explained(&self, losses: &[(EdgeId, Timestamp)]) -> bool {
        losses.iter().any(|(edge, at)| {
            let apart = at.since(self.stamp.time).max(self.stamp.time.since(*at));
            *edge == self.edge && apart <= WAIT
        })
    }
}

/// How long an answer waits, and how far from a loss it is explained by it: longer than a stream waits for a hole.
const WAIT: Duration = Duration::from_secs(1);
/// How many wait.
const LIMIT: usize = 1024;
