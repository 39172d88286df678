//! A clock that is set is told, once, and keeps nothing else from being told.

use std::time::Duration;

use model::{Metric, PortState};

use super::{
    CHANGE, START, Shot, beat, check, engine, fault, found, only, polling, sample, show, tell,
};

#[test]
fn a_clock_that_steps_back_is_told() {
    for step in [3, 60, 86_400] {
        let stepped = polling(40).into_iter().map(|mut shot| {
            if shot.nanos >= CHANGE {
                shot.nanos -= step * 1_000_000_000;
            }
            shot
        });
        let engine = check(&stepped.collect::<Vec<_>>(), &["sensor.clock_step"]);
        assert!(only(&engine).sentence.contains("it went back by"));
    }
}

#[test]
fn a_clock_that_steps_forward_is_told_where_conversations_go_on() {
    for step in [60, 600, 3_000] {
        let by = Duration::from_secs(step);
        let stepped = polling(40).into_iter().map(|shot| match shot.nanos {
            ..CHANGE => shot,
            _ => shot.later(by),
        });
        let engine = check(&stepped.collect::<Vec<_>>(), &["sensor.clock_step"]);
        assert!(only(&engine).sentence.contains("it went forward by"));
    }
}

#[test]
fn a_pause_in_which_the_plant_went_on_is_no_step() {
    let mut shots = polling(200);
    shots.retain(|shot| !(CHANGE..CHANGE + 100_000_000_000).contains(&shot.nanos));
    check(&shots, &["sensor.loss"]);
}

#[test]
fn a_clock_that_was_set_shows_against_one_that_nobody_sets() {
    for ahead in [-3_600, -2, 2, 3_600] {
        let mut engine = engine();
        for second in 0..=10 {
            let set = if second < 5 { 0 } else { ahead };
            beat(&mut engine, second, set, [second as u64, 0]);
        }
        assert_eq!(found(&engine), [("sensor.clock_step".to_owned(), 1)]);
    }
}

#[test]
fn a_clock_that_is_set_back_and_forth_is_one_incident_that_counts_both() {
    let mut engine = engine();
    for second in 0..=10 {
        let set = if (5..8).contains(&second) { -22 } else { 0 };
        beat(&mut engine, second, set, [second as u64, 0]);
    }
    assert_eq!(found(&engine), [("sensor.clock_step".to_owned(), 2)]);
    let sentence = only(&engine).sentence;
    assert!(sentence.contains("it went forward by 22.0 s"), "{sentence}");
    for way in ["back", "forward"] {
        assert_eq!(sample(&engine, Metric::ClockSteps, way), 1.0);
    }
}

/// The first second at which a port is told that is silent again from second 21 on, by a clock that runs ahead by so many seconds;
/// without traffic for 15 s it shows the sign again, which is held for 10 s.
fn told_again(ahead: impl Fn(i64) -> i64) -> i64 {
    let mut engine = engine();
    let mut silent = (0..3_600).filter(|second| {
        beat(
            &mut engine,
            *second,
            ahead(*second),
            [u64::from(*second > 20), 0],
        );
        fault(&engine, "no_traffic") == 1.0
    });
    assert_eq!(silent.next(), Some(15));
    silent.find(|second| *second > 20).unwrap()
}

#[test]
fn a_sign_that_is_held_does_not_wait_for_a_clock_that_is_set_back() {
    assert_eq!(told_again(|_| 0), 46);
    for ahead in [-1, -60, -86_400] {
        assert_eq!(told_again(|second| (second / 40).min(1) * ahead), 46);
    }
    // every third second by a minute
    assert_eq!(told_again(|second| second / 3 * -60), 46);
}

#[test]
fn a_fault_of_a_recording_that_comes_again_does_not_wait_for_a_clock_that_is_set_back() {
    let all = polling(60);
    for back in [3, 60, 86_400] {
        let mut engine = engine();
        let mut told = Vec::new();
        for second in 0..60 {
            let of_second = all
                .iter()
                .filter(|it| (it.nanos - START) / 1_000_000_000 == second);
            let now = of_second.cloned().map(|mut shot| {
                if !(10..25).contains(&second) {
                    shot.bytes.truncate(60);
                }
                if second >= 30 {
                    shot.nanos -= back * 1_000_000_000;
                }
                shot
            });
            show(&mut engine, &now.collect::<Vec<_>>());
            if second > 25 && fault(&engine, "cut_short") == 1.0 {
                told.push(second);
            }
        }
        assert_eq!(told.first(), Some(&37), "{back}: {told:?}");
        assert!(found(&engine).contains(&("sensor.cut_short".to_owned(), 2)));
    }
}

