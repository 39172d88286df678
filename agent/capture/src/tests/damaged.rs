//! Files that are cut short or corrupt: what can be read is read, and the damage is told once.

use super::built::{LITTLE, drain, gzipped, read, written};
use crate::CaptureFile;

/// A pcap with one good frame, 24 + 16 + 4 bytes, and then this.
fn pcap(rest: &[u8]) -> Vec<u8> {
    let good = LITTLE.record([0, 0], 0, b"good", 4);
    [&LITTLE.pcap(0xa1b2_c3d4, 1), &good, rest].concat()
}

/// A pcapng with one good frame, 28 + 20 + 48 bytes, and then this.
fn pcapng(rest: &[u8]) -> Vec<u8> {
    let good = LITTLE.enhanced(0, 0, b"good", 4);
    [&LITTLE.section(), &LITTLE.interface(1, 0, &[]), &good, rest].concat()
}

/// One frame must be read, and then the damage told at this place, in these words.
fn check(file: &[u8], offset: u64, words: &str) {
    let (frames, end) = read(file);
    assert_eq!(frames.len(), 1, "{words}");
    let damage = end.unwrap_err();
    assert_eq!((damage.offset, damage.frames), (offset, 1), "{words}");
    let text = damage.to_string();
    assert!(text.contains(words), "`{text}` lacks `{words}`");
    let whole = format!("is damaged at byte {offset}, after frame 1: ");
    assert!(text.contains(&whole), "`{text}` lacks `{whole}`");
}

#[test]
fn a_pcap_that_ends_early_tells_where() {
    let record = LITTLE.record([0, 0], 0, b"frame", 5);
    check(
        &pcap(&record[..1]),
        44,
        "the file ends within a record header, after 1 bytes of it",
    );
    check(
        &pcap(&record[..16]),
        44,
        "the file ends within a frame, after 16 bytes of it",
    );
    check(
        &pcap(&record[..20]),
        44,
        "the file ends within a frame, after 20 bytes of it",
    );
}

#[test]
fn a_pcap_length_beyond_belief_is_damage_and_no_allocation() {
    for len in [262_145, u32::MAX] {
        let head = [[0; 8].as_slice(), &len.to_le_bytes(), &[0; 4]].concat();
        check(
            &pcap(&head),
            44,
            &format!("a frame of {len} bytes is beyond belief"),
        );
    }
}

#[test]
fn a_gzip_that_ends_early_or_is_corrupt_tells_where_in_the_unpacked_file() {
    let member = gzipped(&pcap(b""));
    check(
        &member[..member.len() - 4],
        44,
        "a record header cannot be read: ",
    );
    check(
        &[&member[..], b"garbage"].concat(),
        44,
        "a record header cannot be read: ",
    );
    let words = "the file ends within a record header, after 2 bytes of it";
    check(&[member, gzipped(b"..")].concat(), 44, words);
}

#[test]
fn a_pcapng_that_ends_early_tells_where() {
    let block = LITTLE.enhanced(0, 0, b"frame", 5);
    for len in [1, 11, 12, block.len() - 1] {
        let words = format!("the file ends within a block, after {len} bytes of it");
        check(&pcapng(&block[..len]), 96, &words);
    }
    let unknown = LITTLE.block(0xbad, &[0; 40]);
    check(&pcapng(&unknown[..50]), 96, "the file ends within a block");
}

#[test]
fn a_pcapng_block_that_contradicts_itself_is_damage() {
    let mut trailer = LITTLE.enhanced(0, 0, b"frame", 5);
    let len = trailer.len();
    trailer[len - 4] = 8;
    let unknown_trailer = [&LITTLE.block(0xbad, &[0; 40])[..48], &[9, 0, 0, 0]].concat();
    let huge = [&[6, 0, 0, 0][..], &(2_u32 << 20).to_le_bytes(), &[0; 8]].concat();
    let mut overfull = LITTLE.enhanced(0, 0, b"frame", 5);
    overfull[20] = 200;
    let mut implausible = LITTLE.enhanced(0, 0, b"frame", 5);
    implausible[23] = 200;
    for (block, words) in [
        (
            &trailer,
            "a block is 52 bytes long at its start and 8 at its end",
        ),
        (
            &unknown_trailer,
            "a block is 52 bytes long at its start and 9 at its end",
        ),
        (&huge, "a block of 2097152 bytes is beyond belief"),
        (
            &vec![6, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0],
            "no block can be 8 bytes long",
        ),
        (
            &vec![6, 0, 0, 0, 33, 0, 0, 0, 0, 0, 0, 0],
            "no block can be 33 bytes long",
        ),
        (
            &LITTLE.block(6, &[0; 16]),
            "a block of type 0x6 has only 28 bytes",
        ),
        (
            &LITTLE.block(3, &[]),
            "a block of type 0x3 has only 12 bytes",
        ),
        (
            &LITTLE.block(1, &[0; 4]),
            "a block of type 0x1 has only 16 bytes",
        ),
        (&overfull, "a block of 52 bytes holds a frame of 200"),
        (&implausible, "a frame of 3355443205 bytes is beyond belief"),
        (
            &LITTLE.enhanced(3, 0, b"", 0),
            "a frame is of interface 3, but 1 are described",
        ),
        (
            &LITTLE.simple(b"four", 5),
            "a block of 20 bytes holds a frame of 5",
        ),
    ] {
        check(&pcapng(block), 96, words);
    }
}

#[test]
fn a_section_of_another_kind_is_damage() {
    let mut version = LITTLE.section();
    version[12] = 9;
    check(&pcapng(&version), 96, "pcapng version 9.0 is not read");
    let mut mark = LITTLE.section();
    mark[8] = 0;
    check(&pcapng(&mark), 96, "a section has no byte-order mark");
}

#[test]
fn no_flipped_bit_makes_the_reader_panic() {
    let frame = LITTLE.record([0, 0], 0, b"frame", 5);
    let block = LITTLE.enhanced(0, 0, b"frame", 5);
    for good in [pcap(&frame), pcapng(&block)] {
        for bit in 0..good.len() * 8 {
            let mut broken = good.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            let file = written(&broken);
            if let Ok(mut capture) = CaptureFile::open(file.path()) {
                let (frames, _) = drain(&mut capture);
                assert!(frames.len() <= 2, "bit {bit}");
            }
        }
    }
}
