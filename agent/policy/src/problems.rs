//! Places in the policy's files, and everything that is wrong at them.
//!
//! Reading never stops at the first mistake: each stage says what it finds here and goes on with
//! what is left, so that one run shows all of it, sorted by place.

use std::collections::BTreeMap;

use model::{Place, Problem, closest};

/// A place in one of the policy's files: small enough to keep beside everything that was read.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Spot {
    /// Index into the list of files.
    pub(crate) file: u32,
    /// Line, counted from 1.
    pub(crate) line: u32,
    /// Column in characters, counted from 1.
    pub(crate) column: u32,
    /// How many characters of the line stand there; 0 where that is not known.
    pub(crate) width: u32,
}

impl Spot {
    /// The top of a file, for what stands nowhere in it.
    pub(crate) const fn top(file: u32) -> Self {
        Self {
            file,
            line: 1,
            column: 1,
            width: 0,
        }
    }
}

/// The names of the policy's files, in the order that they were read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files(Vec<String>);

impl Files {
    pub(crate) fn add(&mut self, name: &str) -> u32 {
        self.0.push(name.to_owned());
        u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
    }

    pub(crate) fn name(&self, spot: Spot) -> &str {
        let index = usize::try_from(spot.file).unwrap_or(usize::MAX);
        self.0.get(index).map_or("", String::as_str)
    }

    pub(crate) fn place(&self, spot: Spot) -> Place {
        Place {
            file: self.name(spot).to_owned(),
            line: spot.line,
            column: spot.column,
        }
    }
}

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) files: Files,
    errors: Vec<Found>,
    warnings: Vec<Found>,
    /// What made a place say what it says, where it was not written there: a template's variable.
    notes: BTreeMap<Spot, String>,
}

type Found = (Spot, String, Option<String>);

impl Problems {
    /// None yet, in files that were read before.
    pub(crate) fn of(files: Files) -> Self {
        Self {
            files,
            ..Self::default()
        }
    }

    /// Something that keeps the policy from being loaded.
    pub(crate) fn error(&mut self, at: Spot, what: impl Into<String>) {
        self.errors.push((at, what.into(), None));
    }

    /// An error with what to do about it.
    pub(crate) fn error_with(
        &mut self,
        at: Spot,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.errors.push((at, what.into(), Some(help.into())));
    }

    /// An error for which there may be something to do.
    pub(crate) fn refuse(&mut self, at: Spot, what: String, help: Option<String>) {
        self.errors.push((at, what, help));
    }

    /// A word that nothing is called; the nearest known word is offered.
    pub(crate) fn unknown<'a>(
        &mut self,
        at: Spot,
        what: impl Into<String>,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let near = closest(word, known.into_iter().take(self.patience()));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        self.errors.push((at, what.into(), help));
    }

    /// How many known words are worth comparing: after many problems nobody reads each one's help.
    const fn patience(&self) -> usize {
        if self.errors.len() < 100 {
            usize::MAX
        } else {
            0
        }
    }

    /// Something that is stated twice; the first place is shown.
    pub(crate) fn twice(&mut self, at: Spot, what: &str, first: Spot) {
        let help = format!("it stands at {} already", self.files.place(first));
        self.error_with(at, format!("{what} is stated twice"), help);
    }

    /// Something that loads, but is hardly meant.
    pub(crate) fn warn(&mut self, at: Spot, what: impl Into<String>, help: impl Into<String>) {
        self.warnings.push((at, what.into(), Some(help.into())));
    }

    /// What a problem at this place should say of the other place that has a part in it.
    pub(crate) fn note(&mut self, at: Spot, note: &str) {
        let notes = self.notes.entry(at).or_default();
        if !notes.contains(note) && notes.len() < MAX_NOTES {
            if !notes.is_empty() {
                notes.push_str("; ");
            }
            notes.push_str(note);
        }
    }

    /// What was noted for a place.
    pub(crate) fn noted(&self, at: Spot) -> Option<&str> {
        self.notes.get(&at).map(String::as_str)
    }

    /// A place in words.
    pub(crate) fn place(&self, spot: Spot) -> Place {
        self.files.place(spot)
    }

    /// Whether the policy cannot be loaded.
    pub(crate) const fn is_fatal(&self) -> bool {
        !self.errors.is_empty()
    }

    /// All errors and all warnings, each sorted by place.
    pub(crate) fn into_sorted(self) -> (Vec<Problem>, Vec<Problem>) {
        let Self {
            files,
            errors,
            warnings,
            notes,
        } = self;
        (
            sorted(&files, &notes, errors),
            sorted(&files, &notes, warnings),
        )
    }
}

fn sorted(files: &Files, notes: &BTreeMap<Spot, String>, mut found: Vec<Found>) -> Vec<Problem> {
    found.sort();
    found.dedup();
    found
        .into_iter()
        .map(|(spot, what, help)| Problem {
            at: files.place(spot),
            width: spot.width,
            what,
            help: joined(help, notes.get(&spot)),
        })
        .collect()
}

fn joined(help: Option<String>, note: Option<&String>) -> Option<String> {
    match (help, note) {
        (Some(help), Some(note)) => Some(format!("{help}; {note}")),
        (help, note) => help.or_else(|| note.cloned()),
    }
}

/// The longest note of one place, about.
const MAX_NOTES: usize = 400;
