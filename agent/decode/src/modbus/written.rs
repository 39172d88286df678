//! What a request puts into which cells.
//!
//! MODBUS Application Protocol V1.1b3, 6.5, 6.6, 6.11, 6.12 and 6.15 to 6.17. Values that do not fill the cells that the request
//! names could not be read: what a device would make of them is unknown. The cells of file records have no addresses of their own.

use model::{Bits, Target, Written};

use super::layout::{COIL_ON, Half, word};
use super::message::Message;
use super::operation::{area, cells, files};

/// Shows each run of cells that a request writes, with what it puts there.
pub(super) fn written(message: &Message<'_>, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
    if message.half() != Some(Half::Request) {
        return;
    }
    let run = match message.frame.code {
        5 | 6 | 15 | 16 | 22 => message.address().map(|first| (first, message.quantity())),
        23 => message
            .write_address()
            .map(|first| (first, message.write_quantity())),
        21 => {
            let mut records = message.files().filter_map(|it| it.file);
            return files(&mut records, &mut |file| see(file, Written::Other));
        }
        _ => return,
    };
    if let (Some(area), Some((first, count))) = (area(message.frame.code), run) {
        let value = value(message, count.unwrap_or(1));
        let fits = u32::from(first) + u32::from(count.unwrap_or(1)) <= 1 << 16;
        let value = value.filter(|_| fits).unwrap_or(Written::Unseen);
        see(cells(area, first, count), value);
    }
}

/// What so many cells become.
fn value<'a>(message: &Message<'a>, count: u16) -> Option<Written<'a>> {
    let body = message.frame.body;
    let count = usize::from(count);
    match message.frame.code {
        5 => match word(body, 2)? {
            0 => Some(Written::Bits(Bits::one(false))),
            COIL_ON => Some(Written::Bits(Bits::one(true))),
            _ => None,
        },
        6 => body.get(2..4).map(Written::Words),
        15 => filled(message.block(5), count.div_ceil(8))
            .map(|bytes| Written::Bits(Bits::new(bytes, count))),
        16 => filled(message.block(5), 2 * count).map(Written::Words),
        22 => Some(Written::Masked {
            and: message.and_mask()?,
            or: message.or_mask()?,
        }),
        _ => filled(message.block(9), 2 * count).map(Written::Words),
    }
}

/// The bytes, if there are as many as there should be, and some.
fn filled(bytes: &[u8], wanted: usize) -> Option<&[u8]> {
    (bytes.len() == wanted && wanted > 0).then_some(bytes)
}
