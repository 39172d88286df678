//! Operations for the large policy: one to each asset, which its own conduit is about.

use model::{
    Detail, Function, Host, NodeKey, Operation, Stage, Target, Timestamp, Unit, Value, Written,
};
use serde::{Serialize, Serializer};

use crate::plant::{large_policy_address, large_policy_client};

/// A request between two hosts.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Who asks.
    pub client: Host,
    /// Who is asked.
    pub server: Host,
    function: Function,
    shape: &'static Shape,
}

/// What a request is, whoever asks.
#[derive(Debug)]
struct Shape {
    condition: &'static str,
    protocol: &'static str,
    function: &'static str,
    target: Target<'static>,
    written: Option<Written<'static>>,
    session: &'static [(&'static str, &'static str)],
}

impl Asked {
    /// The request to one of the assets of the large policy.
    pub fn of(asset: usize) -> Option<Self> {
        let shape = SHAPES.get(asset % SHAPES.len())?;
        let host = |asset| Host {
            ip: large_policy_address(asset).parse().ok(),
            ..Host::default()
        };
        let protocols = decode::PROTOCOLS.iter();
        let mut words = protocols.filter(|protocol| protocol.vocabulary.name == shape.protocol);
        let functions = words.next()?.vocabulary.functions;
        let function = functions.iter().find(|it| it.name == shape.function)?;
        Some(Self {
            client: host(large_policy_client(asset)),
            server: host(asset),
            function: *function,
            shape,
        })
    }

    /// What its conduit limits.
    pub const fn condition(&self) -> &'static str {
        self.shape.condition
    }

    /// The request as judges see it.
    pub fn operation(&self) -> Operation<'_> {
        Operation {
            protocol: self.shape.protocol,
            stage: Stage::Request,
            function: self.function,
            unit: (self.shape.protocol == "modbus").then_some(Unit::Id(1)),
            outcome: None,
            signature: 0,
            answers: None,
            detail: self,
        }
    }
}

impl Detail for Asked {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        see(self.shape.target);
    }

    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        if let Some(written) = self.shape.written {
            see(self.shape.target, written);
        }
    }

    fn field(&self, name: &str) -> Option<Value<'_>> {
        let mut session = self.shape.session.iter();
        let (_, value) = session.find(|(field, _)| *field == name)?;
        Some((*value).into())
    }
}

impl Serialize for Asked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// When they are asked: on a Wednesday at ten, 2026-06-10T10:00:00Z.
pub const ASKED_AT: Timestamp = Timestamp::from_nanos(1_781_085_600_000_000_000);

static SHAPES: [Shape; 10] = [
    reading("units, targets", "read_holding_registers", 0, 9),
    writing("values", 100, 100, &[0x01, 0xf4]),
    writing("a tag's limits", 200, 201, &[0x00, 0x00, 0x42, 0xc8]),
    Shape {
        condition: "session",
        protocol: "opcua",
        function: "read",
        target: PUMP,
        written: None,
        session: &[
            ("security_mode", "sign_and_encrypt"),
            ("identity", "certificate"),
        ],
    },
    Shape {
        condition: "session, values",
        protocol: "opcua",
        function: "write",
        target: PUMP,
        written: Some(Written::Number(50.0)),
        session: &[("security_mode", "sign"), ("user", "operator")],
    },
    Shape {
        target: Target::Cells {
            area: "DB",
            block: Some(1),
            first: 0,
            last: 3,
        },
        ..s7("a schedule", "read_var")
    },
    reading("a rate", "read_coils", 0, 9),
    s7("a period", "start_upload"),
    writing("in shadow", 5, 5, &[0x00, 0x01]),
    writing("a work order", 5, 5, &[0x00, 0x01]),
];

const PUMP: Target<'static> = Target::Node {
    namespace: 2,
    key: NodeKey::Text("Pump.Speed"),
};

const fn reading(condition: &'static str, function: &'static str, first: u64, last: u64) -> Shape {
    Shape {
        condition,
        protocol: "modbus",
        function,
        target: holding(first, last),
        written: None,
        session: &[],
    }
}

const fn writing(condition: &'static str, first: u64, last: u64, bytes: &'static [u8]) -> Shape {
    Shape {
        written: Some(Written::Words(bytes)),
        ..reading(condition, "write_multiple_registers", first, last)
    }
}

const fn s7(condition: &'static str, function: &'static str) -> Shape {
    Shape {
        protocol: "s7",
        ..reading(condition, function, 0, 0)
    }
}

const fn holding(first: u64, last: u64) -> Target<'static> {
    Target::Cells {
        area: "holding",
        block: None,
        first,
        last,
    }
}
