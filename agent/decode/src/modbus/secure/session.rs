//! The decoder of one flow of TLS: a record for each side's part of the handshake, one for the first thing
//! that cannot be read, and one at the end with how much there was.

use std::sync::Arc;

use foldhash::quality::RandomState;
use model::{AnomalyKind, Direction, Outcome, Request, Said, Stage, Stamp};

use super::handshake::{Handshake, Hello, LIMIT, Message, Next};
use super::operation::{Alert, Client, Facts, Part, Volume};
use super::record::{Content, Piece, Records};
use crate::certificate::Certificate;
use crate::modbus::dialogue::{Say, anomaly};
use crate::modbus::functions::{TLS_ALERT, TLS_APPLICATION_DATA, TLS_CLOSE, TLS_HANDSHAKE};
use crate::{Decoder, Limits};

/// The state of one flow.
pub(in crate::modbus) struct Session {
    sides: [Side; 2],
    talk: Talk,
}

/// One direction.
#[derive(Default)]
struct Side {
    records: Records,
    handshake: Handshake,
    /// Its records are encrypted from here on.
    is_ciphered: bool,
    volume: Volume,
}

/// What both sides have agreed on so far.
struct Talk {
    client: Option<Direction>,
    /// The handshake's request, until it is answered.
    asked: Option<Request>,
    /// What the server chose; said when its part is whole.
    chosen: Option<Facts>,
    version: Option<&'static str>,
    /// Who the client has shown itself to be.
    shown: Option<Arc<Client>>,
    encrypted: bool,
    is_data_said: bool,
    seed: RandomState,
}

impl Session {
    /// A flow that was seen from its start, until it is told otherwise.
    pub(in crate::modbus) fn new(limits: &Limits) -> Self {
        Self {
            sides: [Side::default(), Side::default()],
            talk: Talk {
                client: Some(Direction::Forward),
                asked: None,
                chosen: None,
                version: None,
                shown: None,
                encrypted: true,
                is_data_said: false,
                seed: limits.seed.clone(),
            },
        }
    }

    fn payload(
        &mut self,
        stamp: Stamp,
        from: Direction,
        content: Content,
        bytes: &[u8],
        say: Say<'_>,
    ) {
        let side = from.of_mut(&mut self.sides);
        match content {
            Content::Handshake if !side.is_ciphered => {
                side.handshake.extend(bytes);
                self.talk.read(stamp, from, side, say);
            }
            Content::ApplicationData => side.volume.bytes += bytes.len() as u64,
            Content::Alert if !side.is_ciphered => self.talk.alert(from, bytes, say),
            Content::ChangeCipherSpec => {
                side.is_ciphered = true;
                side.handshake.give_up();
                self.talk.server_is_done(from, say);
            }
            Content::Handshake | Content::Alert => {}
        }
    }
}

impl Decoder for Session {
    fn feed(&mut self, stamp: Stamp, from: Direction, mut bytes: &[u8], say: Say<'_>) {
        let whole = bytes.len();
        loop {
            let side = from.of_mut(&mut self.sides);
            let is_fresh = bytes.len() == whole;
            match side.records.next(&mut bytes, is_fresh) {
                Piece::Starts(Content::ApplicationData) => {
                    side.volume.records += 1;
                    self.talk.data(from, say);
                }
                Piece::Starts(_) => {}
                Piece::Payload(content, payload) => {
                    self.payload(stamp, from, content, payload, say);
                }
                Piece::Malformed(malformed) => say(Said::Malformed(malformed)),
                Piece::Resynchronised(skipped_bytes) => say(Said::Resynchronised { skipped_bytes }),
                Piece::Starved => return,
            }
        }
    }

    fn gap(&mut self, _: Stamp, from: Direction, _: u64, _: Say<'_>) {
        let side = from.of_mut(&mut self.sides);
        side.records.lose();
        side.handshake.give_up();
        if self.talk.client != Some(from) {
            self.talk.asked = None;
        }
    }

    fn close(&mut self, _: Stamp, say: Say<'_>) {
        self.talk
            .close(self.sides.each_ref().map(|side| side.volume), say);
        self.sides = [Side::default(), Side::default()];
    }

    fn joined_midway(&mut self) {
        self.talk.client = None;
    }

    fn held_bytes(&self) -> usize {
        let held = |side: &Side| side.handshake.held_bytes();
        let shown = self.talk.shown.as_ref().map_or(0, |it| it.held_bytes());
        self.sides.iter().map(held).sum::<usize>() + shown
    }
}

impl Talk {
    /// Reads the messages that are whole now.
    fn read(&mut self, stamp: Stamp, from: Direction, side: &mut Side, say: Say<'_>) {
        loop {
            match side.handshake.next() {
                Next::Message(Ok(message)) => {
                    side.is_ciphered |= self.hear(stamp, from, message, say);
                }
                Next::Message(Err(malformed)) => say(Said::Malformed(malformed)),
                Next::TooLarge(bytes) => {
                    say(anomaly(AnomalyKind::TooLarge, LIMIT as u64, bytes));
                }
                Next::Starved => return,
            }
        }
    }

    /// Takes one message; whether the sender encrypts what follows.
    fn hear(&mut self, stamp: Stamp, from: Direction, message: Message, say: Say<'_>) -> bool {
        match message {
            Message::ClientHello(hello) => self.ask(stamp, from, &hello, say),
            Message::ServerHello(hello) => return self.choose(from, &hello, say),
            Message::Certificate(certificate) => self.show(from, certificate, say),
            Message::CertificateRequest => {
                if let Some(chosen) = &mut self.chosen {
                    chosen.certificate_requested = Some(true);
                }
            }
            Message::ServerHelloDone => self.server_is_done(from, say),
            Message::Other => {}
        }
        false
    }

