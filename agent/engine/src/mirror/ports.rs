//! What each mirror port tells of itself, while it is listened on: that it is down, that nothing comes, and what it lost.

use std::time::Duration;

use model::{Metric, PortState, Sample, Timestamp};

use super::signs::Sign;

/// What the ports tell, and what the clocks of the machine show meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The clock that frames are stamped by.
    pub now: Timestamp,
    /// A clock that nobody sets, from any beginning.
    pub steady: Duration,
    /// Every port, always in the same order.
    pub ports: &'a [PortReading<'a>],
}

/// What one port counted since it was opened.
#[derive(Clone, Copy, Debug)]
pub struct PortReading<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether its interface can bring frames.
    pub state: PortState,
    /// Frames that were read.
    pub frames: u64,
    /// Frames that were lost because the ring was full.
    pub kernel_drops: u64,
    /// Frames that the interface had no room for.
    pub interface_drops: u64,
}

/// What is remembered of one port.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) name: String,
    pub(crate) frames: u64,
    state: PortState,
    /// When it was down last, by the steady clock.
    down: Option<Duration>,
    /// When the newest frame was seen, by the steady clock.
    heard: Duration,
    drops: u64,
    /// When drops were seen last.
    dropped: Option<Duration>,
    /// Frames and drops when the present run of drops began.
    run: [u64; 2],
}

impl Watched {
    /// A port that is listened on from now.
    pub(crate) fn new(port: &PortReading<'_>, steady: Duration) -> Self {
        Self {
            name: port.name.to_owned(),
            frames: 0,
            state: PortState::Up,
            down: None,
            heard: steady,
            drops: 0,
            dropped: None,
            run: [0; 2],
        }
    }

    /// Whether it is down.
    pub(crate) fn down(&mut self, port: &PortReading<'_>, steady: Duration) -> Sign {
        self.state = port.state;
        if self.state == PortState::Up {
            return Sign::Fine;
        }
        self.down = Some(steady);
        Sign::Faulty(format!("`{}` {}", self.name, self.state))
    }

    /// Whether it was down so lately that what is missing of conversations is missing for that reason.
    pub(crate) fn was_down(&self, steady: Duration) -> bool {
        self.down
            .is_some_and(|last| steady.saturating_sub(last) < EXPLAINED)
    }

    /// Whether it is silent; one that is down cannot speak.
    pub(crate) fn silence(&mut self, port: &PortReading<'_>, steady: Duration) -> Sign {
        if port.frames != self.frames {
            self.heard = steady;
            self.frames = port.frames;
        }
        if self.state != PortState::Up {
            self.heard = steady;
            return Sign::Unclear;
        }
        let quiet = steady.saturating_sub(self.heard);
        if quiet < SILENCE {
            return Sign::Fine;
        }
        let since = match self.frames {
            0 => "since the sensor listens",
            _ => "after there had been traffic",
        };
        Sign::Faulty(format!(
            "`{}` showed no frame for {} s {since}",
            self.name,
            quiet.as_secs()
        ))
    }

    /// Whether it loses frames.
    pub(crate) fn drops(&mut self, port: &PortReading<'_>, steady: Duration) -> Sign {
        let drops = port.kernel_drops + port.interface_drops;
        if drops > self.drops {
            if self.dropped.is_none() {
                self.run = [port.frames, self.drops];
            }
            self.dropped = Some(steady);
            self.drops = drops;
        }
        match self.dropped {
            Some(last) if steady.saturating_sub(last) < LOSING => {
                let [_, before] = self.run;
                Sign::Faulty(format!(
                    "`{}` lost {} frames ({} in the kernel's ring, {} by the interface since the sensor listens; {} were read)",
                    self.name,
                    drops - before,
                    port.kernel_drops,
                    port.interface_drops,
                    port.frames
                ))
            }
            Some(_) => {
                self.dropped = None;
                Sign::Fine
            }
            None => Sign::Fine,
        }
    }

    pub(crate) fn samples(&self) -> [Sample; 2] {
        let is_up = f64::from(u8::from(self.state == PortState::Up));
        [
            (Metric::PortFrames, self.frames as f64),
            (Metric::PortUp, is_up),
        ]
        .map(|(metric, value)| Sample {
            metric,
            labels: vec![self.name.clone()],
            value,
        })
    }
}

/// How long a port may show nothing: Ethernet is never quiet for so long where anything is alive.
const SILENCE: Duration = Duration::from_secs(15);
/// How long after a port was down holes in conversations are explained by that.
const EXPLAINED: Duration = Duration::from_secs(30);
/// How long after the last drop a port counts as losing frames.
const LOSING: Duration = Duration::from_secs(30);
