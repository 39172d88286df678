//! Where the servers of the protocols are usually found: for those who have only ports to go by.

use model::{Function, Service, Side, Transport};

use crate::{PROBED, Protocol, modbus, opcua};

/// Every registered port of every protocol, by protocol, transport and port.
///
/// Probing needs none of them; what a packet filter lets through is told by nothing else.
pub fn services() -> Vec<Service> {
    let streams = PROBED.iter().map(|protocol| {
        let functions = protocol.vocabulary.functions;
        (*protocol, Transport::Tcp, Side::Client, functions)
    });
    let all = streams.chain(datagrams()).flat_map(on_every_port);
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|it| (it.vocabulary.name, it.transport, it.port, it.opener));
    all
}

type Spoken = (&'static Protocol, Transport, Side, &'static [Function]);

/// What is said in datagrams, and by whom first.
fn datagrams() -> [Spoken; 3] {
    let modbus = modbus::PROTOCOL.vocabulary.functions;
    [
        (&modbus::PROTOCOL, Transport::Udp, Side::Client, modbus),
        (
            &opcua::PROTOCOL,
            Transport::Udp,
            Side::Client,
            &opcua::ASKED,
        ),
        (&opcua::PROTOCOL, Transport::Udp, Side::Server, &opcua::TOLD),
    ]
}

fn on_every_port(
    (protocol, transport, opener, functions): Spoken,
) -> impl Iterator<Item = Service> {
    let vocabulary = protocol.vocabulary;
    vocabulary.ports.iter().map(move |port| Service {
        vocabulary,
        transport,
        port: *port,
        opener,
        functions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_has_its_registered_ports() {
        let all = services().into_iter();
        let all: Vec<_> = all
            .map(|it| (it.vocabulary.name, it.transport, it.port, it.opener))
            .collect();
        let expected = [
            ("modbus", Transport::Tcp, 502, Side::Client),
            ("modbus", Transport::Tcp, 802, Side::Client),
            ("modbus", Transport::Udp, 502, Side::Client),
            ("opcua", Transport::Tcp, 4840, Side::Client),
            ("opcua", Transport::Udp, 4840, Side::Client),
            ("opcua", Transport::Udp, 4840, Side::Server),
            ("s7", Transport::Tcp, 102, Side::Client),
        ];
        assert_eq!(all, expected);
    }
}
