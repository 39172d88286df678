//! The decoder of one flow with serial framing.
//!
//! An answer has its request's unit and function; there is nothing else to pair them by.

use model::{AnomalyKind, Direction, Malformed, Said, Stamp, Transport};

use super::frame::{Checksum, Measure, measure, read};
use super::stream::{Next, Stream};
use crate::modbus::dialogue::{Dialogue, Say, anomaly};
use crate::modbus::frame::Framing;
use crate::modbus::stream::Segment;
use crate::{Decoder, Limits};

/// The state of one flow.
pub(in crate::modbus) struct Session {
    transport: Transport,
    streams: [Stream; 2],
    dialogue: Dialogue,
}

impl Session {
    /// A flow that was seen from its start, until it is told otherwise.
    pub(in crate::modbus) fn new(limits: &Limits, transport: Transport) -> Self {
        Self {
            transport,
            streams: [Stream::default(), Stream::default()],
            dialogue: Dialogue::new(limits, Framing::Rtu),
        }
    }

    fn feed_stream(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        let stream = from.of_mut(&mut self.streams);
        let dialogue = &mut self.dialogue;
        let mut segment = Segment::new(bytes);
        loop {
            match stream.next(&mut segment, dialogue.expected(from)) {
                Next::Frame(frame) => dialogue.hear(stamp, from, frame, say),
                Next::Corrupt(checksum) => corrupt(dialogue, from, checksum, say),
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
        let dialogue = &mut self.dialogue;
        let mut is_segment = true;
        while !bytes.is_empty() {
            let total = match measure(bytes, true, is_segment, dialogue.expected(from)) {
                Measure::Whole(total) => total,
                Measure::Need(_) => return dialogue.miss(from, CUT_SHORT, say),
                Measure::Corrupt(checksum) => return corrupt(dialogue, from, checksum, say),
                Measure::Broken(malformed) => return dialogue.miss(from, malformed, say),
            };
            let (message, rest) = bytes.split_at_checked(total).unwrap_or((bytes, &[]));
            if let Some(frame) = read(message) {
                dialogue.hear(stamp, from, frame, say);
            }
            (bytes, is_segment) = (rest, false);
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
}

/// A message that a line has damaged, or somebody has made badly, is no operation.
fn corrupt(dialogue: &mut Dialogue, from: Direction, checksum: Checksum, say: Say<'_>) {
    dialogue.lose(from);
    let Checksum { expected, found } = checksum;
    say(anomaly(
        AnomalyKind::BadChecksum,
        expected.into(),
        found.into(),
    ));
}

const CUT_SHORT: Malformed = Malformed {
    field: "crc",
    offset: 0,
    why: "the datagram ends before the message",
};

const NEVER_FOUND: Malformed = Malformed {
    field: "unit_id",
    offset: 0,
    why: "the stream ended before the next message was found",
};
