//! Sets of values: how they are written, and that they behave as sets.

use proptest::prelude::*;

use super::*;
use crate::problems::Spot;

fn number(text: &str) -> Number {
    read_number(text).unwrap()
}

fn words(texts: &[&str]) -> Vec<Word> {
    let words = texts.iter().zip(1..).map(|(text, column)| Word {
        at: Spot {
            file: 0,
            line: 1,
            column,
            width: 0,
        },
        text: (*text).to_owned(),
    });
    words.collect()
}

fn ranges(texts: &[&str]) -> Ranges {
    let mut problems = Problems::default();
    let (ranges, _) = Ranges::read(&words(texts), &mut problems);
    assert!(!problems.is_fatal(), "{:?}", problems.into_sorted().0);
    ranges
}

#[test]
fn ranges_show_as_they_are_written_sorted_and_merged() {
    let check = |texts: &[&str], shown: &str| {
        let set = ranges(texts);
        assert_eq!(set.to_string(), shown);
        let again: Vec<_> = shown.split(", ").collect();
        assert_eq!(ranges(&again), set);
    };
    check(&["0..900"], "0..900");
    check(&["..380"], "..380");
    check(&["20.."], "20..");
    check(&["-20..380.5"], "-20..380.5");
    check(&["-20..-10"], "-20..-10");
    check(&["5"], "5");
    check(&[" 20 .. 380 "], "20..380");
    check(&["1e3..1.5e3"], "1000..1500");
    check(&["7..9", "0..3", "3..5", "8"], "0..5, 7..9");
    check(&["..0", "0.."], "..");
    check(&["-1e26..0"], "..0");
    check(&["0..18446744073709551615"], "0..18446744073709551615");
    check(&["0..0.000000000001", "0.000000000002..1"], "0..1");
    assert_eq!(Ranges::NONE.to_string(), "nothing");
}

#[test]
fn the_words_of_units_are_kept_for_the_tags_to_check() {
    let check = |text: &str, shown: &str, wanted: &[&str]| {
        let mut problems = Problems::default();
        let (set, units) = Ranges::read(&words(&[text]), &mut problems);
        assert!(!problems.is_fatal(), "{:?}", problems.into_sorted().0);
        let units: Vec<_> = units.iter().map(|unit| unit.text.as_str()).collect();
        assert_eq!(
            (set.to_string().as_str(), units.as_slice()),
            (shown, wanted)
        );
    };
    check("20..380 degC", "20..380", &["degC"]);
    check("..380 degC", "..380", &["degC"]);
    check("20.. degC", "20..", &["degC"]);
    check("5 m3/h", "5", &["m3/h"]);
    check("5 kg/m 3", "5", &["kg/m 3"]);
    check("100 %", "100", &["%"]);
    check("-5", "-5", &[]);
}

#[test]
fn what_is_no_value_says_what_to_write() {
    let check = |text: &str, wanted: &str| {
        let mut problems = Problems::default();
        Ranges::read(&words(&[text]), &mut problems);
        let problems = problems.into_sorted().0;
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(lines, [format!(":1:1: {wanted}")], "{text}");
    };
    check("0-900", "`0-900` is no range; write `0..900`");
    check("0 - 900", "`0 - 900` is no range; write `0..900`");
    check("-20-380", "`-20-380` is no range; write `-20..380`");
    check(
        "-20--10 degC",
        "`-20--10 degC` is no range; write `-20..-10`",
    );
    check("20–380", "`20–380` is no range; write `20..380`");
    check(
        "20 to 380 degC",
        "`20 to 380 degC` is no range; write `20..380`",
    );
    check("20:380", "`20:380` is no range; write `20..380`");
    check("<= 380 degC", "`<= 380 degC` is no range; write `..380`");
    check(">20", "`>20` is no range; write `20..`");
    check("0...900", "`0...900` is no range; write `0..900`");
    check("0..=900", "`0..=900` is no range; write `0..900`");
    check("900..0", "range `900..0` runs backwards; write `0..900`");
    check("20,5..380", "`20,5` is no number; write `20.5`");
    check(".5", "`.5` is no number; write `0.5`");
    check("380degC", "`380degC` is no number; write `380 degC`");
    check("20..380degC", "`380degC` is no number; write `380 degC`");
    check(
        "20 degC..380 degC",
        "`20 degC` is no number; write the unit once, behind the range",
    );
    check("5.", "`5.` is no number; such as `5`, `-20.5` or `1e3`");
    check("on", "`on` is no number; such as `5`, `-20.5` or `1e3`");
    check("0x10", "`0x10` is no number; such as `5`, `-20.5` or `1e3`");
    check("5 6", "`5 6` is no number; such as `5`, `-20.5` or `1e3`");
    let help = "numbers have at most 12 decimals and lie between -1e26 and 1e26";
    check(
        "..1e27",
        &format!("`1e27` cannot be compared exactly; {help}"),
    );
    check(
        "0.0000000000001",
        &format!("`0.0000000000001` cannot be compared exactly; {help}"),
    );
}

#[test]
fn a_set_holds_its_ends_and_no_more() {
    let set = ranges(&["0..900", "1000"]);
    for inside in ["0", "900", "0.5", "1000"] {
        assert!(set.contain(number(inside)), "{inside}");
    }
    for outside in ["-0.000000000001", "900.000000000001", "999", "1e20"] {
        assert!(!set.contain(number(outside)), "{outside}");
    }
    assert!(ranges(&["..380"]).contain(Number::MIN));
    assert!(ranges(&["20.."]).contain(Number::MAX));
}

