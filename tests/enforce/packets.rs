//! Real packets through the loaded filter: every pair of edge addresses, ports of the policy's protocols
//! and others, packets that open conversations and packets of open ones, IPv4 and IPv6.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::process::Command;

use model::Transport;
use serde_json::Value;

use super::cable::{Side, in_namespace, router};
use super::packet::{Flags, Packet};
use super::sites::{Site, generated, plant, write};
use super::verdict::Oracle;
use crate::support::stderr;

#[test]
fn the_plants_filter_and_policy_agree_on_every_packet() {
    let test = "packets::the_plants_filter_and_policy_agree_on_every_packet";
    in_namespace(test, &["nft", "taskset"], || {
        check(&plant(), 0, &mut router())
    });
}

#[test]
fn generated_filters_and_policies_agree_on_every_packet() {
    let test = "packets::generated_filters_and_policies_agree_on_every_packet";
    in_namespace(test, &["nft", "taskset"], || {
        let mut sides = router();
        for turn in 1..=4 {
            check(&generated(turn.into()), turn, &mut sides);
        }
    });
}

#[test]
fn in_shadow_every_packet_passes_and_is_counted() {
    let test = "packets::in_shadow_every_packet_passes_and_is_counted";
    in_namespace(test, &["nft", "taskset"], || {
        let site = plant();
        let mut sides = router();
        let mut bench = Bench::new(&site, "shadow", 0, &mut sides);
        let tests = bench.tests();
        let passed = bench.through(0, tests.iter().map(|(packet, _)| packet.clone()));
        assert_eq!(passed.len(), tests.len());
        let refused = tests.iter().filter(|(_, passes)| !passes).count();
        let counts = counts();
        assert!(refused > 0 && refused < tests.len());
        assert_eq!(counts.rest, refused as u64);
        assert_eq!(counts.all(), bench.sent);
    });
}

/// Sends everything, and compares what passes with what the policy says. The router remembers what
/// earlier turns opened, so each has ports of its own.
fn check(site: &Site, turn: u16, sides: &mut [Side; 2]) {
    let mut bench = Bench::new(site, "enforce", turn, sides);
    let tests = bench.tests();
    let opened: Vec<_> = tests
        .iter()
        .filter(|(_, passes)| *passes)
        .map(|(it, _)| it.clone())
        .collect();
    let refused: Vec<_> = tests
        .iter()
        .filter(|(_, passes)| !*passes)
        .map(|(it, _)| it.clone())
        .collect();
    assert!(!opened.is_empty() && !refused.is_empty());

    let passed = bench.through(0, tests.iter().map(|(packet, _)| packet.clone()));
    agree(&passed, &opened, "opens a conversation");
    let answers = opened.iter().map(Packet::answer);
    let passed = bench.through(1, answers.clone());
    agree(&passed, &answers.collect::<Vec<_>>(), "answers");
    let more = opened.iter().map(Packet::more);
    let passed = bench.through(0, more.clone());
    agree(&passed, &more.collect::<Vec<_>>(), "goes on");
    let passed = bench.through(1, refused.iter().map(Packet::answer));
    let unasked: Vec<_> = refused.iter().map(Packet::answer).collect();
    let unasked = unasked.into_iter().filter(|packet| bench.opens(packet));
    agree(&passed, &unasked.collect::<Vec<_>>(), "answers nothing");

    let counts = counts();
    let (opened, passed) = (opened.len() as u64, passed.len() as u64);
    assert_eq!(counts.all(), bench.sent, "every packet is counted once");
    assert_eq!(
        counts.rules,
        opened + passed + 1,
        "what opened a conversation"
    );
    assert_eq!(
        counts.open,
        2 * opened + bench.sentinels + 2,
        "what went on"
    );
    assert_eq!(
        counts.rest + counts.invalid,
        bench.sent - counts.rules - counts.open
    );
}

#[track_caller]
fn agree(passed: &BTreeSet<Packet>, expected: &[Packet], what: &str) {
    let expected: BTreeSet<_> = expected.iter().cloned().collect();
    let wrongly = passed.difference(&expected).next();
    assert_eq!(
        wrongly, None,
        "passed, and the policy lets nothing like it: {what}"
    );
    let missing = expected.difference(passed).next();
    assert_eq!(missing, None, "was stopped, and the policy lets it: {what}");
}

/// A loaded filter and both sides of it.
struct Bench<'a> {
    oracle: Oracle<'a>,
    edges: Vec<IpAddr>,
    sides: &'a mut [Side; 2],
    /// The first of the clients' ports.
    own_ports: u16,
    sentinel: Packet,
    sent: u64,
    sentinels: u64,
}

impl<'a> Bench<'a> {
    fn new(site: &'a Site, mode: &str, turn: u16, sides: &'a mut [Side; 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "filter.nft", &site.filter("nftables", mode));
        let output = Command::new("nft").arg("-f").arg(path).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let mut bench = Self {
            oracle: Oracle::new(&site.policy),
            edges: site.edges(),
            sides,
            own_ports: 10_000 * (turn + 1),
            sentinel: Packet::default(),
            sent: 0,
            sentinels: 0,
        };
        let tests = bench.tests();
        let first = tests.into_iter().find(|(_, passes)| *passes);
        bench.sentinel = first.expect("a policy that lets nothing pass").0;
        bench.sentinel.ports.0 = SENTINEL + turn;
        bench.open_sentinel();
        bench
    }

