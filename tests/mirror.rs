//! A mirror port to test on: a bridge that floods in one network namespace, a plant that speaks
//! into it from another, and what runs there: the sensor, a recorder, a player.
//!
//! Where namespaces may not be made or a program is missing, [`Mirror::build`] says so and gives
//! `None`. Whatever was started or made goes with its owner.

mod play;
mod running;
mod sensor;
mod sweep;

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::support::{stderr, stdout};
use sweep::sweep;

pub(crate) use running::Running;
pub(crate) use sensor::{Sensor, value};

/// The two namespaces, and a folder for what is written.
pub(crate) struct Mirror {
    switch: String,
    plant: String,
    /// The ports that the sensor listens on.
    ports: String,
    /// How it serves metrics, as this says in its configuration.
    http: String,
    /// Whether there is a service manager to tell.
    is_managed: bool,
    pub(crate) folder: tempfile::TempDir,
}

impl Mirror {
    /// Builds it; `None` where this machine does not allow it, with the reason printed.
    pub(crate) fn build() -> Option<Self> {
        static BUILT: AtomicU32 = AtomicU32::new(0);
        static SWEPT: Once = Once::new();
        SWEPT.call_once(sweep);
        let number = BUILT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bulkhead-{}-{number}", std::process::id());
        let mirror = Self {
            switch: format!("{name}-switch"),
            plant: format!("{name}-plant"),
            ports: "{name: mirror, ring_mib: 16}".to_owned(),
            http: "{listen: \"127.0.0.1:0\"}".to_owned(),
            is_managed: false,
            folder: tempfile::tempdir().unwrap(),
        };
        let missing = ["tcpreplay", "tcpdump"]
            .into_iter()
            .find(|program| !is_there(program));
        let built = match missing {
            Some(program) => Err(format!("there is no {program}")),
            None => mirror.make(),
        };
        match built {
            Ok(()) => Some(mirror),
            Err(why) => {
                println!("skipped: no mirror port can be built: {why}");
                None
            }
        }
    }

    fn make(&self) -> Result<(), String> {
        let Self { switch, plant, .. } = self;
        for namespace in [switch, plant] {
            ip(&format!("netns add {namespace}"))?;
            let _ = inside(namespace, "bash").args(["-c", QUIET]).output();
            ip(&format!("-n {namespace} link set lo up"))?;
        }
        for words in [
            "link add bridge type bridge ageing_time 0 mcast_snooping 0".to_owned(),
            "link add mirror type veth peer name mirrored".to_owned(),
            format!("link add port type veth peer name plant netns {plant}"),
            "link set mirrored master bridge up".to_owned(),
            "link set port master bridge up".to_owned(),
            "link set mirror up".to_owned(),
            "link set bridge up".to_owned(),
        ] {
            ip(&format!("-n {switch} {words}"))?;
        }
        ip(&format!("-n {plant} link set plant up"))?;
        self.wait_until_it_floods();
        Ok(())
    }

    /// The kernel opens the ports of a bridge some time after they are up.
    fn wait_until_it_floods(&self) {
        wait_until("the bridge", || {
            let words = [
                "-n",
                &self.switch,
                "-details",
                "link",
                "show",
                "master",
                "bridge",
            ];
            let output = Command::new("ip").args(words).output().unwrap();
            let open = stdout(&output).matches("state forwarding").count();
            (open == 2).then_some(())
        });
    }

    /// Has the sensor listen as this says in its configuration.
    pub(crate) fn listen(&mut self, ports: &str) {
        ports.clone_into(&mut self.ports);
    }

    /// Has the sensor serve metrics under TLS with `server.pem` and `server.key` of the folder.
    pub(crate) fn serve_secured(&mut self) {
        let tls = "{certificate: server.pem, key: server.key}";
        self.http = format!("{{listen: \"127.0.0.1:0\", tls: {tls}}}");
    }

    /// Hears what the sensor tells the service manager, who waits three seconds for a sign of life.
    pub(crate) fn manage(&mut self) -> UnixDatagram {
        self.is_managed = true;
        let manager = UnixDatagram::bind(self.folder.path().join("notify")).unwrap();
        manager.set_read_timeout(Some(PATIENCE)).unwrap();
        manager
    }

    /// Adds a second port `other`, on a cable of its own from the plant.
    pub(crate) fn add_port(&mut self) {
        self.plug_other();
        self.ports += ", {name: other, ring_mib: 16}";
    }

    /// Lays the cable of the port `other`.
    pub(crate) fn plug_other(&self) {
        let Self { switch, plant, .. } = self;
        ip(&format!(
            "-n {switch} link add other type veth peer name plant2 netns {plant}"
        ))
        .unwrap();
        ip(&format!("-n {switch} link set other up")).unwrap();
        ip(&format!("-n {plant} link set plant2 up")).unwrap();
    }

    /// Starts the sensor on the mirror port and waits until it watches.
    pub(crate) fn watch(&self, policy: &Path) -> Sensor {
        self.watch_with(policy, "")
    }

    /// Starts the sensor with more in its configuration, and waits until it watches.
    pub(crate) fn watch_with(&self, policy: &Path, more: &str) -> Sensor {
        self.watching(self.start(policy, more))
    }

    /// Starts the sensor with these sinks and more in its configuration, and waits until it watches.
    pub(crate) fn watch_with_sinks(&self, policy: &Path, sinks: &str, more: &str) -> Sensor {
        self.watching(self.start_with_sinks(policy, sinks, more))
    }

    fn watching(&self, running: Running) -> Sensor {
        let said = running.wait_until_it_says("watching mirror");
        let (_, rest) = said.split_once("metrics at http").unwrap();
        let (_, rest) = rest.split_once("://127.0.0.1:").unwrap();
        let (port, _) = rest.split_once('/').unwrap();
        Sensor {
            running,
            namespace: self.switch.clone(),
            port: port.to_owned(),
        }
    }

