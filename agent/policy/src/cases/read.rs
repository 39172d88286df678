//! Reading `cases.yaml`: every key checked, every name looked up, every mistake said with its place.

use model::{Reason, Timestamp, Verdict};
use std::path::Path;

use super::{Act, By, Case, Cases, Expected, Found, is_called};
use crate::fields::{Fields, entries, one_word};
use crate::node::{self, Kind, Node, Word};
use crate::policy::Policy;
use crate::problems::{Problems, Spot};
use crate::shape::{Form, Key, Shape, Value};
use crate::source::beside;
use crate::suppose::{Asked, KEYS};
use crate::template::Template;
use crate::words::{Words, number};

/// Adds the cases of a file, which may be a template's; what is wrong is said.
pub(super) fn add(
    cases: &mut Cases,
    policy: &Policy,
    template: Option<&Template>,
    (name, text): (&str, &str),
    (words, now): (Words<'_>, Timestamp),
    problems: &mut Problems,
) {
    let Some(node) = node::read(name, text, problems) else {
        return;
    };
    let node = match template {
        Some(template) => template.fill(node, problems),
        None => node,
    };
    let fields = FILE.read(&node, problems);
    let without = fields.words("without", problems).into_iter();
    let without = without.map(|word| (problems.place(word.at), word.text));
    let without: Vec<_> = without.map(|(at, name)| (name, at)).collect();
    if fields.lacks("cases") && without.is_empty() {
        problems.error_with(
            node.at,
            "there is no `cases`",
            "write `cases:` and a list below it",
        );
    }
    cases.without.extend(without);
    let at = fields.word("at", problems);
    let at = at.and_then(|word| policy.at(&word, problems));
    let scene = Scene {
        policy,
        words,
        now: at.unwrap_or(now),
    };
    let list = match fields.node("cases").map(|node| (&node.kind, node.at)) {
        Some((Kind::List(list), _)) => list.as_slice(),
        Some((_, at)) => {
            problems.error(at, "`cases` must be a list");
            &[]
        }
        None => &[],
    };
    let mut names: Vec<Word> = Vec::new();
    let known: Vec<String> = cases.list.iter().map(|case| case.group.clone()).collect();
    for node in list {
        if template.is_some() {
            let name = named(node).unwrap_or_default();
            cases.inherited.insert(name.to_owned());
            let mut left_out = cases.without.iter().map(|(name, _)| name).chain(&known);
            if left_out.any(|known| known == name) {
                continue;
            }
        }
        cases.list.extend(scene.cases(node, &mut names, problems));
    }
}

/// The name of a case that is not read yet.
fn named(node: &Node) -> Option<&str> {
    let Kind::Map(entries) = &node.kind else {
        return None;
    };
    let (_, value) = entries.iter().find(|(key, _)| key.text == "name")?;
    match &value.kind {
        Kind::Text(text) => Some(text.trim()),
        _ => None,
    }
}

/// What cases are read against.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) policy: &'a Policy,
    pub(super) words: Words<'a>,
    pub(super) now: Timestamp,
}

