//! An accelerated soak: captures over and over, hours of capture time apart, for as many capture-days as it is asked for.
//!
//! Time passes in between as on a quiet port, judges are replaced, and incidents are told as the sensor tells them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use capture::CaptureFile;
use engine::{Engine, Judges, Mode};
use model::{Counter, Frame, LinkType, Timestamp};

/// Captures that are played once in each round, and the engine that hears them.
pub struct Soak {
    engine: Engine,
    judges: Judges,
    captures: Vec<Capture>,
    now: Timestamp,
    fed: u64,
    /// How often each incident happened, by its identifier, as it was told last.
    // The ground truth grows with the days; it is given back after each.
    told: BTreeMap<String, u64>,
}

/// What a capture-day came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Day {
    /// Frames that were fed.
    pub fed: u64,
    /// Frames that the engine counts.
    pub counted: u64,
    /// Different incidents that were told.
    pub incidents: u64,
    /// How often they happened, as they were told last.
    pub happened: u64,
    /// Incidents that are held at its end.
    pub held: u64,
    /// Bytes on the heap more than at its beginning.
    pub grown_bytes: i64,
}

/// The frames of a capture, which begins at 0.
struct Capture(Vec<Kept>);

struct Kept {
    after: Duration,
    link: LinkType,
    bytes: Vec<u8>,
    wire_len: u32,
}

/// The project's captures, by name; `root` is the project's folder.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn soak_captures(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut captures = Vec::new();
    for entry in std::fs::read_dir(root.join("pcaps"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "pcap") {
            captures.push(path);
        }
    }
    captures.sort();
    Ok(captures)
}

impl Soak {
    /// How many times each capture is played in a day.
    pub const ROUNDS: u64 = 12;

    /// A soak with these captures; nothing where one cannot be read.
    pub fn new<'p>(judges: Judges, captures: impl Iterator<Item = &'p Path>) -> Option<Self> {
        Some(Self {
            engine: crate::engine(judges.clone(), Mode::Judge),
            judges,
            captures: captures.map(Capture::read).collect::<Option<_>>()?,
            now: Timestamp::from_nanos(START_NANOS),
            fed: 0,
            told: BTreeMap::new(),
        })
    }

    /// Lets a day of capture time pass.
    pub fn day(&mut self) -> Day {
        let (fed, counted) = (self.fed, self.counted());
        let mut day = Day {
            fed: 0,
            counted: 0,
            incidents: 0,
            happened: 0,
            held: 0,
            grown_bytes: 0,
        };
        let spent = allocation_counter::measure(|| {
            (0..Self::ROUNDS).for_each(|_| self.round());
            day.incidents = self.told.len() as u64;
            day.happened = self.told.values().sum();
            self.told = BTreeMap::new();
        });
        Day {
            fed: self.fed - fed,
            counted: self.counted() - counted,
            held: self.engine.incidents().len() as u64,
            grown_bytes: spent.bytes_current,
            ..day
        }
    }

    fn counted(&self) -> u64 {
        self.engine.tally().count(Counter::Frames)
    }

    /// Plays every capture, replaces the judges by equal ones, and waits for the next round.
    fn round(&mut self) {
        let next = self.now.after(APART);
        let captures = std::mem::take(&mut self.captures);
        for capture in &captures {
            for kept in &capture.0 {
                self.fed += 1;
                self.engine.frame(&Frame {
                    number: self.fed,
                    time: self.now.after(kept.after),
                    link: kept.link,
                    bytes: &kept.bytes,
                    wire_len: kept.wire_len,
                    source: 0,
                });
            }
            self.now = self.now.after(PAUSE);
            self.pass();
        }
        self.captures = captures;
        self.engine.replace(self.judges.clone());
        while self.now < next {
            self.now = self.now.after(PAUSE);
            self.pass();
        }
    }

    /// A beat of the sensor.
    fn pass(&mut self) {
        self.engine.advance(self.now);
        for incident in self.engine.changed(false) {
            self.told.insert(incident.id, incident.count);
        }
    }
}

impl Capture {
    fn read(path: &Path) -> Option<Self> {
        let mut capture = CaptureFile::open(path).ok()?;
        let (mut frames, mut first) = (Vec::new(), None);
        while let Some(frame) = capture.next().ok()? {
            let first = *first.get_or_insert(frame.time);
            frames.push(Kept {
                after: frame.time.since(first),
                link: frame.link,
                bytes: frame.bytes.to_vec(),
                wire_len: frame.wire_len,
            });
        }
        Some(Self(frames))
    }
}

const START_NANOS: i64 = 1_800_000_000_000_000_000;
/// Longer than an incident may be silent: the next round's are new ones.
const APART: Duration = Duration::from_secs(2 * 3600);
const PAUSE: Duration = Duration::from_secs(30);
