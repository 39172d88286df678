//! Writes the large policy of the benchmarks: `policy ZONES FILE`, with ten assets and ten conduits a zone.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let [zones, file] = words.as_slice() else {
        return Err("usage: policy ZONES FILE".into());
    };
    std::fs::write(file, bench::large_policy(zones.parse()?))?;
    Ok(())
}
