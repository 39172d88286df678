//! Which sessions a statement is for (docs/POLICIES.md, "Only signed in, only encrypted").

use model::{Reason, Unseen, Verb};

use super::asked::Asked;
use super::meets::Meets;
use super::site::Statement;

/// Everything that a statement asks of a session, each on its own.
pub(super) fn asks(statement: &Statement, asked: &Asked) -> Vec<Meets> {
    let opens = asked.function.verb == Verb::Connect;
    let shown = |field: &str| {
        asked
            .shown
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, text)| *text)
    };
    let mut all = Vec::new();
    if statement.encryption {
        // what can be read is not encrypted
        let mode = shown("security_mode");
        all.push(match mode {
            _ if asked.encrypted => Meets::Allows,
            Some("sign_and_encrypt") => Meets::Allows,
            None if opens => Meets::Allows,
            _ => Meets::Misses(Reason::Encryption),
        });
    }
    let mut one_of = |list: &[&str], fields: &[&str], reason| {
        let values: Vec<_> = fields.iter().filter_map(|field| shown(field)).collect();
        let plain = |value: &str| value.rsplit('#').next().unwrap().to_owned();
        let fits = values.iter().any(|value| {
            let value = if fields == ["security_policy"] {
                plain(value)
            } else {
                (*value).to_owned()
            };
            list.iter().any(|word| {
                word.replace(':', "").to_lowercase() == value.replace(':', "").to_lowercase()
            })
        });
        all.push(match () {
            () if list.is_empty() || fits => Meets::Allows,
            () if !values.is_empty() => Meets::Misses(reason),
            () if opens => Meets::Allows,
            () => Meets::Unseen(Unseen::Session),
        });
    };
    one_of(
        &statement.security_modes,
        &["security_mode"],
        Reason::Security,
    );
    one_of(
        &statement.security_policies,
        &["security_policy"],
        Reason::Security,
    );
    one_of(&statement.identities, &["identity"], Reason::Identity);
    one_of(&statement.users, &["user"], Reason::Identity);
    let certificates = ["certificate_thumbprint", "user_certificate_thumbprint"];
    one_of(&statement.certificates, &certificates, Reason::Identity);
    one_of(
        &statement.applications,
        &["application_uri"],
        Reason::Identity,
    );
    all
}
