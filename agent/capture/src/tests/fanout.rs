//! Sockets that share one interface: what two hosts say to each other comes to one of them, however it is wrapped.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use model::{PortState, Timestamp};
use pcap::{Active, Capture};

use super::namespace::{in_namespace_of, ip, plant};
use crate::{Clocks, Port, PortConfig, Ports};

/// Two hosts, as bytes of their addresses.
type Pair = [u8; 2];

fn there_and_back([a, b]: Pair) -> [Pair; 2] {
    [[a, b], [b, a]]
}

fn ethernet(kind: u16, [from, to]: Pair, payload: &[u8]) -> Vec<u8> {
    let macs = [[2, 0, 0, 0, 0, to], [2, 0, 0, 0, 0, from]].concat();
    [&macs[..], &kind.to_be_bytes(), payload].concat()
}

/// An IPv4 packet; `fragment` is its flags and offset.
fn v4(protocol: u8, fragment: u16, [from, to]: Pair, payload: &[u8]) -> Vec<u8> {
    let len = (20 + payload.len() as u16).to_be_bytes();
    let [high, low] = fragment.to_be_bytes();
    let mut packet = vec![0x45, 0, len[0], len[1], 0, 7, high, low, 64, protocol, 0, 0];
    packet.extend([10, 9, 0, from, 10, 9, 0, to]);
    packet.extend(payload);
    packet
}

fn v6(next: u8, [from, to]: Pair, payload: &[u8]) -> Vec<u8> {
    let [high, low] = (payload.len() as u16).to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, high, low, next, 64];
    for last in [from, to] {
        packet.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    packet.extend(payload);
    packet
}

fn tag(kind: u16, frame: &[u8]) -> Vec<u8> {
    [&frame[..12], &kind.to_be_bytes(), &[0, 110], &frame[12..]].concat()
}

/// A frame of a pair, in every wrapping that is read; `number` makes it unlike others.
fn wrapped(pair: Pair, number: u32) -> Vec<(&'static str, Vec<u8>)> {
    let outer = [201, 202];
    let payload = [
        &[200, 0, 1, 246, 0, 0, 0, 0][..],
        &number.to_be_bytes(),
        &[0; 16],
    ]
    .concat();
    let inner = v4(6, 0x4000, pair, &payload);
    let frame = ethernet(0x0800, pair, &inner);
    let over = |protocol, header: &[u8], inside: &[u8]| {
        let carried = [header, inside].concat();
        ethernet(0x0800, outer, &v4(protocol, 0, outer, &carried))
    };
    let vxlan = [0, 1, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 5, 0];
    let erspan_iii = [&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1][..], &[0; 12]].concat();
    let erspan_long = [
        &[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1][..],
        &[0; 11],
        &[1],
        &[0; 8],
    ]
    .concat();
    let gre = over(47, &[0, 0, 8, 0], &inner);
    vec![
        ("plain", frame.clone()),
        (
            "first fragment",
            ethernet(0x0800, pair, &v4(6, 0x2000, pair, &payload)),
        ),
        (
            "last fragment",
            ethernet(0x0800, pair, &v4(6, 5, pair, &payload)),
        ),
        ("udp", ethernet(0x0800, pair, &v4(17, 0, pair, &payload))),
        ("a tag", tag(0x8100, &frame)),
        ("QinQ", tag(0x88a8, &tag(0x8100, &frame))),
        ("two tags", tag(0x8100, &tag(0x8100, &frame))),
        ("the old QinQ", tag(0x9100, &tag(0x8100, &frame))),
        ("GRE", gre.clone()),
        ("tagged GRE", tag(0x8100, &gre)),
        (
            "GRE with everything",
            over(
                47,
                &[0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2],
                &inner,
            ),
        ),
        (
            "GRE of frames",
            over(47, &[0, 0, 0x65, 0x58], &tag(0x8100, &frame)),
        ),
        ("ERSPAN I", over(47, &[0, 0, 0x88, 0xbe], &frame)),
        (
            "ERSPAN II",
            over(
                47,
                &[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
                &frame,
            ),
        ),
        ("ERSPAN III", over(47, &erspan_iii, &frame)),
        (
            "ERSPAN III with more",
            over(47, &erspan_long, &tag(0x88a8, &tag(0x8100, &frame))),
        ),
        ("VXLAN", over(17, &vxlan, &frame)),
        ("IP in IP", over(4, &[], &inner)),
        (
            "IPv4 in IPv6",
            ethernet(0x86dd, outer, &v6(4, outer, &inner)),
        ),
        (
            "GRE in IP in IP",
            over(
                4,
                &[],
                &v4(47, 0, [210, 211], &[&[0, 0, 8, 0][..], &inner].concat()),
            ),
        ),
    ]
}