impl Scene<'_> {
    /// The case that a node states, or one for each write that its `limits` mean.
    fn cases(self, node: &Node, names: &mut Vec<Word>, problems: &mut Problems) -> Vec<Case> {
        let fields = CASE.read(node, problems);
        let name = fields.needed("name", "the case", problems);
        if let Some(first) = names.iter().find(|known| known.text == name.text) {
            problems.twice(name.at, &format!("case `{}`", name.text), first.at);
        }
        names.push(name.clone());
        let Some(expect) = fields.node("expect") else {
            let help = "write `expect: conforms`, or `violates`, `unzoned`, `shadow`, `unknown`";
            problems.error_with(
                node.at,
                format!("case `{}` expects nothing", name.text),
                help,
            );
            return Vec::new();
        };
        let case = |name: String, group: &str, act, problems: &Problems| Case {
            at: problems.place(node.at),
            group: group.to_owned(),
            name,
            act,
        };
        if let Some(limits) = fields.word("limits", problems) {
            let each = self.limits(&limits, &fields, (expect, node.at), problems);
            let each = each.into_iter();
            let named = each.map(|(what, act)| {
                case(format!("{}: {what}", name.text), &name.text, act, problems)
            });
            return named.collect();
        }
        let act = match fields.word("capture", problems) {
            Some(capture) => self.capture(&capture, &fields, expect, problems),
            None => self.operation(&fields, expect, node.at, problems),
        };
        let act = act.map(|act| case(name.text.clone(), &name.text, act, problems));
        act.into_iter().collect()
    }

    fn operation(
        self,
        fields: &Fields<'_>,
        expect: &Node,
        at: Spot,
        problems: &mut Problems,
    ) -> Option<Act> {
        let asked = asked(fields, problems);
        if asked.0.is_empty() {
            let help = "say `from`, `to`, and what is asked, or name a `capture`";
            problems.error_with(at, "the case has no operation", help);
            return None;
        }
        let supposed = self
            .policy
            .supposed(&asked, at, (self.words, self.now), problems);
        let expected = self.expected(fields, expect, problems);
        Some(Act::Operation(Box::new(supposed?), expected?))
    }

    pub(super) fn expected(
        self,
        fields: &Fields<'_>,
        expect: &Node,
        problems: &mut Problems,
    ) -> Option<Expected> {
        let word = one_word(expect, "expect", problems)?;
        let verdict = Verdict::NAMES.into_iter().find(|name| *name == word.text);
        if verdict.is_none() {
            let what = format!("no verdict `{}`", word.text);
            problems.unknown(word.at, what, &word.text, Verdict::NAMES);
        }
        let because = fields.word("because", problems).and_then(|word| {
            let found = Reason::ALL.into_iter().find(|it| it.name() == word.text);
            if found.is_none() {
                let what = format!("no reason `{}`", word.text);
                problems.unknown(word.at, what, &word.text, Reason::ALL.map(Reason::name));
            }
            if verdict.is_some_and(|verdict| verdict != "violates") {
                let help = "leave `because` out, or expect `violates`";
                problems.error_with(word.at, "only what violates has a reason", help);
            }
            found
        });
        let by = fields.word("by", problems);
        let by = by.and_then(|word| self.by(word, problems));
        Some(Expected {
            verdict: verdict?,
            because,
            by,
        })
    }

    fn by(self, word: Word, problems: &mut Problems) -> Option<By> {
        let statements = || self.policy.statements().map(|(_, statement)| statement);
        if statements().any(|it| is_called(it, &word.text)) {
            return Some(By::Named(word.text));
        }
        let line = word.text.rsplit_once(':');
        let line = line.and_then(|(file, line)| Some((file, line.parse::<u32>().ok()?)));
        if let Some((file, line)) = line {
            let by = By::Placed(file.to_owned(), line);
            if statements().any(|it| by.is(it)) {
                return Some(by);
            }
            let of_file = statements().filter(|it| super::ends_with(it.file, file));
            let near = of_file.min_by_key(|it| it.line.abs_diff(line));
            let help = near.map(|it| format!("the nearest stands at {file}:{}", it.line));
            let what = format!("no statement stands at `{}`", word.text);
            problems.refuse(word.at, what, help);
            return None;
        }
        let names = statements().map(|it| it.conduit);
        let what = format!("no statement `{}`", word.text);
        problems.unknown(word.at, what, &word.text, names);
        None
    }

    fn capture(
        self,
        capture: &Word,
        fields: &Fields<'_>,
        expect: &Node,
        problems: &mut Problems,
    ) -> Option<Act> {
        for key in KEYS.into_iter().chain(["because", "by"]) {
            if let Some(node) = fields.node(key) {
                let what = format!("a capture says its `{key}` itself");
                problems.error_with(node.at, what, "leave it out, or leave out `capture`");
            }
        }
        let file = problems.place(capture.at).file;
        let path = beside(Path::new(&file), &capture.text);
        if !path.is_file() {
            let what = format!("there is no capture `{}`", capture.text);
            problems.error_with(capture.at, what, "its path is relative to this file");
        }
        let found = found(expect, problems)?;
        Some(Act::Capture(path, found))
    }
}

