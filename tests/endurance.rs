//! A soak of the sensor through its port: days of a plant as fast as they can be read, and all that happens to a sensor
//! meanwhile. Its policy is read again, its port goes down and up, is removed and made anew, it is stopped, killed and started
//! again on the same store. Frames, incidents, memory and open files are held against what was sent.
//!
//! The short form is a test like others. `agent/bench/race/soak` runs the long one and draws what the sensor had.

mod plant;
mod vitals;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use serde_json::Value;

use crate::mirror::{Mirror, Sensor, wait_until};
use crate::mirror_health::{archived, stored};
use crate::records::Record;
use crate::support::{field, json_lines, says};
use plant::Plant;
use vitals::{Look, Vitals};

#[test]
fn a_sensor_endures_days_of_a_plant_and_what_is_done_to_it() {
    soak(&Plan {
        days: 4,
        parts: 3,
        part_frames: 10_000,
        ring_mib: 64,
        shards: 1,
    });
}

#[test]
fn a_sensor_of_two_shards_endures_days_of_a_plant_and_ends_when_its_port_is_made_anew() {
    soak(&Plan {
        days: 2,
        parts: 2,
        part_frames: 5_000,
        ring_mib: 64,
        shards: 2,
    });
}

/// A day is what 20 controllers say who are each asked once a second: 3 456 000 frames.
#[test]
#[ignore = "takes a quarter of an hour: agent/bench/race/soak"]
fn a_sensor_endures_many_days() {
    let number = |name| std::env::var(name).ok().map(|it| it.parse::<u8>().unwrap());
    let shards = number("SOAK_SHARDS").unwrap_or(1);
    let looks = soak(&Plan {
        days: number("SOAK_DAYS").unwrap_or(24),
        parts: 15,
        part_frames: 216_000,
        ring_mib: 256,
        shards: u32::from(shards),
    });
    assert!(!looks.is_empty(), "no mirror port could be built");
    if let Some(picture) = std::env::var_os("SOAK_CURVE") {
        vitals::draw(&PathBuf::from(picture), &looks);
    }
}

/// How much there is to endure.
struct Plan {
    days: u8,
    /// How many times a day a stranger writes before the day's captures.
    parts: u8,
    /// How many frames of polling come before each of them, and after the captures. They fit in the ring, however busy the
    /// machine is.
    part_frames: u64,
    ring_mib: u32,
    /// How many sockets share the port; several cannot be bound to one that is made anew.
    shards: u32,
}

/// How a day ends for the sensor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    /// It goes on.
    Night,
    /// SIGTERM, or that its port cannot be listened to any more.
    Stopped,
    /// SIGKILL.
    Killed,
}

impl Plan {
    /// The first life lasts two thirds of the days, each of the others one.
    fn end(&self, day: u8) -> End {
        if day == self.days {
            End::Stopped
        } else if day < self.days * 2 / 3 {
            End::Night
        } else if (self.days - day).is_multiple_of(2) {
            End::Killed
        } else {
            End::Stopped
        }
    }
}

/// Runs a plan; every look at the sensor. Nothing where no mirror can be built.
fn soak(plan: &Plan) -> Vec<Look> {
    let Some(mut mirror) = Mirror::build() else {
        return Vec::new();
    };
    let Plan {
        ring_mib, shards, ..
    } = plan;
    mirror.listen(&format!(
        "{{name: mirror, ring_mib: {ring_mib}, shards: {shards}}}"
    ));
    let mut soak = Soak::begin(&mirror, plan);
    for day in 1..=plan.days {
        soak.day(day);
    }
    soak.judge();
    soak.looks
}

struct Soak<'a> {
    mirror: &'a Mirror,
    plan: &'a Plan,
    policy: PathBuf,
    captures: Vec<Record>,
    /// What replay finds in the captures, and how often it happened.
    truth: BTreeMap<String, u64>,
    plant: Plant,
    sensor: Sensor,
    life: Life,
    looks: Vec<Look>,
    /// Strangers who wrote when the sensor was killed: it may have heard them or not.
    grey: Vec<Range<u16>>,
}

