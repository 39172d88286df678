//! What `bulkhead policy diff --store` and `policy learn --from-store` make of a sensor's store: one that holds the incidents of a replay,
//! the hosts that it saw, and what was learnt from it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::Incident;
use serde_json::Value;
use store::{HostRow, Store};

use crate::support::{root, says};

/// What somebody who is no friend does in the plant.
const CAPTURES: &str = "pcaps/foreign-laptop-writes.pcap pcaps/plc-stop.pcap pcaps/program-download.pcap pcaps/register-scan.pcap";

/// A folder with a sensor's store.
struct Sensor(tempfile::TempDir);

impl Sensor {
    /// What a sensor would have stored of captures that the plant's policy judges.
    fn of(captures: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let replayed = says(&format!(
            "replay {captures} --policy policies/plant --incidents -"
        ));
        let incidents: Vec<Incident> = replayed
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let ends = incidents.iter().flat_map(|it| [&it.client, &it.server]);
        let ips = ends.flatten().filter_map(|party| party.ip);
        let hosts: BTreeSet<String> = ips.map(|ip| ip.to_string()).collect();
        let rows: Vec<_> = hosts
            .into_iter()
            .map(|host| HostRow {
                host,
                facts: Value::Null,
            })
            .collect();
        let mut store = Store::open(folder.path().join("sensor.db")).unwrap();
        store.record(&incidents).unwrap();
        store.save_inventory(&rows).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The plant's policy, with a text in place of another.
    fn plant(&self, name: &str, [was, now]: [&str; 2]) -> String {
        let folder = self.path(name);
        std::fs::create_dir(&folder).unwrap();
        let mut found = was.is_empty();
        for entry in std::fs::read_dir(root().join("policies/plant")).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            found |= text.contains(was);
            let file = folder.join(path.file_name().unwrap());
            std::fs::write(file, text.replace(was, now)).unwrap();
        }
        assert!(found, "{was}");
        folder.display().to_string()
    }

    fn diff(&self, new: &str) -> Value {
        let words = format!(
            "policy diff policies/plant {new} --store {} --json",
            self.path("sensor.db").display()
        );
        let document: Value = serde_json::from_str(&says(&words)).unwrap();
        document["stored"].clone()
    }
}

fn violations(path: &Path) -> u64 {
    let store = Store::open(path).unwrap();
    let all = store.incidents(&store::Filter::default()).unwrap();
    let of_policy = all.iter().filter(|it| it.kind == model::Kind::Policy);
    of_policy.count() as u64
}

#[test]
fn a_store_tells_which_incidents_a_wider_policy_would_not_make() {
    let sensor = Sensor::of(CAPTURES);
    let all = violations(&sensor.path("sensor.db"));
    assert!(all > 3, "{all}");
    let count = |stored: &Value, key: &str| stored[key].as_u64().unwrap();
    let gone = |stored: &Value| stored["gone"].as_array().unwrap().len() as u64;

    let same = sensor.diff(&sensor.plant("same", ["", ""]));
    assert_eq!(
        (gone(&same), same["moved"].as_array().unwrap().len()),
        (0, 0),
        "{same:#}"
    );
    assert_eq!(
        count(&same, "stay") + count(&same, "untold"),
        all,
        "{same:#}"
    );
    assert!(count(&same, "stay") > 0, "{same:#}");

    let wide = sensor.plant(
        "wide",
        [
            "verbs: [connect, identify, browse, diagnose, upload]",
            "verbs: any",
        ],
    );
    let wide = sensor.diff(&wide);
    assert!(gone(&wide) > 0, "{wide:#}");
    assert_eq!(
        gone(&wide) + count(&wide, "stay") + count(&wide, "untold"),
        all
    );
    for gone in wide["gone"].as_array().unwrap() {
        assert_eq!(gone["now"]["verdict"], "conforms", "{gone:#}");
    }
}

#[test]
fn a_store_tells_which_hosts_get_another_zone() {
    let sensor = Sensor::of(CAPTURES);
    let split = ["cidr: 10.10.10.0/24", "cidr: 10.10.10.16/28"];
    let stored = sensor.diff(&sensor.plant("split", split));
    let moved = stored["moved"].as_array().unwrap();
    let hosts = stored["hosts"].as_u64().unwrap();
    assert!(
        !moved.is_empty() && (moved.len() as u64) < hosts,
        "{stored:#}"
    );
    for moved in moved {
        assert!(
            moved["was"].as_str().unwrap().contains("zone cell-1"),
            "{moved:#}"
        );
        assert!(
            moved["now"].as_str().unwrap().contains("no zone"),
            "{moved:#}"
        );
    }
}

#[test]
fn what_is_in_a_store_makes_the_same_draft_as_what_was_learnt() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for file in ["learnt", "sensor.db"] {
        says(&format!(
            "learn pcaps/normal.pcap -o {}",
            path(file).display()
        ));
    }
    let rows = Store::open(path("sensor.db")).unwrap().load_baseline();
    assert!(rows.unwrap().len() > 3);
    let draft = |from: &str, into: &str| {
        says(&format!(
            "policy learn --from-store {} -o {} --owner controls --site mill",
            path(from).display(),
            path(into).display()
        ));
        says(&format!("policy check {}", path(into).display()));
        std::fs::read_to_string(path(into).join("conduits.yaml")).unwrap()
    };
    let (of_text, of_store) = (draft("learnt", "one"), draft("sensor.db", "two"));
    assert!(of_store.contains("allow:"), "{of_store}");
    let plain = |text: &str| text.replace("sensor.db", "").replace("learnt", "");
    assert_eq!(plain(&of_store), plain(&of_text));
}
