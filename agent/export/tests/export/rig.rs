//! What the tests share: incidents, a store, processes that end with their test, certificates.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use export::{Exporter, SinkConfig};
use model::{Because, Incident, IncidentOutcome, IncidentParty, Kind, Severity, Timestamp};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use store::Store;

/// Everything that a test waits for comes within this time, or the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The incident with this number; its sentence needs care with quotes and UTF-8.
pub(crate) fn incident(number: usize) -> Incident {
    Incident {
        id: format!("incident-{number:05}"),
        kind: Kind::Policy,
        rule: "policy.no_conduit".into(),
        also: Vec::new(),
        title: "write without conduit".into(),
        sentence: format!("\"büro-pc\" wrote to plc-{number}, and no conduit joins [their] zones"),
        severity: Severity::High,
        priority: 1,
        confidence: 90,
        outcome: IncidentOutcome::Succeeded,
        count: 1,
        first: Timestamp::from_nanos(1_767_323_045_000_000_000),
        last: Timestamp::from_nanos(1_767_323_045_123_456_789),
        frames: vec![1],
        client: Some(IncidentParty {
            ip: Some([10, 0, 0, 5].into()),
            ..IncidentParty::default()
        }),
        server: None,
        protocol: Some("modbus".into()),
        verb: Some("write".into()),
        target: None,
        because: Because::default(),
        technique: Some("T0855".into()),
        owner: "controls".into(),
        action: "ask the shift".into(),
        consequence: "a setpoint is wrong".into(),
        respond_within: "15m".into(),
        site: "north".into(),
        sensor: "sensor-1".into(),
    }
}

pub(crate) fn incidents(numbers: std::ops::Range<usize>) -> Vec<Incident> {
    numbers.map(incident).collect()
}

pub(crate) fn ids(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| incident(number).id).collect()
}

/// Identifiers in the order of their first appearance.
pub(crate) fn in_order(all: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let new = |id: &&String| seen.insert((*id).clone());
    all.iter().filter(new).cloned().collect()
}

/// A store with one running sink.
pub(crate) struct Rig {
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) exporter: Exporter,
}

pub(crate) const SINK: &str = "soc";

impl Rig {
    /// Starts the sink whose kind and fields are given as JSON.
    pub(crate) async fn start(kind: &str, fields: serde_json::Value) -> Self {
        let store = Arc::new(Mutex::new(Store::in_memory().unwrap()));
        Self::resume(store, kind, fields).await
    }

    pub(crate) async fn resume(
        store: Arc<Mutex<Store>>,
        kind: &str,
        fields: serde_json::Value,
    ) -> Self {
        let config = serde_json::json!({"name": SINK, "retry_cap_secs": 1, kind: fields});
        let config: SinkConfig = serde_json::from_value(config).unwrap();
        let exporter = Exporter::start(Arc::clone(&store), &[config])
            .await
            .unwrap();
        Self { store, exporter }
    }

    pub(crate) fn record(&self, incidents: &[Incident]) {
        self.store.lock().unwrap().record(incidents).unwrap();
        self.exporter.wake();
    }

    pub(crate) fn owed(&self) -> u64 {
        self.store.lock().unwrap().outbox_len(SINK).unwrap()
    }

    /// The value of a metric of the sink.
    pub(crate) fn value(&self, metric: model::Metric) -> f64 {
        let samples = self.exporter.samples();
        samples
            .iter()
            .find(|sample| sample.metric == metric)
            .unwrap()
            .value
    }

    pub(crate) async fn until_taken(&self) {
        until("the sink has taken everything", || self.owed() == 0).await;
    }

    /// Waits for the count of taken records, which follows the cursor.
    pub(crate) async fn until_counted(&self, records: f64) {
        let sent = model::Metric::Sent;
        until("what was taken is counted", || self.value(sent) == records).await;
    }

    /// Stops, and says how much is left.
    pub(crate) async fn stop(&self) -> u64 {
        let left = self.exporter.stop(Duration::from_secs(20)).await;
        left.first().map_or(0, |left| left.records)
    }
}

/// Waits for something to become true.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

pub(crate) async fn until_listening(port: u16) {
    until("the server listens", || {
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    })
    .await;
}

/// Where a program is, or a printed reason to skip.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let found = folders
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: `{name}` is not installed");
    }
    found
}

/// A process that is killed when its test ends.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// Ends it at once, without a chance to say good-bye.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Writes `ca.pem`, and for `server` and `sensor` a certificate and key that it signed.
pub(crate) fn certificates(folder: &Path) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority
        .distinguished_name
        .push(DnType::CommonName, "test authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = authority.self_signed(&key).unwrap();
    std::fs::write(folder.join("ca.pem"), certificate.pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    for name in ["server", "sensor"] {
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
        leaf.subject_alt_names
            .push(SanType::IpAddress([127, 0, 0, 1].into()));
        leaf.distinguished_name.push(DnType::CommonName, name);
        let certificate = leaf.signed_by(&key, &issuer).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}
