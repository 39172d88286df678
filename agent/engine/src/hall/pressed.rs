//! Whether a payload is judged or left out while frames come faster than they can be judged.

use decode::Probe;
use flow::Flow;
use model::{Direction, Said, Stage, Stamp, Timestamp, Verb};

use super::{Hall, Parts, Talk, parts};
use crate::shedding::{Class, Decides, Message, Pressure};
use crate::summary;

/// What became of a payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Weighed {
    /// It was judged or left out.
    Done,
    /// It is to be judged as ever.
    Judge,
}

/// What a decoder said of one payload.
#[derive(Default)]
struct Heard {
    operations: u32,
    others: u32,
    last: Option<(Stage, Verb)>,
}

impl Hall {
    /// Judges a payload, and learns what it looks like, or leaves it out.
    #[inline(never)]
    pub(super) fn weigh(
        &mut self,
        flow: &mut Flow<Talk>,
        stamp: Stamp,
        from: Direction,
        bytes: &[u8],
    ) -> Weighed {
        let is_pressed = self.shedding.pressure() > Pressure::Calm;
        if !is_pressed || !flow.state.ties.knows_protocol() {
            self.catch_up(flow, stamp);
            return Weighed::Judge;
        }
        match self.class(flow, stamp.time, from, bytes) {
            Some(class) => self.leave_out(flow, (stamp, from), class, bytes.len()),
            None => {
                self.catch_up(flow, stamp);
                self.judge_and_learn(flow, stamp, from, bytes);
            }
        }
        Weighed::Done
    }

    /// Tells the decoder of a flow of what it was not shown.
    #[inline]
    pub(super) fn catch_up(&mut self, flow: &mut Flow<Talk>, stamp: Stamp) {
        if flow
            .state
            .record
            .as_ref()
            .is_some_and(|record| record.owes())
        {
            self.resume(flow, stamp);
        }
    }

    #[cold]
    fn resume(&mut self, flow: &mut Flow<Talk>, stamp: Stamp) {
        self.count_pair(flow, stamp);
        let Some(record) = &mut flow.state.record else {
            return;
        };
        let missing = self.shedding.settle(record);
        let Some(parts) = parts(&mut self.judging, flow) else {
            return;
        };
        let Parts {
            conversation,
            mut hearing,
            ..
        } = parts;
        for (from, bytes) in missing.into_iter().filter(|(_, bytes)| *bytes > 0) {
            let context = hearing.context(stamp, from);
            let edge = hearing.judging.edge(&context, hearing.ties);
            hearing.judging.doubts.lose(edge, stamp.time);
            conversation.gap(stamp, from, bytes, &mut |stamp, from, said| {
                hearing.hear(stamp, from, said);
            });
        }
    }

    /// Why a payload is left out, if it is.
    fn class(
        &mut self,
        flow: &mut Flow<Talk>,
        now: Timestamp,
        from: Direction,
        bytes: &[u8],
    ) -> Option<Class> {
        let Talk {
            conversation,
            ties,
            opened,
            record,
        } = &mut flow.state;
        let record = record.get_or_insert_default();
        let generation = self.judging.judgements.generation;
        self.shedding.renew(record, generation);
        let pressure = self.shedding.pressure();
        if pressure >= Pressure::High && record.fits(from, bytes) {
            return Some(Class::Alike);
        }
        if pressure < Pressure::Full || !record.is_settled(*opened, now) {
            return None;
        }
        let edge = ties.edge(generation)?;
        let protocol = conversation.as_ref()?.protocol()?;
        // it begins where a message does, so that the decoder is not left amid one
        let is_place =
            !record.is_whole(from) || (protocol.probe)(flow.transport, bytes) != Probe::Never;
        (self.judging.edges.is_quiet(edge) && is_place).then_some(Class::Quiet)
    }

    fn leave_out(
        &mut self,
        flow: &mut Flow<Talk>,
        (stamp, from): (Stamp, Direction),
        class: Class,
        len: usize,
    ) {
        let Some(record) = &mut flow.state.record else {
            return;
        };
        self.shedding.leave_out(class, record, from, len);
        if record.is_to_count() {
            self.count_pair(flow, stamp);
        }
    }

    /// Counts what was left out for the pair of a flow.
    fn count_pair(&mut self, flow: &mut Flow<Talk>, stamp: Stamp) {
        let Some(Parts { hearing, .. }) = parts(&mut self.judging, flow) else {
            return;
        };
        let context = hearing.context(stamp, Direction::Forward);
        let [client, server] = hearing.ties.parties(&context);
        let pair = (client, server, context.protocol.unwrap_or_default());
        if let Some(record) = &mut flow.state.record {
            self.shedding.count_pair(record, pair);
        }
    }

    fn judge_and_learn(
        &mut self,
        flow: &mut Flow<Talk>,
        stamp: Stamp,
        from: Direction,
        bytes: &[u8],
    ) {
        let Some(parts) = parts(&mut self.judging, flow) else {
            return;
        };
        let Parts {
            conversation,
            mut hearing,
            ..
        } = parts;
        let Some(decoder) = conversation.decoder() else {
            return;
        };
        let mut heard = Heard::default();
        decoder.feed(stamp, from, bytes, &mut |said| {
            heard.note(&said);
            hearing.hear(stamp, from, said);
        });
        self.learn(flow, from, bytes, &heard);
    }

    /// Learns what a message looks like that came whole and alone, and is judged without a finding or a look at anything
    /// but its signature.
    fn learn(&mut self, flow: &mut Flow<Talk>, from: Direction, bytes: &[u8], heard: &Heard) {
        let Talk { ties, record, .. } = &mut flow.state;
        let (Some((stage, verb)), Some(record)) = (heard.last, record) else {
            return;
        };
        let decides = match stage {
            Stage::Response => Decides::Beginning,
            Stage::Request | Stage::Other => Decides::Everything,
        };
        let judgements = &self.judging.judgements;
        let judgement = ties.last;
        let verdict = judgements
            .of(judgement)
            .and_then(|judgement| judgement.verdict);
        record.hear(decides, verdict.and_then(summary::statement));
        let edge = ties.edge(judgements.generation);
        let is_steady = edge.is_some_and(|edge| !self.judging.edges.is_changing(edge, verb));
        // a rule that reads values tells messages apart that look alike
        let is_alone = heard.operations == 1 && heard.others == 0;
        let is_whole = is_alone && !self.judging.varies;
        if is_whole && is_steady && !verb.is_dangerous() && judgements.is_quiet(judgement) {
            let message = Message {
                from,
                bytes,
                judgement,
                decides,
            };
            let limit = self.template_bytes;
            self.shedding
                .learn(record, &message, limit, &mut self.judging.tally);
        }
    }
}

impl Heard {
    fn note(&mut self, said: &Said<'_>) {
        match said {
            Said::Operation(operation) => {
                self.operations += 1;
                self.last = Some((operation.stage, operation.function.verb));
            }
            Said::Recognised { .. }
            | Said::Part(_)
            | Said::Malformed(_)
            | Said::Anomaly(_)
            | Said::Unanswered { .. }
            | Said::Resynchronised { .. } => self.others += 1,
        }
    }
}
