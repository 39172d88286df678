//! Values of every kind: one for each set of statements that allow it to be written to a target.
//!
//! Numbers are cut where a statement's values or a tag's limits begin and end, raw and in the units of the tags
//! there; which statements allow each is asked of the judge, from the bytes that it would see.

use model::{Element, Target, Timestamp};

use super::tree::Lanes;
use super::witness::{Payload, Place, Put, Witness};
use crate::judge::Case;
use crate::limits::Admission;
use crate::number::{Number, read_plain};
use crate::policy::Grant;
use crate::standing::Standing;
use crate::tags::{Tag, bits_of};
use crate::values::Ranges;

/// Whether a statement allows what a witness writes.
pub(crate) fn admits(lanes: &Lanes<'_>, side: usize, grant: &Grant, witness: &Witness) -> bool {
    let (Some(place), Some(put)) = (&witness.target, &witness.written) else {
        return true;
    };
    let standing = Standing::default();
    let case = Case {
        policy: lanes.policy(side),
        lane: lanes.lane(side, witness.unit),
        state: standing.state(0),
        operation: &witness.operation(),
        now: Timestamp::default(),
    };
    case.admits(grant, &place.target(), &put.what.written()) == Admission::Yes
}

/// What can be written to a place, and how each piece reads.
pub(crate) fn puts(
    lanes: &Lanes<'_>,
    grants: &[(usize, &Grant)],
    place: &Place,
) -> Vec<(Option<String>, Put)> {
    let target = place.target();
    let mut found = Vec::new();
    let tags = tags(lanes, target);
    for (side, tag) in &tags {
        found.extend(of_tag(lanes, grants, (*side, *tag), place));
    }
    let own = |(_, grant): &&(usize, &Grant)| grant.values.is_some();
    let raw: Vec<Ranges> = grants
        .iter()
        .filter(own)
        .filter_map(|it| it.1.values.clone())
        .collect();
    let named = !found.is_empty();
    let all = possible(target);
    let is_whole = all != Ranges::all();
    for piece in cut(all, &raw) {
        let piece = if is_whole { piece.whole() } else { piece };
        if let Some(put) = bare(target, &piece) {
            found.push(((!named).then(|| piece.words()), put));
        }
    }
    if matches!(target, Target::Node { .. }) {
        let put = Put {
            what: Payload::Text,
            text: "text".to_owned(),
        };
        found.push((Some("what is no number".to_owned()), put));
    }
    if tags.iter().any(|(_, tag)| !tag.is_of_bytes()) {
        for words in [[0, 0], [0xff, 0xff]] {
            let what = Payload::Words(words.to_vec());
            let text = u16::from_be_bytes(words).to_string();
            found.push((None, Put { what, text }));
        }
    }
    found
}

/// The tags of the server at a place.
fn tags<'l>(lanes: &Lanes<'l>, target: Target<'_>) -> Vec<(usize, &'l Tag)> {
    let mut found: Vec<(usize, &Tag)> = Vec::new();
    for side in [0, 1] {
        let policy = lanes.policy(side);
        let asset = lanes.server_asset(side);
        let on = asset.map(|asset| policy.tags.on(asset, lanes.protocol(), target));
        found.extend(on.into_iter().flatten().map(|tag| (side, tag)));
    }
    found
}

fn of_tag(
    lanes: &Lanes<'_>,
    grants: &[(usize, &Grant)],
    (side, tag): (usize, &Tag),
    place: &Place,
) -> Vec<(Option<String>, Put)> {
    let mut sets = vec![tag.limits()];
    for (of, grant) in grants {
        let policy = lanes.policy(*of);
        let names = grant.tags.iter().filter_map(|id| policy.tags.tag(*id));
        let named = names.into_iter().any(|named| named.exact == tag.exact);
        sets.extend(grant.values.clone().filter(|_| named));
    }
    for other in [0, 1].into_iter().filter(|other| *other != side) {
        let same = lanes
            .policy(other)
            .tags
            .iter()
            .filter(|it| it.exact == tag.exact);
        sets.extend(same.map(Tag::limits));
    }
    let mut found = Vec::new();
    for piece in cut(tag.possible(), &sets) {
        let unit = tag
            .unit
            .as_ref()
            .map(|unit| format!(" {unit}"))
            .unwrap_or_default();
        let text = format!("{} {}{unit}", tag.name, piece.words());
        if let Some(value) = piece.a_value_in()
            && let Some(what) = encoded(tag, value, place)
        {
            let value = format!("{value}{unit}");
            found.push((Some(text), Put { what, text: value }));
        }
    }
    found
}

/// What gives a tag a value; none where the place is not the tag alone.
fn encoded(tag: &Tag, value: Number, place: &Place) -> Option<Payload> {
    if tag.exact.target() != place.target() {
        return None;
    }
    match place {
        Place::Node { .. } => tag.raw(value).map(Payload::Number),
        Place::Cells { area, .. } if tag.is_of_bytes() => {
            let bytes = tag.bytes(value)?;
            Some(match bits_of(area) {
                16 => Payload::Words(bytes),
                _ => Payload::Bytes(bytes, Element::Byte),
            })
        }
        Place::Cells { area, .. } if bits_of(area) == 1 => {
            Some(Payload::Bit(value != Number::ZERO))
        }
        _ => None,
    }
}

/// The raw numbers that a cell or node can take.
fn possible(target: Target<'_>) -> Ranges {
    let most = match target {
        Target::Cells { area, .. } => match bits_of(area) {
            1 => Some("1"),
            16 => Some("65535"),
            _ => None,
        },
        _ => None,
    };
    most.and_then(read_plain)
        .map_or_else(Ranges::all, |most| Ranges::from_to(Number::ZERO, most))
}

/// What sets cut numbers into.
fn cut(all: Ranges, sets: &[Ranges]) -> Vec<Ranges> {
    let mut pieces = vec![all];
    for set in sets {
        let halves = pieces
            .iter()
            .flat_map(|piece| [piece.intersect(set), piece.subtract(set)]);
        pieces = halves.filter(|half| !half.is_empty()).collect();
    }
    pieces
}

/// A raw number of a piece, in every cell of a target.
fn bare(target: Target<'_>, piece: &Ranges) -> Option<Put> {
    let value = piece.a_value_in()?;
    let text = value.to_string();
    let number: f64 = text.parse().ok()?;
    let count = match target {
        Target::Cells { first, last, .. } => usize::try_from(last - first).ok()?.saturating_add(1),
        _ => 1,
    };
    let what = match target {
        Target::Cells { area, .. } => match bits_of(area) {
            1 => Payload::Bit(number != 0.0),
            16 => {
                let word: u16 = text.parse().ok()?;
                Payload::Words(word.to_be_bytes().repeat(count.min(MAX_CELLS)))
            }
            _ => match text.parse::<u8>() {
                Ok(byte) => Payload::Bytes(vec![byte; count.min(MAX_CELLS)], Element::Byte),
                Err(_) => Payload::Bytes(number.to_be_bytes().to_vec(), Element::LReal),
            },
        },
        _ => Payload::Number(number),
    };
    Some(Put { what, text })
}

/// How many cells a witness fills at most; what is written to the others is the same.
const MAX_CELLS: usize = 256;
