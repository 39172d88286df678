//! Loading a policy: files to texts, texts to what was read, that to a policy.

use std::path::{Path, PathBuf};

use model::{Problem, Vocabulary};
use ring::digest::{Context, SHA256};

use crate::node;
use crate::policy::Policy;
use crate::problems::{Problems, Spot};
use crate::raw::Raw;
use crate::resolve::resolve;
use crate::words::Words;

/// A policy, and what is odd about it.
#[derive(Debug)]
pub struct Loaded {
    /// The policy.
    pub policy: Policy,
    /// What loads but is hardly meant, sorted by place.
    pub warnings: Vec<Problem>,
}

/// One file of a policy.
#[derive(Clone, Debug)]
pub struct Text {
    /// The file as problems and verdicts name it.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl Policy {
    /// Loads a policy from a file, or from all `*.yaml` and `*.yml` files of a folder, in the order
    /// of their names. `words` is what the sensor's protocols can name.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, sorted by place; nothing is loaded then.
    pub fn load(path: &Path, words: &[&'static Vocabulary]) -> Result<Loaded, Vec<Problem>> {
        let mut problems = Problems::default();
        let files = list(path, &mut problems);
        let texts = files.iter().filter_map(|file| text(file, &mut problems));
        let texts = texts.collect::<Vec<_>>();
        if problems.is_fatal() {
            return Err(problems.into_sorted().0);
        }
        Self::read(&texts, words)
    }

    /// Loads a policy from texts.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, sorted by place; nothing is loaded then.
    pub fn read(texts: &[Text], words: &[&'static Vocabulary]) -> Result<Loaded, Vec<Problem>> {
        let mut problems = Problems::default();
        let policy = read(texts, words, &mut problems);
        let fatal = problems.is_fatal();
        let (errors, warnings) = problems.into_sorted();
        match policy {
            Some(policy) if !fatal => Ok(Loaded { policy, warnings }),
            _ => Err(errors),
        }
    }
}

/// The policy, whole only where nothing fatal was said; none where a file is no YAML, since what
/// stands in it would be missed everywhere else.
fn read(texts: &[Text], words: Words<'_>, problems: &mut Problems) -> Option<Policy> {
    let mut raw = Raw::default();
    let mut unreadable = false;
    for file in texts {
        match node::read(&file.name, &file.text, problems) {
            Some(node) => raw.add(&node, problems),
            None => unreadable = true,
        }
    }
    raw.check_names(problems);
    if unreadable {
        return None;
    }
    if raw.version.is_none() {
        let first = Spot {
            file: 0,
            line: 1,
            column: 1,
        };
        problems.error_with(first, "the policy has no `version`", "write `version: 1`");
    }
    Some(resolve(raw, version(texts), words, problems))
}

/// The policy's files, in the order of their names.
fn list(path: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut files: Vec<PathBuf> = match std::fs::read_dir(path) {
        Ok(entries) => entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect(),
        Err(error) => {
            refuse(
                path,
                &format!("the folder cannot be read: {error}"),
                problems,
            );
            return Vec::new();
        }
    };
    files.retain(|file| is_policy(file));
    files.sort();
    if files.is_empty() {
        refuse(path, "the folder holds no `*.yaml` file", problems);
    }
    files
}

fn is_policy(file: &Path) -> bool {
    let hidden = file
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let yaml = file
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    yaml && !hidden && file.is_file()
}

fn text(file: &Path, problems: &mut Problems) -> Option<Text> {
    match std::fs::read_to_string(file) {
        Ok(text) if text.len() <= MAX_BYTES => Some(Text {
            name: file.display().to_string(),
            text,
        }),
        Ok(_) => {
            refuse(
                file,
                &format!("the file is larger than {MAX_BYTES} bytes"),
                problems,
            );
            None
        }
        Err(error) => {
            refuse(file, &format!("the file cannot be read: {error}"), problems);
            None
        }
    }
}

fn refuse(path: &Path, what: &str, problems: &mut Problems) {
    let file = problems.files.add(&path.display().to_string());
    problems.error(
        Spot {
            file,
            line: 1,
            column: 1,
        },
        what,
    );
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

/// The largest file that is read.
const MAX_BYTES: usize = 64 << 20;

/// How much of the hash is shown.
const VERSION_BYTES: usize = 6;
