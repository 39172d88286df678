//! A flow that is none of ours, as far as was seen.
//!
//! It is looked at, since an intruder may well talk nonsense first: two segments in a row, or two
//! datagrams, that both start with a whole message of one protocol bring it back. What that costs
//! is one look at the first bytes of each segment.

use model::{Direction, Stamp, Transport};

use super::probing::{is_hinted, sure};
use crate::{Limits, Protocol};

/// The last segment, where it was a message of ours.
#[derive(Default)]
pub(super) struct Foreign(Option<Box<Promise>>);

/// A segment that may turn out to be the first of a conversation.
pub(super) struct Promise {
    pub(super) protocol: &'static Protocol,
    pub(super) stamp: Stamp,
    pub(super) from: Direction,
    // INVARIANT: at most `Limits::probe_bytes`.
    pub(super) bytes: Vec<u8>,
}

impl Foreign {
    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let promise = self.0.as_ref();
        promise.map_or(0, |it| size_of::<Promise>() + it.bytes.capacity())
    }

    /// Looks at the next segment; the one before it, where both are messages of one protocol.
    pub(super) fn look(
        &mut self,
        limits: &Limits,
        transport: Transport,
        ports: [u16; 2],
        (stamp, from, bytes): (Stamp, Direction, &[u8]),
    ) -> Option<Box<Promise>> {
        let Some(protocol) = sure(transport, ports, bytes) else {
            self.0 = None;
            return None;
        };
        if let Some(promise) = self.0.take()
            && std::ptr::eq(promise.protocol, protocol)
        {
            return Some(promise);
        }
        if bytes.len() <= limits.probe_bytes {
            self.0 = Some(Box::new(Promise {
                protocol,
                stamp,
                from,
                bytes: bytes.to_vec(),
            }));
        }
        None
    }

    /// The last segment, where nothing followed it and it was on its protocol's own port.
    pub(super) fn last(&mut self, ports: [u16; 2]) -> Option<Box<Promise>> {
        self.0.take().filter(|it| is_hinted(it.protocol, ports))
    }
}
