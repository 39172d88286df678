//! What is left out when frames come faster than they can be judged, so that the kernel does not choose it.
//!
//! The order is fixed ([`Class`]): first messages that are byte by byte like others that were judged alike, but for
//! the bytes that varied among those ([`templates`]); then everything that quiet conversations say. Never left out are
//! TCP's own signals (the flow layer sees every frame), conversations that are new, pairs that write, pairs that
//! incidents are about, what the policy judges by time, value or rate, and what correlations count. Where that is not
//! enough the kernel's ring overflows, and that is counted as well.
//!
//! How much is left out follows how full the ring is ([`Pressure`]), and ends by itself. A decoder that was not shown
//! something is told of a gap before it is shown more, so that it looks for its place and takes no answer for one
//! that nobody asked for. Each frame is counted once: as judged, or as left out.

mod templates;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use model::{Counter, Direction, Host, Metric, Sample, StatementId, Tally, Timestamp};
use policy::Policy;

use self::templates::Templates;
pub(crate) use self::templates::{Decides, Message};

/// How pressed the sensor is.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Pressure {
    /// Everything is judged.
    #[default]
    Calm,
    /// Everything is judged, and what messages have in common is learnt.
    Rising,
    /// What is judged alike is left out.
    High,
    /// Quiet conversations are left out, too.
    Full,
}

impl Pressure {
    const ALL: [Self; 4] = [Self::Calm, Self::Rising, Self::High, Self::Full];

    /// How full the ring must be for it to begin; half of that ends it.
    const fn begins_at(self) -> u8 {
        match self {
            Self::Calm => 0,
            Self::Rising => 12,
            Self::High => 25,
            Self::Full => 50,
        }
    }

    /// What it becomes with a ring so full.
    fn after(self, fill_percent: u8) -> Self {
        let holds = |level: &Self| {
            let least = level.begins_at();
            fill_percent >= if *level <= self { least / 2 } else { least }
        };
        let highest = Self::ALL.into_iter().rev().find(holds);
        highest.unwrap_or(Self::Calm)
    }
}

/// Why something is left out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    /// It is like messages that were judged alike.
    Alike,
    /// Its conversation is quiet.
    Quiet,
}

