//! What is played into the plant, and recorded of the mirror port.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Mirror, Running, inside};
use crate::records;
use crate::support::stderr;

impl Mirror {
    /// Plays a capture as fast as it was recorded until it is over or what is returned goes.
    pub(crate) fn play_in_time(&self, capture: &Path) -> Running {
        let mut player = inside(&self.plant, "tcpreplay");
        player.args(["--quiet", SLEEPING, "--intf1=plant"]);
        Running::start(player.arg(capture))
    }

    /// The same, with the frames of one host to the second port and the others to the first.
    pub(crate) fn play_in_two(&self, capture: &Path, mac: &str) -> Running {
        let cache = self.folder.path().join("directions.cache");
        let prepared = Command::new("tcpprep")
            .arg(format!("--mac={mac}"))
            .arg(format!("--pcap={}", capture.display()))
            .arg(format!("--cachefile={}", cache.display()))
            .output()
            .unwrap();
        assert!(prepared.status.success(), "{}", stderr(&prepared));
        let mut player = inside(&self.plant, "tcpreplay");
        player.args(["--quiet", SLEEPING, "--intf1=plant2", "--intf2=plant"]);
        player.arg(format!("--cachefile={}", cache.display()));
        Running::start(player.arg(capture))
    }

    /// Plays captures into the plant; how many frames that were.
    pub(crate) fn play(&self, captures: &[PathBuf]) -> u64 {
        self.play_into("plant", captures)
    }

    /// Plays captures into a cable of the plant; how many frames that were.
    pub(crate) fn play_into(&self, cable: &str, captures: &[PathBuf]) -> u64 {
        let mut player = inside(&self.plant, "tcpreplay");
        let output = player
            .args(["--quiet", "--pps=3000"])
            .arg(format!("--intf1={cable}"))
            .args(captures);
        let output = output.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        captures
            .iter()
            .map(|path| records::read(path).len() as u64)
            .sum()
    }

    /// Plays a capture once as fast as possible.
    pub(crate) fn play_at_once(&self, capture: &Path) {
        let mut player = inside(&self.plant, "tcpreplay");
        player.args([
            "--quiet",
            SLEEPING,
            "--topspeed",
            "--preload-pcap",
            "--intf1=plant",
        ]);
        let output = player.arg(capture).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }

    /// Plays a capture again and again as fast as possible until what is returned goes.
    pub(crate) fn flood(&self, capture: &Path) -> Running {
        let mut player = inside(&self.plant, "tcpreplay");
        player.args([
            "--quiet",
            "--topspeed",
            "--preload-pcap",
            "--loop=0",
            "--intf1=plant",
        ]);
        Running::start(player.arg(capture))
    }

    /// Records the mirror port from now on.
    pub(crate) fn record(&self, path: &Path) -> Running {
        let mut tcpdump = inside(&self.switch, "tcpdump");
        // many small slots: with tcpdump's own sizes a burst of eight frames is too much
        let words = "-i mirror -U --immediate-mode -Z root -s 4096 -B 16384";
        tcpdump
            .args(words.split(' '))
            .args(["--time-stamp-precision=nano", "-w"])
            .arg(path);
        let recorder = Running::start(&mut tcpdump);
        recorder.wait_until_it_says("listening on");
        recorder
    }
}

/// Between frames tcpreplay sleeps; by itself it spins.
const SLEEPING: &str = "--timer=nano";
