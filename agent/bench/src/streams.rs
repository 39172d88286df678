//! The streams of a capture, ready to be fed to decoders: what the flow layer hands over, once.

use std::path::Path;

use capture::CaptureFile;
use decode::{Conversation, Decoder, Limits, Protocol};
use flow::{Flow, Flows, Listener};
use model::{Direction, Host, Said, Stamp, Transport};

/// One flow of a protocol of ours: its bytes, segment by segment.
pub struct Stream {
    protocol: &'static Protocol,
    transport: Transport,
    midway: bool,
    bytes: Vec<u8>,
    // Ends of segments in `bytes`, ascending; or how many bytes are missing there.
    segments: Vec<(Stamp, Direction, Result<usize, u64>)>,
}

impl Stream {
    /// What it speaks.
    pub fn protocol(&self) -> &'static str {
        self.protocol.vocabulary.name
    }

    /// How many bytes it carries.
    pub fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// A decoder that has seen nothing.
    pub fn open(&self, limits: &Limits) -> Box<dyn Decoder> {
        let mut decoder = (self.protocol.open)(limits, self.transport);
        if self.midway {
            decoder.joined_midway();
        }
        decoder
    }

    /// Feeds a decoder everything.
    pub fn feed(&self, decoder: &mut dyn Decoder, say: &mut dyn FnMut(Said<'_>)) {
        let mut start = 0;
        for (stamp, from, segment) in &self.segments {
            match segment {
                Ok(end) => {
                    let bytes = self.bytes.get(start..*end).unwrap_or(&[]);
                    decoder.feed(*stamp, *from, bytes, say);
                    start = *end;
                }
                Err(missing_bytes) => decoder.gap(*stamp, *from, *missing_bytes, say),
            }
        }
    }
}

/// The streams of a capture file, up to its damage if it has any; none where there is no file.
pub fn streams(path: &Path) -> Vec<Stream> {
    let mut hearing = Hearing::default();
    if let Ok(mut file) = CaptureFile::open(path) {
        let mut flows = Flows::<Talk>::new(flow::Limits::default());
        while let Ok(Some(frame)) = file.next() {
            flows.frame(&frame, &mut hearing);
        }
        flows.finish(&mut hearing);
    }
    hearing.streams
}

/// What a flow remembers: its protocol's search, and its bytes.
#[derive(Default)]
struct Talk {
    conversation: Option<Conversation>,
    bytes: Vec<u8>,
    segments: Vec<(Stamp, Direction, Result<usize, u64>)>,
}

#[derive(Default)]
struct Hearing {
    limits: Limits,
    streams: Vec<Stream>,
}

impl Listener for Hearing {
    type State = Talk;

    fn opened(&mut self, flow: &mut Flow<Talk>, _: Stamp) {
        flow.state.conversation = Some(Conversation::new(flow.transport, flow.midway));
    }

    fn bytes(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, bytes: &[u8]) {
        let ports = flow.ends.map(|end| end.port);
        let talk = &mut flow.state;
        talk.bytes.extend(bytes);
        talk.segments.push((stamp, from, Ok(talk.bytes.len())));
        if let Some(conversation) = &mut talk.conversation {
            conversation.feed(&self.limits, ports, stamp, from, bytes, &mut |_, _, _| {});
        }
    }

    fn gap(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, missing_bytes: u64) {
        let talk = &mut flow.state;
        talk.segments.push((stamp, from, Err(missing_bytes)));
        if let Some(conversation) = &mut talk.conversation {
            conversation.gap(stamp, from, missing_bytes, &mut |_, _, _| {});
        }
    }

    fn conflict(&mut self, _: &mut Flow<Talk>, _: Stamp, _: Direction) {}

    fn closed(&mut self, flow: &mut Flow<Talk>, _: Stamp) {
        let Talk {
            conversation,
            bytes,
            segments,
        } = std::mem::take(&mut flow.state);
        if let Some(protocol) = conversation.and_then(|it| it.protocol()) {
            self.streams.push(Stream {
                protocol,
                transport: flow.transport,
                midway: flow.midway,
                bytes,
                segments,
            });
        }
    }

    fn sighted(&mut self, _: Host, _: Stamp) {}
}
