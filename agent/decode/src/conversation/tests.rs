//! Flows that are found, given up and found again.

use model::Direction::{self, Backward, Forward};
use model::{Said, Stamp, Timestamp, Transport};

use super::{Conversation, State};
use crate::Limits;

/// A flow, and every operation that was heard of it.
struct Flow {
    conversation: Conversation,
    ports: [u16; 2],
    frame: u64,
    heard: Vec<String>,
}

impl Flow {
    fn to(port: u16) -> Self {
        Self::over(Transport::Tcp, port)
    }

    fn over(transport: Transport, port: u16) -> Self {
        Self {
            conversation: Conversation::new(transport, false),
            ports: [50_000, port],
            frame: 0,
            heard: Vec::new(),
        }
    }

    fn feed(&mut self, from: Direction, bytes: &[u8]) -> &mut Self {
        let (limits, stamp) = (Limits::default(), self.stamp());
        let say = &mut |stamp, _, said: Said<'_>| hear(&mut self.heard, stamp, &said);
        self.conversation
            .feed(&limits, self.ports, stamp, from, bytes, say);
        self.bounded()
    }

    fn one_by_one(&mut self, from: Direction, bytes: &[u8]) -> &mut Self {
        for byte in bytes.chunks(1) {
            self.feed(from, byte);
        }
        self
    }

    fn gap(&mut self, from: Direction) -> &mut Self {
        let stamp = self.stamp();
        let say = &mut |stamp, _, said: Said<'_>| hear(&mut self.heard, stamp, &said);
        self.conversation.gap(stamp, from, 1000, say);
        self.bounded()
    }

    fn close(&mut self) -> &mut Self {
        let (limits, stamp) = (Limits::default(), self.stamp());
        let say = &mut |stamp, _, said: Said<'_>| hear(&mut self.heard, stamp, &said);
        self.conversation.close(&limits, self.ports, stamp, say);
        self
    }

    fn stamp(&mut self) -> Stamp {
        self.frame += 1;
        Stamp::new(self.frame, Timestamp::default(), 0)
    }

    fn bounded(&mut self) -> &mut Self {
        assert!(self.conversation.held_bytes() <= HELD_LIMIT);
        self
    }

    #[track_caller]
    fn says(&mut self, wanted: &[&str]) {
        assert_eq!(self.heard, wanted);
    }
}

fn hear(heard: &mut Vec<String>, stamp: Stamp, said: &Said<'_>) {
    if let Said::Operation(operation) = said {
        let (stage, function) = (operation.stage.name(), operation.function.name);
        heard.push(format!("{} {stage} {function}", stamp.frame()));
    }
}

impl Flow {
    /// How often probes were asked while the flow was in doubt.
    fn asked(&self) -> u32 {
        match &self.conversation.state {
            State::Probing(probing) => probing.asked(),
            State::Decoding(..) | State::Foreign(_) => panic!("it is in no doubt"),
        }
    }
}

/// Reads one register.
const REQUEST: &[u8] = &[0, 1, 0, 0, 0, 6, 1, 3, 0, 9, 0, 1];
/// What it holds.
const ANSWER: &[u8] = &[0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7];
/// A function that nobody knows, in a message that may be Modbus.
const DOUBTFUL: &[u8] = &[0, 2, 0, 0, 0, 4, 1, 0x63, 7, 7];
/// Nothing of ours.
const HELLO: &[u8] = b"\x16\x03\x01\x00\xd3\x01\x00\x00\xcf\x03\x03\xc0";
/// Far above what one flow in doubt holds, far below what is fed.
const HELD_LIMIT: usize = 64 << 10;

#[test]
fn a_message_on_any_port_is_believed_also_byte_by_byte() {
    for port in [502, 102, 40_000] {
        Flow::to(port)
            .feed(Forward, REQUEST)
            .says(&["1 request read_holding_registers"]);
        Flow::to(port)
            .one_by_one(Forward, REQUEST)
            .says(&["12 request read_holding_registers"]);
    }
}

#[test]
fn a_long_doubtful_message_byte_by_byte_is_waited_for() {
    let long = [&[0, 3, 0, 0, 0, 202, 1, 0x63][..], &[7; 200]].concat();
    for port in [502, 40_000] {
        Flow::to(port)
            .one_by_one(Forward, &long)
            .one_by_one(Forward, &long)
            .says(&["208 request unknown", "416 request unknown"]);
    }
}

#[test]
fn bytes_that_could_still_begin_a_message_prove_nothing() {
    for port in [502, 102, 4840] {
        Flow::to(port)
            .one_by_one(Forward, &[3, 0, 0])
            .close()
            .says(&[]);
        let flow = &mut Flow::to(port);
        flow.one_by_one(Forward, &[3, 0, 0, 0, 0]);
        assert!(flow.conversation.protocol().is_none(), "port {port}");
    }
}

#[test]
fn doubtful_messages_before_rubbish_are_believed_in_any_cut() {
    let bytes = [DOUBTFUL, DOUBTFUL, b"nonsense"].concat();
    Flow::to(502)
        .feed(Forward, &bytes)
        .close()
        .says(&["1 request unknown", "1 request unknown"]);
    Flow::to(502)
        .one_by_one(Forward, &bytes)
        .says(&["10 request unknown", "20 request unknown"]);
}

