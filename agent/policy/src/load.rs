//! Loading a policy: files to texts, texts and their templates to what was read, that to a policy.

use std::path::{Path, PathBuf};

use model::{Problem, Vocabulary};
use ring::digest::{Context, SHA256};

use crate::policy::Policy;
use crate::problems::{Problems, Spot};
use crate::raw::Raw;
use crate::resolve::resolve;
use crate::source::{Disk, Library, Memory, Shelf, Taken, beside};
use crate::tags;
use crate::template::{self, Template};
use crate::words::Words;

/// A policy, and what is odd about it.
#[derive(Debug)]
pub struct Loaded {
    /// The policy.
    pub policy: Policy,
    /// What loads but is hardly meant, sorted by place.
    pub warnings: Vec<Problem>,
    /// Every file that was read, in that order: the policy's own, those of its templates, and whatever
    /// else they name.
    pub texts: Vec<Text>,
    /// The templates that it extends, the nearest first.
    pub templates: Vec<Template>,
    /// Where it was loaded from; none where all texts are its own.
    root: Option<PathBuf>,
}

impl Loaded {
    /// What the texts state, word for word.
    pub(crate) fn raw(&self) -> Raw {
        let shelf = Memory::of(&self.texts);
        let library = Library::new(&shelf);
        // what is wrong was said when it was loaded
        let mut problems = Problems::default();
        let raw = match &self.root {
            Some(root) => raw(root, &library, &mut problems),
            None => compose(self.texts.clone(), &library, &mut problems),
        };
        raw.map(|(raw, _)| raw).unwrap_or_default()
    }
}

/// One file of a policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text {
    /// The file as problems and verdicts name it.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// The files that make a policy: its own, those of the templates that it extends, and whatever else they
/// name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sources {
    /// Every file that loading reads, or tries to read, in that order.
    pub files: Vec<PathBuf>,
    /// Every folder whose files are read; a file that is added to one changes the policy too.
    pub folders: Vec<PathBuf>,
}

impl Sources {
    /// The files that loading a policy from `path` reads, as far as they can be found: also where the
    /// policy does not load, so that whoever waits for it to be mended knows what to watch.
    pub fn of(path: &Path) -> Self {
        let mut problems = Problems::default();
        let library = Library::new(&Disk);
        let _ = raw(path, &library, &mut problems);
        let Taken { files, folders, .. } = library.into_taken();
        Self { files, folders }
    }
}

