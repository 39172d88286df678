//! Steady polling costs no memory: not one allocation per frame, with every judge on.

use bench::Polling;
use engine::Mode;

#[test]
fn steady_polling_allocates_nothing_per_frame() {
    let traffic = Polling::new(50, 80);
    let mut engine = bench::engine(bench::judges(&traffic).unwrap(), Mode::Judge);
    let warm = traffic.len() / 2;
    for frame in traffic.frames().take(warm) {
        engine.frame(&frame);
    }
    let spent = allocation_counter::measure(|| {
        for frame in traffic.frames().skip(warm) {
            engine.frame(&frame);
        }
    });
    let summary = engine.summary();
    assert_eq!(summary.verdicts.get("conforms"), Some(&(50 * 80)));
    assert_eq!(summary.incidents, 0);
    assert_eq!(spent.count_total, 0, "{} frames", traffic.len() - warm);
}
