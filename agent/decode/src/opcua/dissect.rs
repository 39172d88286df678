//! A whole message as its specification names it: the headers of transport and channel, the type, the header and the parameters
//! of the service.
//!
//! Follows the order of OPC 10000-6, 6.7.2. All of it is read again from the bytes when somebody asks. Of a message in
//! several chunks the transport's headers are the last chunk's. Ciphertext is not shown.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::frame::{HEADER, Header, Kind};
use super::message::{Body, What};
use super::operation::Shown;
use super::plain::ShownNode;
use super::record::some;
use super::schema::{self, Structure, headers};
use super::services::Half;
use super::types::{DEPTH, expanded_node_id};
use super::walk::walk;
use crate::reader::Reader;

/// Everything that a message carries.
pub(super) struct Dissection<'s>(pub(super) &'s Shown<'s>);

impl Serialize for Dissection<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.0;
        let mut map = serializer.serialize_map(None)?;
        let mut reader = Reader::new(shown.wire);
        if let Some(header) = shown.wire.first_chunk().copied().and_then(Header::read) {
            map.serialize_entry("messageType", header.kind.name())?;
            let chunk = shown.wire.get(3).copied().map(char::from);
            some(&mut map, "chunkType", chunk)?;
            map.serialize_entry("messageSize", &header.size)?;
        }
        // What is not there shows nothing further on.
        let _ = reader.take("message_type", HEADER);
        if shown.kind.is_secured() {
            self.secured(&mut reader, &mut map)?;
        } else {
            map.serialize_entry("parameters", &walk(greeting(shown.kind), reader, false))?;
        }
        map.end()
    }
}

impl Dissection<'_> {
    fn secured<M: SerializeMap>(
        &self,
        reader: &mut Reader<'_>,
        map: &mut M,
    ) -> Result<(), M::Error> {
        let shown = self.0;
        some(map, "secureChannelId", reader.u32_le("channel_id").ok())?;
        let security = match shown.kind {
            Kind::Open => &headers::ASYMMETRIC,
            _ => &headers::SYMMETRIC,
        };
        map.serialize_entry("security", &walk(security, *reader, false))?;
        if let Some(sequence) = shown.sequence {
            map.serialize_entry("sequenceNumber", &sequence.number)?;
            map.serialize_entry("requestId", &sequence.request_id)?;
        }
        match shown.body {
            Some(body) => self.body(&body, map),
            None => some(map, "error", shown.error),
        }
    }

    fn body<M: SerializeMap>(&self, body: &Body<'_>, map: &mut M) -> Result<(), M::Error> {
        let mut reader = body.start;
        map.serialize_entry("bodySize", &reader.left())?;
        let type_id = expanded_node_id(&mut reader, "typeId").ok();
        some(map, "typeId", type_id.map(ShownNode))?;
        some(map, "type", body.name())?;
        // An envelope's header holds what lets others in (OPC 10000-4, 6.3.1).
        let header = match body.what {
            _ if body.enveloped => None,
            What::Service(_, Half::Request) => Some(&headers::REQUEST),
            What::Service(_, Half::Response) | What::Fault => Some(&headers::RESPONSE),
            What::Unknown => None,
        };
        some(
            map,
            "header",
            header.map(|header| walk(header, reader, false)),
        )?;
        let parameters = |structure| walk(structure, body.parameters, self.0.hushed());
        some(map, "parameters", body.structure().map(parameters))?;
        some(map, "trailingBytes", trailing(body))
    }
}

/// How many bytes come after the parameters, where there should be none.
fn trailing(body: &Body<'_>) -> Option<usize> {
    let mut after = body.parameters;
    schema::pass(body.structure()?, &mut after, DEPTH).ok()?;
    Some(after.left()).filter(|left| *left > 0)
}

fn greeting(kind: Kind) -> &'static Structure {
    match kind {
        Kind::Hello => &headers::HELLO,
        Kind::Acknowledge => &headers::ACKNOWLEDGE,
        Kind::ReverseHello => &headers::REVERSE_HELLO,
        _ => &headers::ERROR,
    }
}
