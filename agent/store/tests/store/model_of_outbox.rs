//! Random sequences of everything that can happen to the outbox, against a model in memory.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use store::{Bounds, Seq, Store};
use tempfile::tempdir;

use super::incident;

const SINKS: [&str; 3] = ["file", "soc", "spare"];
const ROWS: u64 = 6;

#[derive(Clone, Debug)]
enum Step {
    Record(Vec<(u8, u8, u64)>),
    Acknowledge(usize, usize),
    Register(usize),
    Forget(usize),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let recorded = (0..9_u8, 1..=4_u8, 1..4_u64);
    prop_oneof![
        4 => prop::collection::vec(recorded, 0..5).prop_map(Step::Record),
        4 => (0..3_usize, 0..8_usize).prop_map(|(sink, take)| Step::Acknowledge(sink, take)),
        2 => (0..3_usize).prop_map(Step::Register),
        1 => (0..3_usize).prop_map(Step::Forget),
        1 => Just(Step::Reopen),
    ]
}

/// A record as the model knows it: identifier, priority, count.
type Entry = (String, u8, u64);

#[derive(Default)]
struct Model {
    kept: BTreeMap<String, Entry>,
    outbox: BTreeMap<i64, Entry>,
    cursors: BTreeMap<&'static str, i64>,
    last: i64,
    evicted: u64,
}

impl Model {
    fn record(&mut self, entries: &[Entry]) {
        for entry in entries {
            if self.kept.insert(entry.0.clone(), entry.clone()).as_ref() == Some(entry) {
                continue;
            }
            if !self.cursors.is_empty() {
                self.outbox.retain(|_, waiting| waiting.0 != entry.0);
                self.last += 1;
                self.outbox.insert(self.last, entry.clone());
            }
        }
        while self.outbox.len() as u64 > ROWS {
            let least = |(seq, entry): (&i64, &Entry)| (entry.1, -seq);
            let victim = -self.outbox.iter().map(least).max().unwrap().1;
            self.outbox.remove(&victim);
            self.evicted += 1;
        }
    }

    fn prune(&mut self) {
        let taken = self.cursors.values().min().copied().unwrap_or(i64::MAX);
        self.outbox.retain(|seq, _| *seq > taken);
    }

    fn owed(&self, sink: &str) -> Vec<(Seq, Entry)> {
        let from = self.cursors[sink];
        let waiting = self.outbox.range(from + 1..);
        waiting
            .map(|(seq, entry)| (Seq(*seq), entry.clone()))
            .collect()
    }
}

fn owed(store: &Store, sink: &str) -> Vec<(Seq, Entry)> {
    let pending = store.pending(sink, usize::MAX).unwrap();
    pending
        .into_iter()
        .map(|(seq, incident)| (seq, (incident.id, incident.priority, incident.count)))
        .collect()
}

fn open(path: &std::path::Path) -> Store {
    let bounds = Bounds {
        outbox_rows: ROWS,
        ..Bounds::default()
    };
    Store::open(path).unwrap().with_bounds(bounds)
}

fn apply(step: Step, store: &mut Store, model: &mut Model, path: &std::path::Path) {
    match step {
        Step::Record(entries) => {
            let entries: Vec<Entry> = entries
                .into_iter()
                .map(|(id, priority, count)| (format!("i{id}"), priority, count))
                .collect();
            let incidents: Vec<_> = entries
                .iter()
                .map(|(id, p, c)| incident(id, *p, *c))
                .collect();
            store.record(&incidents).unwrap();
            model.record(&entries);
        }
        Step::Acknowledge(sink, take) => {
            let sink = SINKS[sink];
            if model.cursors.contains_key(sink) {
                if let Some((seq, _)) = owed(store, sink).into_iter().take(take).next_back() {
                    store.acknowledge(sink, seq).unwrap();
                    model.cursors.insert(sink, seq.0);
                    model.prune();
                }
            } else {
                assert!(store.acknowledge(sink, Seq(1)).is_err());
            }
        }
        Step::Register(sink) => {
            store.register_sink(SINKS[sink]).unwrap();
            model.cursors.entry(SINKS[sink]).or_insert(model.last);
        }
        Step::Forget(sink) => {
            let known = model.cursors.remove(SINKS[sink]).is_some();
            assert_eq!(store.forget_sink(SINKS[sink]).is_ok(), known);
            model.prune();
        }
        Step::Reopen => *store = open(path),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_outbox_does_what_its_model_does(steps in prop::collection::vec(step(), 1..40)) {
        let folder = tempdir().unwrap();
        let path = folder.path().join("store.db");
        let (mut store, mut model) = (open(&path), Model::default());
        for step in steps {
            apply(step, &mut store, &mut model, &path);
            let sinks: BTreeSet<_> = model.cursors.keys().map(|sink| (*sink).to_owned()).collect();
            prop_assert_eq!(store.sinks().unwrap(), sinks.into_iter().collect::<Vec<_>>());
            for sink in model.cursors.keys() {
                prop_assert_eq!(owed(&store, sink), model.owed(sink));
                prop_assert_eq!(store.outbox_len(sink).unwrap(), model.owed(sink).len() as u64);
            }
            prop_assert_eq!(store.evicted().unwrap(), model.evicted);
        }
        store.check().unwrap();
    }
}
