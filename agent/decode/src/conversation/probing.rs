//! What is held of a flow whose protocol is unknown, and what it looks like.
//!
//! A probe's opinion of a stream is its opinion of the first prefix that leaves it no doubt, so
//! that it does not matter in how many segments the bytes came. A stream that starts with nothing
//! of ours is given up, except on a protocol's own port: there it is looked for at every byte,
//! since its messages may follow, whatever else was sent first.

use model::{Direction, Stamp, Transport};

use crate::{Limits, PROBED, Probe, Protocol};

/// A flow in doubt.
#[derive(Default)]
pub(super) struct Probing {
    /// Segments or datagrams that led to nothing.
    failed: u32,
    /// Bytes that a search passed over.
    passed: usize,
    /// How often a probe was asked about a stream.
    asked: u32,
    /// Datagrams, and segments by themselves, that may be of the protocol whose port they are on.
    likely: u32,
    // INVARIANT: at most `MOST_PIECES`, which hold at most `Limits::probe_bytes` per direction.
    held: Vec<Piece>,
}

/// What one frame brought, or what was lost before it.
pub(super) struct Piece {
    pub(super) stamp: Stamp,
    pub(super) from: Direction,
    pub(super) what: What,
}

pub(super) enum What {
    Bytes(Vec<u8>),
    Gap(u64),
}

/// What the bytes of one direction look like, from one of them on; those before it are nothing.
#[derive(Clone, Copy)]
pub(super) enum Outlook {
    /// Messages of a protocol.
    Sure(&'static Protocol, usize),
    /// What may become messages of a protocol.
    Unsure(&'static Protocol, usize),
    /// Nothing of ours.
    Nothing,
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        match &self.what {
            What::Bytes(bytes) => bytes,
            What::Gap(_) => &[],
        }
    }
}

impl Probing {
    /// What is held, in the order that it came.
    pub(super) fn held(&self) -> &[Piece] {
        &self.held
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let bytes: usize = self.held.iter().map(|piece| piece.bytes().len()).sum();
        bytes + self.held.capacity() * size_of::<Piece>()
    }

    /// How often a probe was asked.
    #[cfg(test)]
    pub(super) const fn asked(&self) -> u32 {
        self.asked
    }

    /// Whether too much led to nothing: anything at all of a stream on no port of ours.
    pub(super) fn is_given_up(
        &self,
        limits: &Limits,
        transport: Transport,
        ports: [u16; 2],
    ) -> bool {
        let is_ours = PROBED.iter().any(|it| is_hinted(it, ports));
        let bearable = match transport != Transport::Tcp || is_ours {
            true => limits.probe_segments,
            false => 1,
        };
        self.failed >= bearable || self.passed >= limits.probe_bytes || self.asked >= MOST_ASKED
    }

    /// What a stream looks like with its next bytes. Counts from the first byte that is held of
    /// this direction.
    pub(super) fn stream(&mut self, ports: [u16; 2], from: Direction, bytes: &[u8]) -> Outlook {
        let before = self.unread(from);
        let joined: Vec<u8>;
        let all = if before.is_empty() {
            bytes
        } else {
            joined = [&before, bytes].concat();
            &joined
        };
        let in_rubbish = self.passed > 0;
        let outlook = match in_rubbish {
            true => self.search(ports, all, 0),
            false => match self.judge(ports, all, before.len()) {
                Outlook::Nothing => self.search(ports, all, 1),
                outlook => outlook,
            },
        };
        let Outlook::Unsure(doubted, start) = outlook else {
            return outlook;
        };
        match self.alone(ports, bytes) {
            // A search can be stuck in rubbish; this segment is not.
            Some((protocol, Probe::Sure))
                if in_rubbish || start > 0 || !std::ptr::eq(protocol, doubted) =>
            {
                Outlook::Sure(protocol, before.len())
            }
            Some((protocol, Probe::Sure)) => Outlook::Sure(protocol, start),
            _ if self.likely > LIKELY_ENOUGH && is_hinted(doubted, ports) => {
                Outlook::Sure(doubted, start)
            }
            _ => outlook,
        }
    }

