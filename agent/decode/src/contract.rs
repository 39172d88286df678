//! The contract that every room keeps, tested over [`PROTOCOLS`](crate::PROTOCOLS).
//!
//! - Nothing that is fed makes a decoder panic, hold more than its limits allow, or say a function,
//!   area or kind that its vocabulary does not list.
//! - A conversation says the same whether it comes whole, byte by byte, or split anywhere, also
//!   where its protocol has to be found out.
//! - After a gap a decoder finds the next boundary and says what it passed over.
//! - A probe is sure of its own messages and never takes another room's. One that says that it is steady is.
//! - Every function name is one function with one verb.
//!
//! A room takes part with one line in [`ROOMS`]: its sample conversation, whole messages in order.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use model::{Direction, Operation, Said, Stamp, Target, Transport};
use proptest::prelude::*;

use crate::{Decoder, Limits, PROBED as PROTOCOLS, Probe, Protocol};

/// Whole messages of one conversation over TCP, seen from its start.
type Conversation = Vec<(Direction, Vec<u8>)>;

/// A protocol and its sample conversation.
type Room = (&'static Protocol, fn() -> Conversation);

/// Every room that takes part.
const ROOMS: &[Room] = &[
    (&crate::modbus::PROTOCOL, crate::modbus::tests::samples),
    (
        &crate::modbus::PROTOCOL,
        crate::modbus::tests::serial_samples,
    ),
    (&crate::s7::PROTOCOL, crate::s7::tests::samples),
    (&crate::opcua::PROTOCOL, crate::opcua::tests::samples),
];

/// What one decoder lives through.
#[derive(Clone, Debug)]
enum Happening {
    Bytes(Direction, Vec<u8>),
    Gap(Direction, u64),
    Close,
}

#[test]
fn every_function_name_is_one_function_with_one_verb() {
    for protocol in PROTOCOLS {
        let vocabulary = protocol.vocabulary;
        let names = vocabulary.functions.iter().map(|function| function.name);
        check_unique(vocabulary.name, "function", names);
        let fields = vocabulary.fields.iter().chain(vocabulary.volatile_fields);
        check_unique(vocabulary.name, "field", fields.copied());
        check_unique(
            vocabulary.name,
            "area",
            vocabulary.areas.iter().map(|area| area.name),
        );
        check_unique(vocabulary.name, "kind", vocabulary.kinds.iter().copied());
    }
}

#[test]
fn a_probe_is_sure_of_its_own_messages() {
    for (protocol, samples) in ROOMS {
        let sure = |(_, bytes): &(Direction, Vec<u8>)| {
            (protocol.probe)(Transport::Tcp, bytes) == Probe::Sure
        };
        assert!(samples().iter().any(sure), "{}", protocol.vocabulary.name);
        for (_, bytes) in samples() {
            let thought = (protocol.probe)(Transport::Tcp, &bytes);
            assert_ne!(
                thought,
                Probe::Never,
                "{}: {bytes:02x?}",
                protocol.vocabulary.name
            );
        }
    }
}

#[test]
fn a_probe_never_takes_the_messages_of_another_room() {
    for (protocol, samples) in ROOMS {
        for other in PROTOCOLS {
            if other.vocabulary.name == protocol.vocabulary.name {
                continue;
            }
            for (_, bytes) in samples() {
                let thought = (other.probe)(Transport::Tcp, &bytes);
                assert_eq!(
                    thought,
                    Probe::Never,
                    "{} took {}: {bytes:02x?}",
                    other.vocabulary.name,
                    protocol.vocabulary.name
                );
            }
        }
    }
}

#[test]
fn a_probe_waits_for_more_of_a_message_that_is_its_own() {
    for (protocol, samples) in ROOMS {
        for (_, bytes) in samples() {
            for len in 0..bytes.len() {
                let thought = (protocol.probe)(Transport::Tcp, &bytes[..len]);
                assert_ne!(
                    thought,
                    Probe::Never,
                    "{}: {:02x?}",
                    protocol.vocabulary.name,
                    &bytes[..len]
                );
            }
        }
    }
}

#[test]
fn a_steady_probe_thinks_of_its_messages_what_their_first_bytes_made_it_think() {
    let rooms = ROOMS.iter().map(|(_, samples)| samples());
    for samples in rooms.chain([crate::modbus::tests::secure_samples()]) {
        for (_, bytes) in runs(&samples) {
            check_steady(&bytes);
        }
    }
}

#[test]
fn a_conversation_byte_by_byte_says_what_it_says_whole() {
    for (protocol, samples) in ROOMS {
        let whole = transcript(protocol, &runs(&samples()));
        assert!(!whole.is_empty(), "{}", protocol.vocabulary.name);
        let bytes: Conversation = samples()
            .into_iter()
            .flat_map(|(from, bytes)| bytes.into_iter().map(move |byte| (from, vec![byte])))
            .collect();
        assert_eq!(transcript(protocol, &samples()), whole);
        assert_eq!(transcript(protocol, &bytes), whole);
    }
}

#[test]
fn after_a_gap_anywhere_the_conversation_is_found_again() {
    for (protocol, samples) in ROOMS {
        let samples = samples();
        for lost in 0..samples.len() {
            for kept in [0, 1, samples[lost].1.len() / 2] {
                check_found_again(protocol, &samples, lost, kept);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_conversation_split_anywhere_says_what_it_says_whole(cuts in cuts()) {
        for (protocol, samples) in ROOMS {
            let whole = transcript(protocol, &runs(&samples()));
            let split = split(&runs(&samples()), &cuts);
            prop_assert_eq!(transcript(protocol, &split), whole);
        }
    }

    #[test]
    fn a_flow_split_anywhere_is_found_and_says_what_it_says_whole(
        cuts in cuts(),
        on_its_port in any::<bool>(),
    ) {
        for (protocol, samples) in ROOMS {
            let whole = transcript(protocol, &runs(&samples()));
            let port = protocol.vocabulary.ports[0];
            let ports = [50_000, if on_its_port { port } else { 40_000 }];
            let split = split(&runs(&samples()), &cuts);
            prop_assert_eq!(overheard(protocol, ports, &split), whole);
        }
    }

    #[test]
    fn nothing_panics_or_grows_or_says_what_no_table_lists(
        happenings in happenings(),
        transport in prop::sample::select(&TRANSPORTS[..]),
        midway in any::<bool>(),
    ) {
        for protocol in PROTOCOLS {
            let mut decoder = (protocol.open)(&LIMITS, transport);
            if midway {
                decoder.joined_midway();
            }
            for happening in &happenings {
                happen(protocol, decoder.as_mut(), happening);
                let held = decoder.held_bytes();
                prop_assert!(held <= HELD_LIMIT, "{} holds {held}", protocol.vocabulary.name);
            }
        }
    }

    #[test]
    fn a_steady_probe_stays_with_what_it_thinks(bytes in bent(), more in bent()) {
        check_steady(&[bytes, more].concat());
    }

    #[test]
    fn a_probe_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        for protocol in PROTOCOLS {
            for transport in TRANSPORTS {
                (protocol.probe)(transport, &bytes);
            }
        }
    }
}

#[test]
fn a_peer_that_never_ends_its_message_and_never_answers_is_bounded() {
    for (protocol, samples) in ROOMS {
        let mut decoder = (protocol.open)(&LIMITS, Transport::Tcp);
        for _ in 0..2_000 {
            for (_, bytes) in samples() {
                let happening = Happening::Bytes(Direction::Forward, bytes);
                happen(protocol, decoder.as_mut(), &happening);
            }
            let held = decoder.held_bytes();
            assert!(
                held <= HELD_LIMIT,
                "{} holds {held}",
                protocol.vocabulary.name
            );
        }
    }
}

/// Whether every steady probe, of every part of a stream, thinks what the first part made it think that left
/// no doubt.
fn check_steady(bytes: &[u8]) {
    for protocol in PROTOCOLS.iter().filter(|it| it.steady) {
        let parts = (0..=bytes.len()).map(|len| &bytes[..len]);
        let thoughts = parts.map(|part| (protocol.probe)(Transport::Tcp, part));
        let settled: Vec<_> = thoughts.skip_while(|it| *it == Probe::Unsure).collect();
        assert!(
            settled.windows(2).all(|pair| pair[0] == pair[1]),
            "{}: {bytes:02x?}",
            protocol.vocabulary.name
        );
    }
}

/// Loses message `lost` but for its last `kept` bytes, then repeats the whole conversation until
/// it must have been found again.
fn check_found_again(
    protocol: &'static Protocol,
    samples: &Conversation,
    lost: usize,
    kept: usize,
) {
    let name = protocol.vocabulary.name;
    let mut decoder = (protocol.open)(&LIMITS, Transport::Tcp);
    let mut said = Vec::new();
    for (from, bytes) in &samples[..lost] {
        decoder.feed(Stamp::default(), *from, bytes, &mut |_| {});
    }
    let (from, bytes) = &samples[lost];
    let missing = bytes.len() - kept;
    let mut say = |heard: Said<'_>| said.push(shown(protocol, &heard));
    decoder.gap(Stamp::default(), *from, missing as u64, &mut say);
    decoder.feed(Stamp::default(), *from, &bytes[missing..], &mut say);
    for _ in 0..3 {
        for (from, bytes) in samples {
            decoder.feed(Stamp::default(), *from, bytes, &mut say);
        }
    }
    let operations = said.iter().filter(|line| line.starts_with("operation"));
    let honest = said
        .iter()
        .any(|line| line.starts_with("Resynchronised") || line.starts_with("Malformed"));
    let found = operations.count();
    assert!(
        found >= samples.len(),
        "{name} says {found} operations after it lost message {lost} but for {kept} bytes"
    );
    assert!(
        honest || kept == 0 || found >= 3 * samples.len(),
        "{name} says nothing of what it passed over after it lost message {lost} but for {kept} bytes"
    );
}

fn check_unique<'a>(protocol: &str, what: &str, names: impl Iterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(seen.insert(name), "{protocol}: {what} `{name}` twice");
    }
}

/// Everything that a conversation says, one line each.
fn transcript(protocol: &'static Protocol, conversation: &Conversation) -> Vec<String> {
    let mut decoder = (protocol.open)(&LIMITS, Transport::Tcp);
    let mut lines = Vec::new();
    let mut say = |said: Said<'_>| lines.push(shown(protocol, &said));
    for (from, bytes) in conversation {
        decoder.feed(Stamp::default(), *from, bytes, &mut say);
    }
    decoder.close(Stamp::default(), &mut say);
    lines
}

/// Everything that a flow says whose protocol has to be found out first.
fn overheard(
    protocol: &'static Protocol,
    ports: [u16; 2],
    conversation: &Conversation,
) -> Vec<String> {
    let mut flow = crate::Conversation::new(Transport::Tcp, false);
    let mut lines = Vec::new();
    let say = &mut |_, _, said: Said<'_>| {
        if !matches!(said, Said::Recognised { .. }) {
            lines.push(shown(protocol, &said));
        }
    };
    for (from, bytes) in conversation {
        flow.feed(&LIMITS, ports, Stamp::default(), *from, bytes, say);
    }
    flow.close(&LIMITS, ports, Stamp::default(), say);
    lines
}

