//! What an engine holds: its bytes on the heap, counted where they are taken and given back.

use engine::{Engine, Judges, Limits, Mode, Settings};

use crate::{Frames, Plant};

/// An engine, the plant that it watches, and what it holds.
pub struct Held {
    engine: Engine,
    plant: Plant,
    frames: Frames,
    bytes: i64,
}

impl Held {
    /// An engine with room for 131 072 flows that has seen every pair of `plant` open its connection.
    pub fn open(judges: Judges, mut plant: Plant) -> Self {
        let mut limits = Limits::default();
        limits.flow.flows = 1 << 17;
        let settings = Settings {
            site: "bench".into(),
            sensor: "bench".into(),
            limits,
            mode: Mode::Judge,
            shards: 1,
        };
        let mut frames = Frames::default();
        plant.open(&mut frames);
        let mut held = Self {
            engine: Engine::new(settings, judges, None),
            plant,
            frames,
            bytes: 0,
        };
        held.play();
        held
    }

    /// Has every pair say something so many times.
    pub fn turns(&mut self, turns: u32) {
        for _ in 0..turns {
            self.frames.clear();
            self.plant.turn(&mut self.frames);
            self.play();
        }
    }

    /// Bytes that it holds beyond what it was given.
    pub fn bytes(&self) -> u64 {
        u64::try_from(self.bytes).unwrap_or(0)
    }

    /// Who holds them.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    fn play(&mut self) {
        let Self { engine, frames, .. } = self;
        let spent = allocation_counter::measure(|| {
            for frame in frames.frames() {
                engine.frame(&frame);
            }
        });
        self.bytes += spent.bytes_current;
    }
}
