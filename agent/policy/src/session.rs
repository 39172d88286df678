//! Which sessions a statement is for: how the channel is protected, and who is behind it.
//!
//! What a message shows of its session is asked by the names that vocabularies list: `security_mode`,
//! `security_policy`, `encrypted`, `identity`, `user`, `application_uri`, `certificate_thumbprint` and
//! `user_certificate_thumbprint`. A message that opens a conversation may not show them yet, and fits; any other
//! message that does not show what is asked for was seen without the start of its conversation.

use model::{Operation, Reason, Value, Verb, Vocabulary, closest};

use crate::node::Word;
use crate::problems::Problems;
use crate::raw;

/// What a statement asks of sessions; what is `None` is not asked.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Session {
    /// Nobody on the way may read along.
    pub(crate) encrypted: bool,
    pub(crate) modes: Option<Names>,
    /// What stands behind the `#` of a policy's URI.
    pub(crate) policies: Option<Names>,
    pub(crate) identities: Option<Names>,
    pub(crate) users: Option<Names>,
    /// SHA-1 thumbprints in lower case, of the client application's or the user's certificate.
    pub(crate) certificates: Option<Names>,
    pub(crate) applications: Option<Names>,
}

/// Alternatives, sorted.
pub(crate) type Names = Box<[Box<str>]>;

/// How a message meets what a statement asks of its session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Meeting {
    Fits,
    /// What would tell was not seen.
    Unseen,
    Misses(Reason),
}

