//! The data sets in a message's payload, walked where they lie.
//!
//! Follows OPC 10000-14 v1.05, 7.2.4.5: sizes where there are several, then one header and one run of fields
//! each. Without a payload header nobody says how many there are, and the first one is all that is read.

use model::Malformed;

use super::message::Writers;
use crate::opcua::types::DEPTH;
use crate::opcua::variant::{DataValue, data_value, variant};
use crate::reader::Reader;

/// The data sets of one message.
#[derive(Clone, Copy, Debug)]
pub(super) struct DataSets<'a> {
    writers: Option<Writers<'a>>,
    /// The sizes of those that were not walked yet; empty where there is one.
    sizes: Reader<'a>,
    rest: Reader<'a>,
    left: usize,
    several: bool,
}

/// One data set.
#[derive(Clone, Copy, Debug)]
pub(super) struct DataSet<'a> {
    pub(super) writer: Option<u16>,
    pub(super) kind: Kind,
    encoding: Encoding,
    pub(super) sequence: Option<u16>,
    pub(super) status: Option<u16>,
    fields: Reader<'a>,
    /// How many fields follow, where that is said.
    pub(super) count: Option<u16>,
}

/// What a data set holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    KeyFrame,
    DeltaFrame,
    Event,
    KeepAlive,
}

impl Kind {
    /// The word that records use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::KeyFrame => "key_frame",
            Self::DeltaFrame => "delta_frame",
            Self::Event => "event",
            Self::KeepAlive => "keep_alive",
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Encoding {
    Variant,
    Raw,
    DataValue,
}

impl<'a> DataSets<'a> {
    pub(super) fn new(payload: Reader<'a>, writers: Option<Writers<'a>>) -> Self {
        let count = writers.map_or(1, |writers| writers.ids.left() / 2);
        let mut rest = payload;
        let several = count > 1;
        let sizes = if several { 2 * count } else { 0 };
        let (sizes, left) = match rest.sub("sizes", sizes) {
            Ok(sizes) => (sizes, count),
            Err(_) => (Reader::new(&[]), 0),
        };
        Self {
            writers,
            sizes,
            rest,
            left,
            several,
        }
    }

    /// Whether every byte belongs to a data set that can be read, and something of them says so.
    pub(super) fn are_exact(mut self) -> bool {
        let several = self.several;
        let mut walked = 0;
        while self.left > 0 {
            let Some(Ok(set)) = self.step() else {
                return false;
            };
            if !several && set.has_trailer() {
                return false;
            }
            walked += 1;
        }
        walked > 0 && self.rest.is_empty()
    }

    fn step(&mut self) -> Option<Result<DataSet<'a>, Malformed>> {
        self.left = self.left.checked_sub(1)?;
        let writer = self.writers.as_mut().and_then(Iterator::next);
        let part = if self.several {
            let size = self.sizes.u16_le("sizes");
            size.and_then(|size| self.rest.sub("data_set", size.into()))
        } else {
            let mut rest = self.rest;
            let all = rest.left();
            let part = rest.sub("data_set", all);
            self.rest = rest;
            part
        };
        Some(part.and_then(|part| DataSet::read(writer, part)))
    }
}

impl<'a> Iterator for DataSets<'a> {
    type Item = DataSet<'a>;

    fn next(&mut self) -> Option<DataSet<'a>> {
        self.step()?.ok()
    }
}

impl<'a> DataSet<'a> {
    fn read(writer: Option<u16>, mut reader: Reader<'a>) -> Result<Self, Malformed> {
        let at = reader;
        let first = reader.u8("data_set_flags_1")?;
        let second = match first & 0x80 {
            0 => 0,
            _ => reader.u8("data_set_flags_2")?,
        };
        let encoding = match (first >> 1) & 3 {
            0 => Encoding::Variant,
            1 => Encoding::Raw,
            2 => Encoding::DataValue,
            _ => return Err(at.malformed("data_set_flags_1", "no such field encoding")),
        };
        let kind = match second & 0x0f {
            0 => Kind::KeyFrame,
            1 => Kind::DeltaFrame,
            2 => Kind::Event,
            3 => Kind::KeepAlive,
            _ => return Err(at.malformed("data_set_flags_2", "no such type of data set")),
        };
        if second & 0xc0 != 0 {
            return Err(at.malformed("data_set_flags_2", "reserved bits are set"));
        }
        let sequence = optional(first & 0x08, &mut reader)?;
        for (bit, len) in [(0x10, 8), (0x20, 2)] {
            if second & bit != 0 {
                reader.take("timestamp", len)?;
            }
        }
        let status = optional(first & 0x10, &mut reader)?;
        for bit in [0x20, 0x40] {
            if first & bit != 0 {
                reader.u32_le("configuration_version")?;
            }
        }
        // 7.2.4.5.4: what follows in a data set that says it is not valid is nobody's.
        if first & 1 == 0 {
            reader = Reader::new(&[]);
        }
        // 7.2.4.5.5: of key frames alone, raw fields are not counted.
        let counted = match kind {
            Kind::KeyFrame => encoding != Encoding::Raw,
            Kind::DeltaFrame | Kind::Event => true,
            Kind::KeepAlive => false,
        };
        let counted = counted && first & 1 == 1;
        Ok(Self {
            writer,
            kind,
            encoding,
            sequence,
            status,
            count: optional(u8::from(counted), &mut reader)?,
            fields: reader,
        })
    }

    /// The fields, as far as their encoding says what they are.
    pub(super) fn fields(&self) -> Fields<'a> {
        Fields {
            left: self.count.unwrap_or(0),
            indexed: self.kind == Kind::DeltaFrame,
            encoding: self.encoding,
            rest: self.fields,
        }
    }

    /// Whether bytes follow the fields, or may: those of a raw encoding have no end of their own.
    fn has_trailer(&self) -> bool {
        let mut fields = self.fields();
        fields.by_ref().for_each(drop);
        self.count.is_none_or(|count| count == 0) || fields.left > 0 || !fields.rest.is_empty()
    }
}

fn optional(is_there: u8, reader: &mut Reader<'_>) -> Result<Option<u16>, Malformed> {
    match is_there {
        0 => Ok(None),
        _ => reader.u16_le("data_set_header").map(Some),
    }
}

/// The fields of one data set; ends early where one cannot be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    left: u16,
    indexed: bool,
    encoding: Encoding,
    rest: Reader<'a>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = DataValue<'a>;

    fn next(&mut self) -> Option<DataValue<'a>> {
        let left = self.left.checked_sub(1)?;
        let mut rest = self.rest;
        if self.indexed {
            rest.u16_le("field_index").ok()?;
        }
        let value = match self.encoding {
            Encoding::Variant => {
                let value = variant(&mut rest, DEPTH).ok()?;
                DataValue {
                    value: Some(value),
                    status: None,
                }
            }
            Encoding::DataValue => data_value(&mut rest, DEPTH).ok()?,
            Encoding::Raw => return None,
        };
        (self.rest, self.left) = (rest, left);
        Some(value)
    }
}
