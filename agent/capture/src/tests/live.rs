//! A live port, on a virtual cable in a network namespace of its own.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use model::{Frame, LinkType, PortState};
use pcap::Capture;

use super::built::Seen;
use super::fanout::clocks;
use super::namespace::{in_namespace, ip, plant};
use crate::{Drops, Interface, Objection, Port, PortConfig, PortError, Suitability, interfaces};

/// Sends these frames from the plant's end of the cable.
fn send<'f>(frames: impl IntoIterator<Item = &'f Vec<u8>>) {
    let mut plant = plant();
    for frame in frames {
        plant.sendpacket(&frame[..]).unwrap();
    }
}

/// A frame to a TCP port behind these tags (each an ethertype and an identifier).
fn frame(tags: &[(u16, u16)], port: u16, payload: u32) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    for (kind, id) in tags {
        frame.extend(kind.to_be_bytes());
        frame.extend(id.to_be_bytes());
    }
    frame.extend([
        8, 0, 0x45, 0, 0, 44, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    ]);
    frame.extend([200, 0]);
    frame.extend(port.to_be_bytes());
    frame.extend([0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x18, 0, 0, 0, 0, 0, 0]);
    frame.extend(payload.to_be_bytes());
    frame
}

/// How frames may be tagged: not, once, and twice in both ways that are in use.
const TAGS: [&[(u16, u16)]; 4] = [
    &[],
    &[(0x8100, 110)],
    &[(0x88a8, 200), (0x8100, 110)],
    &[(0x8100, 200), (0x8100, 110)],
];

