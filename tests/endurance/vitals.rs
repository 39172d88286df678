//! What a process has, as the kernel tells: memory, open files, threads. And that drawn over the frames that it was sent.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a process has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vitals {
    /// Memory that is in the machine's, the mapped rings with it (`VmRSS`).
    pub(super) resident_kib: u64,
    /// Of it what is of no file and no ring (`RssAnon`).
    pub(super) own_kib: u64,
    /// Open files.
    pub(super) handles: u64,
    pub(super) threads: u64,
}

impl Vitals {
    /// Those of a process that runs.
    pub(super) fn of(process: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let number = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let words = line.unwrap_or_else(|| panic!("no {name} in {status}"));
            words.split_whitespace().next().unwrap().parse().unwrap()
        };
        Self {
            resident_kib: number("VmRSS:"),
            own_kib: number("RssAnon:"),
            threads: number("Threads:"),
            handles: files(process).len() as u64,
        }
    }
}

/// The files that a process has open, by name.
pub(super) fn files(process: u32) -> Vec<PathBuf> {
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let paths = open.filter_map(|entry| entry.ok().map(|it| it.path()));
    paths
        .filter_map(|path| std::fs::read_link(path).ok())
        .collect()
}

/// A look at the sensor on a day, so many frames after the beginning; `life` counts its starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) frames: u64,
    pub(super) day: u8,
    pub(super) life: u64,
    /// How many strangers wrote in this life.
    pub(super) strangers: u64,
    pub(super) vitals: Vitals,
}

/// Draws looks as a picture: memory and open files over frames, one line for each life.
pub(super) fn draw(path: &Path, looks: &[Look]) {
    let all = |of: fn(&Look) -> u64| looks.iter().map(of).max().unwrap_or(1).max(1);
    let frames = all(|look| look.frames);
    let panels = [
        Panel {
            top: 20,
            of: |look| look.vitals.own_kib,
            words: "KiB resident beside the ring",
            color: "#1f6f8b",
        },
        Panel {
            top: 150,
            of: |look| look.vitals.handles,
            words: "open files",
            color: "#8b4f1f",
        },
    ];
    let mut picture = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 660 290\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"660\" height=\"290\" fill=\"white\"/>\n",
    );
    for Panel {
        top,
        of,
        words,
        color,
    } in panels
    {
        let (most, bottom) = (all(of), top + 100);
        let axes = format!("M40 {top}V{bottom}H640");
        let _ = writeln!(
            picture,
            "<path d=\"{axes}\" fill=\"none\" stroke=\"black\"/>\n\
             <text x=\"44\" y=\"{}\">at most {most} {words}</text>",
            top - 4
        );
        for life in looks.chunk_by(|one, next| one.life == next.life) {
            let mut points = String::new();
            for look in life {
                let (x, y) = (
                    40 + look.frames * 600 / frames,
                    bottom - of(look) * 90 / most,
                );
                let _ = write!(points, "{x},{y} ");
            }
            let _ = writeln!(
                picture,
                "<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>"
            );
        }
    }
    let millions = frames as f64 / 1e6;
    let _ = writeln!(
        picture,
        "<text x=\"640\" y=\"275\" text-anchor=\"end\">{millions:.1} million frames; a line ends where the sensor was ended</text>\n</svg>"
    );
    std::fs::write(path, picture).unwrap();
}

/// One of the curves.
struct Panel {
    top: u64,
    of: fn(&Look) -> u64,
    words: &'static str,
    color: &'static str,
}
