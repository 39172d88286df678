//! Files that are longer than the first window: what is read ahead comes to the same.

use std::io::Write;
use std::os::fd::AsRawFd;
use std::sync::mpsc::channel;
use std::thread;

use super::built::{LITTLE, drain, gzipped, read, written};
use crate::CaptureFile;

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
    let frames = frames();
    check("pcap", &pcap(&frames), &frames);
    check("pcapng", &pcapng(&frames), &frames);
    check("gzip", &gzipped(&pcap(&frames)), &frames);
}

#[test]
fn more_files_than_are_read_ahead_at_a_time_are_read_whole() {
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
}

#[test]
fn a_long_file_that_ends_early_tells_where() {
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