    /// What a segment looks like that is not too short to tell, where it looks like the protocol
    /// whose port it is on. Counts those that are whole messages, which said twice leave no doubt.
    fn alone(&mut self, ports: [u16; 2], bytes: &[u8]) -> Option<(&'static Protocol, Probe)> {
        let (protocol, probe) = best(Transport::Tcp, ports, bytes)?;
        if bytes.len() < TELLING || !is_hinted(protocol, ports) {
            return None;
        }
        let is_whole = bytes.len() <= LONGEST_DOUBTED
            && self.ask(protocol, &[bytes, bytes].concat()) == Probe::Sure;
        self.likely += u32::from(is_whole);
        Some((protocol, probe))
    }

    /// What a datagram looks like, after those before it.
    pub(super) fn datagram(
        &mut self,
        transport: Transport,
        ports: [u16; 2],
        bytes: &[u8],
    ) -> Outlook {
        let Some((protocol, probe)) = best(transport, ports, bytes) else {
            return Outlook::Nothing;
        };
        self.likely += u32::from(is_hinted(protocol, ports));
        match probe == Probe::Sure || self.likely > LIKELY_ENOUGH {
            true => Outlook::Sure(protocol, 0),
            false => Outlook::Unsure(protocol, 0),
        }
    }

    /// Whether nothing yet spoke against a protocol on its own port.
    pub(super) fn is_unspoilt(&self, protocol: &Protocol, ports: [u16; 2]) -> bool {
        self.passed == 0 && self.failed == 0 && is_hinted(protocol, ports)
    }

