//! The policy against a naive evaluator that was written from docs/POLICIES.md alone.
//!
//! A [`site::Site`] is a random policy with every feature of the language, as data and as text (`text`); `random` makes
//! them, changes to them, and messages that love edges. [`Site::judge`](site::Site) walks every statement for every message,
//! with no index, no cache and no compile step: `zones` (who is who, and what joins them), `targets`, `values`,
//! `sessions`, `times`, `past` (rates), `meets` (one statement), and `judge` (roles, permits, shadow, and the order of steps). With it must agree:
//!
//! - judging live, through edges, standings and the engine's memory (`live`);
//! - `explain`, through what a person would suppose;
//! - `diff`: what two policies judge otherwise is in one of its classes, and its witnesses are judged as it says.
//!
//! `BULKHEAD_CASES` says how many messages, `BULKHEAD_SEED` which; a disagreement is shown with the smallest policy that
//! has it (`smaller`).

mod asked;
mod dice;
mod diffed;
mod judge;
mod live;
mod meets;
mod number;
mod past;
mod random;
mod sessions;
mod site;
mod smaller;
mod targets;
mod text;
mod times;
mod values;
mod zones;

use std::collections::BTreeMap;

use model::{Timestamp, Verdict};

use super::vocabulary::read;
use crate::Policy;
use asked::Asked;
use dice::Dice;
use judge::Answer;
use live::Live;
use past::Past;
use random::{Scene, a_site, edges};
use site::Site;

/// A policy's verdict, as the naive evaluator says it.
fn told(policy: &Policy, verdict: Verdict) -> Answer {
    let said = policy.said(verdict);
    let unseen = match verdict {
        Verdict::Unknown { why } => Some(match why {
            model::Unseen::Encrypted => "encrypted",
            model::Unseen::Roles => "roles",
            model::Unseen::Target => "target",
            model::Unseen::Session => "session",
            model::Unseen::Value => "value",
        }),
        _ => None,
    };
    Answer {
        verdict: said.verdict,
        reason: said.reason.or(unseen),
        line: said.line,
    }
}

fn load(site: &mut Site) -> Policy {
    let text = site.write();
    let loaded = read(&text).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}\n{text}", lines.join("\n"))
    });
    loaded.policy
}

/// The policy as it is once it was formatted.
fn formatted(site: &mut Site) -> Policy {
    let text = crate::Text {
        name: "test.yaml".into(),
        text: site.write(),
    };
    let text = crate::format(&text).unwrap();
    read(&text).unwrap().policy
}

/// Messages in the order of time.
fn some_messages(site: &Site, many: usize, dice: &mut Dice) -> Vec<Asked> {
    let scene = Scene::of(site, dice);
    let edges = edges(site);
    let mut times: Vec<Timestamp> = (0..many / 8 + 1).map(|_| *dice.pick(&edges)).collect();
    times.sort_unstable();
    let mut messages: Vec<Asked> = Vec::with_capacity(many);
    for at in times {
        let mut at = messages.last().map_or(at, |last| last.at.max(at));
        for _ in 0..8 {
            let secs = [0, 0, 0, 1, 10, 60][dice.below(6)];
            at = Timestamp::from_nanos(at.as_nanos() + secs * 1_000_000_000);
            let again = messages.last().filter(|_| dice.chance(35)).cloned();
            let mut message = again.unwrap_or_else(|| scene.message(at, dice));
            message.at = at;
            messages.push(message);
        }
    }
    messages
}

/// What disagrees, with the smallest policy that shows it.
fn disagreement(site: &Site, fails: &dyn Fn(&Site) -> Option<String>) -> String {
    let mut small = smaller::smallest(site, &|site| fails(site).is_some());
    let said = fails(&small).unwrap_or_default();
    format!("{said}\n{}", small.write())
}

/// Whether a run of messages is judged live as naively; the first that is not, in words.
fn live_disagrees(site: &Site, messages: &[Asked]) -> Option<String> {
    let mut site = site.clone();
    let policy = load(&mut site);
    let (mut live, mut past) = (Live::of(&policy), Past::default());
    for message in messages {
        let Some(verdict) = live.judge(message) else {
            continue;
        };
        let (live, naive) = (told(&policy, verdict), site.judge(message, &mut past));
        if live != naive {
            return Some(format!("live {live:?}, naive {naive:?}\n{message:?}"));
        }
    }
    None
}

/// Whether a message is explained as it is judged naively.
fn explain_disagrees(site: &Site, message: &Asked, after: u32) -> Option<String> {
    let mut site = site.clone();
    let policy = load(&mut site);
    explained(&policy, &site, message, after)
}

