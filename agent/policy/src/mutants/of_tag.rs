//! The changes of tags' limits: dropped, and cut in half.

use super::live::Live;
use super::{Change, Made};
use crate::number::Number;
use crate::tags::Tag;

impl Made<'_> {
    /// Every change of the limits of all tags. Where no statement leaves it to a tag what may be written, they bind nobody.
    pub(super) fn of_tags(&mut self, live: &Live<'_>) {
        let policy = self.policy;
        for (place, tag) in policy.tags.iter().enumerate() {
            if !tag.is_limited() {
                continue;
            }
            let counts = live.leaves_to(tag);
            for (what, limits) in changes(tag) {
                let title = (format!("tag {}", tag.name), tag.at);
                self.push(counts, title, what, place, Change::Limits(limits));
            }
        }
    }
}

/// Other limits than a tag's, each in words.
fn changes(tag: &Tag) -> Vec<(String, [Option<Number>; 2])> {
    let (low, high) = (tag.low, tag.high);
    let mut changes = Vec::new();
    if low.is_some() {
        changes.push(("without `low`".to_owned(), [None, high]));
    }
    if high.is_some() {
        changes.push(("without `high`".to_owned(), [low, None]));
    }
    if let (Some(first), Some(last)) = (low, high)
        && first < last
    {
        let middle = first.halfway(last);
        let (below, above) = (middle.rounded_down(0), middle.rounded_up(0));
        if below >= first && below < last {
            changes.push((format!("without what is above {below}"), [low, Some(below)]));
        }
        if above > first && above <= last {
            changes.push((
                format!("without what is below {above}"),
                [Some(above), high],
            ));
        }
    }
    changes
}
