//! Frames that are lost, doubled, moved or cut short on the way to the sensor.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model::{End, Transport};
use serde_json::Value;

use super::chance::Chance;
use super::hearing::{Heard, Hearing, Key, Shot, What, hear, shots};
use super::{each, tried};

/// What happens to a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mishap {
    Lost,
    Doubled,
    Moved,
    Cut,
}

/// What happens, and to how many of 1000 frames.
const CASES: [(Mishap, u64); 12] = [
    (Mishap::Lost, 1),
    (Mishap::Lost, 10),
    (Mishap::Lost, 50),
    (Mishap::Doubled, 50),
    (Mishap::Moved, 1),
    (Mishap::Moved, 10),
    (Mishap::Moved, 50),
    (Mishap::Cut, 10),
    (Mishap::Cut, 50),
    (Mishap::Doubled, 1),
    (Mishap::Doubled, 10),
    (Mishap::Cut, 1),
];

/// How a disturbed run compares with the quiet one.
#[derive(Default)]
struct Account {
    wanted: usize,
    found: usize,
    changed: usize,
    /// Messages that had to be found: all of their bytes were seen, right behind a message that was found.
    due: usize,
    wrong: Vec<String>,
}

#[test]
fn what_is_lost_is_said_and_nothing_is_made_up() {
    let accounts = each(&tried(), |path| disturb(path));
    for (at, (mishap, share)) in CASES.iter().enumerate() {
        let of_this = || accounts.iter().filter_map(|cases| cases.get(at));
        let wanted: usize = of_this().map(|account| account.wanted).sum();
        let found: usize = of_this().map(|account| account.found).sum();
        let changed: usize = of_this().map(|account| account.changed).sum();
        let due: usize = of_this().map(|account| account.due).sum();
        println!(
            "{mishap:?}, {share} of 1000 frames: {found} of {wanted} operations, {changed} of them with less detail; {due} had to be"
        );
        assert!((wanted - found) * 1000 <= wanted * 2 * *share as usize);
    }
    let wrong = accounts
        .into_iter()
        .flatten()
        .flat_map(|account| account.wrong);
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}

fn disturb(path: &Path) -> Vec<Account> {
    let shots = shots(path, usize::MAX);
    let quiet = hear(&shots);
    let cases = CASES.iter().zip(1..);
    cases
        .map(|(&(mishap, share), seed)| {
            let (disturbed, touched) = disturbed(&shots, mishap, share, &mut Chance::seeded(seed));
            let mut account = compare(&quiet, &hear(&disturbed), &touched);
            for wrong in &mut account.wrong {
                *wrong = format!("{mishap:?} {share} {} {wrong}", path.display());
            }
            account
        })
        .collect()
}

/// The frames after some mishaps, and which of them had one.
fn disturbed(
    shots: &[Shot],
    mishap: Mishap,
    share: u64,
    chance: &mut Chance,
) -> (Vec<Shot>, BTreeSet<u64>) {
    let mut touched = BTreeSet::new();
    let mut left = Vec::new();
    let mut late: Vec<(u64, Shot)> = Vec::new();
    for shot in shots {
        if chance.below(1000) < share {
            touched.insert(shot.number);
            match mishap {
                Mishap::Lost => {}
                Mishap::Doubled => left.extend([shot.clone(), shot.clone()]),
                Mishap::Moved => late.push((1 + chance.below(5), shot.clone())),
                Mishap::Cut => left.push(shot.cut(chance.below(shot.bytes.len() as u64 + 1))),
            }
        } else {
            left.push(shot.clone());
        }
        for (wait, moved) in &mut late {
            *wait -= 1;
            if *wait == 0 {
                left.push(moved.at(shot.time));
            }
        }
        late.retain(|(wait, _)| *wait > 0);
    }
    left.extend(late.into_iter().map(|(_, shot)| shot));
    (left, touched)
}

fn compare(quiet: &Hearing, disturbed: &Hearing, touched: &BTreeSet<u64>) -> Account {
    let mut account = Account::default();
    let owners = touched.iter().filter_map(|frame| quiet.owners.get(frame));
    let whose: BTreeSet<&Key> = owners.collect();
    let (before, after) = (quiet.by_key(), disturbed.by_key());
    for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let before = before.get(key).map_or(&[][..], Vec::as_slice);
        let after = after.get(key).map_or(&[][..], Vec::as_slice);
        if !whose.contains(key) && said(before) != said(after) {
            account.wrong.push(format!("{key:?} was touched"));
        }
        // What the quiet run itself lost may be found where the segments come otherwise.
        if before.iter().all(|heard| heard.is_whole()) {
            account.look_up(before, after, touched);
        }
        if let ([before], [after]) = (before, after) {
            account.add_up(before, after, touched);
        }
    }
    account
}

/// Everything that was said, without the frames that brought it.
fn said<'a>(flows: &[&'a Heard]) -> Vec<&'a What> {
    let lines = flows.iter().flat_map(|heard| &heard.lines);
    lines.map(|line| &line.what).collect()
}

/// Operations that are still to be found again, by their frames.
type Unused<'a> = BTreeMap<u64, Vec<(&'a str, &'a str)>>;

