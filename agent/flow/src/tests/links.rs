//! Link layers, tags, padding, and frames that are something else.

use model::Counter::{
    Arp, FlowsOpened, FramesTagged, GapBytes, Gaps, OtherEthertype, OtherIp, PacketsShort,
    SegmentsInOrder, UnreadableHeader, UnreadableLink,
};
use model::{Counter, LinkType};

use super::stage::Stage;
use super::wire::{Shot, bytes, c, udp};
use crate::Limits;

const SEGMENT: [&str; 2] = ["1 open 1000 502", "1 > hi"];
const HEARD: [(Counter, u64); 2] = [(FlowsOpened, 1), (SegmentsInOrder, 1)];

fn check(link: LinkType, frame: &[u8], lines: &[&str], counted: &[(Counter, u64)]) {
    let mut stage = Stage::new(Limits::default());
    stage.play(&Shot::new(link, frame.to_vec()));
    stage.check(lines, counted);
}

fn packet() -> Vec<u8> {
    c(99, "hi").flags("S").shot(1).bytes.split_off(14)
}

#[test]
fn every_link_type_leads_to_the_packet() {
    let before = |header: &[u8]| [header, &packet()].concat();
    let mac = [2, 0, 0, 0, 0, 1];
    let ethernet = |tags: &[u8]| [&[2; 6], &mac, tags, &packet()].concat();
    let sll = [&[0, 0, 0, 1, 0, 6], &mac[..], &[0, 0, 8, 0]].concat();
    let sll2 = [&[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6], &mac[..], &[0, 0]].concat();
    for (link, frame) in [
        (LinkType::Ethernet, ethernet(&[8, 0])),
        (LinkType::Ethernet, ethernet(&[0x81, 0, 0, 12, 8, 0])),
        (
            LinkType::Ethernet,
            ethernet(&[0x88, 0xa8, 0, 12, 0x81, 0, 0, 13, 8, 0]),
        ),
        (
            LinkType::Ethernet,
            ethernet(&[0x91, 0, 0, 12, 0x81, 0, 0, 13, 8, 0]),
        ),
        (
            LinkType::Ethernet,
            ethernet(&[0x89, 0x2f, 0, 52, 0, 1, 8, 0]),
        ),
        (LinkType::LinuxSll, before(&sll)),
        (LinkType::LinuxSll2, before(&sll2)),
        (LinkType::RawIp, before(&[])),
        (LinkType::Null, before(&[2, 0, 0, 0])),
        (LinkType::Null, before(&[0, 0, 0, 2])),
        (LinkType::Loop, before(&[0, 0, 0, 2])),
    ] {
        check(link, &frame, &SEGMENT, &HEARD);
        let padded = [&frame[..], &[0xee; 20]].concat();
        check(link, &padded, &SEGMENT, &HEARD);
    }
}

#[test]
fn ipv6_extension_headers_are_passed_over() {
    let mut ip = vec![0x60, 0, 0, 0, 0, 22 + 16 + 8, 0, 64];
    ip.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    ip.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    ip.extend([60, 0, 1, 4, 0, 0, 0, 0]);
    ip.extend([44, 0, 1, 4, 0, 0, 0, 0]);
    ip.extend([6, 0, 0, 0, 0, 0, 0, 9]);
    ip.extend(&packet()[20..]);
    check(LinkType::RawIp, &ip, &SEGMENT, &HEARD);
    let [low, high] = [24, 28].map(|family: u8| [&[family, 0, 0, 0], &ip[..]].concat());
    check(LinkType::Null, &low, &SEGMENT, &HEARD);
    check(LinkType::Null, &high, &SEGMENT, &HEARD);
    let mut endless = [&ip[..40], &[0, 0, 1, 4, 0, 0, 0, 0].repeat(40)].concat();
    endless[4..7].copy_from_slice(&[1, 64, 0]);
    check(
        LinkType::RawIp,
        &endless,
        &[],
        &[(Counter::UnreadableDepth, 1)],
    );
}

#[test]
fn a_total_length_of_zero_means_the_whole_frame() {
    let mut ip = packet();
    ip[2..4].fill(0);
    check(LinkType::RawIp, &ip, &SEGMENT, &HEARD);
}