fn open(sockets: u32) -> Vec<Port> {
    let config = PortConfig {
        ring_bytes: 16 << 20,
        ..PortConfig::new("mirror")
    };
    let ports = Port::open_shared(&config, sockets).unwrap();
    assert_eq!(ports.len(), sockets as usize);
    ports
}

/// How long a busy machine may take for what a test waits for.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// Sends frames, and tells which socket heard each; every one is heard once.
pub(super) fn shared_out(
    plant: &mut Capture<Active>,
    ports: &mut [Port],
    frames: &[Vec<u8>],
) -> HashMap<Vec<u8>, usize> {
    for frame in frames {
        plant.sendpacket(&frame[..]).unwrap();
    }
    let mut heard = HashMap::new();
    let begun = Instant::now();
    while heard.len() < frames.len() && begun.elapsed() < Duration::from_secs(10) {
        for (place, port) in ports.iter_mut().enumerate() {
            let mut see = |frame: model::Frame<'_>| {
                assert_eq!(
                    heard.insert(frame.bytes.to_vec(), place),
                    None,
                    "heard twice"
                );
            };
            port.dispatch(Duration::from_millis(5), &mut see).unwrap();
        }
    }
    assert_eq!(heard.len(), frames.len(), "every frame is heard");
    heard
}

#[test]
fn what_two_hosts_say_comes_to_one_socket_however_it_is_wrapped() {
    in_namespace_of(
        "fanout",
        "what_two_hosts_say_comes_to_one_socket_however_it_is_wrapped",
        || {
            for sockets in [2, 4] {
                let mut ports = open(sockets);
                let mut of_pairs = vec![0; sockets as usize];
                for last in 1..=48 {
                    let pair = [last, 100 + last];
                    let wrapped: Vec<_> = there_and_back(pair)
                        .into_iter()
                        .enumerate()
                        .flat_map(|(number, pair)| wrapped(pair, number as u32))
                        .collect();
                    let frames: Vec<_> = wrapped.iter().map(|(_, frame)| frame.clone()).collect();
                    let heard = shared_out(&mut plant(), &mut ports, &frames);
                    let own = heard[&frames[0]];
                    for (how, frame) in &wrapped {
                        assert_eq!(heard[frame], own, "{how} of {pair:?} on {sockets}");
                    }
                    of_pairs[own] += 1;
                }
                let least = 48 / sockets as usize / 4;
                assert!(of_pairs.iter().all(|count| *count >= least), "{of_pairs:?}");
            }
        },
    );
}

#[test]
fn what_is_no_ipv4_comes_to_one_socket_too() {
    in_namespace_of("fanout", "what_is_no_ipv4_comes_to_one_socket_too", || {
        let mut ports = open(4);
        let mut of_pairs = [[0; 4]; 2];
        for last in 1..=48 {
            let frames = there_and_back([last, 100 + last]).map(|pair| {
                let v6 = v6(6, pair, &[last; 20]);
                let inside = v6.clone();
                [
                    ethernet(0x86dd, pair, &v6),
                    ethernet(0x0800, [1, 2], &v4(41, 0, [201, 202], &inside)),
                    ethernet(0x8892, pair, &[last; 46]),
                    tag(0x8100, &ethernet(0x8892, pair, &[last; 46])),
                ]
            });
            let heard = shared_out(&mut plant(), &mut ports, &frames.concat());
            let [[there, tunnelled, bare, tagged], back] = &frames;
            for frame in [tunnelled, &back[0], &back[1]] {
                assert_eq!(heard[there], heard[frame], "{frame:?}");
            }
            for frame in [tagged, &back[2], &back[3]] {
                assert_eq!(heard[bare], heard[frame], "{frame:?}");
            }
            of_pairs[0][heard[there]] += 1;
            of_pairs[1][heard[bare]] += 1;
        }
        for counts in of_pairs {
            assert!(counts.iter().all(|count| *count >= 3), "{of_pairs:?}");
        }
    });
}

#[test]
fn fragments_of_a_tunnel_stay_together() {
    in_namespace_of("fanout", "fragments_of_a_tunnel_stay_together", || {
        let mut ports = open(4);
        for last in 1..=32 {
            let outer = [last, 100 + last];
            let inner = [&[0, 0, 8, 0][..], &v4(6, 0, [7, 8], &[last; 40])].concat();
            let frames: Vec<_> = [
                (0x2000, &inner[..32]),
                (0x2004, &inner[32..48]),
                (6, &inner[48..]),
            ]
            .into_iter()
            .map(|(fragment, part)| ethernet(0x0800, outer, &v4(47, fragment, outer, part)))
            .collect();
            let heard = shared_out(&mut plant(), &mut ports, &frames);
            assert!(frames.iter().all(|frame| heard[frame] == heard[&frames[0]]));
        }
    });
}

