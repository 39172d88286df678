//! A flow as Zeek names it: an identifier, an originator and a responder.

use model::{Direction, End};
use ring::digest;

use super::Place;

/// Ports at which Zeek expects a server, of those that matter here (`likely_server_ports`).
const SERVER_PORTS: [u16; 3] = [102, 502, 4840];

/// One flow.
#[derive(Debug)]
pub(super) struct Conn {
    /// Zeek's unique identifier: `C` and base 62 digits.
    pub(super) uid: String,
    /// Who opened the flow, as far as Zeek can tell.
    pub(super) orig: End,
    /// The other end.
    pub(super) resp: End,
    /// Which way the originator sends.
    forward: Direction,
}

impl Conn {
    /// The flow of the first thing that was said in it. The same capture gives the same identifiers.
    pub(super) fn new(place: &Place<'_>) -> Self {
        let forward = originator(place);
        let (orig, resp) = (*forward.of(place.ends), *forward.reverse().of(place.ends));
        let nanos = place.stamp.time.as_nanos();
        let named = format!("{orig} {resp} {:?} {nanos}", place.transport);
        Self {
            uid: format!("C{}", digits(&named)),
            orig,
            resp,
            forward,
        }
    }

    /// Whether the originator sends this way.
    pub(super) fn is_orig(&self, from: Direction) -> bool {
        from == self.forward
    }

    /// The flow's `number`-th identifier that ties rows of several logs together.
    pub(super) fn link(&self, number: u64) -> String {
        let mut link = digits(&format!("{} {number}", self.uid));
        link.truncate(LINK);
        link
    }
}

/// Which way the originator sends: who opened the flow. Where that was missed, Zeek takes the
/// sender of the first frame, unless it sent from a server's port: then, the other.
const fn originator(place: &Place<'_>) -> Direction {
    let [first, second] = place.ends;
    let to_server = is_server(second.port);
    if place.midway && is_server(first.port) && (!to_server || first.port < second.port) {
        Direction::Backward
    } else {
        Direction::Forward
    }
}

const fn is_server(port: u16) -> bool {
    let [cotp, modbus, opcua] = SERVER_PORTS;
    port == cotp || port == modbus || port == opcua
}

/// 96 bits of a digest, as base 62 digits.
fn digits(named: &str) -> String {
    let digest = digest::digest(&digest::SHA256, named.as_bytes());
    let bytes = digest.as_ref().iter().take(BITS / 8);
    let mut number = bytes.fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
    let mut digits = String::new();
    while digits.len() < DIGITS {
        let digit = (number % 62) as u8;
        number /= 62;
        digits.push(char::from(match digit {
            0..=9 => b'0' + digit,
            10..=35 => b'A' + digit - 10,
            _ => b'a' + digit - 36,
        }));
    }
    digits
}

/// How many bits Zeek's identifiers have (`bits_per_uid`).
const BITS: usize = 96;
/// How many base 62 digits these take.
const DIGITS: usize = 17;
/// How many characters ICSNPP's link identifiers have.
const LINK: usize = 16;
