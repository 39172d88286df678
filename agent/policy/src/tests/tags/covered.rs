//! What a write means to a tag: types and orders, whole and in part, in units.

use model::{Bits, Element, Written};
use proptest::prelude::*;

use super::super::vocabulary::{cells, db, node};
use super::load;
use crate::number::{Decimal, Number};
use crate::tags::{Covered, Order, Tag, Type, numbers};
use crate::values::read_number;

fn number(text: &str) -> Number {
    read_number(text).unwrap()
}

fn whole(text: &str) -> Covered {
    Covered::Whole(number(text))
}

/// Does something with the one tag of these keys.
fn with<T>(keys: &str, see: impl FnOnce(&Tag) -> T) -> T {
    let map = load(&format!("T: {{asset: plc-1, {keys}}}"));
    see(map.iter().next().unwrap())
}

fn bytes(bytes: &[u8]) -> Written<'_> {
    Written::Bytes {
        bytes,
        element: Element::Byte,
    }
}

#[test]
fn a_value_of_two_registers_is_read_in_each_order() {
    let check = |order: &str, wire: [u8; 4]| {
        let keys = format!("target: holding:40-41, type: float32, order: {order}");
        let covered = with(&keys, |tag| {
            tag.covered(cells("holding", 40, 41), &Written::Words(&wire))
        });
        assert_eq!(covered, whole("412.5"), "{order}");
    };
    let [a, b, c, d] = 412.5_f32.to_be_bytes();
    for name in ["ABCD", "abcd", "big", "big-endian"] {
        check(name, [a, b, c, d]);
    }
    for name in ["CDAB", "word-swapped", "word_swap", "GHEFCDAB"] {
        check(name, [c, d, a, b]);
    }
    for name in ["BADC", "byte-swapped"] {
        check(name, [b, a, d, c]);
    }
    for name in ["DCBA", "little", "little_endian"] {
        check(name, [d, c, b, a]);
    }
}

#[test]
fn every_type_reads_its_bytes() {
    let check = |kind: &str, last: u64, wire: &[u8], wanted: Covered| {
        let keys = format!("target: DB10:0-{last}, type: {kind}");
        let covered = with(&keys, |tag| tag.covered(db(10, 0, last), &bytes(wire)));
        assert_eq!(covered, wanted, "{kind}");
    };
    check("int8", 0, &[0xfe], whole("-2"));
    check("uint8", 0, &[0xfe], whole("254"));
    check("INT", 1, &[0xff, 0xfe], whole("-2"));
    check("word", 1, &[0xff, 0xfe], whole("65534"));
    check("dint", 3, &[0xff, 0xff, 0xff, 0xfe], whole("-2"));
    check("DWORD", 3, &[0xff, 0xff, 0xff, 0xfe], whole("4294967294"));
    check(
        "int64",
        7,
        &i64::MIN.to_be_bytes(),
        whole("-9223372036854775808"),
    );
    check(
        "uint64",
        7,
        &u64::MAX.to_be_bytes(),
        whole("18446744073709551615"),
    );
    check("real", 3, &0.1_f32.to_be_bytes(), whole("0.1"));
    check(
        "lreal",
        7,
        &1_000_000.3_f64.to_be_bytes(),
        whole("1000000.3"),
    );
    check("bcd16", 1, &[0x12, 0x34], whole("1234"));
    check("bcd32", 3, &[0x99, 0x99, 0x99, 0x99], whole("99999999"));
    check("bcd16", 1, &[0x12, 0x3a], Covered::NoNumber);
    check("float32", 3, &f32::NAN.to_be_bytes(), Covered::NoNumber);
    check(
        "float64",
        7,
        &f64::INFINITY.to_be_bytes(),
        Covered::NoNumber,
    );
    check("string", 19, &[b'a'; 20], Covered::NoNumber);
}

