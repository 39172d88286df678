//! The nodes that a request names: an iterator over its parameters, one item after the other.
//!
//! Follows the requests of OPC 10000-4, 5.8 (node management), 5.9 (view), 5.11 (attribute), 5.12
//! (method) and 5.13 (monitored item), in the binary encoding of OPC 10000-6, 5.2.6 (members in
//! order). Nothing is copied; items end at the first that cannot be read.

use model::{Malformed, Target};

use super::services::Items as Layout;
use super::types::{self, DEPTH, NodeId, bytes, extension_object, node_id, qualified_name, text};
use super::variant::{DataValue, data_value, variant};
use crate::reader::Reader;

/// The attribute that holds a variable's value (OPC 10000-6, A.1).
pub(super) const VALUE: u32 = 13;

/// One item of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) node: NodeId<'a>,
    /// What else it names: the method of a call, the other end of a reference, the new node.
    pub(super) other: Option<NodeId<'a>>,
    pub(super) attribute: Option<u32>,
    /// What is to be written.
    pub(super) value: Option<DataValue<'a>>,
}

impl<'a> Item<'a> {
    const fn of(node: NodeId<'a>) -> Self {
        Self {
            node,
            other: None,
            attribute: None,
            value: None,
        }
    }

    const fn with(self, other: NodeId<'a>) -> Self {
        let other = if other.is_null() { None } else { Some(other) };
        Self { other, ..self }
    }

    /// Shows the item's node, then the other.
    pub(super) fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        see(self.node.target());
        if let Some(other) = self.other {
            see(other.target());
        }
    }
}

/// The items of one request.
#[derive(Clone, Debug)]
pub(super) struct Items<'a> {
    reader: Reader<'a>,
    layout: Layout,
    left: u32,
    fault: Option<Malformed>,
}

/// The items of a request, whose parameters `reader` is at.
pub(super) fn items<'a>(layout: Layout, mut reader: Reader<'a>) -> Items<'a> {
    let left = before(layout, &mut reader)
        .and_then(|()| types::count(&mut reader, "items", least(layout)));
    Items {
        reader,
        layout,
        left: left.unwrap_or(0),
        fault: left.err(),
    }
}

impl Items<'_> {
    /// Why they ended before their count said, if they did.
    pub(super) const fn fault(&self) -> Option<Malformed> {
        self.fault
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        self.left = self.left.checked_sub(1)?;
        let read = item(self.layout, &mut self.reader);
        if let Err(fault) = read {
            self.fault = Some(fault);
            self.left = 0;
        }
        read.ok()
    }
}

/// Passes over the parameters that stand before the items.
fn before(layout: Layout, reader: &mut Reader<'_>) -> Result<(), Malformed> {
    match layout {
        Layout::None => *reader = Reader::new(&[0; 4]),
        // Largest age, which timestamps.
        Layout::Read => drop(reader.take("max_age", 12)?),
        // The view's node, timestamp and version; how many references at most.
        Layout::Browse => {
            node_id(reader, "view")?;
            reader.take("view", 16)?;
        }
        // Which subscription, which timestamps.
        Layout::Monitored => drop(reader.take("subscription_id", 8)?),
        // What to read of the history, which timestamps, whether to release.
        Layout::HistoryRead => {
            extension_object(reader, "history_read_details")?;
            reader.take("timestamps_to_return", 5)?;
        }
        Layout::AddNodes
        | Layout::AddReferences
        | Layout::Call
        | Layout::DeleteNodes
        | Layout::DeleteReferences
        | Layout::HistoryUpdate
        | Layout::Nodes
        | Layout::Paths
        | Layout::Write => {}
    }
    Ok(())
}

/// The fewest bytes that one item has.
const fn least(layout: Layout) -> usize {
    match layout {
        Layout::None | Layout::Nodes => 2,
        Layout::DeleteNodes | Layout::HistoryUpdate => 3,
        Layout::Paths => 6,
        Layout::Call | Layout::DeleteReferences => 8,
        Layout::Write => 11,
        Layout::Browse => 17,
        Layout::Read | Layout::HistoryRead | Layout::AddReferences => 15,
        Layout::AddNodes => 21,
        Layout::Monitored => 40,
    }
}

