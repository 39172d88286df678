//! The keys of the language: what each mapping may have. docs/POLICIES.md describes them.

use crate::fields::Shape;

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
    ],
    lists: &[],
};

pub(crate) const SITE: Shape = Shape {
    noun: "a site",
    single: &["name", "owner", "criticality"],
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
    single: &["protocols"],
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
    single: &[],
    lists: &[
        ["protocol", "protocols"],
        ["verb", "verbs"],
        ["function", "functions"],
        ["unit", "units"],
        ["target", "targets"],
    ],
};

/// Every key of the language, lists by their plural.
#[cfg(test)]
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    let shapes = [
        FILE, SITE, RESPONSE, ZONE, MEMBERS, ASSET, ROLE, CONDUIT, SELECTOR, STATEMENT,
    ];
    shapes.into_iter().flat_map(|shape| {
        let plural = shape.lists.iter().map(|[_, plural]| plural);
        shape.single.iter().chain(plural).copied()
    })
}
