//! The keys of what is allowed: conduits, permits, their statements, and what those name.

use super::forms::{DAYS, DECIMAL, HOURS, MOMENT, RATE, SPAN, THUMBPRINT, TRUTH, UNIT};
use crate::shape::Form::{
    Choice, Function, Like, Name, OneOf, Protocol, Severity, Such, Text, Verb,
};
use crate::shape::Value::{Mappings, Word, Words};
use crate::shape::{Key, Shape};

pub(crate) static CONDUIT: Shape = Shape {
    noun: "a conduit",
    place: "`conduits.<name>`",
    one_of: &[],
    keys: &[
        FROM.needed(),
        TO.needed(),
        Key::one(
            "both_directions",
            Word(OneOf(TRUTH)),
            "`true` or `false` (default): the statements hold from `to` to `from` as well",
        ),
        OWNER,
        SEVERITY,
        ACTION,
        RESPOND_WITHIN,
        Key::one(
            "when",
            Word(Name),
            "a schedule, for every statement that names none",
        ),
        Key::one(
            "valid_from",
            Word(Like(MOMENT)),
            "from when every statement holds that says nothing of its own",
        ),
        Key::one(
            "valid_until",
            Word(Like(MOMENT)),
            "until when, likewise; a date's day is the last",
        ),
        Key::one(
            "shadow",
            Word(OneOf(TRUTH)),
            "`true`: what such statements decide is counted only",
        ),
        ALLOW.needed(),
    ],
};

pub(crate) static PERMIT: Shape = Shape {
    noun: "a permit",
    place: "`permits.<name>`",
    one_of: &[],
    keys: &[
        FROM.needed(),
        TO.needed(),
        Key::one("role", Word(Name), "what the client plays meanwhile"),
        Key::one(
            "valid_from",
            Word(Like(MOMENT)),
            "when the work begins, such as `2026-03-01T06:00`",
        )
        .needed(),
        Key::one(
            "valid_until",
            Word(Like(MOMENT)),
            "when it ends; a date's day is the last",
        )
        .needed(),
        Key::one(
            "when",
            Word(Name),
            "a schedule, for every statement that names none",
        ),
        OWNER,
        SEVERITY,
        ACTION,
        RESPOND_WITHIN,
        Key::one(
            "shadow",
            Word(OneOf(TRUTH)),
            "`true`: what its statements decide is counted only",
        ),
        ALLOW.needed(),
    ],
};

pub(crate) static SELECTOR: Shape = Shape {
    noun: "a conduit's end",
    place: "`from`, `to`",
    one_of: &["zones", "assets", "roles"],
    keys: &[
        Key::list(["role", "roles"], Name, "assets with one of these roles"),
        Key::list(["zone", "zones"], Name, "hosts in one of these zones"),
        Key::list(["asset", "assets"], Name, "these assets; stands alone"),
    ],
};

pub(crate) static STATEMENT: Shape = Shape {
    noun: "a statement",
    place: "a statement",
    one_of: &["verbs", "functions"],
    keys: &[
        Key::list(
            ["protocol", "protocols"],
            Protocol(&["any"]),
            "names, or `any`",
        )
        .needed(),
        Key::list(
            ["verb", "verbs"],
            Verb(&["any"]),
            "verbs, or `any`; needed where there are no `functions`",
        ),
        Key::list(
            ["function", "functions"],
            Function,
            "only these functions, as records show them",
        ),
        Key::list(
            ["unit", "units"],
            Like(UNIT),
            "only these units: `1`, `3-5`, `rack 0 slot 2`",
        ),
        Key::list(
            ["target", "targets"],
            Text,
            "only these targets, as incidents show them",
        ),
        Key::list(
            ["tag", "tags"],
            Name,
            "only these targets, by the names of tags",
        ),
        Key::list(
            ["value", "values"],
            Text,
            "what a write may carry: `20..380`, `..380`, `5`, `20..380 degC`",
        ),
        Key::list(
            ["security_mode", "security_modes"],
            Choice("security_mode"),
            "`none`, `sign`, `sign_and_encrypt`",
        ),
        Key::list(
            ["security_policy", "security_policies"],
            Choice("security_policy"),
            "names of security policies, such as `Basic256Sha256`",
        ),
        Key::one(
            "encryption",
            Word(OneOf(&["required"])),
            "`required`: nobody on the way can read it",
        ),
        Key::list(
            ["identity", "identities"],
            Choice("identity"),
            "`anonymous`, `username`, `certificate`, `issued`",
        ),
        Key::list(["user", "users"], Text, "names of users"),
        Key::list(
            ["certificate", "certificates"],
            Like(THUMBPRINT),
            "SHA-1 thumbprints, 40 hexadecimal digits",
        ),
        Key::list(["application", "applications"], Text, "ApplicationUris"),
        Key::one("rate", Word(Like(RATE)), "requests in a time: `10/1m`"),
        Key::one("when", Word(Name), "a schedule"),
        Key::one(
            "valid_from",
            Word(Like(MOMENT)),
            "from when it holds: a date, or a moment such as `2026-03-01T06:00`",
        ),
        Key::one(
            "valid_until",
            Word(Like(MOMENT)),
            "until when; a date's day is the last",
        ),
        Key::one(
            "shadow",
            Word(OneOf(TRUTH)),
            "`true`: what it decides is counted only",
        ),
    ],
};

