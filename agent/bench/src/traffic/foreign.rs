//! What else is on a plant's wire: TLS, web pages, files, names, and what everybody hears.

use crate::frames::Frames;
use crate::wire::{Connection, Station, arp, datagram};

/// What a pair of IT hosts does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chatter {
    Tls,
    Web,
    Files,
    Names,
}

impl Chatter {
    /// What one of them does, all in equal shares.
    pub(super) const fn of(number: u32) -> Self {
        match number % 4 {
            0 => Self::Tls,
            1 => Self::Web,
            2 => Self::Files,
            _ => Self::Names,
        }
    }

    /// The port that it goes to, where it is a connection.
    pub(super) const fn port(self) -> u16 {
        match self {
            Self::Tls => 443,
            Self::Web => 80,
            Self::Files => 445,
            Self::Names => 53,
        }
    }

    /// How a connection begins, after the handshake of TCP.
    pub(super) fn opening(self) -> Vec<(Vec<u8>, Vec<u8>)> {
        match self {
            Self::Tls => vec![
                (record(22, &noise(1, 220)), record(22, &noise(2, 1_200))),
                (record(22, &noise(3, 64)), record(22, &noise(4, 64))),
            ],
            Self::Files => vec![(smb(0, 0, 102), smb(0, 0, 200))],
            Self::Web | Self::Names => Vec::new(),
        }
    }

    /// A request and its answer.
    pub(super) fn exchange(self, turn: u32) -> (Vec<u8>, Vec<u8>) {
        match self {
            Self::Tls => (
                record(23, &noise(turn, 120 + turn as usize % 64)),
                record(23, &noise(!turn, 480 + turn as usize % 256)),
            ),
            Self::Web => web(turn),
            Self::Files => (smb(8, turn, 49), smb(8, turn, 400)),
            Self::Names => (
                name(turn, 0x0100, "historian.plant.example"),
                name(turn, 0x8180, "historian.plant.example"),
            ),
        }
    }
}

/// A question for a name and its answer, and in turns a question for an address and a word to a group: three frames.
pub(super) fn names(frames: &mut Frames, [client, server]: [Station; 2], turn: u32) {
    let (question, answer) = Chatter::Names.exchange(turn);
    let port = 50_000 + client.number % 10_000;
    let to = |station: Station| (station.ip(), station.mac());
    datagram(frames, client, to(server), [port, 53], &question);
    datagram(frames, server, to(client), [53, port], &answer);
    if turn.is_multiple_of(2) {
        return arp(frames, client, server);
    }
    let group = ([224, 0, 0, 251], [1, 0, 0x5e, 0, 0, 0xfb]);
    let question = name(0, 0, "_http._tcp.local");
    datagram(frames, client, group, [5353, 5353], &question);
}

/// A TLS record (RFC 8446, 5.1).
fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(body.len()).unwrap_or(0).to_be_bytes();
    [&[kind, 3, 3, high, low], body].concat()
}

fn web(turn: u32) -> (Vec<u8>, Vec<u8>) {
    let body = format!("{{\"line\": 1, \"turn\": {turn}, \"state\": \"running\"}}");
    let length = body.len();
    (
        format!("GET /api/lines/1?since={turn} HTTP/1.1\r\nHost: mes.plant.example\r\nAccept: application/json\r\n\r\n").into(),
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}").into(),
    )
}

/// An SMB 2 message ([MS-SMB2], 2.2.1) in a direct TCP packet, with a body of so many bytes.
fn smb(command: u16, turn: u32, body: usize) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(64 + body).unwrap_or(0).to_be_bytes();
    let mut message = [&[0][..], &length, b"\xfeSMB", &[64, 0, 1, 0, 0, 0, 0, 0]].concat();
    message.extend(command.to_le_bytes());
    message.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    message.extend(u64::from(turn).to_le_bytes());
    message.resize(4 + 64, 0);
    message.extend(noise(turn, body));
    message
}

/// A message about a name (RFC 1035, 4.1); an answer, by its flags, has an address.
fn name(turn: u32, flags: u16, name: &str) -> Vec<u8> {
    let answers = flags >> 15;
    let fields = [(turn & 0xffff) as u16, flags, 1, answers, 0, 0];
    let mut message: Vec<u8> = fields.into_iter().flat_map(u16::to_be_bytes).collect();
    for label in name.split('.') {
        message.push(label.len() as u8);
        message.extend(label.as_bytes());
    }
    message.extend([0, 0, 1, 0, 1]);
    if answers > 0 {
        message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 4, 0, 9]);
    }
    message
}

/// Bytes that look like nothing, always the same for one seed.
fn noise(seed: u32, length: usize) -> Vec<u8> {
    let step = |state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((*state >> 24) as u8)
    };
    std::iter::successors(Some(seed), |_| None)
        .flat_map(|mut state| std::iter::from_fn(move || step(&mut state)))
        .take(length)
        .collect()
}

impl Chatter {
    /// Its connection, where it has one.
    pub(super) fn connection(self, stations: [Station; 2], number: u32) -> Option<Connection> {
        let port = 49_152 + (number % 16_000) as u16;
        match self {
            Self::Names => None,
            Self::Tls | Self::Web | Self::Files => {
                Some(Connection::new(stations, [port, self.port()], number))
            }
        }
    }
}