    fn ask(&mut self, stamp: Stamp, from: Direction, hello: &Hello, say: Say<'_>) {
        self.client = Some(from);
        self.shown = None;
        let part = self.part(Stage::Request, Facts::of(hello));
        let signature = part.signature(&self.seed);
        self.asked = Some(Request {
            signature,
            asked: stamp,
        });
        say(Said::Operation(part.operation(signature, None)));
    }

    /// The server chooses. From TLS 1.3 on that is all that it shows.
    fn choose(&mut self, from: Direction, hello: &Hello, say: Say<'_>) -> bool {
        self.client = Some(from.reverse());
        self.encrypted = !hides_nothing(hello.cipher_suite);
        if hello.version < OLDEST || !self.encrypted {
            let found = u64::from(hello.version).min(u64::from(OLDEST) - 1);
            say(anomaly(
                AnomalyKind::SecurityDowngrade,
                OLDEST.into(),
                found,
            ));
        }
        let mut facts = Facts::of(hello);
        self.version = facts.version;
        facts.certificate_requested = (hello.version <= TLS_1_2).then_some(false);
        self.chosen = Some(facts);
        if hello.version > TLS_1_2 {
            self.server_is_done(from, say);
        }
        hello.version > TLS_1_2
    }

    fn show(&mut self, from: Direction, certificate: Option<Box<Certificate>>, say: Say<'_>) {
        if self.client != Some(from) {
            if let Some(chosen) = &mut self.chosen {
                chosen.certificate = certificate;
            }
            return;
        }
        self.shown = certificate.as_deref().map(Client::of).map(Arc::new);
        let facts = Facts {
            without_certificate: certificate.is_none(),
            certificate,
            ..Facts::default()
        };
        self.say(self.part(Stage::Request, facts), None, say);
    }

    /// The server has said what it has to say in clear.
    fn server_is_done(&mut self, from: Direction, say: Say<'_>) {
        if self.client == Some(from) {
            return;
        }
        if let Some(facts) = self.chosen.take() {
            let part = Part {
                outcome: Some(Outcome::Done),
                ..self.part(Stage::Response, facts)
            };
            let asked = self.asked.take();
            self.say(part, asked, say);
        }
    }

    /// A side gives up; warnings are nothing to act on.
    fn alert(&mut self, from: Direction, bytes: &[u8], say: Say<'_>) {
        let [FATAL, code] = *bytes else {
            return;
        };
        let alert = Alert::of(code);
        let is_client = self.client == Some(from);
        let facts = Facts {
            alert: Some(alert),
            ..Facts::default()
        };
        let refused = Outcome::Refused {
            code: alert.code.into(),
            name: alert.name,
        };
        let part = Part {
            function: TLS_ALERT,
            outcome: (!is_client).then_some(refused),
            ..self.part(
                match is_client {
                    true => Stage::Request,
                    false => Stage::Response,
                },
                facts,
            )
        };
        let asked = self.asked.take();
        self.say(part, asked.filter(|_| !is_client), say);
    }

    /// The first thing of a flow that cannot be read.
    fn data(&mut self, from: Direction, say: Say<'_>) {
        if self.is_data_said || self.client.is_some_and(|client| client != from) {
            return;
        }
        self.is_data_said = true;
        let stage = match self.client {
            Some(_) => Stage::Request,
            None => Stage::Other,
        };
        let part = Part {
            function: TLS_APPLICATION_DATA,
            ..self.part(
                stage,
                Facts {
                    version: self.version,
                    ..Facts::default()
                },
            )
        };
        self.say(part, None, say);
    }

    fn close(&mut self, [forward, backward]: [Volume; 2], say: Say<'_>) {
        if let Some(Request { signature, asked }) = self.asked.take() {
            say(Said::Unanswered {
                signature,
                function: TLS_HANDSHAKE,
                asked,
            });
        }
        let (sent, received) = match self.client {
            Some(Direction::Backward) => (backward, forward),
            Some(Direction::Forward) | None => (forward, backward),
        };
        if sent.records + received.records == 0 {
            return;
        }
        let facts = Facts {
            version: self.version,
            sent: Some(sent),
            received: Some(received),
            ..Facts::default()
        };
        let part = Part {
            function: TLS_CLOSE,
            ..self.part(Stage::Other, facts)
        };
        self.say(part, None, say);
    }

    fn part(&self, stage: Stage, facts: Facts) -> Part {
        Part {
            function: TLS_HANDSHAKE,
            stage,
            outcome: None,
            encrypted: self.encrypted,
            client: self.shown.clone(),
            facts,
        }
    }

    fn say(&self, part: Part, asked: Option<Request>, say: Say<'_>) {
        let signature = part.signature(&self.seed);
        say(Said::Operation(part.operation(signature, asked)));
    }
}

/// Whether a cipher suite only guards against change (RFC 5246, A.5; RFC 4785; RFC 5489; RFC 9150).
const fn hides_nothing(suite: u16) -> bool {
    matches!(
        suite,
        0x0001 | 0x0002 | 0x002c..=0x002e | 0x003b | 0x00b0 | 0x00b1 | 0x00b4 | 0x00b5 | 0x00b8 | 0x00b9
            | 0xc001 | 0xc006 | 0xc00b | 0xc010 | 0xc015 | 0xc039..=0xc03b | 0xc0b4 | 0xc0b5
    )
}

const FATAL: u8 = 2;
const TLS_1_2: u16 = 0x0303;
/// The oldest version that Modbus/TCP Security allows (V2.1, 7.2).
const OLDEST: u16 = TLS_1_2;
