//! One row of a log: a JSON object whose fields are in the order in which they were set.

use std::io::{self, Write};

use model::{Direction, Stamp};
use serde_json::Value;

use super::conn::Conn;

/// A row. What is not set is absent.
#[derive(Clone, Debug)]
pub(super) struct Row {
    stamp: Stamp,
    fields: Vec<(&'static str, Value)>,
}

impl Row {
    /// A row with what every Zeek log begins with: time, flow identifier and the flow's ends.
    pub(super) fn new(conn: &Conn, stamp: Stamp) -> Self {
        let mut row = Self {
            stamp,
            fields: Vec::with_capacity(24),
        };
        row.set("uid", conn.uid.as_str());
        row.set("id.orig_h", conn.orig.address.to_string());
        row.set("id.orig_p", conn.orig.port);
        row.set("id.resp_h", conn.resp.address.to_string());
        row.set("id.resp_p", conn.resp.port);
        row
    }

    /// A row that also says who sent the message, as ICSNPP's logs do.
    pub(super) fn from(conn: &Conn, stamp: Stamp, from: Direction) -> Self {
        let mut row = Self::new(conn, stamp);
        let is_orig = conn.is_orig(from);
        let (source, destination) = match is_orig {
            true => (conn.orig, conn.resp),
            false => (conn.resp, conn.orig),
        };
        row.set("is_orig", is_orig);
        row.set("source_h", source.address.to_string());
        row.set("source_p", source.port);
        row.set("destination_h", destination.address.to_string());
        row.set("destination_p", destination.port);
        row
    }

    /// Sets a field; a second time replaces it.
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.fields.push((name, value)),
        }
    }

    /// Sets a field where there is something to set.
    pub(super) fn maybe(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Writes the row as one line. The time is in seconds since the epoch with six decimals.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let micros = self.stamp.time.as_nanos().div_euclid(1000);
        let sign = if micros < 0 { "-" } else { "" };
        let micros = micros.unsigned_abs();
        let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
        write!(out, "{{\"ts\":{sign}{seconds}.{rest:06}")?;
        for (name, value) in &self.fields {
            write!(out, ",\"{name}\":{value}")?;
        }
        out.write_all(b"}\n")
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    #[test]
    fn times_have_six_decimals() {
        let written = |nanos| {
            let stamp = Stamp::at(Timestamp::from_nanos(nanos));
            let mut row = Row {
                stamp,
                fields: Vec::new(),
            };
            row.set("a", 1);
            row.set("a", "it \"is\"");
            let mut out = Vec::new();
            row.write(&mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let line = written(1_093_521_704_800_000_999);
        assert_eq!(line, "{\"ts\":1093521704.800000,\"a\":\"it \\\"is\\\"\"}\n");
        assert!(written(0).starts_with("{\"ts\":0.000000,"));
        assert!(written(-500_000_000).starts_with("{\"ts\":-0.500000,"));
    }
}