    /// Every packet to try, with whether the policy lets it pass.
    fn tests(&mut self) -> Vec<(Packet, bool)> {
        let mut tests = Vec::new();
        let pairs = self
            .edges
            .iter()
            .flat_map(|from| self.edges.iter().map(move |to| (*from, *to)));
        let pairs = pairs.filter(|(from, to)| from != to && from.is_ipv4() == to.is_ipv4());
        for ((from, to), own_port) in pairs.zip(self.own_ports..SENTINEL) {
            for (carrier, port) in PORTS {
                let passes = self.oracle.admits(from, to, carrier, port);
                let packet = Packet {
                    from: Some(from),
                    to: Some(to),
                    is_datagram: carrier == Transport::Udp,
                    ports: (own_port, port),
                    flags: Flags::Opens,
                };
                tests.push((packet, passes));
            }
        }
        tests
    }

    /// Whether the policy lets an answer pass that nothing asked for: a datagram is told from what
    /// opens a conversation by nothing, a segment by its flags.
    fn opens(&mut self, answer: &Packet) -> bool {
        let (from, to) = (answer.from.unwrap(), answer.to.unwrap());
        answer.is_datagram && self.oracle.admits(from, to, Transport::Udp, answer.ports.1)
    }

    /// Sends packets in at a side; those that come out at the other. A packet that surely passes ends
    /// each batch, so that what has not come out before it never will.
    fn through(&mut self, side: usize, packets: impl Iterator<Item = Packet>) -> BTreeSet<Packet> {
        let packets: Vec<_> = packets.collect();
        let mut passed = BTreeSet::new();
        for batch in packets.chunks(BATCH) {
            for packet in batch {
                self.send(side, packet);
            }
            let sentinel = self.sentinel(side);
            self.send(side, &sentinel);
            self.sentinels += 1;
            loop {
                // What the router says for itself (group membership) is neither.
                let Some(packet) = Packet::read(&self.sides[1 - side].next()) else {
                    continue;
                };
                if packet.ports == sentinel.ports && packet.from == sentinel.from {
                    break;
                }
                assert!(passed.insert(packet.clone()), "{packet:?} came out twice");
            }
        }
        passed
    }

    /// Opens the conversation of the packets that end batches.
    fn open_sentinel(&mut self) {
        let sentinel = self.sentinel.clone();
        for (side, packet) in [
            (0, sentinel.clone()),
            (1, sentinel.answer()),
            (0, sentinel.more()),
        ] {
            self.send(side, &packet);
            while Packet::read(&self.sides[1 - side].next()).as_ref() != Some(&packet) {}
        }
    }

    fn sentinel(&self, side: usize) -> Packet {
        let mut answer = self.sentinel.answer();
        answer.flags = Flags::Back;
        if side == 0 {
            self.sentinel.more()
        } else {
            answer
        }
    }

    fn send(&mut self, side: usize, packet: &Packet) {
        let frame = packet.frame(self.sides[side].router);
        self.sides[side].send(&frame);
        self.sent += 1;
    }
}

/// What the filter has counted.
#[derive(Debug, Default)]
struct Counts {
    open: u64,
    invalid: u64,
    rules: u64,
    rest: u64,
}

impl Counts {
    const fn all(&self) -> u64 {
        self.open + self.invalid + self.rules + self.rest
    }
}

fn counts() -> Counts {
    let output = Command::new("nft")
        .args(["-j", "list", "ruleset"])
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut counts = Counts::default();
    for rule in document["nftables"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it.get("rule"))
    {
        let expressions = rule["expr"].as_array().unwrap();
        let packets = expressions
            .iter()
            .find_map(|it| it["counter"]["packets"].as_u64());
        let Some(packets) = packets else { continue };
        let comment = rule["comment"].as_str().unwrap();
        let place = match comment.split(':').next().unwrap() {
            "conversations that are open" => &mut counts.open,
            "no conversation" => &mut counts.invalid,
            "not in the policy" => &mut counts.rest,
            _ => &mut counts.rules,
        };
        *place += packets;
    }
    counts
}

/// The ports of the protocols on both transports, and others.
const PORTS: [(Transport, u16); 10] = [
    (Transport::Tcp, 102),
    (Transport::Tcp, 502),
    (Transport::Tcp, 802),
    (Transport::Tcp, 4840),
    (Transport::Udp, 502),
    (Transport::Udp, 4840),
    (Transport::Tcp, 80),
    (Transport::Tcp, 503),
    (Transport::Udp, 102),
    (Transport::Udp, 53),
];

/// The client's port of what ends a batch; no other packet has it.
const SENTINEL: u16 = 61_000;

/// As many packets as a socket keeps.
const BATCH: usize = 64;
