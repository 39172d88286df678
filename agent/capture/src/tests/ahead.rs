//! Files that are longer than the first window: what is read ahead comes to the same.

use std::io::Write;
use std::num::NonZeroU16;
use std::os::fd::AsRawFd;
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use model::{Batched as _, Mac, Tag, Tagger};

use super::built::{LITTLE, Seen, drain, gzipped, read, written};
use crate::{CaptureFile, More};

/// Frames of every length, together some megabytes: few bytes, and more than a block keeps room for.
fn frames() -> Vec<Vec<u8>> {
    let lens = (0..9_000).map(|number: usize| match number % 1_500 {
        700 => 256 << 10,
        800..803 => 65_535 + number % 3,
        _ => number * 7_919 % 600,
    });
    let filled = lens
        .enumerate()
        .map(|(number, len)| vec![number as u8; len]);
    filled.collect()
}

fn pcap(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut file = LITTLE.pcap(0xa1b2_c3d4, 1);
    for (frame, second) in frames.iter().zip(0..) {
        file.extend(LITTLE.record([second, 0], 0, frame, frame.len() as u32));
    }
    file
}

fn pcapng(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut file = [LITTLE.section(), LITTLE.interface(1, 0, &[])].concat();
    for (frame, second) in frames.iter().zip(0..) {
        let len = frame.len() as u32;
        file.extend(LITTLE.enhanced(0, second * 1_000_000, frame, len));
    }
    file
}

/// As many files are read ahead at a time as these tests use if one runs at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether files are read ahead on this machine.
fn has_cores() -> bool {
    thread::available_parallelism().is_ok_and(|cores| cores.get() > 1)
}

/// All of these frames must be read from a file, in order.
fn check(what: &str, file: &[u8], expected: &[Vec<u8>]) {
    let (frames, end) = read(file);
    assert_eq!((frames.len(), end), (expected.len(), Ok(())), "{what}");
    for (number, (frame, bytes)) in frames.iter().zip(expected).enumerate() {
        let nanos = number as i64 * 1_000_000_000;
        assert!(frame.bytes == *bytes, "{what}: bytes of frame {number}");
        assert_eq!(frame.nanos, nanos, "{what}: frame {number}");
    }
}

#[test]
fn a_long_file_is_read_whole() {
    let _alone = alone();
    let frames = frames();
    check("pcap", &pcap(&frames), &frames);
    check("pcapng", &pcapng(&frames), &frames);
    check("gzip", &gzipped(&pcap(&frames)), &frames);
}

/// Every frame of a file, taken many at a time where they can be; and how many batches there were. `singly` frames are asked for
/// by themselves before each batch.
fn taken(capture: &mut CaptureFile, singly: usize) -> (Vec<Seen>, usize) {
    let (mut seen, mut batches) = (Vec::new(), 0);
    loop {
        for _ in 0..singly {
            seen.extend(capture.next().unwrap().map(Seen::from));
        }
        match capture.more().unwrap() {
            Some(More::One(frame)) => seen.push(frame.into()),
            Some(More::Many(batch)) => {
                let frames = batch.frames();
                let all = (0..batch.len()).map(|place| frames.at(place).unwrap().into());
                seen.extend(all);
                batches += 1;
            }
            None => return (seen, batches),
        }
    }
}

#[test]
fn what_is_taken_many_at_a_time_is_what_is_read_one_by_one() {
    let _alone = alone();
    let frames = frames();
    for file in [pcap(&frames), pcapng(&frames), gzipped(&pcap(&frames))] {
        let (one_by_one, _) = read(&file);
        let file = written(&file);
        for (singly, is_shared) in [(0, false), (1, false), (0, true), (1, true)] {
            let mut capture = CaptureFile::open(file.path()).unwrap();
            if is_shared {
                capture = capture.shared();
            }
            let (seen, batches) = taken(&mut capture, singly);
            assert!(seen == one_by_one, "{} frames", seen.len());
            let is_ahead = is_shared || has_cores();
            let expected = if is_ahead && singly == 0 { 3 } else { 0 };
            assert!(batches >= expected, "{batches} batches");
            assert_eq!(capture.position_bytes(), capture.len_bytes());
        }
    }
}

#[test]
fn a_batch_outlives_its_file_and_others_go_on_without_it() {
    let _alone = alone();
    if !has_cores() {
        return;
    }
    let frames = frames();
    let file = written(&pcap(&frames));
    let mut capture = CaptureFile::open(file.path()).unwrap();
    let first = loop {
        match capture.more().unwrap() {
            Some(More::Many(batch)) => break batch,
            Some(More::One(_)) => {}
            None => panic!("nothing was read ahead"),
        }
    };
    let shared = first.clone();
    let number = first.frames().first + first.len() as u64;
    drop(first);
    assert_eq!(capture.next().unwrap().unwrap().number, number);
    let (rest, _) = taken(&mut capture, 0);
    assert_eq!(rest.last().unwrap().number, 9_000);
    drop(capture);
    let (frame, place) = (shared.frames().at(0).unwrap(), shared.frames().first - 1);
    assert!(frame.bytes == frames[place as usize]);
}

#[test]
fn a_shared_file_tells_of_its_damage_once_behind_its_frames() {
    let _alone = alone();
    let frames = frames();
    let mut bytes = pcap(&frames);
    bytes.truncate(bytes.len() - 1);
    let file = written(&bytes);
    let mut capture = CaptureFile::open(file.path()).unwrap().shared();
    let mut seen = 0;
    let damage = loop {
        match capture.more() {
            Ok(Some(More::One(_))) => seen += 1,
            Ok(Some(More::Many(batch))) => seen += batch.len(),
            Ok(None) => panic!("the damage was not told"),
            Err(damage) => break damage,
        }
    };
    assert_eq!((seen, damage.frames), (8_999, 8_999));
    assert!(capture.more().unwrap().is_none());
    assert!(capture.batch().unwrap().is_none());
}

