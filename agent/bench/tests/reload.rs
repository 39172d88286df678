//! Reloading under load: policies come one after the other while operations are judged, and every verdict is
//! that of the version which it names.

#![cfg(test)]

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use bench::{Frames, Kind, traffic};
use engine::{Context, Engine, Judges, Mode, Watch};
use model::{Event, Said, Verdict};
use policy::{Policy, Text};

/// How often each verdict was given by each version.
type Given = BTreeMap<(String, &'static str), u64>;

/// Notes each verdict with the version that made it.
struct Notes {
    version: String,
    given: Arc<Mutex<Given>>,
}

impl Watch for Notes {
    fn said(&mut self, _: &Context<'_>, _: &Said<'_>) {}

    fn judged(&mut self, _: &Event<'_>, verdict: Option<Verdict>) {
        let Some(verdict) = verdict else { return };
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        *given
            .entry((self.version.clone(), verdict.name()))
            .or_default() += 1;
    }

    fn replaced(&mut self, policy_version: Option<&str>) {
        self.version = policy_version.unwrap_or_default().to_owned();
    }

    fn gap(&mut self, _: &Context<'_>, _: u64) {}

    fn finish(&mut self) {}
}

/// One of many policies: the even ones allow what the plant does, the odd ones nothing of it.
fn policy(number: usize) -> Policy {
    let words: Vec<_> = decode::PROTOCOLS.iter().map(|it| it.vocabulary).collect();
    let verbs = if allows(number) {
        "[read, write]"
    } else {
        "[identify]"
    };
    let text = format!(
        "# {number}\nversion: 1\nsite: {{name: s, owner: o}}\nzones:\n  \
         clients: {{owner: o, members: {{cidr: 10.1.0.0/16}}}}\n  \
         servers: {{owner: o, members: {{cidr: 10.2.0.0/16}}}}\nconduits:\n  \
         c: {{from: {{zone: clients}}, to: {{zone: servers}}, allow: {{protocol: modbus, verbs: {verbs}}}}}\n"
    );
    let text = Text {
        name: "policy.yaml".into(),
        text,
    };
    Policy::read(&[text], &words).unwrap().policy
}

const fn allows(number: usize) -> bool {
    number.is_multiple_of(2)
}

/// Loads policies as fast as they are taken.
fn load(orders: &SyncSender<Judges>) {
    for number in 1..VERSIONS {
        let judges = Judges {
            policy: Some(Arc::new(policy(number))),
            ..Judges::default()
        };
        if orders.send(judges).is_err() {
            return;
        }
    }
}

/// Judges traffic, by each new policy from the moment that it is there; each judges some frames.
fn judge(engine: &mut Engine, traffic: &Frames, orders: &Receiver<Judges>) {
    let mut waited = 0;
    for frame in traffic.frames() {
        let order = match waited {
            PATIENCE.. => orders.recv().map_err(|_| TryRecvError::Disconnected),
            LEAST.. => orders.try_recv(),
            _ => Err(TryRecvError::Empty),
        };
        waited += 1;
        if let Ok(judges) = order {
            engine.replace(judges);
            waited = 0;
        }
        engine.frame(&frame);
    }
    assert!(orders.recv().is_err(), "some policy was never taken");
    engine.finish();
}

#[test]
fn every_verdict_under_load_is_that_of_the_version_which_it_names() {
    let names: Vec<_> = (0..VERSIONS)
        .map(|it| policy(it).version().to_owned())
        .collect();
    let given = Arc::new(Mutex::new(Given::new()));
    let notes = Notes {
        version: names[0].clone(),
        given: Arc::clone(&given),
    };
    let settings = engine::Settings {
        site: "s".into(),
        sensor: "s".into(),
        limits: engine::Limits::default(),
        mode: Mode::Judge,
        shards: 1,
    };
    let first = Judges {
        policy: Some(Arc::new(policy(0))),
        ..Judges::default()
    };
    let mut engine = Engine::new(settings, first, Some(Box::new(notes)));
    let (orders, taken) = sync_channel(1);
    let loader = std::thread::spawn(move || load(&orders));
    judge(&mut engine, &traffic(Kind::Modbus, PAIRS, TURNS), &taken);
    loader.join().unwrap();

    let given = given.lock().unwrap().clone();
    let mut denied = BTreeMap::new();
    for (number, name) in names.iter().enumerate() {
        let of = |verdict| given.get(&(name.clone(), verdict)).copied().unwrap_or(0);
        let (expected, other) = match allows(number) {
            true => ("conforms", "violates"),
            false => ("violates", "conforms"),
        };
        assert!(
            of(expected) > 0,
            "version {number} judged nothing: {given:?}"
        );
        assert_eq!(of(other), 0, "version {number} gave {other}");
        if !allows(number) {
            denied.insert(name.clone(), of("violates"));
        }
    }
    let all: u64 = given.values().sum();
    assert_eq!(all, u64::from(PAIRS) * u64::from(TURNS));
    let verdicts = engine.summary().verdicts;
    assert_eq!(verdicts["conforms"] + verdicts["violates"], all);

    let mut counted = BTreeMap::new();
    for incident in engine.incidents() {
        let version = incident.because.policy_version.clone().unwrap();
        *counted.entry(version).or_default() += incident.count;
    }
    assert_eq!(
        counted, denied,
        "what incidents count, by the version that they name"
    );
}

/// How many policies there are.
const VERSIONS: usize = 40;
/// After how many frames a policy may go, and after how many it must.
const LEAST: usize = 60;
const PATIENCE: usize = 300;
const PAIRS: u16 = 6;
const TURNS: u32 = 1_000;