fn happen(protocol: &'static Protocol, decoder: &mut dyn Decoder, happening: &Happening) {
    let say = &mut |said: Said<'_>| {
        shown(protocol, &said);
    };
    match happening {
        Happening::Bytes(from, bytes) => decoder.feed(Stamp::default(), *from, bytes, say),
        Happening::Gap(from, missing) => decoder.gap(Stamp::default(), *from, *missing, say),
        Happening::Close => decoder.close(Stamp::default(), say),
    }
}

/// One line for what was said; checks on the way that the vocabulary lists it.
fn shown(protocol: &'static Protocol, said: &Said<'_>) -> String {
    match said {
        Said::Operation(operation) => {
            check_listed(protocol, operation);
            let mut targets = Vec::new();
            operation
                .detail
                .targets(&mut |target| targets.push(target.to_string()));
            let record = serde_json::to_string(operation.detail).unwrap();
            let answers = operation.answers.map(|request| request.signature);
            let signature = operation.signature;
            format!("operation {operation:?} {signature:x} {answers:x?} {targets:?} {record}")
        }
        other => format!("{other:?}"),
    }
}

fn check_listed(protocol: &'static Protocol, operation: &Operation<'_>) {
    let vocabulary = protocol.vocabulary;
    let function = operation.function;
    assert!(
        function.name == "unknown" || vocabulary.functions.contains(&function),
        "{}: {function:?} is not in the vocabulary",
        vocabulary.name
    );
    operation.detail.targets(&mut |target| match target {
        Target::Cells {
            area, first, last, ..
        } => {
            let listed = vocabulary.areas.iter().find(|listed| listed.name == area);
            let listed = listed.unwrap_or_else(|| panic!("{}: area `{area}`", vocabulary.name));
            assert!(first <= last && last <= listed.last, "{target}");
        }
        Target::Block { kind, .. } | Target::Named { kind, .. } => {
            assert!(
                vocabulary.kinds.contains(&kind),
                "{}: kind `{kind}`",
                vocabulary.name
            );
        }
        Target::Node { .. } => {}
    });
    let mut named = BTreeSet::new();
    operation.detail.targets(&mut |target| {
        named.insert(target.to_string());
    });
    operation.detail.written(&mut |target, value| {
        assert!(named.contains(&target.to_string()), "{target} is written");
        value.numbers(&mut |_| {});
    });
    for name in vocabulary.fields.iter().chain(vocabulary.volatile_fields) {
        operation.detail.field(name);
    }
    assert_eq!(operation.detail.field("no such field"), None);
    operation.detail.identity(&mut |identity| {
        assert!(
            !identity.value.chars().any(char::is_control),
            "{identity:?}"
        );
    });
}

