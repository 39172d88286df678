//! Words of three protocols, cut short, and messages that say what a test wants them to say.

use model::{
    Area, Detail, Function, Host, Operation, Request, Stage, Target, Timestamp, Unit, Value, Verb,
    Verdict, Vocabulary, Written,
};
use serde::{Serialize, Serializer};

use crate::{Loaded, Policy, Standing, Text};

pub(super) static WORDS: [&Vocabulary; 3] = [&MODBUS, &S7, &OPCUA];

pub(super) static MODBUS: Vocabulary = Vocabulary {
    name: "modbus",
    ports: &[502],
    functions: &[
        function(3, "read_holding_registers", Verb::Read),
        function(1, "read_coils", Verb::Read),
        function(5, "write_single_coil", Verb::Write),
        function(6, "write_single_register", Verb::Write),
        function(16, "write_multiple_registers", Verb::Write),
        function(8, "diagnostics", Verb::Diagnose),
        function(43, "read_device_identification", Verb::Identify),
        function(0, "unknown", Verb::Other),
    ],
    areas: &[
        area("coil", 65_535, false),
        area("discrete", 65_535, false),
        area("holding", 65_535, false),
        area("input", 65_535, false),
    ],
    kinds: &["file"],
    fields: &[],
    volatile_fields: &[],
    choices: &[],
};

pub(super) static S7: Vocabulary = Vocabulary {
    name: "s7",
    ports: &[102],
    functions: &[
        function(0xe0, "connect_request", Verb::Connect),
        function(4, "read_var", Verb::Read),
        function(5, "write_var", Verb::Write),
        function(0x1d, "start_upload", Verb::Upload),
        function(0x1a, "request_download", Verb::Download),
        function(0x29, "plc_stop", Verb::Mode),
        function(0x28, "pi_delete", Verb::Delete),
    ],
    areas: &[
        area("M", 65_535, false),
        area("DB", 65_535, true),
        area("DI", 65_535, true),
    ],
    kinds: &["pi", "OB", "FC", "DB"],
    fields: &[],
    volatile_fields: &[],
    choices: &[],
};

pub(super) static OPCUA: Vocabulary = Vocabulary {
    name: "opcua",
    ports: &[4840],
    functions: &[
        function(461, "create_session", Verb::Connect),
        function(527, "browse", Verb::Browse),
        function(631, "read", Verb::Read),
        function(673, "write", Verb::Write),
        function(712, "call", Verb::Call),
        function(787, "create_subscription", Verb::Subscribe),
        function(0x004d_5347, "encrypted", Verb::Other),
    ],
    areas: &[],
    kinds: &[],
    fields: &[
        "encrypted",
        "user",
        "certificate_thumbprint",
        "application_uri",
    ],
    volatile_fields: &[],
    choices: &[
        ("security_mode", &["none", "sign", "sign_and_encrypt"]),
        (
            "security_policy",
            &["None", "Basic256Sha256", "Aes256_Sha256_RsaPss"],
        ),
        (
            "identity",
            &["anonymous", "username", "certificate", "issued"],
        ),
    ],
};

const fn function(code: u32, name: &'static str, verb: Verb) -> Function {
    Function { code, name, verb }
}

const fn area(name: &'static str, last: u64, blocks: bool) -> Area {
    Area { name, last, blocks }
}

/// A message: what it does, to what.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) protocol: &'static str,
    pub(super) function: Function,
    pub(super) unit: Option<Unit>,
    pub(super) targets: Vec<Target<'static>>,
    pub(super) stage: Stage,
    pub(super) answers: bool,
    pub(super) encrypted: bool,
    /// What is written to each target.
    pub(super) written: Vec<(Target<'static>, Written<'static>)>,
    /// What it shows of its session.
    pub(super) session: Vec<(&'static str, &'static str)>,
}

impl Message {
    /// A request by a function's name.
    pub(super) fn new(name: &str) -> Self {
        let mut functions = WORDS.iter().flat_map(|words| {
            words
                .functions
                .iter()
                .map(|function| (words.name, *function))
        });
        let (protocol, function) = functions
            .find(|(_, function)| function.name == name)
            .unwrap();
        Self {
            protocol,
            function,
            unit: (protocol == "modbus").then_some(Unit::Id(1)),
            targets: Vec::new(),
            stage: Stage::Request,
            answers: false,
            encrypted: name == "encrypted",
            written: Vec::new(),
            session: Vec::new(),
        }
    }

