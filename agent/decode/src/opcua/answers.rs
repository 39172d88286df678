//! The results that a response gives, one for each item of its request.
//!
//! Follows the responses of OPC 10000-4, 5.8 to 5.14, in the binary encoding of OPC 10000-6, 5.2.6.
//! Nothing is copied; results end at the first that cannot be read.

use model::{Malformed, Outcome};

use super::services::Answers as Layout;
use super::status;
use super::types::{
    self, DEPTH, bytes, diagnostic_info, extension_object, localized_text, node_id, qualified_name,
};
use super::variant::{DataValue, Variant, data_value, variant};
use crate::reader::Reader;

/// One result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    /// How the item went.
    pub(super) status: u32,
    /// The value that was read.
    pub(super) value: Option<Variant<'a>>,
}

/// The results of one response.
#[derive(Clone, Debug)]
pub(super) struct Answers<'a> {
    reader: Reader<'a>,
    layout: Layout,
    left: u32,
    fault: Option<Malformed>,
}

/// The results of a response, whose parameters `reader` is at.
pub(super) fn answers<'a>(layout: Layout, mut reader: Reader<'a>) -> Answers<'a> {
    let left = match layout {
        Layout::None => Ok(0),
        _ => types::count(&mut reader, "results", least(layout)),
    };
    Answers {
        reader,
        layout,
        left: left.unwrap_or(0),
        fault: left.err(),
    }
}

impl Answers<'_> {
    /// Why they ended before their count said, if they did.
    pub(super) const fn fault(&self) -> Option<Malformed> {
        self.fault
    }

    /// How they are laid out.
    pub(super) const fn layout(&self) -> Layout {
        self.layout
    }

    /// The first failure among them, if there is one.
    pub(super) fn refusal(&mut self) -> Option<Outcome> {
        let code = self
            .map(|answer| answer.status)
            .find(|code| status::is_bad(*code))?;
        Some(Outcome::Refused {
            code,
            name: status::name(code),
        })
    }
}

impl<'a> Iterator for Answers<'a> {
    type Item = Answer<'a>;

    fn next(&mut self) -> Option<Answer<'a>> {
        self.left = self.left.checked_sub(1)?;
        let read = answer(self.layout, &mut self.reader);
        if let Err(fault) = read {
            self.fault = Some(fault);
            self.left = 0;
        }
        read.ok()
    }
}

/// The fewest bytes that one result has.
const fn least(layout: Layout) -> usize {
    match layout {
        Layout::None | Layout::Value => 1,
        Layout::Status => 4,
        Layout::AddedNode => 6,
        Layout::Path => 8,
        Layout::History => 11,
        Layout::Browse | Layout::Updated => 12,
        Layout::Method => 16,
        Layout::Monitored => 23,
    }
}

fn answer<'a>(layout: Layout, reader: &mut Reader<'a>) -> Result<Answer<'a>, Malformed> {
    if layout == Layout::Value {
        let DataValue { value, status } = data_value(reader, DEPTH)?;
        let status = status.unwrap_or(0);
        return Ok(Answer { status, value });
    }
    let status = reader.u32_le("status_code")?;
    match layout {
        Layout::None | Layout::Value | Layout::Status => {}
        Layout::AddedNode => drop(node_id(reader, "added_node_id")?),
        Layout::Browse => browsed(reader)?,
        Layout::History => {
            bytes(reader, "continuation_point")?;
            extension_object(reader, "history_data")?;
        }
        Layout::Method => called(reader)?,
        Layout::Monitored => {
            reader.take("monitored_item_id", 16)?;
            extension_object(reader, "filter_result")?;
        }
        Layout::Path => types::each(reader, "targets", 6, |reader| {
            node_id(reader, "target_id")?;
            reader.u32_le("remaining_path_index").map(drop)
        })?,
        Layout::Updated => {
            statuses(reader, "operation_results")?;
            diagnostics(reader)?;
        }
    }
    let value = None;
    Ok(Answer { status, value })
}

/// The rest of a `BrowseResult` (OPC 10000-4, 7.6).
fn browsed(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    bytes(reader, "continuation_point")?;
    types::each(reader, "references", 18, |reader| {
        node_id(reader, "reference_type_id")?;
        reader.u8("is_forward")?;
        node_id(reader, "node_id")?;
        qualified_name(reader, "browse_name")?;
        localized_text(reader, "display_name")?;
        reader.u32_le("node_class")?;
        node_id(reader, "type_definition").map(drop)
    })
}

/// The rest of a `CallMethodResult` (OPC 10000-4, 5.12.2).
fn called(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    statuses(reader, "input_argument_results")?;
    diagnostics(reader)?;
    types::each(reader, "output_arguments", 1, |reader| {
        variant(reader, DEPTH).map(drop)
    })
}

fn statuses(reader: &mut Reader<'_>, field: &'static str) -> Result<(), Malformed> {
    types::each(reader, field, 4, |reader| reader.u32_le(field).map(drop))
}

fn diagnostics(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    types::each(reader, "diagnostic_infos", 1, |reader| {
        diagnostic_info(reader, "diagnostic_infos")
    })
}
