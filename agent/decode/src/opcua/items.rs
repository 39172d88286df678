//! What a request names: an iterator over its parameters, one item after the other.
//!
//! Follows the requests of OPC 10000-4, 5.8 (node management), 5.9 (view), 5.10 (query), 5.11 (attribute), 5.12 (method), 5.13
//! (monitored item) and 5.14 (subscription), in the binary encoding of OPC 10000-6, 5.2.6 (members in order). Monitored
//! items are named by the node that they watch, where their creation was seen. Nothing is copied; items end at the
//! first that cannot be read.

use model::{Malformed, Target};

use super::content::{Content, Row, row};
use super::services::Items as Layout;
use super::subscriptions::Subscriptions;
use super::types::{self, DEPTH, NodeId, bytes, extension_object, node_id, qualified_name, text};
use super::variant::{Each, data_value};
use crate::reader::Reader;

/// The attribute that holds a variable's value (OPC 10000-6, A.1).
pub(super) const VALUE: u32 = 13;

/// One item of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Item<'a> {
    pub(super) node: Option<NodeId<'a>>,
    /// What else it names: the method of a call, the other end of a reference, the new node, the node whose
    /// changes trigger it.
    pub(super) other: Option<NodeId<'a>>,
    pub(super) attribute: Option<u32>,
    /// What is to be written.
    pub(super) value: Option<Content<'a>>,
    /// What a method is given.
    pub(super) arguments: Option<Row<'a>>,
    /// How a history is read or changed: the type of the details.
    pub(super) history: Option<&'static str>,
    /// The monitored item that it names.
    pub(super) monitored: Option<u32>,
    /// The client's number for what it monitors.
    pub(super) client_handle: Option<u32>,
    /// The subscription that it names.
    pub(super) subscription: Option<u32>,
}

impl<'a> Item<'a> {
    fn of(node: NodeId<'a>) -> Self {
        Self {
            node: Some(node),
            ..Self::default()
        }
    }

    const fn with(self, other: NodeId<'a>) -> Self {
        let other = if other.is_null() { None } else { Some(other) };
        Self { other, ..self }
    }

    /// Shows the item's node, then the other.
    pub(super) fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        for node in [self.node, self.other].into_iter().flatten() {
            see(node.target());
        }
    }
}

/// The items of one request.
#[derive(Clone, Debug)]
pub(super) struct Items<'a> {
    reader: Reader<'a>,
    layout: Layout,
    left: u32,
    /// How many lists come after this one.
    lists: u8,
    common: Common<'a>,
}

/// What stands before the items and concerns each of them.
#[derive(Clone, Copy, Debug, Default)]
struct Common<'a> {
    subscription: u32,
    /// What is known of the monitored items that it names.
    known: Option<&'a Subscriptions>,
    history: Option<&'static str>,
    trigger: Option<NodeId<'a>>,
}

/// The items of a request, whose parameters `reader` is at.
pub(super) fn items<'a>(
    layout: Layout,
    mut reader: Reader<'a>,
    known: Option<&'a Subscriptions>,
) -> Items<'a> {
    let mut common = Common {
        known,
        ..Common::default()
    };
    let left = before(layout, &mut reader, &mut common)
        .and_then(|()| types::count(&mut reader, "items", least(layout)));
    Items {
        reader,
        layout,
        left: left.unwrap_or(0),
        lists: u8::from(layout == Layout::Triggered && left.is_ok()),
        common,
    }
}

impl<'a> Items<'a> {
    /// How they are laid out.
    pub(super) const fn layout(&self) -> Layout {
        self.layout
    }

    fn next_list(&mut self) -> Option<()> {
        self.lists = self.lists.checked_sub(1)?;
        self.left = types::count(&mut self.reader, "items", least(self.layout)).ok()?;
        Some(())
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        if self.left == 0 {
            self.next_list()?;
        }
        self.left = self.left.checked_sub(1)?;
        let read = item(self.layout, &mut self.reader, &self.common).ok();
        if read.is_none() {
            (self.left, self.lists) = (0, 0);
        }
        read
    }
}

