//! Judging an event: the widest thing about it that was never seen.

use std::cmp::Reverse;

use model::{Because, Event, Finding, Kind, Operation, Response, Severity, Stage, Verb};

use crate::baseline::{Baseline, Device, Service, pair};
use crate::key;
use crate::targets::Known;

impl Baseline {
    /// The deviation of an event, or `None` where all of it is normal; then it costs no memory.
    ///
    /// Responses are never judged: what was asked is what deviates.
    pub fn judge(&self, event: &Event<'_>) -> Option<Finding> {
        if event.operation.stage == Stage::Response {
            return None;
        }
        self.deviation(event)
            .map(|deviation| deviation.finding(event))
    }

    fn deviation(&self, event: &Event<'_>) -> Option<Deviation> {
        let operation = event.operation;
        let Some(peer) = self.peers.get(&pair(event)) else {
            return Some(Deviation::Peer);
        };
        let Some(service) = peer.protocols.get(operation.protocol) else {
            return Some(Deviation::Protocol);
        };
        match service.units.get(&operation.unit) {
            Some(device) => device.deviation(operation),
            None if operation.unit.is_none() => service.of_some_unit(operation),
            None => Some(Deviation::Unit),
        }
    }
}

impl Service {
    /// The deviation of an operation whose unit was not seen, as where a conversation is joined midway: that from
    /// the unit which it fits best.
    fn of_some_unit(&self, operation: &Operation<'_>) -> Option<Deviation> {
        let all = self
            .units
            .values()
            .map(|device| device.deviation(operation));
        let nearest = all.min_by_key(|deviation| deviation.map(Reverse));
        nearest.unwrap_or(Some(Deviation::Unit))
    }
}

impl Device {
    fn deviation(&self, operation: &Operation<'_>) -> Option<Deviation> {
        let function = key::function(operation.function);
        let Some(behaviour) = self.functions.get(function.as_str()) else {
            return Some(Deviation::Function);
        };
        // The text of a baseline names the verb; whoever edits it cannot make a command a read.
        let disguised = operation.function.verb.is_dangerous() && !behaviour.verb.is_dangerous();
        match behaviour.targets.judge(operation) {
            Known::Normal if disguised => Some(Deviation::Unapproved),
            Known::Normal => None,
            Known::Pending => Some(Deviation::Unapproved),
            Known::New => Some(Deviation::Target),
        }
    }
}

/// What deviates, from the widest to the narrowest.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Deviation {
    /// This client never asked this server.
    Peer,
    /// Not over this protocol.
    Protocol,
    /// Not this unit.
    Unit,
    /// Not for this function.
    Function,
    /// Not of this target.
    Target,
    /// It did, but nobody approved it.
    Unapproved,
}

impl Deviation {
    fn finding(self, event: &Event<'_>) -> Finding {
        let verb = event.operation.function.verb;
        Finding {
            kind: Kind::Baseline,
            rule: self.rule().to_owned(),
            title: self.title(verb).to_owned(),
            severity: self.severity(verb),
            confidence: self.confidence(),
            because: Because {
                reason: self.reason(event),
                ..Because::default()
            },
            technique: Some(self.technique(verb).to_owned()),
            response: response(verb),
        }
    }

    const fn rule(self) -> &'static str {
        match self {
            Self::Peer => "baseline.new_peer",
            Self::Protocol => "baseline.new_protocol",
            Self::Unit => "baseline.new_unit",
            Self::Function => "baseline.new_function",
            Self::Target => "baseline.new_target",
            Self::Unapproved => "baseline.unapproved",
        }
    }

    const fn title(self, verb: Verb) -> &'static str {
        match (self, verb.is_dangerous()) {
            (Self::Peer, true) => "Command from a client that never asked this server",
            (Self::Peer, false) => "Client asks a server for the first time",
            (Self::Protocol, _) => "Client uses another protocol than usual",
            (Self::Unit, _) => "Client asks a unit for the first time",
            (Self::Function, true) => "Client gives a command for the first time",
            (Self::Function, false) => "Client uses a function for the first time",
            (Self::Target, true) => "Command to a target that was never touched",
            (Self::Target, false) => "Client reads what it never read",
            (Self::Unapproved, _) => "Command that nobody approved",
        }
    }

    const fn severity(self, verb: Verb) -> Severity {
        match (self, verb.is_dangerous()) {
            (Self::Peer | Self::Protocol | Self::Unit | Self::Function, true) => Severity::High,
            (Self::Target | Self::Unapproved, true) | (Self::Peer | Self::Protocol, false) => {
                Severity::Medium
            }
            (Self::Unit | Self::Function | Self::Target | Self::Unapproved, false) => Severity::Low,
        }
    }

    const fn confidence(self) -> u8 {
        match self {
            Self::Peer | Self::Protocol => 80,
            Self::Unit | Self::Function => 70,
            Self::Target | Self::Unapproved => 60,
        }
    }

    const fn technique(self, verb: Verb) -> &'static str {
        match (self, verb.is_dangerous()) {
            (_, true) => "T0855",
            (Self::Peer | Self::Protocol, false) => "T0848",
            (Self::Unit, false) => "T0846",
            (Self::Function | Self::Target | Self::Unapproved, false) => "T0861",
        }
    }

    fn reason(self, event: &Event<'_>) -> String {
        let operation = event.operation;
        let (protocol, function) = (operation.protocol, operation.function.name);
        match self {
            Self::Peer => "this client never asked this server while learning".to_owned(),
            Self::Protocol => format!("this client never asked this server over {protocol}"),
            Self::Unit => match operation.unit {
                Some(unit) => format!("this client never asked {unit} of this server"),
                None => "this client never asked this server without naming a unit".to_owned(),
            },
            Self::Function => format!("this client never used `{function}` here"),
            Self::Target => format!("this client never used `{function}` on this target"),
            Self::Unapproved => {
                format!("`{function}` was seen while learning, and nobody approved it")
            }
        }
    }
}

fn response(verb: Verb) -> Response {
    let (action, consequence, respond_within) = if verb.is_dangerous() {
        (
            "ask who gave the command; approve it in the baseline if it is daily work, else stop \
             the client and check the process",
            "somebody who should not changes the process",
            "1h",
        )
    } else {
        (
            "find out what changed at the client; learn or approve it if it is planned",
            "somebody who should not learns the process before touching it",
            "1d",
        )
    };
    Response {
        owner: "OT security".to_owned(),
        action: action.to_owned(),
        consequence: consequence.to_owned(),
        respond_within: respond_within.to_owned(),
    }
}