    pub(super) fn on(mut self, target: Target<'static>) -> Self {
        self.targets.push(target);
        self
    }

    /// A target, and what is written there.
    pub(super) fn put(self, target: Target<'static>, written: Written<'static>) -> Self {
        let mut message = self.on(target);
        message.written.push((target, written));
        message
    }

    /// A field of its session.
    pub(super) fn showing(mut self, field: &'static str, value: &'static str) -> Self {
        self.session.push((field, value));
        self
    }

    pub(super) const fn for_unit(mut self, unit: Option<Unit>) -> Self {
        self.unit = unit;
        self
    }

    pub(super) const fn answer(mut self, to_a_request: bool) -> Self {
        self.stage = Stage::Response;
        self.answers = to_a_request;
        self
    }

    pub(super) fn operation(&self) -> Operation<'_> {
        Operation {
            protocol: self.protocol,
            stage: self.stage,
            function: self.function,
            unit: self.unit,
            outcome: None,
            signature: 0,
            answers: self.answers.then(|| Request {
                signature: 0,
                asked: model::Stamp::default(),
            }),
            detail: self,
        }
    }
}

impl Detail for Message {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        self.targets.iter().for_each(|target| see(*target));
    }

    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        if self.stage == Stage::Request {
            let written = self.written.iter();
            written.for_each(|(target, written)| see(*target, *written));
        }
    }

    fn field(&self, name: &str) -> Option<Value<'_>> {
        let shown = self.session.iter().find(|(field, _)| *field == name);
        if let Some((_, value)) = shown {
            return Some((*value).into());
        }
        (name == "encrypted").then_some(Value::Bool(self.encrypted))
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// Cells of an area without blocks.
pub(super) const fn cells(area: &'static str, first: u64, last: u64) -> Target<'static> {
    Target::Cells {
        area,
        block: None,
        first,
        last,
    }
}

/// Bytes of a data block.
pub(super) const fn db(number: u32, first: u64, last: u64) -> Target<'static> {
    Target::Cells {
        area: "DB",
        block: Some(number),
        first,
        last,
    }
}

/// A node of namespace 2 with a name.
pub(super) const fn node(name: &'static str) -> Target<'static> {
    Target::Node {
        namespace: 2,
        key: model::NodeKey::Text(name),
    }
}

/// A host known by its address.
pub(super) fn host(ip: &str) -> Host {
    Host {
        ip: Some(ip.parse().unwrap()),
        ..Host::default()
    }
}

/// A policy's verdict on a message, at the beginning of time.
pub(super) fn judge(policy: &Policy, client: &str, server: &str, message: &Message) -> Verdict {
    judge_hosts(policy, [host(client), host(server)], message)
}

/// The same between any two hosts.
pub(super) fn judge_hosts(policy: &Policy, ends: [Host; 2], message: &Message) -> Verdict {
    let [client, server] = ends.map(|host| policy.place(&host));
    let edge = policy.edge(client, server, message.protocol);
    let mut standing = Standing::default();
    policy.judge(&edge, &mut standing, &message.operation(), NO_TIME)
}

/// A moment that no policy of the tests cares about.
pub(super) const NO_TIME: Timestamp = Timestamp::from_nanos(0);

/// A policy that must load.
pub(super) fn load(text: &str) -> Loaded {
    read(text).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

pub(super) fn read(text: &str) -> Result<Loaded, Vec<model::Problem>> {
    let text = Text {
        name: "test.yaml".into(),
        text: text.into(),
    };
    Policy::read(&[text], &WORDS)
}

/// A file of the repository, by its path from the root.
pub(crate) fn repository(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// The YAML files in a folder and all that are in it, by name.
pub(crate) fn yaml_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(yaml_files(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
            && !path.ends_with("cases.yaml")
        {
            files.push(path);
        }
    }
    files.sort();
    files
}
