//! What is taken for Modbus, and what only looks like it.

use model::Transport::{self, Tcp, Udp};

use super::bytes;
use crate::Probe::{self, Never, Sure, Unsure};
use crate::modbus::PROTOCOL;

#[track_caller]
fn check(transport: Transport, text: &str, wanted: Probe) {
    assert_eq!((PROTOCOL.probe)(transport, &bytes(text)), wanted, "{text}");
}

#[test]
fn a_message_as_specified_is_taken_in_either_direction() {
    for text in [
        "0001 0000 0006 11 03 006b 0003",
        "0001 0000 0009 11 03 06 022b 0000 0064",
        "0001 0000 0003 11 83 02",
        "0001 0000 0006 11 08 0004 0000",
        "0001 0000 0004 00 5a 00 02",
        "0001 0000 0002 11 11",
    ] {
        check(Tcp, text, Sure);
        check(Udp, text, Sure);
    }
}

#[test]
fn what_follows_the_first_message_does_not_hide_it() {
    check(Tcp, "0001 0000 0006 11 06 0001 0003 'junk'", Sure);
    check(Udp, "0001 0000 0006 11 06 0001 0003 'junk'", Never);
}

#[test]
fn too_few_bytes_leave_it_open_on_a_stream_and_are_nothing_in_a_datagram() {
    for text in [
        "",
        "00",
        "0001 00",
        "0001 0000 0006 11",
        "0001 0000 0006 11 03 00",
    ] {
        check(Tcp, text, Unsure);
        check(Udp, text, Never);
    }
}

#[test]
fn an_unknown_function_or_a_wrong_length_needs_a_second_message() {
    for message in [
        "0000 0000 0006 01 1d 0000 0000",
        "0001 0000 0006 0a 2b 0e 03 01 00",
        "0001 0000 0004 0a 81 06 00",
    ] {
        check(Tcp, message, Unsure);
        check(Tcp, &format!("{message} {message}"), Sure);
        check(Tcp, &format!("{message} 0002 00"), Unsure);
        check(Tcp, &format!("{message} 'junk'"), Never);
        check(Udp, &format!("{message} 0002 00"), Never);
    }
}

#[test]
fn other_protocols_that_share_the_header_by_chance_are_not_taken() {
    for (name, text) in [
        ("LDAP", "3084 0000 0006 02 01 5d 42 00 00"),
        (
            "LDAP",
            "3084 0000 0010 02 01 41 6084 0000 0007 0201 0304 0080 00",
        ),
        ("LDAP", "3084 0000 00f6 02 01 41"),
        ("TPKT", "0300 002b 26 e0 0000 0000 00"),
        ("RPC", "8000 0028 7e86 ab4a 0000 0000"),
        ("HTTP", "'GET / HTTP/1.1'"),
        ("EtherNet/IP", "6300 0000 0000 0000 0000 0000"),
        ("a reset device", "0300 002b 0003 00 80 01"),
    ] {
        assert_eq!((PROTOCOL.probe)(Tcp, &bytes(text)), Never, "{name} {text}");
    }
}

#[test]
fn a_read_of_more_than_can_be_read_is_not_taken() {
    check(Tcp, "0001 0000 0006 11 03 006b 007d", Sure);
    check(Tcp, "0001 0000 0006 11 03 006b 007e", Never);
    check(Tcp, "0001 0000 0006 11 03 ffff 0002", Never);
    check(Tcp, "0001 0000 0006 11 01 0000 07d1", Never);
}
