//! The same bytes in other segments.

use std::path::Path;

use model::{Direction, Stamp, Transport};

use super::chance::Chance;
use super::hearing::{Heard, Line, Piece, What, hear, retold, shots};
use super::{each, tried};

/// A run of bytes of one direction.
pub(super) type Run = (Stamp, Direction, Vec<u8>);

/// How long the next segment is.
pub(super) type Cut = fn(&mut Chance) -> u64;

pub(super) const CUTS: [(&str, Cut); 3] = [
    ("one by one", |_| 1),
    ("anywhere", |chance| {
        let longest = 2 << chance.below(10);
        1 + chance.below(longest)
    }),
    ("together", |_| u64::MAX),
];

#[test]
fn the_same_bytes_in_other_segments_say_the_same() {
    let (compared, wrong): (Vec<usize>, Vec<Vec<String>>) =
        each(&tried(), |path| compare(path)).into_iter().unzip();
    println!("{} operations compared", compared.iter().sum::<usize>());
    assert_eq!(wrong.concat(), Vec::<String>::new());
}

fn compare(path: &Path) -> (usize, Vec<String>) {
    let mut chance = Chance::seeded(1);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for heard in hear(&shots(path, usize::MAX)).flows {
        if heard.transport != Transport::Tcp {
            continue;
        }
        let (wanted, is_found) = known(&heard);
        compared += wanted.len();
        let runs = runs(sound(&heard.pieces));
        for (name, cut) in CUTS {
            let said = retold(&heard, segments(&runs, cut, &mut chance));
            let mut found = operations(&said);
            if !is_found {
                found.truncate(wanted.len());
            }
            let difference = difference(&heard, &wanted, &found);
            wrong.extend(difference.map(|it| format!("{name} {} {it}", path.display())));
        }
    }
    (compared, wrong)
}

/// What is certain in any cut: all up to where a message boundary was first lost; and whether
/// none was. Where one is found again may depend on the segments.
fn known(heard: &Heard) -> (Vec<String>, bool) {
    let pieces = sound(&heard.pieces);
    let pieces = pieces
        .iter()
        .map(|piece| (piece.stamp, piece.from, piece.bytes()));
    let lines = retold(heard, pieces);
    let is_lost = |line: &Line| matches!(line.what, What::Lost(_));
    let certain = lines.iter().position(is_lost).unwrap_or(lines.len());
    (operations(&lines[..certain]), certain == lines.len())
}

/// What came before the first hole.
fn sound(pieces: &[Piece]) -> &[Piece] {
    let hole = pieces.iter().position(|piece| piece.bytes.is_err());
    &pieces[..hole.unwrap_or(pieces.len())]
}

fn difference(heard: &Heard, wanted: &[String], found: &[String]) -> Option<String> {
    if wanted == found {
        return None;
    }
    let [first, second] = heard.ends;
    let same = wanted
        .iter()
        .zip(found)
        .take_while(|(wanted, found)| wanted == found);
    let place = same.count();
    Some(format!(
        "{first} {second}: {} wanted, {} found; at {place}: {:.300?} became {:.300?}",
        wanted.len(),
        found.len(),
        wanted.get(place),
        found.get(place),
    ))
}

/// What is compared: operations, without the frames that brought them.
pub(super) fn operations(lines: &[Line]) -> Vec<String> {
    lines
        .iter()
        .filter_map(|line| match &line.what {
            What::Operation(head, detail) => Some(format!("{head} {detail}")),
            What::Lost(_) | What::Other(_) => None,
        })
        .collect()
}

/// What one direction says until the other does.
pub(super) fn runs(pieces: &[Piece]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for piece in pieces {
        match runs.last_mut() {
            Some((_, from, run)) if *from == piece.from => run.extend_from_slice(piece.bytes()),
            _ => runs.push((piece.stamp, piece.from, piece.bytes().to_vec())),
        }
    }
    runs
}

pub(super) fn segments<'a>(
    runs: &'a [Run],
    cut: Cut,
    chance: &mut Chance,
) -> impl Iterator<Item = (Stamp, Direction, &'a [u8])> {
    runs.iter().flat_map(move |(stamp, from, bytes)| {
        let mut rest = bytes.as_slice();
        std::iter::from_fn(|| {
            let len = cut(chance).min(rest.len() as u64) as usize;
            let (segment, more) = rest.split_at(len);
            rest = more;
            (len > 0).then_some((*stamp, *from, segment))
        })
        .collect::<Vec<_>>()
    })
}
