//! Where a policy's files come from: a disk, or texts that are in memory already.
//!
//! Whatever loads a policy reads through a [`Library`], which remembers every file that was read: the
//! policy's version hangs on them all, a signature covers them all, and a watcher watches them all.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::{Component, Path, PathBuf};

use crate::load::Text;

/// A place that holds files.
pub(crate) trait Shelf {
    fn is_folder(&self, path: &Path) -> bool;

    /// The files of a folder, in any order.
    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>>;

    fn text(&self, file: &Path) -> Result<String>;
}

/// The files of this machine.
pub(crate) struct Disk;

impl Shelf for Disk {
    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
        Ok(entries.filter(|path| path.is_file()).collect())
    }

    fn text(&self, file: &Path) -> Result<String> {
        let mut text = String::new();
        let limit = u64::try_from(MAX_BYTES + 1).unwrap_or(u64::MAX);
        std::fs::File::open(file)?
            .take(limit)
            .read_to_string(&mut text)?;
        Ok(text)
    }
}

/// Files in memory, by their names.
pub(crate) struct Memory<'t>(BTreeMap<PathBuf, &'t str>);

impl<'t> Memory<'t> {
    pub(crate) fn of(texts: &'t [Text]) -> Self {
        let by_name = |text: &'t Text| (plain(Path::new(&text.name)), text.text.as_str());
        Self(texts.iter().map(by_name).collect())
    }
}

impl Shelf for Memory<'_> {
    fn is_folder(&self, path: &Path) -> bool {
        let path = plain(path);
        self.0
            .keys()
            .any(|file| *file != path && file.starts_with(&path))
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let folder = plain(folder);
        let inside = |file: &&PathBuf| file.parent() == Some(&folder);
        Ok(self.0.keys().filter(inside).cloned().collect())
    }

    fn text(&self, file: &Path) -> Result<String> {
        let text = self.0.get(&plain(file)).copied();
        text.map(str::to_owned)
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such file"))
    }
}

/// A shelf, and what was taken from it.
pub(crate) struct Library<'s> {
    shelf: &'s dyn Shelf,
    taken: RefCell<Taken>,
}

/// What was taken from a shelf, in that order.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) texts: Vec<Text>,
    /// Files that were asked for, whether or not they could be read.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) folders: Vec<PathBuf>,
}

impl<'s> Library<'s> {
    pub(crate) fn new(shelf: &'s dyn Shelf) -> Self {
        Self {
            shelf,
            taken: RefCell::default(),
        }
    }

    /// The YAML files of a folder in the order of their names, or the one file that is named.
    ///
    /// # Errors
    ///
    /// What is wrong with the folder, in words.
    pub(crate) fn policy_files(&self, path: &Path) -> std::result::Result<Vec<PathBuf>, String> {
        if !self.shelf.is_folder(path) {
            return Ok(vec![path.to_owned()]);
        }
        self.taken.borrow_mut().folders.push(path.to_owned());
        let mut files = self
            .shelf
            .list(path)
            .map_err(|error| format!("the folder cannot be read: {error}"))?;
        files.retain(|file| is_policy(file));
        files.sort();
        if files.is_empty() {
            return Err("the folder holds no `*.yaml` file".to_owned());
        }
        Ok(files)
    }

    /// What a file says; it counts as part of the policy from now on.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, in words.
    pub(crate) fn text(&self, file: &Path) -> std::result::Result<Text, String> {
        let mut taken = self.taken.borrow_mut();
        taken.files.push(file.to_owned());
        let text = self
            .shelf
            .text(file)
            .map_err(|error| format!("the file cannot be read: {error}"))?;
        if text.len() > MAX_BYTES {
            return Err(format!("the file is larger than {MAX_BYTES} bytes"));
        }
        let text = Text {
            name: file.display().to_string(),
            text,
        };
        taken.texts.push(text.clone());
        Ok(text)
    }

    /// A text that is at hand already.
    pub(crate) fn take(&self, text: &Text) {
        self.taken.borrow_mut().texts.push(text.clone());
    }

    pub(crate) fn into_taken(self) -> Taken {
        self.taken.into_inner()
    }
}

/// A path that another file names, relative to that file.
pub(crate) fn beside(file: &Path, named: &str) -> PathBuf {
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    plain(&folder.join(named))
}

/// A path without `.` and, where that is known, without `..`.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let can_leave = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if can_leave => {
                plain.pop();
            }
            _ => plain.push(part),
        }
    }
    plain
}

/// Whether a folder's file is read as policy: hidden files and the cases of its tests are not.
pub(crate) fn is_policy(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default();
    let yaml = file
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    yaml && !name.as_encoded_bytes().starts_with(b".") && name != CASES
}

/// Cases for `bulkhead policy test`, which stand beside the policy and are none.
const CASES: &str = "cases.yaml";

/// The largest file that is read.
const MAX_BYTES: usize = 64 << 20;
