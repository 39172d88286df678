//! Every format read back allows what the ruleset allows, no more and no less: nftables and iptables as the
//! kernel lists them, the others as they are written.

use std::process::Command;

use super::boxes::Allowed;
use super::sites::{Site, generated, plant, write};
use super::{listing, tables};
use crate::support::{stderr, stdout};

#[test]
fn nftables_lists_what_the_ruleset_says() {
    check("nftables", |text| {
        let listed = kernel(text, "nft", "nft -f FILE && nft -j list ruleset")?;
        Some(listing::nftables(&listed))
    });
}

#[test]
fn iptables_lists_what_the_ruleset_says() {
    for program in ["iptables", "iptables-legacy"] {
        check("iptables", |text| {
            let v6 = program.replace("ip", "ip6");
            let load = format!(
                "{program}-restore --noflush FILE && {v6}-restore --noflush FILE && \
                 {program}-restore --noflush FILE && {program}-save && {v6}-save"
            );
            let listed = kernel(text, program, &load)?;
            Some(listing::iptables(&listed))
        });
    }
}

#[test]
fn access_lists_say_what_the_ruleset_says() {
    check("cisco-acl", |text| Some(tables::access_lists(text)));
}

#[test]
fn the_table_says_what_the_ruleset_says() {
    check("csv", |text| Some(tables::csv(text)));
}

#[test]
fn shadow_lets_pass_the_same_and_the_rest_too() {
    for (format, rest) in [
        (
            "nftables",
            "type filter hook forward priority filter; policy accept;",
        ),
        ("iptables", ":FORWARD ACCEPT [0:0]"),
        ("cisco-acl", " permit ip any any log"),
        ("csv", ",count,any,"),
    ] {
        let (enforce, shadow) = (
            plant().filter(format, "enforce"),
            plant().filter(format, "shadow"),
        );
        assert!(shadow.contains(rest) && !enforce.contains(rest), "{format}");
        let denies = ["drop;", " drop ", "DROP", "deny ", ",deny,"];
        let denies = |text: &str| {
            let lines = text.lines().filter(|line| !line.starts_with(['#', '!']));
            lines
                .filter(|line| denies.iter().any(|word| line.contains(word)))
                .count()
        };
        assert!(denies(&enforce) > 0, "{format}");
        assert_eq!(denies(&shadow), 0, "{format}");
    }
}

fn check(format: &str, read: impl Fn(&str) -> Option<Allowed>) {
    let sites: [Site; 4] = [plant(), generated(1), generated(2), generated(3)];
    for site in sites {
        let text = site.filter(format, "enforce");
        assert_eq!(text, site.filter(format, "enforce"), "the same bytes again");
        let Some(allowed) = read(&text) else { return };
        let expected = Allowed::of_ruleset(&site.ruleset());
        assert!(!expected.is_empty());
        assert_eq!(allowed, expected, "{}", site.path.display());
    }
}

/// What the kernel says after a filter was loaded in a namespace of its own. Without the program or
/// namespaces it says so.
fn kernel(text: &str, program: &str, script: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "filter", text);
    let script = script.replace("FILE", file.to_str().unwrap());
    let inside = |script: &str| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--net", "sh", "-c", script]).output()
    };
    let list = if program == "nft" {
        "nft list ruleset".to_owned()
    } else {
        format!("{program}-save")
    };
    match inside(&list) {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            println!(
                "skipped: {program} cannot be used in a namespace: {}",
                stderr(&output)
            );
            return None;
        }
        Err(error) => {
            println!("skipped: there is no unshare: {error}");
            return None;
        }
    }
    let output = inside(&script).unwrap();
    assert!(output.status.success(), "{}\n{text}", stderr(&output));
    Some(stdout(&output))
}
