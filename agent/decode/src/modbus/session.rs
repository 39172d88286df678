//! The decoder of one flow with MBAP headers: cuts each direction into messages, which a [`Dialogue`] pairs.
//!
//! Holds per direction one unfinished message, and what the dialogue holds.

use model::{Direction, Malformed, Said, Stamp, Step, Transport};

use super::dialogue::{Dialogue, Say};
use super::frame::{Frame, Measure, measure};
use super::stream::{Next, Segment, Stream};
use crate::{Decoder, Limits};

/// The state of one flow. What every message needs lies together.
#[repr(C)]
pub(super) struct Session {
    transport: Transport,
    streams: [Stream; 2],
    dialogue: Dialogue,
}

impl Session {
    /// A flow that was seen from its start, until it is told otherwise.
    pub(super) fn new(limits: &Limits, transport: Transport) -> Self {
        Self {
            transport,
            streams: [Stream::default(), Stream::default()],
            dialogue: Dialogue::new(limits, transport.into()),
        }
    }

    fn feed_stream(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        let stream = from.of_mut(&mut self.streams);
        let dialogue = &mut self.dialogue;
        if let Some(frame) = Frame::alone(bytes).filter(|_| stream.is_clear()) {
            return dialogue.hear_in_place(stamp, from, frame, say);
        }
        let mut segment = Segment::new(bytes);
        loop {
            match stream.next(&mut segment, |frame| dialogue.awaits(from, frame)) {
                Next::Frame(frame) => {
                    dialogue.hear(stamp, from, frame, say);
                    if segment.is_empty() && stream.holds_nothing() {
                        return;
                    }
                }
                Next::Malformed(malformed) => dialogue.miss(from, malformed, say),
                Next::Resynchronised(skipped_bytes) => {
                    say(Said::Resynchronised { skipped_bytes });
                }
                Next::Starved => return,
            }
        }
    }

    /// A datagram holds whole messages; what is left over is of no use to the next one.
    fn feed_datagram(&mut self, stamp: Stamp, from: Direction, mut bytes: &[u8], say: Say<'_>) {
        while !bytes.is_empty() {
            let total = match measure(bytes) {
                Measure::Whole(total) => total,
                Measure::Need(_) => return self.dialogue.miss(from, CUT_SHORT, say),
                Measure::Broken(malformed) => return self.dialogue.miss(from, malformed, say),
            };
            let (message, rest) = bytes.split_at_checked(total).unwrap_or((bytes, &[]));
            match Frame::read(message) {
                Ok(frame) => self.dialogue.hear(stamp, from, frame, say),
                Err(malformed) => self.dialogue.miss(from, malformed, say),
            }
            bytes = rest;
        }
    }
}

impl Decoder for Session {
    fn feed(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        match self.transport {
            Transport::Tcp => self.feed_stream(stamp, from, bytes, say),
            Transport::Udp | Transport::Ethernet => self.feed_datagram(stamp, from, bytes, say),
        }
    }

    fn gap(&mut self, _: Stamp, from: Direction, _: u64, _: Say<'_>) {
        from.of_mut(&mut self.streams).lose();
        self.dialogue.lose(from);
    }

    fn close(&mut self, _: Stamp, say: Say<'_>) {
        for stream in &mut self.streams {
            stream.lose();
            if stream.skipped_bytes() > 0 {
                say(Said::Malformed(NEVER_FOUND));
            }
            *stream = Stream::default();
        }
        self.dialogue.close(say);
    }

    fn joined_midway(&mut self) {
        self.dialogue.join_midway();
    }

    fn suppose_client(&mut self, client: Direction) {
        self.dialogue.suppose_client(client);
    }

    fn held_bytes(&self) -> usize {
        let streams = self.streams.iter().map(Stream::held_bytes).sum::<usize>();
        streams + self.dialogue.held_bytes()
    }

    fn approach(&self, step: Step) {
        if step == Step::Second {
            self.dialogue.fetch();
        }
    }
}

const CUT_SHORT: Malformed = Malformed {
    field: "length",
    offset: 4,
    why: "the datagram ends before the message",
};

const NEVER_FOUND: Malformed = Malformed {
    field: "transaction_id",
    offset: 0,
    why: "the stream ended before the next message was found",
};
