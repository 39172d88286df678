//! What a request of S7comm-plus puts where.
//!
//! A symbol names no bytes, so what is known is the number and the block or area that it is in. Where the address names
//! bytes, and the value is as long, the bytes are shown. Secrets are not.

use model::{Element, Target, Written};

use super::entries::Values;
use super::message::Message;
use super::value::{Seen, Value};

/// The functions that write: SetVariable, SetMultiVariables, SetVarSubStreamed.
const WRITES: [u16; 3] = [0x04f2, 0x0542, 0x057c];

impl Message<'_> {
    /// Shows every target that a request writes with what it puts there.
    pub(in super::super) fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        let writes = self.head.function.is_some_and(|it| WRITES.contains(&it));
        if self.head.opcode != Some(0x31) || !writes {
            return;
        }
        let values = match self.is_secret() {
            true => Values::None,
            false => self.body.values,
        };
        if let Some(object) = self.object() {
            return self.about(object, &mut |target| attributes(values, target, see));
        }
        let mut values = values.iter().peekable();
        for (number, address) in (1..).zip(self.addresses().iter()) {
            let entry = values.next_if(|entry| entry.number == number);
            let value = entry.and_then(|entry| entry.value);
            self.variable(&address, &mut |target| put(value, target, see));
        }
    }
}

/// An object's attributes are parts of one target.
fn attributes(
    values: Values<'_>,
    target: Target<'_>,
    see: &mut dyn FnMut(Target<'_>, Written<'_>),
) {
    let mut entries = values.iter().peekable();
    if entries.peek().is_none() {
        see(target, Written::Unseen);
    }
    entries.for_each(|entry| put(entry.value, target, see));
}

fn put(value: Option<Value<'_>>, target: Target<'_>, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
    match value {
        None => see(target, Written::Unseen),
        Some(value) => match as_bytes(&value, target) {
            Some(bytes) => see(target, bytes),
            None => each(&value, &mut |written| see(target, written)),
        },
    }
}

/// A value that is as long as its target.
fn as_bytes<'a>(value: &Value<'a>, target: Target<'_>) -> Option<Written<'a>> {
    let Target::Cells { first, last, .. } = target else {
        return None;
    };
    let (bytes, element) = match value.bytes() {
        Some(bytes) => (bytes, Element::Byte),
        None => value.fixed()?,
    };
    let fits = last.checked_sub(first)?.checked_add(1)? == bytes.len() as u64;
    fits.then_some(Written::Bytes { bytes, element })
}

/// Shows a value, or each element of an array.
fn each(value: &Value<'_>, see: &mut dyn FnMut(Written<'_>)) {
    match value.seen() {
        Seen::List(list) => {
            let mut elements = list.peekable();
            if elements.peek().is_none() {
                see(Written::Other);
            }
            elements.for_each(|element| see(one(&element)));
        }
        Seen::Bytes(bytes) if value.is_array() => see(Written::Bytes {
            bytes,
            element: Element::Byte,
        }),
        _ => see(one(value)),
    }
}

fn one<'a>(value: &Value<'a>) -> Written<'a> {
    match value.seen() {
        Seen::Bool(truth) => Written::Bool(truth),
        Seen::Signed(number) => Written::Int(number),
        Seen::Unsigned(number) => Written::UInt(number),
        Seen::Real(number) => Written::Number(number),
        Seen::Text(text) => std::str::from_utf8(text).map_or(Written::Other, Written::Text),
        Seen::Nothing | Seen::Bytes(_) | Seen::List(_) | Seen::Keyed(_) => Written::Other,
    }
}
