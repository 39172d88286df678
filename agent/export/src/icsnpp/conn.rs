//! A flow as Zeek names it: an identifier, an originator and a responder.

use model::{Direction, End, Transport};
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
/// sender of the first frame, unless it sent from a server's port: then, the other. Where both are
/// servers' ports, the server is who has the lower; of datagrams, who answers.
fn originator(place: &Place<'_>) -> Direction {
    let [first, second] = place.ends;
    let is_tcp = place.transport == Transport::Tcp;
    let may_flip = place.midway || !is_tcp;
    let to_server = is_server(second.port);
    if may_flip && is_server(first.port) && (!to_server || (is_tcp && first.port < second.port)) {
        Direction::Backward
    } else {
        Direction::Forward
    }
}

fn is_server(port: u16) -> bool {
    SERVER_PORTS.contains(&port)
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

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use model::{Address, Stamp, Timestamp};

    use super::*;

    fn ends(first: u16, second: u16) -> [End; 2] {
        let end = |last, port| End {
            address: Address::Ip(IpAddr::from([10, 0, 0, last])),
            port,
        };
        [end(1, first), end(2, second)]
    }

    fn place(ends: &[End; 2], midway: bool, transport: Transport) -> Place<'_> {
        Place {
            stamp: Stamp::at(Timestamp::from_nanos(1_000_000_007)),
            from: Direction::Forward,
            ends,
            transport,
            midway,
            protocol: Some("modbus"),
        }
    }

    fn originator_port(first: u16, second: u16, midway: bool, transport: Transport) -> u16 {
        let ends = ends(first, second);
        Conn::new(&place(&ends, midway, transport)).orig.port
    }

    #[test]
    fn who_opened_a_flow_is_its_originator_whatever_the_ports() {
        assert_eq!(originator_port(502, 4446, false, Transport::Tcp), 502);
        assert_eq!(originator_port(4446, 502, false, Transport::Tcp), 4446);
    }

    #[test]
    fn where_the_opening_was_missed_a_servers_port_answers() {
        assert_eq!(originator_port(502, 4446, true, Transport::Tcp), 4446);
        assert_eq!(originator_port(4446, 502, true, Transport::Tcp), 4446);
        assert_eq!(originator_port(5020, 4446, true, Transport::Tcp), 5020);
        assert_eq!(originator_port(102, 502, true, Transport::Tcp), 502);
        assert_eq!(originator_port(502, 102, true, Transport::Tcp), 502);
        assert_eq!(originator_port(502, 4446, false, Transport::Udp), 4446);
        assert_eq!(originator_port(102, 502, false, Transport::Udp), 102);
    }

    #[test]
    fn an_identifier_is_the_same_again_and_unlike_any_other() {
        let (ends, other) = (ends(4446, 502), ends(4447, 502));
        let conn = |ends| Conn::new(&place(ends, false, Transport::Tcp));
        let (one, again, another) = (conn(&ends), conn(&ends), conn(&other));
        assert_eq!(one.uid, again.uid);
        assert_ne!(one.uid, another.uid);
        assert_eq!((one.uid.len(), one.link(1).len()), (18, 16));
        assert!(one.uid.bytes().all(|digit| digit.is_ascii_alphanumeric()));
        assert_eq!(one.link(1), again.link(1));
        assert_ne!(one.link(1), one.link(2));
    }
}
