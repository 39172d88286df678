//! Captures judged by two policies: which operations get another verdict, how often, and how many incidents that makes.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use capture::Damage;
use engine::{Context, Engine, Judges, Limits, Mode, Settings, Watch};
use model::{Event, Host, Kind, Said, Stage, Timestamp, Verdict};
use policy::{Change, Edge, Policy, Standing};
use serde::Serialize;

use crate::commands::walk;
use crate::output::{BOLD, DIM, grouped};

/// What two policies say of traffic that was seen.
#[derive(Default, Serialize)]
pub(super) struct Seen {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// Operations that were judged.
    operations: u64,
    /// Those of them whose verdict changes.
    changed: u64,
    /// Each of these once.
    kinds: Vec<SeenKind>,
    /// How many kinds were not kept, because there are too many.
    dropped: u64,
    /// Incidents of the policy in all captures, before and after.
    incidents: [usize; 2],
    /// The same in a shift of eight hours, on average; nothing where the captures tell of no time.
    incidents_per_shift: Option<[f64; 2]>,
}

/// Operations that are alike, whose verdict changes.
#[derive(Clone, Serialize)]
struct SeenKind {
    change: Change,
    from: String,
    to: String,
    protocol: &'static str,
    function: &'static str,
    unit: Option<String>,
    targets: Vec<String>,
    was: policy::Said,
    now: policy::Said,
    count: u64,
    first: Timestamp,
    last: Timestamp,
    /// The first frames.
    frames: Vec<u64>,
}

/// Replays captures under both policies.
pub(super) fn replay(
    captures: &[PathBuf],
    policies: [&Arc<Policy>; 2],
) -> Result<(Seen, Vec<Damage>)> {
    let [old, new] = policies;
    let shared = Arc::new(Mutex::new(Gathered::new([
        Arc::clone(old),
        Arc::clone(new),
    ])));
    let watch = Box::new(Gatherer(Arc::clone(&shared)));
    let mut incidents = [0, 0];
    let mut span = (None, None);
    let mut damages = Vec::new();
    let mut watches: [Option<Box<dyn Watch>>; 2] = [Some(watch), None];
    for ((policy, watch), found) in policies.iter().zip(&mut watches).zip(&mut incidents) {
        let judges = Judges {
            policy: Some(Arc::clone(policy)),
            ..Judges::default()
        };
        let settings = Settings {
            site: policy.site().to_owned(),
            sensor: "diff".to_owned(),
            limits: Limits::default(),
            mode: Mode::Judge,
            shards: 1,
        };
        let mut engine = Engine::new(settings, judges, watch.take());
        damages = walk::walk(captures, &mut engine)?;
        let summary = engine.summary();
        span = (summary.first, summary.last);
        let all = engine.incidents();
        *found = all
            .iter()
            .filter(|incident| incident.kind == Kind::Policy)
            .count();
    }
    let mut gathered = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let mut seen = gathered.seen();
    (seen.first, seen.last) = span;
    seen.incidents = incidents;
    seen.incidents_per_shift = per_shift(span, incidents);
    Ok((seen, damages))
}

fn per_shift(
    span: (Option<Timestamp>, Option<Timestamp>),
    incidents: [usize; 2],
) -> Option<[f64; 2]> {
    let (first, last) = (span.0?, span.1?);
    let secs = last.since(first).as_secs_f64();
    (secs > 0.0).then(|| incidents.map(|count| count as f64 * SHIFT_SECS / secs))
}

/// Hears every operation.
struct Gatherer(Arc<Mutex<Gathered>>);

impl Watch for Gatherer {
    fn said(&mut self, _: &Context<'_>, _: &Said<'_>) {}

    fn judged(&mut self, event: &Event<'_>, _: Option<Verdict>) {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.hear(event);
    }

    fn gap(&mut self, _: &Context<'_>, _: u64) {}

    fn finish(&mut self) {}
}

/// What one policy says of an edge, and how it stands.
type Standpoint = (Edge, Standing);

struct Gathered {
    policies: [Arc<Policy>; 2],
    edges: HashMap<(Host, Host, &'static str), [Standpoint; 2]>,
    kinds: BTreeMap<Key, SeenKind>,
    operations: u64,
    changed: u64,
    dropped: u64,
}

/// What tells kinds apart.
type Key = (
    String,
    String,
    &'static str,
    Option<String>,
    Vec<String>,
    policy::Said,
    policy::Said,
);

impl Gathered {
    fn new(policies: [Arc<Policy>; 2]) -> Self {
        Self {
            policies,
            edges: HashMap::new(),
            kinds: BTreeMap::new(),
            operations: 0,
            changed: 0,
            dropped: 0,
        }
    }

    fn hear(&mut self, event: &Event<'_>) {
        let operation = event.operation;
        // an answer is judged with its request
        if operation.stage == Stage::Response && operation.answers.is_some() {
            return;
        }
        self.operations += 1;
        let key = (event.client.host, event.server.host, operation.protocol);
        if self.edges.len() >= MAX_EDGES && !self.edges.contains_key(&key) {
            self.edges.clear();
        }
        let [old, new] = &self.policies;
        let edge = |policy: &Policy| {
            let (client, server) = (policy.place(&key.0), policy.place(&key.1));
            (policy.edge(client, server, key.2), Standing::default())
        };
        let edges = self
            .edges
            .entry(key)
            .or_insert_with(|| [edge(old), edge(new)]);
        let [of_old, of_new] = edges;
        let at = event.stamp.time;
        let was = old.judge(&of_old.0, &mut of_old.1, operation, at);
        let now = new.judge(&of_new.0, &mut of_new.1, operation, at);
        if let Some(change) = Change::of(was, now) {
            self.changed += 1;
            let (was, now) = (old.said(was), new.said(now));
            self.keep(event, change, was, now);
        }
    }

