//! However many shards there are, the same frames come to the same incidents, inventory and counts.

use std::path::Path;

use bench::Polling;
use engine::{Device, Engine, Judges, Limits, Mode, Settings};
use model::{Frame, Incident, LinkType, Timestamp};

/// Everything that an engine came to.
#[derive(Debug, PartialEq)]
struct Outcome {
    incidents: Vec<String>,
    devices: Vec<String>,
    samples: Vec<String>,
}

/// A frame that owns its bytes.
struct Owned {
    bytes: Vec<u8>,
    time: Timestamp,
    number: u64,
    link: LinkType,
    wire_len: u32,
}

impl Owned {
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

/// How frames are handed over.
#[derive(Clone, Copy)]
enum Hand {
    OneByOne,
    Together,
}

fn run(judges: &Judges, frames: &[Frame<'_>], shards: usize, hand: Hand) -> Outcome {
    let settings = Settings {
        site: "site".into(),
        sensor: "sensor".into(),
        limits: Limits::default(),
        mode: Mode::Judge,
        shards,
    };
    let mut engine = Engine::new(settings, judges.clone(), None);
    match hand {
        Hand::OneByOne => frames.iter().for_each(|frame| engine.frame(frame)),
        Hand::Together => frames.chunks(5000).for_each(|some| engine.frames(some)),
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

fn same_by_any_number_of_shards(name: &str, judges: &Judges, frames: &[Frame<'_>]) -> usize {
    let one = run(judges, frames, 1, Hand::OneByOne);
    for (shards, hand) in [
        (1, Hand::Together),
        (2, Hand::OneByOne),
        (2, Hand::Together),
        (4, Hand::OneByOne),
        (4, Hand::Together),
    ] {
        let other = run(judges, frames, shards, hand);
        assert_eq!(other.incidents, one.incidents, "{name}, {shards} shards");
        assert_eq!(other.devices, one.devices, "{name}, {shards} shards");
        assert_eq!(other.samples, one.samples, "{name}, {shards} shards");
    }
    one.incidents.len()
}

/// The frames of a capture, so close together that many are in one second: what is taken by threads is taken within one.
fn squeezed(path: &Path, times: i64) -> Option<Vec<Owned>> {
    let mut owned = Vec::new();
    let mut capture = capture::CaptureFile::open(path).ok()?;
    let mut first = None;
    while let Some(frame) = capture.next().ok()? {
        let first = *first.get_or_insert(frame.time.as_nanos());
        owned.push(Owned {
            bytes: frame.bytes.to_vec(),
            time: Timestamp::from_nanos(first + (frame.time.as_nanos() - first) / times),
            number: frame.number,
            link: frame.link,
            wire_len: frame.wire_len,
        });
    }
    Some(owned)
}

#[test]
fn polling_of_many_pairs_with_strangers_among_them_is_judged_alike() {
    let normal = Polling::new(40, 50);
    let judges = bench::judges(&normal).unwrap();
    // pairs that nobody approved are among them
    let traffic = Polling::new(120, 50);
    let frames: Vec<_> = traffic.frames().collect();
    let incidents = same_by_any_number_of_shards("polling", &judges, &frames);
    assert!(incidents > 40, "{incidents} incidents");
}

#[test]
fn the_project_s_captures_come_to_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let judges = bench::judges(&Polling::new(4, 4)).unwrap();
    let mut incidents = 0;
    for entry in std::fs::read_dir(root.join("pcaps")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "pcap") {
            continue;
        }
        let name = path.display().to_string();
        for times in [1, 1000] {
            let owned = squeezed(&path, times).unwrap();
            let frames: Vec<_> = owned.iter().map(Owned::frame).collect();
            incidents += same_by_any_number_of_shards(&name, &judges, &frames);
        }
    }
    assert!(incidents > 20, "{incidents} incidents");
}
