//! Sessions of every kind: field by field, the values of its closed list, or those that statements name and another.

use std::collections::BTreeSet;

use model::{Function, Vocabulary};

use super::walk::{Answer, Draft, Walk, kept};

impl Walk<'_, '_, '_> {
    pub(super) fn sessions(
        &mut self,
        draft: &Draft,
        choice: &[Function],
        fields: &'static [&'static str],
    ) -> bool {
        let Some((field, rest)) = fields.split_first() else {
            return self.targets(draft, choice);
        };
        let asked = self.of(&draft.grants).into_iter().any(|(_, grant)| {
            let session = grant.session.as_ref();
            session.is_some_and(|session| session.asks(field))
        });
        if !asked || !shows(self.lanes.words, field) {
            return self.sessions(draft, choice, rest);
        }
        let mut groups: Vec<(Vec<Answer>, Vec<String>)> = Vec::new();
        for value in self.possible(draft, field) {
            let answers = self.answers(&draft.grants, |_, grant| {
                let session = grant.session.as_ref();
                let fits = session.is_none_or(|session| session.accepts(field, &value));
                let near = session.is_none_or(|session| session.is_secret_enough(field, &value));
                (fits, near)
            });
            match groups.iter_mut().find(|(of, _)| *of == answers) {
                Some((_, list)) => list.push(value),
                None => groups.push((answers, vec![value])),
            }
        }
        let several = groups.len() > 1;
        for (answers, list) in groups {
            let mut next = draft.clone();
            next.grants = kept(&draft.grants, &answers);
            next.witness
                .session
                .extend(list.first().map(|value| (*field, value.clone())));
            if several {
                let values: Vec<_> = list.iter().map(|value| told(field, value)).collect();
                let noun = field.replace('_', " ");
                next.texts
                    .session
                    .push(format!("{noun} {}", values.join(" or ")));
            }
            if !self.sessions(&next, choice, rest) {
                return false;
            }
        }
        true
    }

    /// The values that a field of a session can have: those of its closed list, or those that are named and another.
    pub(super) fn possible(&self, draft: &Draft, field: &str) -> Vec<String> {
        let choices = self.lanes.words.choices.iter();
        if let Some((_, all)) = choices.into_iter().find(|(of, _)| *of == field) {
            return all.iter().map(|value| (*value).to_owned()).collect();
        }
        let mut named: BTreeSet<String> = BTreeSet::new();
        for (_, grant) in self.of(&draft.grants) {
            if let Some(names) = grant
                .session
                .as_ref()
                .and_then(|session| session.names(field))
            {
                named.extend(names.iter().map(ToString::to_string));
            }
        }
        let mut other = if field == THUMBPRINT {
            "0".repeat(40)
        } else {
            OTHER.to_owned()
        };
        while named.contains(&other) {
            other.push('~');
        }
        named.into_iter().chain([other]).collect()
    }
}

/// Whether messages of a protocol show a field.
fn shows(words: &Vocabulary, field: &str) -> bool {
    let choices = || words.choices.iter().any(|(of, _)| *of == field);
    words.fields.contains(&field) || choices()
}

fn told(field: &str, value: &str) -> String {
    let is_other = value.trim_end_matches('~') == OTHER || value == "0".repeat(40);
    if is_other && field != "security_mode" {
        "another".to_owned()
    } else {
        format!("`{value}`")
    }
}

/// The fields of a session, in the order in which statements ask for them.
pub(super) const SESSION: &[&str] = &[
    "security_mode",
    "security_policy",
    "identity",
    "user",
    THUMBPRINT,
    "application_uri",
];

const THUMBPRINT: &str = "certificate_thumbprint";

/// A name that nobody has.
const OTHER: &str = "another";
