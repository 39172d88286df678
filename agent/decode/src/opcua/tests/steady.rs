//! What plants send all day costs no memory.

use super::*;

/// Rounds of the same exchanges on an open channel, numbered onwards, as the wire has them.
fn rounds(count: u32, exchanges: &[(Vec<u8>, Vec<u8>)]) -> Vec<(Direction, Vec<u8>)> {
    let each = exchanges.len() as u32;
    let round = |round: u32| {
        let numbered = (0..).zip(exchanges);
        numbered.flat_map(move |(place, (asked, answered))| {
            let number = 20 + round * each + place;
            let sent = |body| message("MSGF", number, body);
            [(Forward, sent(asked)), (Backward, sent(answered))]
        })
    };
    (0..count).flat_map(round).collect()
}

fn check_costs_nothing(exchanges: &[(Vec<u8>, Vec<u8>)]) {
    let mut decoder = Session::new(&Limits::default());
    let before = [greeting(), login("eve", GOOD), watch()].concat();
    let kept = before.iter().take(before.len() - 2);
    for (from, bytes) in kept {
        decoder.feed(Stamp::default(), *from, bytes, &mut |_| {});
    }
    let traffic = rounds(40, exchanges);
    let (warm, steady) = traffic.split_at(traffic.len() / 2);
    let mut targets = 0;
    let mut feed = |traffic: &[(Direction, Vec<u8>)]| {
        for (from, bytes) in traffic {
            decoder.feed(Stamp::default(), *from, bytes, &mut |said| {
                if let Said::Operation(operation) = said {
                    operation.detail.targets(&mut |_| targets += 1);
                }
            });
        }
    };
    feed(warm);
    let spent = allocation_counter::measure(|| feed(steady));
    assert_eq!(spent.count_total, 0);
    assert!(targets > 0);
}

#[test]
fn reads_writes_and_news_allocate_nothing() {
    let pump = || named("Pump.Speed");
    let news = [changed(&[(4, int(7))])];
    check_costs_nothing(&[
        (
            read(&[pump(), node(2, 8)]),
            read_values(&[int(1), text("on")]),
        ),
        (write(&[(pump(), int(50))]), written(&[GOOD])),
        (ask(826, &[null()]), published(9, 5, &news)),
    ]);
}
