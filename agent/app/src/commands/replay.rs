//! `bulkhead replay`: captures in, incidents and a summary out.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use engine::{Engine, Mode, Settings, Summary};
use model::{Incident, Severity};
use serde::Serialize;

use super::walk;
use crate::cli::{Format, Replay};
use crate::record::{Failure, Records};
use crate::watches::{Icsnpp, Watches};
use crate::{Ending, judges, output, report};

/// Runs the command.
pub(crate) fn run(arguments: &Replay) -> Result<Ending> {
    let dashes = [&arguments.operations, &arguments.incidents];
    let printed = dashes
        .into_iter()
        .flatten()
        .filter(|path| *path == Path::new("-"));
    if printed.count() + usize::from(arguments.json) > 1 {
        output::error(
            "only one of --json, --operations - and --incidents - can have standard output",
        );
        return Ok(Ending::Refused);
    }
    let judges = match judges::load(&arguments.judges)? {
        Ok(judges) => judges,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    let site = judges
        .policy
        .as_ref()
        .map_or("unnamed site", |policy| policy.site())
        .to_owned();
    let settings = Settings {
        site,
        sensor: "replay".to_owned(),
        limits: engine::Limits::default(),
        mode: Mode::Judge,
        shards: arguments.threads.into(),
    };
    let failures = Failures::default();
    let mut engine = Engine::new(settings, judges, failures.watches(arguments)?.boxed());
    let damages = walk::walk(&arguments.captures, &mut engine)?;
    if let Some(mut watch) = engine.take_watch() {
        watch.finish();
    }
    failures.raise(arguments)?;

    let incidents = engine.incidents();
    if let Some(path) = &arguments.incidents {
        write_incidents(path, &incidents)?;
    }
    show(arguments, &engine.summary(), &incidents)?;
    walk::tell(&damages);
    Ok(ending(&damages, arguments.fail_on, &incidents))
}

fn ending(damages: &[capture::Damage], fail_on: Option<Severity>, found: &[Incident]) -> Ending {
    match fail_on {
        _ if !damages.is_empty() => Ending::Refused,
        Some(level) if found.iter().any(|incident| incident.severity >= level) => Ending::Incidents,
        _ => Ending::Fine,
    }
}

/// Where those who watch leave their first failure to write.
#[derive(Default)]
struct Failures {
    records: Failure,
    logs: Failure,
}

impl Failures {
    fn watches(&self, arguments: &Replay) -> Result<Watches> {
        let mut watches = Watches::default();
        if let Some(path) = &arguments.operations {
            let several = arguments.captures.len() > 1;
            let out = output::create(path)?;
            watches.add(Records::new(out, several, self.records.clone()));
        }
        if let (Some(Format::Icsnpp), Some(folder)) = (arguments.format, &arguments.out) {
            let logs = Icsnpp::open(folder, self.logs.clone());
            watches.add(logs.with_context(|| cannot_write(folder))?);
        }
        Ok(watches)
    }

    fn raise(&self, arguments: &Replay) -> Result<()> {
        let paths = [&arguments.operations, &arguments.out];
        for (failure, path) in [&self.records, &self.logs].into_iter().zip(paths) {
            let failed = failure.lock().ok().and_then(|mut failure| failure.take());
            if let (Some(error), Some(path)) = (failed, path) {
                return Err(error).with_context(|| cannot_write(path));
            }
        }
        Ok(())
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}

fn write_incidents(path: &Path, incidents: &[Incident]) -> Result<()> {
    let mut out = output::create(path)?;
    let mut write = || -> Result<()> {
        for incident in incidents {
            serde_json::to_writer(&mut out, incident)?;
            out.write_all(b"\n")?;
        }
        Ok(out.flush()?)
    };
    write().with_context(|| cannot_write(path))
}

fn show(arguments: &Replay, summary: &Summary, incidents: &[Incident]) -> Result<()> {
    let dash = |path: &Option<_>| path.as_deref() == Some(Path::new("-"));
    match () {
        () if arguments.json => {
            let document = Document {
                summary: report::json(summary),
                incidents,
            };
            output::print(&serde_json::to_string_pretty(&document)?)
        }
        () if dash(&arguments.operations) || dash(&arguments.incidents) => Ok(()),
        () => output::print(&report::text(summary, incidents)),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    summary: serde_json::Value,
    incidents: &'a [Incident],
}
