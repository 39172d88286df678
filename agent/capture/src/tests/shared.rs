//! Captures that others made, beside the repository: every frame is read, and in the `format`
//! folder with the time and lengths that an independent reader gives.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::{CaptureFile, Timeline};

/// The folder of captures, or none, saying so.
fn captures() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let folder = root.join("shared/captures");
    let there = folder.join("MANIFEST.tsv").is_file();
    if !there {
        println!("skipped: no captures at {}", folder.display());
    }
    there.then_some(folder)
}

/// Each capture with the number of its frames, as the manifest has them.
fn manifest(folder: &Path) -> Vec<(PathBuf, u64)> {
    let table = fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let mut lines = table
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = |name| head.iter().position(|cell| *cell == name).unwrap();
    let (file, frames) = (column("file"), column("frames"));
    lines
        .map(|row| (folder.join(row[file]), row[frames].parse().unwrap()))
        .collect()
}

#[test]
fn every_frame_of_the_shared_captures_is_read() {
    let Some(folder) = captures() else { return };
    let mut total = 0;
    for (path, frames) in manifest(&folder) {
        let mut capture = CaptureFile::open(&path).unwrap();
        while let Some(frame) = capture.next().unwrap() {
            total += 1;
            assert!(frame.bytes.len() <= frame.wire_len as usize, "{path:?}");
            assert!(
                frame.number <= frames,
                "{path:?} has more than {frames} frames"
            );
        }
        assert_eq!(capture.frame().number, frames, "{path:?}");
        assert_eq!(capture.position_bytes(), capture.len_bytes(), "{path:?}");
    }
    println!("{total} frames");
}

#[test]
fn all_shared_captures_as_one_timeline_lose_no_frame() {
    let Some(folder) = captures() else { return };
    let (paths, frames): (Vec<_>, Vec<_>) = manifest(&folder).into_iter().unzip();
    let mut timeline = Timeline::open(paths).unwrap();
    let mut seen = vec![0; frames.len()];
    while let Some(frame) = timeline.next() {
        seen[usize::from(frame.source)] += 1;
    }
    assert_eq!(seen, frames);
    assert_eq!(timeline.damages(), []);
}

/// Time in text, wire length and captured length of each frame, as an independent reader has them.
fn oracle(path: &Path) -> Vec<(String, u32, usize)> {
    let table = path.with_added_extension("tshark.tsv.gz");
    let table = BufReader::new(MultiGzDecoder::new(BufReader::new(
        File::open(table).unwrap(),
    )));
    let rows = table.lines().skip(1).map(|line| {
        let line = line.unwrap();
        let mut cells = line.split('\t').skip(1);
        let mut cell = || cells.next().unwrap().to_owned();
        (cell(), cell().parse().unwrap(), cell().parse().unwrap())
    });
    rows.collect()
}

#[test]
fn times_and_lengths_of_the_format_captures_are_those_of_an_independent_reader() {
    let Some(folder) = captures() else { return };
    let format = folder.join("format");
    let paths = manifest(&folder).into_iter().map(|(path, _)| path);
    for path in paths.filter(|path| path.starts_with(&format)) {
        let mut capture = CaptureFile::open(&path).unwrap();
        for (time, wire, captured) in oracle(&path) {
            let frame = capture.next().unwrap().unwrap();
            assert_eq!(
                (frame.wire_len, frame.bytes.len()),
                (wire, captured),
                "{path:?}"
            );
            let nanos = frame.time.as_nanos();
            let (seconds, nanos) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
            if !time.is_empty() {
                assert_eq!(format!("{seconds}.{nanos:09}"), time, "{path:?}");
            }
        }
    }
}
