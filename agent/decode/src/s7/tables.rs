//! Variable tables that a programming device reads, modifies or forces (userdata group 1).
//!
//! Two lengths, then the parameters of the job, then its data: a count, rows of six bytes each (area
//! and width, repetition or bit, block, first byte), and, where something is written, a value for
//! each row.

use model::Target;

use super::items::{self, Values};
use crate::reader::Reader;

/// The rows of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    rows: &'a [u8],
    values: Values<'a>,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The area's number, as variables name it; 0 where it is none that is known.
    pub(super) area: u8,
    /// The data block's number.
    pub(super) db: u16,
    /// The first byte, or the number of a timer or counter.
    pub(super) first: u16,
    /// The bit, where the row is one.
    pub(super) bit: Option<u8>,
    /// How many elements.
    pub(super) count: u8,
    width: u8,
}

impl<'a> Table<'a> {
    /// Reads the table of a request.
    pub(super) fn read(subfunction: u8, body: &'a [u8]) -> Option<Self> {
        let mut data = data(body)?;
        let count = data.u16("row_count").ok()?;
        let len = (usize::from(count) * Row::LEN).min(data.left());
        let rows = data.take("rows", len).ok()?;
        let writes = matches!(subfunction, 0x08 | 0x09);
        let values = u8::try_from(count).ok().filter(|_| writes).unwrap_or(0);
        Some(Self {
            rows,
            values: Values::with_data(values, data.rest()),
        })
    }

    /// Every row, with its value where one is written.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Row, Option<&'a [u8]>)> + use<'a> {
        let mut values = self.values.iter();
        self.rows.chunks_exact(Row::LEN).map(move |row| {
            let value = values.next().map(|value| value.bytes);
            (Row::parse(row), value)
        })
    }
}

impl Row {
    const LEN: usize = 6;

    fn parse(row: &[u8]) -> Self {
        let &[kind, times, a, b, c, d] = row else {
            return Self::UNKNOWN;
        };
        let area = match kind >> 4 {
            0 => 0x83,
            1 => 0x81,
            2 => 0x82,
            3 => 0x80,
            5 => 0x1d,
            6 => 0x1c,
            7 => 0x84,
            _ => return Self::UNKNOWN,
        };
        let width = kind & 0x0f;
        Self {
            area,
            db: u16::from_be_bytes([a, b]),
            first: u16::from_be_bytes([c, d]),
            bit: (width == 0).then_some(times),
            count: if width == 0 { 1 } else { times },
            width,
        }
    }

    const UNKNOWN: Self = Self {
        area: 0,
        db: 0,
        first: 0,
        bit: None,
        count: 0,
        width: 0,
    };

    /// The type of its elements.
    pub(super) const fn kind(&self) -> &'static str {
        match (self.area, self.width) {
            (0x1d, _) => "timer",
            (0x1c, _) => "counter",
            (_, 0) => "bit",
            (_, 1) => "byte",
            (_, 2) => "word",
            (_, 3) => "dword",
            _ => "unknown",
        }
    }

    /// What it touches.
    pub(super) fn target(&self) -> Target<'static> {
        if self.area == 0 {
            return UNKNOWN;
        }
        let bytes = match self.width {
            2 => 2,
            3 => 4,
            _ => 1,
        };
        let width = if items::is_numbered(self.area) {
            1
        } else {
            bytes
        };
        let first = u64::from(self.first);
        let last = first + (u64::from(self.count) * width).max(1) - 1;
        items::cells(self.area, self.db, first, last)
    }
}

const UNKNOWN: Target<'static> = Target::Named {
    kind: "item",
    name: "unknown",
};

/// The data behind the parameters of a job.
pub(super) fn data(body: &[u8]) -> Option<Reader<'_>> {
    let mut reader = Reader::new(body);
    let parameters = reader.u16("job_parameter_length").ok()?;
    reader.u16("job_data_length").ok()?;
    reader.take("job_parameters", parameters.into()).ok()?;
    Some(reader)
}
