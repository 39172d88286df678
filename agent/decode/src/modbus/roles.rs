//! Who asks and who answers on one flow.
//!
//! The roles come from what is known of the flow: whoever opened it is the client; where the start
//! was missed, whoever is not on port 502. Where neither tells, the first message that only one half
//! of an exchange can look like decides, or the first answer that pairs with what might have been its
//! request.
//!
//! A client cannot make itself look like a server: only requests that come from the other side
//! turn the roles around, twice in a row and without a request that they could answer.

use model::{Direction, Stage};

use super::layout::Shape;

/// What is known of the roles.
#[derive(Debug, Default)]
pub(super) struct Roles {
    client: Option<Direction>,
    doubts: u8,
}

/// What one message tells. Its shape is asked for only where nothing else decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<S> {
    /// It has the exception bit.
    pub(super) is_exception: bool,
    /// A request of the other direction is open that it could answer.
    pub(super) answers: bool,
    /// What its body looks like.
    pub(super) shape: S,
}

impl Roles {
    /// The roles of a flow whose start was seen: forward goes from the client.
    pub(super) const fn opened() -> Self {
        Self {
            client: Some(Direction::Forward),
            doubts: 0,
        }
    }

    /// Who asks, as far as it is known.
    pub(super) const fn client(&self) -> Option<Direction> {
        self.client
    }

    /// Takes somebody for the client who may not be.
    pub(super) fn suppose(&mut self, client: Direction) {
        self.client.get_or_insert(client);
    }

    /// Forgets who opened the flow.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Which half of an exchange a message from `from` is.
    pub(super) fn stage(
        &mut self,
        from: Direction,
        evidence: Evidence<impl Fn() -> Shape>,
    ) -> Stage {
        let Evidence {
            is_exception,
            answers,
            shape,
        } = evidence;
        match self.client {
            _ if is_exception => {
                self.client.get_or_insert_with(|| from.reverse());
                Stage::Response
            }
            None => self.decide(from, answers, shape()),
            Some(client) if client == from => match answers && shape() == Shape::Answer {
                true => Stage::Response,
                false => Stage::Request,
            },
            Some(_) if answers => {
                self.doubts = 0;
                Stage::Response
            }
            Some(_) if shape() == Shape::Request => {
                self.doubt(from);
                Stage::Request
            }
            Some(_) => Stage::Response,
        }
    }

    fn decide(&mut self, from: Direction, answers: bool, shape: Shape) -> Stage {
        let (client, stage) = match shape {
            Shape::Request => (from, Stage::Request),
            Shape::Answer => (from.reverse(), Stage::Response),
            Shape::Either if answers => (from.reverse(), Stage::Response),
            Shape::Either => return Stage::Other,
        };
        self.client = Some(client);
        stage
    }

    fn doubt(&mut self, from: Direction) {
        self.doubts += 1;
        if self.doubts == ENOUGH {
            self.client = Some(from);
            self.doubts = 0;
        }
    }
}

/// How many requests in a row from the supposed server turn the roles around.
const ENOUGH: u8 = 2;
