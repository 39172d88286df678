//! Tags are found by name and by what is written.

use model::Target;
use proptest::prelude::*;

use super::super::vocabulary::{cells, db, node};
use super::load;
use crate::node::Word;
use crate::problems::{Problems, Spot};
use crate::space::AssetId;
use crate::tags::{Exact, TagId, TagMap};

const PLC: AssetId = AssetId(0);

fn names<'m>(map: &'m TagMap, asset: AssetId, protocol: &str, target: Target<'_>) -> Vec<&'m str> {
    map.on(asset, protocol, target)
        .map(|tag| tag.name.as_str())
        .collect()
}

const TAGS: &str = "
wide: {asset: plc-1, target: 'holding:0-99', type: string}
low: {asset: plc-1, target: 'holding:10-11', type: float32}
high: {asset: plc-1, target: 'holding:40', type: uint16}
first: {asset: plc-1, target: 'holding:40.0'}
coil: {asset: plc-1, target: 'coil:40'}
other: {asset: plc-2, target: 'holding:40', type: uint16}
dead: {asset: plc-1, protocol: s7, target: 'DB1:4-7', type: real}
dead2: {asset: plc-1, target: 'DB2:4-7', type: real}
sp: {asset: scada, target: ns=2;s=Tank.SP}
pv: {asset: scada, target: ns=2;s=Tank.PV}
";

#[test]
fn what_is_written_names_the_tags_that_it_touches() {
    let map = load(TAGS);
    let check = |target: Target<'_>, protocol: &str, wanted: &[&str]| {
        assert_eq!(names(&map, PLC, protocol, target), wanted, "{target}");
    };
    check(
        cells("holding", 40, 41),
        "modbus",
        &["wide", "first", "high"],
    );
    check(cells("holding", 11, 39), "modbus", &["wide", "low"]);
    check(cells("holding", 12, 39), "modbus", &["wide"]);
    check(cells("holding", 99, 200), "modbus", &["wide"]);
    check(cells("holding", 100, 200), "modbus", &[]);
    check(cells("holding", 40, 40), "s7", &[]);
    check(cells("input", 40, 40), "modbus", &[]);
    check(cells("coil", 0, 100), "modbus", &["coil"]);
    check(db(1, 0, 4), "s7", &["dead"]);
    check(db(2, 7, 7), "s7", &["dead2"]);
    check(db(3, 0, 100), "s7", &[]);
    check(node("Tank.SP"), "opcua", &[]);
    assert_eq!(
        names(&map, AssetId(1), "modbus", cells("holding", 0, 99)),
        ["other"]
    );
    assert_eq!(names(&map, AssetId(2), "opcua", node("Tank.SP")), ["sp"]);
    assert_eq!(names(&map, AssetId(2), "opcua", node("Tank.XX")), [""; 0]);
    assert_eq!(names(&map, AssetId(9), "opcua", node("Tank.SP")), [""; 0]);
}

#[test]
fn a_tag_is_found_by_its_name_or_the_nearest_is_offered() {
    let map = load(TAGS);
    let id = map.named("dead").unwrap();
    assert_eq!(map.tag(id).unwrap().exact.to_string(), "DB1:4-7");
    assert_eq!(map.tag(TagId(99)).map(|tag| &tag.name), None);
    let mut problems = Problems::default();
    let word = |text: &str| Word {
        at: Spot::default(),
        text: text.into(),
    };
    assert_eq!(map.find(&word("dead"), &mut problems), Some(id));
    assert!(!problems.is_fatal());
    assert_eq!(map.find(&word("daed"), &mut problems), None);
    let said = problems.into_sorted().0;
    assert_eq!(
        said[0].to_string(),
        ":0:0: no tag `daed`; did you mean `dead`?"
    );
}

#[test]
fn a_tag_is_what_statements_call_a_target() {
    let map = load(TAGS);
    let check = |name: &str, wanted: Target<'_>, shown: &str| {
        let tag = map.tag(map.named(name).unwrap()).unwrap();
        assert_eq!(
            (tag.exact.target(), tag.exact.to_string().as_str()),
            (wanted, shown)
        );
    };
    check("low", cells("holding", 10, 11), "holding:10-11");
    check("first", cells("holding", 40, 40), "holding:40.0");
    check("sp", node("Tank.SP"), "ns=2;s=Tank.SP");
    let coil = map.tag(map.named("coil").unwrap()).unwrap();
    assert!(matches!(coil.exact, Exact::Cells { bit: None, .. }));
    assert_eq!((coil.asset, coil.protocol), (PLC, "modbus"));
}

#[test]
fn the_units_of_a_statement_must_be_those_of_its_tags() {
    let map = load(
        "T: {asset: plc-1, target: 'holding:40', type: int16, unit: degC}\n\
         N: {asset: plc-1, target: 'holding:41', type: int16}",
    );
    let check = |name: &str, unit: &str, wanted: &[&str]| {
        let mut problems = Problems::default();
        let unit = Word {
            at: Spot::default(),
            text: unit.into(),
        };
        let tag = map.tag(map.named(name).unwrap()).unwrap();
        tag.check_units(&[unit], &mut problems);
        assert_eq!(super::lines(&problems.into_sorted().0), wanted);
    };
    check("T", "degC", &[]);
    check(
        "T",
        "degF",
        &[":0:0: tag `T` is in `degC`, not in `degF`; give the value in `degC`"],
    );
    check(
        "N",
        "degC",
        &[
            ":0:0: tag `N` has no unit, and here is `degC`; state the tag's `unit`, or leave it out here",
        ],
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tags_on_a_run_are_those_that_overlap_it(
        tags in prop::collection::vec((0..2_usize, 0..2_usize, 0..30_u64, 1..6_u64), 0..20),
        runs in prop::collection::vec((0..2_u32, 0..2_usize, 0..30_u64, 0..30_u64), 1..20),
    ) {
        let areas = ["holding", "input"];
        let mut yaml = String::from("{");
        for (place, (asset, area, first, cells)) in tags.iter().enumerate() {
            let (asset, area, last) = (["plc-1", "plc-2"][*asset], areas[*area], first + cells - 1);
            yaml += &format!("t{place:02}: {{asset: {asset}, target: '{area}:{first}-{last}', type: string}}, ");
        }
        let (map, errors, _) = super::read(&(yaml + "}"), &[]);
        prop_assert!(errors.is_empty());
        for (asset, area, first, length) in runs {
            let last = first + length;
            let mut found = names(&map, AssetId(asset), "modbus", cells(areas[area], first, last));
            found.sort_unstable();
            let touched = tags.iter().enumerate().filter(|(_, (of, in_area, start, cells))| {
                (*of, *in_area) == (usize::try_from(asset).unwrap(), area) && *start <= last && first < start + cells
            });
            let wanted: Vec<_> = touched.map(|(place, _)| format!("t{place:02}")).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
