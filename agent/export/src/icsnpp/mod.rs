//! Logs as Zeek with the ICSNPP parsers writes them, for pipelines that read those.
//!
//! One JSON Lines file per log, with ICSNPP's file and field names; a field that is not set is
//! absent, as in Zeek's JSON. Rows are in the order in which messages were delivered. What a log
//! holds and where it differs on purpose: `docs/ICSNPP.md`. Field lists follow cisagov/icsnpp-modbus,
//! cisagov/icsnpp-opcua-binary and cisagov/icsnpp-s7comm (BSD-3-Clause) and Zeek's own Modbus scripts (BSD-3-Clause).
//!
//! **Seam.** A protocol is one `Pen` per flow and one line in `PROTOCOLS`.
//!
//! **Bounds.** There is state for a flow from its first message until it is closed, so no more than
//! flows are followed; each pen bounds its own.

mod conn;
mod folder;
mod message;
mod modbus;
mod opcua;
mod row;
mod s7;

use std::collections::HashMap;
use std::io;
use std::path::Path;

use model::{Direction, End, Said, Stamp, Transport};

use conn::Conn;
use folder::Folder;
use message::{Heard, Message};

/// Writes the logs of one run into a folder.
pub struct Logs {
    folder: Folder,
    flows: HashMap<([End; 2], Transport), Flow>,
}

/// Where something was said.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The frame that completed it.
    pub stamp: Stamp,
    /// Which end it is from.
    pub from: Direction,
    /// The flow's ends, who opened it first; where that was missed, who was seen first.
    pub ends: &'a [End; 2],
    /// What carries the flow.
    pub transport: Transport,
    /// Whether the flow's start was missed.
    pub midway: bool,
    /// The protocol's name, once it is known.
    pub protocol: Option<&'static str>,
}

struct Flow {
    conn: Conn,
    pen: Box<dyn Pen>,
}

/// Writes the rows of one flow.
trait Pen: Send {
    /// A message was decoded.
    fn message(&mut self, message: &Message<'_>, folder: &mut Folder);

    /// A transport unit came that completes no message.
    fn part(&mut self, part: &Heard<'_>, folder: &mut Folder) {
        let _ = (part, folder);
    }

    /// A request of this signature and frame was never answered.
    fn unanswered(&mut self, signature: u64, asked: Stamp, folder: &mut Folder) {
        let _ = (signature, asked, folder);
    }

    /// The flow is over; `stamp` is its last frame.
    fn closed(&mut self, conn: &Conn, stamp: Stamp, folder: &mut Folder) {
        let _ = (conn, stamp, folder);
    }
}

/// A protocol that has logs.
struct Protocol {
    /// Its name in vocabularies.
    name: &'static str,
    /// Every log that its pens write.
    logs: &'static [&'static str],
    /// A pen for a new flow.
    pen: fn() -> Box<dyn Pen>,
}

const PROTOCOLS: [Protocol; 3] = [modbus::PROTOCOL, opcua::PROTOCOL, s7::PROTOCOL];

impl Logs {
    /// Logs in `path`, which is made where it is not there. Logs that an earlier run left there are
    /// removed.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made, is none, or holds an old log that cannot be removed.
    pub fn open(path: &Path) -> io::Result<Self> {
        let names = PROTOCOLS.iter().flat_map(|protocol| protocol.logs);
        Ok(Self {
            folder: Folder::open(path, names.copied())?,
            flows: HashMap::new(),
        })
    }

    /// Hears what a decoder said.
    pub fn said(&mut self, place: &Place<'_>, said: &Said<'_>) {
        match said {
            Said::Operation(operation) => {
                let Some(flow) = flow(&mut self.flows, place) else {
                    return;
                };
                let message = Message::new(&flow.conn, place.stamp, place.from, operation);
                flow.pen.message(&message, &mut self.folder);
            }
            Said::Part(part) => {
                if let Some(flow) = flow(&mut self.flows, place) {
                    let part = Heard::new(&flow.conn, place.stamp, place.from, part.fields);
                    flow.pen.part(&part, &mut self.folder);
                }
            }
            Said::Unanswered {
                signature, asked, ..
            } => {
                if let Some(flow) = self.flows.get_mut(&key(place)) {
                    flow.pen.unanswered(*signature, *asked, &mut self.folder);
                }
            }
            Said::Recognised { .. }
            | Said::Malformed(_)
            | Said::Anomaly(_)
            | Said::Resynchronised { .. } => {}
        }
    }

    /// Hears that a flow is over.
    pub fn closed(&mut self, place: &Place<'_>) {
        if let Some(mut flow) = self.flows.remove(&key(place)) {
            flow.pen.closed(&flow.conn, place.stamp, &mut self.folder);
        }
    }

    /// Puts everything on disk.
    ///
    /// # Errors
    ///
    /// The first failure to write; nothing was written after it.
    pub fn finish(&mut self) -> io::Result<()> {
        self.folder.finish()
    }
}

const fn key(place: &Place<'_>) -> ([End; 2], Transport) {
    (*place.ends, place.transport)
}

/// The flow, new where this is its first message; `None` where its protocol has no logs.
fn flow<'f>(
    flows: &'f mut HashMap<([End; 2], Transport), Flow>,
    place: &Place<'_>,
) -> Option<&'f mut Flow> {
    let name = place.protocol?;
    let protocol = PROTOCOLS.iter().find(|protocol| protocol.name == name)?;
    Some(flows.entry(key(place)).or_insert_with(|| Flow {
        conn: Conn::new(place),
        pen: (protocol.pen)(),
    }))
}