/// What began with a start of the sensor.
struct Life {
    number: u64,
    /// How many frames had been sent before.
    before: u64,
    /// How many strangers had written before.
    strangers: u16,
    /// Incidents that were stored before.
    known: BTreeSet<String>,
    /// Days on which it lived.
    days: Vec<u8>,
    reloads: u64,
    port_downs: u64,
    handles: Option<u64>,
}

impl<'a> Soak<'a> {
    fn begin(mirror: &'a Mirror, plan: &'a Plan) -> Self {
        let policy = mirror.folder.path().join("soak.yaml");
        std::fs::write(&policy, POLICY).unwrap();
        let captures = plant::captures();
        let file = mirror.folder.path().join("captures.pcap");
        plant::write(&file, &captures, 1);
        let words = format!(
            "replay {} --policy {} --incidents -",
            file.display(),
            policy.display()
        );
        let truth = happened(&json_lines(&says(&words)), 1);
        println!(
            "day   life  frames sent  read  lost  left out  resident beside ring  handles  threads  incidents  end"
        );
        Self {
            plant: Plant::open(mirror.plant(), "plant"),
            sensor: mirror.watch(&policy),
            life: Life::new(1, 0, 0, BTreeSet::new()),
            looks: Vec::new(),
            grey: Vec::new(),
            truth,
            captures,
            policy,
            mirror,
            plan,
        }
    }

    fn day(&mut self, day: u8) {
        self.plant.wake(day);
        self.life.days.push(day);
        for _ in 0..self.plan.parts {
            self.plant.poll(self.plan.part_frames);
            self.plant.intrude();
            self.all_read();
            self.look();
        }
        self.plant.play(&self.captures);
        self.all_read();
        self.reload(day);
        self.without_port(
            |mirror| mirror.link("link set mirror down"),
            |mirror| mirror.link("link set mirror up"),
        );
        self.wait_for_port(1);
        if day % 3 == 2 {
            self.remove_port();
        }
        self.plant.poll(self.plan.part_frames);
        self.all_read();
        self.look();
        let end = self.plan.end(day);
        self.tell(day, end);
        match end {
            End::Night => (),
            End::Stopped => self.stop(),
            End::Killed => self.kill(),
        }
        if end != End::Night {
            self.judge_life(end);
        }
        if end != End::Night && day < self.plan.days {
            self.start_again();
        }
    }

    /// Waits until every frame of this life was read, and none twice.
    fn all_read(&self) {
        let sent = self.plant.sent() - self.life.before;
        let [read, lost] = wait_until("every frame", || {
            let counted = [READ, LOST].map(|series| self.sensor.metric(series));
            (counted.iter().sum::<u64>() >= sent).then_some(counted)
        });
        assert_eq!([read, lost], [sent, 0], "read and lost, of {sent} sent");
    }

    /// Takes down what the sensor has, when nothing of a moment is left in it.
    fn look(&mut self) {
        let process = self.sensor.running.process();
        let handles = self.life.handles;
        if handles.is_none() {
            // files are opened when there is something to write
            self.wait_until_told();
        }
        wait_until(
            &format!("{handles:?} open files of {:?}", vitals::files(process)),
            || {
                let now = vitals::files(process).len() as u64;
                handles.is_none_or(|before| now <= before).then_some(())
            },
        );
        let vitals = Vitals::of(process);
        self.life.handles = Some(vitals.handles);
        self.looks.push(Look {
            frames: self.plant.sent(),
            day: self.life.days.last().copied().unwrap_or(0),
            life: self.life.number,
            strangers: u64::from(self.plant.strangers() - self.life.strangers),
            vitals,
        });
    }

    fn reload(&mut self, day: u8) {
        self.life.reloads += 1;
        let text = format!("{POLICY}# another version: {}\n", day % 2);
        std::fs::write(&self.policy, text).unwrap();
        self.sensor.running.signal("HUP");
        let done = "bulkhead_app_reloads_total{result=\"done\"}";
        self.sensor.wait_for_metric(done, self.life.reloads);
    }