impl Policy {
    /// Loads a policy from a file, or from all `*.yaml` and `*.yml` files of a folder, in the order
    /// of their names; `cases.yaml` is left out. `words` is what the sensor's protocols can name.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, sorted by place; nothing is loaded then.
    pub fn load(path: &Path, words: &[&'static Vocabulary]) -> Result<Loaded, Vec<Problem>> {
        Self::load_from(&Disk, path, words)
    }

    /// Loads a policy from files in memory: `path` is the file or folder among them, and templates are
    /// looked for among them too.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, sorted by place; nothing is loaded then.
    pub fn load_texts(
        texts: &[Text],
        path: &Path,
        words: &[&'static Vocabulary],
    ) -> Result<Loaded, Vec<Problem>> {
        Self::load_from(&Memory::of(texts), path, words)
    }

    /// Loads a policy from texts, all of which are its own.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, sorted by place; nothing is loaded then.
    pub fn read(texts: &[Text], words: &[&'static Vocabulary]) -> Result<Loaded, Vec<Problem>> {
        let mut problems = Problems::default();
        let shelf = Memory::of(texts);
        let library = Library::new(&shelf);
        texts.iter().for_each(|text| library.take(text));
        let raw = compose(texts.to_vec(), &library, &mut problems);
        finish((raw, None), library, words, problems)
    }

    fn load_from(
        shelf: &dyn Shelf,
        path: &Path,
        words: &[&'static Vocabulary],
    ) -> Result<Loaded, Vec<Problem>> {
        let mut problems = Problems::default();
        let library = Library::new(shelf);
        let raw = raw(path, &library, &mut problems);
        finish((raw, Some(path)), library, words, problems)
    }
}

/// What files state, and the templates that they extend.
type Composed = (Raw, Vec<Template>);

/// What the files at `path` state; none where one cannot be read, since what stands in it would be
/// missed everywhere else.
fn raw(path: &Path, library: &Library<'_>, problems: &mut Problems) -> Option<Composed> {
    let texts = texts(path, library, problems);
    if problems.is_fatal() {
        return None;
    }
    compose(texts, library, problems)
}

fn compose(texts: Vec<Text>, library: &Library<'_>, problems: &mut Problems) -> Option<Composed> {
    let files = template::compose(texts, library, problems);
    let mut raw = Raw::default();
    for file in &files.nodes {
        raw.add(file, problems);
    }
    add_tables(&mut raw, library, problems);
    raw.check_names(problems);
    files.whole.then_some((raw, files.templates))
}

/// Adds the tags of the tables that the files name.
fn add_tables(raw: &mut Raw, library: &Library<'_>, problems: &mut Problems) {
    for word in &raw.tag_files {
        let path = beside(Path::new(problems.files.name(word.at)), &word.text);
        match library.text(&path) {
            Ok(table) => {
                let tags = tags::read_table(&table.name, table.text.as_bytes(), problems);
                raw.tags.extend(tags);
            }
            Err(what) => problems.error(word.at, format!("`{}`: {what}", word.text)),
        }
    }
}

/// The files at `path`; what cannot be read is said.
fn texts(path: &Path, library: &Library<'_>, problems: &mut Problems) -> Vec<Text> {
    let files = library.policy_files(path);
    let files = files.unwrap_or_else(|what| {
        refuse(path, what, problems);
        Vec::new()
    });
    let text = |file: PathBuf| match library.text(&file) {
        Ok(text) => Some(text),
        Err(what) => {
            refuse(&file, what, problems);
            None
        }
    };
    files.into_iter().filter_map(text).collect()
}

fn refuse(path: &Path, what: String, problems: &mut Problems) {
    let file = problems.files.add(&path.display().to_string());
    problems.error(Spot::top(file), what);
}

fn finish(
    (composed, root): (Option<Composed>, Option<&Path>),
    library: Library<'_>,
    words: Words<'_>,
    mut problems: Problems,
) -> Result<Loaded, Vec<Problem>> {
    let texts = library.into_taken().texts;
    let version = version(&texts);
    let policy = composed.map(|(raw, templates)| {
        check_version(&raw, &mut problems);
        (resolve(raw, version, words, &mut problems), templates)
    });
    let fatal = problems.is_fatal();
    let (errors, warnings) = problems.into_sorted();
    match policy {
        Some((policy, templates)) if !fatal => Ok(Loaded {
            policy,
            warnings,
            texts,
            templates,
            root: root.map(Path::to_owned),
        }),
        _ => Err(errors),
    }
}

fn check_version(raw: &Raw, problems: &mut Problems) {
    if raw.version.is_none() {
        let first = Spot::top(0);
        problems.error_with(first, "the policy has no `version`", "write `version: 1`");
    }
}

/// A hash over what the files are called and what they say, wherever they lie.
fn version(texts: &[Text]) -> String {
    let mut context = Context::new(&SHA256);
    for file in texts {
        let name = Path::new(&file.name).file_name().unwrap_or_default();
        for bytes in [name.as_encoded_bytes(), file.text.as_bytes()] {
            context.update(&bytes.len().to_be_bytes());
            context.update(bytes);
        }
    }
    let digest = context.finish();
    let short = digest.as_ref().iter().take(VERSION_BYTES);
    short.map(|byte| format!("{byte:02x}")).collect()
}

/// How much of the hash is shown.
const VERSION_BYTES: usize = 6;
