//! What is touched, and with which value: the walk through targets and values.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Function, Target, Verb};

use super::targets::{Atom, pieces};
use super::usual::{suited, usual};
use super::values;
use super::walk::{Answer, Draft, Walk, kept};
use super::witness::{Place, Put};

/// Targets that the same statements reach, and one of them.
type Group = (Vec<Answer>, Vec<Atom>, Option<Place>);

impl<'a> Walk<'_, 'a, '_> {
    pub(super) fn targets(&mut self, draft: &Draft, choice: &[Function]) -> bool {
        let grants = self.of(&draft.grants);
        let sets: Vec<_> = grants
            .iter()
            .filter_map(|(_, grant)| grant.targets.as_ref())
            .collect();
        let tags = self.tags(draft);
        if sets.is_empty() && tags.is_empty() || self.is_over(draft) {
            return self.anywhere(draft, choice);
        }
        let limited = self.limits_values(draft);
        let mut groups: Vec<Group> = Vec::new();
        let mut index: HashMap<(Vec<Answer>, u32, Option<Place>), usize> = HashMap::new();
        for piece in pieces(self.lanes.words, &sets, &tags) {
            let place = piece.place;
            let answers = self.answers(&draft.grants, |side, grant| {
                match (&grant.targets, &place) {
                    (None, _) | (_, None) => (true, true),
                    (Some(targets), Some(place)) => {
                        let target = place.target();
                        let asset = self.lanes.server_asset(side);
                        (
                            targets.cover_on(&target, asset),
                            targets.are_near_on(&target, asset),
                        )
                    }
                }
            });
            // a tag's values are its own, and so is having no target
            let own = place
                .as_ref()
                .filter(|place| touches(&tags, &place.target()));
            // nor does a bit take the values that a word does
            let bits = place.as_ref().filter(|_| limited).map_or(0, Place::bits);
            let key = (answers.clone(), bits, own.cloned());
            let fresh = place.is_none() || !index.contains_key(&key);
            if fresh {
                if place.is_some() {
                    index.insert(key, groups.len());
                }
                groups.push((answers, vec![piece.atom], place));
            } else if let Some((_, atoms, first)) =
                index.get(&key).and_then(|at| groups.get_mut(*at))
            {
                if better(first.as_ref(), place.as_ref()) {
                    *first = place;
                }
                atoms.push(piece.atom);
            }
        }
        for (answers, atoms, place) in groups {
            let mut next = draft.clone();
            next.grants = kept(&draft.grants, &answers);
            next.texts.targets = atoms;
            next.witness.target = place;
            if !self.values(&next, choice) {
                return false;
            }
        }
        true
    }

    /// What follows where no statement tells targets apart: once for each width of cells, where values are limited.
    fn anywhere(&mut self, draft: &Draft, choice: &[Function]) -> bool {
        let protocol = self.lanes.words.name;
        let mut widths: BTreeMap<u32, Vec<Function>> = BTreeMap::new();
        for function in choice {
            let bits = usual(protocol, *function).as_ref().map_or(0, Place::bits);
            let limited = self.limits_values(draft);
            let width = if limited { bits } else { 0 };
            widths.entry(width).or_default().push(*function);
        }
        let several = widths.len() > 1;
        widths.into_values().all(|choice| {
            let mut next = draft.clone();
            if let Some(first) = choice.first().filter(|_| several) {
                next.witness.function = *first;
                next.texts.functions = choice.iter().map(|function| function.name).collect();
            }
            next.texts.targets = vec![Atom::Any];
            next.witness.target = usual(protocol, next.witness.function);
            self.values(&next, &choice)
        })
    }

    /// Whether a statement limits what may be written.
    fn limits_values(&self, draft: &Draft) -> bool {
        let mut grants = self.of(&draft.grants).into_iter();
        draft.witness.function.verb == Verb::Write
            && grants.any(|(_, grant)| grant.values.is_some())
    }

    /// The places of tags whose values somebody limits here.
    pub(super) fn tags(&self, draft: &Draft) -> Vec<Target<'a>> {
        let lanes = self.lanes;
        let mut places = BTreeSet::new();
        if draft.witness.function.verb != Verb::Write {
            return Vec::new();
        }
        for side in [0, 1] {
            let policy = lanes.policy(side);
            let asset = lanes.lane(side, lanes.server.unit).server.asset;
            let tags = policy.tags.iter().filter(|tag| Some(tag.asset) == asset);
            let tags = tags.filter(|tag| tag.protocol == lanes.words.name);
            let grants = self.of(&draft.grants);
            let named = |name: &str| {
                let of_side = grants
                    .iter()
                    .filter(|(of, grant)| *of == side && grant.values.is_some());
                let mut ids = of_side.flat_map(|(_, grant)| &grant.tags);
                ids.any(|id| policy.tags.tag(*id).is_some_and(|tag| tag.name == name))
            };
            places.extend(
                tags.filter(|tag| tag.is_limited() || named(&tag.name))
                    .map(|tag| tag.exact.target()),
            );
        }
        places.into_iter().collect()
    }

    pub(super) fn values(&mut self, draft: &Draft, choice: &[Function]) -> bool {
        let mut draft = draft.clone();
        draft.witness.function = suited(choice, draft.witness.target.as_ref());
        let Some(place) = draft.witness.target.clone() else {
            return self.rates(&draft);
        };
        let limited = draft.witness.function.verb == Verb::Write
            && draft.grants.iter().any(|at| {
                self.lanes.grant(*at).is_some_and(|(side, grant)| {
                    let lane = self.lanes.lane(side, draft.witness.unit);
                    self.lanes.policy(side).limits_values(lane, grant)
                })
            });
        if !limited {
            return self.rates(&draft);
        }
        let grants = self.of(&draft.grants);
        let puts = values::puts(self.lanes, &grants, &place);
        let mut groups: Vec<(Vec<Answer>, Vec<String>, Put)> = Vec::new();
        for (text, put) in puts {
            draft.witness.written = Some(put.clone());
            let answers = self.answers(&draft.grants, |side, grant| {
                let fits = values::admits(self.lanes, side, grant, &draft.witness);
                (fits, fits)
            });
            match groups.iter_mut().find(|(of, ..)| *of == answers) {
                Some((_, texts, _)) => texts.extend(text),
                None => groups.push((answers, text.into_iter().collect(), put)),
            }
        }
        let several = groups.len() > 1;
        for (answers, texts, put) in groups {
            let mut next = draft.clone();
            next.grants = kept(&draft.grants, &answers);
            next.witness.written = Some(put);
            if several {
                next.texts.values = texts;
            }
            if !self.rates(&next) {
                return false;
            }
        }
        true
    }
}

fn touches(tags: &[Target<'_>], target: &Target<'_>) -> bool {
    tags.iter().any(|tag| match (tag, target) {
        (
            Target::Cells {
                area,
                block,
                first,
                last,
            },
            Target::Cells {
                area: of,
                block: block_of,
                first: first_of,
                last: last_of,
            },
        ) => (area, block) == (of, block_of) && first <= last_of && first_of <= last,
        (tag, target) => tag == target,
    })
}

/// Whether a place reads better than another: cells and nodes rather than whole blocks and programs.
fn better(before: Option<&Place>, next: Option<&Place>) -> bool {
    let rank = |place: Option<&Place>| match place {
        Some(Place::Cells { .. } | Place::Node { .. }) => 0,
        Some(_) => 1,
        None => 2,
    };
    rank(next) < rank(before)
}
