//! What statements ask for beside verbs and targets, in words: times, sessions, values and rates.

use model::{Value, Written};

use crate::finding::Wording;
use crate::policy::Grant;
use crate::session::{Names, Session};

impl Wording<'_> {
    /// Why a statement does not hold now.
    pub(crate) fn time(&self, grant: Option<&Grant>) -> String {
        let when = grant.and_then(|grant| grant.when.as_ref());
        when.map_or_else(String::new, |when| {
            when.explain(self.event.stamp.time, &self.policy.calendar)
        })
    }

    /// How often a statement may be used.
    pub(crate) fn rate(&self, grant: Option<&Grant>) -> String {
        let rate = grant.and_then(|grant| grant.rate);
        rate.map_or_else(String::new, |rate| format!("`{rate}`"))
    }

    /// Which sessions a statement is for, and what this one shows.
    pub(crate) fn session(&self, grant: Option<&Grant>) -> String {
        let Some((ask, field, shown)) = self.unmet(grant) else {
            return "other sessions".to_owned();
        };
        format!("{field} {}, not `{shown}`", listed(ask))
    }

    /// What this session shows that a statement would have to list.
    pub(crate) fn shown(&self, grant: Option<&Grant>) -> String {
        self.unmet(grant).map_or_else(
            || "this session".to_owned(),
            |(_, field, shown)| format!("{field} `{shown}`"),
        )
    }

    /// The first thing that a statement asks of sessions and this one has otherwise.
    fn unmet<'a>(&'a self, grant: Option<&'a Grant>) -> Option<(&'a Names, &'static str, String)> {
        let session = grant?.session.as_ref()?;
        asks(session).into_iter().find_map(|(ask, noun, field)| {
            let names = ask?;
            let Some(Value::Text(value)) = self.operation.detail.field(field) else {
                return None;
            };
            let meant = match field {
                "security_policy" => value.rsplit('#').next().unwrap_or(&value),
                _ => &value,
            };
            let listed = names.iter().any(|name| **name == *meant);
            (!listed).then(|| (names, noun, meant.to_owned()))
        })
    }

    /// The first value that a statement does not allow, and what it allows.
    pub(crate) fn value(&self, grant: Option<&Grant>) -> String {
        let mut first = None;
        if let Some(grant) = grant {
            self.operation
                .detail
                .written(&mut |target, written: Written<'_>| {
                    if first.is_none() {
                        first = self.case().breach(grant, &target, &written);
                    }
                });
        }
        first.unwrap_or_else(|| "it was not seen".to_owned())
    }
}

/// What a statement can ask of sessions: the alternatives, how to call them, and the field that tells.
fn asks(session: &Session) -> [(Option<&Names>, &'static str, &'static str); 7] {
    let certificates = session.certificates.as_ref();
    [
        (session.modes.as_ref(), "security mode", "security_mode"),
        (
            session.policies.as_ref(),
            "security policy",
            "security_policy",
        ),
        (session.identities.as_ref(), "identity", "identity"),
        (session.users.as_ref(), "user", "user"),
        (certificates, "certificate", "user_certificate_thumbprint"),
        (certificates, "certificate", "certificate_thumbprint"),
        (
            session.applications.as_ref(),
            "application",
            "application_uri",
        ),
    ]
}

fn listed(names: &Names) -> String {
    let quoted: Vec<_> = names
        .iter()
        .take(MAX_SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = names.len().saturating_sub(MAX_SHOWN);
    match more {
        0 => quoted.join(" or "),
        more => format!("{} or {more} more", quoted.join(", ")),
    }
}

/// The most alternatives that a sentence names.
const MAX_SHOWN: usize = 4;
