//! Tests of the room as a whole, on files that are built here, on captures that others made, and
//! on live interfaces in a network namespace.

mod ahead;
mod built;
mod damaged;
mod fanout;
mod files;
mod late;
mod live;
mod namespace;
mod shared;
mod timelines;
