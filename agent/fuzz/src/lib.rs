//! What the targets share: bytes taken for steps, and decoders that are led through them.
//!
//! An input is read without a grammar, so that every input means something and a small change of
//! it is a small change of what happens. [`seed`] writes what is read here.

pub mod folder;
pub mod seed;

use decode::{Conversation, Decoder, Limits, PROTOCOLS};
use model::{Direction, Said, Stamp, Transport};

/// The bytes of an input that are still to be used.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// A whole input.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next byte; none at the end.
    pub fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// The next run of bytes: a length of two bytes, then as many, or what there is.
    pub fn run(&mut self) -> Option<&'a [u8]> {
        let len = usize::from(u16::from_be_bytes([self.byte()?, self.byte()?]));
        let (run, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        Some(run)
    }
}

/// One thing that happens to a decoder or conversation.
enum Step<'a> {
    Bytes(Direction, &'a [u8]),
    Gap(Direction, u64),
    Close,
}

impl<'a> Step<'a> {
    fn read(input: &mut Input<'a>) -> Option<Self> {
        let kind = input.byte()?;
        let from = [Direction::Forward, Direction::Backward][usize::from(kind & 1)];
        Some(match kind >> 1 {
            0 => Self::Close,
            1..16 => Self::Gap(from, u64::from(kind)),
            _ => Self::Bytes(from, input.run()?),
        })
    }
}

/// Leads the decoder of one protocol through feeds, gaps and closes.
///
/// # Panics
///
/// When the decoder does, holds more than its limits allow, or says what its vocabulary lacks.
pub fn lead(name: &str, bytes: &[u8]) {
    let protocol = PROTOCOLS.iter().find(|it| it.vocabulary.name == name);
    let protocol = protocol.expect("a protocol of that name");
    let mut input = Input::new(bytes);
    let Some(first) = input.byte() else { return };
    let mut decoder = (protocol.open)(&limits(), transport(first));
    if first & MIDWAY != 0 {
        decoder.joined_midway();
    }
    while let Some(step) = Step::read(&mut input) {
        take(decoder.as_mut(), &step);
        assert!(decoder.held_bytes() <= HELD_LIMIT);
    }
    decoder.close(Stamp::default(), &mut |said| look(&said));
}

fn take(decoder: &mut dyn Decoder, step: &Step<'_>) {
    let say = &mut |said: Said<'_>| look(&said);
    match *step {
        Step::Bytes(from, bytes) => decoder.feed(Stamp::default(), from, bytes, say),
        Step::Gap(from, missing) => decoder.gap(Stamp::default(), from, missing, say),
        Step::Close => decoder.close(Stamp::default(), say),
    }
}

/// Leads a conversation, which has to find out its protocol, through feeds and gaps to its close.
///
/// # Panics
///
/// When a probe or a decoder does, more is held than the limits allow, or something is said that
/// no vocabulary lists.
pub fn converse(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let Some(first) = input.byte() else { return };
    let limits = limits();
    let ports = [50_000, PORTS[usize::from(first >> 2 & 3)]];
    let say = &mut |_, _, said: Said<'_>| look(&said);
    let mut conversation = Conversation::new(transport(first), first & MIDWAY != 0);
    while let Some(step) = Step::read(&mut input) {
        let stamp = Stamp::default();
        match step {
            Step::Bytes(from, bytes) => {
                conversation.feed(&limits, ports, stamp, from, bytes, say);
            }
            Step::Gap(from, missing) => conversation.gap(stamp, from, missing, say),
            Step::Close => break,
        }
        assert!(conversation.held_bytes() <= HELD_LIMIT);
    }
    conversation.close(&limits, ports, Stamp::default(), say);
}

/// Looks at everything that an operation shows, as judges and records do.
///
/// # Panics
///
/// When it cannot be shown.
pub fn look(said: &Said<'_>) {
    let Said::Operation(operation) = said else {
        return;
    };
    let detail = operation.detail;
    detail.targets(&mut |target| drop(target.to_string()));
    detail.identity(&mut |identity| assert!(!identity.value.chars().any(char::is_control)));
    let vocabulary = PROTOCOLS.iter().map(|protocol| protocol.vocabulary);
    let vocabulary = vocabulary.filter(|it| it.name == operation.protocol);
    for name in vocabulary.flat_map(|it| it.fields.iter().chain(it.volatile_fields)) {
        detail.field(name);
    }
    serde_json::to_string(detail).expect("a record");
}

/// Small limits, so that bounds bite.
fn limits() -> Limits {
    Limits {
        pending_requests: 8,
        message_bytes: 8 << 10,
        ..Limits::default()
    }
}

fn transport(first: u8) -> Transport {
    match (first & UDP != 0, first & ETHERNET != 0) {
        (true, true) => Transport::Ethernet,
        (true, false) => Transport::Udp,
        (false, _) => Transport::Tcp,
    }
}

/// The bit of an input's first byte that says datagrams.
const UDP: u8 = 1;
/// The bit of an input's first byte that says that they come without IP.
const ETHERNET: u8 = 16;
/// The bit of an input's first byte that says that the start was missed.
const MIDWAY: u8 = 2;
/// The server's port, by two more bits of an input's first byte.
const PORTS: [u16; 4] = [40_000, 502, 102, 4840];
/// The numbers of the link types that are read, and of one that is not.
pub const LINKS: [u32; 8] = [1, 113, 276, 101, 0, 108, 1, 147];
/// Far above what those limits need in any protocol.
const HELD_LIMIT: usize = 128 << 10;
