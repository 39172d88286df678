//! What the targets share: bytes taken for steps, and decoders that are led through them.
//!
//! An input is read without a grammar, so that every input means something and a small change of
//! it is a small change of what happens.

use decode::{Decoder, Limits, PROTOCOLS};
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
    let transport = match first & 5 {
        1 => Transport::Udp,
        5 => Transport::Ethernet,
        _ => Transport::Tcp,
    };
    let limits = Limits {
        pending_requests: 8,
        message_bytes: 8 << 10,
        ..Limits::default()
    };
    let mut decoder = (protocol.open)(&limits, transport);
    if first & 2 != 0 {
        decoder.joined_midway();
    }
    while step(decoder.as_mut(), &mut input).is_some() {
        assert!(decoder.held_bytes() <= HELD_LIMIT);
    }
    decoder.close(Stamp::default(), &mut |said| look(&said));
}

fn step(decoder: &mut dyn Decoder, input: &mut Input<'_>) -> Option<()> {
    let kind = input.byte()?;
    let from = [Direction::Forward, Direction::Backward][usize::from(kind & 1)];
    let say = &mut |said: Said<'_>| look(&said);
    match kind >> 1 {
        0 => decoder.close(Stamp::default(), say),
        1..16 => decoder.gap(Stamp::default(), from, u64::from(kind), say),
        _ => decoder.feed(Stamp::default(), from, input.run()?, say),
    }
    Some(())
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

/// Far above what those limits need in any protocol.
const HELD_LIMIT: usize = 128 << 10;
