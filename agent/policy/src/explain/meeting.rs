//! How one statement meets one operation, whatever the others say.

use model::{Reason, Unseen};

use crate::judge::Case;
use crate::policy::Grant;
use crate::search::Part;

/// How a statement meets an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Met {
    /// It allows it.
    Allows,
    /// It allows some of the targets.
    AllowsPart,
    /// It may allow it: what would tell was not said.
    Unseen(Unseen),
    /// It does not allow it: the first thing that it misses.
    Misses(Reason),
}

/// How a statement meets an operation, and the first target that it does not reach.
pub(super) struct Meeting {
    pub(super) met: Met,
    pub(super) target: Option<String>,
}

impl Meeting {
    const fn of(met: Met) -> Self {
        Self { met, target: None }
    }
}

impl Case<'_> {
    /// How the statement at a place of the lane meets the operation, as if the client's role could do everything and nothing were in
    /// shadow.
    pub(super) fn meet(self, place: usize, grant: &Grant) -> Meeting {
        let search = self.search(true, true);
        if !search.counts(grant) {
            return Meeting::of(Met::Misses(Reason::Role));
        }
        let (mut allowed, mut missed, mut unseen) = (false, None, None);
        search.alone(place, grant, &mut |target, part| match part {
            Part::Allows => allowed = true,
            Part::Unseen(why) => unseen = unseen.or(Some(why)),
            Part::Misses(reason) => {
                let target = || target.map(ToString::to_string);
                missed.get_or_insert_with(|| (reason, target()));
            }
        });
        match (missed, unseen) {
            (Some((Reason::Target, target)), _) if allowed => Meeting {
                met: Met::AllowsPart,
                target,
            },
            (Some((reason, target)), _) => Meeting {
                met: Met::Misses(reason),
                target,
            },
            (None, Some(why)) => Meeting::of(Met::Unseen(why)),
            (None, None) => Meeting::of(Met::Allows),
        }
    }
}
