//! Frames of any link type, bytes and times, through flows to conversations.
#![no_main]

use decode::Conversation;
use flow::{Flow, Flows, Listener};
use fuzz::{Input, LINKS, look};
use model::{Direction, Frame, Host, LinkType, Stamp, Timestamp};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = flow::Limits {
        flows: 8,
        recent_bytes: 4 << 10,
        ..flow::Limits::default()
    };
    let mut flows = Flows::new(limits);
    let mut hearing = Hearing::default();
    let mut input = Input::new(bytes);
    let mut millis = 0;
    for number in 1.. {
        let (Some(how), Some(wait)) = (input.byte(), input.byte()) else {
            break;
        };
        let Some(bytes) = input.run() else { break };
        millis += i64::from(wait) * i64::from(wait);
        let link = LINKS[usize::from(how & 7)];
        let frame = Frame {
            number,
            time: Timestamp::from_nanos(millis * 1_000_000),
            link: LinkType::from(link),
            bytes,
            wire_len: bytes.len() as u32 + u32::from(how >> 3),
            source: 0,
        };
        flows.frame(&frame, &mut hearing);
    }
    flows.finish(&mut hearing);
    assert!(flows.is_empty());
});

#[derive(Default)]
struct Hearing {
    limits: decode::Limits,
}

impl Listener for Hearing {
    type State = Option<Conversation>;

    fn opened(&mut self, flow: &mut Flow<Self::State>, _: Stamp) {
        flow.state = Some(Conversation::new(flow.transport, flow.midway));
    }

    fn bytes(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp, from: Direction, bytes: &[u8]) {
        let ports = flow.ends.map(|end| end.port);
        if let Some(conversation) = &mut flow.state {
            let say = &mut |_, _, said: model::Said<'_>| look(&said);
            conversation.feed(&self.limits, ports, stamp, from, bytes, say);
        }
    }

    fn gap(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp, from: Direction, missing: u64) {
        if let Some(conversation) = &mut flow.state {
            conversation.gap(stamp, from, missing, &mut |_, _, said| look(&said));
        }
    }

    fn conflict(&mut self, _: &mut Flow<Self::State>, _: Stamp, _: Direction) {}

    fn closed(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp) {
        let ports = flow.ends.map(|end| end.port);
        if let Some(conversation) = &mut flow.state {
            let say = &mut |_, _, said: model::Said<'_>| look(&said);
            conversation.close(&self.limits, ports, stamp, say);
        }
    }

    fn sighted(&mut self, _: Host, _: Stamp) {}
}
