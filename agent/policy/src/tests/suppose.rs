//! Values that are supposed: a tag's value goes to its bytes and comes back as itself.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::vocabulary::load;
use crate::Policy;
use crate::number::Decimal;
use crate::tags::Covered;
use crate::values::read_number;

const ORDERS: [&str; 4] = ["ABCD", "CDAB", "BADC", "DCBA"];

/// The numeric types with the registers that each takes.
const TYPES: [(&str, u64); 10] = [
    ("int16", 1),
    ("uint16", 1),
    ("int32", 2),
    ("uint32", 2),
    ("int64", 4),
    ("uint64", 4),
    ("float32", 2),
    ("float64", 4),
    ("bcd16", 1),
    ("bcd32", 2),
];

/// A policy with a tag for each type and order, in registers and in S7 memory.
fn policy(scale: &str) -> Policy {
    let mut text = "version: 1\nsite: {name: s, owner: o}\nzones:\n  z: {owner: o, members: {cidr: 10.0.0.0/24}}\nassets:\n  p: {ip: 10.0.0.1}\ntags:\n".to_owned();
    let mut at = 0;
    for (kind, registers) in TYPES {
        for order in ORDERS {
            let (last, bytes) = (at + registers - 1, 2 * registers);
            let (first_byte, last_byte) = (at * 2, at * 2 + bytes - 1);
            let rest = format!("type: {kind}, order: {order}, scale: {scale}");
            writeln!(
                text,
                "  R-{kind}-{order}: {{asset: p, target: \"holding:{at}-{last}\", {rest}}}"
            )
            .unwrap();
            writeln!(
                text,
                "  B-{kind}-{order}: {{asset: p, target: \"DB1:{first_byte}-{last_byte}\", {rest}}}"
            )
            .unwrap();
            at += registers;
        }
    }
    load(&text).policy
}

/// What every tag that can be given a value makes of it.
fn round(policy: &Policy, value: &str) -> Vec<(String, bool)> {
    let value = read_number(value).unwrap();
    let tags = policy.tags.iter();
    tags.filter_map(|tag| {
        let put = tag.encode(value).ok()?;
        let back = tag.covered(tag.exact.target(), &put.written());
        Some((tag.name.clone(), back == Covered::Whole(value)))
    })
    .collect()
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let policy = policy("1");
    let able = |value: &str| {
        let tags = round(&policy, value).into_iter();
        let bare = |name: &str| {
            let kind = name.strip_prefix("R-")?.strip_suffix("-ABCD")?;
            Some(kind.to_owned())
        };
        let names: Vec<_> = tags.filter_map(|(name, _)| bare(&name)).collect();
        names.join(" ")
    };
    assert_eq!(
        able("70000"),
        "bcd32 float32 float64 int32 int64 uint32 uint64"
    );
    assert_eq!(able("-1"), "float32 float64 int16 int32 int64");
    assert_eq!(able("0.5"), "float32 float64");
    assert_eq!(
        able("9999"),
        "bcd16 bcd32 float32 float64 int16 int32 int64 uint16 uint32 uint64"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_comes_back_from_its_bytes(raw in prop_oneof![0..10_000_i64, -32_768..32_768_i64, any::<i32>().prop_map(i64::from)]) {
        for scale in ["1", "0.1"] {
            let policy = policy(scale);
            let scale = Decimal::read(scale).unwrap();
            let value = Decimal::from(raw).times(scale);
            let all = round(&policy, &value.to_string());
            prop_assert!(!all.is_empty());
            for (name, same) in all {
                // single precision has seven digits
                prop_assert!(same || name.contains("float32") && raw.abs() > 9_999_999, "{} {}", name, value);
            }
        }
    }
}
