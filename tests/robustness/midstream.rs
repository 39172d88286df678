//! Captures that are joined in the middle: what is decoded from there on is what is decoded from
//! the start, but for what only the start tells.

use std::path::Path;

use serde_json::Value;

use super::chance::Chance;
use super::disturbed::{holds, operations};
use super::hearing::{Hearing, Shot, hear, shots};
use super::{each, tried};

/// An operation: its frame, head and detail.
type Said<'a> = (u64, &'a str, &'a str);

/// How runs that began late compare with the whole one.
#[derive(Debug, Default)]
struct Account {
    /// Operations in the frames that were seen.
    wanted: usize,
    found: usize,
    /// Of those, with less detail.
    changed: usize,
    /// Of those, without knowing who is the client.
    unsided: usize,
    /// Of those, with client and server mistaken for each other.
    turned: usize,
    wrong: Vec<String>,
}

#[test]
fn a_capture_joined_in_the_middle_says_what_it_says_from_its_start() {
    let accounts = each(&tried(), |path| join(path));
    let sum = |part: fn(&Account) -> usize| accounts.iter().map(part).sum::<usize>();
    let (wanted, found) = (sum(|it| it.wanted), sum(|it| it.found));
    let turned = sum(|it| it.turned);
    println!(
        "{found} of {wanted} operations, {} of them with less detail, {} without a side, {turned} turned",
        sum(|it| it.changed),
        sum(|it| it.unsided)
    );
    assert_eq!(turned, 0);
    let wrong: Vec<_> = accounts.into_iter().flat_map(|it| it.wrong).collect();
    assert_eq!(&wrong[..wrong.len().min(SHOWN)], &[] as &[String]);
}

fn join(path: &Path) -> Account {
    let shots = shots(path, usize::MAX);
    let mut account = Account::default();
    if shots.is_empty() {
        return account;
    }
    let whole = hear(&shots);
    let mut chance = Chance::seeded(1);
    for _ in 0..STARTS {
        let start = chance.below(shots.len() as u64) as usize;
        let late: &[Shot] = &shots[start..];
        let before = account.wrong.len();
        compare(&whole, &hear(late), late[0].number, &mut account);
        for wrong in &mut account.wrong[before..] {
            *wrong = format!("{} from frame {}: {wrong}", path.display(), late[0].number);
        }
    }
    account
}

fn compare(whole: &Hearing, late: &Hearing, start: u64, account: &mut Account) {
    let (whole, late) = (whole.by_key(), late.by_key());
    for (key, late) in &late {
        let whole = whole.get(key).map_or(&[][..], Vec::as_slice);
        if whole.iter().all(|heard| heard.is_whole()) {
            account.look_up(&operations(whole), &operations(late), start);
        }
    }
}

impl Account {
    fn look_up(&mut self, whole: &[Said<'_>], late: &[Said<'_>], start: u64) {
        let (mut left, before): (Vec<_>, Vec<_>) =
            whole.iter().copied().partition(|it| it.0 >= start);
        self.wanted += left.len();
        self.found += late.len();
        for said in late {
            // What was said before and is sent again is new to whoever came late.
            let again = || before.iter().any(|it| Match::of(it, said).is_some());
            let same = |it: &Said<'_>| it.0 == said.0 && Match::of(it, said).is_some();
            match left.iter().position(same) {
                Some(at) => self.add(Match::of(&left.remove(at), said)),
                None if again() => {}
                None => self.wrong.push(format!("{said:.300?} was made up")),
            }
        }
        let first = late.first().map_or(u64::MAX, |it| it.0);
        let missed = left.iter().filter(|it| it.0 > first);
        let missed = missed.map(|it| format!("{it:.300?} was missed after frame {first}"));
        self.wrong.extend(missed);
    }

    fn add(&mut self, found: Option<Match>) {
        let Some(found) = found else { return };
        self.changed += usize::from(found.is_changed);
        self.unsided += usize::from(found.is_unsided);
        self.turned += usize::from(found.is_turned);
    }
}

/// How an operation is the same as one of the whole run.
struct Match {
    is_changed: bool,
    is_unsided: bool,
    is_turned: bool,
}

impl Match {
    fn of(whole: &Said<'_>, late: &Said<'_>) -> Option<Self> {
        let [protocol, stage, function] = words(whole.1);
        let [ours, side, name] = words(late.1);
        let is_unsided = side == "other" && stage != "other";
        let is_turned = side != stage && !is_unsided;
        // An answer may be called by its request, and which list of an S7 device is read on stands in
        // the first request alone; what was agreed on before may tell how to read a message; and where
        // request and answer are alike nothing tells them apart.
        let is_known_before = stage == "response" || ["encrypted", "szl_read"].contains(&name);
        let same_function = function == name || is_known_before;
        let detail = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let is_changed = whole.2 != late.2;
        let same = protocol == ours && same_function && !(is_turned && is_changed);
        (same && (!is_changed || holds(&detail(whole.2), &detail(late.2)))).then_some(Self {
            is_changed,
            is_unsided,
            is_turned,
        })
    }
}

fn words(head: &str) -> [&str; 3] {
    let mut words = head.splitn(3, ' ');
    [(); 3].map(|()| words.next().unwrap_or_default())
}

/// How many frames each capture is joined at.
const STARTS: usize = 12;
/// How many mistakes are shown.
const SHOWN: usize = 12;
