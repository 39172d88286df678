//! What tests left that were killed.

use std::path::Path;
use std::process::Command;

use super::{inside, ip, wait_until};
use crate::support::stdout;

/// Takes away what tests left that were killed: namespaces whose test runs no more, and what still runs in them.
pub(super) fn sweep() {
    let listed = Command::new("ip").args(["netns", "list"]).output();
    let listed = listed.map_or_else(|_| String::new(), |output| stdout(&output));
    let names = listed.lines().filter_map(|line| line.split(' ').next());
    for name in names.filter(|name| is_stale(name)) {
        let inside = Command::new("ip").args(["netns", "pids", name]).output();
        let inside = inside.map_or_else(|_| String::new(), |output| stdout(&output));
        for process in inside.lines() {
            let _ = Command::new("kill").args(["-s", "KILL", process]).status();
        }
        let _ = ip(&format!("netns del {name}"));
        let _ = std::fs::remove_dir_all(Path::new("/etc/netns").join(name));
    }
}

/// Whether a namespace was made by a test that runs no more.
fn is_stale(name: &str) -> bool {
    let maker = name
        .strip_prefix("bulkhead-")
        .and_then(|rest| rest.split('-').next());
    maker.is_some_and(|maker| {
        maker.parse::<u32>().is_ok() && !Path::new("/proc").join(maker).exists()
    })
}

#[test]
fn what_a_killed_test_left_is_taken_away_and_nothing_else() {
    let gone = Command::new("true").spawn().and_then(|mut child| {
        child.wait()?;
        Ok(child.id())
    });
    let stale = format!("bulkhead-{}-0-switch", gone.unwrap());
    let ours = format!("bulkhead-{}-sweep", std::process::id());
    if let Err(why) = ip(&format!("netns add {stale}")) {
        println!("skipped: no namespace can be made: {why}");
        return;
    }
    ip(&format!("netns add {ours}")).unwrap();
    let mut left = inside(&stale, "sleep").arg("600").spawn().unwrap();
    wait_until("what runs in the namespace", || {
        let output = Command::new("ip").args(["netns", "pids", &stale]).output();
        (!output.unwrap().stdout.is_empty()).then_some(())
    });
    sweep();
    assert!(!left.wait().unwrap().success());
    let listed = Command::new("ip").args(["netns", "list"]).output().unwrap();
    let listed = stdout(&listed);
    ip(&format!("netns del {ours}")).unwrap();
    assert!(!listed.contains(&stale), "{listed}");
    assert!(listed.contains(&ours), "{listed}");
}
