//! What a request touches, in the words of policies.
//!
//! A symbol names no bytes, so the whole block or area is meant. Objects that live as long as a connection have
//! numbers that differ from one to the next; they are `session` or `passing`, so that the same operation looks the
//! same tomorrow.

use model::Target;

use super::super::items;
use super::address::Address;
use super::ids;
use super::message::Message;

impl Message<'_> {
    /// Shows every target of a request.
    pub(in super::super) fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        if self.head.opcode != Some(0x31) {
            return;
        }
        if let Some(object) = self.object() {
            self.about(object, see);
        }
        let mut last = None;
        for address in self.addresses().iter() {
            let place = (address.area, address.bytes());
            if last.replace(place) != Some(place) {
                self.variable(&address, see);
            }
        }
    }

    pub(super) fn about(&self, object: u32, see: &mut dyn FnMut(Target<'_>)) {
        let values = matches!(
            self.head.function,
            Some(0x04f2 | 0x0542 | 0x054c | 0x057c | 0x0586)
        );
        match ids::block(object) {
            _ if values && ids::area(object).is_some() => self.whole(object, see),
            Some((kind, number)) => see(Target::Block { kind, number }),
            // Everything is said by the function.
            None if self
                .head
                .session
                .is_none_or(|it| it == object || it == ids::NO_SESSION) => {}
            None => self.named(object, see),
        }
    }

    fn named(&self, object: u32, see: &mut dyn FnMut(Target<'_>)) {
        see(Target::Named {
            kind: "object",
            name: self.object_name(object).text(),
        });
    }

    pub(super) fn variable(&self, address: &Address<'_>, see: &mut dyn FnMut(Target<'_>)) {
        match (address.bytes(), area_of(address.area)) {
            (Some((first, last)), Some((area, block))) if !area.1 => see(Target::Cells {
                area: area.0,
                block,
                first: u64::from(first).min(items::LAST),
                last: u64::from(last).min(items::LAST),
            }),
            _ => self.whole(address.area, see),
        }
    }

    fn whole(&self, object: u32, see: &mut dyn FnMut(Target<'_>)) {
        match area_of(object) {
            Some(((area, numbered), block)) => see(Target::Cells {
                area,
                block,
                first: 0,
                last: if numbered {
                    items::LAST_NUMBER
                } else {
                    items::LAST
                },
            }),
            None => self.named(object, see),
        }
    }

    /// The name of an object in this message.
    pub(super) fn object_name(&self, object: u32) -> Name {
        let named = match object {
            _ if self.head.session == Some(object) => Some("session"),
            _ if ids::is_passing(object) => Some("passing"),
            _ => ids::object(object),
        };
        named.map_or_else(|| Name::hex(object), Name::Known)
    }
}

/// The name of an object.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    Known(&'static str),
    /// Hexadecimal digits.
    Digits([u8; 8]),
}

impl Name {
    fn hex(object: u32) -> Self {
        let digit = |place: u32| {
            let nibble = object >> (28 - 4 * place) & 0xf;
            char::from_digit(nibble, 16).unwrap_or('0') as u8
        };
        Self::Digits([0, 1, 2, 3, 4, 5, 6, 7].map(digit))
    }

    /// The name as text.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Known(name) => name,
            Self::Digits(digits) => std::str::from_utf8(digits).unwrap_or_default(),
        }
    }
}

/// The area of an object that is memory, whether its cells are numbered, and its block.
pub(super) fn area_of(object: u32) -> Option<((&'static str, bool), Option<u32>)> {
    let code = ids::area(object)?;
    let block = (code == 0x84).then_some(object & 0xffff);
    Some(((items::area_name(code)?, items::is_numbered(code)), block))
}
