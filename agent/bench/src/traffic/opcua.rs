//! OPC UA polling without security: channel, session, subscription, then of ten exchanges five read, four publish, one writes.
//!
//! After OPC 10000-6, 5.2 and 7.1, and OPC 10000-4 for the services.

/// What is written, in the binary encoding.
#[derive(Default)]
struct Body(Vec<u8>);

/// How a connection begins; `number` tells its channel and session from those of others.
pub(super) fn opening(number: u32) -> Vec<(Vec<u8>, Vec<u8>)> {
    let hello = Body::default()
        .numbers(&[0, 65_536, 65_536, 0, 0])
        .text(ENDPOINT);
    let acknowledge = Body::default().numbers(&[0, 65_536, 65_536, 0, 0]);
    let services = [
        create_session(number),
        activate(),
        subscribe(number),
        watch(number),
    ];
    let mut exchanges = vec![
        (chunk(*b"HEL", &hello.0), chunk(*b"ACK", &acknowledge.0)),
        open_channel(number),
    ];
    exchanges.extend((2..).zip(services).map(|(sequence, (asked, answered))| {
        let sent = |body: Body| message(number, sequence, &body.0);
        (sent(asked), sent(answered))
    }));
    exchanges
}

/// A request and its answer, of the kinds that steady polling has.
pub(super) fn exchange(number: u32, kind: u32, turn: u32) -> (Vec<u8>, Vec<u8>) {
    let sequence = turn.wrapping_add(6);
    let (asked, answered) = match kind % 10 {
        0..5 => read(sequence, kind / 10 % 4, turn),
        5..9 => publish(number, sequence, (news(kind) - news(number), turn)),
        _ => write(sequence, turn),
    };
    let sent = |body: Body| message(number, sequence, &body.0);
    (sent(asked), sent(answered))
}

fn open_channel(number: u32) -> (Vec<u8>, Vec<u8>) {
    let head = |channel| {
        Body::default()
            .number(channel)
            .text(NO_SECURITY)
            .nothing()
            .nothing()
            .numbers(&[1, 1])
    };
    let asked = head(0)
        .request(446, 1)
        .numbers(&[0, 0, 1])
        .nothing()
        .number(3_600_000);
    let answered = head(1 + number)
        .response(449, 1)
        .numbers(&[0, 1 + number, 1])
        .time()
        .number(3_600_000)
        .nothing();
    (chunk(*b"OPN", &asked.0), chunk(*b"OPN", &answered.0))
}

fn create_session(number: u32) -> (Body, Body) {
    let asked = Body::default()
        .request(461, 2)
        .text("urn:plant:client")
        .text("urn:plant")
        .localized("client")
        .number(1)
        .nothing()
        .nothing()
        .number(0)
        .nothing()
        .text(ENDPOINT)
        .text("polling")
        .nothing()
        .nothing()
        .double(1_200_000.0)
        .number(0);
    let answered = Body::default()
        .response(464, 2)
        .node(1, 1 + number)
        .node(1, TOKENS + number)
        .double(1_200_000.0)
        .nothing()
        .nothing()
        .number(0)
        .number(0)
        .nothing()
        .nothing()
        .number(0);
    (asked, answered)
}

fn activate() -> (Body, Body) {
    let identity = Body::default().text("anonymous");
    let asked = Body::default()
        .request(467, 3)
        .nothing()
        .nothing()
        .number(0)
        .number(0)
        .extension(321, &identity)
        .nothing()
        .nothing();
    let answered = Body::default()
        .response(470, 3)
        .nothing()
        .number(0)
        .number(0);
    (asked, answered)
}

fn subscribe(number: u32) -> (Body, Body) {
    let asked = Body::default()
        .request(787, 4)
        .double(500.0)
        .numbers(&[10_000, 10, 0])
        .bytes(&[1, 0]);
    let answered = Body::default()
        .response(790, 4)
        .number(1 + number)
        .double(500.0)
        .numbers(&[10_000, 10]);
    (asked, answered)
}

/// Watches the first three nodes.
fn watch(number: u32) -> (Body, Body) {
    let mut asked = Body::default()
        .request(751, 5)
        .numbers(&[1 + number, 2, WATCHED]);
    let mut answered = Body::default().response(754, 5).number(WATCHED);
    for place in 0..WATCHED {
        asked = asked
            .value_of(place)
            .numbers(&[2, place])
            .double(250.0)
            .bytes(&[0, 0, 0])
            .number(1)
            .bytes(&[1]);
        answered = answered
            .numbers(&[0, 1 + place])
            .double(250.0)
            .number(1)
            .bytes(&[0, 0, 0]);
    }
    (asked, answered.number(0))
}

/// Reads four nodes of a group.
fn read(handle: u32, group: u32, turn: u32) -> (Body, Body) {
    let mut asked = Body::default()
        .request(631, handle)
        .double(0.0)
        .numbers(&[2, 4]);
    let mut answered = Body::default().response(634, handle).number(4);
    for place in 0..4 {
        asked = asked.value_of(group * 4 + place);
        answered = answered.value(turn);
    }
    (asked, answered.number(0))
}

