//! Writes traffic as a capture: `traffic modbus|s7|opcua|mix PAIRS FRAMES FILE`, the same bytes each time.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use bench::{Frames, Kind, Plant};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let written = match *words {
        [kind, pairs, frames, path] => match (Kind::named(kind), pairs.parse(), frames.parse()) {
            (Some(kind), Ok(pairs @ 1..), Ok(frames)) => {
                write(Plant::new(kind, pairs), frames, path)
            }
            _ => Err(io::Error::other(USAGE)),
        },
        _ => Err(io::Error::other(USAGE)),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Writes exactly `count` frames.
fn write(mut plant: Plant, count: usize, path: &str) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&Frames::PCAP_HEADER)?;
    let (mut frames, mut left) = (Frames::default(), count);
    plant.open(&mut frames);
    while left > 0 {
        frames.write_pcap(left, &mut file)?;
        left = left.saturating_sub(frames.len());
        frames.clear();
        plant.turn(&mut frames);
    }
    file.flush()
}

const USAGE: &str = "usage: traffic modbus|s7|opcua|mix PAIRS FRAMES FILE (pairs: 1 to 65535)";