#[test]
fn a_tag_is_cut_out_of_a_longer_run_and_a_part_of_it_is_said() {
    with("target: holding:40-41, type: uint32", |tag| {
        let run = [0, 1, 0, 2, 0, 3, 0, 4];
        let check = |first: u64, wanted: Covered| {
            let target = cells("holding", first, first + 3);
            assert_eq!(
                tag.covered(target, &Written::Words(&run)),
                wanted,
                "{first}"
            );
        };
        check(36, Covered::No);
        check(37, Covered::Partly);
        check(38, whole("196612"));
        check(39, whole("131075"));
        check(40, whole("65538"));
        check(41, Covered::Partly);
        check(42, Covered::No);
        let elsewhere = tag.covered(cells("input", 38, 41), &Written::Words(&run));
        assert_eq!(elsewhere, Covered::No);
        let masked = Written::Masked { and: 0, or: 7 };
        assert_eq!(
            tag.covered(cells("holding", 40, 40), &masked),
            Covered::Partly
        );
        assert_eq!(
            tag.covered(cells("holding", 38, 41), &Written::Unseen),
            Covered::Unseen
        );
        assert_eq!(
            tag.covered(cells("holding", 42, 42), &Written::Unseen),
            Covered::No
        );
    });
}

#[test]
fn one_register_is_known_after_a_mask_only_where_nothing_is_kept() {
    with("target: holding:4, type: int16", |tag| {
        let check = |and: u16, wanted: Covered| {
            let masked = Written::Masked { and, or: 0xfffe };
            assert_eq!(tag.covered(cells("holding", 4, 4), &masked), wanted);
        };
        check(0, whole("-2"));
        check(0xff00, Covered::Partly);
    });
}

#[test]
fn a_bit_is_found_in_coils_registers_and_bytes() {
    let (on, off) = (whole("1"), whole("0"));
    with("target: coil:12", |tag| {
        let coils = Written::Bits(Bits::new(&[0b100], 3));
        assert_eq!(tag.covered(cells("coil", 10, 12), &coils), on);
        assert_eq!(tag.covered(cells("coil", 11, 13), &coils), off);
        assert_eq!(tag.covered(cells("coil", 13, 15), &coils), Covered::No);
    });
    with("target: holding:40.15, type: bool", |tag| {
        let of = |written: Written<'_>| tag.covered(cells("holding", 40, 40), &written);
        assert_eq!(of(Written::Words(&[0x80, 0])), on);
        assert_eq!(of(Written::Words(&[0x7f, 0xff])), off);
        assert_eq!(
            of(Written::Masked {
                and: 0x7fff,
                or: 0x8000
            }),
            on
        );
        assert_eq!(
            of(Written::Masked {
                and: 0x8000,
                or: 0x8000
            }),
            Covered::No
        );
    });
    with("target: DB10:4.2", |tag| {
        let of = |written: Written<'_>| tag.covered(db(10, 4, 4), &written);
        assert_eq!(of(Written::Bit { place: 2, on: true }), on);
        assert_eq!(of(Written::Bit { place: 3, on: true }), Covered::No);
        assert_eq!(of(bytes(&[0b100])), on);
        assert_eq!(tag.covered(db(11, 4, 4), &bytes(&[0b100])), Covered::No);
    });
    with("target: DB10:4, type: byte", |tag| {
        let bit = Written::Bit { place: 2, on: true };
        assert_eq!(tag.covered(db(10, 4, 4), &bit), Covered::Partly);
    });
}

#[test]
fn a_node_gets_the_value_that_says_what_it_is() {
    with("target: ns=2;s=Tank.SP, scale: 0.1, offset: -10", |tag| {
        let check = |written: Written<'_>, wanted: Covered| {
            assert_eq!(
                tag.covered(node("Tank.SP"), &written),
                wanted,
                "{written:?}"
            );
        };
        check(Written::Int(-30), whole("-13"));
        check(Written::UInt(u64::MAX), whole("1844674407370955151.5"));
        check(Written::Number(0.1_f32.into()), whole("-9.99"));
        check(Written::Bool(true), whole("-9.9"));
        check(Written::Number(f64::NAN), Covered::NoNumber);
        check(Written::Text("7"), Covered::NoNumber);
        check(Written::Other, Covered::NoNumber);
        check(Written::Unseen, Covered::Unseen);
        assert_eq!(tag.covered(node("Tank.PV"), &Written::Int(1)), Covered::No);
    });
}

