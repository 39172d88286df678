//! `bulkhead learn`: what is normal, from captures.

use anyhow::{Result, bail};
use engine::{Engine, Judges, Limits, Mode, Settings};

use super::walk;
use crate::cli::Learn;
use crate::{Ending, cli, judges, output};

/// Runs the command.
pub(crate) fn run(arguments: &Learn) -> Result<Ending> {
    let from = cli::Judges {
        policy: arguments.policy.clone(),
        keys: arguments.keys.clone(),
        ..cli::Judges::default()
    };
    let judges = match judges::load(&from)? {
        Ok(loaded) => Judges {
            policy: loaded.policy,
            ..Judges::default()
        },
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    let settings = Settings {
        site: String::new(),
        sensor: String::new(),
        limits: Limits::default(),
        mode: Mode::Learn,
        shards: 1,
    };
    let mut engine = Engine::new(settings, judges, None);
    let damages = walk::walk(&arguments.captures, &mut engine)?;
    let Some(baseline) = engine.learnt() else {
        bail!("nothing was learnt")
    };
    judges::keep_baseline(&baseline, &arguments.output)?;
    let pending = baseline.pending().count();
    tracing::info!(
        "{} facts in `{}`, {pending} of them await approval",
        baseline.rows().count(),
        arguments.output.display(),
    );
    walk::tell(&damages);
    Ok(if damages.is_empty() {
        Ending::Fine
    } else {
        Ending::Refused
    })
}