/// Passes over the parameters that stand before the items.
fn before<'a>(
    layout: Layout,
    reader: &mut Reader<'a>,
    common: &mut Common<'a>,
) -> Result<(), Malformed> {
    match layout {
        Layout::None => *reader = Reader::new(&[0; 4]),
        // Largest age, which timestamps.
        Layout::Read => drop(reader.take("max_age", 12)?),
        // The view's node, timestamp and version; how many references at most.
        Layout::Browse => {
            node_id(reader, "view")?;
            reader.take("view", 16)?;
        }
        // The view's node, timestamp and version.
        Layout::Query => {
            node_id(reader, "view")?;
            reader.take("view", 12)?;
        }
        // Which subscription; which timestamps, or which mode.
        Layout::Monitored | Layout::Modified | Layout::Mode => {
            common.subscription = reader.u32_le("subscription_id")?;
            reader.u32_le("mode")?;
        }
        Layout::Unmonitored => common.subscription = reader.u32_le("subscription_id")?,
        Layout::Triggered => {
            common.subscription = reader.u32_le("subscription_id")?;
            let item = reader.u32_le("triggering_item_id")?;
            common.trigger = monitored_by_id(item, common).node;
        }
        // What to read of the history, which timestamps, whether to release.
        Layout::HistoryRead => {
            let details = extension_object(reader, "history_read_details")?;
            common.history = details.known().map(|known| known.name);
            reader.take("timestamps_to_return", 5)?;
        }
        // Whether to publish.
        Layout::Publishing => drop(reader.u8("publishing_enabled")?),
        Layout::AddNodes
        | Layout::AddReferences
        | Layout::Acknowledgements
        | Layout::Call
        | Layout::DeleteNodes
        | Layout::DeleteReferences
        | Layout::HistoryUpdate
        | Layout::Nodes
        | Layout::Paths
        | Layout::Subscriptions
        | Layout::Write => {}
    }
    Ok(())
}

/// The fewest bytes that one item has.
const fn least(layout: Layout) -> usize {
    match layout {
        Layout::None | Layout::Nodes => 2,
        Layout::DeleteNodes | Layout::HistoryUpdate => 3,
        Layout::Mode | Layout::Triggered | Layout::Unmonitored => 4,
        Layout::Publishing | Layout::Subscriptions => 4,
        Layout::Paths => 6,
        Layout::Query => 7,
        Layout::Acknowledgements | Layout::Call | Layout::DeleteReferences => 8,
        Layout::Write => 11,
        Layout::Browse => 17,
        Layout::Read | Layout::HistoryRead | Layout::AddReferences => 15,
        Layout::AddNodes => 21,
        Layout::Modified => 24,
        Layout::Monitored => 40,
    }
}

fn item<'a>(
    layout: Layout,
    reader: &mut Reader<'a>,
    common: &Common<'a>,
) -> Result<Item<'a>, Malformed> {
    match layout {
        Layout::None | Layout::Nodes => node_id(reader, "node_id").map(Item::of),
        Layout::Acknowledgements => {
            let item = subscription(reader);
            reader.u32_le("sequence_number")?;
            item
        }
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
        Layout::HistoryRead => history(reader, common.history),
        Layout::HistoryUpdate => updated_history(reader),
        Layout::Mode | Layout::Triggered | Layout::Unmonitored => {
            let id = reader.u32_le("monitored_item_id")?;
            Ok(monitored_by_id(id, common))
        }
        Layout::Modified => modified(reader, common),
        Layout::Monitored => monitored(reader),
        Layout::Paths => path(reader),
        Layout::Publishing | Layout::Subscriptions => subscription(reader),
        Layout::Query => queried(reader),
        Layout::Read => attribute(reader),
        Layout::Write => written(reader),
    }
}

fn subscription<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    Ok(Item {
        subscription: Some(reader.u32_le("subscription_id")?),
        ..Item::default()
    })
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
    let value = data_value(reader, DEPTH)?.value.map(Content::One);
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
    let arguments = row(reader, "input_arguments", Each::Variant)?;
    let item = Item::of(object).with(method);
    Ok(Item {
        arguments: (!is_secretive(method)).then_some(arguments),
        ..item
    })
}

