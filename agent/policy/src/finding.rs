//! A violation in words: what happened, which line decided, what would allow it, who acts.

use model::{
    Because, Event, Finding, Kind, Operation, Party, Reason, Response, Severity, Side, StatementId,
    Unit, Verdict,
};

use crate::edge::{Edge, Lane};
use crate::judge::Case;
use crate::policy::{Grant, Policy};
use crate::problems::Spot;
use crate::response::{Duty, shipped};
use crate::standing::{Standing, State};
use crate::verbs::technique;
use crate::words::governing;

impl Policy {
    /// A verdict as a finding, with reason, place and response; only violations and hosts in no
    /// zone are findings.
    pub fn finding(
        &self,
        edge: &Edge,
        standing: &Standing,
        event: &Event<'_>,
        verdict: Verdict,
    ) -> Option<Finding> {
        let case = Wording::of(self, edge, standing, event);
        match verdict {
            Verdict::Violates { because, of } => Some(case.violation(because, of)),
            Verdict::Unzoned { side } => Some(case.unzoned(side)),
            Verdict::Conforms { .. } | Verdict::Shadow { .. } | Verdict::Unknown { .. } => None,
        }
    }
}

/// One event that the policy does not allow, put in words.
pub(crate) struct Wording<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) lane: &'a Lane,
    state: &'a State,
    pub(crate) event: &'a Event<'a>,
    pub(crate) operation: &'a Operation<'a>,
}

impl<'a> Wording<'a> {
    /// The words for an event that was judged on an edge.
    pub(crate) fn of(
        policy: &'a Policy,
        edge: &'a Edge,
        standing: &'a Standing,
        event: &'a Event<'a>,
    ) -> Self {
        let unit = event.operation.unit;
        Self {
            policy,
            lane: &edge.to(unit).0,
            state: standing.state(edge.place(unit)),
            event,
            operation: event.operation,
        }
    }

