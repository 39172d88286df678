//! The fields on the wire that the operation record leaves out, for writers of other formats.
//!
//! They are read from the parameters and data of the message alone: nothing is taken over from its
//! request or from an earlier part of a list.

use serde::Serialize;

use super::message::{Body, Message, Rosctr};
use super::record::Hex;
use crate::reader::Reader;

/// What else a message says. Fields that it does not carry are absent.
#[derive(Default, Serialize)]
pub(super) struct Dissection<'a> {
    /// Whether a userdata message asks (0x11) or answers (0x12).
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<u8>,
    /// The number that the parts of an answer share; 0 where there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_reference: Option<u8>,
    /// 0 where no part follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_parts: Option<u8>,
    /// What the data begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_return_code: Option<u8>,
    /// The list that the data name.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_szl: Option<[u16; 2]>,
    /// The texts of component identification, each with its number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<(u16, Hex<'a>)>,
    /// What follows the function of a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    function_status: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<u32>,
    /// The block's name as it stands on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<Hex<'a>>,
    /// How long the block or its part is.
    #[serde(skip_serializing_if = "Option::is_none")]
    block_length: Option<u32>,
    /// Whether the message came in several parts, each with a head of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    in_parts: bool,
}

impl<'a> Dissection<'a> {
    /// What else a message says; `list` is the list that it completes.
    pub(super) fn of(message: &Message<'a>, list: &'a [u8]) -> Self {
        let mut dissection = Self::default();
        // What ends early tells what it tells.
        _ = match (&message.body, message.rosctr, message.function) {
            (Body::Userdata(_), ..) => dissection.userdata(message, list),
            (_, Rosctr::Job, Some(function @ 0x1a..=0x1f)) => dissection.job(function, message),
            (_, Rosctr::AckData, Some(function @ 0x1a..=0x1f)) => {
                dissection.answer(function, message)
            }
            _ => Ok(()),
        };
        dissection
    }

    /// What else a message says that came in several parts.
    pub(super) fn in_parts() -> Self {
        Self {
            in_parts: true,
            ..Self::default()
        }
    }

    fn userdata(&mut self, message: &Message<'a>, list: &'a [u8]) -> Read {
        self.components = components(list).unwrap_or_default();
        let mut parameters = Reader::new(message.parameters);
        let mut data = Reader::new(message.data);
        parameters.u32("userdata_head")?;
        self.method = Some(parameters.u8("userdata_method")?);
        if let [_, _, _, reference, more, ..] = parameters.peek() {
            (self.data_reference, self.more_parts) = (Some(*reference), Some(*more));
        }
        self.data_return_code = Some(data.u8("return_code")?);
        data.u24("data_head")?;
        self.data_szl = Some([data.u16("szl_id")?, data.u16("szl_index")?]);
        Ok(())
    }

    fn job(&mut self, function: u8, message: &Message<'a>) -> Read {
        let mut parameters = Reader::new(message.parameters);
        parameters.u8("function")?;
        self.function_status = Some(parameters.u8("function_status")?);
        parameters.u16("reserved")?;
        self.session_id = Some(parameters.u32("session_id")?);
        if !matches!(function, 0x1e | 0x1f) {
            let len = parameters.u8("filename_length")?;
            self.filename = Some(Hex(parameters.take("filename", len.into())?));
        }
        Ok(())
    }

    fn answer(&mut self, function: u8, message: &Message<'a>) -> Read {
        let mut parameters = Reader::new(message.parameters);
        parameters.u8("function")?;
        self.function_status = Some(parameters.u8("function_status")?);
        if matches!(function, 0x1b | 0x1e) {
            self.block_length = Some(Reader::new(message.data).u16("block_length")?.into());
        }
        if function == 0x1d {
            parameters.u16("reserved")?;
            self.session_id = Some(parameters.u32("session_id")?);
            let len = parameters.u8("block_length_length")?;
            let digits = parameters.take("block_length", len.into())?;
            self.block_length = std::str::from_utf8(digits)
                .ok()
                .and_then(|it| it.parse().ok());
        }
        Ok(())
    }
}

type Read = Result<(), model::Malformed>;

/// The texts of a component identification (0x001c): each record is a number and a text.
fn components(list: &[u8]) -> Result<Vec<(u16, Hex<'_>)>, model::Malformed> {
    let mut components = Vec::new();
    let mut reader = Reader::new(list);
    if reader.u16("szl_id")? & 0xff != 0x1c {
        return Ok(components);
    }
    reader.u16("szl_index")?;
    let len = reader.u16("szl_record_length")?;
    for _ in 0..reader.u16("szl_record_count")? {
        let Ok(record) = reader.take("szl_record", len.into()) else {
            break;
        };
        let mut record = Reader::new(record);
        let number = record.u16("component")?;
        components.push((number, Hex(record.rest())));
    }
    Ok(components)
}