    /// Takes the port away while its ring holds frames, and gives it back.
    fn without_port(&mut self, take: impl Fn(&Mirror), give: impl Fn(&Mirror)) {
        let sent = self.mirror.received();
        let before = self.plant.sent();
        self.plant.poll(1_000);
        self.plant.intrude();
        let due = sent + self.plant.sent() - before;
        wait_until("the port to receive", || {
            (self.mirror.received() >= due).then_some(())
        });
        take(self.mirror);
        self.life.port_downs += 1;
        self.wait_for_port(0);
        self.all_read();
        give(self.mirror);
    }

    /// Removes the port and makes it anew, which one socket comes through; several end, and are started again.
    fn remove_port(&mut self) {
        self.without_port(Mirror::unplug, Mirror::plug);
        if self.plan.shards == 1 {
            self.wait_for_port(1);
            // what the new interface loses may not be read any more
            self.life.handles = None;
            return;
        }
        let code = self.sensor.running.end();
        let said = self.sensor.running.said();
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("cannot be listened to any more"), "{said}");
        self.judge_life(End::Stopped);
        self.start_again();
    }

    fn wait_for_port(&self, is_up: u64) {
        wait_until("the port to change", || {
            (self.sensor.metric(UP) == is_up).then_some(())
        });
    }

    /// What was just sent is told all the same.
    fn stop(&mut self) {
        self.plant.poll(1_000);
        self.plant.intrude();
        self.sensor.ends_well();
    }

    /// In the moment when it tells of strangers. Those that were told before stay told; of the others nobody knows.
    fn kill(&mut self) {
        self.wait_until_told();
        let known = self.plant.strangers() + 1;
        let archive = self.mirror.folder.path().join("incidents.jsonl");
        let first = format!("\"{}\"", address(known));
        wait_until("the first of the strangers to be told", || {
            self.plant.poll(self.plan.part_frames / 10);
            self.plant.intrude();
            let told = std::fs::read_to_string(&archive).unwrap();
            told.contains(&first).then_some(())
        });
        self.sensor.running.signal("KILL");
        self.sensor.running.end();
        self.grey.push(known..self.plant.strangers() + 1);
    }

    fn start_again(&mut self) {
        let stored = stored(self.mirror);
        let known = stored
            .iter()
            .map(|incident| field(incident, "id"))
            .collect();
        let (sent, strangers) = (self.plant.sent(), self.plant.strangers());
        self.life = Life::new(self.life.number + 1, sent, strangers, known);
        self.sensor = self.mirror.watch(&self.policy);
    }

    fn tell(&self, day: u8, end: End) {
        let [read, lost] = [READ, LOST].map(|series| self.sensor.metric(series));
        let left_out: u64 = LEFT_OUT.iter().map(|it| self.sensor.metric(it)).sum();
        let vitals = self.looks[self.looks.len() - 1].vitals;
        let incidents = stored(self.mirror).len();
        println!(
            "{day:>3} {:>6} {:>12} {read:>5} {lost:>5} {left_out:>9} {:>9} KiB {:>9} KiB {:>8} {:>8} {incidents:>10}  {end:?}",
            self.life.number,
            self.plant.sent(),
            vitals.resident_kib,
            vitals.own_kib,
            vitals.handles,
            vitals.threads,
        );
    }

    /// Waits until every stranger who was heard surely is in the store and its sink.
    fn wait_until_told(&self) {
        wait_until("every stranger to be told", || {
            let clients = |all: &[Value]| -> BTreeSet<_> {
                all.iter().map(|it| field(it, "client.ip")).collect()
            };
            let told = [stored(self.mirror), archived(self.mirror)].map(|all| clients(&all));
            let mut sure = (1..=self.plant.strangers()).filter(|it| !self.is_grey(*it));
            sure.all(|it| told.iter().all(|clients| clients.contains(&address(it))))
                .then_some(())
        });
    }

    fn is_grey(&self, stranger: u16) -> bool {
        self.grey.iter().any(|range| range.contains(&stranger))
    }

    /// Holds what was told in all lives against what happened.
    fn judge(&self) {
        let stored = stored(self.mirror);
        let by_id = |all: Vec<Value>| -> BTreeMap<String, Value> {
            all.into_iter().map(|it| (field(&it, "id"), it)).collect()
        };
        self.judge_strangers(&stored);
        self.judge_vitals();
        assert_eq!(
            by_id(archived(self.mirror)),
            by_id(stored),
            "sink and store"
        );
    }

    /// Holds what was told in this life against what happened in it.
    fn judge_life(&self, end: End) {
        let mut incidents = stored(self.mirror);
        incidents.retain(|incident| !self.life.known.contains(&field(incident, "id")));
        let (of_sensor, of_plant): (Vec<_>, Vec<_>) =
            incidents.iter().partition(|it| it["kind"] == "sensor");
        self.judge_captures(&of_plant, end);
        self.judge_sensor(&of_sensor);
    }

    /// Every stranger is told once, but for those at a kill, who may not be told.
    fn judge_strangers(&self, incidents: &[Value]) {
        let mut told: BTreeMap<String, u32> = BTreeMap::new();
        for incident in incidents {
            let client = field(incident, "client.ip");
            if client.starts_with("10.66.") {
                assert_eq!(
                    field(incident, "rule"),
                    "policy.no_conduit",
                    "{incident:#?}"
                );
                assert_eq!(field(incident, "count"), "1", "{incident:#?}");
                *told.entry(client).or_default() += 1;
            }
        }
        let mut heard = 0;
        for number in 1..=self.plant.strangers() {
            let times = told.remove(&address(number)).unwrap_or(0);
            let is_grey = self.is_grey(number);
            match is_grey {
                true => assert!(times <= 1, "stranger {number} is told {times} times"),
                false => assert_eq!(times, 1, "stranger {number}"),
            }
            heard += u32::from(is_grey) * times;
        }
        assert_eq!(told, BTreeMap::new(), "nobody");
        let grey: usize = self.grey.iter().map(Range::len).sum();
        println!(
            "{} strangers wrote, each is told once; of {grey} who wrote in the moment of {} kills {heard} are told",
            self.plant.strangers(),
            self.grey.len(),
        );
    }

    /// Every day the captures bring what replay finds in them. How often is told to the end where the sensor ended by itself;
    /// what rules count over time is more when it comes again so soon.
    fn judge_captures(&self, incidents: &[&Value], end: End) {
        let days = &self.life.days;
        for day in days {
            let networks = days.iter().map(|it| plant::network(*it));
            let times = networks.filter(|it| *it == plant::network(*day)).count() as u64;
            let found = happened(incidents.iter().copied(), *day);
            assert!(found.keys().eq(self.truth.keys()), "{day}: {found:#?}");
            if end == End::Stopped {
                let of_policy = |all: &BTreeMap<String, u64>, times| -> Vec<_> {
                    let all = all.iter().filter(|(cause, _)| cause.starts_with("policy."));
                    all.map(|(cause, count)| (cause.clone(), count * times))
                        .collect()
                };
                assert_eq!(
                    of_policy(&found, 1),
                    of_policy(&self.truth, times),
                    "day {day}"
                );
            }
        }
    }

    /// The sensor told of its port once, though it was away more often, and of nothing that was not. A machine that is busy
    /// with other things is an overload, or a silence, and one whose clock is set is told.
    fn judge_sensor(&self, incidents: &[&Value]) {
        let mut rules: Vec<_> = incidents.iter().map(|it| field(it, "rule")).collect();
        rules.retain(|rule| !OF_THE_MACHINE.contains(&rule.as_str()));
        let told = usize::from(self.life.port_downs > 0);
        assert_eq!(rules, ["sensor.port_down"][..told], "{incidents:#?}");
    }

    /// Each life has what the first had after as many days, and the first what it had when every plant had spoken twice.
    fn judge_vitals(&self) {
        let days = self.looks.chunk_by(|one, next| one.day == next.day);
        let evenings: Vec<_> = days.filter_map(<[Look]>::last).collect();
        let first: Vec<_> = evenings.iter().filter(|look| look.life == 1).collect();
        for look in evenings.iter().filter(|look| look.life > 1) {
            check_growth(first[0], look);
        }
        let settled = first.iter().find(|look| look.day > plant::PLANTS);
        if let (Some(settled), Some(last)) = (settled, first.last()) {
            check_growth(settled, last);
            let grown_kib = last.vitals.own_kib.saturating_sub(settled.vitals.own_kib);
            println!(
                "from day {} to day {} of a life resident memory grew by {grown_kib} KiB, for {} strangers",
                settled.day,
                last.day,
                last.strangers - settled.strangers
            );
        }
    }
}

