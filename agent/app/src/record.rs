//! The operation record: one JSON object per decoded message, as DESIGN states it.

use std::io::{self, Write};

use engine::{Context, Watch};
use model::{Direction, End, Mac, Malformed, Operation, Said, Vlans};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Writes records as JSON Lines. The first failure to write is kept and ends the writing.
pub(crate) struct Records<W> {
    out: W,
    several_captures: bool,
    failure: Failure,
}

/// Where the first failure to write is left for whoever started the writing.
pub(crate) type Failure = std::sync::Arc<std::sync::Mutex<Option<io::Error>>>;

impl<W: Write + Send> Records<W> {
    /// Records to `out`; with several captures each names the one that its frame counts in.
    pub(crate) fn new(out: W, several_captures: bool, failure: Failure) -> Self {
        Self {
            out,
            several_captures,
            failure,
        }
    }

    fn write(&mut self, context: &Context<'_>, what: What<'_>) {
        let Ok(mut failure) = self.failure.lock() else {
            return;
        };
        if failure.is_some() {
            return;
        }
        let record = Record {
            context,
            what,
            name_capture: self.several_captures,
        };
        let written = serde_json::to_writer(&mut self.out, &record)
            .map_err(io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"));
        *failure = written.err();
    }
}

impl<W: Write + Send> Watch for Records<W> {
    fn said(&mut self, context: &Context<'_>, said: &Said<'_>) {
        match said {
            Said::Operation(operation) => self.write(context, What::Operation(operation)),
            Said::Malformed(malformed) => self.write(context, What::Malformed(malformed)),
            Said::Recognised { .. }
            | Said::Part(_)
            | Said::Anomaly(_)
            | Said::Unanswered { .. }
            | Said::Resynchronised { .. } => {}
        }
    }

    fn gap(&mut self, context: &Context<'_>, missing_bytes: u64) {
        self.write(context, What::Gap { missing_bytes });
    }

    fn finish(&mut self) {
        if let Ok(mut failure) = self.failure.lock()
            && failure.is_none()
        {
            *failure = self.out.flush().err();
        }
    }
}

enum What<'a> {
    Operation(&'a Operation<'a>),
    Malformed(&'a Malformed),
    Gap { missing_bytes: u64 },
}

struct Record<'a> {
    context: &'a Context<'a>,
    what: What<'a>,
    name_capture: bool,
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Context {
            stamp,
            from,
            ends,
            macs,
            vlans,
            protocol,
            ..
        } = self.context;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("frame", &stamp.frame())?;
        if self.name_capture {
            map.serialize_entry("capture", &stamp.source())?;
        }
        map.serialize_entry("time", &stamp.time)?;
        if **vlans != Vlans::default() {
            map.serialize_entry("vlan", vlans)?;
        }
        map.serialize_entry("src", &side(*from, ends, macs))?;
        map.serialize_entry("dst", &side(from.reverse(), ends, macs))?;
        match self.what {
            What::Operation(operation) => serialize_operation(&mut map, operation, *protocol)?,
            What::Malformed(Malformed { field, offset, why }) => {
                map.serialize_entry("protocol", protocol)?;
                map.serialize_entry(
                    "malformed",
                    &Why {
                        field,
                        offset: *offset,
                        why,
                    },
                )?;
            }
            What::Gap { missing_bytes } => {
                map.serialize_entry("protocol", protocol)?;
                let direction = match from {
                    Direction::Forward => "forward",
                    Direction::Backward => "backward",
                };
                map.serialize_entry(
                    "gap",
                    &Gap {
                        direction,
                        bytes: missing_bytes,
                    },
                )?;
            }
        }
        map.end()
    }
}

fn serialize_operation<M: SerializeMap>(
    map: &mut M,
    operation: &Operation<'_>,
    protocol: Option<&'static str>,
) -> Result<(), M::Error> {
    map.serialize_entry("protocol", operation.protocol)?;
    map.serialize_entry("stage", &operation.stage)?;
    map.serialize_entry("verb", &operation.function.verb)?;
    map.serialize_entry("function", &operation.function)?;
    map.serialize_entry(protocol.unwrap_or(operation.protocol), operation.detail)
}

fn side(from: Direction, ends: &[End; 2], macs: &[Mac; 2]) -> Side {
    let End { address, port } = *from.of(ends);
    let mac = Some(*from.of(macs)).filter(|mac| *mac != Mac::default());
    let ip = address.ip();
    let port = ip.map(|_| port);
    Side { mac, ip, port }
}

#[derive(serde::Serialize)]
struct Side {
    #[serde(skip_serializing_if = "Option::is_none")]
    mac: Option<Mac>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<std::net::IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
}

#[derive(serde::Serialize)]
struct Why<'a> {
    field: &'a str,
    offset: usize,
    why: &'a str,
}

#[derive(serde::Serialize)]
struct Gap {
    direction: &'static str,
    bytes: u64,
}
