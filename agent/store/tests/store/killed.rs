//! A process that is killed while it accepts policies loses none that it was told is accepted.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use model::Timestamp;
use store::{Acceptance, SignedPolicy, Store};
use tempfile::tempdir;

const STORE: &str = "BULKHEAD_TEST_STORE";
const FIRST: &str = "BULKHEAD_TEST_FIRST";
const SAYS: &str = "accepted ";

fn policy(number: u64) -> SignedPolicy {
    SignedPolicy {
        site: "mill".into(),
        number,
        digest: format!("digest of {number}"),
    }
}

fn accept(store: &mut Store, number: u64) -> Acceptance {
    let now = Timestamp::from_nanos(1);
    store.accept_policy(&policy(number), false, now).unwrap()
}

/// Accepts one policy after the other and says so, until it is killed.
#[test]
#[ignore = "started by the test below, which kills it"]
fn accepting() {
    let mut store = Store::open(std::env::var(STORE).unwrap()).unwrap();
    let first: u64 = std::env::var(FIRST).unwrap().parse().unwrap();
    for number in first.. {
        assert_eq!(accept(&mut store, number), Acceptance::Accepted);
        println!("\n{SAYS}{number}");
    }
}

/// Starts a process that accepts policies from `first` on, kills it at once after the `count`th, and says
/// which it said last.
fn killed_after(path: &Path, first: u64, count: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::accepting", "--ignored", "--nocapture"])
        .env(STORE, path)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = lines.filter_map(|line| line.ok()?.strip_prefix(SAYS)?.parse().ok());
    let _ = said.nth(count - 1).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    said.last().unwrap_or(first + count as u64 - 1)
}

#[test]
fn what_was_accepted_is_known_after_a_kill_and_an_older_one_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut first = 2;
    for round in 0..12 {
        let said = killed_after(&path, first, 1 + round * 5);
        let mut store = Store::open(&path).unwrap();
        store.check().unwrap();
        let Acceptance::Older { than, .. } = accept(&mut store, 1) else {
            panic!("version 1 is accepted after version {said}");
        };
        assert!(
            [said, said + 1].contains(&than),
            "{said} was said, {than} is kept"
        );
        assert_eq!(accept(&mut store, than), Acceptance::Accepted);
        first = than + 1;
    }
}
