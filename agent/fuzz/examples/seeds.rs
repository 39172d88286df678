//! Seeds from captures: `cargo run --release --example seeds -- FOLDER…` fills `corpus/<target>`.
//!
//! Of every capture below the folders: its frames for `frames`, its flows' bytes for
//! `conversation` and for the decoder of their protocol, its own first bytes for `capture_file`;
//! of every YAML file, its text for `policy`. Long ones are cut into some pieces, taken from all
//! over, so that each input stays small enough to be changed often.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use capture::CaptureFile;
use decode::{Conversation, Limits};
use flow::{Flow, Flows, Listener};
use fuzz::seed::{Frames, Steps};
use model::{Direction, Frame, Host, Stamp, Transport};

/// About how many bytes one input has.
const INPUT_BYTES: usize = 4 << 10;
/// About how many bytes one input has of a protocol that needs a handshake to be understood.
const LONG_INPUT_BYTES: usize = 12 << 10;
/// How many inputs one flow gives, and one capture's frames.
const PIECES: usize = 6;
/// How many flows of one protocol one capture gives.
const FLOWS: usize = 12;

fn main() -> std::io::Result<()> {
    for folder in std::env::args_os().skip(1) {
        for path in files(Path::new(&folder)) {
            sow(&path)?;
        }
    }
    Ok(())
}

/// Every file in a folder and below.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn sow(path: &Path) -> std::io::Result<()> {
    let name = path.to_string_lossy();
    if name.ends_with(".yaml") {
        return keep("policy", &std::fs::read(path)?);
    }
    if !name.contains(".pcap") || name.ends_with(".tsv.gz") || name.ends_with(".json.gz") {
        return Ok(());
    }
    let bytes = std::fs::read(path)?;
    keep("capture_file", bytes.get(..INPUT_BYTES).unwrap_or(&bytes))?;
    let Ok(mut file) = CaptureFile::open(path) else {
        return Ok(());
    };
    let mut flows = Flows::<Talk>::new(flow::Limits::default());
    let mut gathering = Gathering::default();
    while let Ok(Some(frame)) = file.next() {
        gathering.frame(&frame);
        flows.frame(&frame, &mut gathering);
    }
    flows.finish(&mut gathering);
    gathering.keep()
}

/// Writes an input under the name of its content.
fn keep(target: &str, input: &[u8]) -> std::io::Result<()> {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("seed-{:016x}", hasher.finish())), input)
}

/// What a flow remembers: its conversation, and its place among the told.
#[derive(Default)]
struct Talk {
    conversation: Option<Conversation>,
    place: usize,
}

/// The inputs of one capture.
#[derive(Default)]
struct Gathering {
    frames: Vec<Frames>,
    told: Vec<Told>,
    limits: Limits,
}

/// One flow's bytes, cut into inputs.
struct Told {
    transport: Transport,
    midway: bool,
    port: u16,
    inputs: Vec<Steps>,
    protocol: Option<&'static str>,
}

impl Told {
    fn step(&mut self, from: Direction, bytes: Option<&[u8]>) {
        let is_full = |input: &Steps| input.bytes().len() > LONG_INPUT_BYTES;
        if self.inputs.last().is_none_or(is_full) {
            let midway = self.midway || !self.inputs.is_empty();
            self.inputs.push(Steps::new(self.transport, midway, self.port));
        }
        match (self.inputs.last_mut(), bytes) {
            (Some(input), Some(bytes)) => input.feed(from, bytes),
            (Some(input), None) => input.gap(from),
            (None, _) => {}
        }
    }
}

impl Gathering {
    fn frame(&mut self, frame: &Frame<'_>) {
        let is_full = |frames: &Frames| frames.bytes().len() > INPUT_BYTES;
        if self.frames.last().is_none_or(is_full) {
            self.frames.push(Frames::default());
        }
        if let Some(frames) = self.frames.last_mut() {
            frames.push(frame);
        }
    }

    fn keep(&self) -> std::io::Result<()> {
        for frames in spread(&self.frames, PIECES) {
            keep("frames", frames.bytes())?;
        }
        let mut protocols: BTreeMap<_, Vec<&Told>> = BTreeMap::new();
        for told in &self.told {
            protocols.entry(told.protocol).or_default().push(told);
        }
        for (protocol, flows) in protocols {
            for input in spread(&flows, FLOWS).flat_map(|told| spread(&told.inputs, PIECES)) {
                keep("conversation", input.bytes())?;
                if let Some(protocol) = protocol {
                    keep(protocol, input.bytes())?;
                }
            }
        }
        Ok(())
    }
}

/// The first of many, and some from all over.
fn spread<T>(many: &[T], most: usize) -> impl Iterator<Item = &T> {
    many.iter().step_by(many.len().div_ceil(most).max(1))
}

impl Listener for Gathering {
    type State = Talk;

    fn opened(&mut self, flow: &mut Flow<Talk>, _: Stamp) {
        flow.state.conversation = Some(Conversation::new(flow.transport, flow.midway));
        flow.state.place = self.told.len();
        let [first, second] = flow.ends;
        self.told.push(Told {
            transport: flow.transport,
            midway: flow.midway,
            port: first.port.min(second.port),
            inputs: Vec::new(),
            protocol: None,
        });
    }

    fn bytes(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, bytes: &[u8]) {
        let ports = flow.ends.map(|end| end.port);
        let told = &mut self.told[flow.state.place];
        told.step(from, Some(bytes));
        if let Some(conversation) = &mut flow.state.conversation {
            conversation.feed(&self.limits, ports, stamp, from, bytes, &mut |_, _, _| {});
            told.protocol = conversation.protocol().map(|it| it.vocabulary.name);
        }
    }

    fn gap(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, missing: u64) {
        self.told[flow.state.place].step(from, None);
        if let Some(conversation) = &mut flow.state.conversation {
            conversation.gap(stamp, from, missing, &mut |_, _, _| {});
        }
    }

    fn conflict(&mut self, _: &mut Flow<Talk>, _: Stamp, _: Direction) {}
    fn closed(&mut self, _: &mut Flow<Talk>, _: Stamp) {}
    fn sighted(&mut self, _: Host, _: Stamp) {}
}
