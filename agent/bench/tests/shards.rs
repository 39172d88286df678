//! However many shards there are, the same frames come to the same incidents, inventory and counts.

use std::path::Path;
use std::sync::Arc;

use bench::Kind;
use capture::CaptureFile;
use engine::{Device, Engine, Judges, Limits, Mode, Settings};
use model::{Batched, Frame, Frames, Incident, Listed, Listing, Tagger, Timestamp};

/// Everything that an engine came to.
#[derive(Debug, PartialEq)]
struct Outcome {
    incidents: Vec<String>,
    devices: Vec<String>,
    samples: Vec<String>,
}

/// Frames in one block, as they are read ahead; nothing is told of them yet.
#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    listed: Vec<Listed>,
}

/// Some frames of a block, with what was told of them.
struct Batch {
    bytes: Arc<[u8]>,
    listing: Listing,
    first: u64,
}

impl Block {
    fn add(&mut self, frame: &Frame<'_>, time: Timestamp) {
        self.listed.push(Listed {
            time,
            link: frame.link,
            wire_len: frame.wire_len,
            start: u32::try_from(self.bytes.len()).unwrap_or(u32::MAX),
            len: u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX),
        });
        self.bytes.extend(frame.bytes);
    }

    fn frames(&self) -> impl Iterator<Item = (Frame<'_>, &Listed)> {
        self.listed.iter().zip(1..).map(|(listed, number)| {
            let start = listed.start as usize;
            let frame = Frame {
                number,
                time: listed.time,
                link: listed.link,
                bytes: self
                    .bytes
                    .get(start..start + listed.len as usize)
                    .unwrap_or(&[]),
                wire_len: listed.wire_len,
                source: 0,
            };
            (frame, listed)
        })
    }

    /// All frames, so many at a time, with what is told of them, or without.
    fn told(&self, tagger: &Tagger, count: usize, is_told: bool) -> Vec<Arc<Batch>> {
        let bytes: Arc<[u8]> = self.bytes.as_slice().into();
        let mut batches: Vec<Batch> = Vec::new();
        for (frame, listed) in self.frames() {
            if (frame.number - 1).is_multiple_of(count as u64) {
                batches.push(Batch {
                    bytes: Arc::clone(&bytes),
                    listing: Listing::default(),
                    first: frame.number,
                });
            }
            if let Some(batch) = batches.last_mut() {
                batch.listing.push(*listed);
            }
        }
        let tell = |mut batch: Batch| {
            if is_told {
                batch.listing.tell(tagger, &bytes, (batch.first, 0));
            }
            Arc::new(batch)
        };
        batches.into_iter().map(tell).collect()
    }
}

impl Batched for Batch {
    fn frames(&self) -> Frames<'_> {
        Frames {
            bytes: &self.bytes,
            listing: &self.listing,
            first: self.first,
            source: 0,
        }
    }
}

/// How frames are handed over.
#[derive(Clone, Copy)]
enum Hand {
    OneByOne,
    Together,
    /// With what a tagger told of them.
    Told,
}

/// What a block comes to by so many shards.
fn run(judges: &Judges, block: &Block, shards: usize, hand: Hand) -> Outcome {
    let settings = Settings {
        site: "site".into(),
        sensor: "sensor".into(),
        limits: Limits::default(),
        mode: Mode::Judge,
        shards,
    };
    let mut engine = Engine::new(settings, judges.clone(), None);
    match hand {
        Hand::OneByOne => block.frames().for_each(|(frame, _)| engine.frame(&frame)),
        Hand::Together | Hand::Told => {
            let is_told = matches!(hand, Hand::Told);
            let batches = block.told(&engine.tagger(), 5000, is_told);
            let mut batches = batches.into_iter();
            engine.batches(|| batches.next());
        }
    }
    engine.finish();
    let shown = |incident: &Incident| format!("{incident:?}");
    let device = |device: &Device| format!("{device:?}");
    Outcome {
        incidents: engine.incidents().iter().map(shown).collect(),
        devices: engine.inventory().iter().map(device).collect(),
        samples: sorted(&engine),
    }
}

