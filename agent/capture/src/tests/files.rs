//! Files that are as they should be.

use std::io::Write;
use std::os::fd::AsRawFd;

use model::LinkType;

use super::built::{BIG, LITTLE, Seen, Writer, drain, gzipped, read, written};
use crate::{CaptureFile, OpenError};

/// A file must give frames of these times and bytes, numbered from 1.
fn check(what: &str, file: &[u8], expected: &[(i64, &[u8])]) {
    let (frames, end) = read(file);
    assert_eq!(end, Ok(()), "{what}");
    let seen: Vec<_> = frames
        .iter()
        .map(|seen| (seen.nanos, &seen.bytes[..]))
        .collect();
    assert_eq!(seen, expected, "{what}");
    let numbers = frames.iter().map(|seen| seen.number);
    assert!(numbers.eq(1..=expected.len() as u64), "{what}");
}

#[test]
fn pcap_is_read_in_every_byte_order_and_unit() {
    for writer in [LITTLE, BIG] {
        for (magic, extra, nanos) in [
            (0xa1b2_c3d4, 0, 1_000_007_000),
            (0xa1b2_3c4d, 0, 1_000_000_007),
            (0xa1b2_cd34, 8, 1_000_007_000),
        ] {
            let file = [
                writer.pcap(magic, 1),
                writer.record([1, 7], extra, b"first", 5),
                writer.record([2, 0], extra, b"", 0),
            ];
            let expected: [(i64, &[u8]); 2] = [(nanos, b"first"), (2_000_000_000, b"")];
            check(&format!("{writer:?} {magic:x}"), &file.concat(), &expected);
        }
    }
}

#[test]
fn the_wire_length_and_the_link_type_come_from_the_file() {
    let link = 0x5000_0071; // 113, with bits that tell of a check sequence
    let record = LITTLE.record([0, 0], 0, b"cut", 1_500);
    let (frames, end) = read(&[LITTLE.pcap(0xa1b2_c3d4, link), record].concat());
    assert_eq!(end, Ok(()));
    let expected = Seen {
        number: 1,
        nanos: 0,
        link: LinkType::LinuxSll,
        bytes: b"cut".to_vec(),
        wire_len: 1_500,
        source: 0,
    };
    assert_eq!(frames, [expected]);
}

#[test]
fn a_file_with_no_frames_is_fine() {
    check("pcap", &LITTLE.pcap(0xa1b2_c3d4, 1), &[]);
    check("pcapng", &LITTLE.section(), &[]);
}

#[test]
fn pcapng_is_read_in_both_byte_orders_with_every_kind_of_packet() {
    for writer in [LITTLE, BIG] {
        let nanos = [writer.u16(9), writer.u16(1)].concat();
        let nanos = [&nanos[..], &[9, 0, 0, 0]].concat();
        let file = [
            writer.section(),
            writer.interface(1, 4, &[]),
            writer.interface(101, 0, &nanos),
            writer.enhanced(0, 7, b"enhanced", 8),
            writer.block(0xbad, &[0xff; 300_000]),
            writer.obsolete(1, 9_000, b"obsolete"),
            writer.simple(b"simp", 1_000),
        ];
        let expected: [(i64, &[u8]); 3] =
            [(7_000, b"enhanced"), (9_000, b"obsolete"), (9_000, b"simp")];
        check(&format!("{writer:?}"), &file.concat(), &expected);
        let (frames, _) = read(&file.concat());
        let links: Vec<_> = frames
            .iter()
            .map(|seen| (seen.link, seen.wire_len))
            .collect();
        let (ethernet, raw) = (LinkType::Ethernet, LinkType::RawIp);
        assert_eq!(links, [(ethernet, 8), (raw, 8), (ethernet, 1_000)]);
    }
}

#[test]
fn every_section_has_its_own_byte_order_and_interfaces() {
    let section = |writer: Writer, link, bytes| {
        let interface = writer.interface(link, 0, &[]);
        [writer.section(), interface, writer.enhanced(0, 1, bytes, 3)].concat()
    };
    let file = [section(LITTLE, 1, b"one"), section(BIG, 113, b"two")].concat();
    let (frames, end) = read(&file);
    assert_eq!(end, Ok(()));
    let links: Vec<_> = frames
        .iter()
        .map(|seen| (seen.link, &seen.bytes[..]))
        .collect();
    let (one, two): (&[u8], &[u8]) = (b"one", b"two");
    assert_eq!(
        links,
        [(LinkType::Ethernet, one), (LinkType::LinuxSll, two)]
    );
}

