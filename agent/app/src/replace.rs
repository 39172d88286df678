//! Writing a file anew so that there is always one: the old text, or the new one.
//!
//! Whoever is killed on the way may leave a hidden file beside it, which nothing reads.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::Path;

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

/// Replaces the text of a file at once. Its permissions and its owner stay; a link to it does, too.
///
/// # Errors
///
/// When the file cannot be written, or would change hands; it is as it was then.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    replaced(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

fn replaced(path: &Path, text: &str) -> Result<()> {
    let path = std::fs::canonicalize(path)?;
    let old = std::fs::metadata(&path)?;
    let folder = path.parent().unwrap_or(&path);
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    let made = new.as_file().metadata()?;
    if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
        fchown(new.as_file(), Some(old.uid()), Some(old.gid()))?;
    }
    new.as_file().set_permissions(old.permissions())?;
    new.as_file().sync_all()?;
    new.persist(&path)?;
    // the new file stands; that its name does too after a power cut is asked where folders can be synced
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn permissions_and_links_stay_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.yaml"), folder.path().join("b.yaml"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(replace(&folder.path().join("none"), "new").is_err());
    }
}
