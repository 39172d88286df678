//! A known stream is cut, reordered, repeated, overlapped and thinned out; what is heard of it is
//! compared with what it was.

use std::collections::BTreeMap;

use model::{Direction, Host, Stamp};
use proptest::prelude::*;

use super::wire::bytes;
use crate::{Flow, Flows, Limits, Listener};

/// What was heard of a stream: its bytes with the frames that brought them, `None` where missing.
#[derive(Debug, Default)]
struct Heard(Vec<Option<(u8, u64)>>);

impl Listener for Heard {
    type State = ();

    fn opened(&mut self, _: &mut Flow<()>, _: Stamp) {}

    fn bytes(&mut self, _: &mut Flow<()>, stamp: Stamp, _: Direction, bytes: &[u8]) {
        self.0
            .extend(bytes.iter().map(|byte| Some((*byte, stamp.frame()))));
    }

    fn gap(&mut self, _: &mut Flow<()>, _: Stamp, _: Direction, missing_bytes: u64) {
        assert!(missing_bytes > 0);
        self.0
            .extend(std::iter::repeat_n(None, missing_bytes as usize));
    }

    fn conflict(&mut self, _: &mut Flow<()>, stamp: Stamp, _: Direction) {
        panic!("nothing differs in frame {}", stamp.frame());
    }

    fn closed(&mut self, _: &mut Flow<()>, _: Stamp) {}

    fn sighted(&mut self, _: Host, _: Stamp) {}
}

/// Bytes of the stream, none of which equals its neighbours.
fn stream(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8).collect()
}

/// Segments as (offset, length), in the order that they are shown.
fn segments() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0usize..600, 1usize..60), 1..80).prop_perturb(|mut segments, mut rng| {
        segments.sort_unstable();
        for at in 1..segments.len() {
            if rng.random_bool(0.3) {
                segments.swap(at - 1, at);
            }
            if rng.random_bool(0.1) {
                let other = rng.random_range(0..segments.len());
                segments.swap(other, at);
            }
        }
        segments
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_byte_is_heard_once_in_order_with_the_frame_that_brought_it(
        base in prop_oneof![Just(u32::MAX - 300), any::<u32>()],
        segments in segments(),
        step_ms in prop_oneof![Just(1), Just(7), Just(200)],
        few in any::<bool>(),
        late in any::<bool>(),
    ) {
        let stream = stream(700);
        let limits = Limits {
            flow_segments: if few { 4 } else { 64 },
            ..Limits::default()
        };
        let mut flows = Flows::new(limits);
        let mut heard = Heard::default();
        let mut first = BTreeMap::new();
        let patient = step_ms == 1 && !few;
        let late = late && patient;
        // a lone byte right before the first of a late start asks whether the peer is there
        let least = if late { 2 } else { 1 };
        let segments: Vec<_> = segments
            .into_iter()
            .map(|(offset, len)| (offset, len.max(least)))
            .collect();
        if !late {
            let syn = bytes(true, base.wrapping_sub(1), &[]).flags("S");
            flows.frame(&syn.shot(1).frame(1), &mut heard);
        }
        for (number, (offset, len)) in (2..).zip(&segments) {
            let data = &stream[*offset..offset + len];
            let seq = base.wrapping_add(*offset as u32);
            let shot = bytes(true, seq, data)
                .shot(number)
                .at_ms(i64::from(number) * step_ms);
            for place in *offset..offset + len {
                first.entry(place).or_insert_with(|| u64::from(number));
            }
            flows.frame(&shot.frame(number.into()), &mut heard);
            prop_assert!(flows.shared.held <= 64 * (60 + 96));
        }
        flows.finish(&mut heard);
        prop_assert_eq!(flows.shared.held, 0);
        let end = segments.iter().map(|(offset, len)| offset + len).max();
        let start = segments.iter().map(|(offset, _)| *offset).min();
        let start = start.filter(|_| late).unwrap_or(0);
        prop_assert_eq!(Some(start + heard.0.len()), end);
        for (place, heard) in (start..).zip(&heard.0) {
            match heard {
                Some((byte, frame)) => {
                    prop_assert_eq!(*byte, stream[place]);
                    prop_assert_eq!(Some(frame), first.get(&place));
                }
                None if patient => prop_assert_eq!(first.get(&place), None),
                None => {}
            }
        }
    }
}