/// What a case asks.
pub(super) fn asked(fields: &Fields<'_>, problems: &mut Problems) -> Asked {
    let mut asked = Asked(Vec::new());
    for key in KEYS {
        if matches!(key, "targets" | "values") {
            let words = fields.words(key, problems).into_iter();
            asked.0.extend(words.map(|word| (key, word)));
        } else if let Some(word) = fields.word(key, problems) {
            asked.0.push((key, word));
        }
    }
    asked
}

/// What is expected of a capture.
fn found(node: &Node, problems: &mut Problems) -> Option<Found> {
    let fields = FOUND.read(node, problems);
    let mut found = Found::default();
    if let Some(word) = fields.node("violations").map(|node| (node, "violations")) {
        let word = one_word(word.0, word.1, problems)?;
        found.violations = number(&word.text, 0..=u64::MAX, "count", word.at, problems);
    }
    let rules = fields.node("rules");
    let lists = match rules.map(|node| &node.kind) {
        Some(Kind::List(list)) => list.iter().collect(),
        Some(_) => rules.into_iter().collect(),
        None => Vec::new(),
    };
    for node in lists {
        for (rule, node) in entries(node, "`rules`", problems) {
            let reasons = Reason::ALL.map(Reason::name);
            let bare = rule.text.strip_prefix("policy.").unwrap_or(&rule.text);
            if bare != "unzoned" && !reasons.contains(&bare) {
                let known = reasons.map(|name| format!("policy.{name}"));
                let known = known.iter().map(String::as_str).chain(["policy.unzoned"]);
                problems.unknown(
                    rule.at,
                    format!("no rule `{}`", rule.text),
                    &rule.text,
                    known,
                );
            }
            let word = one_word(node, &rule.text, problems)?;
            let count = number(&word.text, 0..=u64::MAX, "count", word.at, problems);
            found.rules.insert(format!("policy.{bare}"), count?);
        }
    }
    if found.violations.is_none() && found.rules.is_empty() {
        problems.error_with(
            node.at,
            "nothing is expected of the capture",
            "write `expect: {violations: 0}`, or `rules` with their counts",
        );
    }
    Some(found)
}

const FILE: Shape = shape(
    "a file of cases",
    &[
        word("version", "the form's: `1`"),
        word("at", "when, for cases that do not say"),
        Key::one(
            "without",
            Value::Words(Form::Text),
            "cases of templates that do not hold here",
        ),
        word("cases", "the cases"),
    ],
);

const CASE: Shape = shape(
    "a case",
    &[
        word("name", "what the case shows, in words"),
        word("from", "who asks: an asset, a zone or an address"),
        word("to", "who is asked: an asset, a zone or an address"),
        word("protocol", "over which protocol"),
        word("function", "by which function"),
        word("verb", "or by some function of which verb"),
        word("unit", "which unit or module it is for"),
        Key::list(
            ["target", "targets"],
            Form::Text,
            "what it touches, by target or tag",
        ),
        Key::list(["value", "values"], Form::Text, "what it writes there"),
        word(
            "limits",
            "in place of `value`: what may be written, and nothing beyond",
        ),
        word("user", "who is signed in"),
        word("identity", "how"),
        word("security_mode", "the channel's security mode"),
        word("security_policy", "the channel's security policy"),
        word(
            "certificate",
            "the thumbprint of the client's or user's certificate",
        ),
        word("application", "the client's ApplicationUri"),
        word("encrypted", "whether nobody on the way can read it"),
        word("at", "when"),
        word("stage", "`request` (default), `response` or `other`"),
        word("after", "how many of its like went before"),
        word("capture", "a capture to replay, beside the policy"),
        word("expect", "the verdict, or what a capture shows"),
        word("because", "for which reason"),
        word("by", "the statement that decides"),
    ],
);

const FOUND: Shape = shape(
    "what is expected of a capture",
    &[
        word("violations", "how many policy incidents"),
        word("rules", "how many of each rule"),
    ],
);

const fn shape(noun: &'static str, keys: &'static [Key]) -> Shape {
    Shape {
        noun,
        place: noun,
        keys,
        one_of: &[],
    }
}

const fn word(name: &'static str, about: &'static str) -> Key {
    Key::one(name, Value::Word(Form::Text), about)
}
