//! Syslog: RFC 5424 messages over UDP, TCP and TLS.

#[cfg(test)]
mod fixture;
mod message;
mod socket;
mod stream;
mod udp;

pub(crate) use stream::StreamSink;
pub(crate) use udp::UdpSink;