    pub(crate) const fn case(&self) -> Case<'a> {
        Case {
            policy: self.policy,
            lane: self.lane,
            state: self.state,
            operation: self.operation,
            now: self.event.stamp.time,
        }
    }

    fn violation(&self, reason: Reason, of: Option<StatementId>) -> Finding {
        let target = match reason {
            Reason::Target => self.uncovered(),
            _ => None,
        };
        let because = Because {
            reason: self.clause(reason, of, target),
            would_be_allowed_if: Some(self.remedy(reason, of)),
            ..self.place(of)
        };
        self.finding(reason.name(), tail(reason), because, of)
    }

    fn unzoned(&self, side: Side) -> Finding {
        let because = Because {
            reason: format!("the {} is in no zone", side.name()),
            would_be_allowed_if: Some(format!(
                "the {} were a member of a zone, and {}",
                side.name(),
                self.new_conduit(),
            )),
            ..self.place(None)
        };
        let tail = match side {
            Side::Client => "from a host in no zone",
            Side::Server => "to a host in no zone",
        };
        self.finding("unzoned", tail, because, None)
    }

    fn finding(
        &self,
        rule: &str,
        tail: &str,
        because: Because,
        of: Option<StatementId>,
    ) -> Finding {
        let verb = self.operation.function.verb;
        let duty = self.duty(of);
        let severity = self.policy.responses.of(verb, |duty| duty.severity);
        Finding {
            kind: Kind::Policy,
            rule: format!("policy.{rule}"),
            title: format!("{} {verb} {tail}", self.protocol()),
            severity: duty
                .and_then(|duty| duty.severity)
                .or(severity)
                .or_else(|| shipped(verb).severity)
                .unwrap_or(Severity::Medium),
            confidence: 100,
            because,
            technique: technique(verb).map(str::to_owned),
            response: self.response(duty),
        }
    }

    /// What the conduit says that the violation is about: its nearest statement's, or its first.
    fn duty(&self, of: Option<StatementId>) -> Option<&Duty> {
        let first = self
            .lane
            .grants
            .first()
            .copied()
            .or_else(|| self.lane.other(false));
        let near = of.and_then(|id| self.policy.grant(id));
        let grant = near.or_else(|| self.policy.grant(first?))?;
        self.policy.conduit_of(grant).map(|conduit| &conduit.duty)
    }

    fn response(&self, duty: Option<&Duty>) -> Response {
        let verb = self.operation.function.verb;
        let shipped = shipped(verb);
        let of_site = |piece: fn(&Duty) -> Option<&String>| {
            self.policy
                .responses
                .of(verb, piece)
                .or_else(|| piece(&shipped))
        };
        let nearest = |piece: fn(&Duty) -> Option<&String>| {
            let piece = duty.and_then(piece).or_else(|| of_site(piece));
            piece.cloned().unwrap_or_default()
        };
        let consequence = self.policy.consequence(self.lane.server);
        Response {
            owner: self.owner(duty),
            action: nearest(|duty| duty.action.as_ref()),
            consequence: consequence
                .map_or_else(|| nearest(|duty| duty.consequence.as_ref()), str::to_owned),
            respond_within: nearest(|duty| duty.respond_within.as_ref()),
        }
    }

    fn owner(&self, duty: Option<&Duty>) -> String {
        let policy = self.policy;
        let verb = self.operation.function.verb;
        let of_asset = || {
            policy
                .asset(self.lane.server)
                .and_then(|asset| asset.owner.as_ref())
        };
        let of_zone = || {
            policy
                .zone(self.lane.server)
                .and_then(|zone| zone.owner.as_ref())
        };
        duty.and_then(|duty| duty.owner.as_ref())
            .or_else(of_asset)
            .or_else(of_zone)
            .or_else(|| policy.responses.of(verb, |duty| duty.owner.as_ref()))
            .unwrap_or(&policy.site.owner)
            .clone()
    }

    /// The line that decided: the statement's, or else the server's zone, where it would stand.
    fn place(&self, of: Option<StatementId>) -> Because {
        let zone = self.policy.zone(self.lane.server).map(|zone| zone.at);
        let statement = of.map(|id| self.policy.statement(id));
        let (file, line) = statement.map_or_else(
            || {
                let spot: Spot = zone.unwrap_or(self.policy.site.at);
                (self.policy.files.name(spot), spot.line)
            },
            |statement| (statement.file, statement.line),
        );
        Because {
            file: Some(file.to_owned()),
            line: Some(line),
            policy_version: Some(self.policy.version.clone()),
            ..Because::default()
        }
    }

    /// What a statement misses, in one clause; of targets the first one that it does not reach.
    pub(crate) fn clause(
        &self,
        reason: Reason,
        of: Option<StatementId>,
        target: Option<String>,
    ) -> String {
        let function = self.operation.function;
        let grant = of.and_then(|id| self.policy.grant(id));
        let subject = self.subject(of);
        match reason {
            Reason::NoConduit => format!(
                "no conduit leads from {} to {}",
                party(&self.event.client),
                party(&self.event.server),
            ),
            Reason::Protocol => format!("{subject} does not carry `{}`", self.protocol()),
            Reason::Role => format!("{subject} may not `{}`", function.verb),
            Reason::Verb => format!("{subject} does not carry verb `{}`", function.verb),
            Reason::Function => format!("{subject} does not carry function `{}`", function.name),
            Reason::Unit => format!("{subject} does not reach {}", self.unit()),
            Reason::Time => format!("{subject} does not hold now: {}", self.time(grant)),
            Reason::Encryption => format!("{subject} asks for encryption; this was sent in clear"),
            Reason::Security | Reason::Identity => {
                format!("{subject} is for {}", self.session(grant))
            }
            Reason::Value => format!("{subject} does not allow the value: {}", self.value(grant)),
            Reason::Rate => format!("{subject} was used up: it allows {}", self.rate(grant)),
            Reason::Target => target.map_or_else(
                || {
                    format!(
                        "{subject} lists targets, and this `{}` shows none",
                        function.verb
                    )
                },
                |target| {
                    format!(
                        "{subject} does not reach `{target}` for verb `{}`",
                        function.verb
                    )
                },
            ),
        }
    }

    /// The smallest change that would allow it.
    fn remedy(&self, reason: Reason, of: Option<StatementId>) -> String {
        let function = self.operation.function;
        let grant = of.and_then(|id| self.policy.grant(id));
        let subject = self.subject(of);
        match reason {
            Reason::NoConduit => self.new_conduit(),
            Reason::Protocol | Reason::Verb => format!("{subject} also allowed {}", self.asked()),
            Reason::Role => self.role_remedy(&subject),
            Reason::Function => format!("{subject} also listed function `{}`", function.name),
            Reason::Unit => format!("{subject} also listed {}", self.unit()),
            Reason::Time => format!("{subject} held at {}", self.event.stamp.time),
            Reason::Encryption => "the conversation were encrypted".to_owned(),
            Reason::Security | Reason::Identity => {
                format!("{subject} were also for {}", self.shown(grant))
            }
            Reason::Value => format!("{subject} also allowed the value: {}", self.value(grant)),
            Reason::Rate => format!("{subject} allowed more than {}", self.rate(grant)),
            Reason::Target => self.uncovered().map_or_else(
                || format!("a statement without targets allowed {}", self.asked()),
                |target| format!("{subject} also listed target `{target}`"),
            ),
        }
    }

    /// What would have to change once the role could do it, too.
    fn role_remedy(&self, subject: &str) -> String {
        let able = format!("{subject} could `{}`", self.operation.function.verb);
        match self.case().search(false, true).verdict() {
            Verdict::Violates { because, of } => {
                format!("{able} and {}", self.remedy(because, of))
            }
            Verdict::Conforms { .. }
            | Verdict::Shadow { .. }
            | Verdict::Unzoned { .. }
            | Verdict::Unknown { .. } => able,
        }
    }

    /// A host that is no asset is not to be trusted for its zone: the smallest change names it.
    fn new_conduit(&self) -> String {
        let (client, server) = (&self.event.client, end(&self.event.server));
        let from = match (client.asset, client.zone) {
            (None, Some(_)) => "the client were an asset, and a conduit from it".to_owned(),
            _ => format!("a conduit from {}", end(client)),
        };
        format!("{from} to {server} allowed {}", self.asked())
    }

    /// The protocol whose statements would allow it.
    fn protocol(&self) -> &str {
        governing(self.operation.protocol)
    }

    /// The operation as a statement would allow it.
    fn asked(&self) -> String {
        let verb = self.operation.function.verb;
        let asked = format!("`{}` `{verb}`", self.protocol());
        let mut first = None;
        self.operation.detail.targets(&mut |target| {
            first.get_or_insert_with(|| target.to_string());
        });
        first.map_or_else(|| asked.clone(), |target| format!("{asked} on `{target}`"))
    }

    /// The first target that no statement covers.
    fn uncovered(&self) -> Option<String> {
        let mut first = None;
        self.operation.detail.targets(&mut |target| {
            if !self.case().search(false, true).reaches(&target) {
                first.get_or_insert_with(|| target.to_string());
            }
        });
        first
    }

    fn unit(&self) -> String {
        match self.operation.unit {
            Some(Unit::Id(id)) => format!("unit `{id}`"),
            Some(unit) => format!("unit `{unit}`"),
            None => "a unit that was not seen".to_owned(),
        }
    }

    /// Whose statement it is.
    pub(crate) fn subject(&self, of: Option<StatementId>) -> String {
        let Some(id) = of else {
            return "the policy".to_owned();
        };
        let grant = self.policy.grant(id);
        match (grant, self.policy.role_of(id)) {
            (
                Some(Grant {
                    title, of: Some(_), ..
                }),
                _,
            ) => match grant.and_then(|grant| grant.permit) {
                Some(_) => format!("permit `{title}`"),
                None => format!("conduit `{title}`"),
            },
            (Some(Grant { title, .. }), _) => format!("`{title}`"),
            (None, Some(role)) => format!("role `{}`", role.name),
            (None, None) => "the policy".to_owned(),
        }
    }
}

