//! `bulkhead doctor` finds what is set wrong, and says what to do.

use serde_json::Value;

use crate::mirror::Mirror;
use crate::support::{bulkhead, field, root, stdout};

#[test]
fn what_is_wrong_in_the_configuration_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bad.yaml");
    std::fs::write(&config, "interfaces: []\nstore: sensor.db\n").unwrap();
    let output = bulkhead(["doctor", "--json", "--config", config.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let found = about(&stdout(&output), "configuration");
    assert!(
        found[0].contains("bad.yaml:1:13: no interface to watch"),
        "{found:?}"
    );
}

#[test]
fn a_port_that_would_send_or_see_nothing_is_told_with_the_command_that_mends_it() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    check(
        &mirror,
        "",
        0..=1,
        "interface mirror",
        &["up", "can be listened on, promiscuous"],
    );
    mirror.link("address add 192.0.2.7/24 dev mirror");
    let said = check(
        &mirror,
        "",
        1..=1,
        "interface mirror",
        &["it has the address 192.0.2.7"],
    );
    assert!(said.contains("ip address flush dev mirror"), "{said}");
    mirror.link("link set mirror down");
    let said = check(&mirror, "", 2..=2, "interface mirror", &["it is down"]);
    assert!(said.contains("ip link set mirror up"), "{said}");
    mirror.unplug();
    check(
        &mirror,
        "",
        2..=2,
        "interface mirror",
        &["there is no such interface"],
    );
}

#[test]
fn a_user_and_a_sink_that_are_not_there_are_told() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let more = "sandbox: {user: no-such-user}\n";
    let said = check(
        &mirror,
        more,
        2..=2,
        "sandbox.user",
        &["there is no user `no-such-user`"],
    );
    assert!(
        said.contains("adduser --system --group no-such-user"),
        "{said}"
    );
    let more = "sandbox: {user: daemon}\n";
    check(
        &mirror,
        more,
        2..=2,
        "file",
        &["may not be written by daemon"],
    );
}

/// Asks the doctor beside the sensor; what it says about something must hold each of these.
fn check(
    mirror: &Mirror,
    more: &str,
    codes: std::ops::RangeInclusive<i32>,
    of: &str,
    wanted: &[&str],
) -> String {
    let output = mirror.doctor(&root().join("policies/plant"), more);
    let said = stdout(&output);
    assert!(
        codes.contains(&output.status.code().unwrap()),
        "{:?} {said}",
        output.status
    );
    let found = about(&said, of);
    for words in wanted {
        assert!(
            found.iter().any(|found| found.contains(words)),
            "{words}: {found:#?}"
        );
    }
    said
}

/// What was found about something.
fn about(json: &str, of: &str) -> Vec<String> {
    let all: Vec<Value> = serde_json::from_str(json).unwrap();
    let ours = all
        .iter()
        .filter(|finding| field(finding, "about").starts_with(of));
    ours.map(|finding| field(finding, "found")).collect()
}
