//! An incident as a person reads it: ranked, worded, and known by an identifier that is the same on every run.

use std::cmp::Reverse;

use model::{Incident, Verb};

use super::Incidents;
use super::open::{Cause, Open};
use crate::priority::priority;
use crate::wording::{self, sentence};

impl Incidents {
    /// Every incident, most urgent first.
    pub(crate) fn ranked(&self) -> Vec<Incident> {
        let mut all: Vec<_> = self.open.iter().map(|open| self.incident(open)).collect();
        all.sort_by(|a, b| {
            let key = |i: &Incident| (i.priority, Reverse(i.severity), i.first);
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        all
    }

    /// An incident as it is told.
    pub(super) fn incident(&self, open: &Open) -> Incident {
        let outcome = open.outcome();
        let (client, server) = match &open.parties {
            Some([client, server]) => (Some(client), Some(server)),
            None => (None, None),
        };
        let target = open.target();
        let finding = &open.finding;
        let sentence = sentence(&wording::Scene {
            client,
            server,
            protocol: open.cause.protocol,
            verb: open.cause.verb,
            target: target.as_deref(),
            title: &finding.title,
            because: &finding.because,
            outcome,
            count: open.count,
        });
        Incident {
            id: self.identifier(open),
            kind: finding.kind,
            rule: finding.rule.clone(),
            also: open.also.clone(),
            title: finding.title.clone(),
            sentence,
            severity: finding.severity,
            priority: priority(
                finding.severity,
                open.criticality,
                outcome,
                finding.confidence,
            ),
            confidence: finding.confidence,
            outcome,
            count: open.count,
            first: open.first.time,
            last: open.last.time,
            frames: open.frames.clone(),
            client: client.cloned(),
            server: server.cloned(),
            protocol: open.cause.protocol.map(str::to_owned),
            verb: open.cause.verb.map(|verb| verb.name().to_owned()),
            target,
            because: finding.because.clone(),
            technique: finding.technique.clone(),
            owner: finding.response.owner.clone(),
            action: finding.response.action.clone(),
            consequence: finding.response.consequence.clone(),
            respond_within: finding.response.respond_within.clone(),
            site: self.site.clone(),
            sensor: self.sensor.clone(),
        }
    }

    /// The same for the same plant, cause and first frame, on every run.
    fn identifier(&self, open: &Open) -> String {
        let Cause {
            rule,
            parties,
            part,
            subject,
            protocol,
            verb,
            version: _,
        } = &open.cause;
        let part = part.map_or_else(String::new, |unit| format!(" {unit}"));
        let subject = || subject.clone().unwrap_or_default();
        let parties = parties.map_or_else(subject, |[c, s]| format!("{c}|{s}{part}"));
        let verb = verb.map_or("", Verb::name);
        let text = format!(
            "{}|{rule}|{parties}|{}|{verb}|{}",
            self.site,
            protocol.unwrap_or(""),
            open.first.time.as_nanos()
        );
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        digest
            .as_ref()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
