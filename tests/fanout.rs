//! Sockets that share a mirror port: one, two and four find and count the same.

use std::time::{Duration, Instant};

use crate::live::check_live;
use crate::mirror::{Mirror, wait_until};
use crate::mirror_health::{polling, write};
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
    assert_eq!(
        sensor.running.stop().0,
        Some(0),
        "{}",
        sensor.running.said()
    );
}
