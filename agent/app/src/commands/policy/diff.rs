//! `bulkhead policy diff`: what changes between two policies, in classes, and in what was seen.

mod seen;
mod stored;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use model::{Problem, Timestamp};
use policy::{Change, Class, Difference, Policy, Turn};
use serde::Serialize;
use serde_json::json;

use crate::cli::policy::{Diff, FailOn};
use crate::commands::walk;
use crate::output::{BOLD, DIM, GREEN, RED, YELLOW};
use crate::policies::{self, Trust};
use crate::{Ending, clock, judges, output};

use seen::Seen;
use stored::Stored;

/// Runs the command; `verbose` is how much more is to be said.
pub(crate) fn run(arguments: &Diff, verbose: u8) -> Result<Ending> {
    let trust = Trust::in_keys(&arguments.keys.policy_keys);
    let [old, new] = [&arguments.old, &arguments.new].map(|path| load(path, &trust));
    let from = arguments
        .from
        .as_deref()
        .map_or_else(|| Ok(clock::this_second()), moment);
    let (old, new, from) = match (old, new, from) {
        (Ok(old), Ok(new), Ok(from)) => (old, new, from),
        (old, new, from) => {
            let problems = [old.err(), new.err()].into_iter().flatten().flatten();
            let problems: Vec<Problem> = problems.collect();
            if !problems.is_empty() {
                output::problems(&problems);
            }
            if let Err(what) = from {
                output::error(&what);
            }
            return Ok(Ending::Refused);
        }
    };
    let mut difference = new.difference(&old, &judges::vocabularies(), from);
    if verbose == 0 {
        difference
            .classes
            .retain(|class| class.change != Change::Otherwise);
    }
    let (seen, damages) = if arguments.captures.is_empty() {
        (None, Vec::new())
    } else {
        let (seen, damages) = seen::replay(&arguments.captures, [&old, &new])?;
        (Some(seen), damages)
    };
    let stored = arguments.store.as_deref();
    let stored = stored
        .map(|path| stored::look(path, [&old, &new]))
        .transpose()?;
    let report = Report {
        old: Version::of(&arguments.old, &old),
        new: Version::of(&arguments.new, &new),
        from,
        difference,
        seen,
        stored,
    };
    if arguments.print.json {
        output::print(&serde_json::to_string_pretty(&report)?)?;
    } else {
        output::print(&report.text())?;
    }
    walk::tell(&damages);
    let stops = arguments.fail_on.is_some_and(|level| report.stops(level));
    Ok(match (damages.is_empty(), stops) {
        (false, _) => Ending::Refused,
        (true, true) => Ending::Incidents,
        (true, false) => Ending::Fine,
    })
}

fn load(path: &Path, trust: &Trust) -> Result<Arc<Policy>, Vec<Problem>> {
    let (loaded, _) = policies::load(path, trust)?;
    Ok(Arc::new(loaded.policy))
}

/// Everything that the command has to say.
#[derive(Serialize)]
struct Report {
    old: Version,
    new: Version,
    from: Timestamp,
    #[serde(flatten)]
    difference: Difference,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Seen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<Stored>,
}

/// Which policy it is.
#[derive(Serialize)]
struct Version {
    path: String,
    version: String,
}

impl Version {
    fn of(path: &Path, policy: &Policy) -> Self {
        Self {
            path: path.display().to_string(),
            version: policy.version().to_owned(),
        }
    }
}

impl Report {
    /// Whether the difference is one that somebody wants to be stopped by.
    fn stops(&self, level: FailOn) -> bool {
        let turn = self.difference.difference;
        match level {
            FailOn::Wider => matches!(turn, Turn::Wider | Turn::Both),
            FailOn::Narrower => matches!(turn, Turn::Narrower | Turn::Both),
            FailOn::Any => turn != Turn::Equivalent || !self.difference.gaps.is_empty(),
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let Difference {
            difference,
            classes,
            gaps,
            left_out,
            ..
        } = &self.difference;
        let style = match difference {
            Turn::Equivalent => GREEN,
            Turn::Narrower => YELLOW,
            Turn::Wider | Turn::Both => RED,
        };
        let _ = writeln!(text, "{style}{}{style:#}", difference.name());
        for gap in gaps {
            let _ = writeln!(text, "{YELLOW}not compared completely{YELLOW:#}: {gap}");
        }
        for what in left_out {
            let _ = writeln!(text, "{DIM}not asked{DIM:#} {what}");
        }
        let parts = [
            (Change::Allowed, "becomes allowed", '+'),
            (Change::Denied, "becomes denied", '-'),
            (Change::Otherwise, "is decided by another conduit", '~'),
        ];
        for (change, title, mark) in parts {
            let of = classes.iter().filter(|class| class.change == change);
            let of: Vec<&Class> = of.collect();
            if of.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n{BOLD}{title}{BOLD:#} ({})", of.len());
            for class in of {
                let _ = writeln!(text, "{mark} {class}");
                let _ = writeln!(text, "    {DIM}such as{DIM:#} {}", class.witness);
                let _ = writeln!(text, "    {DIM}explain{DIM:#} {}", class.explain);
            }
        }
        if let Some(seen) = &self.seen {
            seen.write(&mut text);
        }
        if let Some(stored) = &self.stored {
            stored.write(&mut text);
        }
        text
    }
}

/// Reads a moment: a date, or with a time and an offset.
fn moment(text: &str) -> Result<Timestamp, String> {
    let whole = if text.contains(['T', ' ']) {
        text.replace(' ', "T")
    } else {
        format!("{text}T00:00:00Z")
    };
    serde_json::from_value(json!(whole)).map_err(|_| {
        format!("`{text}` is no moment; write `2026-12-01` or `2026-12-01T06:00:00+01:00`")
    })
}
