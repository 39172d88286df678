//! The words: what every room of the agent says to the next.
//!
//! A frame becomes bytes of a flow, bytes become an [`Operation`], an operation between two hosts
//! is an [`Event`], a judge answers it with a [`Verdict`] or a [`Finding`], and findings with one
//! cause are folded into an [`Incident`]. Nothing here reads a clock, a socket or a file, and
//! nothing here knows a protocol: a protocol's own fields travel behind [`Detail`].

mod address;
mod ahead;
mod counter;
mod event;
mod finding;
mod frame;
mod incident;
mod metric;
mod near;
mod operation;
mod port;
mod problem;
mod room;
mod said;
mod service;
mod tally;
mod target;
mod time;
mod verb;
mod verdict;
mod written;

pub use address::{Address, End, Host, Mac, Transport, Vlans};
pub use ahead::{Batched, Frames, Group, Listed, Listing, Tag, Tagger};
pub use counter::Counter;
pub use event::{Event, Party};
pub use finding::{Because, Finding, Kind, ParseSeverityError, Response, Severity};
pub use frame::{Direction, Frame, LinkType, Stamp};
pub use incident::{Incident, IncidentOutcome, IncidentParty};
pub use metric::{Description, Metric, MetricKind};
pub use near::{Step, fetch, fetch_behind, fetch_list};
pub use operation::{
    Area, Detail, Fact, Function, Identity, Operation, Outcome, Request, Side, Stage, Value,
    Vocabulary,
};
pub use port::PortState;
pub use problem::{Place, Problem, closest};
pub use room::make_room;
pub use said::{Anomaly, AnomalyKind, Malformed, Part, Said};
pub use service::Service;
pub use tally::{Sample, Tally};
pub use target::{NodeKey, Target, Unit};
pub use time::Timestamp;
pub use verb::Verb;
pub use verdict::{Reason, StatementId, Unseen, Verdict};
pub use written::{Bits, Element, Written};