#[test]
fn what_is_something_else_is_counted() {
    let ethernet = |ethertype: [u8; 2], rest: &[u8]| [&[2; 12], &ethertype[..], rest].concat();
    let icmp = |protocol| {
        let mut ip = packet();
        ip[9] = protocol;
        ip
    };
    for (link, frame, counter) in [
        (
            LinkType::Ethernet,
            ethernet([0x88, 0x92], &[0; 40]),
            OtherEthertype,
        ),
        (
            LinkType::Ethernet,
            ethernet([0, 38], &[0x42; 38]),
            OtherEthertype,
        ),
        (LinkType::Null, vec![9, 0, 0, 0, 1], OtherEthertype),
        (LinkType::RawIp, icmp(1), OtherIp),
        (LinkType::RawIp, icmp(50), OtherIp),
        (LinkType::Other(147), packet(), UnreadableLink),
        (LinkType::Ethernet, vec![2; 13], UnreadableHeader),
        (
            LinkType::Ethernet,
            ethernet([0x81, 0], &[0]),
            UnreadableHeader,
        ),
        (LinkType::LinuxSll, vec![0; 15], UnreadableHeader),
        (LinkType::LinuxSll2, vec![0; 19], UnreadableHeader),
        (LinkType::Loop, vec![0; 3], UnreadableHeader),
        (LinkType::RawIp, vec![], UnreadableHeader),
        (LinkType::RawIp, vec![0x50; 40], UnreadableHeader),
        (LinkType::RawIp, icmp(51), UnreadableHeader),
    ] {
        check(link, &frame, &[], &[(counter, 1)]);
    }
    let cut = ethernet([8, 0], &packet()[..30]);
    let counted = [(UnreadableHeader, 1), (PacketsShort, 1)];
    check(LinkType::Ethernet, &cut, &[], &counted);
}

#[test]
fn frames_with_tags_are_counted_also_within_tunnels() {
    let tagged = c(100, "hi").vlan(12).shot(1).bytes;
    let vxlan = [&[8, 0, 0, 0, 0, 0, 42, 0], &tagged[..]].concat();
    let ends = (([172, 16, 0, 1], 33_333), ([172, 16, 0, 2], 4789));
    let tunnel = udp(ends.0, ends.1, 1, &vxlan);
    let untagged = c(100, "hi").shot(1).bytes;
    for (frame, count) in [(tagged, 1), (tunnel, 1), (untagged, 0)] {
        let mut stage = Stage::new(Limits::default());
        stage.play(&Shot::new(LinkType::Ethernet, frame));
        assert_eq!(stage.flows.tally().count(FramesTagged), count);
    }
}

#[test]
fn arp_shows_who_is_there() {
    let arp = |ip: [u8; 4]| {
        let body = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9];
        [&[2; 12], &[0x81, 0, 0, 12, 8, 6][..], &body, &ip, &[0; 10]].concat()
    };
    let check = |frame: &[u8], line| check(LinkType::Ethernet, frame, &[line], &[(Arp, 1)]);
    check(&arp([10, 0, 0, 9]), "1 sighted 10.0.0.9 vlan 12");
    check(&arp([0; 4]), "1 sighted 02:00:00:00:00:09 vlan 12");
}

#[test]
fn a_datagram_ends_where_its_header_says() {
    let mut datagram = udp(([10, 0, 0, 1], 1000), ([10, 0, 0, 2], 502), 1, b"hello");
    let open = "1 open 1000 502";
    let link = LinkType::Ethernet;
    check(link, &datagram, &[open, "1 > hello"], &[(FlowsOpened, 1)]);
    datagram[14 + 20 + 5] = 8 + 3;
    check(link, &datagram, &[open, "1 > hel"], &[(FlowsOpened, 1)]);
    datagram[14 + 20 + 5] = 7;
    check(link, &datagram, &[], &[(UnreadableHeader, 1)]);
    datagram[14 + 20 + 5] = 8 + 9;
    check(
        link,
        &datagram,
        &[open, "1 > gap 9"],
        &[(FlowsOpened, 1), (Gaps, 1), (GapBytes, 9)],
    );
}

#[test]
fn the_flow_tells_hardware_addresses_and_vlans() {
    let mut stage = Stage::new(Limits::default());
    stage.play(&c(100, "one").vlan(12).shot(1));
    stage.play(&bytes(false, 500, b"two").vlan(13).shot(2));
    let slot = stage.flows.slot(0).unwrap();
    assert_eq!(slot.vlans.as_slice(), [12]);
    let macs = slot.macs.map(|mac| mac.to_string());
    assert_eq!(macs, ["02:00:00:00:00:01", "02:00:00:00:00:02"]);
}
