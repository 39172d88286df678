//! `bulkhead policy report`: what a policy states and what captures show of it, for an auditor.

mod document;
mod html;
mod requirements;
mod seen;
mod slots;

use std::io::Write as _;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use engine::{Engine, Judges, Mode, Settings};
use model::Timestamp;
use policy::report::Outline;

use self::document::{Document, Parts};
use self::seen::Witness;
use crate::cli::policy::Report;
use crate::commands::walk;
use crate::policies::{self, Trust};
use crate::{Ending, output};

/// Runs the command.
pub(crate) fn run(arguments: &Report) -> Result<Ending> {
    let trust = Trust::in_keys(&arguments.keys.policy_keys);
    let loaded = match policies::load(&arguments.path, &trust) {
        Ok((loaded, _)) => loaded,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    output::warnings(&loaded.warnings);
    let outline = Outline::of(&loaded);
    let witness = Witness::default();
    let captures = &arguments.captures;
    let (seen, damages) = if captures.is_empty() {
        (None, Vec::new())
    } else {
        let mut engine = Engine::new(
            settings(&outline.site),
            Judges {
                policy: Some(loaded.policy.into()),
                ..Judges::default()
            },
            Some(Box::new(witness.clone())),
        );
        let damages = walk::walk(captures, &mut engine)?;
        let (summary, incidents) = (engine.summary(), engine.incidents());
        (Some((witness.into_seen(), summary, incidents)), damages)
    };
    let requirements = requirements::shipped()?;
    let document = Document::of(Parts {
        policy: outline,
        as_of: seen
            .as_ref()
            .map_or_else(|| Some(today()), |(_, summary, _)| summary.last),
        seen,
        captures: captures
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        damages: damages.iter().map(ToString::to_string).collect(),
        requirements: &requirements,
    });
    write(arguments, &document)?;
    walk::tell(&damages);
    Ok(if damages.is_empty() {
        Ending::Fine
    } else {
        Ending::Refused
    })
}

/// When the day began, in UTC, by the machine's clock.
fn today() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let days = since_epoch.unwrap_or_default().as_secs() / DAY;
    let nanos = i64::try_from(days * DAY).map(|secs| secs.saturating_mul(1_000_000_000));
    Timestamp::from_nanos(nanos.unwrap_or(i64::MAX))
}

fn settings(site: &str) -> Settings {
    Settings {
        site: site.to_owned(),
        sensor: "report".to_owned(),
        limits: engine::Limits::default(),
        mode: Mode::Judge,
        shards: 1,
    }
}

fn write(arguments: &Report, document: &Document) -> Result<()> {
    let text = if arguments.json {
        serde_json::to_string_pretty(document)? + "\n"
    } else {
        html::page(document)
    };
    let path = &arguments.output;
    let mut out = output::create(path)?;
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .with_context(|| format!("cannot write `{}`", path.display()))
}

/// Seconds of a day.
const DAY: u64 = 86_400;
