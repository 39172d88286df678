//! How pressed the sensor is, and what is said of what was left out.

use super::*;

#[test]
fn pressure_follows_the_ring_and_ends_later_than_it_began() {
    let mut pressure = Pressure::Calm;
    let mut check = |fill: u8, expected: Pressure| {
        pressure = pressure.after(fill);
        assert_eq!(pressure, expected, "{fill}");
    };
    for (fill, expected) in [
        (0, Pressure::Calm),
        (11, Pressure::Calm),
        (12, Pressure::Rising),
        (24, Pressure::Rising),
        (25, Pressure::High),
        (49, Pressure::High),
        (50, Pressure::Full),
        (25, Pressure::Full),
        (24, Pressure::High),
        (12, Pressure::High),
        (11, Pressure::Rising),
        (6, Pressure::Rising),
        (5, Pressure::Calm),
        (100, Pressure::Full),
        (0, Pressure::Calm),
    ] {
        check(fill, expected);
    }
}

fn host(last: u8) -> Host {
    Host {
        ip: Some([10, 0, 0, last].into()),
        mac: None,
        vlan: None,
    }
}

#[test]
fn what_was_left_out_is_counted_once_and_told_until_it_is_over() {
    let (mut shedding, mut record, mut tally) =
        (Shedding::default(), Record::default(), Tally::default());
    assert!(!shedding.look(Duration::ZERO));
    for _ in 0..3 {
        // both of a frame's messages were left out
        shedding.leave_out(Class::Alike, &mut record, Direction::Forward, 12);
        shedding.leave_out(Class::Quiet, &mut record, Direction::Backward, 30);
        shedding.end_frame(&mut tally);
        shedding.end_frame(&mut tally);
    }
    shedding.count_pair(&mut record, (host(1), host(2), "modbus"));
    assert_eq!(tally.count(Counter::FramesShedAlike), 3);
    assert_eq!(tally.count(Counter::FramesShedQuiet), 0);
    assert!(shedding.is_at_work(), "a decoder is to be told");
    let missing = shedding.settle(&mut record);
    assert_eq!(
        missing,
        [(Direction::Forward, 36), (Direction::Backward, 90)]
    );
    assert!(!shedding.is_at_work());

    assert!(shedding.look(Duration::from_secs(1)));
    let told = Shedding::told([&shedding].into_iter(), None);
    assert!(
        told.starts_with("of 3 frames the payload was left out"),
        "{told}"
    );
    assert!(
        told.ends_with("not fully seen: 10.0.0.1 to 10.0.0.2 (modbus)"),
        "{told}"
    );
    assert!(shedding.look(Duration::from_secs(10)));
    assert!(!shedding.look(Duration::from_secs(11)));
    let conduits: Vec<_> = Shedding::samples([&shedding].into_iter(), None)
        .into_iter()
        .take(1)
        .collect();
    assert_eq!(
        (conduits[0].metric, conduits[0].value),
        (Metric::ShedPayloads, 6.0)
    );
}

#[test]
fn pairs_are_bounded_and_the_largest_are_named() {
    let mut shedding = Shedding::default();
    let pair = |number: u32| {
        let ip = std::net::IpAddr::from(number.to_be_bytes());
        let client = Host {
            ip: Some(ip),
            ..host(0)
        };
        (client, host(2), "s7")
    };
    for number in 0..2 * PAIRS as u32 {
        let mut record = Record::default();
        for _ in 0..=number % 7 {
            shedding.leave_out(Class::Quiet, &mut record, Direction::Forward, 1);
        }
        shedding.end_frame(&mut Tally::default());
        shedding.count_pair(&mut record, pair(number));
    }
    assert_eq!(shedding.episode.pairs.len(), PAIRS);
    assert!(shedding.look(Duration::ZERO));
    let told = Shedding::told([&shedding].into_iter(), None);
    let (_, named) = told.split_once("not fully seen: ").unwrap();
    assert!(
        named.starts_with("0.0.0.6 to 10.0.0.2 (s7), 0.0.0.13 to "),
        "{named}"
    );
    assert!(
        named.ends_with(&format!(" and {} more pairs", PAIRS - NAMED)),
        "{named}"
    );
}
