//! What each fault of a mirror looks like, told by made frames of a plant that polls; and that a sound mirror shows none.

mod clock;

use std::time::Duration;

use model::{Frame, Incident, LinkType, Metric, PortState, Timestamp};

use crate::{Engine, Judges, Limits, Mode, PortReading, Reading, Settings};

/// A frame before it is captured.
#[derive(Clone)]
struct Shot {
    nanos: i64,
    bytes: Vec<u8>,
    wire_len: u32,
    source: u16,
    /// Whether the client sent it.
    asks: bool,
}

/// Three clients that each poll a controller, ten times a second.
fn polling(seconds: i64) -> Vec<Shot> {
    let mut shots = Vec::new();
    for turn in 0..seconds * 10 {
        for client in 0..3_u8 {
            let nanos = START + turn * 100_000_000 + i64::from(client) * 1_000_000;
            let place = turn as u32 * 12;
            shots.push(shot(
                nanos,
                client,
                true,
                [place, turn as u32 * 11],
                &ask(turn),
            ));
            let answer = answer(turn);
            shots.push(shot(
                nanos + 400_000,
                client,
                false,
                [turn as u32 * 11, place + 12],
                &answer,
            ));
        }
    }
    shots
}

fn ask(turn: i64) -> Vec<u8> {
    let [high, low] = (turn as u16).to_be_bytes();
    vec![high, low, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1]
}

fn answer(turn: i64) -> Vec<u8> {
    let [high, low] = (turn as u16).to_be_bytes();
    vec![high, low, 0, 0, 0, 5, 1, 3, 2, 0, 7]
}

/// One TCP segment between a client and the controller; its checksum is left to the card.
fn shot(nanos: i64, client: u8, asks: bool, [seq, ack]: [u32; 2], payload: &[u8]) -> Shot {
    let (mac, ip) = ([2, 0, 0, 0, 0, client + 10], [10, 0, 0, client + 10]);
    let (plc_mac, plc_ip) = ([2, 0, 0, 0, 0, 1], [10, 0, 0, 1]);
    let port = 40_000 + u16::from(client);
    let (macs, ips, ports) = match asks {
        true => ([plc_mac, mac], [ip, plc_ip], [port, 502]),
        false => ([mac, plc_mac], [plc_ip, ip], [502, port]),
    };
    let mut bytes = macs.concat();
    bytes.extend([8, 0, 0x45, 0]);
    bytes.extend((40 + payload.len() as u16).to_be_bytes());
    bytes.extend(((nanos / 100_000) as u16 | 1).to_be_bytes());
    bytes.extend([0, 0, 64, 6, 0, 0]);
    bytes.extend(ips.concat());
    bytes.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
    bytes.extend(seq.to_be_bytes());
    bytes.extend(ack.to_be_bytes());
    bytes.extend([0x50, 0x18, 0x20, 0, 0, 0, 0, 0]);
    bytes.extend(payload);
    Shot {
        nanos,
        wire_len: bytes.len() as u32,
        bytes,
        source: 0,
        asks,
    }
}

impl Shot {
    fn tagged(mut self) -> Self {
        self.bytes.splice(12..12, [0x81, 0, 0, 110]);
        self.wire_len += 4;
        self
    }

    fn later(mut self, by: Duration) -> Self {
        self.nanos += by.as_nanos() as i64;
        self
    }
}

fn engine() -> Engine {
    let settings = Settings {
        site: "plant".to_owned(),
        sensor: "under-test".to_owned(),
        limits: Limits::default(),
        mode: Mode::Judge,
        shards: 1,
    };
    Engine::new(settings, Judges::default(), None)
}

fn show(engine: &mut Engine, shots: &[Shot]) {
    for (number, shot) in (1..).zip(shots) {
        engine.frame(&Frame {
            number,
            time: Timestamp::from_nanos(shot.nanos),
            link: LinkType::Ethernet,
            bytes: &shot.bytes,
            wire_len: shot.wire_len,
            source: shot.source,
        });
    }
}

/// Shows those of one second.
fn show_second(engine: &mut Engine, shots: &[Shot], second: i64) {
    let of_second = |shot: &&Shot| (shot.nanos - START) / 1_000_000_000 == second;
    let now: Vec<_> = shots.iter().filter(of_second).cloned().collect();
    show(engine, &now);
}

/// The rules of all incidents, with how often each was folded.
fn found(engine: &Engine) -> Vec<(String, u64)> {
    let incidents = engine.incidents().into_iter();
    let mut found: Vec<_> = incidents.map(|found| (found.rule, found.count)).collect();
    found.sort();
    found
}

/// Plays a recording to its end; every incident is of one of these rules.
fn check(shots: &[Shot], rules: &[&str]) -> Engine {
    let mut engine = engine();
    show(&mut engine, shots);
    engine.finish();
    let found: Vec<_> = found(&engine).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(found, rules);
    engine
}

