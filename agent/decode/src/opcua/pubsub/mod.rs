//! `PubSub` in UADP: one network message per datagram or Ethernet frame, without a connection.
//!
//! Follows OPC 10000-14 v1.05, 7.2.4 (UADP) and 7.3.2 and 7.3.3 (UDP with port 4840, Ethernet with
//! `EtherType` 0xb62c). Each message stands for itself: nothing is kept between two. The publisher is the
//! server, for its values are what others want; whom it sends to, most often a group address, is the client.
//!
//! Left out: what is encrypted, fields in raw encoding (their layout stands in metadata that travel another
//! way), the bodies of announcements, the joining of chunks, the action header of 1.05.04, MQTT and AMQP.

mod datasets;
mod message;
mod shown;
#[cfg(test)]
pub(super) mod tests;

use foldhash::quality::RandomState;
use model::{Direction, Function, Operation, Said, Stage, Stamp, Transport, Verb};

use crate::signature::signature;
use crate::{Decoder, Limits, Probe};
use message::{Kind, Message};

/// A message with the values of data sets.
const DATA: Function = function(0x5541_4400, "pubsub_data", Verb::Subscribe);
/// A question to all publishers.
const PROBE: Function = function(0x5541_4401, "pubsub_probe", Verb::Identify);
/// What a publisher tells of itself.
const ANNOUNCEMENT: Function = function(0x5541_4402, "pubsub_announcement", Verb::Identify);

/// Every function of this part of the room.
pub(super) const FUNCTIONS: [Function; 3] = [DATA, PROBE, ANNOUNCEMENT];

/// What a subscriber sends.
pub(crate) static ASKED: [Function; 1] = [PROBE];

/// What a publisher sends without being asked.
pub(crate) static TOLD: [Function; 2] = [DATA, ANNOUNCEMENT];

const fn function(code: u32, name: &'static str, verb: Verb) -> Function {
    Function { code, name, verb }
}

/// Looks at one datagram or frame. The `EtherType` is proof enough; a UDP port is not.
pub(super) fn probe(transport: Transport, bytes: &[u8]) -> Probe {
    match (transport, Message::read(bytes)) {
        (Transport::Tcp, _) | (_, Err(_)) => Probe::Never,
        (Transport::Ethernet, Ok(_)) => Probe::Sure,
        (Transport::Udp, Ok(message)) if !message.is_named() => Probe::Never,
        (Transport::Udp, Ok(message)) if message.is_exact() => Probe::Sure,
        (Transport::Udp, Ok(_)) => Probe::Unsure,
    }
}

/// The decoder of what two ends send each other.
#[derive(Debug)]
pub(super) struct Messages {
    seed: RandomState,
}

impl Messages {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            seed: limits.seed.clone(),
        }
    }
}

impl Decoder for Messages {
    fn feed(&mut self, _: Stamp, _: Direction, bytes: &[u8], say: &mut dyn FnMut(Said<'_>)) {
        match Message::read(bytes) {
            Ok(message) => say(Said::Operation(operation(&self.seed, &message))),
            Err(malformed) => say(Said::Malformed(malformed)),
        }
    }

    fn gap(&mut self, _: Stamp, _: Direction, _: u64, _: &mut dyn FnMut(Said<'_>)) {}

    fn close(&mut self, _: Stamp, _: &mut dyn FnMut(Said<'_>)) {}

    fn held_bytes(&self) -> usize {
        0
    }
}

fn operation<'a>(seed: &RandomState, message: &'a Message<'a>) -> Operation<'a> {
    let function = match message.kind {
        Kind::Data => DATA,
        Kind::Probe => PROBE,
        Kind::Announcement => ANNOUNCEMENT,
    };
    Operation {
        protocol: super::VOCABULARY.name,
        stage: Stage::Other,
        function,
        unit: None,
        outcome: None,
        signature: signature(seed, (function.code, message.identity())),
        answers: None,
        detail: message,
    }
}
