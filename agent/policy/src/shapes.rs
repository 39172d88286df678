//! The keys of the language: what each mapping may have. docs/POLICIES.md describes them.

use crate::fields::Shape;
use crate::tags::raw::TAG;
use crate::when::raw::SCHEDULE;

pub(crate) const FILE: Shape = Shape {
    noun: "a policy file",
    single: &[
        "version",
        "site",
        "responses",
        "zones",
        "assets",
        "roles",
        "conduits",
        "permits",
        "schedules",
        "holidays",
        "tags",
        "extends",
        "variables",
        "overlay",
        "parameters",
    ],
    lists: &[["invariant", "invariants"], ["tag_file", "tag_files"]],
};

pub(crate) const PARAMETER: Shape = Shape {
    noun: "a parameter",
    single: &["description", "default"],
    lists: &[],
};

pub(crate) const SITE: Shape = Shape {
    noun: "a site",
    single: &["name", "owner", "criticality", "time_zone"],
    lists: &[],
};

pub(crate) const RESPONSE: Shape = Shape {
    noun: "a response",
    single: &[
        "owner",
        "action",
        "consequence",
        "severity",
        "respond_within",
    ],
    lists: &[],
};

pub(crate) const ZONE: Shape = Shape {
    noun: "a zone",
    single: &[
        "level",
        "owner",
        "criticality",
        "consequence",
        "security_level",
        "members",
        "within",
        "shadow",
    ],
    lists: &[],
};

pub(crate) const MEMBERS: Shape = Shape {
    noun: "a list of members",
    single: &[],
    lists: &[
        ["cidr", "cidrs"],
        ["range", "ranges"],
        ["mac", "macs"],
        ["oui", "ouis"],
        ["vlan", "vlans"],
        ["asset", "assets"],
        ["zone", "zones"],
    ],
};

pub(crate) const ASSET: Shape = Shape {
    noun: "an asset",
    single: &[
        "role",
        "criticality",
        "owner",
        "consequence",
        "location",
        "behind",
        "unit",
        "rack",
        "slot",
    ],
    lists: &[["ip", "ips"], ["mac", "macs"]],
};

pub(crate) const ROLE: Shape = Shape {
    noun: "a role",
    single: &["protocols", "shadow"],
    lists: &[["verb", "verbs"]],
};

pub(crate) const CONDUIT: Shape = Shape {
    noun: "a conduit",
    single: &[
        "from",
        "to",
        "both_directions",
        "allow",
        "owner",
        "action",
        "severity",
        "respond_within",
        "when",
        "valid_from",
        "valid_until",
        "shadow",
    ],
    lists: &[],
};

pub(crate) const PERMIT: Shape = Shape {
    noun: "a permit",
    single: &[
        "from",
        "to",
        "allow",
        "role",
        "owner",
        "action",
        "severity",
        "respond_within",
        "when",
        "valid_from",
        "valid_until",
        "shadow",
    ],
    lists: &[],
};

pub(crate) const SELECTOR: Shape = Shape {
    noun: "a conduit's end",
    single: &[],
    lists: &[["zone", "zones"], ["asset", "assets"], ["role", "roles"]],
};

pub(crate) const STATEMENT: Shape = Shape {
    noun: "a statement",
    single: &[
        "encryption",
        "rate",
        "when",
        "valid_from",
        "valid_until",
        "shadow",
    ],
    lists: &[
        ["protocol", "protocols"],
        ["verb", "verbs"],
        ["function", "functions"],
        ["unit", "units"],
        ["target", "targets"],
        ["tag", "tags"],
        ["value", "values"],
        ["security_mode", "security_modes"],
        ["security_policy", "security_policies"],
        ["identity", "identities"],
        ["user", "users"],
        ["certificate", "certificates"],
        ["application", "applications"],
    ],
};

/// Every shape.
const ALL: &[&Shape] = &[
    &FILE, &PARAMETER, &SITE, &RESPONSE, &ZONE, &MEMBERS, &ASSET, &ROLE, &CONDUIT, &PERMIT,
    &SELECTOR, &STATEMENT, &SCHEDULE, &TAG,
];

/// Whether two keys are one: the same, or the singular and the plural of one list.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let mut lists = ALL.iter().flat_map(|shape| shape.lists);
    one == other || lists.any(|forms| forms.contains(&one) && forms.contains(&other))
}

/// Every key of the language, lists by their plural.
#[cfg(test)]
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|shape| {
        let plural = shape.lists.iter().map(|[_, plural]| plural);
        shape.single.iter().chain(plural).copied()
    })
}