    /// Drops the first `len` of the bytes that are held of a direction and of those that come next,
    /// of which it returns the others.
    pub(super) fn pass_over<'a>(
        &mut self,
        from: Direction,
        mut len: usize,
        bytes: &'a [u8],
    ) -> &'a [u8] {
        let start = self.behind_hole(from);
        for piece in self.held.iter_mut().skip(start) {
            if let (What::Bytes(bytes), true) = (&mut piece.what, piece.from == from) {
                let dropped = len.min(bytes.len());
                bytes.drain(..dropped);
                len -= dropped;
            }
        }
        self.held.retain(|piece| match &piece.what {
            What::Bytes(bytes) => !bytes.is_empty(),
            What::Gap(_) => true,
        });
        bytes.get(len..).unwrap_or(&[])
    }

    /// Learns that a direction's bytes led to nothing.
    pub(super) fn fail(&mut self, from: Direction) {
        self.failed += 1;
        self.pass_over(from, usize::MAX, &[]);
    }

    /// Holds bytes that may become a message; whether there is room.
    pub(super) fn hold(
        &mut self,
        limits: &Limits,
        stamp: Stamp,
        from: Direction,
        bytes: &[u8],
    ) -> bool {
        let of_this = self.held.iter().filter(|piece| piece.from == from);
        let held: usize = of_this.map(|piece| piece.bytes().len()).sum();
        if held + bytes.len() > limits.probe_bytes || self.held.len() >= MOST_PIECES {
            return false;
        }
        let what = What::Bytes(bytes.to_vec());
        self.held.push(Piece { stamp, from, what });
        true
    }

    /// Notes a hole.
    pub(super) fn lose(&mut self, stamp: Stamp, from: Direction, missing_bytes: u64) {
        if let Some(last) = self.held.last_mut().filter(|last| last.from == from)
            && let What::Gap(missing) = &mut last.what
        {
            *missing = missing.saturating_add(missing_bytes);
            last.stamp = stamp;
            return;
        }
        if self.held.len() >= MOST_PIECES {
            self.failed += 1;
            self.held.clear();
        }
        let what = What::Gap(missing_bytes);
        self.held.push(Piece { stamp, from, what });
    }

    /// The protocol whose port and whose shape fit what is held, where that is all that came.
    pub(super) fn likely(
        &self,
        transport: Transport,
        ports: [u16; 2],
    ) -> Option<&'static Protocol> {
        if self.passed > 0 || self.failed > 0 {
            return None;
        }
        [Direction::Forward, Direction::Backward]
            .into_iter()
            .map(|from| self.unread(from))
            .filter(|held| held.len() >= TELLING)
            .filter_map(|held| best(transport, ports, &held))
            .find_map(|(protocol, _)| is_hinted(protocol, ports).then_some(protocol))
    }

    /// Looks in bytes that start with nothing of ours, or follow such, for a message of the protocol
    /// whose port this is.
    fn search(&mut self, ports: [u16; 2], bytes: &[u8], start: usize) -> Outlook {
        let Some(protocol) = PROBED.iter().find(|it| is_hinted(it, ports)) else {
            return Outlook::Nothing;
        };
        let outlook = self.seek(protocol, bytes, start);
        self.passed += match outlook {
            Outlook::Sure(_, start) | Outlook::Unsure(_, start) => start,
            Outlook::Nothing => bytes.len(),
        };
        outlook
    }

    fn seek(&mut self, protocol: &'static Protocol, bytes: &[u8], start: usize) -> Outlook {
        for start in start..bytes.len() {
            match self.strict_opinion(protocol, bytes.get(start..).unwrap_or(&[])) {
                Probe::Sure => return Outlook::Sure(protocol, start),
                Probe::Unsure => return Outlook::Unsure(protocol, start),
                Probe::Never if self.asked >= MOST_ASKED => break,
                Probe::Never => {}
            }
        }
        Outlook::Nothing
    }

    /// What most protocols' opinions come to: a sure one before an unsure one, a hinted one before
    /// the others. The first `known` bytes left all of them in doubt before.
    fn judge(&mut self, ports: [u16; 2], bytes: &[u8], known: usize) -> Outlook {
        let mut unsure = Outlook::Nothing;
        for protocol in ordered(ports) {
            match (self.opinion(protocol, bytes, known), unsure) {
                (Probe::Sure, _) => return Outlook::Sure(protocol, 0),
                (Probe::Unsure, Outlook::Nothing) => unsure = Outlook::Unsure(protocol, 0),
                _ => {}
            }
        }
        unsure
    }

    /// What a protocol thinks of the first prefix of a stream that leaves it no doubt.
    fn opinion(&mut self, protocol: &Protocol, bytes: &[u8], known: usize) -> Probe {
        match self.ask(protocol, bytes) {
            Probe::Sure => Probe::Sure,
            opinion if protocol.steady => opinion,
            opinion => self
                .settled(protocol, bytes, known)
                .map_or(opinion, |it| it.0),
        }
    }

    /// What a protocol thinks of bytes among rubbish: a message within which another could begin
    /// proves nothing, since rubbish is full of those.
    fn strict_opinion(&mut self, protocol: &Protocol, bytes: &[u8]) -> Probe {
        let Some((opinion, message)) = self.settled(protocol, bytes, 0) else {
            return Probe::Unsure;
        };
        let inner = (1..message.len()).filter_map(|start| message.get(start..));
        let doubtful = inner
            .take_while(|inner| inner.len() >= TELLING)
            .any(|inner| self.ask(protocol, inner) != Probe::Never);
        match doubtful {
            true => Probe::Unsure,
            false => opinion,
        }
    }

    /// The first prefix of more than `known` bytes that leaves a protocol no doubt, and what it
    /// thinks of it.
    fn settled<'a>(
        &mut self,
        protocol: &Protocol,
        bytes: &'a [u8],
        known: usize,
    ) -> Option<(Probe, &'a [u8])> {
        if protocol.steady {
            return self.bisected(protocol, bytes);
        }
        (known + 1..=bytes.len())
            .filter_map(|len| bytes.get(..len))
            .take(MOST_ASKED as usize)
            .map(|prefix| (self.ask(protocol, prefix), prefix))
            .find(|(opinion, _)| *opinion != Probe::Unsure)
    }

    /// The same of a protocol whose opinion lasts.
    fn bisected<'a>(&mut self, protocol: &Protocol, bytes: &'a [u8]) -> Option<(Probe, &'a [u8])> {
        let opinion = self.ask(protocol, bytes);
        let (mut doubted, mut settled) = (0, bytes);
        while opinion != Probe::Unsure && doubted + 1 < settled.len() {
            let middle = usize::midpoint(doubted, settled.len());
            let prefix = bytes.get(..middle).unwrap_or(bytes);
            match self.ask(protocol, prefix) {
                Probe::Unsure => doubted = middle,
                Probe::Sure | Probe::Never => settled = prefix,
            }
        }
        (opinion != Probe::Unsure).then_some((opinion, settled))
    }

    fn ask(&mut self, protocol: &Protocol, bytes: &[u8]) -> Probe {
        self.asked = self.asked.saturating_add(1);
        (protocol.probe)(Transport::Tcp, bytes)
    }

    /// The bytes held of one direction, behind its last hole.
    fn unread(&self, from: Direction) -> Vec<u8> {
        let held = self.held.iter().skip(self.behind_hole(from));
        let of_this = held.filter(|piece| piece.from == from);
        of_this.flat_map(Piece::bytes).copied().collect()
    }

    /// Where what is held begins that lies behind a direction's last hole.
    fn behind_hole(&self, from: Direction) -> usize {
        let is_hole = |piece: &Piece| piece.from == from && matches!(piece.what, What::Gap(_));
        self.held.iter().rposition(is_hole).map_or(0, |at| at + 1)
    }
}