impl Life {
    fn new(number: u64, before: u64, strangers: u16, known: BTreeSet<String>) -> Self {
        Self {
            number,
            before,
            strangers,
            known,
            days: Vec::new(),
            reloads: 0,
            port_downs: 0,
            handles: None,
        }
    }
}

/// What happened to the hosts of a day's captures, in words that are the same each day, and how often. What was under way while
/// the policy was replaced may be two incidents, one of each.
fn happened<'i>(incidents: impl IntoIterator<Item = &'i Value>, day: u8) -> BTreeMap<String, u64> {
    let network = format!("10.{}.", plant::network(day));
    let mut all = BTreeMap::new();
    for incident in incidents {
        let words = CAUSE.map(|path| field(incident, path)).join(" ");
        if words.contains(&network) {
            let count: u64 = field(incident, "count").parse().unwrap();
            *all.entry(words.replace(&network, "10.x.")).or_default() += count;
        }
    }
    all
}

/// Nothing grew between two moments of lives but what is remembered of strangers.
fn check_growth(before: &Look, after: &Look) {
    let (was, is) = (before.vitals, after.vitals);
    let allowed_kib = GROWTH_KIB + STRANGER_KIB * after.strangers.saturating_sub(before.strangers);
    assert!(
        is.own_kib <= was.own_kib + allowed_kib,
        "{before:?}, {after:?}"
    );
    assert!(is.handles <= was.handles, "{before:?}, {after:?}");
    assert!(
        is.threads <= was.threads + IDLE_THREADS,
        "{before:?}, {after:?}"
    );
}

