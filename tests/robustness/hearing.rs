//! Frames in, everything that was said of each flow out.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use capture::CaptureFile;
use decode::Conversation;
use flow::{Flow, Flows, Listener};
use model::{Direction, End, Frame, Host, LinkType, Said, Stamp, Timestamp, Transport};

/// A frame of its own.
#[derive(Clone)]
pub(super) struct Shot {
    pub(super) number: u64,
    pub(super) time: Timestamp,
    link: LinkType,
    pub(super) bytes: Vec<u8>,
    wire_len: u32,
}

/// Two ends, whoever was first, and what lies between them.
pub(super) type Key = ([End; 2], Transport);

/// One flow, and what was said of it.
pub(super) struct Heard {
    pub(super) ends: [End; 2],
    pub(super) transport: Transport,
    pub(super) midway: bool,
    pub(super) pieces: Vec<Piece>,
    pub(super) lines: Vec<Line>,
}

/// Bytes of one direction, or how many of them are missing.
pub(super) struct Piece {
    pub(super) stamp: Stamp,
    pub(super) from: Direction,
    pub(super) bytes: Result<Vec<u8>, u64>,
}

/// One thing that was said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Line {
    pub(super) frame: u64,
    pub(super) from: Direction,
    pub(super) what: What,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum What {
    /// An operation: protocol, stage and function, and its detail as JSON.
    Operation(String, String),
    /// A message boundary was lost, or found again.
    Lost(String),
    /// Anything else.
    Other(String),
}

/// Every flow of a run, in the order that they were opened.
pub(super) struct Hearing {
    limits: decode::Limits,
    pub(super) flows: Vec<Heard>,
    /// Whose bytes a frame brought.
    pub(super) owners: HashMap<u64, Key>,
}

/// What a flow remembers: its decoder, and its place in [`Hearing::flows`].
#[derive(Default)]
pub(super) struct Talk {
    conversation: Option<Conversation>,
    place: usize,
}

/// The frames of a capture, up to its damage if it has any.
pub(super) fn shots(path: &Path, most: usize) -> Vec<Shot> {
    let mut shots = Vec::new();
    let Ok(mut file) = CaptureFile::open(path) else {
        return shots;
    };
    while let Ok(Some(frame)) = file.next() {
        shots.push(Shot {
            number: frame.number,
            time: frame.time,
            link: frame.link,
            bytes: frame.bytes.to_vec(),
            wire_len: frame.wire_len,
        });
        if shots.len() == most {
            break;
        }
    }
    shots
}

/// Hears frames through to the end.
pub(super) fn hear<'a>(shots: impl IntoIterator<Item = &'a Shot>) -> Hearing {
    let mut hearing = Hearing {
        limits: decode::Limits::default(),
        flows: Vec::new(),
        owners: HashMap::new(),
    };
    let mut flows = Flows::<Talk>::new(flow::Limits::default());
    for shot in shots {
        flows.frame(&shot.frame(), &mut hearing);
    }
    flows.finish(&mut hearing);
    hearing
}

/// What is said of a flow whose bytes come in these segments.
pub(super) fn retold<'a>(
    heard: &Heard,
    segments: impl IntoIterator<Item = (Stamp, Direction, &'a [u8])>,
) -> Vec<Line> {
    let ports = heard.ends.map(|end| end.port);
    told(heard.transport, ports, heard.midway, segments)
}

/// What is said of a flow between these ports whose bytes come in these segments.
pub(super) fn told<'a>(
    transport: Transport,
    ports: [u16; 2],
    midway: bool,
    segments: impl IntoIterator<Item = (Stamp, Direction, &'a [u8])>,
) -> Vec<Line> {
    let limits = decode::Limits::default();
    let mut conversation = Conversation::new(transport, midway);
    let mut lines = Vec::new();
    let mut say = |stamp: Stamp, from, said: Said<'_>| lines.push(Line::of(stamp, from, &said));
    let mut last = Stamp::default();
    for (stamp, from, bytes) in segments {
        last = stamp;
        conversation.feed(&limits, ports, stamp, from, bytes, &mut say);
    }
    conversation.close(&limits, ports, last, &mut say);
    lines
}

impl Shot {
    /// The frame with only its first bytes captured.
    pub(super) fn cut(&self, len: u64) -> Self {
        let mut cut = self.clone();
        cut.bytes.truncate(len as usize);
        cut
    }

    /// The frame at another time.
    pub(super) fn at(&self, time: Timestamp) -> Self {
        Self {
            time,
            ..self.clone()
        }
    }

    /// The frame as a reader hands it over.
    fn frame(&self) -> Frame<'_> {
        Frame {
            number: self.number,
            time: self.time,
            link: self.link,
            bytes: &self.bytes,
            wire_len: self.wire_len,
            source: 0,
        }
    }
}

impl Heard {
    pub(super) fn key(&self) -> Key {
        let mut ends = self.ends;
        ends.sort();
        (ends, self.transport)
    }

