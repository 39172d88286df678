//! What a subscription tells: the values that changed and the events that happened, one after the other.
//!
//! Follows OPC 10000-4, 5.14.5 (Publish), 5.14.6 (Republish), 7.25 (notification data) and 7.26 (notification message).

use model::Malformed;

use super::content::{Content, row};
use super::status;
use super::types::{self, DEPTH, extension_object};
use super::variant::{DataValue, Each, data_value};
use crate::reader::Reader;

const DATA_CHANGE: u32 = 811;
const EVENTS: u32 = 916;
const STATUS_CHANGE: u32 = 820;

/// One thing that is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    /// The client's number for what is monitored; none where the subscription itself is meant.
    pub(super) client_handle: Option<u32>,
    pub(super) status: Option<u32>,
    pub(super) value: Option<Content<'a>>,
}

/// A notification message.
#[derive(Clone, Debug)]
pub(super) struct Notifications<'a> {
    pub(super) subscription: u32,
    pub(super) sequence_number: u32,
    /// Whether there is more to tell than the message had room for.
    pub(super) more: Option<bool>,
    /// The notifications that were not begun.
    rest: Reader<'a>,
    left: u32,
    /// The one at hand.
    at: Option<Part<'a>>,
}

/// One notification, which tells several things of one kind.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    kind: u32,
    reader: Reader<'a>,
    left: u32,
}

impl<'a> Notifications<'a> {
    /// Of the parameters of a `Publish` response.
    pub(super) fn published(mut reader: Reader<'a>) -> Option<Self> {
        let subscription = reader.u32_le("subscription_id").ok()?;
        types::each(&mut reader, "available_sequence_numbers", 4, |reader| {
            reader.u32_le("available_sequence_numbers").map(drop)
        })
        .ok()?;
        let more = reader.u8("more_notifications").ok()? != 0;
        let message = Self::republished(reader, subscription)?;
        Some(Self {
            more: Some(more),
            ..message
        })
    }

    /// Of the parameters of a `Republish` response.
    pub(super) fn republished(mut reader: Reader<'a>, subscription: u32) -> Option<Self> {
        let sequence_number = reader.u32_le("sequence_number").ok()?;
        reader.take("publish_time", 8).ok()?;
        let left = types::count(&mut reader, "notification_data", 3).ok()?;
        Some(Self {
            subscription,
            sequence_number,
            more: None,
            rest: reader,
            left,
            at: None,
        })
    }

    /// Whether it only says that the subscription lives on.
    pub(super) const fn is_keep_alive(&self) -> bool {
        self.left == 0 && self.at.is_none()
    }

    /// Whether it says that the subscription is over, or another session's.
    pub(super) fn ends(&self) -> bool {
        const GOOD_SUBSCRIPTION_TRANSFERRED: u32 = 0x002d_0000;
        let over = |code| status::is_bad(code) || code == GOOD_SUBSCRIPTION_TRANSFERRED;
        let mut told = self.clone();
        told.any(|told| told.client_handle.is_none() && told.status.is_some_and(over))
    }

    fn next_part(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let part = part(&mut self.rest);
        if part.is_err() {
            self.left = 0;
        }
        self.at = part.ok();
        Some(())
    }
}

impl<'a> Iterator for Notifications<'a> {
    type Item = Told<'a>;

    fn next(&mut self) -> Option<Told<'a>> {
        loop {
            if let Some(told) = self.at.as_mut().and_then(Part::next) {
                return Some(told);
            }
            self.next_part()?;
        }
    }
}

fn part<'a>(reader: &mut Reader<'a>) -> Result<Part<'a>, Malformed> {
    let object = extension_object(reader, "notification_data")?;
    let kind = object.type_id.standard().unwrap_or(0);
    let mut body = object.body.unwrap_or(Reader::new(&[]));
    let left = match kind {
        DATA_CHANGE => types::count(&mut body, "monitored_items", 5)?,
        EVENTS => types::count(&mut body, "events", 8)?,
        STATUS_CHANGE => 1,
        _ => 0,
    };
    Ok(Part {
        kind,
        reader: body,
        left,
    })
}

impl<'a> Part<'a> {
    fn next(&mut self) -> Option<Told<'a>> {
        self.left = self.left.checked_sub(1)?;
        let told = self.read().ok();
        if told.is_none() {
            self.left = 0;
        }
        told
    }

    fn read(&mut self) -> Result<Told<'a>, Malformed> {
        let reader = &mut self.reader;
        let number = reader.u32_le("client_handle")?;
        if self.kind == STATUS_CHANGE {
            return Ok(Told {
                client_handle: None,
                status: Some(number),
                value: None,
            });
        }
        let (status, value) = if self.kind == EVENTS {
            (
                None,
                Some(Content::Row(row(reader, "event_fields", Each::Variant)?)),
            )
        } else {
            let DataValue { value, status } = data_value(reader, DEPTH)?;
            (Some(status.unwrap_or(0)), value.map(Content::One))
        };
        Ok(Told {
            client_handle: Some(number),
            status,
            value,
        })
    }
}
