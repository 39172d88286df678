//! Writes traffic as a capture: `traffic modbus|s7|opcua|mix PAIRS FRAMES FILE [HOSTS]`, the same bytes each time.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use bench::{Frames, Kind, Plant};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match read(&words).map_or_else(|| Err(io::Error::other(USAGE)), |asked| asked.write()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// A plant, and how many frames of it go into which file.
struct Asked<'a> {
    plant: Plant,
    frames: usize,
    path: &'a str,
}

fn read<'a>(words: &[&'a str]) -> Option<Asked<'a>> {
    let (kind, pairs, frames, path, hosts) = match *words {
        [kind, pairs, frames, path] => (kind, pairs, frames, path, None),
        [kind, pairs, frames, path, hosts] => (kind, pairs, frames, path, Some(hosts)),
        _ => return None,
    };
    let kind = Kind::named(kind)?;
    let plant = match hosts {
        None => Plant::new(kind, pairs.parse().ok().filter(|pairs| *pairs > 0)?),
        Some(hosts) => Plant::among(
            kind,
            pairs.parse().ok().filter(|pairs| *pairs > 0)?,
            hosts.parse().ok().filter(|hosts| *hosts > 0)?,
        ),
    };
    Some(Asked {
        plant,
        frames: frames.parse().ok()?,
        path,
    })
}

impl Asked<'_> {
    /// Writes exactly so many frames.
    fn write(mut self) -> io::Result<()> {
        let mut file = BufWriter::new(File::create(self.path)?);
        file.write_all(&Frames::PCAP_HEADER)?;
        let (mut frames, mut left) = (Frames::default(), self.frames);
        self.plant.open(&mut frames);
        while left > 0 {
            frames.write_pcap(left, &mut file)?;
            left = left.saturating_sub(frames.len());
            frames.clear();
            self.plant.turn(&mut frames);
        }
        file.flush()
    }
}

const USAGE: &str = "usage: traffic modbus|s7|opcua|mix PAIRS FRAMES FILE [HOSTS]\n\
    each pair has two hosts of its own (1 to 65535 pairs), or all are among so many clients and as many servers";
