//! Frames in, callbacks and counters out.

mod stage;
mod wire;

mod begin;
mod beginning;
mod checksums;
mod duplicates;
mod fragments;
mod known_stream;
mod limits;
mod links;
mod loss;
mod order;
mod tunnels;
