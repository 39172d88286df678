//! A message as its record's member: the specification's names, absent fields left out.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::functions::{DIAGNOSTICS, ENCAPSULATED, UMAS};
use super::identity::text;
use super::message::{Cells, Message};
use super::operation::Exchange;

impl Serialize for Exchange<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = &self.message;
        let mut map = serializer.serialize_map(None)?;
        entry(&mut map, "transaction_id", self.transaction_id())?;
        map.serialize_entry("unit_id", &message.frame.unit_id)?;
        map.serialize_entry("function", &message.frame.function())?;
        entry(&mut map, "exception", message.exception())?;
        entry(&mut map, "subfunction", self.sub(DIAGNOSTICS))?;
        entry(&mut map, "mei", self.sub(ENCAPSULATED))?;
        entry(&mut map, "address", message.address())?;
        entry(&mut map, "quantity", message.quantity())?;
        entry(&mut map, "write_address", message.write_address())?;
        entry(&mut map, "write_quantity", message.write_quantity())?;
        entry(&mut map, "values", self.values().map(Listed))?;
        entry(&mut map, "and_mask", message.and_mask())?;
        entry(&mut map, "or_mask", message.or_mask())?;
        let has_objects = message.objects().next().is_some();
        entry(&mut map, "objects", has_objects.then_some(Texts(message)))?;
        entry(&mut map, "umas", self.sub(UMAS))?;
        self.bodies(&mut map)?;
        map.serialize_entry("framing", self.framing.name())?;
        map.end()
    }
}

impl Exchange<'_> {
    /// The fields of bodies that hold more than cells.
    fn bodies<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let mut written = Ok(());
        self.walk(&mut |name, item| {
            if written.is_ok() {
                written = map.serialize_entry(name, &item);
            }
        });
        written
    }
}

/// One field, unless it is absent.
fn entry<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

struct Listed<'a>(Cells<'a>);

impl Serialize for Listed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

struct Texts<'m>(&'m Message<'m>);

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.objects().map(|(id, value)| (id, text(value))))
    }
}