/// Everything that is exported.
fn sorted(engine: &Engine) -> Vec<String> {
    let samples = engine.samples().into_iter();
    let mut samples: Vec<_> = samples.map(|sample| format!("{sample:?}")).collect();
    samples.sort();
    samples
}

fn same_by_any_number_of_shards(name: &str, judges: &Judges, block: &Block) -> usize {
    let one = run(judges, block, 1, Hand::OneByOne);
    for (shards, hand) in [
        (1, Hand::Together),
        (1, Hand::Told),
        (2, Hand::OneByOne),
        (2, Hand::Told),
        (4, Hand::OneByOne),
        (4, Hand::Told),
    ] {
        let other = run(judges, block, shards, hand);
        assert_eq!(other.incidents, one.incidents, "{name}, {shards} shards");
        assert_eq!(other.devices, one.devices, "{name}, {shards} shards");
        assert_eq!(other.samples, one.samples, "{name}, {shards} shards");
    }
    one.incidents.len()
}

/// The frames of a capture, so close together that many are in one second: what is taken by threads is taken within one.
fn squeezed(path: &Path, times: i64) -> Option<Block> {
    let mut block = Block::default();
    let mut capture = CaptureFile::open(path).ok()?;
    let mut first = None;
    while let Some(frame) = capture.next().ok()? {
        let now = frame.time.as_nanos();
        let first = *first.get_or_insert(now);
        block.add(&frame, Timestamp::from_nanos(first + (now - first) / times));
    }
    Some(block)
}

#[test]
fn polling_of_many_pairs_with_strangers_among_them_is_judged_alike() {
    for kind in Kind::ALL {
        let judges = bench::judges(kind, 40).unwrap();
        // pairs that nobody approved are among them
        let mut block = Block::default();
        for frame in bench::traffic(kind, 120, 50).frames() {
            block.add(&frame, frame.time);
        }
        let incidents = same_by_any_number_of_shards(kind.name(), &judges, &block);
        assert!(incidents > 40, "{}: {incidents} incidents", kind.name());
    }
}

#[test]
fn a_flood_of_strangers_is_judged_alike() {
    let judges = bench::judges(Kind::Modbus, 40).unwrap();
    let mut block = Block::default();
    // more than shards have to say in one go
    for frame in bench::traffic(Kind::Modbus, 1_500, 4).frames() {
        block.add(&frame, frame.time);
    }
    let incidents = same_by_any_number_of_shards("strangers", &judges, &block);
    assert!(incidents > 1_000, "{incidents} incidents");
}

#[test]
fn the_project_s_captures_come_to_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let judges = bench::judges(Kind::Modbus, 4).unwrap();
    let mut incidents = 0;
    for entry in std::fs::read_dir(root.join("pcaps")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "pcap") {
            continue;
        }
        let name = path.display().to_string();
        for times in [1, 1000] {
            let block = squeezed(&path, times).unwrap();
            incidents += same_by_any_number_of_shards(&name, &judges, &block);
        }
    }
    assert!(incidents > 20, "{incidents} incidents");
}

#[test]
fn captures_of_others_come_to_the_same_incidents() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    if !folder.is_dir() {
        println!("skipped: there are no captures of others beside the project");
        return;
    }
    let judges = bench::judges(Kind::Modbus, 4).unwrap();
    let mut compared = 0;
    for protocol in std::fs::read_dir(folder).unwrap() {
        let protocol = protocol.unwrap().path();
        for entry in protocol.read_dir().into_iter().flatten() {
            let path = entry.unwrap().path();
            let is_small = path.metadata().is_ok_and(|data| data.len() < 200_000);
            let Some(block) = is_small.then(|| squeezed(&path, 1)).flatten() else {
                continue;
            };
            let one = run(&judges, &block, 1, Hand::OneByOne);
            let several = run(&judges, &block, 4, Hand::Told);
            assert_eq!(several.incidents, one.incidents, "{}", path.display());
            assert_eq!(several.devices, one.devices, "{}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared} captures");
}