/// Whether a method is given or gives back secrets: passwords, keys and credentials (OPC 10000-18, 5.2; OPC 10000-12,
/// 7.10 and 8.5; OPC 10000-14, 8.3 and 8.7; the identifiers of OPC 10000-6, A.3).
pub(super) fn is_secretive(method: NodeId<'_>) -> bool {
    const ADD_USER: [u32; 2] = [24269, 24304];
    const MODIFY_USER: [u32; 2] = [24271, 24306];
    const CHANGE_PASSWORD: [u32; 2] = [24275, 24310];
    const UPDATE_CREDENTIAL: [u32; 2] = [17519, 18006];
    const UPDATE_CERTIFICATE: [u32; 4] = [12616, 13737, 18533, 28005];
    const SECURITY_KEYS: [u32; 4] = [15215, 15907, 17296, 17364];
    let lists: [&[u32]; 6] = [
        &ADD_USER,
        &MODIFY_USER,
        &CHANGE_PASSWORD,
        &UPDATE_CREDENTIAL,
        &UPDATE_CERTIFICATE,
        &SECURITY_KEYS,
    ];
    let id = method.standard();
    id.is_some_and(|id| lists.iter().any(|list| list.contains(&id)))
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
    relative_path(reader)?;
    Ok(Item::of(start))
}

/// `RelativePath` (OPC 10000-4, 7.31).
fn relative_path(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    types::each(reader, "relative_path", 10, |reader| {
        node_id(reader, "reference_type_id")?;
        reader.take("is_inverse", 2)?;
        qualified_name(reader, "target_name").map(drop)
    })
}

/// `NodeTypeDescription` (OPC 10000-4, 5.10.3).
fn queried<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let node = node_id(reader, "type_definition_node")?;
    reader.u8("include_sub_types")?;
    types::each(reader, "data_to_return", 12, |reader| {
        relative_path(reader)?;
        reader.u32_le("attribute_id")?;
        text(reader, "index_range").map(drop)
    })?;
    Ok(Item::of(node))
}

/// `HistoryReadValueId` (OPC 10000-4, 5.11.3).
fn history<'a>(
    reader: &mut Reader<'a>,
    history: Option<&'static str>,
) -> Result<Item<'a>, Malformed> {
    let node = node_id(reader, "node_id")?;
    text(reader, "index_range")?;
    qualified_name(reader, "data_encoding")?;
    bytes(reader, "continuation_point")?;
    Ok(Item {
        history,
        ..Item::of(node)
    })
}

/// Each of the `HistoryUpdateDetails` begins with its node (OPC 10000-11, 6.9); updates go on with what to do and
/// the values to do it with.
fn updated_history<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    const UPDATE_DATA: u32 = 682;
    const UPDATE_STRUCTURE_DATA: u32 = 11300;
    let details = extension_object(reader, "history_update_details")?;
    let mut body = details
        .body
        .ok_or_else(|| reader.malformed("history_update_details", "has no body"))?;
    let node = node_id(&mut body, "node_id")?;
    let value = match details.type_id.standard() {
        Some(UPDATE_DATA | UPDATE_STRUCTURE_DATA) => {
            body.u32_le("perform_insert_replace")?;
            Some(Content::Row(row(&mut body, "update_values", Each::Data)?))
        }
        _ => None,
    };
    Ok(Item {
        value,
        history: details.known().map(|known| known.name),
        ..Item::of(node)
    })
}

/// `MonitoredItemCreateRequest` (OPC 10000-4, 5.13.2).
fn monitored<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Malformed> {
    let item = attribute(reader)?;
    reader.u32_le("monitoring_mode")?;
    let client_handle = Some(monitoring_parameters(reader)?);
    Ok(Item {
        client_handle,
        ..item
    })
}

/// `MonitoringParameters` (OPC 10000-4, 7.21), of which only the client's handle is given back.
fn monitoring_parameters(reader: &mut Reader<'_>) -> Result<u32, Malformed> {
    let client_handle = reader.u32_le("client_handle")?;
    reader.take("sampling_interval", 8)?;
    extension_object(reader, "filter")?;
    reader.take("queue_size", 5)?;
    Ok(client_handle)
}

/// `MonitoredItemModifyRequest` (OPC 10000-4, 5.13.3).
fn modified<'a>(reader: &mut Reader<'a>, common: &Common<'a>) -> Result<Item<'a>, Malformed> {
    let id = reader.u32_le("monitored_item_id")?;
    let client_handle = Some(monitoring_parameters(reader)?);
    Ok(Item {
        client_handle,
        ..monitored_by_id(id, common)
    })
}

/// A monitored item that is named by the server's number for it.
fn monitored_by_id<'a>(id: u32, common: &Common<'a>) -> Item<'a> {
    let known = common.known;
    let watched = known.and_then(|known| known.by_id(common.subscription, id));
    Item {
        node: watched.and_then(|watched| watched.node()),
        attribute: watched.map(|watched| watched.attribute),
        other: common.trigger,
        monitored: Some(id),
        ..Item::default()
    }
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
