//! Zones inside zones: which zones each zone lies in, and that none lies in itself.
//!
//! A zone may lie in several others, such as its line and the group of all cells. What names an
//! outer zone means the hosts of its inner zones too; a host itself is in one zone, the most
//! specific.

use crate::names::{Names, id};
use crate::node::Word;
use crate::problems::Problems;
use crate::raw;
use crate::space::ZoneId;

/// For each zone the zones that its hosts count to: itself, then the zones that it lies in,
/// nearest first.
pub(crate) fn nest(
    zones: &[raw::Zone],
    names: &Names,
    problems: &mut Problems,
) -> Vec<Box<[ZoneId]>> {
    let inner = inner(zones, names, problems);
    let mut outer = vec![Vec::new(); zones.len()];
    if check_ways_round(zones, &inner, problems) {
        for (place, inner) in inner.iter().enumerate() {
            for (zone, _) in inner {
                if let Some(outer) = outer.get_mut(*zone) {
                    outer.push(place);
                }
            }
        }
    }
    let around = zones.iter().enumerate();
    around
        .map(|(place, zone)| around_one(place, &zone.name, &outer, problems))
        .collect()
}

/// The zones that each zone lists, and where.
type Inner<'a> = Vec<Vec<(usize, &'a Word)>>;

fn inner<'a>(zones: &'a [raw::Zone], names: &Names, problems: &mut Problems) -> Inner<'a> {
    let mut all = Vec::with_capacity(zones.len());
    for zone in zones {
        let mut inner: Vec<(usize, &Word)> = Vec::new();
        for word in &zone.members.zones {
            let Some(place) = names.zone(word, problems).and_then(place) else {
                continue;
            };
            match inner.iter().find(|(known, _)| *known == place) {
                Some((_, first)) => {
                    problems.twice(word.at, &format!("member `{}`", word.text), first.at);
                }
                None => inner.push((place, word)),
            }
        }
        all.push(inner);
    }
    all
}

/// How far the walk through the zones is with one of them.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Walk {
    New,
    Under,
    Done,
}

/// Walks every zone into its inner zones, and says each way that comes back to where it began.
/// Whether there is none. The walk keeps its own stack: a file may nest as deep as it likes.
fn check_ways_round(zones: &[raw::Zone], inner: &Inner<'_>, problems: &mut Problems) -> bool {
    let mut walked = vec![Walk::New; zones.len()];
    let mut sound = true;
    for start in 0..zones.len() {
        let mut way: Vec<(usize, usize)> = Vec::new();
        enter(start, &mut walked, &mut way);
        while let Some((zone, next)) = way.last_mut() {
            let zone = *zone;
            let step = inner.get(zone).and_then(|inner| inner.get(*next)).copied();
            *next += 1;
            let Some((into, word)) = step else {
                set(&mut walked, zone, Walk::Done);
                way.pop();
                continue;
            };
            if walked.get(into) == Some(&Walk::Under) {
                say_way_round(zones, &way, (into, word), problems);
                sound = false;
            }
            enter(into, &mut walked, &mut way);
        }
    }
    sound
}

fn enter(zone: usize, walked: &mut [Walk], way: &mut Vec<(usize, usize)>) {
    if walked.get(zone) == Some(&Walk::New) {
        set(walked, zone, Walk::Under);
        way.push((zone, 0));
    }
}

fn set(walked: &mut [Walk], zone: usize, to: Walk) {
    if let Some(state) = walked.get_mut(zone) {
        *state = to;
    }
}

fn say_way_round(
    zones: &[raw::Zone],
    way: &[(usize, usize)],
    (into, word): (usize, &Word),
    problems: &mut Problems,
) {
    let round = way.iter().skip_while(|(zone, _)| *zone != into);
    let names = round.filter_map(|(zone, _)| Some(zones.get(*zone)?.name.text.as_str()));
    let mut names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        names.truncate(SHOWN);
        names.push("…".to_owned());
    }
    let name = &word.text;
    let what = format!("zone `{name}` lies in itself");
    let help = format!("the way round is {} > `{name}`", names.join(" > "));
    problems.error_with(word.at, what, help);
}

fn around_one(
    place: usize,
    name: &Word,
    outer: &[Vec<usize>],
    problems: &mut Problems,
) -> Box<[ZoneId]> {
    let mut around = vec![place];
    let mut seen = 0;
    while let Some(zone) = around.get(seen).copied() {
        seen += 1;
        for next in outer.get(zone).into_iter().flatten() {
            if !around.contains(next) {
                around.push(*next);
            }
            if around.len() > MAX_AROUND + 1 {
                let what = format!("zone `{}` lies in more than {MAX_AROUND} zones", name.text);
                problems.error_with(name.at, what, "nest fewer zones");
                return [ZoneId(id(place))].into();
            }
        }
    }
    around.into_iter().map(|zone| ZoneId(id(zone))).collect()
}

fn place(zone: ZoneId) -> Option<usize> {
    usize::try_from(zone.0).ok()
}

/// The most zones that one may lie in: each is looked up when two hosts first meet.
const MAX_AROUND: usize = 32;

/// The most zones of a way round that are named.
const SHOWN: usize = 12;