/// Who was not fully seen: client, server, protocol.
type Pair = (Host, Host, &'static str);

/// What is left out, and what it was.
#[derive(Debug, Default)]
pub(crate) struct Shedding {
    pressure: Pressure,
    fill_percent: u8,
    /// How many flows have a decoder that was not shown what came last.
    owing: usize,
    /// Whether something of the present frame was left out.
    left_out: Option<Class>,
    /// How much all templates hold.
    held_bytes: usize,
    /// Payloads by the number of their statement plus one; 0 where none decided.
    statements: Vec<u64>,
    /// The same by name, of policies before this one.
    conduits: BTreeMap<String, u64>,
    episode: Episode,
}

/// What was left out since it began.
#[derive(Debug, Default)]
struct Episode {
    // INVARIANT: at most `PAIRS`.
    pairs: HashMap<Pair, u64, foldhash::quality::RandomState>,
    alike: u64,
    quiet: u64,
    /// Frames as they were when somebody looked last, and since when nothing was left out.
    seen: u64,
    ended: Option<Duration>,
}

/// What is remembered of one flow while the sensor is pressed.
#[derive(Debug, Default)]
pub(crate) struct Record {
    templates: Templates,
    /// Stream bytes that the decoder was not shown since it was shown some.
    missing: [u64; 2],
    /// Whether the last request was left out, so that its answer may be, too.
    asked_unheard: bool,
    /// When judgements were forgotten last, its templates are of none that hold.
    generation: u32,
    /// Messages that were heard since it is watched.
    heard: u32,
    /// The statement that decided on the last request, plus one.
    statement: u32,
    /// Payloads that were left out and that its pair does not count yet.
    uncounted: u64,
}

impl Shedding {
    /// Takes in how full the ring is.
    pub(crate) fn fill(&mut self, percent: u8) {
        self.fill_percent = percent;
        self.pressure = self.pressure.after(percent);
    }

    pub(crate) const fn pressure(&self) -> Pressure {
        self.pressure
    }

    /// Whether there is anything but judging to do.
    #[inline(always)]
    pub(crate) const fn is_at_work(&self) -> bool {
        !matches!(self.pressure, Pressure::Calm) || self.owing > 0
    }

    /// Leaves out a payload.
    pub(crate) fn leave_out(
        &mut self,
        class: Class,
        record: &mut Record,
        from: Direction,
        len: usize,
    ) {
        if !record.owes() {
            self.owing += 1;
        }
        *from.of_mut(&mut record.missing) += len as u64;
        self.left_out.get_or_insert(class);
        let place = record.statement as usize;
        if self.statements.len() <= place {
            self.statements.resize(place + 1, 0);
        }
        if let Some(count) = self.statements.get_mut(place) {
            *count += 1;
        }
        record.uncounted += 1;
    }

    /// What the decoder of a flow was not shown, by direction, now that it is shown something.
    pub(crate) fn settle(&mut self, record: &mut Record) -> [(Direction, u64); 2] {
        if record.owes() {
            self.owing = self.owing.saturating_sub(1);
        }
        let [forward, backward] = std::mem::take(&mut record.missing);
        [
            (Direction::Forward, forward),
            (Direction::Backward, backward),
        ]
    }

    /// Counts a pair as not fully seen, now and then for each of its flows.
    pub(crate) fn count_pair(&mut self, record: &mut Record, pair: Pair) {
        let count = std::mem::take(&mut record.uncounted);
        let pairs = &mut self.episode.pairs;
        if pairs.len() < PAIRS || pairs.contains_key(&pair) {
            *pairs.entry(pair).or_default() += count;
        }
    }

    /// Learns what a whole message looks like.
    pub(crate) fn learn(
        &mut self,
        record: &mut Record,
        message: &Message<'_>,
        limit: usize,
        tally: &mut Tally,
    ) {
        let before = record.templates.held_bytes();
        if self.held_bytes >= limit {
            tally.add(Counter::LimitTemplates, 1);
            return;
        }
        record.templates.learn(message);
        self.held_bytes = (self.held_bytes + record.templates.held_bytes()).saturating_sub(before);
    }

    /// Forgets what is known of a flow's messages where judgements were forgotten since.
    pub(crate) fn renew(&mut self, record: &mut Record, generation: u32) {
        if record.generation != generation {
            self.forget(record);
            record.generation = generation;
        }
    }

    /// Forgets what is known of a flow's messages: they are judged anew, or the flow is over.
    pub(crate) fn forget(&mut self, record: &mut Record) {
        self.held_bytes = self
            .held_bytes
            .saturating_sub(record.templates.held_bytes());
        record.templates = Templates::default();
        record.statement = 0;
    }

    /// The frame was taken in: counts it where something of it was left out.
    pub(crate) fn end_frame(&mut self, tally: &mut Tally) {
        match self.left_out.take() {
            Some(Class::Alike) => {
                self.episode.alike += 1;
                tally.add(Counter::FramesShedAlike, 1);
            }
            Some(Class::Quiet) => {
                self.episode.quiet += 1;
                tally.add(Counter::FramesShedQuiet, 1);
            }
            None => {}
        }
    }

    /// Whether something was left out lately, by a clock that nobody sets.
    pub(crate) fn look(&mut self, steady: Duration) -> bool {
        let episode = &mut self.episode;
        let now = episode.alike + episode.quiet;
        if now > episode.seen {
            (episode.seen, episode.ended) = (now, None);
        }
        if now == 0 {
            return false;
        }
        let ended = *episode.ended.get_or_insert(steady);
        if steady.saturating_sub(ended) >= LASTS && self.pressure < Pressure::High {
            self.episode = Episode::default();
            return false;
        }
        true
    }

    /// What was left out lately by any of some, and of whom.
    pub(crate) fn told<'a>(
        some: impl Iterator<Item = &'a Self>,
        policy: Option<&Policy>,
    ) -> String {
        let mut sum = Episode::default();
        for shedding in some {
            let Episode {
                pairs,
                alike,
                quiet,
                ..
            } = &shedding.episode;
            sum.pairs
                .extend(pairs.iter().map(|(pair, count)| (*pair, *count)));
            sum.alike += alike;
            sum.quiet += quiet;
        }
        sum.told(policy)
    }

    /// The policy is replaced: what was counted by its statements is kept by their conduits' names.
    pub(crate) fn settle_conduits(&mut self, policy: Option<&Policy>) {
        let named: Vec<_> = self.named(policy).collect();
        for (name, count) in named {
            *self.conduits.entry(name).or_default() += count;
        }
        self.statements.clear();
    }

    /// What some of them left out together, and how pressed they are.
    pub(crate) fn samples<'a>(
        some: impl Iterator<Item = &'a Self>,
        policy: Option<&Policy>,
    ) -> Vec<Sample> {
        let mut conduits = BTreeMap::<String, u64>::new();
        let (mut pressure, mut fill_percent) = (Pressure::Calm, 0);
        for shedding in some {
            let before = shedding.conduits.clone();
            for (name, count) in before.into_iter().chain(shedding.named(policy)) {
                *conduits.entry(name).or_default() += count;
            }
            pressure = pressure.max(shedding.pressure);
            fill_percent = fill_percent.max(shedding.fill_percent);
        }
        let sample = |metric, labels, value| Sample {
            metric,
            labels,
            value,
        };
        let mut samples: Vec<_> = conduits
            .into_iter()
            .map(|(name, count)| sample(Metric::ShedPayloads, vec![name], count as f64))
            .collect();
        let level = f64::from(pressure as u8);
        samples.push(sample(Metric::Pressure, Vec::new(), level));
        let fill = f64::from(fill_percent) / 100.0;
        samples.push(sample(Metric::RingFill, Vec::new(), fill));
        samples
    }

    /// What the present policy's statements count, by the names of their conduits.
    fn named(&self, policy: Option<&Policy>) -> impl Iterator<Item = (String, u64)> {
        let counted = self.statements.iter().enumerate();
        counted
            .filter(|(_, count)| **count > 0)
            .map(move |(place, count)| {
                let id = place.checked_sub(1).and_then(|id| u32::try_from(id).ok());
                let name = policy
                    .zip(id)
                    .map(|(policy, id)| policy.statement(StatementId(id)).conduit);
                (name.unwrap_or_default().to_owned(), *count)
            })
    }
}

