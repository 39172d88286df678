//! What a write may carry: the values that a statement allows, and the limits of tags.
//!
//! A statement with `values` says it itself: of the tags that it names in their units, and of all else raw, number by number.
//! Where a statement has none, the limits of the tags hold that the write touches.

use model::{Target, Vocabulary, Written};

use crate::edge::Lane;
use crate::judge::Case;
use crate::number::Number;
use crate::policy::{Grant, Policy};
use crate::problems::Problems;
use crate::raw;
use crate::reach::Targets;
use crate::tags::{Covered, Tag, TagId, TagMap, numbers};
use crate::values::{Breach, Ranges};

/// Whether a value may be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Admission {
    Yes,
    No,
    /// The value was not seen.
    Unseen,
}

/// What a statement reaches, and with which values.
#[derive(Default)]
pub(crate) struct Limits {
    pub(crate) targets: Option<Targets>,
    pub(crate) tags: Box<[TagId]>,
    pub(crate) values: Option<Ranges>,
}

impl Limits {
    /// Reads `targets`, `tags` and `values` of a statement.
    pub(crate) fn read(
        raw: &raw::Statement,
        map: &TagMap,
        known: &[&'static Vocabulary],
        problems: &mut Problems,
    ) -> Self {
        let tags: Box<[TagId]> = raw
            .tags
            .iter()
            .filter_map(|word| map.find(word, problems))
            .collect();
        let (values, units) = Ranges::read(&raw.values, problems);
        for tag in tags.iter().filter_map(|id| map.tag(*id)) {
            tag.check_units(&units, problems);
        }
        if let (Some(unit), []) = (units.first(), &*raw.tags) {
            let what = format!("values in `{}`, and no tag whose unit that is", unit.text);
            problems.error_with(
                unit.at,
                what,
                "name `tags`, or give the values as they are sent",
            );
        }
        let reached = !raw.targets.is_empty() || !raw.tags.is_empty();
        Self {
            targets: reached.then(|| Targets::read(&raw.targets, of(&tags, map), known, problems)),
            tags,
            values: (!raw.values.is_empty()).then_some(values),
        }
    }
}

fn of<'a>(tags: &'a [TagId], map: &'a TagMap) -> impl Iterator<Item = &'a Tag> {
    tags.iter().filter_map(|id| map.tag(*id))
}

impl Policy {
    /// Whether a statement limits the values of writes on a lane.
    pub(crate) fn limits_values(&self, lane: &Lane, grant: &Grant) -> bool {
        grant.values.is_some() || lane.has_limits
    }
}

impl Case<'_> {
    /// Whether a statement limits the values of writes here.
    pub(crate) fn limits_values(self, grant: &Grant) -> bool {
        self.policy.limits_values(self.lane, grant)
    }

    /// Whether a statement that reaches a target allows what is written there.
    pub(crate) fn admits(
        self,
        grant: &Grant,
        target: &Target<'_>,
        written: &Written<'_>,
    ) -> Admission {
        let mut admission = Admission::Yes;
        self.weigh_values(grant, target, written, &mut |found| {
            admission = match (admission, found) {
                (Admission::No, _) | (_, Found::Broken(..) | Found::Bare(..)) => Admission::No,
                (_, Found::Unseen) => Admission::Unseen,
            };
        });
        admission
    }

    /// The first value that a statement does not allow, in words.
    pub(crate) fn breach(
        self,
        grant: &Grant,
        target: &Target<'_>,
        written: &Written<'_>,
    ) -> Option<String> {
        let mut first = None;
        self.weigh_values(grant, target, written, &mut |found| {
            first.get_or_insert_with(|| match found {
                Found::Broken(tag, covered, breach) => tag.words(covered, breach).to_string(),
                Found::Bare(Some((value, breach))) => format!("{value} {breach} at `{target}`"),
                Found::Bare(None) => format!("no number at `{target}`"),
                Found::Unseen => format!("a value at `{target}` that was not seen"),
            });
        });
        first
    }