/// The protocol that is sure of these bytes.
pub(super) fn sure(
    transport: Transport,
    ports: [u16; 2],
    bytes: &[u8],
) -> Option<&'static Protocol> {
    if bytes.len() < TELLING {
        return None;
    }
    ordered(ports).find(|protocol| (protocol.probe)(transport, bytes) == Probe::Sure)
}

/// Whether one of these ports is the protocol's own.
pub(super) fn is_hinted(protocol: &Protocol, ports: [u16; 2]) -> bool {
    let own = protocol.vocabulary.ports;
    own.iter().any(|port| ports.contains(port))
}

/// The protocol that wants these bytes most.
fn best(transport: Transport, ports: [u16; 2], bytes: &[u8]) -> Option<(&'static Protocol, Probe)> {
    let asked = || ordered(ports).map(|it| (it, (it.probe)(transport, bytes)));
    let sure = asked().find(|(_, probe)| *probe == Probe::Sure);
    sure.or_else(|| asked().find(|(_, probe)| *probe == Probe::Unsure))
}

/// Every protocol, those first whose port it is.
fn ordered(ports: [u16; 2]) -> impl Iterator<Item = &'static Protocol> {
    let first = PROBED.iter().filter(move |it| is_hinted(it, ports));
    let second = PROBED.iter().filter(move |it| !is_hinted(it, ports));
    first.chain(second).copied()
}

/// How many datagrams, or segments by themselves, fit a protocol's shape on its own port before
/// the next is believed.
const LIKELY_ENOUGH: u32 = 2;
/// How many bytes show more of a message than a few that are alike by chance.
const TELLING: usize = 8;
/// The most bytes of a segment that is looked at for whole messages in doubt.
const LONGEST_DOUBTED: usize = 600;
/// How often probes are asked about one flow: more than two long messages need that come byte by
/// byte.
const MOST_ASKED: u32 = 1 << 13;
/// The most pieces that are held: the bytes of a long message, one by one, twice.
const MOST_PIECES: usize = 512;
