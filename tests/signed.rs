//! Signed policies: keys, bundles, and a sensor that takes no other.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::mirror::Mirror;
use crate::support::{bulkhead, says, stderr, stdout};

/// A folder with a key, and a policy that may be changed.
pub(crate) struct Desk(tempfile::TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        says(&format!("policy keygen {}", desk.path("it.key")));
        desk.write_policy("medium");
        desk
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    pub(crate) fn write_policy(&self, criticality: &str) {
        let text = format!(
            "version: 1\nsite: {{name: mill, owner: it, criticality: {criticality}}}\n\
             zones: {{all: {{owner: it, members: {{cidr: 10.0.0.0/8}}}}}}\n"
        );
        std::fs::write(self.path("mill.yaml"), text).unwrap();
    }

    /// Signs the policy as it is now; where the bundle lies.
    pub(crate) fn sign(&self, name: &str, more: &str) -> PathBuf {
        let (policy, key, out) = (self.path("mill.yaml"), self.path("it.key"), self.path(name));
        says(&format!("policy sign {policy} --key {key} -o {out} {more}"));
        out.into()
    }

    fn verify(&self, bundle: &Path) -> Value {
        let (bundle, key) = (bundle.display(), self.path("it.key.pub"));
        let said = says(&format!("policy verify {bundle} --key {key} --json"));
        serde_json::from_str(&said).unwrap()
    }
}

/// Runs words that must end with 2; what was said.
fn refused(words: &str) -> String {
    let output = bulkhead(words.split_whitespace());
    assert_eq!(
        output.status.code(),
        Some(2),
        "`{words}`: {}",
        stdout(&output)
    );
    stderr(&output)
}

