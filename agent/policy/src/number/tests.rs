//! Numbers: how they are written, and that comparing them is exact.

use proptest::prelude::*;

use super::*;

fn number(text: &str) -> Number {
    Decimal::read(text).unwrap().exactly().unwrap()
}

#[test]
fn decimals_read_and_show_as_they_are_written() {
    let check = |text: &str, shown: &str| assert_eq!(number(text).to_string(), shown);
    for text in [
        "0",
        "5",
        "-20",
        "380.5",
        "-0.5",
        "0.000000000001",
        "18446744073709551615",
    ] {
        check(text, text);
    }
    check("+5", "5");
    check("007.500", "7.5");
    check("1.5e3", "1500");
    check("-25E-4", "-0.0025");
    check("-0", "0");
    check("1e26", "1e26");
}

#[test]
fn what_is_no_decimal_is_not_read() {
    let texts = [
        "", "-", ".5", "5.", "1,5", "0x10", "1_000", "5 ", "--5", "e5", "5e", "1e999", "٣", "inf",
        "NaN",
    ];
    for text in texts {
        assert_eq!(Decimal::read(text), None, "{text}");
    }
    assert_eq!(Decimal::read(&"9".repeat(39)), None);
}

#[test]
fn what_would_be_rounded_is_not_exact() {
    for text in [
        "0.0000000000001",
        "1.0000000000005",
        "1e27",
        "-2e26",
        "1e300",
        "1e-300",
    ] {
        assert_eq!(Decimal::read(text).unwrap().exactly(), None, "{text}");
    }
    let nearest = |text: &str| Decimal::read(text).unwrap().number().to_string();
    assert_eq!(nearest("1.0000000000005"), "1.000000000001");
    assert_eq!(nearest("-1.0000000000005"), "-1.000000000001");
    assert_eq!(nearest("1.0000000000004"), "1");
    assert_eq!(
        (nearest("1e300"), nearest("-1e300")),
        ("1e26".into(), "-1e26".into())
    );
    assert_eq!(nearest("1e-300"), "0");
}

#[test]
fn floating_point_numbers_count_as_they_are_shown() {
    let single = |value: f32| Decimal::of_f32(value).unwrap().number();
    let double = |value: f64| Decimal::of_f64(value).unwrap().number();
    assert_eq!(single(0.1), number("0.1"));
    assert_eq!(single(412.3), number("412.3"));
    assert_eq!(double(1_000_000.3), number("1000000.3"));
    assert_eq!(double(-0.0), Number::ZERO);
    assert_eq!(double(f64::MAX), Number::MAX);
    assert_eq!(double(f64::MIN), Number::MIN);
    assert_eq!(double(5e-324), Number::ZERO);
    let either = |value: f64| Decimal::of_either(value).unwrap().number();
    assert_eq!(either(0.1_f32.into()), number("0.1"));
    assert_eq!(either(0.1), number("0.1"));
    assert_eq!(either(123_456_792.0), number("123456792"));
    assert_eq!(Decimal::of_either(f64::NAN), None);
    for nothing in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(Decimal::of_f64(nothing), None);
    }
}

#[test]
fn a_tenth_three_times_is_three_tenths() {
    let tenth = Decimal::read("0.1").unwrap();
    assert_eq!(Decimal::from(3_u64).times(tenth), number("0.3"));
    assert_eq!(
        Decimal::from(u64::MAX).times(tenth),
        number("1844674407370955161.5")
    );
    let fine = Decimal::read("0.00305185094759972").unwrap();
    assert_eq!(
        Decimal::from(-32_767_i64).times(fine),
        number("-100.0000000000")
    );
}

#[test]
fn numbers_have_neighbours_within_their_bounds() {
    assert_eq!(Number::MAX.next(), None);
    assert_eq!(Number::MIN.previous(), None);
    assert_eq!(
        number("5").next().and_then(Number::previous),
        Some(number("5"))
    );
    assert_eq!(Number::MAX.plus(Number::MAX), Number::MAX);
    assert_eq!(number("-1.5").rounded_up(0), number("-1"));
    assert_eq!(number("-1.5").rounded_down(0), number("-2"));
    assert_eq!(number("1.25").rounded_up(1), number("1.3"));
    assert_eq!(number("1.25").rounded_down(12), number("1.25"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn integers_of_64_bits_are_compared_exactly(a in any::<u64>(), b in any::<i64>(), by in 0..3_u64) {
        let of = |value: u64| Decimal::from(value).number();
        let signed = Decimal::from(b).number();
        prop_assert_eq!(of(a).cmp(&signed), i128::from(a).cmp(&b.into()));
        prop_assert_eq!(of(a).cmp(&of(a ^ by)), a.cmp(&(a ^ by)));
        prop_assert_eq!(of(a).to_string(), a.to_string());
        prop_assert_eq!(signed.to_string(), b.to_string());
    }

    #[test]
    fn the_order_of_floating_point_numbers_is_kept(a in any::<f64>(), b in any::<f64>(), c in any::<f32>()) {
        let of = |value: f64| Decimal::of_f64(value).map(Decimal::number);
        if let (Some(one), Some(two)) = (of(a), of(b)) {
            prop_assert!(a > b || one <= two);
            prop_assert!(a < b || one >= two);
        }
        if let Some(one) = Decimal::of_f32(c).map(Decimal::number) {
            let up = Decimal::of_f32(c.next_up()).map_or(Number::MAX, Decimal::number);
            prop_assert!(one <= up);
        }
    }

    #[test]
    fn a_shown_number_is_read_as_itself(digits in any::<i64>(), places in 0..=12_i32) {
        let number = Decimal { digits: i128::from(digits), exponent: -places }.number();
        prop_assert_eq!(Decimal::read(&number.to_string()).unwrap().exactly(), Some(number));
    }
}
