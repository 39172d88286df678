//! The results that a response gives: one for each item of its request, or what it tells by itself.
//!
//! Follows the responses of OPC 10000-4, 5.8 to 5.14, in the binary encoding of OPC 10000-6, 5.2.6. The notifications of
//! a `Publish` are given back to the nodes that are monitored, where that was seen. Nothing is copied; results end at the first
//! that cannot be read.

use model::{Malformed, Outcome};

use super::content::{Content, Row, row};
use super::notifications::{Notifications, Told};
use super::services::Answers as Layout;
use super::status;
use super::subscriptions::Subscriptions;
use super::types::{
    self, DEPTH, ExtensionObject, NodeId, bytes, diagnostic_info, extension_object, localized_text,
    node_id, qualified_name,
};
use super::variant::{DataValue, Each, data_value};
use super::watched::Watched;
use crate::reader::Reader;

/// One result.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answer<'a> {
    /// The node that it tells of, where that is not its item's.
    pub(super) node: Option<NodeId<'a>>,
    pub(super) attribute: Option<u32>,
    /// A hash of the two, where a subscription remembers it.
    pub(super) print: Option<u64>,
    /// How the item went.
    pub(super) status: Option<u32>,
    /// The value that was read, or that changed.
    pub(super) value: Option<Content<'a>>,
    /// What a method gives back.
    pub(super) outputs: Option<Row<'a>>,
    /// The node that the server gave: a new one, a short name for one, the one at the end of a path.
    pub(super) given: Option<NodeId<'a>>,
    /// The server's number for a monitored item.
    pub(super) monitored: Option<u32>,
    /// The client's number for a monitored item.
    pub(super) client_handle: Option<u32>,
}

impl Answer<'_> {
    fn of(status: u32) -> Self {
        Self {
            status: Some(status),
            ..Self::default()
        }
    }
}

/// The results of one response.
#[derive(Clone, Debug)]
pub(super) struct Answers<'a> {
    reader: Reader<'a>,
    layout: Layout,
    left: u32,
    /// How many lists come after this one.
    lists: u8,
    notifications: Option<Notifications<'a>>,
    known: Option<&'a Subscriptions>,
    subscription: u32,
}

/// The results of a response, whose parameters `reader` is at. `subscription` is the one that its request names.
pub(super) fn answers<'a>(
    layout: Layout,
    mut reader: Reader<'a>,
    known: Option<&'a Subscriptions>,
    subscription: u32,
) -> Answers<'a> {
    let left = match layout {
        Layout::None | Layout::Notifications | Layout::Republished => Ok(0),
        _ => types::count(&mut reader, "results", least(layout)),
    };
    let notifications = match layout {
        Layout::Notifications => Notifications::published(reader),
        Layout::Republished => Notifications::republished(reader, subscription),
        _ => None,
    };
    Answers {
        reader,
        layout,
        left: left.unwrap_or(0),
        lists: u8::from(layout == Layout::Triggered && left.is_ok()),
        subscription: notifications
            .as_ref()
            .map_or(subscription, |it| it.subscription),
        notifications,
        known,
    }
}

impl<'a> Answers<'a> {
    /// How they are laid out.
    pub(super) const fn layout(&self) -> Layout {
        self.layout
    }

    /// Whether they name nodes themselves.
    pub(super) const fn tells(&self) -> bool {
        matches!(
            self.layout,
            Layout::Notifications | Layout::Republished | Layout::DataSets
        )
    }

    /// The first failure among them, if there is one.
    pub(super) fn refusal(&mut self) -> Option<Outcome> {
        let code = self
            .filter_map(|answer| answer.status)
            .find(|code| status::is_bad(*code))?;
        Some(Outcome::Refused {
            code,
            name: status::name(code),
        })
    }

    /// What a notification tells, of the node that is known by its handle.
    fn told(&self, told: Told<'a>) -> Answer<'a> {
        let known = self.known.zip(told.client_handle);
        let watched = known.and_then(|(known, handle)| known.by_handle(self.subscription, handle));
        Answer {
            node: watched.and_then(|watched| watched.node()),
            attribute: watched.map(|watched| watched.attribute),
            print: watched.map(Watched::print),
            status: told.status,
            value: told.value,
            client_handle: told.client_handle,
            ..Answer::default()
        }
    }

    /// The list after the diagnostics that end this one.
    fn next_list(&mut self) -> Option<()> {
        self.lists = self.lists.checked_sub(1)?;
        diagnostics(&mut self.reader).ok()?;
        self.left = types::count(&mut self.reader, "results", least(self.layout)).ok()?;
        Some(())
    }
}

impl<'a> Iterator for Answers<'a> {
    type Item = Answer<'a>;

