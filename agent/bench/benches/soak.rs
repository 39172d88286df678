//! An accelerated soak of the engine: the project's captures over and over for capture-days, policy and rules on, judges
//! replaced in every round.
//!
//! `cargo bench -p bench --bench soak [-- DAYS [CURVE.svg]]`: 24 days unless told otherwise. It prints what each day came to and
//! how much memory the process has, and draws that.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use bench::{Day, Soak, words};
use detect::Rules;
use engine::Judges;
use policy::Policy;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let words = std::env::args().skip(1);
    let words: Vec<_> = words.filter(|word| !word.starts_with('-')).collect();
    let days = words.first().map_or(Ok(24), |days| days.parse::<u32>())?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let captures: Vec<_> = bench::soak_captures(&root)?;
    let paths = captures.iter().map(std::path::PathBuf::as_path);
    let mut soak = Soak::new(judges(&root)?, paths).ok_or("a capture cannot be read")?;
    println!("day     frames    counted  incidents  happened  held  heap grown      resident");
    let mut curve = Vec::new();
    for number in 1..=days {
        let Day {
            fed,
            counted,
            incidents,
            happened,
            held,
            grown_bytes,
        } = soak.day();
        let resident = resident_kib()?;
        curve.push(resident);
        println!(
            "{number:>3} {fed:>10} {counted:>10} {incidents:>10} {happened:>9} {held:>5} {grown_bytes:>11} {resident:>9} KiB"
        );
    }
    if let Some(path) = words.get(1) {
        std::fs::write(path, drawn(&curve))?;
    }
    Ok(())
}

fn judges(root: &Path) -> Result<Judges, Error> {
    let shown = |problems: Vec<model::Problem>| format!("{problems:?}");
    let loaded = Policy::load(&root.join("policies/plant"), &words()).map_err(shown)?;
    Ok(Judges {
        policy: Some(Arc::new(loaded.policy)),
        baseline: None,
        rules: Some(Arc::new(Rules::shipped(&words()).map_err(shown)?)),
    })
}

/// How much memory of this process is in the machine's.
fn resident_kib() -> Result<u64, Error> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmRSS")?.parse()?)
}

/// A curve over days.
fn drawn(resident_kib: &[u64]) -> String {
    let most = resident_kib.iter().copied().max().unwrap_or(1).max(1);
    let step = 600 / resident_kib.len().max(1) as u64;
    let mut points = String::new();
    for (day, kib) in (0..).zip(resident_kib) {
        let y = 180 - kib * 160 / most;
        // Writing into a text does not fail.
        let _ = write!(points, "{},{y} ", 40 + day * step);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 660 210\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"660\" height=\"210\" fill=\"white\"/>\n\
         <path d=\"M40 20V180H640\" fill=\"none\" stroke=\"black\"/>\n\
         <polyline points=\"{points}\" fill=\"none\" stroke=\"#1f6f8b\" stroke-width=\"2\"/>\n\
         <text x=\"44\" y=\"16\">{most} KiB resident</text>\n\
         <text x=\"640\" y=\"200\" text-anchor=\"end\">{} capture-days</text>\n</svg>\n",
        resident_kib.len()
    )
}
