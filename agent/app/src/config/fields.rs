//! Every field of the configuration: its kind, unit, bounds, default, and what it is for.
//!
//! One table, from which the checker reads what may stand in a file, `bulkhead config schema` makes
//! a JSON Schema, and docs/CONFIGURATION.md is compared by a test.

/// One field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Where it stands: keys joined by dots, `[]` for the items of a list.
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
    /// What holds where it is left out; `None` where it may not be.
    pub(crate) default: Option<&'static str>,
    /// One sentence without full stop.
    pub(crate) about: &'static str,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Fields of its own.
    Group,
    /// A list of groups, or of one kind of text.
    List,
    /// Any text.
    Text,
    /// A file or folder; relative ones are relative to the configuration.
    Path,
    /// `true` or `false`.
    Flag,
    /// A whole number with its bounds and its unit.
    Number {
        least: u64,
        most: u64,
        unit: &'static str,
    },
    /// One of these words.
    Word(&'static [&'static str]),
}

impl Kind {
    /// How it is called in documents.
    pub(crate) fn noun(self) -> String {
        match self {
            Self::Group => "fields".to_owned(),
            Self::List => "list".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Path => "path".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Number { least, most, unit } => format!("{least} to {most} {unit}"),
            Self::Word(words) => format!("`{}`", words.join("`, `")),
        }
    }
}

/// The fields right below a path; below nothing are those at the top.
pub(crate) fn below(path: &str) -> impl Iterator<Item = (&'static str, &'static Field)> + '_ {
    FIELDS.iter().filter_map(move |field| {
        let rest = match path {
            "" => field.path,
            _ => field.path.strip_prefix(path)?.strip_prefix('.')?,
        };
        (!rest.is_empty() && !rest.contains(['.', '['])).then_some((rest, field))
    })
}

const fn field(
    path: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    about: &'static str,
) -> Field {
    Field {
        path,
        kind,
        default,
        about,
    }
}

const fn number(least: u64, most: u64, unit: &'static str) -> Kind {
    Kind::Number { least, most, unit }
}

const NONE: Option<&str> = Some("none");