pub(super) fn clocks() -> Clocks {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    Clocks {
        now: now(),
        steady: BEGUN.elapsed(),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    Timestamp::from_nanos(since.as_nanos() as i64)
}

#[test]
fn sockets_that_share_are_read_as_one_in_order_and_lose_nothing() {
    in_namespace_of(
        "fanout",
        "sockets_that_share_are_read_as_one_in_order_and_lose_nothing",
        || {
            for sockets in [1, 2, 4, 16] {
                let mut ports = Ports::new(open(sockets));
                let sent: Vec<_> = (0..10_000_u32)
                    .map(|number| wrapped([(number % 60) as u8, 100], number).swap_remove(0).1)
                    .collect();
                let mut plant = plant();
                for frame in &sent {
                    plant.sendpacket(&frame[..]).unwrap();
                }
                let mut heard = Vec::new();
                let begun = Instant::now();
                while heard.len() < sent.len() && begun.elapsed() < Duration::from_secs(20) {
                    let mut see = |frame: model::Frame<'_>| {
                        heard.push((frame.number, frame.bytes.to_vec()));
                    };
                    ports
                        .dispatch(Duration::from_millis(5), &now, &mut see)
                        .unwrap();
                }
                let expected: Vec<_> = (1..).zip(sent).collect();
                assert!(heard == expected, "{sockets} sockets");
                for port in ports.ports_mut() {
                    assert_eq!(port.drops().unwrap().kernel, 0);
                    assert_eq!(port.fill_percent(clocks()).unwrap(), 0);
                }
            }
        },
    );
}

#[test]
fn no_frame_is_heard_twice_while_sockets_join() {
    in_namespace_of(
        "fanout",
        "no_frame_is_heard_twice_while_sockets_join",
        || {
            let done = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let mut plant = plant();
                    let begun = Instant::now();
                    for number in 0.. {
                        if done.load(Ordering::Relaxed) || begun.elapsed() > LONGEST {
                            break;
                        }
                        let (_, frame) = wrapped([(number % 60) as u8, 100], number).swap_remove(0);
                        plant.sendpacket(&frame[..]).unwrap();
                    }
                });
                std::thread::sleep(Duration::from_millis(20));
                let mut ports = open(4);
                done.store(true, Ordering::Relaxed);
                let mut heard = HashMap::new();
                for _ in 0..20 {
                    for (place, port) in ports.iter_mut().enumerate() {
                        let mut see = |frame: model::Frame<'_>| {
                            let before = heard.insert(frame.bytes.to_vec(), place);
                            assert_eq!(before, None, "heard twice, now by {place}");
                        };
                        port.dispatch(Duration::from_millis(10), &mut see).unwrap();
                    }
                }
                assert!(!heard.is_empty());
            });
        },
    );
}

#[test]
fn what_did_not_pass_the_filter_while_sockets_joined_costs_no_frame_that_does() {
    let test = "what_did_not_pass_the_filter_while_sockets_joined_costs_no_frame_that_does";
    in_namespace_of("fanout", test, || {
        let frames = of_many_pairs(0);
        let done = AtomicBool::new(false);
        let mut ports = std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut plant, begun) = (plant(), Instant::now());
                while !done.load(Ordering::Relaxed) && begun.elapsed() < LONGEST {
                    plant.sendpacket([0; 60]).unwrap();
                }
            });
            std::thread::sleep(Duration::from_millis(20));
            let config = PortConfig {
                filter: Some("ip".to_owned()),
                ..PortConfig::new("mirror")
            };
            let ports = Port::open_shared(&config, 16);
            done.store(true, Ordering::Relaxed);
            ports.unwrap()
        });
        // whatever a socket would pass over is not in its ring yet
        shared_out(&mut plant(), &mut ports, &frames);
    });
}