fn only(engine: &Engine) -> Incident {
    engine.incidents().into_iter().next().unwrap()
}

fn fault(engine: &Engine, name: &str) -> f64 {
    sample(engine, Metric::MirrorFaults, name)
}

fn sample(engine: &Engine, metric: Metric, label: &str) -> f64 {
    let samples = engine.samples().into_iter();
    let mut samples = samples.filter(|sample| sample.metric == metric);
    samples.find(|it| it.labels == [label]).unwrap().value
}

#[test]
fn a_sound_mirror_has_no_fault() {
    check(&polling(60), &[]);
    let tagged: Vec<_> = polling(60).into_iter().map(Shot::tagged).collect();
    check(&tagged, &[]);
}

#[test]
fn one_direction_is_told_within_ten_seconds() {
    for client in [true, false] {
        let shots = polling(11).into_iter().filter(|shot| shot.asks == client);
        let engine = check(&shots.collect::<Vec<_>>(), &["sensor.one_direction"]);
        let incident = only(&engine);
        assert!(incident.first.since(at(0)) <= Duration::from_secs(10));
        assert_eq!(incident.owner, "network");
        assert!(
            incident
                .sentence
                .contains("of 3 TCP conversations that go on, 3")
        );
        assert_eq!(fault(&engine, "one_direction"), 1.0);
    }
}

#[test]
fn a_mirror_that_shows_both_directions_again_is_said_to() {
    let mut shots = polling(40);
    shots.retain(|shot| shot.asks || shot.nanos > START + 20_000_000_000);
    let engine = check(&shots, &["sensor.one_direction"]);
    let sentence = only(&engine).sentence;
    assert!(
        sentence.contains("this was over 20 s later")
            || sentence.contains("this was over 25 s later"),
        "{sentence}"
    );
    assert_eq!(fault(&engine, "one_direction"), 0.0);
}

#[test]
fn frames_that_come_twice_are_told_once() {
    for numbered in [true, false] {
        let twice = polling(40).into_iter().flat_map(|mut shot| {
            if !numbered {
                shot.bytes[18..20].fill(0);
            }
            let copy = shot.clone().later(Duration::from_micros(5));
            [shot, copy]
        });
        let engine = check(&twice.collect::<Vec<_>>(), &["sensor.duplicates"]);
        assert_eq!(only(&engine).count, 1);
        assert_eq!(fault(&engine, "duplicates"), 1.0);
    }
}

#[test]
fn tags_that_vanish_are_told() {
    let stripped = polling(30).into_iter().map(|shot| match shot.nanos {
        ..CHANGE => shot.tagged(),
        _ => shot,
    });
    let engine = check(
        &stripped.collect::<Vec<_>>(),
        &["sensor.vlan_tags_stripped"],
    );
    assert!(only(&engine).first.since(Timestamp::from_nanos(CHANGE)) <= Duration::from_secs(10));
}

#[test]
fn one_direction_with_tags_and_one_without_are_no_stripped_tags() {
    let half = polling(30).into_iter().map(|shot| match shot.asks {
        true => shot.tagged(),
        false => shot,
    });
    check(&half.collect::<Vec<_>>(), &[]);
}

#[test]
fn frames_that_are_cut_by_capture_or_mirror_are_told_and_are_no_loss() {
    for sliced in [true, false] {
        let cut = polling(20).into_iter().map(|mut shot| {
            shot.bytes.truncate(60);
            if sliced {
                shot.wire_len = 60;
            }
            shot
        });
        let engine = check(&cut.collect::<Vec<_>>(), &["sensor.cut_short"]);
        assert_eq!(fault(&engine, "cut_short"), 1.0);
        assert_eq!(fault(&engine, "loss"), 0.0);
    }
}

