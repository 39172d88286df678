//! What a plant says: pairs of a client and a server on persistent connections, each turn a request, an answer and an
//! acknowledgement. The mix of each protocol is that of a plant: mostly reads, few writes.

mod foreign;
mod modbus;
mod opcua;
mod s7;

use crate::frames::Frames;
use crate::wire::{Connection, Station};
use foreign::Chatter;

/// What the pairs of a plant say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Modbus.
    Modbus,
    /// S7.
    S7,
    /// OPC UA without security.
    OpcUa,
    /// Of ten pairs three speak Modbus, two S7, two OPC UA, and three are IT: of those in turn TLS, HTTP, SMB, and
    /// names with ARP and multicast.
    Mix,
    /// Modbus of pairs that only read, and something else in every turn: no plant's.
    Varied,
}

/// Pairs that talk as long as they are asked to.
#[derive(Debug)]
pub struct Plant {
    pairs: Vec<Pair>,
    turn: u32,
}

/// A client and a server.
#[derive(Debug)]
struct Pair {
    number: u32,
    talk: Talk,
    connection: Option<Connection>,
    stations: [Station; 2],
}

/// What one pair says.
#[derive(Clone, Copy, Debug)]
enum Talk {
    Modbus,
    S7,
    OpcUa,
    Varied,
    Foreign(Chatter),
}

impl Kind {
    /// Every kind that plants have.
    pub const ALL: [Self; 4] = [Self::Modbus, Self::S7, Self::OpcUa, Self::Mix];

    /// Its name on command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Modbus => "modbus",
            Self::S7 => "s7",
            Self::OpcUa => "opcua",
            Self::Mix => "mix",
            Self::Varied => "varied",
        }
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    const fn talk(self, number: u32) -> Talk {
        match self {
            Self::Modbus => Talk::Modbus,
            Self::S7 => Talk::S7,
            Self::OpcUa => Talk::OpcUa,
            Self::Varied => Talk::Varied,
            Self::Mix => match number % 10 {
                0..3 => Talk::Modbus,
                3 | 4 => Talk::S7,
                5 | 6 => Talk::OpcUa,
                seven => Talk::Foreign(Chatter::of(number / 10 * 3 + seven)),
            },
        }
    }
}

impl Plant {
    /// So many turns bring everything that a pair says: what comes later was said before.
    pub const ROUND: u32 = 40;

    /// Pairs of which each has two hosts of its own.
    pub fn new(kind: Kind, pairs: u16) -> Self {
        let pair = |number: u16| Pair::new(kind, number.into(), [number, number]);
        Self {
            pairs: (0..pairs).map(pair).collect(),
            turn: 0,
        }
    }

    /// Pairs among so many clients and as many servers; no two are of the same hosts up to the square of `hosts`.
    pub fn among(kind: Kind, pairs: u32, hosts: u16) -> Self {
        let side = u32::from(hosts.max(1));
        let within = |number: u32| (number % side) as u16;
        let pair = |number| {
            let numbers = [within(number), within(number + number / side)];
            Pair::new(kind, number, numbers)
        };
        Self {
            pairs: (0..pairs).map(pair).collect(),
            turn: 0,
        }
    }

    /// Every pair opens its connection: to be said first.
    pub fn open(&mut self, frames: &mut Frames) {
        for pair in &mut self.pairs {
            pair.open(frames);
        }
    }

    /// Every pair says something.
    pub fn turn(&mut self, frames: &mut Frames) {
        for pair in &mut self.pairs {
            pair.turn(frames, self.turn);
        }
        self.turn = self.turn.wrapping_add(1);
    }
}

/// All that so many pairs say in so many turns.
pub fn traffic(kind: Kind, pairs: u16, turns: u32) -> Frames {
    let (mut plant, mut frames) = (Plant::new(kind, pairs), Frames::default());
    plant.open(&mut frames);
    for _ in 0..turns {
        plant.turn(&mut frames);
    }
    frames
}

impl Pair {
    /// OT clients are 10.1.x.y and servers 10.2.x.y, as the policy of `race/` has them; IT is 10.3 and 10.4.
    fn new(kind: Kind, number: u32, [client, server]: [u16; 2]) -> Self {
        let talk = kind.talk(number);
        let nets = match talk {
            Talk::Foreign(_) => [3, 4],
            Talk::Modbus | Talk::S7 | Talk::OpcUa | Talk::Varied => [1, 2],
        };
        let stations = [(nets[0], client), (nets[1], server)];
        let stations = stations.map(|(net, number)| Station { net, number });
        let port = 40_000 + (number % 20_000) as u16;
        let to = |server| Some(Connection::new(stations, [port, server], number));
        let connection = match talk {
            Talk::Modbus | Talk::Varied => to(502),
            Talk::S7 => to(102),
            Talk::OpcUa => to(4840),
            Talk::Foreign(chatter) => chatter.connection(stations, number),
        };
        Self {
            number,
            talk,
            connection,
            stations,
        }
    }

    fn open(&mut self, frames: &mut Frames) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        connection.open(frames);
        let opening = match self.talk {
            Talk::Modbus | Talk::Varied => Vec::new(),
            Talk::S7 => s7::opening(),
            Talk::OpcUa => opcua::opening(self.number),
            Talk::Foreign(chatter) => chatter.opening(),
        };
        for (request, answer) in opening {
            connection.exchange(frames, &request, &answer);
        }
    }

    fn turn(&mut self, frames: &mut Frames, turn: u32) {
        let kind = turn.wrapping_add(self.number);
        let (request, answer) = match self.talk {
            Talk::Modbus => modbus::exchange(kind, turn),
            Talk::Varied => modbus::varied(turn),
            Talk::S7 => s7::exchange(kind, turn),
            Talk::OpcUa => opcua::exchange(self.number, kind, turn),
            Talk::Foreign(chatter) => chatter.exchange(turn),
        };
        match &mut self.connection {
            Some(connection) => connection.exchange(frames, &request, &answer),
            None => foreign::names(frames, self.stations, turn),
        }
    }
}
