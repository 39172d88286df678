//! Where frames are played and what is heard is written down.

use std::collections::BTreeMap;

use model::{Counter, Direction, Host, Stamp, Timestamp};

use super::wire::{Seg, Shot};
use crate::{Approach, Flow, Flows, Limits, Listener};

/// Writes down what it hears, one line each.
///
/// `1 open 1000 502`, `2 > hello`, `3 < gap 5`, `4 > conflict`, `5 close`, `6 sighted 10.0.0.1`:
/// the frame that the stamp names first, `>` for what the first end sent.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) lines: Vec<String>,
}

/// How many flows were opened before: told apart from each other in the script by their state.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub(super) runs: usize,
}

impl Script {
    fn note(&mut self, stamp: Stamp, what: &str) {
        self.lines.push(format!("{} {what}", stamp.frame()));
    }
}

const fn arrow(from: Direction) -> &'static str {
    match from {
        Direction::Forward => ">",
        Direction::Backward => "<",
    }
}

impl Listener for Script {
    type State = Calls;

    fn opened(&mut self, flow: &mut Flow<Calls>, stamp: Stamp) {
        let [first, second] = flow.ends;
        let midway = if flow.midway { " midway" } else { "" };
        self.note(
            stamp,
            &format!("open {} {}{midway}", first.port, second.port),
        );
    }

    fn bytes(&mut self, flow: &mut Flow<Calls>, stamp: Stamp, from: Direction, bytes: &[u8]) {
        flow.state.runs += 1;
        let text = String::from_utf8_lossy(bytes);
        self.note(stamp, &format!("{} {text}", arrow(from)));
    }

    fn gap(&mut self, _: &mut Flow<Calls>, stamp: Stamp, from: Direction, missing_bytes: u64) {
        self.note(stamp, &format!("{} gap {missing_bytes}", arrow(from)));
    }

    fn conflict(&mut self, _: &mut Flow<Calls>, stamp: Stamp, from: Direction) {
        self.note(stamp, &format!("{} conflict", arrow(from)));
    }

    fn closed(&mut self, _: &mut Flow<Calls>, stamp: Stamp) {
        self.note(stamp, "close");
    }

    fn sighted(&mut self, host: Host, stamp: Stamp) {
        let vlan = host.vlan.map(|vlan| format!(" vlan {vlan}"));
        self.note(
            stamp,
            &format!("sighted {host}{}", vlan.unwrap_or_default()),
        );
    }
}

/// The flow layer with what was heard of it.
pub(super) struct Stage {
    pub(super) flows: Flows<Calls>,
    pub(super) script: Script,
    frames: u64,
}

impl Stage {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            flows: Flows::new(limits),
            script: Script::default(),
            frames: 0,
        }
    }

    pub(super) fn play(&mut self, shot: &Shot) {
        self.frames += 1;
        self.flows.frame(&shot.frame(self.frames), &mut self.script);
    }

    /// Plays frames of which what can be told was told before their turn.
    pub(super) fn play_ahead(&mut self, shots: &[Shot]) {
        let tags = shots.iter().map(|shot| self.flows.tag(&shot.frame(0)));
        let tags: Vec<_> = tags.collect();
        let mut way = Approach::to(&tags);
        self.flows.set_out(&mut way, &self.script);
        for (place, (shot, tag)) in shots.iter().zip(&tags).enumerate() {
            self.frames += 1;
            let frame = shot.frame(self.frames);
            self.flows.approach(&mut way, &self.script);
            let met = Some((&way, place));
            self.flows
                .tagged(&frame, tag.as_ref(), met, &mut self.script);
        }
    }

    pub(super) fn play_all(&mut self, segments: &[Seg<'_>]) {
        for segment in segments {
            self.play(&segment.shot(self.frames as u16 + 1));
        }
    }

    pub(super) fn advance_ms(&mut self, ms: i64) {
        let now = Timestamp::from_nanos(ms * 1_000_000);
        self.flows.advance(now, &mut self.script);
    }

    pub(super) fn finish(&mut self) {
        self.flows.finish(&mut self.script);
    }

    /// Compares everything that was heard, and every counter that moved; tags are counted beside all else.
    pub(super) fn check(&self, lines: &[&str], counted: &[(Counter, u64)]) {
        assert_eq!(self.script.lines, lines);
        let moved = |counter: &Counter| match self.flows.tally().count(*counter) {
            0 => None,
            count => Some((format!("{counter:?}"), count)),
        };
        let counters = Counter::ALL
            .iter()
            .filter(|counter| **counter != Counter::FramesTagged);
        let moved: BTreeMap<_, _> = counters.filter_map(moved).collect();
        let counted = counted
            .iter()
            .map(|(counter, count)| (format!("{counter:?}"), *count));
        assert_eq!(moved, counted.collect());
    }
}

/// Plays segments with the usual limits to the end of the capture: as they are; told of before their turn; and with a VLAN tag that
/// says nothing, for tagged frames go the long way. All must come to the same.
pub(super) fn check(segments: &[Seg<'_>], lines: &[&str], counted: &[(Counter, u64)]) {
    let tagged: Vec<_> = segments.iter().map(|segment| segment.tagged()).collect();
    for segments in [segments, &tagged] {
        let mut stage = Stage::new(Limits::default());
        stage.play_all(segments);
        stage.finish();
        stage.check(lines, counted);
    }
    let mut stage = Stage::new(Limits::default());
    let shots = segments.iter().zip(1..);
    let shots: Vec<_> = shots.map(|(it, number)| it.shot(number)).collect();
    stage.play_ahead(&shots);
    stage.finish();
    stage.check(lines, counted);
}
