//! `bulkhead policy fmt`: policy files as everybody writes them.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, Result, bail};
use model::Problem;
use policy::Text;
use similar::{ChangeTag, TextDiff};

use crate::cli::policy::Fmt;
use crate::{Ending, output, replace};

/// A file that was formatted, in memory.
struct Done {
    before: Text,
    after: String,
}

/// Runs the command.
pub(crate) fn run(arguments: &Fmt) -> Result<Ending> {
    if arguments.paths.iter().any(|path| path == Path::new("-")) {
        return standard_input(arguments);
    }
    let (files, mut problems) = files(&arguments.paths);
    if arguments.stdout && files.len() != 1 {
        bail!("--stdout takes one file; these are {}", files.len());
    }
    let done: Vec<_> = files
        .into_iter()
        .filter_map(|file| {
            let done = Done::of(file);
            done.map_err(|more| problems.extend(more)).ok()
        })
        .collect();
    if arguments.stdout {
        done.iter().try_for_each(|done| print(&done.after))?;
    } else {
        settle(arguments, &done)?;
    }
    if !problems.is_empty() {
        output::problems(&problems);
        return Ok(Ending::Refused);
    }
    let differs = arguments.check && done.iter().any(Done::differs);
    Ok(if differs {
        Ending::Differs
    } else {
        Ending::Fine
    })
}

/// Shows or writes what changes.
fn settle(arguments: &Fmt, done: &[Done]) -> Result<()> {
    let writes = !arguments.check && !arguments.diff;
    for done in done.iter().filter(|done| done.differs()) {
        if writes {
            replace::replace(Path::new(&done.before.name), &done.after)?;
        }
        match arguments.diff {
            true => output::print(&done.diff())?,
            false => output::print(&done.before.name)?,
        }
    }
    Ok(())
}

/// Formats standard input; an editor gets its text back, or nothing.
fn standard_input(arguments: &Fmt) -> Result<Ending> {
    if arguments.paths.len() > 1 {
        bail!("`-` stands alone");
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("cannot read standard input")?;
    let before = Text {
        name: "<stdin>".to_owned(),
        text,
    };
    let done = match Done::of(before) {
        Ok(done) => done,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    if arguments.diff && done.differs() {
        output::print(&done.diff())?;
    } else if !arguments.check && !arguments.diff {
        print(&done.after)?;
    }
    let differs = arguments.check && done.differs();
    Ok(if differs {
        Ending::Differs
    } else {
        Ending::Fine
    })
}

/// Prints a text as it is, whatever is in it.
fn print(text: &str) -> Result<()> {
    let mut out = output::create(Path::new("-"))?;
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Every file once, and what is wrong with those that cannot be read.
fn files(paths: &[PathBuf]) -> (Vec<Text>, Vec<Problem>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for (texts, more) in paths.iter().map(|path| Text::all(path)) {
        files.extend(texts);
        problems.extend(more);
    }
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.name.clone()));
    (files, problems)
}

impl Done {
    fn of(before: Text) -> Result<Self, Vec<Problem>> {
        let after = policy::format(&before)?;
        Ok(Self { before, after })
    }

    fn differs(&self) -> bool {
        self.before.text != self.after
    }

    /// What changes, as `diff -u` shows it.
    fn diff(&self) -> String {
        let (name, diff) = (
            &self.before.name,
            TextDiff::from_lines(&self.before.text, &self.after),
        );
        let mut text = format!("{0}--- {name}{0:#}\n{0}+++ {name}{0:#}\n", output::BOLD);
        for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
            text.push_str(&format!("{0}{1}{0:#}\n", HUNK, hunk.header()));
            for change in hunk.iter_changes() {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', REMOVED),
                    ChangeTag::Insert => ('+', ADDED),
                    ChangeTag::Equal => (' ', Style::new()),
                };
                let line = change.value().trim_end_matches('\n');
                text.push_str(&format!("{style}{sign}{line}{style:#}\n"));
            }
        }
        text
    }
}

const HUNK: Style = AnsiColor::Cyan.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
