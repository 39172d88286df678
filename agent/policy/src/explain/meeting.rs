//! How one statement meets one operation, whatever the others say.

use model::{Reason, Stage, Target, Unseen, Verb, Written};

use crate::judge::{Case, is_orphan};
use crate::policy::Grant;
use crate::search::{Fit, Search};

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
        match search.fit(place, grant) {
            Fit::Whole => Meeting::of(Met::Allows),
            Fit::Unseen(why) => Meeting::of(Met::Unseen(why)),
            Fit::Misses(reason) => Meeting::of(Met::Misses(reason)),
            Fit::Parts => self.meet_parts(search, place, grant),
        }
    }

    fn meet_parts(self, search: Search<'_>, place: usize, grant: &Grant) -> Meeting {
        let (mut any, mut allowed, mut shown) = (false, false, false);
        let mut failed: Option<Meeting> = None;
        let mut see = |target: &Target<'_>, written: Option<&Written<'_>>| {
            any = true;
            shown |= written.is_some();
            let met = met_of(search.part(place, grant, Some(target), written));
            if met == Met::Allows {
                // what is written is shown a second time, with its value
                allowed |= written.is_none();
            } else if failed.is_none() {
                let target = Some(target.to_string());
                failed = Some(Meeting { met, target });
            }
        };
        let detail = self.operation.detail;
        detail.targets(&mut |target| see(&target, None));
        detail.written(&mut |target, written| see(&target, Some(&written)));
        let asked = self.operation.stage != Stage::Response;
        let hides = asked && !shown && self.operation.function.verb == Verb::Write;
        match failed {
            None if any && hides && grant.values.is_some() => {
                Meeting::of(Met::Unseen(Unseen::Value))
            }
            None if any => Meeting::of(Met::Allows),
            None => self.meet_bare(search, place, grant),
            Some(Meeting {
                met: Met::Misses(Reason::Target),
                target,
            }) if allowed => Meeting {
                met: Met::AllowsPart,
                target,
            },
            Some(failed) => failed,
        }
    }

    /// How it meets a message that shows no target.
    fn meet_bare(self, search: Search<'_>, place: usize, grant: &Grant) -> Meeting {
        let touches = matches!(
            self.operation.function.verb,
            Verb::Write | Verb::Call | Verb::Delete
        );
        Meeting::of(match met_of(search.part(place, grant, None, None)) {
            Met::Allows if grant.targets.is_none() => Met::Allows,
            Met::Allows if is_orphan(self.operation) => Met::Unseen(Unseen::Target),
            Met::Allows if touches => Met::Misses(Reason::Target),
            met => met,
        })
    }
}

const fn met_of(fit: Fit) -> Met {
    match fit {
        Fit::Whole | Fit::Parts => Met::Allows,
        Fit::Unseen(why) => Met::Unseen(why),
        Fit::Misses(reason) => Met::Misses(reason),
    }
}