    fn next(&mut self) -> Option<Answer<'a>> {
        if let Some(notifications) = &mut self.notifications {
            let told = notifications.next()?;
            return Some(self.told(told));
        }
        if self.left == 0 {
            self.next_list()?;
        }
        self.left = self.left.checked_sub(1)?;
        let read = answer(self.layout, &mut self.reader).ok();
        if read.is_none() {
            (self.left, self.lists) = (0, 0);
        }
        read
    }
}

/// The fewest bytes that one result has.
const fn least(layout: Layout) -> usize {
    match layout {
        Layout::None | Layout::Notifications | Layout::Republished | Layout::Value => 1,
        Layout::Registered => 2,
        Layout::Status | Layout::Triggered => 4,
        Layout::AddedNode => 6,
        Layout::DataSets | Layout::Path | Layout::Transferred => 8,
        Layout::History => 11,
        Layout::Browse | Layout::Updated => 12,
        Layout::Method => 16,
        Layout::Modified => 19,
        Layout::Monitored => 23,
    }
}

fn answer<'a>(layout: Layout, reader: &mut Reader<'a>) -> Result<Answer<'a>, Malformed> {
    match layout {
        Layout::Value => return read_value(reader),
        Layout::DataSets => return data_set(reader),
        Layout::Registered => {
            return Ok(Answer {
                given: Some(node_id(reader, "registered_node_id")?),
                ..Answer::default()
            });
        }
        _ => {}
    }
    let mut answer = Answer::of(reader.u32_le("status_code")?);
    match layout {
        Layout::AddedNode => {
            let added = node_id(reader, "added_node_id")?;
            answer.given = (!added.is_null()).then_some(added);
        }
        Layout::Browse => browsed(reader)?,
        Layout::History => {
            bytes(reader, "continuation_point")?;
            answer.value = history(extension_object(reader, "history_data")?)?;
        }
        Layout::Method => answer.outputs = Some(called(reader)?),
        Layout::Modified => monitoring(reader)?,
        Layout::Monitored => {
            answer.monitored = Some(reader.u32_le("monitored_item_id")?);
            monitoring(reader)?;
        }
        Layout::Path => answer.given = path_end(reader)?,
        Layout::Transferred => types::each(reader, "available_sequence_numbers", 4, |reader| {
            reader.u32_le("available_sequence_numbers").map(drop)
        })?,
        Layout::Updated => {
            statuses(reader, "operation_results")?;
            diagnostics(reader)?;
        }
        _ => {}
    }
    Ok(answer)
}

fn read_value<'a>(reader: &mut Reader<'a>) -> Result<Answer<'a>, Malformed> {
    let DataValue { value, status } = data_value(reader, DEPTH)?;
    Ok(Answer {
        value: value.map(Content::One),
        ..Answer::of(status.unwrap_or(0))
    })
}

/// `QueryDataSet` (OPC 10000-4, 7.28).
fn data_set<'a>(reader: &mut Reader<'a>) -> Result<Answer<'a>, Malformed> {
    let node = Some(node_id(reader, "node_id")?);
    node_id(reader, "type_definition_node")?;
    let value = Some(Content::Row(row(reader, "values", Each::Variant)?));
    Ok(Answer {
        node,
        value,
        ..Answer::default()
    })
}

/// The values of a history, where it is one of values (OPC 10000-11, 6.6).
fn history(data: ExtensionObject<'_>) -> Result<Option<Content<'_>>, Malformed> {
    const HISTORY_DATA: u32 = 658;
    const HISTORY_MODIFIED_DATA: u32 = 11227;
    let body = data.holding(HISTORY_DATA);
    let Some(mut body) = body.or_else(|| data.holding(HISTORY_MODIFIED_DATA)) else {
        return Ok(None);
    };
    let values = row(&mut body, "data_values", Each::Data)?;
    Ok(Some(Content::Row(values)))
}

/// What a server made of the parameters of a monitored item.
fn monitoring(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    reader.take("revised_sampling_interval", 12)?;
    extension_object(reader, "filter_result").map(drop)
}

/// The first end of a `BrowsePathResult` (OPC 10000-4, 5.9.4).
fn path_end<'a>(reader: &mut Reader<'a>) -> Result<Option<NodeId<'a>>, Malformed> {
    let mut first = None;
    types::each(reader, "targets", 6, |reader| {
        let target = node_id(reader, "target_id")?;
        first = first.or(Some(target));
        reader.u32_le("remaining_path_index").map(drop)
    })?;
    Ok(first)
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
fn called<'a>(reader: &mut Reader<'a>) -> Result<Row<'a>, Malformed> {
    statuses(reader, "input_argument_results")?;
    diagnostics(reader)?;
    row(reader, "output_arguments", Each::Variant)
}

fn statuses(reader: &mut Reader<'_>, field: &'static str) -> Result<(), Malformed> {
    types::each(reader, field, 4, |reader| reader.u32_le(field).map(drop))
}

fn diagnostics(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    types::each(reader, "diagnostic_infos", 1, |reader| {
        diagnostic_info(reader, "diagnostic_infos")
    })
}
