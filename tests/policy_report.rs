//! Reports of policies: all that a policy states is there, nothing hostile gets through, and two runs say the same.

use serde_json::Value;

use crate::support::{root, says};

const SEEN: &str = "policies/plant --capture pcaps/normal.pcap pcaps/foreign-laptop-writes.pcap";

/// A report of the plant with captures.
fn plant(more: &str) -> String {
    says(&format!("policy report {SEEN} -o - {more}"))
}

/// A report of one policy, which is written first.
fn of(policy: &str, more: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.yaml");
    std::fs::write(&path, policy).unwrap();
    says(&format!("policy report {} -o - {more}", path.display()))
}

/// Says what of a page is not well-formed: every element is closed, in order, and attributes are quoted.
fn check_form(page: &str) {
    let body = page.strip_prefix("<!DOCTYPE html>").unwrap();
    let mut open: Vec<&str> = Vec::new();
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        assert!(
            !text.contains('>') || open.last() == Some(&"style"),
            "bare `>` in {text}"
        );
        let name = tag.split([' ', '/']).find(|it| !it.is_empty()).unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "in <{tag}>");
        } else if !tag.ends_with('/') && name != "meta" {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "in <{tag}>");
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn all_that_the_plant_states_is_in_its_report() {
    let page = plant("");
    check_form(&page);
    let mut stated = 0;
    for file in ["assets", "roles", "zones", "conduits"] {
        let path = root().join(format!("policies/plant/{file}.yaml"));
        let text = std::fs::read_to_string(path).unwrap();
        let names = text
            .lines()
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = names.filter_map(|line| line.split('#').next()?.trim().strip_suffix(':'));
        for name in names.filter(|name| *name != "engineer") {
            assert!(page.contains(name), "`{name}` of {file} is missing");
            stated += 1;
        }
    }
    assert!(stated >= 23, "{stated}");
    for words in [
        "holding:100-119, coil:0-7",
        "ns=2;s=Tank.Setpoint",
        "10.10.40.0/24",
    ] {
        assert!(page.contains(words), "`{words}` is missing");
    }
}

#[test]
fn a_report_is_the_same_twice_and_needs_nothing_from_elsewhere() {
    let page = plant("");
    assert_eq!(page, plant(""));
    for foreign in [
        "<script", "<link", "<img", "<iframe", "src=", "href=", "url(", "@import", "http",
    ] {
        let found = page.replace("http-equiv", "").contains(foreign);
        assert!(!found, "`{foreign}` is in the page");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn uses_and_violations_are_counted_at_their_conduits() {
    let report: Value = serde_json::from_str(&plant("--json")).unwrap();
    assert_eq!(report["conduits"][0]["state"], "seen");
    assert!(report["conduits"][0]["uses"][1]["count"].as_u64().unwrap() > 0);
    let strays = &report["observed"]["strays"];
    assert_eq!(strays[0][0], "cell-1");
    assert_eq!(strays[0][1], "cell-1");
    let zones = report["policy"]["zones"].as_array().unwrap();
    let cell = zones
        .iter()
        .position(|zone| zone["name"] == "cell-1")
        .unwrap();
    let found = report["zones"][cell]["requirements"].as_array().unwrap();
    let found = found.iter().find(|it| it["sr"] == "SR 2.1").unwrap();
    assert_eq!(found["state"], "contradicted");
}

#[test]
fn without_captures_the_report_says_so_and_shows_the_policy_alone() {
    let page = says("policy report policies/plant -o -");
    check_form(&page);
    assert!(page.contains("No captures were given"));
    assert!(page.contains("engineering to controllers"));
}

#[test]
fn hostile_words_stay_words() {
    let hostile = "<script>alert(1)</script>\\\" onload=x";
    let policy = format!(
        "version: 1\nsite: {{name: mill, owner: \"{hostile}\"}}\n\
         zones: {{all: {{level: 3.5, owner: \"{hostile}\", consequence: \"]]></svg>{hostile}\", members: {{cidr: 10.0.0.0/8}}}}}}\n"
    );
    let page = of(&policy, "");
    check_form(&page);
    assert!(!page.contains("<script"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=x"));
}

#[test]
fn forty_zones_have_a_box_each() {
    let zones = (0..40).map(|n| {
        let level = ["0", "1", "2", "3", "3.5", "4"][n % 6];
        format!("  z-{n}: {{level: {level}, owner: it, members: {{cidr: 10.0.{n}.0/24}}}}\n")
    });
    let zones: String = zones.collect();
    let page = of(
        &format!("version: 1\nsite: {{name: mill, owner: it}}\nzones:\n{zones}"),
        "",
    );
    assert_eq!(page.matches("class=\"zone\"").count(), 40);
    assert!(page.contains("Level 3.5: DMZ"));
}
