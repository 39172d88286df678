//! Conduits and what they allow, in the words of the policy.

use model::{StatementId, Timestamp};

use super::zones::verbs;
use super::{Conduit, Statement, joined, text, texts};
use crate::policy::{self, Grant, Policy};
use crate::problems::Spot;
use crate::raw::{self, Raw};
use crate::when::When;

/// Who writes down what a policy states: its meaning and its words side by side.
#[derive(Clone, Copy)]
pub(super) struct Clerk<'a> {
    pub(super) policy: &'a Policy,
    // INVARIANT: its lists are as long as the policy's, and in the same order.
    pub(super) raw: &'a Raw,
}

impl Clerk<'_> {
    pub(super) fn conduits(&self) -> Vec<Conduit> {
        let plain = self.raw.conduits.iter().map(|conduit| (conduit, None));
        let permits = self.raw.permits.iter();
        let permits = permits.map(|permit| (&permit.conduit, Some(permit)));
        let conduits = plain.chain(permits).zip(&self.policy.conduits);
        conduits
            .map(|((raw, permit), conduit)| self.conduit(raw, permit, conduit))
            .collect()
    }

    fn conduit(
        &self,
        raw: &raw::Conduit,
        permit: Option<&raw::Permit>,
        conduit: &policy::Conduit,
    ) -> Conduit {
        let duty = &conduit.duty;
        let ids = (conduit.grants.0..conduit.grants.1).map(StatementId);
        Conduit {
            name: raw.name.text.clone(),
            permit: permit.is_some(),
            from: self.end(&raw.from),
            to: self.end(&raw.to),
            both_directions: raw
                .both_directions
                .as_ref()
                .is_some_and(|it| it.text == "true"),
            role: text(permit.and_then(|permit| permit.role.as_ref())),
            owner: duty.owner.clone(),
            action: duty.action.clone(),
            severity: duty.severity,
            respond_within: duty.respond_within.clone(),
            statements: ids
                .zip(&raw.allow)
                .filter_map(|(id, raw)| Some(self.statement(id, self.policy.grant(id)?, raw)))
                .collect(),
        }
    }

    /// The statement about traffic inside a zone.
    pub(super) fn within(&self, id: StatementId, raw: &raw::Zone) -> Statement {
        let grant = self.policy.grant(id);
        let mut words = self.spot(id, grant.map_or(raw.name.at, |grant| grant.at));
        if let Some(grant) = grant {
            words.verbs = verbs(grant.verbs);
            words.shadow = grant.shadow;
        }
        words
    }

    fn spot(&self, id: StatementId, at: Spot) -> Statement {
        Statement {
            id: id.0,
            file: self.policy.files.name(at).to_owned(),
            line: at.line,
            ..Statement::default()
        }
    }

    fn statement(&self, id: StatementId, grant: &Grant, raw: &raw::Statement) -> Statement {
        let (valid_from, valid_until) = period(grant.when.as_ref());
        let session = &raw.session;
        let named = [
            &session.identities,
            &session.users,
            &session.certificates,
            &session.applications,
        ];
        Statement {
            protocols: texts(&raw.protocols),
            verbs: verbs(grant.verbs),
            terms: self.terms(grant, raw),
            valid_from,
            valid_until,
            encryption: raw.encryption.is_some(),
            bounds_values: grant.values.is_some() || self.has_limits(grant),
            names_identities: named.into_iter().any(|words| !words.is_empty()),
            shadow: grant.shadow,
            ..self.spot(id, grant.at)
        }
    }

    /// Whether a tag that a statement names has limits of its own.
    fn has_limits(&self, grant: &Grant) -> bool {
        let mut tags = grant.tags.iter();
        tags.any(|id| {
            let tag = self.policy.tags.tag(*id);
            tag.is_some_and(|tag| tag.low.is_some() || tag.high.is_some())
        })
    }

    fn terms(&self, grant: &Grant, raw: &raw::Statement) -> Vec<(&'static str, String)> {
        let session = &raw.session;
        let lists = [
            ("functions", &raw.functions),
            ("units", &raw.units),
            ("targets", &raw.targets),
            ("tags", &raw.tags),
            ("values", &raw.values),
            ("security modes", &session.security_modes),
            ("security policies", &session.security_policies),
            ("identities", &session.identities),
            ("users", &session.users),
            ("certificates", &session.certificates),
            ("applications", &session.applications),
        ];
        let mut terms: Vec<_> = lists
            .into_iter()
            .filter(|(_, words)| !words.is_empty())
            .map(|(noun, words)| (noun, joined(words)))
            .collect();
        let of_tags = grant.tags.iter().filter_map(|id| self.tag_limits(*id));
        let of_tags: Vec<_> = of_tags.collect();
        if !of_tags.is_empty() {
            terms.push(("limits of tags", of_tags.join(", ")));
        }
        if raw.encryption.is_some() {
            terms.push(("encryption", "required".to_owned()));
        }
        if let Some(rate) = grant.rate {
            terms.push(("rate", format!("at most {rate}")));
        }
        if let Some(when) = &grant.when {
            terms.push(("when", when.words(&self.policy.calendar)));
        }
        terms
    }

    /// What a tag's values must keep to, such as `TIC-101.SP 20..380 degC`.
    fn tag_limits(&self, id: crate::tags::TagId) -> Option<String> {
        let tag = self.policy.tags.tag(id)?;
        if tag.low.is_none() && tag.high.is_none() {
            return None;
        }
        let side = |limit: &Option<_>| limit.as_ref().map_or_else(String::new, ToString::to_string);
        let range = format!("{}..{}", side(&tag.low), side(&tag.high));
        let unit = tag.unit.as_deref().unwrap_or_default();
        Some(format!("{} {range} {unit}", tag.name).trim_end().to_owned())
    }
}

fn period(when: Option<&When>) -> (Option<Timestamp>, Option<Timestamp>) {
    when.map_or((None, None), |when| (when.period.from, when.period.until))
}
