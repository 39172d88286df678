//! What tunnels carry.

use model::Counter::{
    FlowsOpened, OtherIp, SegmentsInOrder, TunnelErspan, TunnelGre, TunnelIp, TunnelVxlan,
    UnreadableDepth,
};
use model::{Counter, LinkType};

use super::stage::Stage;
use super::wire::{Shot, c, udp};
use crate::Limits;

fn check(packet: Vec<u8>, counters: &[Counter]) {
    let mut stage = Stage::new(Limits::default());
    stage.play(&Shot::new(LinkType::RawIp, packet));
    let mut counted = vec![(FlowsOpened, 1), (SegmentsInOrder, 1)];
    counted.extend(counters.iter().map(|counter| (*counter, 1)));
    stage.check(&["1 open 1000 502", "1 > hi"], &counted);
}

/// An IPv4 packet around bytes.
fn ip(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let ends = ([172, 16, 0, 1], [172, 16, 0, 2]);
    let length = payload.len() as u16;
    let header = etherparse::Ipv4Header::new(length, 9, protocol.into(), ends.0, ends.1).unwrap();
    [&header.to_bytes()[..], payload].concat()
}

fn gre(header: &[u8], inner: &[u8]) -> Vec<u8> {
    ip(47, &[header, inner].concat())
}

fn inner_frame() -> Vec<u8> {
    c(99, "hi").flags("S").vlan(12).shot(1).bytes
}

fn inner_packet() -> Vec<u8> {
    c(99, "hi").flags("S").shot(1).bytes.split_off(14)
}

#[test]
fn gre_carries_packets_and_frames() {
    check(gre(&[0, 0, 8, 0], &inner_packet()), &[TunnelGre]);
    check(gre(&[0, 0, 0x65, 0x58], &inner_frame()), &[TunnelGre]);
    let all = [0xb0, 0, 8, 0, 1, 1, 0, 0, 2, 2, 2, 2, 3, 3, 3, 3];
    check(gre(&all, &inner_packet()), &[TunnelGre]);
}

#[test]
fn erspan_of_each_type_carries_frames() {
    check(gre(&[0, 0, 0x88, 0xbe], &inner_frame()), &[TunnelErspan]);
    let second = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 12, 0, 1, 0, 0, 0, 0];
    check(gre(&second, &inner_frame()), &[TunnelErspan]);
    let third = |kind: u8, options: u8| {
        let gre = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1];
        [
            &gre[..],
            &[0x20, 12, 0, 1, 0, 0, 0, 0, 0, 0, kind << 2, options],
        ]
        .concat()
    };
    check(gre(&third(0, 0), &inner_frame()), &[TunnelErspan]);
    let with_more = [&third(0, 1)[..], &[0; 8]].concat();
    check(gre(&with_more, &inner_frame()), &[TunnelErspan]);
    check(gre(&third(2, 0), &inner_packet()), &[TunnelErspan]);
}

#[test]
fn vxlan_and_ip_in_ip_are_opened() {
    let vxlan = [&[8, 0, 0, 0, 0, 0, 42, 0], &inner_frame()[..]].concat();
    let ends = (([172, 16, 0, 1], 33_333), ([172, 16, 0, 2], 4789));
    let datagram = udp(ends.0, ends.1, 1, &vxlan).split_off(14);
    check(datagram.clone(), &[TunnelVxlan]);
    check(ip(4, &inner_packet()), &[TunnelIp]);
    check(
        gre(&[0, 0, 8, 0], &ip(4, &datagram)),
        &[TunnelGre, TunnelIp, TunnelVxlan],
    );
}

#[test]
fn the_nesting_of_tunnels_is_bounded() {
    let nested = (0..5).fold(inner_packet(), |packet, _| ip(4, &packet));
    let mut stage = Stage::new(Limits::default());
    stage.play(&Shot::new(LinkType::RawIp, nested));
    stage.check(&[], &[(TunnelIp, 4), (UnreadableDepth, 1)]);
}

#[test]
fn a_tunnel_that_cannot_be_opened_is_other_traffic() {
    let mut stage = Stage::new(Limits::default());
    for packet in [
        gre(&[0, 1, 0x88, 0x0b], &inner_packet()),
        gre(&[0, 0, 0x88, 0x47], &inner_packet()),
        gre(&[0x80, 0, 8], &[]),
        gre(&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1], &[0; 11]),
    ] {
        stage.play(&Shot::new(LinkType::RawIp, packet));
    }
    stage.check(&[], &[(OtherIp, 4)]);
}

#[test]
fn a_datagram_to_the_port_of_vxlan_may_be_something_else() {
    let ends = (([172, 16, 0, 1], 33_333), ([172, 16, 0, 2], 4789));
    let mut stage = Stage::new(Limits::default());
    let frame = udp(ends.0, ends.1, 1, b"\0ther");
    stage.play(&Shot::new(LinkType::Ethernet, frame));
    stage.check(&["1 open 33333 4789", "1 > \0ther"], &[(FlowsOpened, 1)]);
}
