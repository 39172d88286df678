//! `bulkhead policy sign`: a policy into one signed file.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use model::Timestamp;
use policy::Policy;
use policy::bundle::{Bundle, BundleError, PublicKey, SecretKey};

use crate::cli::policy::Sign;
use crate::{Ending, clock, judges, output};

/// Runs the command.
pub(crate) fn run(arguments: &Sign) -> Result<Ending> {
    let Sign { path, key, .. } = arguments;
    let pem = std::fs::read_to_string(key)
        .with_context(|| format!("cannot read key `{}`", key.display()))?;
    let key = SecretKey::from_pem(&pem).with_context(|| format!("`{}`", key.display()))?;
    let loaded = match Policy::load(path, &judges::vocabularies()) {
        Ok(loaded) => loaded,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    output::warnings(&loaded.warnings);
    let made = clock::now();
    let kept = loaded.policy.invariants(&judges::vocabularies(), made);
    for gap in &kept.gaps {
        tracing::warn!("invariants were not checked completely: {gap}");
    }
    if !kept.broken.is_empty() {
        output::problems(&kept.broken);
        return Ok(Ending::Refused);
    }
    let site = loaded.policy.site();
    let number = number(arguments, site, key.public(), made)?;
    let bytes = Bundle::sign(&loaded, path, number, made, &key)?;
    let out = arguments
        .output
        .clone()
        .unwrap_or_else(|| named(site, number));
    write(&out, &bytes)?;
    if out != Path::new("-") {
        output::print(&format!(
            "{}: policy of {site}, version {number}, {} file(s), signed with key {}",
            out.display(),
            loaded.texts.len(),
            key.public().id(),
        ))?;
    }
    Ok(Ending::Fine)
}

/// The version number: as asked for, or one more than that of the previous bundle, or the second.
fn number(arguments: &Sign, site: &str, key: PublicKey, made: Timestamp) -> Result<u64> {
    let by_clock = u64::try_from(made.as_nanos() / 1_000_000_000).unwrap_or_default();
    let Some(path) = &arguments.previous else {
        return Ok(arguments.version_number.unwrap_or(by_clock));
    };
    let name = format!("previous bundle `{}`", path.display());
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    let previous = Bundle::open(&bytes, &[key]);
    if matches!(previous, Err(BundleError::UnknownKey { .. })) {
        anyhow::bail!("{name} was signed with another key; write --version-number instead");
    }
    let previous = previous.with_context(|| format!("cannot take the {name}"))?;
    if previous.site != site {
        anyhow::bail!(
            "{name} is for site `{}`, and this policy for `{site}`",
            previous.site
        );
    }
    let next = previous.number.checked_add(1);
    next.with_context(|| format!("{name} has the highest number that there is"))
}

/// The name of a bundle that was given none: `water-07-42.bundle`.
fn named(site: &str, number: u64) -> PathBuf {
    let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == '.';
    let site = site.trim_start_matches('.').replace(|c| !fits(c), "-");
    format!("{site}-{number}.bundle").into()
}

/// Writes the bundle as a whole or not at all: a sensor may be looking at the path.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if path == Path::new("-") {
        let mut out = std::io::stdout().lock();
        return Ok(out.write_all(bytes).and_then(|()| out.flush())?);
    }
    let mut partial = path.to_owned().into_os_string();
    partial.push(".part");
    std::fs::write(&partial, bytes)
        .and_then(|()| std::fs::rename(&partial, path))
        .with_context(|| format!("cannot write `{}`", path.display()))
}