#[test]
fn a_value_outside_is_said_by_the_limit_that_it_breaks() {
    let set = ranges(&["20..380", "1000"]);
    let check = |value: &str, wanted: Option<&str>| {
        let breach = set.breach(number(value)).map(|breach| breach.to_string());
        assert_eq!(breach.as_deref(), wanted);
    };
    check("20", None);
    check("19.5", Some("< 20"));
    check("1001", Some("> 1000"));
    check("412", Some("not in 20..380, 1000"));
    let nothing = Ranges::NONE
        .breach(Number::ZERO)
        .map(|breach| breach.to_string());
    assert_eq!(nothing.as_deref(), Some("not in nothing"));
}

#[test]
fn witnesses_are_round_numbers() {
    let check = |set: &Ranges, inside: Option<&str>, outside: Option<&str>| {
        assert_eq!(set.a_value_in(), inside.map(number), "{set}");
        assert_eq!(set.a_value_outside(), outside.map(number), "{set}");
    };
    check(&ranges(&["20..380"]), Some("20"), Some("381"));
    check(&ranges(&["0.25..0.75"]), Some("0.3"), Some("1"));
    check(&ranges(&["0.25..0.75", "5"]), Some("5"), Some("6"));
    check(&ranges(&["..380.5"]), Some("380"), Some("381"));
    check(&ranges(&["20.."]), Some("20"), Some("19"));
    check(&ranges(&["..5", "6.."]), Some("5"), Some("5.1"));
    check(&ranges(&[".."]), Some("0"), None);
    check(&Ranges::NONE, None, Some("0"));
    check(
        &ranges(&["0..900"]).subtract(&ranges(&["0..380"])),
        Some("381"),
        Some("901"),
    );
}

#[test]
fn what_one_policy_allows_more_than_another_is_a_difference() {
    let (old, new) = (ranges(&["0..380"]), ranges(&["0..900"]));
    assert!(new.cover(&old) && !old.cover(&new));
    assert_eq!(new.subtract(&old).to_string(), "380.000000000001..900");
    assert!(old.subtract(&new).is_empty());
    assert!(ranges(&["0..5", "5.000000000001..9"]).cover(&ranges(&["4..6"])));
    assert!(old.cover(&Ranges::NONE) && Ranges::all().cover(&Ranges::all()));
}

/// Sets with ends among a few numbers, so that they touch and overlap.
fn any_set() -> impl Strategy<Value = Ranges> {
    let range = (-6..6_i64, -1..5_i64, 0..8_u8);
    prop::collection::vec(range, 0..5).prop_map(|list| {
        let list = list.into_iter().map(|(first, length, open)| {
            let of = |value: i64| Decimal::from(value).number();
            let first = if open == 0 { Number::MIN } else { of(first) };
            let last = if open == 1 {
                Number::MAX
            } else {
                of(length).plus(first)
            };
            (first, last)
        });
        Ranges::of(list.collect())
    })
}

fn sound(set: &Ranges) -> bool {
    let ordered = set.0.iter().all(|(first, last)| first <= last);
    let apart = set
        .0
        .windows(2)
        .all(|pair| pair[0].1.next().is_some_and(|next| next < pair[1].0));
    ordered && apart
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sets_behave_as_sets(a in any_set(), b in any_set(), quarters in -40..40_i64) {
        let value = Decimal::from(quarters).times(Decimal::read("0.25").unwrap());
        let (in_a, in_b) = (a.contain(value), b.contain(value));
        for (set, wanted) in [
            (a.union(&b), in_a || in_b),
            (a.intersect(&b), in_a && in_b),
            (a.subtract(&b), in_a && !in_b),
            (a.complement(), !in_a),
        ] {
            prop_assert!(sound(&set), "{:?}", set);
            prop_assert_eq!(set.contain(value), wanted);
        }
        prop_assert_eq!(a.complement().complement(), a.clone());
        prop_assert_eq!(a.cover(&b), b.subtract(&a).is_empty());
        prop_assert_eq!(a.breach(value).is_none(), in_a);
    }

    #[test]
    fn witnesses_are_there_where_there_are_any(a in any_set()) {
        prop_assert_eq!(a.a_value_in().is_none(), a.is_empty());
        prop_assert!(a.a_value_in().is_none_or(|value| a.contain(value)));
        prop_assert_eq!(a.a_value_outside().is_none(), a == Ranges::all());
        prop_assert!(a.a_value_outside().is_none_or(|value| !a.contain(value)));
    }

    #[test]
    fn a_shown_set_is_read_as_itself(a in any_set()) {
        let shown = a.to_string();
        let texts: Vec<_> = shown.split(", ").filter(|text| *text != "nothing").collect();
        prop_assert_eq!(ranges(&texts), a);
    }

    #[test]
    fn any_text_is_a_value_or_refused(text in "\\PC{0,40}", digits in "[-0-9.e,<>= a]{0,12}") {
        for text in [text, digits] {
            if let Ok(((first, last), _)) = read_one(&text) {
                prop_assert!(first <= last);
            }
        }
    }
}
