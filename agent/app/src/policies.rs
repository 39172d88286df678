//! A policy from wherever a path leads: a file, a folder, or a signed bundle.
//!
//! A bundle is believed only by a key that was named beforehand, and nothing in it is read before.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use model::{Place, Problem, Timestamp};
use policy::bundle::{self, Bundle, BundleError, PublicKey};
use policy::{Loaded, Policy};
use serde::Deserialize;
use store::{Acceptance, SignedPolicy, Store};

use crate::judges;

/// Whether a policy must be signed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signature {
    /// Only a bundle is taken.
    Required,
    /// Files and folders are taken too.
    #[default]
    Optional,
}

/// Whom to believe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// Files of public keys.
    pub(crate) keys: Vec<PathBuf>,
    /// Whether policies must be signed with one of them.
    pub(crate) signature: Signature,
}

impl Trust {
    /// Whoever holds one of these keys, and the files of this machine.
    pub(crate) fn in_keys(keys: &[PathBuf]) -> Self {
        Self {
            keys: keys.to_vec(),
            signature: Signature::Optional,
        }
    }
}

/// Loads a policy from a file, a folder or a bundle, and says which bundle it was.
///
/// # Errors
///
/// Everything that is wrong with it.
pub(crate) fn load(
    path: &Path,
    trust: &Trust,
) -> Result<(Loaded, Option<SignedPolicy>), Vec<Problem>> {
    let words = judges::vocabularies();
    if is_bundle(path) {
        let bundle = open(path, &trust.keys)?;
        let loaded = bundle.load(&words)?;
        let Bundle {
            site,
            number,
            digest,
            ..
        } = bundle;
        let signed = SignedPolicy {
            site,
            number,
            digest,
        };
        return Ok((loaded, Some(signed)));
    }
    if trust.signature == Signature::Required {
        let help = "sign it with `bulkhead policy sign`, or write `policy_signature: optional`";
        return Err(vec![problem(path, "the policy is not signed", Some(help))]);
    }
    Ok((Policy::load(path, &words)?, None))
}

/// Whether a path leads to a bundle.
pub(crate) fn is_bundle(path: &Path) -> bool {
    // what is no plain file, such as a pipe, can be read only once
    if !path.is_file() {
        return false;
    }
    let mut start = Vec::new();
    let file = std::fs::File::open(path);
    let read = file.and_then(|file| file.take(64).read_to_end(&mut start));
    read.is_ok() && Bundle::is_one(&start)
}

/// Opens a bundle that one of the keys has signed.
///
/// # Errors
///
/// What is wrong with the keys or with the bundle.
pub(crate) fn open(path: &Path, keys: &[PathBuf]) -> Result<Bundle, Vec<Problem>> {
    let mut trusted = Vec::new();
    let mut problems = Vec::new();
    for file in keys {
        match public_key(file) {
            Ok(key) => trusted.push(key),
            Err(error) => problems.push(problem(file, &format!("{error:#}"), None)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let bytes = bounded(path)
        .map_err(|error| vec![problem(path, &format!("cannot be read: {error}"), None)])?;
    Bundle::open(&bytes, &trusted).map_err(|error| {
        let help = match error {
            BundleError::UnknownKey { .. } if keys.is_empty() => Some(
                "name the public key of who signs (`--policy-key`, or `policy_keys` of a sensor)",
            ),
            BundleError::Tampered => Some("have it sent again by another way, and ask who had it"),
            _ => None,
        };
        vec![problem(path, &error.to_string(), help)]
    })
}

/// A public key from its file.
///
/// # Errors
///
/// When the file cannot be read, or holds something else.
pub(crate) fn public_key(path: &Path) -> Result<PublicKey> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read public key `{}`", path.display()))?;
    PublicKey::from_text(&text).with_context(|| format!("`{}`", path.display()))
}

/// The bytes of a file that may be a bundle; one too many of them where it is too large to be one.
fn bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(bundle::MAX_BYTES + 1).unwrap_or(u64::MAX);
    let file = std::fs::File::open(path)?;
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Asks the store whether a signed policy may judge, now and after every restart; the store remembers.
///
/// # Errors
///
/// Why it may not, in one sentence.
pub(crate) fn admit(
    signed: Option<&SignedPolicy>,
    site: Option<&str>,
    store: &mut Store,
    now: Timestamp,
) -> Result<()> {
    let Some(signed) = signed else {
        return Ok(());
    };
    admitted(signed, site, |signed, may_move| {
        store.accept_policy(signed, may_move, now)
    })
}

/// Asks a store that is there whether a signed policy would be admitted; the store remembers nothing.
///
/// # Errors
///
/// Why it would not, in one sentence.
pub(crate) fn weigh(signed: Option<&SignedPolicy>, site: Option<&str>, store: &Path) -> Result<()> {
    let Some(signed) = signed.filter(|_| store.exists()) else {
        return Ok(());
    };
    let name = store.display();
    let store = Store::open(store).with_context(|| format!("cannot open store `{name}`"))?;
    admitted(signed, site, |signed, may_move| {
        store.weigh_policy(signed, may_move)
    })
}

fn admitted(
    signed: &SignedPolicy,
    site: Option<&str>,
    ask: impl FnOnce(&SignedPolicy, bool) -> Result<Acceptance, store::StoreError>,
) -> Result<()> {
    let name = format!(
        "the policy of `{}`, version {},",
        signed.site, signed.number
    );
    if let Some(site) = site.filter(|site| *site != signed.site) {
        anyhow::bail!("{name} is not for this sensor: `policy_site` is `{site}`");
    }
    match ask(signed, site.is_some())? {
        Acceptance::Accepted => Ok(()),
        Acceptance::Older { than, at } => anyhow::bail!(
            "{name} is older than version {than}, which was accepted at {at}; \
             to go back to what it says, sign it again with a higher number"
        ),
        Acceptance::Differs { at } => anyhow::bail!(
            "{name} is not the one with this number that was accepted at {at}; \
             sign it with a higher number"
        ),
        Acceptance::OtherSite { site } => anyhow::bail!(
            "{name} is for another site than the policy of `{site}`, by which this sensor has judged; \
             if the sensor moved, write `policy_site: {}` into its configuration",
            signed.site
        ),
    }
}

fn problem(path: &Path, what: &str, help: Option<&str>) -> Problem {
    Problem {
        width: 0,
        at: Place {
            file: path.display().to_string(),
            line: 1,
            column: 1,
        },
        what: what.to_owned(),
        help: help.map(str::to_owned),
    }
}
