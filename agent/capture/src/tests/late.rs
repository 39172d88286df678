//! Sockets that share a port that is missing or switched off at first.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use model::{Frame, PortState};
use pcap::{Active, Capture};

use super::fanout::{LONGEST, of_many_pairs, shared_out};
use super::namespace::{in_namespace_of, ip, plant};
use crate::{Port, PortConfig};

fn in_namespace(test: &str, body: fn()) {
    in_namespace_of("late", test, body);
}

fn later(sockets: u32, filter: Option<&str>) -> Vec<Port> {
    let config = PortConfig {
        ring_bytes: 16 << 20,
        filter: filter.map(str::to_owned),
        ..PortConfig::new("late")
    };
    let ports = Port::open_later(&config, "mirror", sockets).unwrap();
    assert_eq!(ports.len(), sockets as usize);
    ports
}

fn lay_cable() {
    ip("link add late type veth peer name far").unwrap();
}

fn switch_on() {
    ip("link set late up").unwrap();
    ip("link set far up").unwrap();
}

/// The late port's other end, to send from.
fn far() -> Capture<Active> {
    Capture::from_device("far").unwrap().open().unwrap()
}

/// All are in this state, and bring nothing.
fn check_quiet(ports: &mut [Port], state: PortState) {
    for port in ports {
        assert_eq!(port.look().unwrap(), state);
        let heard = port.dispatch(Duration::ZERO, &mut |_| ());
        assert_eq!(heard, Ok(0));
    }
}

fn wait_until_up(ports: &mut [Port]) {
    let begun = Instant::now();
    for port in ports {
        while port.look().unwrap() != PortState::Up {
            assert!(begun.elapsed() < LONGEST);
        }
    }
}

/// Every frame is heard once, what two hosts say by one socket, and each socket hears some.
fn check_shared(ports: &mut [Port], number: u32) {
    let frames = of_many_pairs(number);
    let heard = shared_out(&mut far(), ports, &frames);
    for both in frames.chunks(2) {
        assert_eq!(heard[&both[0]], heard[&both[1]], "there and back");
    }
    let busy: HashSet<_> = heard.values().collect();
    assert_eq!(busy.len(), ports.len());
}

#[test]
fn sockets_share_a_port_that_comes_late() {
    in_namespace("sockets_share_a_port_that_comes_late", || {
        for sockets in [1, 2, 4] {
            let mut ports = later(sockets, None);
            check_quiet(&mut ports, PortState::Gone);
            for frame in of_many_pairs(0) {
                plant().sendpacket(&frame[..]).unwrap();
            }
            check_quiet(&mut ports, PortState::Gone);
            lay_cable();
            check_quiet(&mut ports, PortState::Off);
            switch_on();
            wait_until_up(&mut ports);
            check_shared(&mut ports, 1);
            ip("link del late").unwrap();
        }
    });
}

#[test]
fn sockets_share_a_port_that_went_and_came_before_it_was_up() {
    let test = "sockets_share_a_port_that_went_and_came_before_it_was_up";
    in_namespace(test, || {
        let mut ports = later(2, None);
        for _ in 0..2 {
            lay_cable();
            check_quiet(&mut ports, PortState::Off);
            ip("link del late").unwrap();
            check_quiet(&mut ports, PortState::Gone);
        }
        lay_cable();
        switch_on();
        wait_until_up(&mut ports);
        for number in 0..2 {
            check_shared(&mut ports, number);
            ip("link set late down").unwrap();
            for port in &mut ports {
                assert_eq!(port.look().unwrap(), PortState::Off);
            }
            switch_on();
            wait_until_up(&mut ports);
        }
    });
}

#[test]
fn sockets_that_share_a_port_that_comes_late_hear_what_passes_its_filter() {
    let test = "sockets_that_share_a_port_that_comes_late_hear_what_passes_its_filter";
    in_namespace(test, || {
        let mut ports = later(4, Some("host 10.9.0.7 or host 10.9.0.8"));
        lay_cable();
        switch_on();
        wait_until_up(&mut ports);
        let mut far = far();
        for frame in of_many_pairs(0) {
            far.sendpacket(&frame[..]).unwrap();
        }
        let (mut heard, begun) = (0, Instant::now());
        while heard < 4 && begun.elapsed() < Duration::from_secs(10) {
            for port in &mut ports {
                heard += port
                    .dispatch(Duration::from_millis(5), &mut |_| ())
                    .unwrap();
            }
        }
        assert_eq!(heard, 4, "two pairs, there and back");
    });
}

#[test]
fn what_sockets_of_a_port_that_comes_late_hear_before_they_join_is_not_heard_twice() {
    let test = "what_sockets_of_a_port_that_comes_late_hear_before_they_join_is_not_heard_twice";
    in_namespace(test, || {
        let mut ports = later(16, None);
        check_quiet(&mut ports, PortState::Gone);
        lay_cable();
        switch_on();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut far, begun) = (far(), Instant::now());
                for number in 0.. {
                    if done.load(Ordering::Relaxed) || begun.elapsed() > LONGEST {
                        break;
                    }
                    for frame in of_many_pairs(number) {
                        far.sendpacket(&frame[..]).unwrap();
                    }
                }
            });
            let mut heard = Heard::default();
            heard.hear(&mut ports[..1]);
            wait_until_up(&mut ports);
            // 48 pairs leave few of 16 sockets without one
            let begun = Instant::now();
            while heard.busy() <= 8 && begun.elapsed() < LONGEST {
                heard.hear(&mut ports);
            }
            done.store(true, Ordering::Relaxed);
            (0..20).for_each(|_| heard.hear(&mut ports));
            // one that is under way on another processor just when a socket joins may come to both
            assert!(heard.twice <= 2, "{}", heard.twice);
            assert!(heard.busy() > 8);
        });
    });
}

/// Which socket heard each frame.
#[derive(Default)]
struct Heard {
    sockets: HashMap<Vec<u8>, usize>,
    /// How many frames another had heard before.
    twice: usize,
}

impl Heard {
    fn hear(&mut self, ports: &mut [Port]) {
        for (place, port) in ports.iter_mut().enumerate() {
            let mut see = |frame: Frame<'_>| {
                let before = self.sockets.insert(frame.bytes.to_vec(), place);
                self.twice += usize::from(before.is_some());
            };
            port.dispatch(Duration::from_millis(3), &mut see).unwrap();
        }
    }

    /// How many sockets heard any.
    fn busy(&self) -> usize {
        self.sockets.values().collect::<HashSet<_>>().len()
    }
}
