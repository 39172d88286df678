//! Which files `bulkhead policy fmt` is about: unlike the reader it goes into folders within folders, where
//! the policies of other sites and their templates lie.

use std::path::{Path, PathBuf};

use model::Problem;

use crate::load::Text;
use crate::problems::{Problems, Spot};
use crate::source::{Disk, Library, is_policy};

impl Text {
    /// The files at `path` as they are, of a folder and all folders in it those that are read as policy, in
    /// the order of their names; and what is wrong with those that cannot be read.
    pub fn all(path: &Path) -> (Vec<Self>, Vec<Problem>) {
        let mut problems = Problems::default();
        let mut files = Vec::new();
        if path.is_dir() {
            within(path, 0, &mut files, &mut problems);
            if files.is_empty() && !problems.is_fatal() {
                refuse(path, "the folder holds no `*.yaml` file", &mut problems);
            }
        } else {
            files.push(path.to_owned());
        }
        let library = Library::new(&Disk);
        let text = |file: PathBuf| {
            let text = library.text(&file);
            text.map_err(|what| refuse(&file, &what, &mut problems))
                .ok()
        };
        let texts = files.into_iter().filter_map(text).collect();
        (texts, problems.into_sorted().0)
    }
}

/// The files in a folder, and in the folders in it. Links to folders are not followed.
fn within(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, problems: &mut Problems) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let what = format!("the folder cannot be read: {error}");
            refuse(folder, &what, problems);
            return;
        }
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if depth < MAX_DEPTH && !path.is_symlink() && !is_hidden(&path) {
                within(&path, depth + 1, files, problems);
            }
        } else if is_policy(&path) {
            files.push(path);
        }
    }
}

fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b".")
}

fn refuse(path: &Path, what: &str, problems: &mut Problems) {
    let file = problems.files.add(&path.display().to_string());
    problems.error(Spot::top(file), what);
}

/// How deep folders may lie in one another.
const MAX_DEPTH: usize = 16;
