//! What changes between two policies: every message that the naive evaluator judges otherwise is in a class of the difference that
//! says the same, and every witness is judged as its class says.

use std::time::Duration;

use model::{NodeKey, Stage, Target, Timestamp};

use super::asked::{Asked, Wrote};
use super::dice::Dice;
use super::judge::Answer;
use super::past::Past;
use super::random::{a_site, changed};
use super::site::Site;
use super::{load, some_messages};
use crate::Policy;
use crate::compare::{Change, Class, Difference, Said, Witness};
use crate::suppose::Put;
use crate::tests::vocabulary::WORDS;

/// Two policies and what changes from one to the other.
pub(super) struct Pair {
    sites: [Site; 2],
    policies: [Policy; 2],
    found: Difference,
}

impl Pair {
    fn of(mut old: Site, mut new: Site, from: Timestamp) -> Self {
        let policies = [load(&mut old), load(&mut new)];
        let found = policies[1].difference(&policies[0], &WORDS, from);
        Self {
            sites: [old, new],
            policies,
            found,
        }
    }

    fn judged(&self, asked: &Asked) -> [Answer; 2] {
        [0, 1].map(|side: usize| self.sites[side].judge(asked, &mut Past::default()))
    }

    /// What is wrong about a message, in words.
    fn wrong(&self, asked: &Asked) -> Option<String> {
        let [was, now] = self.judged(asked);
        if [was, now].iter().any(|answer| answer.verdict == "unknown") {
            return None;
        }
        let change = match rank(was.verdict).cmp(&rank(now.verdict)) {
            std::cmp::Ordering::Less => Change::Allowed,
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Greater => Change::Denied,
        };
        let is_in = |class: &&Class| {
            class.change == change
                && said(&class.was, was)
                && said(&class.now, now)
                && self.holds(class, asked)
        };
        let classes = || {
            self.found
                .classes
                .iter()
                .filter(|class| self.holds(class, asked))
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        };
        let found = self.found.classes.iter().any(|class| is_in(&class));
        (!found).then(|| {
            format!(
                "was {was:?}, now {now:?}, in no class\n{asked:?}\n{}",
                classes()
            )
        })
    }

    /// Whether a class is about a message's ends, protocol, verb and function.
    fn holds(&self, class: &Class, asked: &Asked) -> bool {
        let [clients, servers] = &class.ends;
        let placed = [asked.client, asked.server]
            .map(|host| [0, 1].map(|side: usize| self.policies[side].place(&host)));
        let among = |list: &[u32], placed: [crate::Placed; 2], unit| {
            list.iter().any(|id| {
                let point = &self.found.points[*id as usize];
                point.base == placed && (point.unit.is_none() || point.unit == unit)
            })
        };
        class.protocol == asked.governing()
            && class.verbs.contains(&asked.function.verb.name())
            && (class.functions.is_empty() || class.functions.contains(&asked.function.name))
            && among(clients, placed[0], None)
            && among(servers, placed[1], asked.unit)
    }

    /// What is wrong about a witness.
    fn lies(&self) -> Option<String> {
        self.found.classes.iter().find_map(|class| {
            let answers = [0, 1].map(|side: usize| self.sites[side].answer(&class.witness));
            let agrees = said(&class.was, answers[0]) && said(&class.now, answers[1]);
            (!agrees).then(|| format!("naive {answers:?}\n{class}\n{}", class.witness))
        })
    }
}

impl Site {
    fn answer(&self, witness: &Witness) -> Answer {
        let mut asked = supposed(witness);
        let mut past = Past::default();
        for _ in 0..witness.after {
            self.judge(&asked, &mut past);
        }
        asked.at = asked.at.after(Duration::from_secs(witness.pause_secs));
        self.judge(&asked, &mut past)
    }
}

fn said(said: &Said, answer: Answer) -> bool {
    (said.verdict, said.line) == (answer.verdict, answer.line)
        && (said.reason == answer.reason || said.verdict == "unknown")
}

fn rank(verdict: &str) -> u8 {
    match verdict {
        "conforms" => 2,
        "violates" | "unzoned" => 0,
        _ => 1,
    }
}

/// A witness as a message.
fn supposed(witness: &Witness) -> Asked {
    let operation = witness.operation();
    let (mut targets, mut written) = (Vec::new(), Vec::new());
    operation
        .detail
        .targets(&mut |target| targets.push(lasting(target)));
    operation.detail.written(&mut |target, what| {
        let put = match what {
            model::Written::Words(bytes) => Put::Words(bytes.to_vec()),
            model::Written::Bytes { bytes, element } => Put::Bytes(bytes.to_vec(), element),
            model::Written::Bits(bits) => {
                Put::Bits(vec![u8::from(bits.get(0) == Some(true))], bits.count())
            }
            model::Written::Number(number) => Put::Number(number),
            model::Written::Text(text) => Put::Text(text.to_owned()),
            other => panic!("no witness writes {other:?}"),
        };
        written.push((lasting(target), Wrote::Put(put)));
    });
    Asked {
        client: witness.client,
        server: witness.server,
        protocol: witness.protocol,
        function: witness.function,
        unit: witness.unit,
        targets,
        written,
        shown: witness
            .session
            .iter()
            .map(|(field, text)| (*field, kept(text)))
            .collect(),
        encrypted: witness.function.name == "encrypted",
        stage: Stage::Request,
        answers: false,
        at: witness.at,
    }
}

