//! Messages as RFC 5424 wants them, odd incidents included.

use super::*;
use crate::syslog::fixture::incident;

#[test]
fn a_message_is_header_element_and_sentence() {
    assert_eq!(
        message(&incident(), Facility::Local0, 8192),
        "<131>1 2026-01-02T03:04:05.123456Z n1 bulkhead - policy.no_conduit [bulkhead@32473 \
         id=\"i-1\" kind=\"policy\" rule=\"policy.no_conduit\" severity=\"high\" priority=\"1\" \
         confidence=\"90\" outcome=\"succeeded\" count=\"3\" \
         first=\"2026-01-02T03:04:05.000000000Z\" last=\"2026-01-02T03:04:05.123456789Z\" \
         client_ip=\"10.0.0.5\" client_zone=\"office\" protocol=\"modbus\" verb=\"write\" \
         owner=\"controls\" respond_within=\"15m\" title=\"write without conduit\" action=\"ask\" \
         consequence=\"none\" reason=\"\" site=\"north\" sensor=\"n1\"] \
         \u{feff}office-pc wrote to plc-1"
    );
}

#[test]
fn the_priority_is_facility_and_severity() {
    let check = |facility, severity, wanted: &str| {
        let text = message(
            &Incident {
                severity,
                ..incident()
            },
            facility,
            8192,
        );
        assert!(text.starts_with(wanted), "{text}");
    };
    check(Facility::Local0, Severity::Critical, "<130>1 ");
    check(Facility::Local7, Severity::Informational, "<190>1 ");
    check(Facility::User, Severity::Low, "<13>1 ");
    check(Facility::Authpriv, Severity::Medium, "<84>1 ");
}

#[test]
fn what_would_end_a_value_or_a_line_is_taken_care_of() {
    let odd = Incident {
        rule: "a b\u{e9}c".into(),
        owner: "a\"b\\c]d\ne".into(),
        sentence: "one\r\ntwo\u{0}".into(),
        sensor: String::new(),
        ..incident()
    };
    let text = message(&odd, Facility::Local0, 8192);
    assert!(text.contains(" - bulkhead - a_b_c ["), "{text}");
    assert!(text.contains(r#" owner="a\"b\\c\]d e""#), "{text}");
    assert!(text.ends_with("\u{feff}one  two "), "{text}");
}

#[test]
fn a_message_keeps_its_bound_and_says_that_it_was_cut() {
    for max_bytes in [1024, 1500, 2048, 8192] {
        for length in [0, 10, 255, 256, 257, 700, 5_000] {
            let long = "é\"".repeat(length);
            let big = Incident {
                sentence: long.clone(),
                title: long.clone(),
                action: long.clone(),
                owner: long.clone(),
                rule: long,
                ..incident()
            };
            let text = message(&big, Facility::Local0, max_bytes);
            assert!(text.len() <= max_bytes, "{} > {max_bytes}", text.len());
            assert!(text.contains(" id=\"i-1\""), "{text}");
            assert_eq!(
                text.contains(CUT),
                length > 85 || text.contains(CUT),
                "{text}"
            );
            if length >= 257 {
                assert!(text.contains(" cut=\"true\"] \u{feff}é"), "{text}");
            }
        }
    }
}
