//! The fields on the wire that the operation record leaves out, for writers of other formats.
//!
//! MODBUS Application Protocol V1.1b3: 6.1 and 6.2 (padding of coils), 6.8 (diagnostics data), 6.21
//! (objects in wire order, also where one comes twice).

use std::borrow::Cow;
use std::fmt;

use model::Stage;
use serde::{Serialize, Serializer};

use super::functions::{DIAGNOSTICS, ENCAPSULATED};
use super::identity;
use super::message::{Cells, Message};

/// What else a message says. Fields that it does not carry are absent.
#[derive(Default, Serialize)]
pub(super) struct Dissection<'a> {
    /// The function code has the bit that marks an exception.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_exception: bool,
    /// The bits after the last coil that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    padding: Option<Vec<u16>>,
    /// The data of diagnostics.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Hex<'a>>,
    /// The objects of a device's identification, in wire order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    identification: Vec<Object<'a>>,
}

#[derive(Serialize)]
struct Object<'a> {
    id: u8,
    value: Cow<'a, str>,
}

impl<'a> Dissection<'a> {
    /// What else a message says; `asked` is the quantity of the request that it answers.
    pub(super) fn of(message: &Message<'a>, asked: Option<u16>) -> Self {
        let mut dissection = Self {
            is_exception: message.frame.is_exception(),
            ..Self::default()
        };
        match message.frame.code {
            1 | 2 => dissection.padding = padding(message, asked),
            DIAGNOSTICS => dissection.data = message.frame.body.get(2..).map(Hex),
            ENCAPSULATED => dissection.identification = objects(message),
            _ => {}
        }
        dissection
    }
}

fn objects<'a>(message: &Message<'a>) -> Vec<Object<'a>> {
    let objects = message.objects().map(|(id, value)| Object {
        id,
        value: identity::text(value),
    });
    objects.collect()
}

fn padding(message: &Message<'_>, asked: Option<u16>) -> Option<Vec<u16>> {
    let (Stage::Response, Some(Cells::Bits(bits))) = (message.stage, message.values(None)) else {
        return None;
    };
    let padding: Vec<_> = bits.skip(usize::from(asked?)).collect();
    (!padding.is_empty()).then_some(padding)
}

/// Bytes as hexadecimal digits.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