fn explained(policy: &Policy, site: &Site, message: &Asked, after: u32) -> Option<String> {
    let supposed = message.supposed(after)?;
    let explanation = supposed.explain(policy);
    let answer = told(policy, explanation.verdict);
    let mut past = Past::default();
    for _ in 0..after {
        site.judge(message, &mut past);
    }
    let naive = site.judge(message, &mut past);
    let decides: Vec<u32> = explanation
        .considered
        .iter()
        .filter(|one| one.decides)
        .map(|one| one.statement.line)
        .collect();
    let line = explanation.by.map(|by| by.line);
    let agrees = answer == naive && line == naive.line && decides == Vec::from_iter(naive.line);
    (!agrees).then(|| {
        format!(
            "explain {answer:?} {line:?} {decides:?}, naive {naive:?}\n{message:?} after {after}"
        )
    })
}

/// How many messages one policy is asked about.
const EACH: usize = 200;

/// What came of a run.
#[derive(Default)]
struct Count {
    judged: usize,
    explained: usize,
    verdicts: BTreeMap<Answer, usize>,
    /// Each kind of disagreement once, with the smallest policy that has it.
    wrong: BTreeMap<[Answer; 2], String>,
}

fn run(cases: usize, first: u64) -> Count {
    let mut count = Count::default();
    for seed in first.. {
        if count.judged >= cases || count.wrong.len() >= MANY {
            break;
        }
        let mut dice = Dice::of(seed);
        let mut site = a_site(&mut dice);
        let policy = load(&mut site);
        let messages = some_messages(&site, EACH, &mut dice);
        let (mut live, mut past) = (Live::of(&policy), Past::default());
        let formatted = (seed % 8 == 0).then(|| formatted(&mut site));
        let mut again = formatted.as_ref().map(Live::of);
        for (at, message) in messages.iter().enumerate() {
            if let Some(verdict) = live.judge(message) {
                let (live, naive) = (told(&policy, verdict), site.judge(message, &mut past));
                count.judged += 1;
                *count
                    .verdicts
                    .entry(Answer {
                        line: None,
                        ..naive
                    })
                    .or_default() += 1;
                if live != naive {
                    let alone = live_disagrees(&site, &messages[at..=at]).is_some();
                    let run = if alone {
                        &messages[at..=at]
                    } else {
                        &messages[..=at]
                    };
                    count.add([live, naive], seed, || {
                        disagreement(&site, &|site| live_disagrees(site, run))
                    });
                    break;
                }
                if let (Some(again), Some(formatted)) = (&mut again, &formatted) {
                    let said = again.judge(message).map(|verdict| told(formatted, verdict));
                    let same = said.map(|said| Answer {
                        line: naive.line,
                        ..said
                    });
                    assert_eq!(same, Some(naive), "seed {seed}, formatted\n{message:?}");
                }
            }
            let after = [0, 0, 0, 1, 2, 3][dice.below(6)];
            count.explained += 1;
            if explained(&policy, &site, message, after).is_some() {
                let naive = site.judge(message, &mut Past::default());
                let words = || disagreement(&site, &|site| explain_disagrees(site, message, after));
                count.add([naive, naive], seed, words);
                break;
            }
        }
    }
    count
}

impl Count {
    fn add(&mut self, answers: [Answer; 2], seed: u64, words: impl FnOnce() -> String) {
        let kind = answers.map(|answer| Answer {
            line: None,
            ..answer
        });
        self.wrong
            .entry(kind)
            .or_insert_with(|| format!("seed {seed}: {}", words()));
    }

    fn wrong(&self) -> String {
        self.wrong.values().cloned().collect::<Vec<_>>().join("\n")
    }
}

/// How many kinds of disagreement are shown at once.
const MANY: usize = 8;

/// A number from outside, or what the usual run of the tests takes.
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

fn cases() -> u64 {
    number("BULKHEAD_CASES", USUAL)
}

/// How many messages the usual run takes: a few seconds without optimisation.
const USUAL: u64 = 5_000;

#[test]
fn live_judging_and_explain_agree_with_the_documentation() {
    let cases = usize::try_from(cases()).unwrap();
    let count = run(cases, number("BULKHEAD_SEED", 1));
    println!("{} judged, {} explained", count.judged, count.explained);
    for (answer, times) in &count.verdicts {
        println!(
            "{times:>8} {} {}",
            answer.verdict,
            answer.reason.unwrap_or_default()
        );
    }
    assert!(count.wrong.is_empty(), "{}", count.wrong());
    assert!(count.judged >= cases);
}

#[test]
fn diff_agrees_with_the_documentation() {
    let pairs = (cases() / 2_500).max(12);
    let each = usize::try_from((cases() / pairs).max(80)).unwrap();
    let [messages, witnesses, changed] = diffed::run(pairs, each, number("BULKHEAD_SEED", 1));
    println!(
        "{pairs} pairs, {messages} messages, {changed} of them judged otherwise, {witnesses} witnesses"
    );
    assert!(messages > 200 && witnesses > 20 && changed > 5);
}