/// How many exchanges of the first so many bring news.
const fn news(kinds: u32) -> u32 {
    let part = (kinds % 10).saturating_sub(5);
    kinds / 10 * 4 + if part < 4 { part } else { 4 }
}

/// News of the nodes that are watched, after `before` others, of which the last is acknowledged.
fn publish(number: u32, handle: u32, (before, turn): (u32, u32)) -> (Body, Body) {
    let acknowledged = u32::from(before > 0);
    let asked = Body::default().request(826, handle).number(acknowledged);
    let asked = match acknowledged {
        0 => asked,
        _ => asked.numbers(&[1 + number, before]),
    };
    let mut changes = Body::default().number(WATCHED);
    for place in 0..WATCHED {
        changes = changes.number(place).value(turn);
    }
    let answered = Body::default()
        .response(829, handle)
        .numbers(&[1 + number, 1, before + 1])
        .bytes(&[0])
        .number(before + 1)
        .time()
        .number(1)
        .extension(811, &changes.number(0))
        .number(acknowledged)
        .numbers([0, 0].get(..1 + acknowledged as usize).unwrap_or_default());
    (asked, answered)
}

fn write(handle: u32, turn: u32) -> (Body, Body) {
    let asked = Body::default()
        .request(673, handle)
        .number(1)
        .name(SETPOINT)
        .number(VALUE)
        .nothing()
        .bytes(&[1, DOUBLE])
        .double(f64::from(turn));
    let answered = Body::default().response(676, handle).numbers(&[1, 0, 0]);
    (asked, answered)
}

impl Body {
    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    fn number(self, number: u32) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    fn numbers(self, numbers: &[u32]) -> Self {
        numbers.iter().fold(self, |it, number| it.number(*number))
    }

    fn double(self, double: f64) -> Self {
        self.bytes(&double.to_le_bytes())
    }

    /// A text or a byte string.
    fn text(self, text: &str) -> Self {
        let length = u32::try_from(text.len()).unwrap_or(0);
        self.number(length).bytes(text.as_bytes())
    }

    /// No text, no byte string, or no list.
    fn nothing(self) -> Self {
        self.number(u32::MAX)
    }

    fn localized(self, text: &str) -> Self {
        self.bytes(&[2]).text(text)
    }

    /// The identifier of a node that has a number.
    fn node(self, namespace: u16, number: u32) -> Self {
        self.bytes(&[2])
            .bytes(&namespace.to_le_bytes())
            .number(number)
    }

    /// The identifier of a node of the plant, which has a name.
    fn name(self, name: &str) -> Self {
        self.bytes(&[3, 2, 0]).text(name)
    }

    /// What is read or watched: the value of a node.
    fn value_of(self, place: u32) -> Self {
        self.name(&format!("Line1.Pump{place}.Speed"))
            .number(VALUE)
            .nothing()
            .bytes(&[0, 0])
            .nothing()
    }

    /// A value with the time when it was taken.
    fn value(self, turn: u32) -> Self {
        self.bytes(&[5, DOUBLE]).double(f64::from(turn)).time()
    }

    /// 2023-11-14 in hundreds of nanoseconds since 1601.
    fn time(self) -> Self {
        self.bytes(&133_444_736_000_000_000_i64.to_le_bytes())
    }

    fn extension(self, kind: u16, body: &Self) -> Self {
        let length = u32::try_from(body.0.len()).unwrap_or(0);
        self.kind(kind).bytes(&[1]).number(length).bytes(&body.0)
    }

    fn kind(self, kind: u16) -> Self {
        self.bytes(&[1, 0]).bytes(&kind.to_le_bytes())
    }

    fn request(self, kind: u16, handle: u32) -> Self {
        self.kind(kind)
            .bytes(&[0, 0])
            .time()
            .numbers(&[handle, 0])
            .nothing()
            .number(5_000)
            .bytes(&[0, 0, 0])
    }

    fn response(self, kind: u16, handle: u32) -> Self {
        self.kind(kind)
            .time()
            .numbers(&[handle, 0])
            .bytes(&[0])
            .number(0)
            .bytes(&[0, 0, 0])
    }
}

/// A message of an open channel, in one chunk.
fn message(number: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let head = Body::default().numbers(&[1 + number, 1, sequence, sequence]);
    chunk(*b"MSG", &head.bytes(body).0)
}

fn chunk(kind: [u8; 3], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(8 + body.len()).unwrap_or(0).to_le_bytes();
    [&kind[..], b"F", &length, body].concat()
}

const ENDPOINT: &str = "opc.tcp://plant:4840";
const NO_SECURITY: &str = "http://opcfoundation.org/UA/SecurityPolicy#None";
const SETPOINT: &str = "Line1.Setpoint";
/// The attribute that is a node's value.
const VALUE: u32 = 13;
/// The type of a value that is a double.
const DOUBLE: u8 = 11;
/// How many nodes are watched.
const WATCHED: u32 = 3;
/// Where the tokens of sessions begin.
const TOKENS: u32 = 0x4000_0000;