#[test]
fn frames_and_blocks_larger_than_the_first_window_are_read() {
    let (small, large) = (vec![1; 100_000], vec![2; 256 << 10]);
    let record = |bytes: &[u8]| LITTLE.record([0, 0], 0, bytes, 0);
    let records = [record(&small), record(&large), record(&small)].concat();
    let file = [LITTLE.pcap(0xa1b2_c3d4, 1), records].concat();
    check("large", &file, &[(0, &small), (0, &large), (0, &small)]);
}

#[test]
fn gzip_is_told_by_its_bytes_and_may_have_several_members() {
    let head = [
        LITTLE.pcap(0xa1b2_c3d4, 1),
        LITTLE.record([0, 1], 0, b"one", 3),
    ]
    .concat();
    let tail = LITTLE.record([0, 2], 0, b"two", 3);
    let file = [gzipped(&head), gzipped(&tail)].concat();
    check("gzip", &file, &[(1_000, b"one"), (2_000, b"two")]);
}

#[test]
fn progress_ends_at_the_length_of_the_file() {
    let record = LITTLE.record([0, 0], 0, &[7; 100], 100);
    let plain = [LITTLE.pcap(0xa1b2_c3d4, 1), record.clone(), record].concat();
    for bytes in [plain.clone(), gzipped(&plain)] {
        let file = written(&bytes);
        let mut capture = CaptureFile::open(file.path()).unwrap();
        assert_eq!(capture.len_bytes(), bytes.len() as u64);
        assert_eq!(drain(&mut capture).1, Ok(()));
        assert_eq!(capture.position_bytes(), capture.len_bytes());
    }
    let file = written(&plain);
    let mut capture = CaptureFile::open(file.path()).unwrap();
    assert_eq!(capture.position_bytes(), 24);
    capture.next().unwrap();
    assert_eq!(capture.position_bytes(), 24 + 116);
}

#[test]
fn a_pipe_is_read_like_a_file() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let file = [
        LITTLE.pcap(0xa1b2_c3d4, 1),
        LITTLE.record([0, 1], 0, b"one", 3),
    ]
    .concat();
    writer.write_all(&file).unwrap();
    let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
    let mut capture = CaptureFile::open(path).unwrap();
    drop(writer);
    let (frames, end) = drain(&mut capture);
    assert_eq!((frames.len(), end), (1, Ok(())));
    assert_eq!((capture.position_bytes(), capture.len_bytes()), (0, 0));
}

/// A file that is no capture must say so in words that end like this.
fn refused(bytes: &[u8], words: &str) {
    let file = written(bytes);
    let error = CaptureFile::open(file.path()).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

#[test]
fn what_is_no_capture_is_refused_with_what_was_found() {
    refused(b"", "is not a capture: it is empty;");
    refused(b"ab", "is not a capture: it has 2 bytes;");
    refused(b"what", "is not a capture: it starts with `77 68 61 74`;");
    refused(
        b"PK\x03\x04..",
        "it starts with `50 4b 03 04`, as a zip archive does;",
    );
    refused(
        &gzipped(&gzipped(b"..")),
        "as a gzip file within a gzip file does;",
    );
    refused(b"\x1f\x8b", "is not a capture: unexpected end of file;");
    refused(
        b"\xd4\xc3\xb2\xa1\x02",
        "the file ends within the file header, after 5 bytes",
    );
    refused(
        b"\xa1\xb2\xc3\xd4\x00\x01\x00\x00................",
        "pcap version 1.0 is not read",
    );
    refused(
        &[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 1, 1, 1, 1],
        "no byte-order mark",
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = CaptureFile::open("no/such.pcap").unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }));
    assert!(
        error
            .to_string()
            .starts_with("cannot open `no/such.pcap`: "),
        "{error}"
    );
}
