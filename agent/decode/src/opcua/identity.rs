//! What messages say of who the client and the server are.
//!
//! Follows OPC 10000-4, 7.2 (application description), and OPC 10000-5, 12.4 (build information) by the nodes of OPC 10000-6, A.3.

use model::{Fact, Identity, Side};

use super::items::VALUE;
use super::login::clipped;
use super::operation::Shown;
use super::parameters::{self, Application, BuildInfo};
use super::services::{self, Half};
use super::types;
use super::variant::Variant;
use crate::reader::Reader;

/// Shows what a message says of who the client or the server is.
pub(super) fn show(shown: &Shown<'_>, see: &mut dyn FnMut(Identity<'_>)) {
    let Some(body) = shown.body else {
        return;
    };
    let parameters = body.parameters;
    if body.asks(services::CREATE_SESSION) {
        let client = parameters::create_session(parameters).map(|asked| asked.client);
        describe(Side::Client, client.ok(), see);
    } else if body.is(services::CREATE_SESSION, Half::Response) {
        let created = parameters::created_session(parameters);
        describe(
            Side::Server,
            created.ok().and_then(|created| created.server),
            see,
        );
    } else if body.is(services::GET_ENDPOINTS, Half::Response) {
        let server = parameters::first_endpoint(parameters);
        describe(Side::Server, server.ok().flatten(), see);
    } else if let (Some(items), Some(answers)) = (shown.items(), shown.answers()) {
        for (item, answer) in items.zip(answers) {
            let node = item.node.and_then(|node| node.standard());
            let node = node.filter(|_| item.attribute == Some(VALUE));
            let value = answer.value.and_then(|value| value.one());
            if let (Some(node), Some(value)) = (node, value) {
                tell(node, &value, see);
            }
        }
    }
}

fn describe(of: Side, who: Option<Application<'_>>, see: &mut dyn FnMut(Identity<'_>)) {
    let Some(who) = who else {
        return;
    };
    let name = clipped(who.uri).or_else(|| clipped(who.name));
    fact(of, Fact::Application, name, see);
    fact(of, Fact::Product, who.product, see);
}

/// The nodes under `Server/ServerStatus/BuildInfo` that say what a server is (OPC 10000-6, A.3).
fn tell(node: u32, value: &Variant<'_>, see: &mut dyn FnMut(Identity<'_>)) {
    const SERVER_STATUS: (u32, u32) = (2256, 864);
    const BUILD_INFO: (u32, u32) = (2260, 340);
    let structure = |id| {
        value
            .structure()
            .and_then(|structure| structure.holding(id))
    };
    match node {
        2261 => fact(Side::Server, Fact::Product, value.text(), see),
        2263 => fact(Side::Server, Fact::Vendor, value.text(), see),
        2264 => fact(Side::Server, Fact::Version, value.text(), see),
        node if node == BUILD_INFO.0 => built(structure(BUILD_INFO.1), see),
        node if node == SERVER_STATUS.0 => {
            let status = structure(SERVER_STATUS.1).and_then(|mut status| {
                // Start time, current time and state stand before the build information.
                status.take("state", 20).ok().map(|_| status)
            });
            built(status, see);
        }
        _ => {}
    }
}

fn built(structure: Option<Reader<'_>>, see: &mut dyn FnMut(Identity<'_>)) {
    let Some(Ok(BuildInfo {
        vendor,
        product,
        version,
    })) = structure.map(parameters::build_info)
    else {
        return;
    };
    fact(Side::Server, Fact::Vendor, vendor, see);
    fact(Side::Server, Fact::Product, product, see);
    fact(Side::Server, Fact::Version, version, see);
}

fn fact(of: Side, fact: Fact, value: Option<&str>, see: &mut dyn FnMut(Identity<'_>)) {
    if let Some(value) = clipped(value) {
        see(Identity {
            of,
            unit: None,
            fact,
            value: types::printable(value),
        });
    }
}
