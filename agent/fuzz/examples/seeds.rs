//! Seeds from captures: `cargo run --release --example seeds -- FOLDER…` fills `corpus/<target>`.
//!
//! Of every capture below the folders: its frames for `frames`, its flows' bytes for
//! `conversation` and for the decoder of their protocol, its own first bytes for `capture_file`;
//! of every YAML file, its text for `policy`, and of every folder of such with what it extends, all
//! texts as one. `corpus/policy.dict` gets the words of the policy language. Long ones are cut into some pieces, taken from all
//! over, so that each input stays small enough to be changed often.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use capture::CaptureFile;
use decode::{Conversation, Limits, PROTOCOLS};
use flow::{Flow, Flows, Listener};
use fuzz::folder;
use fuzz::seed::{Frames, Steps};
use model::{Direction, Frame, Host, Stamp, Transport};
use serde_json::Value;

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
        let files = files(Path::new(&folder));
        for path in &files {
            sow(path)?;
        }
        let is_policy = |path: &&PathBuf| path.extension().is_some_and(|it| it == "yaml");
        let folders = files.iter().filter(is_policy).filter_map(|it| it.parent());
        for folder in folders.collect::<BTreeSet<_>>() {
            sow_policy(folder)?;
        }
    }
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    std::fs::create_dir_all(&corpus)?;
    std::fs::write(corpus.join("policy.dict"), dictionary())
}

/// A policy's own files and those that they name, as one input.
fn sow_policy(folder: &Path) -> std::io::Result<()> {
    let files = policy::Sources::of(folder).files;
    let text = |path: &PathBuf| {
        Some(policy::Text {
            name: path.to_string_lossy().trim_start_matches("../").to_owned(),
            text: std::fs::read_to_string(path).ok()?,
        })
    };
    let texts: Vec<_> = files.iter().filter_map(text).collect();
    keep("policy", folder::join(&texts).as_bytes())
}

/// Every key and word of the policy language, and pieces of what has a grammar of its own, as libFuzzer
/// takes them.
fn dictionary() -> String {
    let protocols = PROTOCOLS.iter().map(|protocol| protocol.vocabulary);
    let words: Vec<_> = protocols.collect();
    let mut entries = BTreeSet::new();
    gather(&policy::schema(&words), &mut entries);
    entries.extend(PIECES_OF_POLICIES.map(str::to_owned));
    let quoted = |entry: &String| entry.replace('\\', "\\\\").replace('"', "\\\"");
    let lines = entries
        .iter()
        .filter(|entry| entry.is_ascii() && !entry.is_empty());
    lines
        .map(|entry| format!("\"{}\"\n", quoted(entry).replace('\n', "\\x0A")))
        .collect()
}

/// The names of a schema's properties, and the words that it lists.
fn gather(schema: &Value, entries: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("properties", Value::Object(keys)) => {
                        entries.extend(keys.keys().map(|key| format!("{key}: ")));
                    }
                    ("enum" | "examples", Value::Array(words)) => {
                        let words = words.iter().filter_map(Value::as_str);
                        entries.extend(words.map(str::to_owned));
                    }
                    _ => {}
                }
                gather(value, entries);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, entries)),
        _ => {}
    }
}

/// What no schema lists: sentences of invariants, templates, times, values, targets.
const PIECES_OF_POLICIES: [&str; 38] = [
    "no path from ",
    " to verb ",
    " to zone ",
    " at level ",
    " on asset ",
    " in zone ",
    " with role ",
    "only role ",
    " has a path to ",
    "every path from ",
    " is encrypted",
    " except by permit",
    "no zone",
    "${site}",
    "${net}.10.0/24",
    "$$",
    "extends: ../",
    "\n# file: ",
    "remove",
    "overlay:\n  ",
    "06:00-14:00",
    "22:00-06:00",
    "mon-fri",
    "Europe/Berlin",
    "2026-06-10",
    "2026-06-10T06:00+02:00",
    "10/1m",
    "..380",
    "20..380 degC",
    "holding:40-49",
    "DB10:0-19",
    "DB:*",
    "block:OB*",
    "ns=2;s=Pump.*",
    "rack 0 slot 2",
    "behind: ",
    "\n  ",
    "\n      - ",
];

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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
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
            self.inputs
                .push(Steps::new(self.transport, midway, self.port));
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
