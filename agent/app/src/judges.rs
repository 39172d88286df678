//! Loads policy, baseline and rules, and shows what is wrong with them.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use baseline::Baseline;
use detect::Rules;
use model::{Problem, Vocabulary};
use policy::Policy;
use store::{SignedPolicy, Store};

use crate::policies::Trust;
use crate::{cli, output, policies};

/// The words of every protocol, for those who judge.
pub(crate) fn vocabularies() -> Vec<&'static Vocabulary> {
    decode::PROTOCOLS
        .iter()
        .map(|protocol| protocol.vocabulary)
        .collect()
}

/// Who judges, and which bundle the policy came in.
pub(crate) type Trusted = (engine::Judges, Option<SignedPolicy>);

/// Everything that was asked for, or every problem of every file.
///
/// # Errors
///
/// When a file cannot be read at all. Problems within files are the inner error.
pub(crate) fn load(from: &cli::Judges) -> Result<Result<engine::Judges, Vec<Problem>>> {
    let trust = Trust::in_keys(&from.keys.policy_keys);
    Ok(load_trusted(from, &trust)?.map(|(judges, _)| judges))
}

/// Everything that was asked for, and which bundle the policy came in, or every problem of every file.
///
/// # Errors
///
/// When a file cannot be read at all. Problems within files are the inner error.
pub(crate) fn load_trusted(
    from: &cli::Judges,
    trust: &Trust,
) -> Result<Result<Trusted, Vec<Problem>>> {
    let mut problems = Vec::new();
    let policy = from
        .policy
        .as_deref()
        .and_then(|path| keep(policy(path, trust), &mut problems));
    let (policy, signed) = policy.unzip();
    let rules = keep(rules(from.rules.as_deref()), &mut problems);
    let baseline = match from.baseline.as_deref() {
        Some(path) => keep(baseline(path)?, &mut problems),
        None => None,
    };
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let judges = engine::Judges {
        policy: policy.map(Arc::new),
        baseline: baseline.map(Arc::new),
        rules: rules.map(Arc::new),
    };
    Ok(Ok((judges, signed.flatten())))
}

fn keep<T>(loaded: Result<T, Vec<Problem>>, problems: &mut Vec<Problem>) -> Option<T> {
    loaded.map_err(|more| problems.extend(more)).ok()
}

fn policy(path: &Path, trust: &Trust) -> Result<(Policy, Option<SignedPolicy>), Vec<Problem>> {
    let (loaded, signed) = policies::load(path, trust)?;
    output::warnings(&loaded.warnings);
    Ok((loaded.policy, signed))
}

/// The rules of a folder, or those that come with the sensor.
///
/// # Errors
///
/// Every problem of every rule.
pub(crate) fn rules(folder: Option<&Path>) -> Result<Rules, Vec<Problem>> {
    match folder {
        Some(folder) => Rules::load(folder, &vocabularies()),
        None => Rules::shipped(&vocabularies()),
    }
}

/// A baseline from a sensor's store or from text, whichever the file is.
///
/// # Errors
///
/// When the file cannot be read; problems within a text are the inner error.
pub(crate) fn baseline(path: &Path) -> Result<Result<Baseline, Vec<Problem>>> {
    let name = path.display().to_string();
    if is_store(path)? {
        let store = Store::open(path).with_context(|| format!("cannot open `{name}`"))?;
        let rows = store
            .load_baseline()
            .with_context(|| format!("cannot read `{name}`"))?;
        return Ok(Baseline::from_rows(
            &name,
            rows.into_iter().map(from_stored),
        ));
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    Ok(Baseline::from_text(&name, &text))
}

/// Keeps a baseline in a sensor's store or as text, by the file's name.
///
/// # Errors
///
/// When the file cannot be written.
pub(crate) fn keep_baseline(baseline: &Baseline, path: &Path) -> Result<()> {
    let name = path.display().to_string();
    if path == Path::new("-") {
        return output::print(&baseline.to_text());
    }
    if names_store(path) {
        let mut store = Store::open(path).with_context(|| format!("cannot open `{name}`"))?;
        let rows: Vec<_> = baseline.rows().map(to_stored).collect();
        return store
            .save_baseline(&rows)
            .with_context(|| format!("cannot write `{name}`"));
    }
    std::fs::write(path, baseline.to_text()).with_context(|| format!("cannot write `{name}`"))
}

fn names_store(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "db" || extension == "sqlite")
}

fn is_store(path: &Path) -> Result<bool> {
    use std::io::Read as _;
    let mut start = Vec::new();
    let file =
        std::fs::File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    file.take(16).read_to_end(&mut start)?;
    Ok(start == b"SQLite format 3\0")
}

fn from_stored(row: store::BaselineRow) -> baseline::Row {
    let store::BaselineRow {
        key,
        state,
        count,
        first,
        last,
        ..
    } = row;
    baseline::Row {
        key,
        state,
        count,
        first,
        last,
    }
}

fn to_stored(row: baseline::Row) -> store::BaselineRow {
    let baseline::Row {
        key,
        state,
        count,
        first,
        last,
    } = row;
    store::BaselineRow {
        key,
        state,
        count,
        first,
        last,
        approved_by: None,
    }
}