/// A party as a clause names it.
fn party(party: &Party<'_>) -> String {
    match (party.asset, party.zone) {
        (Some(asset), Some(zone)) => format!("asset `{asset}` in zone `{zone}`"),
        (Some(asset), None) => format!("asset `{asset}`"),
        (None, Some(zone)) => format!("a host in zone `{zone}` that is no asset"),
        (None, None) => "a host in no zone".to_owned(),
    }
}

/// A party as a conduit would name it.
fn end(party: &Party<'_>) -> String {
    match (party.asset, party.zone) {
        (Some(asset), _) => format!("asset `{asset}`"),
        (None, Some(zone)) => format!("zone `{zone}`"),
        (None, None) => "its zone".to_owned(),
    }
}

const fn tail(reason: Reason) -> &'static str {
    match reason {
        Reason::NoConduit => "without a conduit",
        Reason::Protocol => "over a conduit for other protocols",
        Reason::Role => "beyond the client's role",
        Reason::Verb => "that no conduit carries",
        Reason::Function => "by a function that no conduit carries",
        Reason::Unit => "to a unit that no conduit reaches",
        Reason::Time => "at a time that no conduit is for",
        Reason::Encryption => "without the encryption that is asked for",
        Reason::Security => "with a security that no conduit accepts",
        Reason::Identity => "by somebody that no conduit is for",
        Reason::Value => "with a value that no conduit allows",
        Reason::Rate => "more often than allowed",
        Reason::Target => "beyond the conduit's targets",
    }
}