impl Session {
    /// Reads what a statement asks; `None` where it asks nothing.
    pub(crate) fn read(
        raw: &raw::Statement,
        known: &[&'static Vocabulary],
        problems: &mut Problems,
    ) -> Option<Self> {
        let of = &raw.session;
        let mut chosen = |field, list| choices(field, list, known, problems);
        let modes = chosen("security_mode", &of.security_modes);
        let policies = chosen("security_policy", &of.security_policies);
        let identities = chosen("identity", &of.identities);
        let session = Self {
            encrypted: encryption(raw.encryption.as_ref(), problems),
            modes,
            policies,
            identities,
            users: names(of.users.iter().map(|word| word.text.clone())),
            certificates: certificates(&of.certificates, problems),
            applications: names(of.applications.iter().map(|word| word.text.clone())),
        };
        for (field, key, word) in stated(raw) {
            check_known(field, key, word, known, problems);
        }
        (session != Self::default()).then_some(session)
    }

    /// How a message meets it.
    pub(crate) fn meet(&self, operation: &Operation<'_>) -> Meeting {
        let asks = [
            (self.encrypted).then(|| encrypted(operation)),
            Self::one_of(operation, &self.modes, &["security_mode"], Reason::Security),
            Self::one_of(
                operation,
                &self.policies,
                &["security_policy"],
                Reason::Security,
            ),
            Self::one_of(operation, &self.identities, &["identity"], Reason::Identity),
            Self::one_of(operation, &self.users, &["user"], Reason::Identity),
            Self::one_of(
                operation,
                &self.certificates,
                &["certificate_thumbprint", "user_certificate_thumbprint"],
                Reason::Identity,
            ),
            Self::one_of(
                operation,
                &self.applications,
                &["application_uri"],
                Reason::Identity,
            ),
        ];
        let misses = |met: &Meeting| matches!(met, Meeting::Misses(_));
        let met = || asks.into_iter().flatten();
        // what was not seen decides nothing where something else does not fit
        met()
            .find(misses)
            .or_else(|| met().find(|met| *met == Meeting::Unseen))
            .unwrap_or(Meeting::Fits)
    }

    /// The alternatives for a field, where some are listed.
    pub(crate) fn names(&self, field: &str) -> Option<&Names> {
        let of = match field {
            "security_mode" => &self.modes,
            "security_policy" => &self.policies,
            "identity" => &self.identities,
            "user" => &self.users,
            "certificate_thumbprint" => &self.certificates,
            "application_uri" => &self.applications,
            _ => &None,
        };
        of.as_ref()
    }

    /// Whether it asks anything of a field.
    pub(crate) fn asks(&self, field: &str) -> bool {
        self.names(field).is_some() || self.encrypted && field == "security_mode"
    }

    /// Whether it accepts a field's value.
    pub(crate) fn accepts(&self, field: &str, value: &str) -> bool {
        let listed = |names: &Names| names.iter().any(|name| **name == *value);
        self.is_secret_enough(field, value) && self.names(field).is_none_or(listed)
    }

    /// Whether it asks for no more encryption than a field's value stands for.
    pub(crate) fn is_secret_enough(&self, field: &str, value: &str) -> bool {
        !self.encrypted || field != "security_mode" || value == ENCRYPTING
    }

    /// How a message meets one list of alternatives, any of whose fields may fit.
    fn one_of(
        operation: &Operation<'_>,
        names: &Option<Names>,
        fields: &[&str],
        reason: Reason,
    ) -> Option<Meeting> {
        let names = names.as_deref()?;
        let mut shown = false;
        for field in fields {
            if let Some(Value::Text(value)) = operation.detail.field(field) {
                shown = true;
                let meant = value
                    .rsplit('#')
                    .next()
                    .filter(|_| *field == "security_policy");
                let meant = meant.unwrap_or(&value);
                if names.binary_search_by(|name| (**name).cmp(meant)).is_ok() {
                    return Some(Meeting::Fits);
                }
            }
        }
        Some(match (shown, operation.function.verb) {
            (true, _) => Meeting::Misses(reason),
            (false, Verb::Connect) => Meeting::Fits,
            (false, _) => Meeting::Unseen,
        })
    }
}

/// What a statement asks of sessions: the field that shows it, the key, and the first word.
fn stated(raw: &raw::Statement) -> impl Iterator<Item = (&'static str, &'static str, &Word)> {
    let of = &raw.session;
    let lists = [
        ("user", "users", of.users.first()),
        (
            "certificate_thumbprint",
            "certificates",
            of.certificates.first(),
        ),
        ("application_uri", "applications", of.applications.first()),
    ];
    let lists = lists.into_iter();
    lists.filter_map(|(field, key, word)| Some((field, key, word?)))
}

/// Says what no message of the statement's protocols can show; what a list of choices is for says so itself.
fn check_known(
    field: &str,
    key: &str,
    word: &Word,
    known: &[&'static Vocabulary],
    problems: &mut Problems,
) {
    let shows =
        |of: &&Vocabulary| of.fields.contains(&field) || of.volatile_fields.contains(&field);
    if known.is_empty() || known.iter().any(shows) {
        return;
    }
    let names: Vec<_> = known.iter().map(|of| format!("`{}`", of.name)).collect();
    let what = format!("messages of {} show no `{key}`", names.join(", "));
    problems.error_with(
        word.at,
        what,
        "no message would fit; leave it out, or give it a statement of its own",
    );
}

/// Whether nobody on the way can read a message.
fn encrypted(operation: &Operation<'_>) -> Meeting {
    let field = |name| operation.detail.field(name);
    let hidden = field("encrypted") == Some(Value::Bool(true));
    match field("security_mode") {
        _ if hidden => Meeting::Fits,
        Some(Value::Text(mode)) if mode == ENCRYPTING => Meeting::Fits,
        None if operation.function.verb == Verb::Connect => Meeting::Fits,
        _ => Meeting::Misses(Reason::Encryption),
    }
}

/// Reads words of which the vocabularies list all.
fn choices(
    field: &str,
    list: &[Word],
    known: &[&'static Vocabulary],
    problems: &mut Problems,
) -> Option<Names> {
    let all = known.iter().flat_map(|vocabulary| vocabulary.choices);
    let all: Vec<&str> = all
        .filter(|(of, _)| *of == field)
        .flat_map(|(_, words)| *words)
        .copied()
        .collect();
    let noun = field.replace('_', " ");
    for word in list {
        if known.is_empty() || all.contains(&word.text.as_str()) {
            continue;
        }
        let what = format!("no {noun} `{}`", word.text);
        let help = match closest(&word.text, all.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if all.is_empty() => "the statement's protocols have none".to_owned(),
            None => format!("it is one of {}", all.join(", ")),
        };
        problems.error_with(word.at, what, help);
    }
    names(list.iter().map(|word| word.text.clone()))
}

fn encryption(word: Option<&Word>, problems: &mut Problems) -> bool {
    let Some(word) = word else { return false };
    if word.text != "required" {
        let what = format!("`encryption` cannot be `{}`", word.text);
        problems.error_with(
            word.at,
            what,
            "write `encryption: required`, or leave it out",
        );
    }
    true
}

fn certificates(list: &[Word], problems: &mut Problems) -> Option<Names> {
    let read = |word: &Word| {
        let bare: String = word
            .text
            .chars()
            .filter(|c| !matches!(c, ':' | ' '))
            .collect();
        bare.to_ascii_lowercase()
    };
    for word in list {
        let text = read(word);
        if text.len() != THUMBPRINT || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let what = format!("`{}` is no thumbprint", word.text);
            problems.error_with(
                word.at,
                what,
                "a thumbprint is SHA-1: 40 hexadecimal digits",
            );
        }
    }
    names(list.iter().map(read))
}

fn names(list: impl Iterator<Item = String>) -> Option<Names> {
    let mut names: Vec<Box<str>> = list.map(String::into_boxed_str).collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| names.into())
}

/// The security mode that encrypts (OPC 10000-4, 7.20).
const ENCRYPTING: &str = "sign_and_encrypt";

/// Digits of a SHA-1 thumbprint.
const THUMBPRINT: usize = 40;
