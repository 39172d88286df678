//! The keys of the language: what each mapping may have, in the order in which it is written.
//!
//! The table in docs/POLICIES.md, the JSON Schema and the order of `bulkhead policy fmt` are made from
//! this. Here stands who is there; `conduits` has what they may do, `forms` what texts look like.

mod conduits;
mod forms;

pub(crate) use conduits::{CONDUIT, PERMIT, SCHEDULE, SELECTOR, STATEMENT, TAG};
use forms::{CIDR, DATE, IP, LEVELS, MAC, OUI, RANGE, SPAN, TRUTH};

use crate::shape::Form::{
    Anything, Criticality, Like, Name, Number, OneOf, Protocol, Severity, Text, Verb, VerbOrClass,
};
use crate::shape::Value::{Changes, Mapping, Named, NamedTexts, NamedWords, Word, Words};
use crate::shape::{Key, Shape};

pub(crate) static FILE: Shape = Shape {
    noun: "a policy file",
    place: "top",
    one_of: &[],
    keys: &[
        Key::one(
            "version",
            Word(Number(1, 1)),
            "the language's: `1`; needed once, in any file",
        ),
        Key::one(
            "extends",
            Word(Text),
            "a template's folder or file, relative to this file",
        ),
        Key::one(
            "variables",
            NamedWords(Name, Anything),
            "values for the template's parameters: names to texts or lists",
        ),
        Key::one(
            "overlay",
            Changes(&FILE),
            "what is changed of what the template states",
        ),
        Key::one(
            "parameters",
            NamedTexts(Name, &PARAMETER),
            "what a template wants: names to what they mean, or to a mapping",
        ),
        Key::one(
            "site",
            Mapping(&SITE),
            "what the policy is for; needed once, in any file",
        ),
        Key::one("zones", Named(Name, &ZONE), "groups of hosts by address"),
        Key::one(
            "assets",
            Named(Name, &ASSET),
            "hosts and units that are known by name",
        ),
        Key::one(
            "schedules",
            Named(Name, &SCHEDULE),
            "hours of the week at which statements hold",
        ),
        Key::one(
            "holidays",
            NamedWords(Name, Like(DATE)),
            "lists of dates, such as `2026-12-25`, on which schedules are closed",
        ),
        Key::list(
            ["tag_file", "tag_files"],
            Text,
            "tables of tags, CSV, relative to this file",
        ),
        Key::one(
            "tags",
            Named(Name, &TAG),
            "names, units and limits of places in a controller",
        ),
        Key::one("roles", Named(Name, &ROLE), "what a client may do at all"),
        Key::one("conduits", Named(Name, &CONDUIT), "who may do what to whom"),
        Key::one(
            "permits",
            Named(Name, &PERMIT),
            "what a work order allows for a time, by its name",
        ),
        Key::list(
            ["invariant", "invariants"],
            Text,
            "sentences that must stay true: `no path from …`, `only … has a path to …`, `every path from … is encrypted`",
        ),
        Key::one(
            "responses",
            Named(VerbOrClass, &RESPONSE),
            "who does what by when about violations of a verb, or of a class of verbs",
        ),
    ],
};

pub(crate) static PARAMETER: Shape = Shape {
    noun: "a parameter",
    place: "`parameters.<name>`",
    one_of: &[],
    keys: &[
        Key::one("description", Word(Text), "what it means"),
        Key::one(
            "default",
            Words(Anything),
            "its value where none is given: a text or a list",
        ),
    ],
};

pub(crate) static SITE: Shape = Shape {
    noun: "a site",
    place: "`site`",
    one_of: &[],
    keys: &[
        Key::one(
            "name",
            Word(Text),
            "what incidents and reports call the site",
        )
        .needed(),
        Key::one("owner", Word(Text), "who acts where nobody nearer is named").needed(),
        Key::one(
            "criticality",
            Word(Criticality),
            "of zones that state none: `low`, `medium` (default), `high` or `critical`",
        ),
        Key::one(
            "time_zone",
            Word(Text),
            "IANA name, such as `Europe/Berlin`; default UTC",
        ),
    ],
};

pub(crate) static ZONE: Shape = Shape {
    noun: "a zone",
    place: "`zones.<name>`",
    one_of: &[],
    keys: &[
        Key::one(
            "level",
            Word(OneOf(LEVELS)),
            "Purdue level, 0 to 5, or 3.5 for the DMZ",
        ),
        Key::one(
            "owner",
            Word(Text),
            "who acts; without it there is a warning, and the site's owner answers",
        ),
        Key::one(
            "criticality",
            Word(Criticality),
            "`low`, `medium`, `high` or `critical`",
        ),
        Key::one(
            "security_level",
            Word(Number(1, 4)),
            "the level that the zone is to reach by IEC 62443-3-3 (SL-T), 1 to 4",
        ),
        Key::one(
            "consequence",
            Word(Text),
            "what happens to the process, in words",
        ),
        Key::one(
            "members",
            Mapping(&MEMBERS),
            "which hosts are in the zone: at least one key",
        )
        .needed(),
        Key::one(
            "within",
            Words(Verb(&["any", "nothing"])),
            "what passes between two hosts of the zone: verbs, `any` or `nothing` (default)",
        ),
        Key::one(
            "shadow",
            Word(OneOf(TRUTH)),
            "`true`: what `within` decides is counted only",
        ),
    ],
};