#[test]
fn what_is_read_ahead_is_tagged_and_nothing_else() {
    let _alone = alone();
    let frames = frames();
    let file = written(&pcap(&frames));
    let tagger = Tagger::of_tags(|frame| {
        (frame.number % 3 == 0).then_some(Tag {
            flow: frame.number,
            ips: [frame.bytes.len() as u32, frame.wire_len],
            ports: [0; 2],
            seq: frame.time.as_nanos() as u32,
            ack: 0,
            print: 0,
            payload_start: NonZeroU16::MIN,
            payload_len: 0,
            source: Mac::default(),
        })
    });
    let mut capture = CaptureFile::open(file.path()).unwrap().tagged(tagger);
    let mut tags = 0;
    while let Some(more) = capture.more().unwrap() {
        let More::Many(batch) = more else {
            continue;
        };
        let listing = batch.frames().listing;
        let told = listing.tags(0..listing.len());
        assert_eq!(told.len(), batch.len());
        for (place, tag) in told.iter().enumerate() {
            let frame = batch.frames().at(place).unwrap();
            let told = tag.map(|tag| (tag.flow, tag.ips, tag.seq));
            let len = frame.bytes.len() as u32;
            let expected = (frame.number, [len; 2], frame.time.as_nanos() as u32);
            assert_eq!(told, (frame.number % 3 == 0).then_some(expected));
            tags += usize::from(told.is_some());
        }
    }
    assert!(!has_cores() || tags > 1_000, "{tags}");
}

#[test]
fn more_files_than_are_read_ahead_at_a_time_are_read_whole() {
    let _alone = alone();
    let frames = frames();
    let file = written(&pcap(&frames));
    let open = || CaptureFile::open(file.path()).unwrap();
    let mut files: Vec<_> = (0..7).map(|_| open()).collect();
    for frame in &frames {
        for file in &mut files {
            assert!(file.next().unwrap().unwrap().bytes == *frame);
        }
    }
    let ends = files.iter_mut().map(|file| file.next().unwrap().is_none());
    assert!(ends.into_iter().all(|is_over| is_over));
    let mut next = open();
    let (_, batches) = taken(&mut next, 0);
    assert!(
        !has_cores() || batches > 2,
        "{batches} batches: their turns are free again"
    );
}

#[test]
fn a_long_file_that_ends_early_tells_where() {
    let _alone = alone();
    let frames = frames();
    let whole = pcap(&frames);
    for (kept, lost) in [(8_999, 1), (8_700, 7), (4_000, 15), (1_501, 100)] {
        let start = pcap(&frames[..kept]).len();
        let next = pcap(&frames[..=kept]).len();
        let cut = start + lost.min(next - start - 1);
        let (read, end) = read(&whole[..cut]);
        let damage = end.unwrap_err();
        assert_eq!((read.len(), damage.frames), (kept, kept as u64));
        assert_eq!(damage.offset, start as u64);
        let words = format!("after {} bytes of it", cut - start);
        assert!(damage.why.contains(&words), "{} lacks {words}", damage.why);
    }
}

#[test]
fn a_long_gzip_that_is_corrupt_gives_what_comes_before() {
    let _alone = alone();
    let frames = frames();
    let mut file = gzipped(&pcap(&frames));
    let sound = gzipped(&pcap(&frames[..6_000])).len();
    file.truncate(sound);
    let (read, end) = read(&file);
    let damage = end.unwrap_err();
    assert!(read.len() > 5_000, "{}", read.len());
    assert_eq!(damage.offset, pcap(&frames[..read.len()]).len() as u64);
    assert!(damage.why.contains("cannot be read: "), "{}", damage.why);
}

#[test]
fn progress_through_a_long_file_is_what_was_used_up() {
    let _alone = alone();
    let frames = frames();
    let plain = pcap(&frames);
    let file = written(&plain);
    let mut capture = CaptureFile::open(file.path()).unwrap();
    let mut used = 24;
    for frame in &frames {
        capture.next().unwrap();
        used += 16 + frame.len() as u64;
        assert_eq!(capture.position_bytes(), used);
    }
    let file = written(&gzipped(&plain));
    let mut capture = CaptureFile::open(file.path()).unwrap();
    let mut before = 0;
    while capture.next().unwrap().is_some() {
        let now = capture.position_bytes();
        assert!(before <= now && now <= capture.len_bytes());
        before = now;
    }
    assert_eq!(capture.position_bytes(), capture.len_bytes());
}

#[test]
fn a_long_pipe_gives_its_frames_while_it_is_open() {
    let _alone = alone();
    let (reader, mut writer) = std::io::pipe().unwrap();
    let frames = frames();
    let file = pcap(&frames);
    let (done, is_done) = channel();
    let writing = thread::spawn(move || {
        writer.write_all(&file).unwrap();
        is_done.recv().unwrap();
    });
    let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
    let mut capture = CaptureFile::open(path).unwrap();
    for frame in &frames {
        assert!(capture.next().unwrap().unwrap().bytes == *frame);
    }
    done.send(()).unwrap();
    writing.join().unwrap();
    let (rest, end) = drain(&mut capture);
    assert_eq!((rest.len(), end), (0, Ok(())));
    assert_eq!(capture.position_bytes(), 0);
}