/// Joins what one direction says before the other says anything.
fn runs(conversation: &Conversation) -> Conversation {
    let mut runs: Conversation = Vec::new();
    for (from, bytes) in conversation {
        match runs.last_mut() {
            Some((last, run)) if last == from => run.extend_from_slice(bytes),
            _ => runs.push((*from, bytes.clone())),
        }
    }
    runs
}

/// Splits each run at the cuts that fall into it, given as shares of its length.
fn split(conversation: &Conversation, cuts: &[f64]) -> Conversation {
    let mut pieces = Vec::new();
    for (from, bytes) in conversation {
        let mut ends: BTreeSet<usize> = cuts
            .iter()
            .map(|share| (share * bytes.len() as f64) as usize)
            .collect();
        ends.insert(bytes.len());
        let mut start = 0;
        for end in ends {
            pieces.push((*from, bytes[start..end].to_vec()));
            start = end;
        }
    }
    pieces
}

fn cuts() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(0.0..1.0, 0..12)
}

/// Random bytes, and sample messages that were bent a little: those reach deeper.
fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let from = prop_oneof![Just(Direction::Forward), Just(Direction::Backward)];
    let noise = proptest::collection::vec(any::<u8>(), 0..600);
    let bytes = prop_oneof![1 => noise, 8 => bent()];
    let happening = prop_oneof![
        16 => (from.clone(), bytes).prop_map(|(from, bytes)| Happening::Bytes(from, bytes)),
        2 => (from, any::<u64>()).prop_map(|(from, missing)| Happening::Gap(from, missing)),
        1 => Just(Happening::Close),
    ];
    proptest::collection::vec(happening, 0..48)
}

/// A sample message of any room with up to four bytes changed, cut or prolonged.
fn bent() -> impl Strategy<Value = Vec<u8>> {
    let messages: Vec<Vec<u8>> = ROOMS
        .iter()
        .flat_map(|(_, samples)| samples())
        .map(|(_, bytes)| bytes)
        .collect();
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let cut = prop::option::weighted(0.2, any::<prop::sample::Index>());
    let tail = proptest::collection::vec(any::<u8>(), 0..3);
    (prop::sample::select(messages), changes, cut, tail).prop_map(
        |(mut bytes, changes, cut, tail)| {
            for (place, value) in changes {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes.extend(tail);
            bytes
        },
    )
}

/// Small limits, so that bounds bite, with one seed, so that signatures can be compared.
static LIMITS: LazyLock<Limits> = LazyLock::new(|| Limits {
    pending_requests: 8,
    message_bytes: 8 << 10,
    ..Limits::default()
});

const TRANSPORTS: [Transport; 3] = [Transport::Tcp, Transport::Udp, Transport::Ethernet];

/// Far above what those limits need in any room, far below what is fed.
const HELD_LIMIT: usize = 128 << 10;