pub(crate) static MEMBERS: Shape = Shape {
    noun: "a list of members",
    place: "`members`",
    one_of: &[
        "cidrs", "ranges", "macs", "ouis", "vlans", "assets", "zones",
    ],
    keys: &[
        Key::list(
            ["cidr", "cidrs"],
            Like(CIDR),
            "prefixes, such as `10.0.1.0/24`",
        ),
        Key::list(
            ["range", "ranges"],
            Like(RANGE),
            "ranges, such as `10.0.0.1-10.0.0.9`",
        ),
        Key::list(
            ["mac", "macs"],
            Like(MAC),
            "hardware addresses, such as `00:1b:1b:0a:ff:02`",
        ),
        Key::list(
            ["oui", "ouis"],
            Like(OUI),
            "makers of network cards, such as `00:1b:1b`",
        ),
        Key::list(["vlan", "vlans"], Number(1, 4094), "VLANs, 1 to 4094"),
        Key::list(["asset", "assets"], Name, "assets by name"),
        Key::list(
            ["zone", "zones"],
            Name,
            "zones that lie in this one, by name",
        ),
    ],
};

pub(crate) static ASSET: Shape = Shape {
    noun: "an asset",
    place: "`assets.<name>`",
    one_of: &["ips", "macs", "behind"],
    keys: &[
        Key::list(
            ["ip", "ips"],
            Like(IP),
            "IP addresses; an asset has one at least, or a hardware address, or is `behind` another",
        ),
        Key::list(
            ["mac", "macs"],
            Like(MAC),
            "hardware addresses, such as `00:1b:1b:0a:ff:02`",
        ),
        Key::one("behind", Word(Name), "the asset that has the address"),
        Key::one(
            "unit",
            Word(Number(0, 255)),
            "which unit it is there (Modbus), 0 to 255",
        ),
        Key::one(
            "rack",
            Word(Number(0, 7)),
            "in which rack it is there (S7), 0 to 7",
        ),
        Key::one(
            "slot",
            Word(Number(0, 31)),
            "in which slot of the rack, 0 to 31",
        ),
        Key::one(
            "role",
            Word(Name),
            "what it may do at all, by the name of a role",
        ),
        Key::one(
            "criticality",
            Word(Criticality),
            "`low`, `medium`, `high` or `critical`",
        ),
        Key::one("owner", Word(Text), "who acts on what happens to it"),
        Key::one("location", Word(Text), "where it is"),
        Key::one(
            "consequence",
            Word(Text),
            "what happens to the process, in words",
        ),
    ],
};

pub(crate) static ROLE: Shape = Shape {
    noun: "a role",
    place: "`roles.<name>`",
    one_of: &["verbs", "protocols"],
    keys: &[
        Key::list(
            ["verb", "verbs"],
            Verb(&["any", "nothing"]),
            "verbs, `any` or `nothing`; without it nothing beyond `protocols`",
        ),
        Key::one(
            "protocols",
            NamedWords(Protocol(&[]), Verb(&["any", "nothing"])),
            "a protocol's name to the verbs that hold there instead",
        ),
        Key::one(
            "shadow",
            Word(OneOf(TRUTH)),
            "`true`: what the role forbids is counted only",
        ),
    ],
};

pub(crate) static RESPONSE: Shape = Shape {
    noun: "a response",
    place: "`responses.<verb or class>`",
    one_of: &[],
    keys: &[
        Key::one("owner", Word(Text), "who acts"),
        Key::one("severity", Word(Severity), "`informational` to `critical`"),
        Key::one("action", Word(Text), "what to do"),
        Key::one(
            "consequence",
            Word(Text),
            "what happens to the process, in words",
        ),
        Key::one(
            "respond_within",
            Word(Like(SPAN)),
            "by when, such as `15m`, `4h`, `2d`",
        ),
    ],
};

/// Every shape of the language, each once, in the order of the documentation.
pub(crate) static SHAPES: &[&Shape] = &[
    &FILE, &SITE, &ZONE, &MEMBERS, &ASSET, &ROLE, &CONDUIT, &SELECTOR, &STATEMENT, &PERMIT,
    &SCHEDULE, &TAG, &RESPONSE, &PARAMETER,
];

/// Whether two keys are one: the same, or the singular and the plural of one list.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let mut keys = SHAPES.iter().flat_map(|shape| shape.keys);
    one == other || keys.any(|key| key.is(one) && key.is(other))
}