#[test]
fn three_doubtful_messages_are_believed_across_holes_on_their_own_port() {
    Flow::to(502)
        .feed(Forward, DOUBTFUL)
        .feed(Backward, DOUBTFUL)
        .gap(Forward)
        .feed(Forward, DOUBTFUL)
        .says(&[
            "1 request unknown",
            "2 response unknown",
            "4 request unknown",
        ]);
}

#[test]
fn one_doubtful_message_before_rubbish_is_not() {
    Flow::to(502)
        .feed(Forward, DOUBTFUL)
        .feed(Forward, b"nonsense")
        .close()
        .says(&[]);
    Flow::to(502)
        .one_by_one(Forward, DOUBTFUL)
        .one_by_one(Forward, b"nonsense")
        .close()
        .says(&[]);
    Flow::to(502)
        .one_by_one(Forward, DOUBTFUL)
        .one_by_one(Backward, b"nonsense")
        .one_by_one(Forward, b"nonsense, too")
        .close()
        .says(&[]);
}

#[test]
fn messages_behind_rubbish_on_their_own_port_are_found_in_any_cut() {
    let bytes = [&[0x55; 1000], REQUEST, REQUEST].concat();
    let wanted = "request read_holding_registers";
    Flow::to(502)
        .feed(Forward, &bytes)
        .says(&[&format!("1 {wanted}"), &format!("1 {wanted}")]);
    Flow::to(502)
        .one_by_one(Forward, &bytes)
        .says(&[&format!("1012 {wanted}"), &format!("1024 {wanted}")]);
}

#[test]
fn a_foreign_flow_comes_back_with_two_messages_in_a_row() {
    for port in [502, 40_000] {
        let flow = &mut Flow::to(port);
        for _ in 0..1000 {
            flow.feed(Forward, HELLO).feed(Backward, HELLO);
        }
        flow.feed(Forward, REQUEST).feed(Backward, ANSWER).says(&[
            "2001 request read_holding_registers",
            "2002 response read_holding_registers",
        ]);
    }
}

#[test]
fn one_message_alone_does_not_bring_a_foreign_flow_back() {
    let flow = &mut Flow::to(40_000);
    for _ in 0..100 {
        flow.feed(Forward, HELLO).feed(Forward, REQUEST);
    }
    flow.close().says(&[]);
}

#[test]
fn the_last_message_of_a_foreign_flow_counts_on_its_own_port() {
    let flow = &mut Flow::to(502);
    flow.feed(Forward, &[0x55; 5000]);
    flow.feed(Forward, REQUEST).close();
    flow.says(&["2 request read_holding_registers"]);
}

#[test]
fn datagrams_in_doubt_are_believed_on_their_own_port_once_there_are_three() {
    Flow::over(Transport::Udp, 502)
        .feed(Forward, DOUBTFUL)
        .feed(Backward, DOUBTFUL)
        .feed(Forward, DOUBTFUL)
        .says(&[
            "1 request unknown",
            "2 response unknown",
            "3 request unknown",
        ]);
    let flow = &mut Flow::over(Transport::Udp, 40_000);
    for _ in 0..3000 {
        flow.feed(Forward, DOUBTFUL);
    }
    flow.close().says(&[]);
}

#[test]
fn foreign_datagrams_give_way_to_two_of_ours() {
    let flow = &mut Flow::over(Transport::Udp, 40_000);
    for _ in 0..100 {
        flow.feed(Forward, HELLO);
    }
    flow.feed(Forward, REQUEST).feed(Backward, ANSWER).says(&[
        "101 request read_holding_registers",
        "102 response read_holding_registers",
    ]);
}

#[test]
fn holes_without_end_are_held_as_one() {
    for transport in [Transport::Tcp, Transport::Udp] {
        let flow = &mut Flow::over(transport, 502);
        for _ in 0..10_000 {
            flow.gap(Forward);
        }
        for _ in 0..10_000 {
            flow.gap(Forward).gap(Backward);
        }
    }
}

#[test]
fn a_search_in_bytes_that_always_nearly_fit_ends() {
    let nearly = [&[0, 0, 0, 0, 0, 250, 1, 99][..], &[1; 248], &[9]].concat();
    let flow = &mut Flow::to(502);
    for _ in 0..1000 {
        flow.feed(Forward, &nearly.repeat(10));
    }
    flow.says(&[]);
}

/// The start of a TLS handshake of so many bytes that names no role.
fn greeting(len: u16) -> Vec<u8> {
    let [high, low] = (len - 5).to_be_bytes();
    let start = [22, 3, 1, high, low, 1, 0, high, low, 3, 3];
    let mut bytes = vec![0x5a; len.into()];
    bytes[..start.len()].copy_from_slice(&start);
    bytes
}

#[test]
fn how_long_tls_is_does_not_decide_how_often_it_is_looked_at() {
    let asked = |len| {
        let flow = &mut Flow::to(443);
        flow.feed(Forward, &greeting(len))
            .feed(Backward, &greeting(len));
        flow.asked()
    };
    let few = asked(40);
    assert!(few <= 40, "{few}");
    assert_eq!([asked(400), asked(4_000)], [few; 2]);
}

#[test]
fn rubbish_on_the_port_of_tls_is_searched_with_few_looks() {
    let bytes = greeting(2_000).repeat(2);
    let flow = &mut Flow::to(802);
    flow.feed(Forward, &[&[0x55; 8][..], &bytes].concat());
    assert!(flow.asked() <= 100, "{}", flow.asked());
}
