//! Where the rooms meet: bytes of flows in, judged operations out.

mod pressed;

use decode::{Conversation, Servers};
use flow::{Flow, Listener};
use model::{Direction, End, Host, Mac, Said, Stamp, Step, Timestamp, Transport, Vlans};

use self::pressed::Weighed;
use crate::Limits;
use crate::deed::Deed;
use crate::judging::Judging;
use crate::sensor;
use crate::shedding::{Record, Shedding};
use crate::ties::{self, Ties};
use crate::watch::Context;

/// What the engine remembers of a flow, what every message needs first.
#[derive(Default)]
#[repr(C)]
pub(crate) struct Talk {
    conversation: Option<Conversation>,
    ties: Ties,
    opened: Timestamp,
    /// What is known of it since the sensor was pressed.
    record: Option<Box<Record>>,
}

/// Everything above the flow layer.
pub(crate) struct Hall {
    pub(crate) decode: decode::Limits,
    /// What the connections of one server know in common.
    servers: Servers,
    pub(crate) judging: Judging,
    pub(crate) shedding: Shedding,
    template_bytes: usize,
}

/// A flow, taken apart: its conversation, and whoever hears what is said in it.
struct Parts<'a> {
    conversation: &'a mut Conversation,
    hearing: Hearing<'a>,
}

/// Whoever hears what is said in a flow.
struct Hearing<'a> {
    judging: &'a mut Judging,
    ties: &'a mut Ties,
    ends: &'a [End; 2],
    macs: &'a [Mac; 2],
    vlans: &'a Vlans,
    transport: Transport,
    midway: bool,
}

impl Hall {
    pub(crate) fn new(limits: &Limits, servers: Servers, judging: Judging) -> Self {
        Self {
            decode: limits.decode.clone(),
            servers,
            judging,
            shedding: Shedding::default(),
            template_bytes: limits.template_bytes,
        }
    }
}

/// Takes a flow apart.
#[inline]
fn parts<'a>(judging: &'a mut Judging, flow: &'a mut Flow<Talk>) -> Option<Parts<'a>> {
    let Flow {
        ends,
        macs,
        vlans,
        transport,
        midway,
        state: Talk {
            conversation, ties, ..
        },
    } = flow;
    let conversation = conversation.as_mut()?;
    Some(Parts {
        conversation,
        hearing: Hearing {
            judging,
            ties,
            ends,
            macs,
            vlans,
            transport: *transport,
            midway: *midway,
        },
    })
}

impl<'a> Hearing<'a> {
    #[inline]
    fn hear(&mut self, stamp: Stamp, from: Direction, said: Said<'_>) {
        let context = self.unnamed(stamp, from);
        self.judging.hear(context, self.ties, said);
    }

    /// The ports of both ends: no message of a known protocol needs them.
    const fn ports(&self) -> [u16; 2] {
        let [first, second] = self.ends;
        [first.port, second.port]
    }

    fn context(&self, stamp: Stamp, from: Direction) -> Context<'a> {
        Context {
            protocol: self.ties.protocol(),
            ..self.unnamed(stamp, from)
        }
    }

    /// The same without the protocol, which nearly no message needs to be told.
    #[inline]
    const fn unnamed(&self, stamp: Stamp, from: Direction) -> Context<'a> {
        Context {
            stamp,
            from,
            ends: self.ends,
            macs: self.macs,
            vlans: self.vlans,
            transport: self.transport,
            midway: self.midway,
            protocol: None,
        }
    }
}

impl Listener for Hall {
    type State = Talk;

    fn opened(&mut self, flow: &mut Flow<Talk>, stamp: Stamp) {
        flow.state.opened = stamp.time;
        flow.state.conversation = Some(Conversation::new(flow.transport, flow.midway));
        for (end, mac) in flow.ends.iter().zip(&flow.macs) {
            self.sighted(ties::host(*end, *mac, &flow.vlans), stamp);
        }
    }

    #[inline]
    fn bytes(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, bytes: &[u8]) {
        if self.shedding.is_at_work() && self.weigh(flow, stamp, from, bytes) == Weighed::Done {
            return;
        }
        let Some(parts) = parts(&mut self.judging, flow) else {
            return;
        };
        let Parts {
            conversation,
            mut hearing,
        } = parts;
        if let Some(decoder) = conversation.decoder() {
            return decoder.feed(stamp, from, bytes, &mut |said| {
                hearing.hear(stamp, from, said);
            });
        }
        conversation.feed(
            &self.decode,
            hearing.ports(),
            stamp,
            from,
            bytes,
            &mut |stamp, from, said| hearing.hear(stamp, from, said),
        );
        if let Some(decoder) = conversation.decoder() {
            decoder.join(&self.servers, *hearing.ends);
        }
    }

    #[inline]
    fn approach(&self, talk: &Talk, step: Step) {
        let Some(conversation) = &talk.conversation else {
            return;
        };
        conversation.approach(step);
        self.judging.approach(&talk.ties, step);
    }

    fn gap(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, missing_bytes: u64) {
        self.catch_up(flow, stamp);
        let Some(parts) = parts(&mut self.judging, flow) else {
            return;
        };
        let Parts {
            conversation,
            mut hearing,
            ..
        } = parts;
        if conversation.protocol().is_some() {
            let context = hearing.context(stamp, from);
            hearing.judging.lost(&context, hearing.ties, missing_bytes);
        }
        conversation.gap(stamp, from, missing_bytes, &mut |stamp, from, said| {
            hearing.hear(stamp, from, said);
        });
    }

    fn conflict(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction) {
        let Some(Parts { hearing, .. }) = parts(&mut self.judging, flow) else {
            return;
        };
        if hearing.ties.knows_protocol() {
            let context = hearing.context(stamp, from);
            let finding = sensor::overlap_conflict();
            hearing.judging.broken(&context, hearing.ties, finding);
        }
    }

    fn closed(&mut self, flow: &mut Flow<Talk>, stamp: Stamp) {
        self.catch_up(flow, stamp);
        if let Some(mut record) = flow.state.record.take() {
            self.shedding.forget(&mut record);
        }
        let Some(parts) = parts(&mut self.judging, flow) else {
            return;
        };
        let Parts {
            conversation,
            mut hearing,
        } = parts;
        let ports = hearing.ports();
        conversation.close(&self.decode, ports, stamp, &mut |stamp, from, said| {
            hearing.hear(stamp, from, said);
        });
        if conversation.protocol().is_none() {
            hearing.judging.foreign += 1;
        }
        let context = hearing.context(stamp, Direction::Forward);
        if let Some(watch) = &mut hearing.judging.watch {
            watch.closed(&context);
        }
    }

    fn sighted(&mut self, host: Host, stamp: Stamp) {
        self.judging.deeds.push(Deed::Sighted(host, stamp.time));
    }
}