    /// Starts the sensor with more in its configuration.
    pub(crate) fn start(&self, policy: &Path, more: &str) -> Running {
        let archive = self.folder.path().join("incidents.jsonl");
        let sinks = format!("[{{name: archive, file: {{path: {}}}}}]", archive.display());
        self.start_with_sinks(policy, &sinks, more)
    }

    fn start_with_sinks(&self, policy: &Path, sinks: &str, more: &str) -> Running {
        let config = self.configure(policy, sinks, more);
        let mut sensor = inside(&self.switch, env!("CARGO_BIN_EXE_bulkhead"));
        sensor
            .args(["run", "--config"])
            .arg(config)
            .env_remove("RUST_LOG");
        if self.is_managed {
            sensor
                .env("NOTIFY_SOCKET", self.folder.path().join("notify"))
                .env("WATCHDOG_USEC", "3000000");
        }
        Running::start(&mut sensor)
    }

    /// What `bulkhead doctor --json` says where the sensor would run.
    pub(crate) fn doctor(&self, policy: &Path, more: &str) -> Output {
        let config = self.configure(policy, "[]", more);
        inside(&self.switch, env!("CARGO_BIN_EXE_bulkhead"))
            .args(["doctor", "--json", "--config"])
            .arg(config)
            .output()
            .unwrap()
    }

    fn configure(&self, policy: &Path, sinks: &str, more: &str) -> PathBuf {
        let config = self.folder.path().join("bulkhead.yaml");
        let text = format!(
            "sensor: under-test\n\
             interfaces: [{}]\n\
             policy: {}\n\
             store: sensor.db\n\
             sinks: {sinks}\n\
             http: {}\n{more}",
            self.ports,
            policy.display(),
            self.http,
        );
        std::fs::write(&config, text).unwrap();
        config
    }

    /// Runs ip(8) where the mirror port is.
    pub(crate) fn link(&self, words: &str) {
        ip(&format!("-n {} {words}", self.switch)).unwrap();
    }

    /// What a program says beside the sensor until it ends.
    pub(crate) fn ask(&self, program: &str, arguments: &[&str]) -> String {
        let output = inside(&self.switch, program).args(arguments).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    }

    /// Starts a program beside the sensor.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Running {
        Running::start(inside(&self.switch, program).args(arguments))
    }

    /// The name of the namespace that the sensor is in.
    pub(crate) fn namespace(&self) -> &str {
        &self.switch
    }

    /// The name of the namespace that the plant is in.
    pub(crate) fn plant(&self) -> &str {
        &self.plant
    }

    /// How many packet sockets are bound to a port (proc(5)) and hear it.
    pub(crate) fn sockets_on(&self, port: &str) -> usize {
        let index = self.ask("cat", &[&format!("/sys/class/net/{port}/ifindex")]);
        let table = self.ask("cat", &["/proc/net/packet"]);
        let columns = table.lines().map(|line| line.split_whitespace());
        // `sk RefCnt Type Proto Iface R Rmem User Inode`
        let bound = columns.filter(|line| line.clone().nth(4) == Some(index.trim()));
        bound
            .filter(|line| line.clone().nth(5) == Some("1"))
            .count()
    }

    /// How many frames the mirror port has sent.
    pub(crate) fn sent(&self) -> u64 {
        self.statistic("tx_packets")
    }

    /// How many frames have come to the mirror port.
    pub(crate) fn received(&self) -> u64 {
        self.statistic("rx_packets")
    }

    fn statistic(&self, name: &str) -> u64 {
        self.said_of_port(&format!("statistics/{name}"))
            .parse()
            .unwrap()
    }

    /// Whether the mirror port takes frames for other stations (`IFF_PROMISC`).
    pub(crate) fn hears_all(&self) -> bool {
        let flags = self.said_of_port("flags");
        let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16).unwrap();
        flags & 0x100 != 0
    }

    fn said_of_port(&self, name: &str) -> String {
        let file = format!("/sys/class/net/mirror/{name}");
        let output = inside(&self.switch, "cat").arg(file).output().unwrap();
        stdout(&output).trim().to_owned()
    }

    /// Takes the mirror port away.
    pub(crate) fn unplug(&self) {
        self.link("link del mirror");
    }

    /// Puts another in its place, under the same name.
    pub(crate) fn plug(&self) {
        self.link("link add mirror type veth peer name mirrored");
        self.link("link set mirrored master bridge up");
        self.link("link set mirror up");
        self.wait_until_it_floods();
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        for namespace in [&self.switch, &self.plant] {
            let _ = ip(&format!("netns del {namespace}"));
        }
    }
}

/// Looks again and again until there is something, for as long as only what hangs takes, however busy the machine is.
pub(crate) fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn inside(namespace: &str, program: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace, program]);
    command
}

/// Runs ip(8) with words that are parted by spaces.
fn ip(words: &str) -> Result<(), String> {
    let output = Command::new("ip").args(words.split(' ')).output();
    let output = output.map_err(|error| format!("ip(8): {error}"))?;
    let text = stderr(&output).trim().to_owned();
    output.status.success().then_some(()).ok_or(text)
}

fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").output();
    asked.is_ok_and(|output| output.status.success())
}

const PATIENCE: Duration = Duration::from_secs(300);
/// Without IPv6 nobody speaks but the player; without netfilter a bridge passes what is damaged.
const QUIET: &str = "
    echo 1 | tee /proc/sys/net/ipv6/conf/{all,default}/disable_ipv6
    echo 0 | tee /proc/sys/net/bridge/bridge-nf-call-{ip,ip6,arp}tables";