/// Takes an operation that fits: of the frame itself, else the first near it, else of an earlier frame that had a mishap
/// and was sent again.
fn take(
    unused: &mut Unused<'_>,
    frame: u64,
    touched: &BTreeSet<u64>,
    fits: impl Fn(&(&str, &str)) -> bool,
) -> bool {
    let near = frame.saturating_sub(NEAR)..=frame + NEAR;
    [frame..=frame, near.clone(), 0..=frame]
        .into_iter()
        .any(|frames| {
            let mut at = unused
                .range_mut(frames)
                .filter(|(at, _)| near.contains(at) || touched.contains(at))
                .map(|(_, at)| at);
            at.any(|at| {
                let place = at.iter().position(&fits);
                place.map(|place| at.swap_remove(place)).is_some()
            })
        })
}

/// Strikes an operation off those that were not found; tells whether it was among them.
fn strike(missed: &mut Unused<'_>, frame: u64, operation: (&str, &str)) -> bool {
    let Some(left) = missed.get_mut(&frame) else {
        return false;
    };
    let place = left.iter().position(|it| *it == operation);
    place.map(|place| left.swap_remove(place)).is_some()
}

/// Frame, head and detail of every operation.
pub(super) fn operations<'a>(flows: &[&'a Heard]) -> Vec<(u64, &'a str, &'a str)> {
    let lines = flows.iter().flat_map(|heard| &heard.lines);
    lines
        .filter_map(|line| match &line.what {
            What::Operation(head, detail) => Some((line.frame, head.as_str(), detail.as_str())),
            What::Lost(_) | What::Other(_) => None,
        })
        .collect()
}

impl Account {
    /// Looks up every operation of the disturbed run in the quiet one, each of which is used once.
    fn look_up(&mut self, flows: &[&Heard], after: &[&Heard], touched: &BTreeSet<u64>) {
        let (before, mut after) = (operations(flows), operations(after));
        self.wanted += before.len();
        self.found += after.len();
        let mut unused = Unused::new();
        for (frame, head, detail) in before {
            unused.entry(frame).or_default().push((head, detail));
        }
        after.retain(|(frame, head, detail)| {
            !take(&mut unused, *frame, touched, |it| *it == (head, detail))
        });
        self.changed += after.len();
        for (frame, head, detail) in after {
            let ours: Value = serde_json::from_str(detail).unwrap();
            let fits =
                |(_, theirs): &(&str, &str)| holds(&serde_json::from_str(theirs).unwrap(), &ours);
            if !take(&mut unused, frame, touched, fits) {
                self.wrong
                    .push(format!("frame {frame} says {head} {detail}"));
            }
        }
        for heard in flows {
            for end in heard.ends {
                self.ask_for(heard, end, touched, &mut unused);
            }
        }
    }

    /// Asks for every message of an end that had to be found: the one before it was, and between the last bytes of both
    /// no frame had a mishap.
    fn ask_for(
        &mut self,
        heard: &Heard,
        end: End,
        touched: &BTreeSet<u64>,
        missed: &mut Unused<'_>,
    ) {
        let frames: BTreeSet<u64> = heard.frames(end).into_iter().collect();
        let harmed: BTreeSet<u64> = frames.intersection(touched).copied().collect();
        let mut before = None;
        for line in &heard.lines {
            let (What::Operation(head, detail), true) =
                (&line.what, *line.from.of(&heard.ends) == end)
            else {
                continue;
            };
            let is_missed = strike(missed, line.frame, (head, detail));
            let is_whole = before.is_some_and(|before| {
                before <= line.frame && harmed.range(before..=line.frame).next().is_none()
            });
            self.due += usize::from(is_whole);
            if is_whole && is_missed {
                self.wrong
                    .push(format!("{end} was not heard: {line:.300?}"));
            }
            before = (!is_missed).then_some(line.frame);
        }
    }

    /// Adds up what each end sent: every byte between its first and its last is heard, or said to
    /// be missing.
    fn add_up(&mut self, before: &Heard, after: &Heard, touched: &BTreeSet<u64>) {
        for end in before
            .ends
            .iter()
            .filter(|_| before.transport == Transport::Tcp)
        {
            let frames = before.frames(*end);
            let mut outer = frames.first().into_iter().chain(frames.last());
            let (sent, known) = (before.sent_bytes(*end), after.sent_bytes(*end));
            if sent != known && outer.all(|frame| !touched.contains(frame)) {
                self.wrong
                    .push(format!("{end} sent {sent} bytes, but {known} are known of"));
            }
        }
    }
}

/// Whether a record holds everything that another one does, but for what only a seen request or
/// session tells: how many bits the last byte has, which nodes were asked for, whose session it is,
/// and whether results are those of nodes or of subscriptions.
pub(super) fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .filter(|(name, _)| !REMEMBERED.contains(&name.as_str()))
            .all(|(name, value)| {
                let is_results = name == "nodes" && !whole.contains_key("nodes");
                let name = if is_results { "subscriptions" } else { name };
                whole.get(name).is_some_and(|whole| holds(whole, value))
            }),
        (Value::Array(whole), Value::Array(part)) => {
            let more = part.len().wrapping_sub(whole.len());
            let fits = part.is_empty() || more < 8;
            fits && whole
                .iter()
                .zip(part)
                .all(|(whole, part)| holds(whole, part))
        }
        _ => whole == part,
    }
}

/// What records carry of what was heard before, which is less or more when something was lost: of
/// OPC UA's channel, of which the other direction tells, and session, which outlives its end; of an S7 transfer; and the
/// type that a value was asked for as.
const REMEMBERED: [&str; 11] = [
    "encrypted",
    "security_mode",
    "certificate_thumbprint",
    "certificate_uri",
    "application_uri",
    "session_name",
    "identity",
    "user",
    "transfer",
    "pi_blocks",
    "typed",
];
/// How far, in frames, a message may move when a frame of it does.
const NEAR: u64 = 8;
