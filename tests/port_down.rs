//! A mirror port that goes down, loses its carrier or is removed, and comes back, or was not there at the start: the sensor
//! says so, stays, and hears it, although it has given up the right to open ports.

use crate::mirror::{Mirror, Sensor, wait_until};
use crate::mirror_health::{polling, stored, watch, write};
use crate::records;
use crate::support::{field, root};

/// Takes the port away while a plant polls, and gives it back; `words` say of it what is wrong.
fn check(words: &str, take: impl Fn(&Mirror), give: impl Fn(&Mirror)) {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let capture = write(&mirror, &polling(60));
    let mut sensor = watch(&mirror);
    is_up(&sensor);
    let player = mirror.play_in_time(&capture);
    sensor.wait_for_more(FRAMES, 100);

    take(&mirror);
    let page = wait_until("the port to be missed", || {
        let (status, page) = sensor.ask("/readyz");
        (status == "HTTP/1.0 503 Service Unavailable").then_some(page)
    });
    assert!(page.contains(&format!("`mirror` {words}")), "{page}");
    assert_eq!(sensor.ask("/healthz").0, "HTTP/1.0 200 OK");
    assert_eq!(sensor.metric(UP), 0);
    assert_eq!(sensor.metric(FAULT), 1);
    let lost = sensor.metric(FRAMES);

    give(&mirror);
    wait_until("the port to be up", || {
        (sensor.metric(UP) == 1).then_some(())
    });
    is_up(&sensor);
    assert_eq!(sensor.metric(FAULT), 0);
    sensor.wait_for_more(FRAMES, lost + 100);
    drop(player);
    sensor.ends_well();

    let stored = stored(&mirror);
    let [incident] = stored.as_slice() else {
        panic!("{stored:#?}");
    };
    assert_eq!(field(incident, "rule"), "sensor.port_down");
    let sentence = field(incident, "sentence");
    for told in [words, "; this was over"] {
        assert!(sentence.contains(told), "{sentence}");
    }
    for name in ["owner", "action", "respond_within"] {
        assert!(!field(incident, name).is_empty(), "{name} of {incident:#?}");
    }
}

fn is_up(sensor: &Sensor) {
    assert_eq!(sensor.ask("/readyz").0, "HTTP/1.0 200 OK");
    assert_eq!(sensor.metric(UP), 1);
}

/// Every frame that is played while the port is there is counted, and none twice.
pub(crate) fn check_counts(mirror: &Mirror, take: impl Fn(&Mirror), give: impl Fn(&Mirror)) {
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    let captures = [root().join("pcaps/plc-stop.pcap")];
    let mut frames = 0;
    for _ in 0..3 {
        frames += mirror.play(&captures);
        // what is in the ring when the port goes is read
        take(mirror);
        sensor.wait_for_metric(FRAMES, frames);
        wait_until("the port to be missed", || {
            (sensor.metric(UP) == 0).then_some(())
        });
        give(mirror);
        wait_until("the port to be up", || {
            (sensor.metric(UP) == 1).then_some(())
        });
        assert!(mirror.hears_all());
    }
    for by in ["kernel", "interface"] {
        let dropped = format!("bulkhead_capture_dropped_frames_total{{by=\"{by}\"}}");
        assert_eq!(sensor.metric(&dropped), 0);
    }
    sensor.ends_well();
    let stored = stored(mirror);
    assert!(
        stored.iter().any(|incident| incident["verb"] == "mode"),
        "{stored:#?}"
    );
}

#[test]
fn a_port_that_is_switched_off_is_told_and_heard_again() {
    check(
        "is switched off",
        |mirror| mirror.link("link set mirror down"),
        |mirror| mirror.link("link set mirror up"),
    );
}

#[test]
fn a_port_that_loses_its_carrier_is_told_and_heard_again() {
    check(
        "has no carrier",
        |mirror| mirror.link("link set mirrored down"),
        |mirror| mirror.link("link set mirrored up"),
    );
}

#[test]
fn a_port_that_is_removed_is_told_and_heard_again_when_there_is_another_of_its_name() {
    check("is gone", Mirror::unplug, Mirror::plug);
}

