//! Whether a sink's receiver can be reached, asked once and without sending it anything.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use rustls::ClientConnection;

use crate::SinkConfig;
use crate::config::Destination;

/// Connects to a sink's receiver, its TLS handshake included, and hangs up. What is said of a
/// receiver by UDP, of whom nobody hears, is only whether its name is known.
///
/// # Errors
///
/// Why the receiver cannot be reached, in one sentence.
pub fn reach(sink: &SinkConfig, patience: Duration) -> Result<(), String> {
    let plan = sink.plan("sink").map_err(|problems| {
        let all: Vec<_> = problems.iter().map(ToString::to_string).collect();
        all.join("; ")
    })?;
    let words = |error: std::io::Error| error.to_string();
    let resolve = |address: &str| {
        let mut all = address.to_socket_addrs().map_err(words)?;
        all.next()
            .ok_or_else(|| format!("`{address}` has no address"))
    };
    match plan.destination {
        Destination::File(_) => Ok(()),
        Destination::Udp(to) => resolve(&to.address).map(drop),
        Destination::Stream(to, tls) => {
            let address = resolve(&to.address)?;
            let mut tcp = TcpStream::connect_timeout(&address, patience).map_err(words)?;
            tcp.set_read_timeout(Some(patience)).map_err(words)?;
            let Some(tls) = tls else { return Ok(()) };
            let session = ClientConnection::new(tls.config, tls.server);
            let mut session = session.map_err(|error| error.to_string())?;
            while session.is_handshaking() {
                session.complete_io(&mut tcp).map_err(words)?;
            }
            Ok(())
        }
    }
}
