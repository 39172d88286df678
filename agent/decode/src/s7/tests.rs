//! Tests of the room: messages built by hand, fed to a decoder, told as lines.

mod conversation;
mod engineering;
mod plus;
mod vectors;
mod written;

use model::{Direction, Outcome, Said, Stamp, Timestamp, Transport};

pub(crate) use self::vectors::samples;
use crate::{Decoder, Limits};

/// A decoder and all that it said so far.
struct Listener {
    decoder: Box<dyn Decoder>,
    lines: Vec<String>,
    frame: u64,
}

impl Listener {
    fn new() -> Self {
        Self::with(&Limits::default())
    }

    fn with(limits: &Limits) -> Self {
        Self {
            decoder: (super::PROTOCOL.open)(limits, Transport::Tcp),
            lines: Vec::new(),
            frame: 0,
        }
    }

    /// Feeds one more frame.
    fn feed(&mut self, from: Direction, bytes: &[u8]) {
        self.frame += 1;
        let stamp = Stamp::new(self.frame, Timestamp::default(), 0);
        let lines = &mut self.lines;
        self.decoder
            .feed(stamp, from, bytes, &mut |said| lines.extend(told(&said)));
    }

    fn client(&mut self, bytes: &[u8]) {
        self.feed(Direction::Forward, bytes);
    }

    fn server(&mut self, bytes: &[u8]) {
        self.feed(Direction::Backward, bytes);
    }

    /// Loses so many bytes.
    fn lose(&mut self, from: Direction, missing_bytes: u64) {
        let say = &mut |_: Said<'_>| {};
        self.decoder.gap(Stamp::default(), from, missing_bytes, say);
    }

    /// Feeds one more frame and gives its records.
    fn tell(&mut self, from: Direction, bytes: &[u8]) -> Vec<serde_json::Value> {
        let mut records = Vec::new();
        self.decoder
            .feed(Stamp::default(), from, bytes, &mut |said| {
                if let Said::Operation(operation) = said {
                    records.push(serde_json::to_value(operation.detail).unwrap());
                }
            });
        records
    }

    fn gap(&mut self, from: Direction) {
        let lines = &mut self.lines;
        self.decoder.gap(Stamp::default(), from, 7, &mut |said| {
            lines.extend(told(&said))
        });
    }

    fn close(&mut self) {
        let lines = &mut self.lines;
        self.decoder
            .close(Stamp::default(), &mut |said| lines.extend(told(&said)));
    }

    /// Checks what was said since the last check.
    #[track_caller]
    fn said(&mut self, want: &[&str]) {
        assert_eq!(self.lines, want);
        self.lines.clear();
    }
}

/// One line: stage, function, targets, how it ended, and the frame of its request. Parts have none.
fn told(said: &Said<'_>) -> Option<String> {
    let it = match said {
        Said::Operation(it) => it,
        Said::Anomaly(it) => {
            return Some(format!(
                "anomaly {} {} {}",
                it.kind.name(),
                it.expected,
                it.found
            ));
        }
        Said::Recognised { .. } | Said::Part(_) => return None,
        Said::Malformed(it) => return Some(format!("malformed {} {}", it.field, it.offset)),
        Said::Unanswered {
            function, asked, ..
        } => return Some(format!("unanswered {} {}", function.name, asked.frame())),
        Said::Resynchronised { skipped_bytes } => {
            return Some(format!("resynchronised {skipped_bytes}"));
        }
    };
    let mut line = format!("{} {}", it.stage.name(), it.function.name);
    it.detail
        .targets(&mut |target| line += &format!(" {target}"));
    match it.outcome {
        Some(Outcome::Refused { code, name }) => line += &format!(" refused {code:#x} {name}"),
        Some(Outcome::Done) => line += " done",
        None => {}
    }
    if let Some(answers) = it.answers {
        line += &format!(" of {}", answers.asked.frame());
    }
    it.detail
        .identity(&mut |it| line += &format!(" {:?}={}", it.fact, it.value));
    Some(line)
}

/// The record of the only operation in these bytes.
fn record(bytes: &[u8]) -> serde_json::Value {
    let mut records = Vec::new();
    (super::PROTOCOL.open)(&Limits::default(), Transport::Tcp).feed(
        Stamp::default(),
        Direction::Forward,
        bytes,
        &mut |said| {
            if let Said::Operation(operation) = said {
                records.push(serde_json::to_value(operation.detail).unwrap());
            }
        },
    );
    assert_eq!(records.len(), 1, "{records:?}");
    records.remove(0)
}

/// The records of a conversation.
fn records(conversation: &[(Direction, Vec<u8>)]) -> Vec<serde_json::Value> {
    let mut listener = Listener::new();
    let told = conversation
        .iter()
        .flat_map(|(from, bytes)| listener.tell(*from, bytes));
    told.collect()
}