#[test]
fn a_leap_that_was_not_judged_when_the_clock_was_set_back_is_told_soon() {
    let stepped = polling(60).into_iter().map(|mut shot| {
        let second = (shot.nanos - START) / 1_000_000_000;
        if (20..22).contains(&second) {
            shot.nanos += 1_800_000_000_000;
        }
        shot
    });
    let engine = check(&stepped.collect::<Vec<_>>(), &["sensor.clock_step"]);
    for way in ["back", "forward"] {
        assert_eq!(sample(&engine, Metric::ClockSteps, way), 1.0, "{way}");
    }
}

#[test]
fn a_fault_is_a_new_one_an_hour_after_it_was_over_also_where_the_clock_was_set_back() {
    let mut engine = engine();
    let silent = |second| !(20..5_000).contains(&second);
    let mut standing = (0..6_000).filter(|second| {
        let frames = if silent(*second) { 20_000 } else { *second };
        let ahead = if *second < 600 { 0 } else { -86_400 };
        beat(&mut engine, *second, ahead, [frames as u64, 0]);
        fault(&engine, "no_traffic") == 1.0
    });
    assert_eq!(standing.next(), Some(15));
    assert_eq!(standing.find(|second| *second > 20), Some(5_015));
}

#[test]
fn an_incident_that_goes_on_while_the_clock_is_set_is_told_as_one_that_goes_on() {
    for ahead in [-86_400, -7_200, -60, 60, 1_800] {
        let mut shots = polling(60);
        // a write of registers that ends before it says how many
        let asks = shots.iter_mut().filter(|shot| shot.asks);
        asks.for_each(|shot| *shot.bytes.iter_mut().nth_back(4).unwrap() = 16);
        let mut engine = engine();
        let mut told = Vec::new();
        for second in 0..60 {
            let set = if second < 30 { 0 } else { ahead };
            let of_second = |shot: &&Shot| (shot.nanos - START) / 1_000_000_000 == second;
            let mut now: Vec<_> = shots.iter().filter(of_second).cloned().collect();
            for shot in &mut now {
                shot.nanos += set * 1_000_000_000;
            }
            show(&mut engine, &now);
            beat(&mut engine, second + 1, set, [second as u64, 0]);
            told.extend(engine.changed(false));
        }
        told.retain(|incident| incident.rule == "sensor.length_mismatch");
        let counts: Vec<_> = told.iter().map(|it| it.count).collect();
        assert_eq!(counts.len(), 6, "{ahead}: {counts:?}");
        let way = if ahead < 0 { "back" } else { "forward" };
        assert_eq!(sample(&engine, Metric::ClockSteps, way), 1.0);
        let found = found(&engine);
        let all = [
            ("sensor.clock_step", 1),
            ("sensor.length_mismatch", 600),
            ("sensor.length_mismatch", 600),
            ("sensor.length_mismatch", 600),
        ];
        assert_eq!(
            found,
            all.map(|(rule, count)| (rule.to_owned(), count)),
            "{ahead}"
        );
    }
}

#[test]
fn how_long_a_fault_stood_does_not_depend_on_a_clock_that_was_set_meanwhile() {
    for ahead in [-86_400, -60, 60, 86_400] {
        let mut engine = engine();
        for second in 0..60 {
            let set = if second < 35 { 0 } else { ahead };
            let state = match second {
                20..50 => PortState::Off,
                _ => PortState::Up,
            };
            tell(&mut engine, second, set, [second as u64, 0], state);
        }
        let incidents = engine.incidents();
        let down = incidents
            .iter()
            .find(|incident| incident.rule == "sensor.port_down");
        let sentence = &down.unwrap().sentence;
        assert!(sentence.contains("this was over 30 s later"), "{sentence}");
    }
}

#[test]
fn one_direction_is_told_although_others_were_heard_before_the_clock_was_set_back() {
    let mut shots = polling(40);
    shots.retain(|shot| shot.nanos < CHANGE || (shot.asks && shot.bytes[29] != 12));
    for shot in shots.iter_mut().filter(|shot| shot.nanos >= CHANGE) {
        // clients that were not there before
        shot.bytes[28] = 1;
        shot.nanos -= 600_000_000_000;
    }
    check(&shots, &["sensor.clock_step", "sensor.one_direction"]);
}