    /// Shows every value written to a target that a statement does not allow, or that was not seen.
    fn weigh_values(
        self,
        grant: &Grant,
        target: &Target<'_>,
        written: &Written<'_>,
        see: &mut dyn FnMut(Found<'_>),
    ) {
        match &grant.values {
            Some(values) if grant.tags.is_empty() => {
                raw_values(values, (target, written), &|_| false, see);
            }
            Some(values) => {
                let named = |tag: &&Tag| grant.names(self.policy, tag);
                for tag in self.tags_on(target).filter(named) {
                    weigh(
                        tag,
                        tag.covered(*target, written),
                        |it| values.breach(it),
                        see,
                    );
                }
                // what is no part of a tag is written raw
                let is_tag = |cells: &Target<'_>| self.tags_on(cells).any(|tag| named(&tag));
                raw_values(values, (target, written), &is_tag, see);
            }
            None => {
                for tag in self.tags_on(target).filter(|tag| tag.is_limited()) {
                    weigh(tag, tag.covered(*target, written), |it| tag.breach(it), see);
                }
            }
        }
    }

    fn tags_on<'m>(&self, target: &Target<'_>) -> impl Iterator<Item = &'m Tag>
    where
        Self: 'm,
    {
        let (policy, protocol) = (
            self.policy,
            crate::words::governing(self.operation.protocol),
        );
        let asset = self.lane.server.asset;
        asset
            .into_iter()
            .flat_map(move |asset| policy.tags.on(asset, protocol, *target))
    }
}

/// A value that a statement does not allow, or does not know.
enum Found<'a> {
    /// What a tag would get, and the limit that it breaks where it is a number.
    Broken(&'a Tag, Covered, Option<Breach<'a>>),
    /// A raw number with the limit that it breaks, or what is no number.
    Bare(Option<(Number, Breach<'a>)>),
    Unseen,
}

fn weigh<'a>(
    tag: &'a Tag,
    covered: Covered,
    breach: impl Fn(Number) -> Option<Breach<'a>>,
    see: &mut dyn FnMut(Found<'_>),
) {
    match covered {
        Covered::No => {}
        Covered::Unseen => see(Found::Unseen),
        Covered::Partly | Covered::NoNumber => see(Found::Broken(tag, covered, None)),
        Covered::Whole(value) => {
            if let Some(breach) = breach(value) {
                see(Found::Broken(tag, covered, Some(breach)));
            }
        }
    }
}

/// Weighs the raw numbers that are written, but for those in cells that are a tag's.
fn raw_values(
    values: &Ranges,
    (target, written): (&Target<'_>, &Written<'_>),
    is_tag: &dyn Fn(&Target<'_>) -> bool,
    see: &mut dyn FnMut(Found<'_>),
) {
    if matches!(written, Written::Unseen) {
        see(Found::Unseen);
        return;
    }
    let mut place = 0;
    numbers(written, &mut |number| {
        let cells = cells(target, written, place);
        place += 1;
        let broken = number.map(|value| values.breach(value).map(|breach| (value, breach)));
        match broken {
            Some(None) => {}
            _ if is_tag(&cells) => {}
            Some(breach) => see(Found::Bare(breach)),
            None => see(Found::Bare(None)),
        }
    });
}

/// The cells that the number at a place among those written is in.
const fn cells<'t>(target: &Target<'t>, written: &Written<'_>, place: u64) -> Target<'t> {
    let many = match written {
        Written::Words(_) | Written::Bits(_) => 1,
        Written::Bytes { element, .. } => element.width() as u64,
        _ => return *target,
    };
    match *target {
        Target::Cells {
            area, block, first, ..
        } => {
            let first = first.saturating_add(place.saturating_mul(many));
            Target::Cells {
                area,
                block,
                first,
                last: first.saturating_add(many - 1),
            }
        }
        other => other,
    }
}

impl Grant {
    /// Whether it names a tag.
    fn names(&self, policy: &Policy, tag: &Tag) -> bool {
        let mut named = self.tags.iter().filter_map(|id| policy.tags.tag(*id));
        named.any(|named| std::ptr::eq(named, tag))
    }
}