#[test]
fn a_key_is_for_its_owner_alone_and_is_never_written_over() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let secret = std::fs::read_to_string(desk.path("it.key")).unwrap();
    let mode = std::fs::metadata(desk.path("it.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let words = format!("policy keygen {}", desk.path("it.key"));
    assert!(
        refused(&words).contains("it.key.pub"),
        "{}",
        refused(&words)
    );
    std::fs::remove_file(desk.path("it.key.pub")).unwrap();
    assert!(refused(&words).contains("it.key`"), "{}", refused(&words));
    assert_eq!(
        std::fs::read_to_string(desk.path("it.key")).unwrap(),
        secret
    );
    assert!(
        !Path::new(&desk.path("it.key.pub")).exists(),
        "no key without its partner"
    );
}

#[test]
fn a_bundle_judges_as_the_files_do_that_it_was_made_of() {
    let desk = Desk::new();
    let key = desk.path("it.key");
    let bundle = desk.path("plant.bundle");
    let said = says(&format!(
        "policy sign policies/plant --key {key} -o {bundle}"
    ));
    assert!(
        said.contains("policy of plant, version ") && said.contains("7 file(s)"),
        "{said}"
    );
    let replay = "replay pcaps/plc-stop.pcap --incidents - --policy";
    let by_files = says(&format!("{replay} policies/plant")).replace("policies/plant/", "plant/");
    assert_eq!(
        says(&format!("{replay} {bundle} --policy-key {key}.pub")),
        by_files
    );
    let checked = says(&format!("policy check {bundle} --policy-key {key}.pub"));
    let (_, version) = checked.split_once("version ").unwrap();
    assert!(
        says("policy check policies/plant").ends_with(version),
        "{checked}"
    );
    assert!(refused(&format!("{replay} {bundle}")).contains("`--policy-key`"));
    let learnt = format!("learn pcaps/plc-stop.pcap -o - --policy {bundle}");
    assert!(says(&format!("{learnt} --policy-key {key}.pub")).contains("plc_stop"));
}

#[test]
fn the_version_number_rises() {
    let desk = Desk::new();
    let number = |bundle: &Path| desk.verify(bundle)["version"].as_u64().unwrap();
    let by_clock = desk.sign("clock.bundle", "");
    assert!(number(&by_clock) > 1_700_000_000);
    assert_eq!(number(&desk.sign("seven.bundle", "--version-number 7")), 7);
    let previous = format!("--previous {}", desk.path("seven.bundle"));
    assert_eq!(number(&desk.sign("eight.bundle", &previous)), 8);
    assert_eq!(
        number(&desk.sign("seven.bundle", &previous)),
        8,
        "in its own place"
    );
    let (policy, key, clock) = (
        desk.path("mill.yaml"),
        desk.path("it.key"),
        by_clock.display(),
    );
    let other = Desk::new();
    let theirs = other.path("it.key");
    let said = refused(&format!(
        "policy sign {policy} --key {theirs} --previous {clock}"
    ));
    assert!(said.contains("another key"), "{said}");
    let said = refused(&format!(
        "policy sign policies/plant --key {key} --previous {clock}"
    ));
    assert!(
        said.contains("is for site `mill`, and this policy for `plant`"),
        "{said}"
    );
    let said = refused(&format!("policy sign {policy} --key {policy}"));
    assert!(said.contains("no Ed25519 key"), "{said}");
    let both = format!("policy sign {policy} --key {key} --previous {clock} --version-number 3");
    assert!(refused(&both).contains("cannot be used with"));
}

#[test]
fn a_policy_that_does_not_load_is_not_signed() {
    let desk = Desk::new();
    desk.write_policy("vast");
    let (policy, key, out) = (
        desk.path("mill.yaml"),
        desk.path("it.key"),
        desk.path("x.bundle"),
    );
    let said = refused(&format!("policy sign {policy} --key {key} -o {out}"));
    assert!(
        said.contains("mill.yaml:2:") && said.contains("`vast`"),
        "{said}"
    );
    assert!(!Path::new(&out).exists());
}

#[test]
fn a_bundle_is_loaded_only_if_it_is_as_it_was_signed() {
    let desk = Desk::new();
    let bundle = desk.sign("mill.bundle", "");
    let words = format!(
        "policy check {} --policy-key {}",
        bundle.display(),
        desk.path("it.key.pub")
    );
    says(&words);
    let whole = std::fs::read(&bundle).unwrap();
    for place in (0..whole.len()).step_by(7).chain(0..30) {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        std::fs::write(&bundle, changed).unwrap();
        let said = refused(&words);
        assert!(said.contains("mill.bundle:"), "{place}: {said}");
    }
}

#[test]
fn a_configuration_says_whom_it_believes() {
    let desk = Desk::new();
    desk.sign("mill.bundle", "");
    let config = desk.path("bulkhead.yaml");
    let check = |more: &str| {
        let start = "interfaces: [{name: eth1}]\nstore: sensor.db\n";
        std::fs::write(&config, format!("{start}{more}")).unwrap();
        format!("run --check-config --config {config}")
    };
    says(&check("policy: mill.yaml"));
    says(&check("policy: mill.bundle\npolicy_keys: [it.key.pub]"));
    says(&check(
        "policy: mill.yaml\npolicy_keys: [it.key.pub]\npolicy_signature: optional",
    ));
    for (more, what) in [
        (
            "policy: mill.bundle",
            "not among those that are trusted here",
        ),
        (
            "policy: mill.yaml\npolicy_keys: [it.key.pub]",
            "the policy is not signed",
        ),
        (
            "policy: mill.yaml\npolicy_signature: required",
            "names nobody's key",
        ),
        (
            "policy: mill.bundle\npolicy_keys: [it.key]",
            "no public key",
        ),
        (
            "policy: mill.bundle\npolicy_keys: [nobody.pub]",
            "cannot read public key",
        ),
    ] {
        let said = refused(&check(more));
        assert!(said.contains(what), "{more}: {said}");
    }
}

#[test]
fn a_sensor_takes_no_policy_that_is_older_or_changed_or_not_signed() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let desk = Desk::new();
    let bundle = desk.sign("mill.bundle", "--version-number 7");
    let old = std::fs::read(&bundle).unwrap();
    let more = format!("policy_keys: [{}]\n", desk.path("it.key.pub"));
    let mut sensor = mirror.watch_with(&bundle, &more);

    desk.write_policy("high");
    desk.sign("mill.bundle", "--version-number 9");
    let new = std::fs::read(&bundle).unwrap();
    sensor.running.signal("HUP");
    sensor.wait_for_metric("bulkhead_app_reloads_total{result=\"done\"}", 1);

    let mut changed = new.clone();
    *changed.last_mut().unwrap() ^= 1;
    let unsigned = std::fs::read(desk.path("mill.yaml")).unwrap();
    desk.write_policy("low");
    desk.sign("other.bundle", "--version-number 9");
    let other = std::fs::read(desk.path("other.bundle")).unwrap();
    let refusals = [
        (&old, "version 7, is older than version 9"),
        (&changed, "the signature is wrong"),
        (&unsigned, "the policy is not signed"),
        (&other, "not the one with this number"),
    ];
    for (count, (bytes, why)) in (1..).zip(refusals) {
        std::fs::write(&bundle, bytes).unwrap();
        sensor.running.signal("HUP");
        sensor.wait_for_metric("bulkhead_app_reloads_total{result=\"refused\"}", count);
        sensor.running.wait_until_it_says(why);
        sensor
            .running
            .wait_until_it_says("the old policy and rules stay");
    }
    let version = |bytes: &[u8]| {
        std::fs::write(desk.path("now.bundle"), bytes).unwrap();
        let said = desk.verify(Path::new(&desk.path("now.bundle")));
        said["hash"].as_str().unwrap().to_owned()
    };
    let info = |bytes| {
        format!(
            "bulkhead_policy_info{{site=\"mill\",version=\"{}\"}}",
            version(bytes)
        )
    };
    sensor.wait_for_metric(&info(&new), 1);
    assert_eq!(
        sensor.metric("bulkhead_app_reloads_total{result=\"done\"}"),
        1
    );
    sensor.running.stop();

    std::fs::write(&bundle, &old).unwrap();
    let mut started = mirror.start(&bundle, &more);
    assert_eq!(started.end(), Some(2), "{}", started.said());
    assert!(
        started.said().contains("is older than version 9"),
        "{}",
        started.said()
    );
    std::fs::write(&bundle, &new).unwrap();
    let mut sensor = mirror.watch_with(&bundle, &more);
    sensor.ends_well();

    let key = desk.path("it.key");
    let plant = format!(
        "policy sign policies/plant --key {key} -o {} --version-number 99",
        bundle.display()
    );
    says(&plant);
    let mut started = mirror.start(&bundle, &more);
    assert_eq!(started.end(), Some(2), "{}", started.said());
    assert!(
        started.said().contains("write `policy_site: plant`"),
        "{}",
        started.said()
    );
    let mut sensor = mirror.watch_with(&bundle, &format!("{more}policy_site: plant\n"));
    sensor.ends_well();
}