    /// Whether everything was heard, and was understood.
    pub(super) fn is_whole(&self) -> bool {
        let is_lost = |line: &Line| matches!(line.what, What::Lost(_));
        self.pieces.iter().all(|piece| piece.bytes.is_ok()) && !self.lines.iter().any(is_lost)
    }

    /// How many bytes an end sent, heard or missing.
    pub(super) fn sent_bytes(&self, end: End) -> u64 {
        let len = |piece: &Piece| {
            piece
                .bytes
                .as_ref()
                .map_or_else(|missing| *missing, |bytes| bytes.len() as u64)
        };
        self.sent(end).map(len).sum()
    }

    /// The frames that brought an end's bytes, in their order.
    pub(super) fn frames(&self, end: End) -> Vec<u64> {
        self.sent(end).map(|piece| piece.stamp.frame()).collect()
    }

    fn sent(&self, end: End) -> impl Iterator<Item = &Piece> {
        let pieces = self.pieces.iter();
        pieces.filter(move |piece| *piece.from.of(&self.ends) == end)
    }
}

impl Piece {
    /// Its bytes; a hole has none.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or_default()
    }
}

impl Line {
    fn of(stamp: Stamp, from: Direction, said: &Said<'_>) -> Self {
        let what = match said {
            Said::Operation(operation) => What::Operation(
                format!(
                    "{} {} {}",
                    operation.protocol,
                    operation.stage.name(),
                    operation.function.name
                ),
                serde_json::to_string(operation.detail).unwrap(),
            ),
            Said::Malformed(_) | Said::Resynchronised { .. } => What::Lost(format!("{said:?}")),
            Said::Recognised { .. } | Said::Part(_) | Said::Anomaly(_) => {
                What::Other(format!("{said:?}"))
            }
            Said::Unanswered {
                function, asked, ..
            } => What::Other(format!("unanswered {} of {}", function.name, asked.frame())),
        };
        Self {
            frame: stamp.frame(),
            from,
            what,
        }
    }
}

impl Hearing {
    /// The flows between the same two ends.
    pub(super) fn by_key(&self) -> BTreeMap<Key, Vec<&Heard>> {
        let mut flows: BTreeMap<Key, Vec<&Heard>> = BTreeMap::new();
        for heard in &self.flows {
            flows.entry(heard.key()).or_default().push(heard);
        }
        flows
    }

    fn heard(&mut self, flow: &Flow<Talk>) -> &mut Heard {
        &mut self.flows[flow.state.place]
    }

    /// Keeps a piece, and has it decoded.
    fn keep(
        &mut self,
        flow: &mut Flow<Talk>,
        stamp: Stamp,
        from: Direction,
        bytes: Result<&[u8], u64>,
    ) {
        let ports = flow.ends.map(|end| end.port);
        let limits = self.limits.clone();
        let heard = self.heard(flow);
        heard.pieces.push(Piece {
            stamp,
            from,
            bytes: bytes.map(<[u8]>::to_vec),
        });
        let lines = &mut heard.lines;
        let mut say = |stamp: Stamp, from, said: Said<'_>| lines.push(Line::of(stamp, from, &said));
        let conversation = flow.state.conversation.as_mut().unwrap();
        match bytes {
            Ok(bytes) => conversation.feed(&limits, ports, stamp, from, bytes, &mut say),
            Err(missing) => conversation.gap(stamp, from, missing, &mut say),
        }
    }
}

impl Listener for Hearing {
    type State = Talk;

    fn opened(&mut self, flow: &mut Flow<Talk>, stamp: Stamp) {
        flow.state.conversation = Some(Conversation::new(flow.transport, flow.midway));
        flow.state.place = self.flows.len();
        let heard = Heard {
            ends: flow.ends,
            transport: flow.transport,
            midway: flow.midway,
            pieces: Vec::new(),
            lines: Vec::new(),
        };
        self.owners.insert(stamp.frame(), heard.key());
        self.flows.push(heard);
    }

    fn bytes(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, bytes: &[u8]) {
        let key = self.heard(flow).key();
        self.owners.insert(stamp.frame(), key);
        self.keep(flow, stamp, from, Ok(bytes));
    }

    fn gap(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, missing_bytes: u64) {
        self.keep(flow, stamp, from, Err(missing_bytes));
    }

    fn conflict(&mut self, _: &mut Flow<Talk>, _: Stamp, _: Direction) {}

    fn closed(&mut self, flow: &mut Flow<Talk>, stamp: Stamp) {
        let ports = flow.ends.map(|end| end.port);
        let limits = self.limits.clone();
        let lines = &mut self.heard(flow).lines;
        let mut say = |stamp: Stamp, from, said: Said<'_>| lines.push(Line::of(stamp, from, &said));
        let conversation = flow.state.conversation.as_mut().unwrap();
        conversation.close(&limits, ports, stamp, &mut say);
    }

    fn sighted(&mut self, _: Host, _: Stamp) {}
}