fn item<'a>(layout: Layout, reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    match layout {
        Layout::None | Layout::Nodes => node_id(reader, "node_id").map(Item::of),
        Layout::AddNodes => added_node(reader),
        Layout::AddReferences => added_reference(reader),
        Layout::Browse => browsed(reader),
        Layout::Call => called(reader),
        Layout::DeleteNodes => {
            let node = node_id(reader, "node_id")?;
            reader.u8("delete_target_references")?;
            Ok(Item::of(node))
        }
        Layout::DeleteReferences => deleted_reference(reader),
        Layout::HistoryRead => history(reader),
        Layout::HistoryUpdate => updated_history(reader),
        Layout::Monitored => monitored(reader),
        Layout::Paths => path(reader),
        Layout::Read => attribute(reader),
        Layout::Write => written(reader),
    }
}

/// `ReadValueId` (OPC 10000-4, 7.29).
fn attribute<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let node = node_id(reader, "node_id")?;
    let attribute = Some(reader.u32_le("attribute_id")?);
    text(reader, "index_range")?;
    qualified_name(reader, "data_encoding")?;
    Ok(Item {
        attribute,
        ..Item::of(node)
    })
}

/// `WriteValue` (OPC 10000-4, 5.11.4).
fn written<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let node = node_id(reader, "node_id")?;
    let attribute = Some(reader.u32_le("attribute_id")?);
    text(reader, "index_range")?;
    let value = Some(data_value(reader, DEPTH)?);
    Ok(Item {
        attribute,
        value,
        ..Item::of(node)
    })
}

/// `CallMethodRequest` (OPC 10000-4, 5.12.2).
fn called<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let object = node_id(reader, "object_id")?;
    let method = node_id(reader, "method_id")?;
    types::each(reader, "input_arguments", 1, |reader| {
        variant(reader, DEPTH).map(drop)
    })?;
    Ok(Item::of(object).with(method))
}

/// `BrowseDescription` (OPC 10000-4, 5.9.2).
fn browsed<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let node = node_id(reader, "node_id")?;
    reader.u32_le("browse_direction")?;
    node_id(reader, "reference_type_id")?;
    reader.take("include_subtypes", 9)?;
    Ok(Item::of(node))
}

/// `BrowsePath` (OPC 10000-4, 5.9.4).
fn path<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let start = node_id(reader, "starting_node")?;
    types::each(reader, "relative_path", 10, |reader| {
        node_id(reader, "reference_type_id")?;
        reader.take("is_inverse", 2)?;
        qualified_name(reader, "target_name").map(drop)
    })?;
    Ok(Item::of(start))
}

/// `HistoryReadValueId` (OPC 10000-4, 5.11.3).
fn history<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let node = node_id(reader, "node_id")?;
    text(reader, "index_range")?;
    qualified_name(reader, "data_encoding")?;
    bytes(reader, "continuation_point")?;
    Ok(Item::of(node))
}

/// Each of the `HistoryUpdateDetails` begins with its node (OPC 10000-11, 6.9).
fn updated_history<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let details = extension_object(reader, "history_update_details")?;
    let mut body = details
        .body
        .ok_or_else(|| reader.malformed("history_update_details", "has no body"))?;
    node_id(&mut body, "node_id").map(Item::of)
}

/// `MonitoredItemCreateRequest` (OPC 10000-4, 5.13.2).
fn monitored<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let item = attribute(reader)?;
    // Mode, client handle, sampling interval.
    reader.take("monitoring_mode", 16)?;
    extension_object(reader, "filter")?;
    reader.take("queue_size", 5)?;
    Ok(item)
}

/// `AddNodesItem` (OPC 10000-4, 5.8.2).
fn added_node<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let parent = node_id(reader, "parent_node_id")?;
    node_id(reader, "reference_type_id")?;
    let new = node_id(reader, "requested_new_node_id")?;
    qualified_name(reader, "browse_name")?;
    reader.u32_le("node_class")?;
    extension_object(reader, "node_attributes")?;
    node_id(reader, "type_definition")?;
    Ok(Item::of(parent).with(new))
}

/// `AddReferencesItem` (OPC 10000-4, 5.8.3).
fn added_reference<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let source = node_id(reader, "source_node_id")?;
    node_id(reader, "reference_type_id")?;
    reader.u8("is_forward")?;
    text(reader, "target_server_uri")?;
    let target = node_id(reader, "target_node_id")?;
    reader.u32_le("target_node_class")?;
    Ok(Item::of(source).with(target))
}

/// `DeleteReferencesItem` (OPC 10000-4, 5.8.5).
fn deleted_reference<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let source = node_id(reader, "source_node_id")?;
    node_id(reader, "reference_type_id")?;
    reader.u8("is_forward")?;
    let target = node_id(reader, "target_node_id")?;
    reader.u8("delete_bidirectional")?;
    Ok(Item::of(source).with(target))
}