#[test]
fn a_value_is_what_is_written_times_scale_plus_offset() {
    let check = |keys: &str, raw: u16, wanted: &str| {
        let keys = format!("target: holding:0, type: uint16, {keys}");
        let raw = raw.to_be_bytes();
        let covered = with(&keys, |tag| {
            tag.covered(cells("holding", 0, 0), &Written::Words(&raw))
        });
        assert_eq!(covered, whole(wanted), "{keys}");
    };
    check("scale: 0.1", 3, "0.3");
    check("scale: 0.1, offset: -273.1", 3732, "100.1");
    check("scale: -2", 10, "-20");
    check("scale: 1e3", 10, "10000");
    check("offset: 0.5", 65535, "65535.5");
}

#[test]
fn tags_speak_in_their_unit_and_name_the_limit_that_is_broken() {
    let yaml = "TIC-101.SP: {asset: plc-1, target: 'holding:40', type: int16, unit: degC, low: 20, high: 380, \
                text: setpoint of reactor temperature}\nN: {asset: plc-1, target: i=7}";
    let map = load(yaml);
    let tag = |name: &str| map.tag(map.named(name).unwrap()).unwrap();
    let check = |covered: Covered, wanted: &str| {
        let breach = match covered {
            Covered::Whole(value) => tag("TIC-101.SP").breach(value),
            _ => None,
        };
        assert_eq!(tag("TIC-101.SP").words(covered, breach).to_string(), wanted);
    };
    check(
        whole("412"),
        "TIC-101.SP (setpoint of reactor temperature) 412 degC > 380",
    );
    check(
        whole("19.5"),
        "TIC-101.SP (setpoint of reactor temperature) 19.5 degC < 20",
    );
    check(
        whole("20"),
        "TIC-101.SP (setpoint of reactor temperature) 20 degC",
    );
    check(
        whole("380"),
        "TIC-101.SP (setpoint of reactor temperature) 380 degC",
    );
    check(Covered::No, "TIC-101.SP (setpoint of reactor temperature)");
    check(
        Covered::Partly,
        "TIC-101.SP (setpoint of reactor temperature) in part",
    );
    check(
        Covered::Unseen,
        "TIC-101.SP (setpoint of reactor temperature) with a value that was not seen",
    );
    check(
        Covered::NoNumber,
        "TIC-101.SP (setpoint of reactor temperature) with what is no number",
    );
    assert_eq!(tag("N").words(whole("-0.5"), None).to_string(), "N -0.5");
    assert_eq!(tag("TIC-101.SP").limits().to_string(), "20..380");
    assert_eq!(tag("TIC-101.SP").possible().to_string(), "-32768..32767");
    assert_eq!(tag("N").limits().to_string(), "..");
}

#[test]
fn raw_numbers_are_exact() {
    let check = |written: Written<'_>, wanted: &[Option<&str>]| {
        let mut seen = Vec::new();
        numbers(&written, &mut |number| seen.push(number));
        let wanted: Vec<_> = wanted.iter().map(|text| text.map(number)).collect();
        assert_eq!(seen, wanted, "{written:?}");
    };
    let of = |bytes, element| Written::Bytes { bytes, element };
    let (wide, real) = (u64::MAX.to_be_bytes(), 0.1_f32.to_be_bytes());
    check(
        Written::Words(&[0xff, 0xff, 0, 1]),
        &[Some("65535"), Some("1")],
    );
    check(
        Written::Bits(Bits::new(&[0b10], 2)),
        &[Some("0"), Some("1")],
    );
    check(Written::UInt(u64::MAX), &[Some("18446744073709551615")]);
    check(Written::Int(i64::MIN + 1), &[Some("-9223372036854775807")]);
    check(of(&wide, Element::LWord), &[Some("18446744073709551615")]);
    check(of(&real, Element::Real), &[Some("0.1")]);
    check(of(&[0xff], Element::SInt), &[Some("-1")]);
    check(of(&[0; 3], Element::Int), &[Some("0"), None]);
    check(of(&[0], Element::Other), &[None]);
    check(Written::Bit { place: 1, on: true }, &[Some("1")]);
    check(Written::Masked { and: 1, or: 1 }, &[None]);
    check(Written::Text("1"), &[None]);
    check(Written::Number(f64::NAN), &[None]);
}

