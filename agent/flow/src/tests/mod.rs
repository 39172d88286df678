//! Frames in, callbacks and counters out.

mod stage;
mod wire;

mod order;