/// Shows what the port hears: `count` frames at least, and then until it is quiet.
fn hear(port: &mut Port, count: usize, mut see: impl FnMut(Frame<'_>)) -> usize {
    let (mut heard, started) = (0, Instant::now());
    while started.elapsed() < Duration::from_secs(10) {
        match port.dispatch(Duration::from_millis(60), &mut see).unwrap() {
            0 if heard >= count => break,
            more => heard += more,
        }
    }
    heard
}

/// The kernel tells of a carrier some time after it is there.
fn wait_until_up(port: &mut Port) {
    let started = Instant::now();
    while port.look().unwrap() != PortState::Up {
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}

fn listen(filter: Option<&str>) -> Result<Port, PortError> {
    Port::open(&PortConfig {
        filter: filter.map(str::to_owned),
        source: 3,
        ..PortConfig::new("mirror")
    })
}

/// A socket for a port that is to come.
fn later(config: &PortConfig) -> Port {
    let mut ports = Port::open_later(config, "mirror", 1).unwrap();
    assert_eq!(ports.len(), 1);
    ports.remove(0)
}

#[test]
fn every_frame_is_heard_as_it_was_sent_and_none_is_sent() {
    in_namespace(
        "every_frame_is_heard_as_it_was_sent_and_none_is_sent",
        || {
            let sent: Vec<_> = (0..20_000)
                .map(|number| frame(TAGS[number % TAGS.len()], 502, number as u32))
                .collect();
            let mut port = listen(None).unwrap();
            assert_eq!(port.link(), LinkType::Ethernet);
            send(&sent);
            let mut heard: Vec<Seen> = Vec::new();
            assert_eq!(
                hear(&mut port, sent.len(), |frame| heard.push(frame.into())),
                sent.len()
            );
            for (number, (seen, sent)) in (1..).zip(heard.iter().zip(&sent)) {
                assert_eq!((seen.number, seen.source, &seen.bytes), (number, 3, sent));
                assert_eq!(seen.wire_len as usize, sent.len());
            }
            assert!(heard.is_sorted_by_key(|seen| seen.nanos));
            assert!(
                heard.iter().any(|seen| seen.nanos % 1_000 != 0),
                "nanoseconds"
            );
            assert_eq!(port.drops().unwrap(), Drops::default());
            drop(port);
            let sent = fs::read_to_string("/sys/class/net/mirror/statistics/tx_packets").unwrap();
            assert_eq!(sent.trim(), "0");
        },
    );
}

#[test]
fn a_ring_that_overflows_is_counted() {
    in_namespace("a_ring_that_overflows_is_counted", || {
        let ring_bytes = 1 << 20;
        let mut port = Port::open(&PortConfig {
            ring_bytes,
            ..PortConfig::new("mirror")
        })
        .unwrap();
        let sent = vec![frame(&[], 502, 0); 30_000];
        send(&sent);
        let heard = hear(&mut port, 1, |_| ());
        let lost = port.drops().unwrap().kernel;
        assert!(lost > 0);
        assert_eq!(heard as u64 + lost, sent.len() as u64);
    });
}

#[test]
fn a_filter_matches_behind_tags_as_without() {
    in_namespace("a_filter_matches_behind_tags_as_without", || {
        let sent = TAGS.map(|tags| [frame(tags, 502, 0), frame(tags, 80, 0)]);
        for (filter, expected) in [
            ("tcp port 502", [[true, false]; 4]),
            ("not tcp port 80", [[true, false]; 4]),
            ("not tcp port 80 and host 10.0.0.2", [[true, false]; 4]),
            ("tcp port 502 or tcp port 80", [[true, true]; 4]),
            ("udp", [[false, false]; 4]),
            ("host 10.0.0.2", [[true, true]; 4]),
            (
                "not vlan",
                [[true, true], [false; 2], [false; 2], [false; 2]],
            ),
            (
                "vlan 110",
                [[false; 2], [true, true], [false; 2], [false; 2]],
            ),
        ] {
            let mut port = listen(Some(filter)).unwrap();
            send(sent.iter().flatten());
            let mut heard: Vec<Vec<u8>> = Vec::new();
            let count = expected.iter().flatten().filter(|yes| **yes).count();
            hear(&mut port, count, |frame| heard.push(frame.bytes.to_vec()));
            let seen = sent
                .clone()
                .map(|pair| pair.map(|frame| heard.contains(&frame)));
            assert_eq!((seen, heard.len()), (expected, count), "{filter}");
        }
    });
}

#[test]
fn a_quiet_port_gives_the_time_back() {
    in_namespace("a_quiet_port_gives_the_time_back", || {
        let mut port = listen(None).unwrap();
        let started = Instant::now();
        let heard = port.dispatch(Duration::from_millis(30), &mut |_| ());
        assert_eq!(heard, Ok(0));
        let waited = started.elapsed();
        assert!(waited >= Duration::from_millis(30) && waited < Duration::from_secs(5));
    });
}

#[test]
fn a_port_tells_its_state_and_hears_again_when_it_is_up() {
    let test = "a_port_tells_its_state_and_hears_again_when_it_is_up";
    in_namespace(test, || {
        let mut port = listen(None).unwrap();
        for (words, state) in [
            ("link set mirror down", PortState::Off),
            ("link set mirror up", PortState::Up),
            ("link set plant down", PortState::NoCarrier),
            ("link set plant up", PortState::Up),
        ] {
            ip(words).unwrap();
            // the first look still knows of the frame that came since the last, and the kernel tells of a carrier a little later
            port.look().unwrap();
            let begun = Instant::now();
            while port.look().unwrap() != state {
                assert!(begun.elapsed() < Duration::from_secs(10), "{words}");
            }
            let is_up = state == PortState::Up;
            if is_up {
                send(&[frame(&[], 502, 0)]);
            }
            let expected = usize::from(is_up);
            assert_eq!(hear(&mut port, expected, |_| ()), expected, "{words}");
        }
    });
}

#[test]
fn a_port_that_was_removed_is_heard_again_when_there_is_another_of_its_name() {
    in_namespace(
        "a_port_that_was_removed_is_heard_again_when_there_is_another_of_its_name",
        || {
            let mut port = listen(Some("tcp port 502")).unwrap();
            let frames = [frame(&[], 502, 0), frame(&[], 503, 0)];
            send(&frames);
            ip("link del mirror").unwrap();
            assert_eq!(port.look().unwrap(), PortState::Gone);
            assert_eq!(hear(&mut port, 1, |_| ()), 1, "what came before");
            assert_eq!(port.look().unwrap(), PortState::Gone);
            ip("link add mirror type veth peer name plant").unwrap();
            assert_eq!(port.look().unwrap(), PortState::Off);
            ip("link set mirror up").unwrap();
            ip("link set plant up").unwrap();
            wait_until_up(&mut port);
            assert!(mirror().promiscuous);
            send(&frames);
            assert_eq!(hear(&mut port, 1, |_| ()), 1, "through the same filter");
            assert_eq!(port.frames(), 2);
        },
    );
}

#[test]
fn a_port_that_was_missing_is_heard_when_it_comes_and_nothing_before() {
    in_namespace(
        "a_port_that_was_missing_is_heard_when_it_comes_and_nothing_before",
        || {
            let late = |filter: Option<&str>| PortConfig {
                filter: filter.map(str::to_owned),
                ..PortConfig::new("late")
            };
            let why = Port::open(&late(None)).unwrap_err();
            assert!(
                matches!(
                    why,
                    PortError::Absent {
                        state: PortState::Gone,
                        ..
                    }
                ),
                "{why:?}"
            );
            let wrong = Port::open_later(&late(Some("tcp prt 502")), "mirror", 1).unwrap_err();
            assert!(matches!(wrong, PortError::Filter { .. }), "{wrong:?}");

            let mut port = later(&late(Some("tcp port 502")));
            let frames = [frame(&[], 502, 0), frame(&[], 503, 0)];
            assert_eq!(port.look().unwrap(), PortState::Gone);
            send(&frames);
            assert_eq!(hear(&mut port, 0, |_| ()), 0, "frames of another port");
            assert!(!mirror().promiscuous);

            ip("link add late type veth peer name far").unwrap();
            assert_eq!(port.look().unwrap(), PortState::Off);
            ip("link set late up").unwrap();
            ip("link set far up").unwrap();
            wait_until_up(&mut port);
            send(&frames);
            let mut far = Capture::from_device("far").unwrap().open().unwrap();
            for frame in &frames {
                far.sendpacket(&frame[..]).unwrap();
            }
            assert_eq!(hear(&mut port, 1, |_| ()), 1, "through its own filter");
            assert_eq!(port.interface(), "late");
        },
    );
}

#[test]
fn a_port_that_was_switched_off_is_heard_when_it_is_switched_on() {
    in_namespace(
        "a_port_that_was_switched_off_is_heard_when_it_is_switched_on",
        || {
            ip("link add late type veth peer name far").unwrap();
            let why = Port::open(&PortConfig::new("late")).unwrap_err();
            assert!(
                matches!(
                    why,
                    PortError::Absent {
                        state: PortState::Off,
                        ..
                    }
                ),
                "{why:?}"
            );
            let mut port = later(&PortConfig::new("late"));
            assert_eq!(port.look().unwrap(), PortState::Off);
            ip("link set late up").unwrap();
            ip("link set far up").unwrap();
            wait_until_up(&mut port);
            let mut far = Capture::from_device("far").unwrap().open().unwrap();
            far.sendpacket(frame(&[], 502, 0)).unwrap();
            assert_eq!(hear(&mut port, 1, |_| ()), 1);
        },
    );
}

#[test]
fn what_came_before_the_filter_was_set_does_not_fill_the_ring() {
    in_namespace(
        "what_came_before_the_filter_was_set_does_not_fill_the_ring",
        || {
            let opened = AtomicBool::new(false);
            let mut port = std::thread::scope(|scope| {
                scope.spawn(|| {
                    let mut plant = plant();
                    let other = frame(&[], 80, 0);
                    while !opened.load(Ordering::Relaxed) {
                        plant.sendpacket(&other[..]).unwrap();
                    }
                });
                let ports: Vec<_> = (0..20)
                    .map(|_| listen(Some("tcp port 502")).unwrap())
                    .collect();
                opened.store(true, Ordering::Relaxed);
                ports
            });
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(1) {
                for port in &mut port {
                    assert_eq!(port.dispatch(Duration::from_millis(2), &mut |_| ()), Ok(0));
                    port.fill_percent(clocks()).unwrap();
                }
            }
            for port in &mut port {
                assert_eq!(port.waiting().unwrap(), 0);
            }
        },
    );
}

#[test]
fn a_port_that_was_renamed_is_gone_until_it_has_its_name_again() {
    let test = "a_port_that_was_renamed_is_gone_until_it_has_its_name_again";
    in_namespace(test, || {
        let mut port = listen(None).unwrap();
        for (from, to, state) in [
            ("mirror", "span", PortState::Gone),
            ("span", "mirror", PortState::Up),
        ] {
            ip(&format!("link set {from} down")).unwrap();
            ip(&format!("link set {from} name {to}")).unwrap();
            ip(&format!("link set {to} up")).unwrap();
            assert_eq!(port.look().unwrap(), state);
            assert_eq!(hear(&mut port, 0, |_| ()), 0);
        }
        send(&[frame(&[], 502, 0)]);
        assert_eq!(hear(&mut port, 1, |_| ()), 1);
    });
}

#[test]
fn a_port_in_whose_place_is_something_else_says_so() {
    in_namespace("a_port_in_whose_place_is_something_else_says_so", || {
        let mut port = listen(None).unwrap();
        ip("link del mirror").unwrap();
        ip("link set lo name mirror").unwrap();
        let error = port.look().unwrap_err().to_string();
        assert!(
            error.starts_with("`mirror` cannot be listened to any more: it was removed"),
            "{error}"
        );
        assert!(error.contains("it is of another kind now"), "{error}");
    });
}

#[test]
fn what_cannot_be_opened_says_why() {
    in_namespace("what_cannot_be_opened_says_why", || {
        let text = |result: Result<Port, PortError>| result.unwrap_err().to_string();
        let missing = text(Port::open(&PortConfig::new("nothing")));
        assert!(
            missing.starts_with("cannot listen on `nothing`: "),
            "{missing}"
        );
        let filter = text(listen(Some("tcp prt 502")));
        assert!(
            filter.starts_with("the filter `tcp prt 502` is wrong: "),
            "{filter}"
        );
        println!("{missing}\n{filter}");
    });
}

fn mirror() -> Interface {
    let mut all = interfaces().into_iter();
    all.find(|interface| interface.name == "mirror").unwrap()
}

#[test]
fn a_mirror_port_suits_until_it_has_an_address() {
    in_namespace("a_mirror_port_suits_until_it_has_an_address", || {
        assert_eq!(mirror().suitability(), Suitability::Suitable);
        assert!(!mirror().promiscuous);
        let port = listen(None).unwrap();
        assert!(mirror().promiscuous);
        drop(port);
        ip("addr add 192.0.2.1/24 dev mirror").unwrap();
        ip("link set plant down").unwrap();
        let objections = [
            Objection::NoCarrier,
            Objection::Address([192, 0, 2, 1].into()),
        ];
        let expected = Suitability::Unsuitable(objections.to_vec());
        assert_eq!(mirror().suitability(), expected);
    });
}
