//! The ports that packet filters tell protocols by: the registered ones, and those that a site adds.

use std::str::FromStr;

use model::{Service, Transport, closest};

/// A port that servers of a protocol use, such as `opcua=4841` or `modbus=udp/1502`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Port {
    protocol: String,
    transport: Transport,
    port: u16,
}

impl FromStr for Port {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "write `PROTOCOL=PORT`, such as `opcua=4841` or `modbus=udp/1502`";
        let (protocol, port) = text.split_once('=').ok_or_else(|| form.to_owned())?;
        let (transport, port) = match port.split_once('/') {
            None | Some(("tcp", _)) => (Transport::Tcp, port.trim_start_matches("tcp/")),
            Some(("udp", port)) => (Transport::Udp, port),
            Some((other, _)) => return Err(format!("`{other}` is neither `tcp` nor `udp`")),
        };
        let number = port.parse().ok().filter(|port| *port != 0);
        let port = Self {
            protocol: protocol.to_owned(),
            transport,
            port: number.ok_or_else(|| format!("`{port}` is no port; {form}"))?,
        };
        port.check()?;
        Ok(port)
    }
}

impl Port {
    /// Says why nothing is known to be there.
    fn check(&self) -> Result<(), String> {
        let known = decode::services();
        if self.like(&known).next().is_some() {
            return Ok(());
        }
        let mut names = known.iter().map(|service| service.vocabulary.name);
        if names.any(|name| name == self.protocol) {
            return Err(format!("`{}` is not carried by UDP", self.protocol));
        }
        let names = known.iter().map(|service| service.vocabulary.name);
        let near = closest(&self.protocol, names);
        let help = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Err(format!("no protocol `{}`{help}", self.protocol))
    }

    /// The services that this port is another one of.
    fn like<'a>(&'a self, known: &'a [Service]) -> impl Iterator<Item = &'a Service> {
        known.iter().filter(|service| {
            service.vocabulary.name == self.protocol && service.transport == self.transport
        })
    }
}

/// The registered ports of all protocols and these.
pub(crate) fn with(ports: &[Port]) -> Vec<Service> {
    let known = decode::services();
    let more = ports.iter().flat_map(|port| {
        port.like(&known).map(|service| Service {
            port: port.port,
            ..*service
        })
    });
    let mut all: Vec<_> = known.iter().copied().chain(more).collect();
    let key = |it: &Service| (it.vocabulary.name, it.transport, it.port, it.opener);
    all.sort_by_key(key);
    all.dedup_by_key(|service| key(service));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, Transport, u16), &str>) {
        let read = text.parse::<Port>();
        let read = read.map(|port| (port.protocol, port.transport, port.port));
        let expected = expected.map(|(name, transport, port)| (name.to_owned(), transport, port));
        match (read, expected) {
            (Err(said), Err(part)) => assert!(said.contains(part), "{said}"),
            (read, expected) => assert_eq!(read, expected.map_err(str::to_owned)),
        }
    }

    #[test]
    fn a_port_has_a_protocol_and_perhaps_a_transport() {
        check("opcua=4841", Ok(("opcua", Transport::Tcp, 4841)));
        check("modbus=tcp/1502", Ok(("modbus", Transport::Tcp, 1502)));
        check("modbus=udp/1502", Ok(("modbus", Transport::Udp, 1502)));
        check("modbus", Err("write `PROTOCOL=PORT`"));
        check("modbus=0", Err("`0` is no port"));
        check("modbus=70000", Err("`70000` is no port"));
        check("modbus=sctp/502", Err("`sctp` is neither"));
        check("s7=udp/102", Err("`s7` is not carried by UDP"));
        check("modbsu=502", Err("did you mean `modbus`?"));
    }

    #[test]
    fn ports_are_added_once() {
        let plain = with(&[]).len();
        let port = |text: &str| text.parse::<Port>().unwrap();
        assert_eq!(with(&[port("modbus=502")]).len(), plain);
        assert_eq!(with(&[port("s7=1102"), port("s7=1102")]).len(), plain + 1);
        assert_eq!(with(&[port("opcua=udp/4841")]).len(), plain + 2);
    }
}