/// In the order in which a file is best written.
#[rustfmt::skip]
pub(crate) const FIELDS: &[Field] = &[
    field("sensor", Kind::Text, Some("`sensor`"), "The sensor's name in incidents"),
    field("interfaces", Kind::List, None, "The mirror ports to watch, at least one"),
    field("interfaces[].name", Kind::Text, None, "The interface; `bulkhead interfaces` says which can serve"),
    field("interfaces[].ring_mib", number(1, 2047, "MiB"), Some("an eighth of the free memory, shared by the interfaces, 16 to 256 each"), "Ring between kernel and sensor; the log says its size"),
    field("interfaces[].snap_len", number(64, 262_144, "bytes"), Some("65535"), "The most that is captured of a frame; what is longer is cut, and cut messages are not judged"),
    field("interfaces[].shards", number(1, 16, "sockets"), Some("1"), "How many sockets share its frames and its ring, each pair of hosts in one; as many threads judge them"),
    field("interfaces[].cpus", Kind::Text, Some("all"), "CPUs that the thread that reads it runs on, such as `2` or `2-3,6`; one thread reads all interfaces, on all that they name"),
    field("interfaces[].promiscuous", Kind::Flag, Some("`true`"), "Whether frames for other stations are taken, as a mirror needs it"),
    field("interfaces[].filter", Kind::Text, Some("everything"), "What to watch, as pcap-filter(7) says it; tagged frames match as untagged ones do"),
    field("policy", Kind::Path, NONE, "Who may do what: a file, a folder, or a signed bundle; without it nothing is judged against a policy"),
    field("policy_keys", Kind::List, NONE, "Files with the public keys of those who may sign bundles"),
    field("policy_signature", Kind::Word(&["required", "optional"]), Some("`required` where there are keys"), "Whether the policy must be a signed bundle"),
    field("policy_site", Kind::Text, Some("that of the first bundle that was accepted"), "The site that bundles must be for"),
    field("rules", Kind::Path, Some("those that come with the sensor"), "A folder of detection rules"),
    field("baseline", Kind::Path, NONE, "What is normal, as `bulkhead learn` wrote it"),
    field("store", Kind::Path, None, "The store: incidents, and what sinks have not taken yet; made when missing, its folder is not"),
    field("sinks", Kind::List, NONE, "Where incidents go; each has exactly one of `file` and `syslog`"),
    field("sinks[].name", Kind::Text, None, "Its name: 1 to 64 of `a-z 0-9 _ -`; the label of its metrics and the key of its cursor"),
    field("sinks[].retry_cap_secs", number(1, 3600, "s"), Some("60"), "The longest pause between two tries"),
    field("sinks[].file", Kind::Group, NONE, "A file of JSON Lines"),
    field("sinks[].file.path", Kind::Path, None, "The file; its folder must be there; `-` is standard output"),
    field("sinks[].syslog", Kind::Group, NONE, "A syslog receiver (RFC 5424)"),
    field("sinks[].syslog.transport", Kind::Word(&["udp", "tcp", "tls"]), None, "How messages travel; over `udp` lost ones stay lost"),
    field("sinks[].syslog.address", Kind::Text, None, "`host:port`, an IPv6 address in brackets"),
    field("sinks[].syslog.facility", Kind::Word(FACILITIES), Some("`local0`"), "The facility that messages carry"),
    field("sinks[].syslog.max_bytes", number(1024, 65_000, "bytes"), Some("8192, for `udp` 2048"), "The longest message"),
    field("sinks[].syslog.tls", Kind::Group, NONE, "Certificates; needed for `tls`, refused otherwise"),
    field("sinks[].syslog.tls.ca", Kind::Path, None, "The certificates that the receiver's must be signed by (PEM)"),
    field("sinks[].syslog.tls.certificate", Kind::Path, NONE, "Our certificate with its chain (PEM); needs `key`"),
    field("sinks[].syslog.tls.key", Kind::Path, NONE, "The key of our certificate (PEM)"),
    field("sinks[].syslog.tls.server_name", Kind::Text, Some("the host of `address`"), "The name in the receiver's certificate"),
    field("http", Kind::Group, Some("not served"), "`/metrics`, `/healthz` and `/readyz`"),
    field("http.listen", Kind::Text, Some("`127.0.0.1:9464`"), "`address:port` to listen on; port 0 takes a free one and the log says which"),
    field("http.max_connections", number(1, 1024, "connections"), Some("32"), "The most at a time; one more makes the oldest give way"),
    field("http.tls", Kind::Group, NONE, "HTTPS in place of HTTP"),
    field("http.tls.certificate", Kind::Path, None, "Our certificate with its chain (PEM)"),
    field("http.tls.key", Kind::Path, None, "Its key (PEM)"),
    field("http.tls.client_ca", Kind::Path, Some("any client is let in"), "The certificates that a client's must be signed by (PEM)"),
    field("sandbox", Kind::Group, Some("as its fields say"), "What the sensor may still do once it runs"),
    field("sandbox.enabled", Kind::Flag, Some("`true`"), "Whether rights are given up when the ports are open; without it log and metric say so"),
    field("sandbox.require", Kind::Flag, Some("`false`"), "Whether the sensor refuses to run where the kernel lacks a part of what that takes"),
    field("sandbox.user", Kind::Text, Some("it stays root, without capabilities"), "Whom the sensor becomes where it was started as root"),
    field("sandbox.readable", Kind::List, NONE, "More files and folders that may be read, for links that lead out of those named elsewhere"),
];

/// The facilities of RFC 5424, 6.2.1, that a sensor may use.
const FACILITIES: &[&str] = &[
    "user", "daemon", "auth", "authpriv", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];