pub(crate) static SCHEDULE: Shape = Shape {
    noun: "a schedule",
    place: "`schedules.<name>`",
    one_of: &["days", "hours"],
    keys: &[
        Key::list(
            ["day", "days"],
            Like(DAYS),
            "`mon-fri`, `sat`, `daily` (default)",
        ),
        Key::one(
            "hours",
            Words(Like(HOURS)),
            "`06:00-14:00`; over midnight `22:00-06:00`; default all day",
        ),
        Key::one("time_zone", Word(Text), "IANA name; default the site's"),
        Key::list(
            ["holiday", "holidays"],
            Text,
            "lists of holidays, or dates, on which it is closed",
        ),
    ],
};

pub(crate) static TAG: Shape = Shape {
    noun: "a tag",
    place: "`tags.<name>`",
    one_of: &[],
    keys: &[
        Key::one("asset", Word(Name), "the asset that has it").needed(),
        Key::one(
            "protocol",
            Word(Protocol(&[])),
            "where the asset speaks several and the target alone does not tell",
        ),
        Key::one(
            "target",
            Word(Text),
            "one place: `holding:40-41`, `DB10:4.2`, a node",
        )
        .needed(),
        Key::one(
            "type",
            Word(Such(TYPES)),
            "such as `uint16`, `int32`, `float32`, `bool`, `string`",
        ),
        Key::one(
            "order",
            Word(Such(ORDERS)),
            "of bytes and words: `ABCD` (default), `CDAB`, `BADC`, `DCBA`",
        ),
        Key::one("unit", Word(Text), "the unit of its values, such as `degC`"),
        Key::one("scale", Word(Like(DECIMAL)), "value = raw * scale + offset"),
        Key::one("offset", Word(Like(DECIMAL)), "see `scale`"),
        Key::one(
            "low",
            Word(Like(DECIMAL)),
            "the least that may be written where a statement names no `values`",
        ),
        Key::one("high", Word(Like(DECIMAL)), "the most"),
        Key::one("text", Word(Text), "what it is, in words"),
    ],
};

const FROM: Key = Key::one(
    "from",
    Mappings(&SELECTOR),
    "who asks: `{zones, roles}` or `{assets}`, or a list of such",
);
const TO: Key = Key::one("to", Mappings(&SELECTOR), "who answers, likewise");
const OWNER: Key = Key::one("owner", Word(Text), "who acts on its violations");
const SEVERITY: Key = Key::one(
    "severity",
    Word(Severity),
    "of its violations: `informational` to `critical`",
);
const ACTION: Key = Key::one("action", Word(Text), "what to do about its violations");
const RESPOND_WITHIN: Key = Key::one(
    "respond_within",
    Word(Like(SPAN)),
    "by when, such as `15m`, `4h`, `2d`",
);
const ALLOW: Key = Key::one("allow", Mappings(&STATEMENT), "what is allowed: statements");

const TYPES: &[&str] = &[
    "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32",
    "float64", "bcd16", "bcd32", "string",
];
const ORDERS: &[&str] = &["ABCD", "CDAB", "BADC", "DCBA"];