#[test]
fn missing_bytes_that_were_acknowledged_are_loss() {
    let mut shots = polling(20);
    let mut number = 0;
    shots.retain(|_| {
        number += 1;
        number % 20 != 7
    });
    let mut engine = engine();
    show(&mut engine, &shots);
    engine.finish();
    let found = found(&engine);
    let [(rule, count)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(rule, "sensor.loss");
    assert!(*count > 20);
    assert_eq!(fault(&engine, "loss"), 1.0);
}

/// What a port that is up tells at a second after the start, by a clock that runs `ahead`.
fn beat(engine: &mut Engine, second: i64, ahead: i64, counts: [u64; 2]) {
    tell(engine, second, ahead, counts, PortState::Up);
}

fn tell(engine: &mut Engine, second: i64, ahead: i64, counts: [u64; 2], state: PortState) {
    let [frames, kernel_drops] = counts;
    engine.beat(&Reading {
        now: at(second + ahead),
        steady: Duration::from_secs(second as u64),
        ports: &[PortReading {
            name: "mirror",
            state,
            frames,
            kernel_drops,
            interface_drops: 0,
        }],
    });
}

#[test]
fn a_port_that_goes_down_is_one_incident_until_it_is_up_again() {
    for (state, words) in [
        (PortState::Off, "`mirror` is switched off"),
        (PortState::NoCarrier, "`mirror` has no carrier"),
        (PortState::Gone, "`mirror` is gone"),
    ] {
        let mut engine = engine();
        let shots = polling(60);
        for second in 0..60 {
            let is_down = (20..50).contains(&second);
            let state = if is_down { state } else { PortState::Up };
            if !is_down {
                show_second(&mut engine, &shots, second);
            }
            tell(
                &mut engine,
                second,
                0,
                [second.min(20).max(second - 30) as u64, 0],
                state,
            );
            assert_eq!(fault(&engine, "port_down"), f64::from(u8::from(is_down)));
            assert_eq!(
                sample(&engine, Metric::PortUp, "mirror"),
                f64::from(u8::from(!is_down))
            );
        }
        // neither its silence nor what is missing of conversations is told beside it
        assert_eq!(found(&engine), [("sensor.port_down".to_owned(), 1)]);
        let incident = only(&engine);
        let told = format!("{words}; this was over 30 s later");
        assert!(incident.sentence.contains(&told), "{}", incident.sentence);
    }
}

#[test]
fn a_port_that_is_up_again_and_brings_nothing_is_silent() {
    let mut engine = engine();
    for second in 0..40 {
        let state = if second < 20 {
            PortState::Off
        } else {
            PortState::Up
        };
        tell(&mut engine, second, 0, [0, 0], state);
    }
    let rules: Vec<_> = found(&engine).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(rules, ["sensor.no_traffic", "sensor.port_down"]);
}

#[test]
fn a_port_that_is_quiet_from_the_start_is_told_and_ends_by_itself() {
    let mut engine = engine();
    for second in 0..=30 {
        beat(&mut engine, second, 0, [0, 0]);
    }
    let told = engine.changed(false);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].rule, "sensor.no_traffic");
    assert!(told[0].first.since(at(0)) <= Duration::from_secs(15));
    assert_eq!(fault(&engine, "no_traffic"), 1.0);
    beat(&mut engine, 31, 0, [5, 0]);
    let told = engine.changed(false);
    assert!(
        told[0]
            .sentence
            .contains("since the sensor listens; this was over 16 s later")
    );
    assert_eq!(fault(&engine, "no_traffic"), 0.0);
    assert_eq!(engine.changed(true).len(), 0);
}

#[test]
fn a_port_that_comes_and_goes_floods_nobody() {
    let mut engine = engine();
    let mut told = 0;
    for second in 0..3_600 {
        let frames = second / 20;
        beat(&mut engine, second, 0, [frames as u64, 0]);
        told += engine.changed(false).len();
    }
    assert!(told < 12, "{told}");
    assert_eq!(found(&engine).len(), 1);
}

#[test]
fn drops_are_told_by_port_and_are_over_when_none_come() {
    let mut engine = engine();
    for second in 0..=60 {
        let drops = [0, 7, 9][(second as usize / 2).min(2)];
        beat(&mut engine, second, 0, [second as u64 * 10, drops]);
    }
    let incident = only(&engine);
    assert_eq!(incident.rule, "sensor.drops");
    assert_eq!(incident.owner, "monitoring");
    assert!(
        incident.sentence.contains("`mirror` lost 9 frames"),
        "{}",
        incident.sentence
    );
    assert!(incident.sentence.contains("this was over"));
}

#[test]
fn directions_on_two_ports_are_joined_and_said() {
    let mut shots = polling(30);
    for shot in &mut shots {
        shot.source = u16::from(shot.asks);
    }
    let mut engine = engine();
    let ports = ["east", "west"];
    for second in 0..30 {
        show_second(&mut engine, &shots, second);
        let ports = ports.map(|name| PortReading {
            name,
            state: PortState::Up,
            frames: second as u64 + 1,
            kernel_drops: 0,
            interface_drops: 0,
        });
        engine.beat(&Reading {
            now: at(second + 1),
            steady: Duration::from_secs(second as u64),
            ports: &ports,
        });
    }
    engine.finish();
    assert_eq!(found(&engine), [("sensor.split_directions".to_owned(), 1)]);
    assert_eq!(
        engine
            .summary()
            .protocols
            .iter()
            .map(|it| it.flows)
            .sum::<u64>(),
        3
    );
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_nanos(START + second * 1_000_000_000)
}

const START: i64 = 1_767_225_600_000_000_000;
/// When something changes.
const CHANGE: i64 = START + 15_000_000_000;