fn address(stranger: u16) -> String {
    plant::stranger(stranger)
        .ip
        .map(|it| it.to_string())
        .join(".")
}

/// Clients poll servers; nobody in the office has anything to say to them.
const POLICY: &str = "\
version: 1
site: {name: soak, owner: tests}
zones:
  clients: {members: {cidrs: [10.20.0.0/16]}, level: 2, owner: tests, criticality: medium}
  servers: {members: {cidrs: [10.30.0.0/16]}, level: 1, owner: tests, criticality: high}
  office: {members: {cidrs: [10.66.0.0/16]}, level: 4, owner: tests, criticality: low}
conduits:
  polling:
    from: {zone: clients}
    to: {zone: servers}
    owner: tests
    action: look at the soak
    respond_within: 1d
    allow:
      - {protocol: modbus, verbs: [connect, identify, read]}
";
/// What tells incidents of one day apart.
const CAUSE: [&str; 6] = [
    "rule",
    "client.ip",
    "server.ip",
    "protocol",
    "verb",
    "target",
];
const OF_THE_MACHINE: [&str; 3] = ["sensor.clock_step", "sensor.no_traffic", "sensor.overload"];
/// What the heap keeps for itself, which is a few large pages of 2 MiB.
const GROWTH_KIB: u64 = 8_192;
/// An open incident, a flow, a host, and their places in tables, for an hour.
const STRANGER_KIB: u64 = 12;
/// The runtime keeps some for a while that have nothing to do.
const IDLE_THREADS: u64 = 2;
const READ: &str = "bulkhead_capture_frames_total";
const LOST: &str = "bulkhead_capture_dropped_frames_total{by=\"kernel\"}";
const LEFT_OUT: [&str; 2] = [
    "bulkhead_engine_shed_frames_total{class=\"alike\"}",
    "bulkhead_engine_shed_frames_total{class=\"quiet\"}",
];
const UP: &str = "bulkhead_capture_port_up{port=\"mirror\"}";
