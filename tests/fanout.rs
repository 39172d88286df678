//! Sockets that share a mirror port: one, two and four find and count the same; what becomes of them with their port.

use std::time::{Duration, Instant};

use crate::live::check_live;
use crate::mirror::{Mirror, wait_until};
use crate::mirror_health::{polling, stored, write};
use crate::port_down::{check_counts, check_late};
use crate::support::root;

#[test]
fn sockets_that_share_a_port_find_and_count_what_one_does() {
    let Some(one) = check_live("{name: mirror, ring_mib: 16}") else {
        return;
    };
    assert!(one.len() > 20);
    for sockets in [2, 4] {
        let ports = format!("{{name: mirror, ring_mib: 32, shards: {sockets}}}");
        assert_eq!(check_live(&ports).as_ref(), Some(&one), "{sockets} sockets");
    }
}

#[test]
fn a_socket_that_no_pair_comes_to_is_no_silent_port() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.listen("{name: mirror, ring_mib: 16, shards: 4}");
    let capture = write(&mirror, &polling(60));
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    let begun = Instant::now();
    let _player = mirror.play_in_time(&capture);
    // one pair, and longer than a port may be silent
    let port = "bulkhead_capture_port_frames_total{port=\"mirror\"}";
    wait_until("17 s of traffic", || {
        let frames = sensor.metric(port);
        (frames > 200 && begun.elapsed() > Duration::from_secs(17)).then_some(())
    });
    let silence = sensor.metric("bulkhead_mirror_fault{fault=\"no_traffic\"}");
    assert_eq!(silence, 0, "{}", sensor.running.said());
    sensor.ends_well();
}

#[test]
fn sockets_that_share_a_port_that_is_switched_off_hear_it_again_and_no_frame_twice() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.listen("{name: mirror, ring_mib: 32, shards: 2}");
    check_counts(
        &mirror,
        |mirror| mirror.link("link set mirror down"),
        |mirror| mirror.link("link set mirror up"),
    );
}

#[test]
fn sockets_that_share_a_port_that_is_removed_end_the_sensor_when_there_is_another() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.listen("{name: mirror, ring_mib: 32, shards: 2}");
    let policy = root().join("policies/plant");
    let captures = [root().join("pcaps/plc-stop.pcap")];
    let mut sensor = mirror.watch(&policy);
    let frames = mirror.play(&captures);
    mirror.unplug();
    sensor.wait_for_metric("bulkhead_capture_frames_total", frames);
    wait_until("the port to be missed", || {
        let (status, _) = sensor.ask("/readyz");
        (status == "HTTP/1.0 503 Service Unavailable").then_some(())
    });

    mirror.plug();
    assert_eq!(sensor.running.end(), Some(2), "{}", sensor.running.said());
    let why = "`mirror` cannot be listened to any more: it was removed and is there anew";
    sensor.running.wait_until_it_says(why);
    let found = stored(&mirror);
    for (name, value) in [("verb", "mode"), ("rule", "sensor.port_down")] {
        assert!(found.iter().any(|it| it[name] == value), "{found:#?}");
    }

    // as the service manager does
    let mut sensor = mirror.watch(&policy);
    let frames = mirror.play(&captures);
    sensor.wait_for_metric("bulkhead_capture_frames_total", frames);
    sensor.ends_well();
}

#[test]
fn sockets_share_a_port_that_is_missing_at_the_start_when_it_comes() {
    check_late(4, |_| (), "is gone", Mirror::plug_other);
}

#[test]
fn sockets_share_a_port_that_is_off_at_the_start_when_it_is_switched_on() {
    let off = |mirror: &Mirror| {
        mirror.plug_other();
        mirror.link("link set other down");
    };
    check_late(2, off, "is switched off", |mirror| {
        mirror.link("link set other up");
    });
}
