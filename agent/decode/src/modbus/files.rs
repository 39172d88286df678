//! The sub-requests of file records.
//!
//! MODBUS Application Protocol V1.1b3, 6.14 and 6.15. A reference is its type (6), the file, the record and
//! how many registers; in a write their values follow. An answer to a read has, for each reference, how
//! many bytes follow, the type, and the values.

use std::fmt;

/// One reference, or what was read for one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct FileRecord<'a> {
    /// Which file; answers to reads do not say.
    pub(super) file: Option<u16>,
    /// The first record within it; answers to reads do not say.
    pub(super) record: Option<u16>,
    /// How many registers.
    pub(super) length: u16,
    /// Their values, two bytes each, as far as they are there.
    pub(super) data: Option<&'a [u8]>,
}

impl fmt::Display for FileRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file, self.record) {
            (Some(file), Some(record)) => write!(f, "{file}:{record}+{}", self.length),
            _ => write!(f, "+{}", self.length),
        }
    }
}

/// How references stand in a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// References alone: the request of a read.
    Asked,
    /// References with values: a write and its answer.
    Written,
    /// Values alone: the answer to a read.
    Read,
}

/// The references of a body, in wire order, as far as they are whole.
#[derive(Clone, Debug)]
pub(super) struct FileRecords<'a> {
    /// How they stand there.
    pub(super) form: Form,
    /// What is behind the body's byte count.
    pub(super) groups: &'a [u8],
}

impl<'a> Iterator for FileRecords<'a> {
    type Item = FileRecord<'a>;

    fn next(&mut self) -> Option<FileRecord<'a>> {
        match self.form {
            Form::Read => self.read(),
            Form::Asked | Form::Written => self.reference(),
        }
    }
}

impl<'a> FileRecords<'a> {
    fn reference(&mut self) -> Option<FileRecord<'a>> {
        let (reference, rest) = self.groups.split_first_chunk::<7>()?;
        let [_, file @ .., a, b, c, d] = *reference;
        let length = u16::from_be_bytes([c, d]);
        let bytes = match self.form {
            Form::Written => 2 * usize::from(length),
            Form::Asked | Form::Read => 0,
        };
        let (data, rest) = rest.split_at_checked(bytes).unwrap_or((rest, &[]));
        self.groups = rest;
        Some(FileRecord {
            file: Some(u16::from_be_bytes(file)),
            record: Some(u16::from_be_bytes([a, b])),
            length,
            data: (self.form == Form::Written).then_some(data),
        })
    }

    fn read(&mut self) -> Option<FileRecord<'a>> {
        let [bytes, _, rest @ ..] = self.groups else {
            return None;
        };
        let bytes = usize::from(bytes.checked_sub(1)?);
        let (data, rest) = rest.split_at_checked(bytes).unwrap_or((rest, &[]));
        self.groups = rest;
        Some(FileRecord {
            file: None,
            record: None,
            length: u16::try_from(bytes / 2).unwrap_or(0),
            data: Some(data),
        })
    }
}
