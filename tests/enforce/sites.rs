//! The policies that filters are written from: the small plant, and generated ones in which members
//! overlap, zones lie in others, assets are behind others, and statements ask for times and values.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use policy::Policy;
use policy::enforce::{Permits, Ruleset};

use crate::support::{root, stderr};

/// A policy, and the folder or file that it is in.
pub(super) struct Site {
    pub(super) path: PathBuf,
    pub(super) policy: Policy,
    text: String,
    _folder: Option<tempfile::TempDir>,
}

/// The policy of the demo.
pub(super) fn plant() -> Site {
    let path = root().join("policies/plant");
    let files = ["zones.yaml", "assets.yaml"];
    let text = files.map(|file| std::fs::read_to_string(path.join(file)).unwrap());
    Site::new(path, text.concat(), None)
}

/// A policy made from a number.
pub(super) fn generated(seed: u64) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("generated.yaml");
    let text = generate(Chance(seed));
    std::fs::write(&path, &text).unwrap();
    Site::new(path, text, Some(folder))
}

impl Site {
    fn new(path: PathBuf, text: String, folder: Option<tempfile::TempDir>) -> Self {
        let words: Vec<_> = decode::PROTOCOLS.iter().map(|it| it.vocabulary).collect();
        let policy = Policy::load(&path, &words).unwrap().policy;
        Self {
            path,
            policy,
            text,
            _folder: folder,
        }
    }

    pub(super) fn ruleset(&self) -> Ruleset {
        Ruleset::of(&self.policy, &decode::services(), Permits::LeftOut)
    }

    /// The filter that the command writes.
    pub(super) fn filter(&self, format: &str, mode: &str) -> String {
        let path = self.path.to_str().unwrap();
        let words = [
            "policy", "enforce", path, "--format", format, "--mode", mode,
        ];
        let output = crate::support::bulkhead(words);
        assert!(output.status.success(), "{}", stderr(&output));
        crate::support::stdout(&output)
    }

    /// The first and last address of each member, and those beside them.
    pub(super) fn edges(&self) -> Vec<IpAddr> {
        let members = self.text.split_whitespace().collect::<Vec<_>>();
        let members = members.windows(2).filter_map(|pair| match pair {
            ["cidr:", net] => Some(prefix(net)),
            ["range:", range] => range.split_once('-').map(|(a, b)| (number(a), number(b))),
            ["ip:", ip] => Some((number(ip), number(ip))),
            _ => None,
        });
        let mut edges = Vec::new();
        for ((v4, first), (_, last)) in members {
            edges.extend([first - 1, first, last, last + 1].map(|ip| (v4, ip)));
        }
        edges.sort_unstable();
        edges.dedup();
        edges.into_iter().map(address).collect()
    }
}

/// An address as a number of its family.
fn number(text: &str) -> (bool, u128) {
    match text.parse().unwrap() {
        IpAddr::V4(ip) => (true, u32::from(ip).into()),
        IpAddr::V6(ip) => (false, ip.into()),
    }
}

fn address((v4, number): (bool, u128)) -> IpAddr {
    if v4 {
        IpAddr::V4(u32::try_from(number).unwrap().into())
    } else {
        IpAddr::V6(number.into())
    }
}

fn prefix(net: &str) -> ((bool, u128), (bool, u128)) {
    let (first, length) = net.split_once('/').unwrap();
    let (v4, first) = number(first);
    let bits = if v4 { 32 } else { 128 };
    let last = first + ((1_u128 << (bits - length.parse::<u32>().unwrap())) - 1);
    ((v4, first), (v4, last))
}

/// Where members lie: each within others, or across them.
const MEMBERS: [&str; 8] = [
    "cidr: 10.20.0.0/16",
    "cidr: 10.20.4.0/22",
    "cidr: 10.20.5.0/24",
    "range: 10.20.5.200-10.20.6.19",
    "range: 10.20.5.64-10.20.5.99",
    "cidr: fd00:20::/32",
    "cidr: fd00:20:5::/64",
    "range: fd00:20:5::40-fd00:20:5::63",
];