#[test]
fn every_frame_is_counted_once_although_the_port_is_switched_off_between_them() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    check_counts(
        &mirror,
        |mirror| mirror.link("link set mirror down"),
        |mirror| mirror.link("link set mirror up"),
    );
}

#[test]
fn every_frame_is_counted_once_although_the_port_is_removed_between_them() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    check_counts(&mirror, Mirror::unplug, Mirror::plug);
}

/// One of two ports is not there when the sensor starts, for want of what is done first; `words` say of it what is wrong. So many
/// sockets share it.
pub(crate) fn check_late(
    sockets: usize,
    first: impl Fn(&Mirror),
    words: &str,
    give: impl Fn(&Mirror),
) {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.listen(&format!(
        "{{name: mirror, ring_mib: 16}}, {{name: other, ring_mib: 16, filter: tcp, shards: {sockets}}}"
    ));
    first(&mirror);
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    let captures = [root().join("pcaps/plc-stop.pcap")];
    // at first it says that capture has not begun
    wait_until("the port to be missed", || {
        let (status, page) = sensor.ask("/readyz");
        let is_told = page.contains(&format!("`other` {words}"));
        (is_told && status == "HTTP/1.0 503 Service Unavailable").then_some(())
    });
    sensor.wait_for_metric(FAULT, 1);
    let frames = mirror.play(&captures);
    sensor.wait_for_metric(FRAMES, frames);
    assert_eq!(sensor.metric(FRAMES_OF_OTHER), 0);

    give(&mirror);
    wait_until("the port to be up", || {
        (sensor.metric(OTHER_UP) == 1).then_some(())
    });
    assert_eq!(sensor.ask("/readyz").0, "HTTP/1.0 200 OK");
    assert_eq!(mirror.sockets_on("other"), sockets);
    mirror.play_into("plant2", &captures);
    let read = records::read(&captures[0]);
    let of_tcp = read
        .iter()
        .filter(|record| record.bytes[12..14] == [8, 0] && record.bytes[23] == 6);
    let of_tcp = of_tcp.count() as u64;
    assert!(of_tcp < frames);
    sensor.wait_for_metric(FRAMES, frames + of_tcp);
    sensor.wait_for_metric(FRAMES_OF_OTHER, of_tcp);
    sensor.ends_well();
    let rules: Vec<_> = stored(&mirror).iter().map(|it| field(it, "rule")).collect();
    assert!(rules.contains(&"sensor.port_down".to_owned()), "{rules:?}");
}

#[test]
fn a_port_that_is_missing_at_the_start_is_told_and_heard_when_it_comes() {
    check_late(1, |_| (), "is gone", Mirror::plug_other);
}

#[test]
fn a_port_that_is_off_at_the_start_is_told_and_heard_when_it_is_switched_on() {
    let off = |mirror: &Mirror| {
        mirror.plug_other();
        mirror.link("link set other down");
    };
    check_late(1, off, "is switched off", |mirror| {
        mirror.link("link set other up");
    });
}

#[test]
fn a_name_that_was_mistyped_is_told_at_the_start() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.plug_other();
    mirror.listen("{name: mirror, ring_mib: 16}, {name: othre, ring_mib: 16}");
    let sensor = mirror.watch(&root().join("policies/plant"));
    let said = sensor.running.said();
    for words in ["cannot listen on `othre`", "did you mean `other`?"] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_sensor_without_any_port_refuses_to_start() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.listen("{name: nothing}, {name: other, ring_mib: 16}");
    let mut sensor = mirror.start(&root().join("policies/plant"), "");
    assert_eq!(sensor.end(), Some(2), "{}", sensor.said());
    sensor.wait_until_it_says("cannot listen on `nothing`");
}

const FRAMES: &str = "bulkhead_capture_frames_total";
const UP: &str = "bulkhead_capture_port_up{port=\"mirror\"}";
const OTHER_UP: &str = "bulkhead_capture_port_up{port=\"other\"}";
const FRAMES_OF_OTHER: &str = "bulkhead_capture_port_frames_total{port=\"other\"}";
const FAULT: &str = "bulkhead_mirror_fault{fault=\"port_down\"}";