    fn keep(&mut self, event: &Event<'_>, change: Change, was: policy::Said, now: policy::Said) {
        let operation = event.operation;
        let mut targets = Vec::new();
        operation
            .detail
            .targets(&mut |target| targets.push(target.to_string()));
        targets.truncate(MAX_TARGETS);
        let [from, to] = [&event.client.host, &event.server.host].map(|host| self.called(host));
        let unit = operation.unit.map(|unit| unit.to_string());
        let function = operation.function.name;
        let key = (
            from.clone(),
            to.clone(),
            function,
            unit.clone(),
            targets.clone(),
            was.clone(),
            now.clone(),
        );
        if self.kinds.len() >= MAX_KINDS && !self.kinds.contains_key(&key) {
            self.dropped += 1;
            return;
        }
        let time = event.stamp.time;
        let kind = self.kinds.entry(key).or_insert_with(|| SeenKind {
            change,
            from,
            to,
            protocol: operation.protocol,
            function,
            unit,
            targets,
            was,
            now,
            count: 0,
            first: time,
            last: time,
            frames: Vec::new(),
        });
        kind.count += 1;
        kind.last = kind.last.max(time);
        if kind.frames.len() < MAX_FRAMES {
            kind.frames.push(event.stamp.frame());
        }
    }

    /// A host by its asset in the newer policy, else by its address.
    fn called(&self, host: &Host) -> String {
        let [old, new] = &self.policies;
        let name = |policy: &Policy| {
            let party = policy.party(*host, policy.place(host));
            party.asset.map(|asset| format!("{asset} ({host})"))
        };
        name(new)
            .or_else(|| name(old))
            .unwrap_or_else(|| host.to_string())
    }

    fn seen(&mut self) -> Seen {
        let mut kinds: Vec<SeenKind> = std::mem::take(&mut self.kinds).into_values().collect();
        kinds.sort_by(|a, b| (a.change, b.count, a.first).cmp(&(b.change, a.count, b.first)));
        Seen {
            operations: self.operations,
            changed: self.changed,
            kinds,
            dropped: self.dropped,
            ..Seen::default()
        }
    }
}

impl Seen {
    /// In words.
    pub(super) fn write(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "\n{BOLD}in the captures{BOLD:#}: {} of {} operations change their verdict",
            grouped(self.changed),
            grouped(self.operations)
        );
        for kind in self.kinds.iter().take(SHOWN) {
            let mark = if kind.change == Change::Denied {
                '-'
            } else {
                '+'
            };
            let unit = kind
                .unit
                .as_ref()
                .map(|unit| format!(" {unit}"))
                .unwrap_or_default();
            let targets = match kind.targets.as_slice() {
                [] => String::new(),
                targets => format!(" {}", targets.join(", ")),
            };
            let _ = writeln!(
                text,
                "{mark} {} x {} -> {}: {} {}{unit}{targets}, was {}, now {}",
                grouped(kind.count),
                kind.from,
                kind.to,
                kind.protocol,
                kind.function,
                kind.was,
                kind.now
            );
            let frames: Vec<_> = kind.frames.iter().map(u64::to_string).collect();
            let _ = writeln!(text, "    {DIM}frames{DIM:#} {}", frames.join(", "));
        }
        if let Some(rest) = self.kinds.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
            let _ = writeln!(text, "{DIM}and {rest} more kinds (--json lists all){DIM:#}");
        }
        if self.dropped > 0 {
            let _ = writeln!(
                text,
                "not listed completely: {} operations more",
                self.dropped
            );
        }
        let [before, after] = self.incidents;
        let _ = writeln!(
            text,
            "incidents of the policy: {before} before, {after} after"
        );
        if let Some([before, after]) = self.incidents_per_shift {
            let _ = writeln!(
                text,
                "expected in a shift of 8 h: {before:.1} before, {after:.1} after{}",
                self.caution()
            );
        }
    }

    /// What to think of an average over less than a shift.
    fn caution(&self) -> String {
        let span = self
            .first
            .zip(self.last)
            .map(|(first, last)| last.since(first));
        match span {
            Some(span) if span.as_secs_f64() < SHIFT_SECS => {
                format!(" (from {} min of traffic)", span.as_secs().div_ceil(60))
            }
            _ => String::new(),
        }
    }
}

/// A shift of eight hours.
const SHIFT_SECS: f64 = 8.0 * 3600.0;

/// How many pairs of hosts are remembered.
const MAX_EDGES: usize = 100_000;

/// How many kinds of operations are kept.
const MAX_KINDS: usize = 100_000;

/// How many frames are examples.
const MAX_FRAMES: usize = 3;

/// How many targets of one message are told.
const MAX_TARGETS: usize = 8;

/// How many kinds the text shows.
const SHOWN: usize = 40;
