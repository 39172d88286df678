//! What ties a flow to its edges and to what was judged on it.

use decode::PROTOCOLS;
use model::{Direction, End, Host, Mac, Operation, Side, Stage, Vlans};

use crate::edge::EdgeId;
use crate::judgement::{Guesses, JudgementId, NOTHING};
use crate::watch::Context;

/// How a flow is tied to edges and judgements.
pub(crate) struct Ties {
    /// The protocol's place in the registry plus one; 0 while unknown.
    protocol: u8,
    /// Whether the client is the flow's second end.
    reversed: bool,
    generation: u32,
    edges: [Option<EdgeId>; 2],
    /// What was judged last.
    pub(super) last: JudgementId,
    /// What may be judged next.
    pub(super) next: Guesses,
}

impl Default for Ties {
    fn default() -> Self {
        Self {
            protocol: 0,
            reversed: false,
            generation: 0,
            edges: [None; 2],
            last: JudgementId::NONE,
            next: NOTHING,
        }
    }
}

impl Ties {
    /// Whether the protocol is known.
    pub(super) const fn knows_protocol(&self) -> bool {
        self.protocol != 0
    }

    /// The protocol's place in the registry, once it is known.
    pub(super) fn place(&self) -> Option<usize> {
        usize::from(self.protocol).checked_sub(1)
    }

    /// The protocol's name, once it is known.
    pub(super) fn protocol(&self) -> Option<&'static str> {
        let protocol = PROTOCOLS.get(self.place()?)?;
        Some(protocol.vocabulary.name)
    }

    /// The edge of this flow's client, where it was resolved since `generation` began.
    #[inline]
    pub(super) fn edge(&mut self, generation: u32) -> Option<EdgeId> {
        if self.generation != generation {
            self.forget(generation);
        }
        self.edges
            .get(usize::from(self.reversed))
            .copied()
            .flatten()
    }

    /// The edges that the flow was on.
    #[inline]
    pub(super) fn edges(&self) -> impl Iterator<Item = EdgeId> {
        self.edges.into_iter().flatten()
    }

    /// Keeps the edge of this flow's client.
    pub(super) fn keep_edge(&mut self, edge: EdgeId) {
        if let Some(slot) = self.edges.get_mut(usize::from(self.reversed)) {
            *slot = Some(edge);
        }
    }

    /// Takes a protocol by its name.
    pub(super) fn know(&mut self, name: &str) {
        let place = PROTOCOLS
            .iter()
            .position(|protocol| protocol.vocabulary.name == name);
        self.protocol = place
            .and_then(|place| u8::try_from(place + 1).ok())
            .unwrap_or(0);
    }

    /// Turns the flow so that the sender of a request, or the receiver of an answer, is the client.
    #[inline]
    pub(super) fn turn(&mut self, from: Direction, operation: &Operation<'_>) {
        let sender = match operation.stage {
            Stage::Request => Some(Side::Client),
            Stage::Response => Some(Side::Server),
            Stage::Other => operation.detail.sender(),
        };
        let reversed = match sender {
            Some(Side::Client) => from == Direction::Backward,
            Some(Side::Server) => from == Direction::Forward,
            None => self.reversed,
        };
        if reversed != self.reversed {
            self.reversed = reversed;
        }
    }

    pub(super) fn parties(&self, context: &Context<'_>) -> [Host; 2] {
        let side = |direction: Direction| {
            host(
                *direction.of(context.ends),
                *direction.of(context.macs),
                context.vlans,
            )
        };
        let client = self.client();
        [side(client), side(client.reverse())]
    }

    pub(super) fn server_end<'a>(&self, context: &Context<'a>) -> &'a End {
        self.client().reverse().of(context.ends)
    }

    const fn client(&self) -> Direction {
        if self.reversed {
            Direction::Backward
        } else {
            Direction::Forward
        }
    }

    fn forget(&mut self, generation: u32) {
        self.generation = generation;
        self.edges = [None; 2];
        (self.last, self.next) = (JudgementId::NONE, NOTHING);
    }
}

pub(super) fn host(end: End, mac: Mac, vlans: &Vlans) -> Host {
    let mac = Some(mac).filter(|mac| *mac != Mac::default());
    Host {
        ip: end.address.ip(),
        mac,
        vlan: vlans.innermost(),
    }
}