#[test]
fn a_ring_tells_how_full_it_is_and_what_it_lost() {
    in_namespace_of(
        "fanout",
        "a_ring_tells_how_full_it_is_and_what_it_lost",
        || {
            let config = PortConfig {
                ring_bytes: 4 << 20,
                ..PortConfig::new("mirror")
            };
            let mut port = Port::open(&config).unwrap();
            assert_eq!(port.fill_percent(clocks()).unwrap(), 0);
            let (_, frame) = wrapped([1, 2], 0).swap_remove(0);
            let mut plant = plant();
            for _ in 0..200 {
                plant.sendpacket(&frame[..]).unwrap();
            }
            let mut heard = 0;
            while heard < 200 {
                heard += port
                    .dispatch(Duration::from_millis(60), &mut |_| ())
                    .unwrap();
            }
            assert_eq!(port.fill_percent(clocks()).unwrap(), 0);
            let mut fills = Vec::new();
            for _ in 0..8 {
                for _ in 0..10_000 {
                    plant.sendpacket(&frame[..]).unwrap();
                }
                fills.push(port.fill_percent(clocks()).unwrap());
            }
            assert!(
                fills.is_sorted() && fills[0] > 10 && fills[7] >= 80,
                "{fills:?}"
            );
            let begun = Instant::now();
            let mut lost = port.drops().unwrap().kernel;
            while heard as u64 + lost < 80_200 && begun.elapsed() < Duration::from_secs(10) {
                heard += port
                    .dispatch(Duration::from_millis(60), &mut |_| ())
                    .unwrap();
                lost = port.drops().unwrap().kernel;
            }
            assert_eq!(heard as u64 + lost, 80_200);
            assert!(lost > 0);
            assert_eq!(port.fill_percent(clocks()).unwrap(), 0);
        },
    );
}

#[test]
fn a_ring_of_a_slow_port_that_is_not_read_is_full_before_it_loses_frames() {
    let test = "a_ring_of_a_slow_port_that_is_not_read_is_full_before_it_loses_frames";
    in_namespace_of("fanout", test, || {
        let config = PortConfig {
            ring_bytes: 4 << 20,
            ..PortConfig::new("mirror")
        };
        let mut port = Port::open(&config).unwrap();
        assert_eq!(port.fill_percent(clocks()).unwrap(), 0);
        let (_, frame) = wrapped([1, 2], 0).swap_remove(0);
        let (mut plant, mut fills) = (plant(), Vec::new());
        while port.drops().unwrap().kernel == 0 && fills.len() < 100 {
            plant.sendpacket(&frame[..]).unwrap();
            // each frame has a block of its own
            std::thread::sleep(Duration::from_millis(25));
            fills.push(port.fill_percent(clocks()).unwrap());
        }
        for (frames, fill) in (1..).zip(&fills) {
            assert!(usize::from(*fill) <= frames * 100 / 16, "{fills:?}");
        }
        assert!(fills.is_sorted() && fills.len() > 16, "{fills:?}");
        // the last frame was lost
        assert!(fills[fills.len() - 2] >= 75, "{fills:?}");
    });
}

/// One plain frame of each of many pairs, and the answer; `number` makes them unlike others.
pub(super) fn of_many_pairs(number: u32) -> Vec<Vec<u8>> {
    let pairs = (1..=48).flat_map(|last| there_and_back([last, 100 + last]));
    let payload = [&[200, 0, 1, 246][..], &number.to_be_bytes(), &[0; 20]].concat();
    pairs
        .map(|pair| ethernet(0x0800, pair, &v4(6, 0x4000, pair, &payload)))
        .collect()
}

#[test]
fn sockets_share_an_interface_again_that_was_switched_off() {
    let test = "sockets_share_an_interface_again_that_was_switched_off";
    in_namespace_of("fanout", test, || {
        let mut ports = open(4);
        for number in 0..3 {
            let frames = of_many_pairs(number);
            let heard = shared_out(&mut plant(), &mut ports, &frames);
            for both in frames.chunks(2) {
                assert_eq!(heard[&both[0]], heard[&both[1]], "there and back");
            }
            let busy: HashSet<_> = heard.values().collect();
            assert_eq!(busy.len(), 4, "every socket hears some");
            ip("link set mirror down").unwrap();
            for port in &mut ports {
                assert_eq!(port.look().unwrap(), PortState::Off);
                port.dispatch(Duration::ZERO, &mut |_| ()).unwrap();
            }
            ip("link set mirror up").unwrap();
            // the kernel tells of a carrier some time after it is there
            let begun = Instant::now();
            for port in &mut ports {
                while port.look().unwrap() != PortState::Up {
                    assert!(begun.elapsed() < Duration::from_secs(10));
                }
            }
        }
    });
}

#[test]
fn sockets_that_shared_an_interface_that_was_removed_say_that_they_cannot_share_another() {
    let test =
        "sockets_that_shared_an_interface_that_was_removed_say_that_they_cannot_share_another";
    in_namespace_of("fanout", test, || {
        let mut ports = open(2);
        ip("link del mirror").unwrap();
        for port in &mut ports {
            assert_eq!(port.look().unwrap(), PortState::Gone);
        }
        ip("link add mirror type veth peer name plant").unwrap();
        for port in &mut ports {
            let error = port.look().unwrap_err().to_string();
            assert_eq!(
                error,
                "`mirror` cannot be listened to any more: it was removed and is there anew, which takes the right to \
                 open it: start again (sockets that shared it cannot be bound to another)"
            );
        }
    });
}
