//! What the formats share: names that every filter takes, places, the text above the rules.

use std::collections::BTreeSet;
use std::path::Path;

use model::{Place, Side, Transport};

use super::rules::{Rule, Ruleset};
use super::{Format, Mode};

/// Names for the sets of a ruleset of at most `longest` letters, digits, `_`, `-` and `.`, no two alike.
pub(super) fn identifiers(ruleset: &Ruleset, longest: usize) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let sets = ruleset.sets.iter();
    sets.map(|set| identifier(&set.label, longest, &mut taken))
        .collect()
}

fn identifier(label: &str, longest: usize, taken: &mut BTreeSet<String>) -> String {
    let plain = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' => letter,
        _ => '_',
    };
    let letters: String = label.chars().map(plain).collect();
    let words = letters.split('_').filter(|word| !word.is_empty());
    let whole = words.collect::<Vec<_>>().join("_");
    let first = shortened(&whole, longest);
    let numbered = (2..).map(|number: u32| {
        let tail = format!("_{number}");
        shortened(&whole, longest.saturating_sub(tail.len())) + &tail
    });
    // Names of access lists and chains are the same to some filters whatever their case.
    let mut names = std::iter::once(first).chain(numbered);
    let free = names.find(|name| taken.insert(name.to_lowercase()));
    free.unwrap_or_default()
}

fn shortened(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

/// A rule in a comment of at most `longest` bytes of ASCII without quotes: its statements, then its
/// conduit.
pub(super) fn comment(rule: &Rule, longest: usize) -> String {
    let who = match rule.opener {
        Side::Client => "",
        Side::Server => "what is published in ",
    };
    let text = format!("{} {who}{}", places(&rule.at), titled(rule));
    let plain = text.chars().map(|letter| match letter {
        '"' | '\\' | '`' => '\'',
        ' '..='~' => letter,
        _ => '?',
    });
    plain.take(longest).collect()
}

/// The title of a rule; of a work order with its period in front, so that it is not what is cut off.
pub(super) fn titled(rule: &Rule) -> String {
    match &rule.period {
        Some(period) => format!("({period}) {}", rule.title),
        None => rule.title.clone(),
    }
}

/// Places as `conduits.yaml:14,18`, without folders: they are the policy's.
pub(super) fn places(at: &[Place]) -> String {
    let mut text = String::new();
    let mut last: Option<&str> = None;
    for place in at {
        if last == Some(&place.file) {
            text += &format!(",{}", place.line);
        } else {
            let name = Path::new(&place.file).file_name().unwrap_or_default();
            let space = if text.is_empty() { "" } else { " " };
            text += &format!("{space}{}:{}", name.to_string_lossy(), place.line);
        }
        last = Some(&place.file);
    }
    text
}

/// The word of a transport.
pub(super) const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
        Transport::Ethernet => "ethernet",
    }
}

/// What stands above the rules of every format: what they are, their scope, what to settle before
/// they are loaded. `how` says how that is done.
pub(super) fn header(ruleset: &Ruleset, format: Format, mode: Mode, how: &[&str]) -> Vec<String> {
    let fate = match mode {
        Mode::Enforce => "Everything else that comes by is dropped, whatever it is",
        Mode::Shadow => "SHADOW: everything else passes too, counted and logged",
    };
    let mut lines = vec![
        format!(
            "What a packet filter can hold of the policy of `{}`, version {}.",
            printable(&ruleset.site),
            ruleset.version
        ),
        format!(
            "Written by `bulkhead policy enforce --format {} --mode {}`; change the policy, not this file.",
            format.name(),
            mode.name()
        ),
        String::new(),
        "Scope: packets that are forwarded between the networks of the policy's zones, IPv4 and IPv6.".to_owned(),
        format!("Ports: {}.", ports(ruleset)),
        "What passes: packets that open a conversation from a client to a port of its server, and".to_owned(),
        format!("what belongs to conversations that are open. {fate}."),
        String::new(),
        "Before it is loaded:".to_owned(),
        "- Name time, names, backups, ping and remote access of the plant in rules of their own: they are".to_owned(),
        "  no protocol of the policy. Loading it in shadow first shows what they are.".to_owned(),
        "- Read the residue (`--residue`): what it says that the filter stops, and what it cannot see.".to_owned(),
        "- Conversations that are open go on once their client sends.".to_owned(),
    ];
    lines.push(String::new());
    lines.extend(how.iter().map(|line| (*line).to_owned()));
    lines
}

fn ports(ruleset: &Ruleset) -> String {
    let services = ruleset.services.iter();
    let words: BTreeSet<_> = services
        .map(|service| {
            let (name, transport) = (service.vocabulary.name, transport(service.transport));
            (name, transport, service.port)
        })
        .collect();
    let words = words.into_iter();
    let words: Vec<_> = words
        .map(|(name, transport, port)| format!("{name} {transport}/{port}"))
        .collect();
    words.join(", ")
}

fn printable(text: &str) -> String {
    let plain = |letter: char| if letter.is_control() { '?' } else { letter };
    text.chars().map(plain).collect()
}