const ASSETS: [&str; 9] = [
    "10.20.0.1",
    "10.20.4.1",
    "10.20.5.1",
    "10.20.5.64",
    "10.20.5.80",
    "10.20.6.10",
    "fd00:20::1",
    "fd00:20:5::50",
    "fd00:20:9::1",
];

const STATEMENTS: [&str; 13] = [
    "{protocol: modbus, verbs: [read]}",
    "{protocol: modbus, verbs: [write], targets: [holding:100]}",
    "{protocols: [modbus, s7], verbs: [write], targets: [coil:0]}",
    "{protocol: s7, verbs: [connect]}",
    "{protocol: s7, verbs: [read, write], targets: [\"DB1:0-9\"]}",
    "{protocol: opcua, verbs: [connect, read, write]}",
    "{protocol: opcua, verbs: [subscribe]}",
    "{protocol: opcua, verbs: [write], targets: [\"ns=2;s=Tank.Setpoint\"]}",
    "{protocols: any, verbs: [identify]}",
    "{protocol: modbus, verbs: any, units: [3]}",
    "{protocol: s7, verbs: any, when: early}",
    "{protocols: [modbus, s7], verbs: [write], values: 0..9}",
    "{protocol: opcua, verbs: any, shadow: true}",
];

fn generate(mut chance: Chance) -> String {
    let mut text = "version: 1\nsite: {name: generated, owner: o}\nzones:\n".to_owned();
    for (zone, member) in MEMBERS.iter().enumerate() {
        let within = chance.of(&["nothing", "nothing", "[read]", "any"]);
        writeln!(
            text,
            "  z{zone}:\n    owner: o\n    within: {within}\n    members:"
        )
        .unwrap();
        writeln!(text, "      {member}").unwrap();
    }
    text += "  outer:\n    owner: o\n    members: {zones: [z2, z5]}\n    within: [connect]\n";
    text += "  bus:\n    owner: o\n    members: {assets: [seat-3, seat-2]}\n";
    text += "schedules:\n  early: {days: mon-fri, hours: 06:00-14:00, time_zone: UTC}\n";
    text += "roles:\n  view: {verbs: [connect, read]}\n  run: {verbs: any}\n  answer: {verbs: nothing}\n";
    text += "assets:\n";
    for (asset, ip) in ASSETS.iter().enumerate() {
        let role = chance.of(&[
            "",
            "    role: view\n",
            "    role: run\n",
            "    role: answer\n",
        ]);
        write!(text, "  a{asset}:\n    ip: {ip}\n{role}").unwrap();
    }
    text += "  seat-3: {behind: a2, unit: 3}\n  seat-2: {behind: a4, rack: 0, slot: 2}\n";
    text += "conduits:\n";
    for conduit in 0..7 {
        let (from, to) = (chance.end(), chance.end());
        let both = chance.of(&["false", "true"]);
        writeln!(
            text,
            "  c{conduit}:\n    from: {from}\n    to: {to}\n    both_directions: {both}\n    allow:"
        )
        .unwrap();
        for _ in 0..=chance.below(3) {
            writeln!(text, "      - {}", chance.of(&STATEMENTS)).unwrap();
        }
    }
    text
}

/// Numbers that look like chance (xorshift, Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn end(&mut self) -> String {
        let (zone, asset) = (self.below(MEMBERS.len()), self.below(ASSETS.len()));
        let role = self.of(&["view", "run", "answer"]);
        let nested = self.of(&["outer", "bus"]);
        match self.below(7) {
            0..3 => format!("{{zone: z{zone}}}"),
            3 => format!("{{asset: a{asset}}}"),
            4 => format!("{{role: {role}}}"),
            5 => format!("{{zone: {nested}}}"),
            _ => format!("[{{zone: z{zone}, role: {role}}}, {{asset: a{asset}}}]"),
        }
    }
}

/// Where a test may write what it hands to programs.
pub(super) fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}
