//! What a host may be, guessed from what it does.

use std::collections::{BTreeMap, BTreeSet};

use model::Verb;

use super::behaviour::Key;
use super::evidence::plural;
use super::traffic::{Station, Traffic};
use crate::verbs::{Class, VerbSet};

/// What a host does.
#[derive(Default)]
pub(super) struct Deeds {
    serves: BTreeSet<&'static str>,
    /// Whether one of those protocols addresses cells, as controllers' do.
    serves_cells: bool,
    asks: BTreeSet<Station>,
    verbs: VerbSet,
}

/// A role, how near to the process it is, and why it is guessed.
pub(super) struct Guess {
    pub(super) role: &'static str,
    pub(super) why: String,
    pub(super) level: u8,
}

/// What each host does.
pub(super) fn deeds(traffic: &Traffic) -> BTreeMap<Station, Deeds> {
    let mut all: BTreeMap<Station, Deeds> = BTreeMap::new();
    for Key {
        client,
        server,
        protocol,
        verb,
        ..
    } in traffic.behaviours.keys()
    {
        let mut words = traffic.words.iter().filter(|known| known.name == *protocol);
        let server_deeds = all.entry(*server).or_default();
        server_deeds.serves.insert(protocol);
        server_deeds.serves_cells |= words.any(|known| !known.areas.is_empty());
        let client = all.entry(*client).or_default();
        client.asks.insert(*server);
        client.verbs = client.verbs.with(*verb);
    }
    all
}

/// The role of a host.
pub(super) fn guess(deeds: &Deeds, is_gateway: bool, is_group: bool) -> Guess {
    let Deeds {
        serves,
        serves_cells,
        asks,
        verbs,
    } = deeds;
    let words: Vec<&str> = serves.iter().copied().collect();
    let engineers = [
        Verb::Upload,
        Verb::Download,
        Verb::Mode,
        Verb::Configure,
        Verb::Firmware,
        Verb::Delete,
    ];
    let engineering = engineers.into_iter().find(|verb| verbs.contains(*verb));
    let changes = Verb::ALL
        .into_iter()
        .find(|verb| verbs.contains(*verb) && (verb.is_dangerous() || verbs_of_work(*verb)));
    let reads = verbs.contains(Verb::Read) || verbs.contains(Verb::Subscribe);
    let answers = words.join(" and ");
    let (role, level, why) = match (asks.len(), engineering, changes) {
        _ if is_group => ("group", 2, "who listens to it cannot be seen".to_owned()),
        _ if is_gateway => (
            "gateway",
            1,
            format!("several units answer behind it over {answers}"),
        ),
        (0, ..) if *serves_cells => (
            "controller",
            1,
            format!("it answers {answers} and asks nobody"),
        ),
        (asked, ..) if *serves_cells => (
            "peer-controller",
            1,
            format!(
                "it answers {answers} and asks {} itself",
                plural(asked, "host")
            ),
        ),
        (0, ..) => (
            "data-server",
            1,
            format!("it answers {answers} and asks nobody"),
        ),
        (asked, ..) if !serves.is_empty() => (
            "data-collector",
            2,
            format!(
                "it answers {answers} and asks {} itself",
                plural(asked, "host")
            ),
        ),
        (asked, Some(verb), _) => (
            "engineering",
            3,
            format!("it uses `{verb}` on {}", plural(asked, "host")),
        ),
        (asked, None, None) if !reads => (
            "inspector",
            3,
            format!("it looks at {} and reads no values", plural(asked, "host")),
        ),
        (asked, None, None) if asked > 1 => (
            "historian",
            3,
            format!("it only reads, from {}", plural(asked, "host")),
        ),
        (asked, ..) => (
            "operator-station",
            2,
            format!("it asks {}", plural(asked, "host")),
        ),
    };
    Guess {
        role,
        level,
        why: format!("guess: {why}"),
    }
}

/// Whether a verb that nobody needs to approve is more than reading.
fn verbs_of_work(verb: Verb) -> bool {
    Class::of(verb) != Class::Observe
}