/// A number of each type as bytes, the most significant first, beside what it is.
fn encoded() -> impl Strategy<Value = (&'static str, Vec<u8>, Option<Number>)> {
    let signed = |number: i64| Some(Decimal::from(number).number());
    let unsigned = |number: u64| Some(Decimal::from(number).number());
    any::<u64>().prop_flat_map(move |bits| {
        let wide = bits.to_be_bytes();
        let tail = |length: usize| wide[8 - length..].to_vec();
        let (w, d) = (
            u16::from_be_bytes([wide[6], wide[7]]),
            u32::from_be_bytes(wide[4..].try_into().unwrap()),
        );
        let (single, double) = (f32::from_bits(d), f64::from_bits(bits));
        prop::sample::select(vec![
            ("int16", tail(2), signed(w.cast_signed().into())),
            ("uint16", tail(2), unsigned(w.into())),
            ("int32", tail(4), signed(d.cast_signed().into())),
            ("uint32", tail(4), unsigned(d.into())),
            ("int64", tail(8), signed(bits.cast_signed())),
            ("uint64", tail(8), unsigned(bits)),
            (
                "float32",
                tail(4),
                Decimal::of_f32(single).map(Decimal::number),
            ),
            (
                "float64",
                tail(8),
                Decimal::of_f64(double).map(Decimal::number),
            ),
        ])
    })
}

/// The bytes of a value as a device that keeps it in that order sends them, written out for each length.
fn as_sent(order: &str, b: &[u8]) -> Vec<u8> {
    let order: &[usize] = match (order, b.len()) {
        ("ABCD" | "CDAB", 2) => &[0, 1],
        ("BADC" | "DCBA", 2) => &[1, 0],
        ("ABCD", 4) => &[0, 1, 2, 3],
        ("CDAB", 4) => &[2, 3, 0, 1],
        ("BADC", 4) => &[1, 0, 3, 2],
        ("DCBA", 4) => &[3, 2, 1, 0],
        ("ABCD", 8) => &[0, 1, 2, 3, 4, 5, 6, 7],
        ("CDAB", 8) => &[6, 7, 4, 5, 2, 3, 0, 1],
        ("BADC", 8) => &[1, 0, 3, 2, 5, 4, 7, 6],
        ("DCBA", 8) => &[7, 6, 5, 4, 3, 2, 1, 0],
        other => panic!("{other:?}"),
    };
    order.iter().map(|place| b[*place]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_type_in_every_order_reads_as_it_was_written(
        (kind, value, wanted) in encoded(),
        order in prop::sample::select(Order::names().collect::<Vec<_>>()),
        before in 0..4_u64,
        after in 0..4_usize,
    ) {
        let length = u64::try_from(value.len()).unwrap() / 2;
        let (first, last) = (before, before + length - 1);
        let keys = format!("target: 'holding:{first}-{last}', type: {kind}, order: {order}");
        let mut wire = vec![0xee; usize::try_from(before).unwrap() * 2];
        wire.extend(as_sent(order, &value));
        wire.extend(vec![0xdd; after * 2]);
        let run = cells("holding", 0, u64::try_from(wire.len()).unwrap() / 2 - 1);
        let covered = with(&keys, |tag| tag.covered(run, &Written::Words(&wire)));
        prop_assert_eq!(covered, wanted.map_or(Covered::NoNumber, Covered::Whole));
        prop_assert!(Type::of(kind).is_some_and(|of| of.name() == kind));
    }
}