impl Record {
    /// Whether its decoder was not shown something.
    pub(crate) const fn owes(&self) -> bool {
        self.missing[0] > 0 || self.missing[1] > 0
    }

    /// Whether the decoder was shown everything of one direction.
    pub(crate) fn is_whole(&self, from: Direction) -> bool {
        *from.of(&self.missing) == 0
    }

    /// Whether its pair should be counted.
    pub(crate) const fn is_to_count(&self) -> bool {
        self.uncounted >= COUNTED
    }

    /// Whether a segment is like messages that were judged alike, and may be left out.
    pub(crate) fn fits(&mut self, from: Direction, bytes: &[u8]) -> bool {
        match self.templates.fit(from, bytes) {
            Some(Decides::Everything) => {
                self.asked_unheard = true;
                true
            }
            Some(Decides::Beginning) => self.asked_unheard,
            None => false,
        }
    }

    /// A message was heard, and this statement decided on it.
    pub(crate) fn hear(&mut self, decides: Decides, statement: Option<u32>) {
        self.heard = self.heard.saturating_add(1);
        if decides == Decides::Everything {
            self.asked_unheard = false;
        }
        if let Some(statement) = statement {
            self.statement = statement.saturating_add(1);
        }
    }

    /// Whether its flow, which began then, is new no more.
    pub(crate) fn is_settled(&self, opened: Timestamp, now: Timestamp) -> bool {
        self.heard >= SETTLED_MESSAGES && now.since(opened) >= SETTLED
    }
}

impl Episode {
    /// What a person reads of it.
    fn told(&self, policy: Option<&Policy>) -> String {
        let frames = self.alike + self.quiet;
        let mut text = format!(
            "of {frames} frames the payload was left out, of {} because messages like theirs are judged alike and of {} \
             because their conversations are quiet",
            self.alike, self.quiet
        );
        let mut pairs: Vec<_> = self.pairs.iter().collect();
        pairs.sort_by_key(|(pair, count)| (std::cmp::Reverse(**count), **pair));
        let named: Vec<_> = pairs
            .iter()
            .take(NAMED)
            .map(|(pair, _)| named(pair, policy))
            .collect();
        if !named.is_empty() {
            text += &format!("; not fully seen: {}", named.join(", "));
        }
        match pairs.len().saturating_sub(NAMED) {
            0 => text,
            more => format!("{text} and {more} more pairs"),
        }
    }
}

fn named((client, server, protocol): &Pair, policy: Option<&Policy>) -> String {
    let name = |host: &Host| {
        let asset = policy.and_then(|policy| policy.party(*host, policy.place(host)).asset);
        asset.map_or_else(|| host.to_string(), str::to_owned)
    };
    format!("{} to {} ({protocol})", name(client), name(server))
}

/// How many pairs are remembered, and how many are named.
const PAIRS: usize = 4_096;
const NAMED: usize = 5;
/// How many payloads a flow leaves out before its pair is counted.
const COUNTED: u64 = 32;
/// How many messages of a flow are heard, and how old it is, before it can be quiet.
const SETTLED_MESSAGES: u32 = 16;
const SETTLED: Duration = Duration::from_secs(10);
/// How long after the last payload that was left out this counts as over.
const LASTS: Duration = Duration::from_secs(10);
