//! What a request of S7comm puts where.
//!
//! A value is shown with the type that its item names, which is what the controller goes by; one that is not as long as its
//! item, or of an item that names no bytes, could not be read. So could none of what userdata carries.

use model::{Element, Target, Verb, Written};

use super::items::{self, Item};
use super::message::{Body, Message};

/// Shows every target that a request writes with what it puts there.
pub(super) fn written(message: &Message<'_>, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
    let writes = message
        .names()
        .is_some_and(|function| function.verb == Verb::Write);
    if !message.asks() || !writes {
        return;
    }
    match &message.body {
        Body::Items(items, values) => {
            let mut values = values.iter();
            for item in items.iter() {
                let bytes = values.next().map_or(&[][..], |value| value.bytes);
                let value = value(&item, bytes).unwrap_or(Written::Unseen);
                item.targets(&mut |target| see(target, value));
            }
        }
        Body::Userdata(userdata) => {
            userdata.targets(&mut |target| see(target, Written::Unseen));
        }
        Body::Service(service) => service.targets(&mut |target| see(target, Written::Other)),
        Body::Bare | Body::Setup { .. } | Body::Values(_) | Body::Transfer(_) => {}
    }
}

/// What an item becomes.
fn value<'a>(item: &Item<'_>, bytes: &'a [u8]) -> Option<Written<'a>> {
    let Item::Any {
        transport_size,
        count,
        area,
        address,
        ..
    } = *item
    else {
        return None;
    };
    let wanted = usize::from(count) * items::width(transport_size);
    let bit = (address & 7) as u8;
    let is_whole = bytes.len() == wanted && wanted > 0 && reaches(item, bytes.len());
    match (items::is_numbered(area), transport_size, bytes) {
        (true, ..) => {
            (bytes.len() == 2 * usize::from(count) && count > 0).then_some(Written::Words(bytes))
        }
        (false, BIT, &[on @ (0 | 1)]) if count == 1 => Some(Written::Bit {
            place: bit,
            on: on == 1,
        }),
        (false, BIT, _) => None,
        (false, ..) if is_whole && bit == 0 => Some(Written::Bytes {
            bytes,
            element: element(transport_size),
        }),
        _ => None,
    }
}

/// Whether the item's cells are as many as the bytes: one that goes beyond the end of its area has fewer.
fn reaches(item: &Item<'_>, bytes: usize) -> bool {
    let mut reaches = false;
    item.targets(&mut |target| {
        if let Target::Cells { first, last, .. } = target {
            reaches = last - first + 1 == bytes as u64;
        }
    });
    reaches
}

/// What the bytes of a transport size are. Times are the numbers that they count.
const fn element(transport_size: u8) -> Element {
    match transport_size {
        0x02 | 0x03 => Element::Byte,
        // Words, dates, counters and timers.
        0x04 | 0x09 | 0x0c | 0x1c | 0x1d => Element::Word,
        0x05 => Element::Int,
        // Double words and times of day.
        0x06 | 0x0a => Element::DWord,
        // Double integers and durations.
        0x07 | 0x0b => Element::DInt,
        0x08 => Element::Real,
        _ => Element::Other,
    }
}

/// The transport size of a bit.
const BIT: u8 = 0x01;