fn kept(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn lasting(target: Target<'_>) -> Target<'static> {
    match target {
        Target::Cells {
            area,
            block,
            first,
            last,
        } => Target::Cells {
            area: kept(area),
            block,
            first,
            last,
        },
        Target::Block { kind, number } => Target::Block {
            kind: kept(kind),
            number,
        },
        Target::Named { kind, name } => Target::Named {
            kind: kept(kind),
            name: kept(name),
        },
        Target::Node { namespace, key } => Target::Node {
            namespace,
            key: match key {
                NodeKey::Numeric(number) => NodeKey::Numeric(number),
                NodeKey::Text(text) => NodeKey::Text(kept(text)),
                NodeKey::Guid(guid) => NodeKey::Guid(guid),
                NodeKey::Opaque(bytes) => {
                    NodeKey::Opaque(Box::leak(bytes.to_vec().into_boxed_slice()))
                }
            },
        },
    }
}

/// Whether a difference promises to have a message: a request that was seen whole, with one target and one value.
fn is_compared(asked: &Asked) -> bool {
    let unit = asked.unit.is_some() || asked.governing() == "opcua";
    let whole = asked.targets.len() <= 1
        && asked
            .written
            .iter()
            .all(|(_, wrote)| matches!(wrote, Wrote::Put(_)));
    let hidden = asked.encrypted && asked.function.name != "encrypted";
    let partial = asked.written.iter().any(|(_, wrote)| {
        matches!(
            wrote,
            Wrote::Put(Put::Bit { .. } | Put::Masked { .. } | Put::Bits(..))
        )
    });
    let mode = asked
        .shown
        .iter()
        .any(|(field, _)| *field == "security_mode");
    let session = asked.governing() != "opcua" || mode;
    let seen = unit && whole && session && !hidden && !partial;
    asked.stage == Stage::Request && seen && is_sound(asked)
}

/// Whether a function that writes coils writes to coils, and to nothing else.
fn is_sound(asked: &Asked) -> bool {
    let coils = |target: &Target<'_>| matches!(target, Target::Cells { area: "coil", .. });
    let writes = asked.written.iter();
    let of_coils = asked.function.name.contains("coil");
    asked.protocol != "modbus"
        || writes
            .into_iter()
            .all(|(target, _)| coils(target) == of_coils)
}

/// Compares so many pairs of policies by about so many messages each; says how many messages and witnesses were looked at, and how
/// many changed.
pub(super) fn run(pairs: u64, each: usize, first: u64) -> [usize; 3] {
    let from = Timestamp::from_nanos(1_772_323_200_000_000_000);
    let mut counts = [0; 3];
    let mut wrongs = Vec::new();
    'pairs: for seed in first..first + pairs {
        let mut dice = Dice::of(seed ^ 0x00d1_ffed);
        let old = a_site(&mut dice);
        let new = changed(&old, &mut dice);
        let pair = Pair::of(old, new, from);
        if !pair.found.gaps.is_empty() {
            continue;
        }
        let texts = || {
            [0, 1]
                .map(|side: usize| pair.sites[side].clone().write())
                .join("\n----\n")
        };
        counts[1] += pair.found.classes.len();
        if let Some(lie) = pair.lies() {
            wrongs.push(format!("seed {seed}: {lie}\n{}", texts()));
            continue;
        }
        for side in [0, 1_usize] {
            let messages = some_messages(&pair.sites[side], each, &mut dice);
            let compared = messages.iter();
            let compared = compared.filter(|asked| is_compared(asked) && asked.at >= from);
            for message in compared.take(each / 2) {
                counts[0] += 1;
                let [was, now] = pair.judged(message);
                counts[2] += usize::from(was.verdict != now.verdict);
                if let Some(wrong) = pair.wrong(message) {
                    wrongs.push(format!("seed {seed}: {wrong}\n{}", texts()));
                    continue 'pairs;
                }
            }
        }
    }
    assert!(
        wrongs.is_empty(),
        "{} of {pairs}\n{}",
        wrongs.len(),
        wrongs
            .into_iter()
            .take(5)
            .collect::<Vec<_>>()
            .join("\n====\n")
    );
    counts
}
