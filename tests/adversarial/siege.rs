//! What the sensor holds while it is attacked, frame by frame, and how much it says.

use decode::Conversation;
use flow::{Flow, Flows, Listener};
use model::{Direction, Frame, Host, LinkType, Said, Stamp, Timestamp};

use crate::records;

/// Checks that frames make the sensor hold and say no more than is reasonable.
pub(super) fn siege(attack: &records::Conversation) {
    let mut flows = Flows::new(flow::Limits::default());
    let mut watch = Watch::default();
    for (record, number) in attack.records.iter().zip(1..) {
        let frame = Frame {
            number,
            time: Timestamp::from_nanos(record.micros as i64 * 1000),
            link: LinkType::Ethernet,
            bytes: &record.bytes,
            wire_len: record.bytes.len() as u32,
            source: 0,
        };
        flows.frame(&frame, &mut watch);
    }
    flows.finish(&mut watch);
    let sent: usize = attack.records.iter().map(|it| it.bytes.len()).sum();
    assert!(watch.most_held <= HELD_LIMIT, "{} held", watch.most_held);
    let allowed = attack.records.len() * SAID_EACH + sent / SHORTEST;
    assert!(watch.said <= allowed, "{} said of {sent} bytes", watch.said);
    assert!(
        watch.shown <= sent * SHOWN_EACH + (1 << 20),
        "{} shown",
        watch.shown
    );
}

#[derive(Default)]
struct Watch {
    limits: decode::Limits,
    most_held: usize,
    said: usize,
    /// Bytes of all records, and of all targets by name.
    shown: usize,
}

impl Watch {
    fn hear(&mut self, said: &Said<'_>) {
        self.said += 1;
        if let Said::Operation(operation) = said {
            self.shown += serde_json::to_string(operation.detail).unwrap().len();
            let mut targets = 0;
            operation
                .detail
                .targets(&mut |target| targets += target.to_string().len());
            self.shown += targets;
        }
    }
}

impl Listener for Watch {
    type State = Option<Conversation>;

    fn opened(&mut self, flow: &mut Flow<Self::State>, _: Stamp) {
        flow.state = Some(Conversation::new(flow.transport, flow.midway));
    }

    fn bytes(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp, from: Direction, bytes: &[u8]) {
        let ports = flow.ends.map(|end| end.port);
        let limits = self.limits.clone();
        let conversation = flow.state.as_mut().unwrap();
        let say = &mut |_, _, said: Said<'_>| self.hear(&said);
        conversation.feed(&limits, ports, stamp, from, bytes, say);
        self.most_held = self.most_held.max(conversation.held_bytes());
    }

    fn gap(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp, from: Direction, missing: u64) {
        let conversation = flow.state.as_mut().unwrap();
        conversation.gap(stamp, from, missing, &mut |_, _, said| self.hear(&said));
    }

    fn conflict(&mut self, _: &mut Flow<Self::State>, _: Stamp, _: Direction) {}

    fn closed(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp) {
        let ports = flow.ends.map(|end| end.port);
        let limits = self.limits.clone();
        let conversation = flow.state.as_mut().unwrap();
        let say = &mut |_, _, said: Said<'_>| self.hear(&said);
        conversation.close(&limits, ports, stamp, say);
    }

    fn sighted(&mut self, _: Host, _: Stamp) {}
}

/// One unfinished message of the default limit in each direction, joined once, and some change.
const HELD_LIMIT: usize = 5 << 20;
/// How many things may be said of one frame beside its messages.
const SAID_EACH: usize = 4;
/// The shortest message of any protocol, in bytes.
const SHORTEST: usize = 7;
/// How many bytes of records one byte of the wire may turn into.
const SHOWN_EACH: usize = 64;
