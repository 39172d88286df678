//! The hall: frames in, findings and incidents out.
//!
//! One walk per frame: `flow` restores the stream, `decode` says what it means, the judges
//! (`policy`, `baseline`, `detect`) say whether that is right, and what they find is folded into
//! incidents. The engine reads no clock, no socket and no file; time comes with the frames. The
//! same frames and the same judges give the same incidents.
//!
//! A judge never sees the same thing twice: its answer is remembered per conversation and
//! [`model::Operation::signature`], so that steady polling costs a look-up.

mod counts;
mod crew;
mod deed;
mod desk;
mod doubts;
mod edge;
mod engine;
mod folding;
mod hall;
mod incidents;
mod inventory;
mod journal;
mod judgement;
mod judging;
mod limits;
mod mirror;
mod priority;
mod scene;
mod sensor;
mod shard;
mod shedding;
mod stint;
mod summary;
mod ties;
mod watch;
mod wording;

pub use engine::{Engine, Judges, Mode, Settings};
pub use inventory::{Device, Identified, Part};
pub use journal::{Order, Work};
pub use limits::Limits;
pub use mirror::{PortReading, Reading};
pub use summary::{ProtocolSummary, Summary};
pub use watch::{Context, Watch};
